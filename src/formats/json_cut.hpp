// Cuts a JSON delivery into its records, as a stream: which elements are records depends on the shape of the
// file, and only one record is in memory at a time. Whether a record itself is sound is for json_record.hpp
// to say. Knows nothing of the SQL engine.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "formats/byte_window.hpp"

namespace trialmill::formats {

enum class JsonShape {
  lines,     ///< one object a line
  elements,  ///< the elements of an array, or of the array `data` of an object
  sections   ///< an object of sections; a section is an object with an array `data` of records, or one record
};

struct JsonCut {
  std::int64_t row = 0;   ///< record number, from 1
  std::int64_t line = 0;  ///< where it starts
  std::string_view text;  ///< of one JSON value, or of what cannot be cut further
  std::string section;    ///< only for JsonShape::sections
  std::string problem;    ///< why it cannot be a record; "" = none known
};

/// Calls `take` for every record of the file. When the structure around the records breaks, all that follows
/// is one last record with a problem. Longest record: 16 MiB. Error TM1001.
void cut_json(ByteWindow& window, JsonShape shape, const std::function<void(const JsonCut&)>& take);

}  // namespace trialmill::formats
