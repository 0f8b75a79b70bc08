// Title case as the public `titlecase` package writes it, after John Gruber's rules: every word begins with a
// capital except articles, conjunctions and prepositions inside the text. Known to err on hyphenated words
// and rare prepositions, as the CORE documentation says of the operator that uses it.
#pragma once

#include <string>

namespace trialmill::conform {

/// "start date of the AE" → "Start Date of the AE". Words with capitals inside and abbreviations keep them;
/// letters beyond ASCII stay as they are.
std::string title_case(const std::string& text);

}  // namespace trialmill::conform
