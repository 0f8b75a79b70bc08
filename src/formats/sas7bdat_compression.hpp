// The two compressions of SAS7BDAT rows.
#pragma once

#include <string>
#include <string_view>

namespace trialmill::formats {

enum class Sas7bdatCompression { none, rle, rdc };

/// Run-length encoding (COMPRESS=CHAR, SASYZCRL). Fills `row` to exactly `length` bytes; false if the input
/// is damaged: it gives another number of bytes or ends early.
bool decompress_rle(std::string_view input, std::size_t length, std::string& row);

/// Ross data compression (COMPRESS=BINARY, SASYZCR2). The same.
bool decompress_rdc(std::string_view input, std::size_t length, std::string& row);

}  // namespace trialmill::formats
