// A comparison as text, JSON and a page to hand on.
#pragma once

#include <iosfwd>
#include <string>

#include "base/json.hpp"
#include "compare/compare.hpp"

namespace trialmill::compare {

/// Summary first, then details by dataset and variable.
void print(const Report& report, std::ostream& out);
/// docs/compare.md describes the shape.
base::Json to_json(const Report& report);
/// A self-contained page; every text of the data is escaped.
std::string to_html(const Report& report);

}  // namespace trialmill::compare
