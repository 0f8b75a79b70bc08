// Data types, lengths and digits of variables and values, measured from the data by SQL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "table/session.hpp"

namespace trialmill::publish {

/// What the values of a variable, or a part of them, look like as text.
struct Measure {
  std::int64_t values = 0;    ///< not missing
  std::int64_t bytes = 0;     ///< of the longest
  std::int64_t integers = 0;  ///< values such as 0, -12 (no leading zeros)
  std::int64_t decimals = 0;  ///< those and such as 1.50
  std::int64_t fraction = 0;  ///< most digits after the point
};

/// A data type of Define-XML with what belongs to it.
struct DataType {
  std::string name;           ///< text, integer, float, date, partialDatetime …
  std::optional<int> length;  ///< of text, integer and float
  std::optional<int> digits;  ///< of float: after the point
};

constexpr std::size_t measure_columns = 5;

/// SQL aggregates over a text expression, for read_measure().
std::string measure_sql(const std::string& text);
Measure read_measure(const table::Result& result, std::size_t row, std::size_t first_column);

/// SQL: a numeric expression as people write it: 75, 0.5, 0.0000001.
std::string number_text(const std::string& number);

/// Type of a numeric variable, or of text that is to be taken as number where all values are numbers.
DataType numeric_type(const Measure& measure);

/// True for variables that hold ISO 8601 dates, durations or intervals: --DTC, --DUR, --ELTM …
bool is_iso_variable(const std::string& name);

/// Type of ISO 8601 text by what its values have: date, partialDate, datetime, partialDatetime,
/// incompleteDatetime, durationDatetime, intervalDatetime; nullopt if values are something else, or mixed.
/// `from`: relation in parentheses; `condition`: SQL.
std::optional<std::string> iso_type(table::Session& session, const std::string& from,
                                    const std::string& column, const std::string& condition);

/// Type of the values of one shape, in which every digit is a 9: "9999-99" → partialDate; "" if none.
std::string iso_shape_type(const std::string& shape);

}  // namespace trialmill::publish
