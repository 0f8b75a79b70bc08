// Numbers that stand for dates because they count from a day: Unix time, SAS dates, serial dates of
// spreadsheets.
#pragma once

#include <optional>
#include <string_view>

#include "standards/iso8601.hpp"

namespace trialmill::standards {

/// Whether it names such a count: epoch, epoch-ms, sas-date, sas-datetime, excel.
bool is_date_count(std::string_view name);
/// Whether the whole text is a finite number.
bool is_number(std::string_view text);
/// The date, with a time where the count has one (epochs: in UTC, written Z); nullopt beyond the years 1 to
/// 9999, or for a part of a day where only days are counted. `count` must be one.
std::optional<DateParts> counted_date(std::string_view count, std::string_view number);

}  // namespace trialmill::standards
