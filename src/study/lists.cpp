#include "study/lists.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "formats/csv_scan_record.hpp"

namespace trialmill::study {

using base::sql_literal;

namespace {

constexpr std::size_t bytes_max = std::size_t{256} << 20U;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

base::Error fault(const std::string& name, int line, const std::string& what, const std::string& hint = "") {
  return base::usage_error("TM1506", what, {name, line, 0}, hint);
}

char delimiter_of(std::string_view text) {
  const std::string_view first = text.substr(0, text.find('\n'));
  char best = ',';
  for (const char one : {';', '\t'}) {
    if (std::ranges::count(first, one) > std::ranges::count(first, best)) best = one;
  }
  return best;
}

/// The names of the columns; looks at every record on the way.
std::vector<std::string> names_of(std::string_view text, char delimiter, const std::string& name) {
  std::vector<std::string> names;
  int line = 1;
  while (!text.empty()) {
    const auto record = formats::read_csv_record(text, delimiter, true);
    if (record.state != formats::CsvRecord::State::complete)
      throw fault(name, line, std::string("the list is broken: ") + record.fault,
                  "a quote that is part of a text is written twice");
    const auto fields = formats::split_csv_record(text.substr(0, record.size), delimiter);
    if (names.empty()) {
      std::set<std::string> known;
      for (const auto& field : fields) {
        if (!known.insert(base::to_lower(field)).second)
          throw fault(name, line, "two columns of the list are called '" + field + "'");
      }
      names = fields;
    } else if (record.size > 0 && fields.size() != names.size()) {
      throw fault(name, line,
                  "the line has " + std::to_string(fields.size()) + " fields, the list has " +
                      std::to_string(names.size()) + " columns",
                  "put texts that hold a '" + std::string(1, delimiter) + "' into double quotes");
    }
    line += static_cast<int>(record.lines);
    text.remove_prefix(record.length);
  }
  return names;
}

}  // namespace

std::string list_sql(const std::filesystem::path& file, const std::string& name) {
  const std::string all = base::read_file(file, bytes_max);
  std::string_view text = all;
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  if (!base::is_valid_utf8(text))
    throw fault(name, 1, "the list is not UTF-8 text", "save it with UTF-8 encoding");
  const char delimiter = delimiter_of(text);
  const auto names = names_of(text, delimiter, name);
  if (names.empty()) throw fault(name, 1, "the list is empty", "its first line names the columns");
  std::string columns;
  for (const auto& one : names) columns += (columns.empty() ? "" : ", ") + sql_literal(one) + ": 'VARCHAR'";
  return "read_csv(" + sql_literal(file.string()) +
         ", auto_detect = false, header = true, delim = " + sql_literal(std::string(1, delimiter)) +
         ", quote = '\"', escape = '\"', comment = '', strict_mode = false, columns = {" + columns + "})";
}

}  // namespace trialmill::study
