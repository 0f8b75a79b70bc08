// Finds the faults of a States Language definition before anything runs.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace trialmill::workflow::asl {

struct Fault {
  std::string place;    ///< "States.Crawl.Next"
  std::string message;  ///< one sentence
};

/// Parses a definition's text. Unlike plain JSON, a name may stand only once in an object: of two states with
/// one name, one would be lost without a word. Errors TM1008, TM2801.
base::Json parse_definition(const std::string& text, const std::string& name);

/// All faults, in the order of the definition; empty = sound.
std::vector<Fault> check(const base::Json& definition);

/// Error TM2801 naming the faults if there are any.
void require_sound(const base::Json& definition, const std::string& name);

}  // namespace trialmill::workflow::asl
