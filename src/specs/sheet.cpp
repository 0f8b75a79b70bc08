#include "specs/sheet.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "base/text.hpp"

namespace trialmill::specs {

std::string word_of(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)))
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out;
}

bool is_nothing(const std::string& text) {
  static const std::set<std::string> words{"", "na", "n_a", "none", "null", "not_applicable", "tbd"};
  return words.count(word_of(text)) != 0;
}

std::size_t Sheet::find(Names names) const {
  if (places_.empty()) {
    for (std::size_t c = 0; c < columns.size(); ++c) places_.emplace(columns[c], c);
    read_.resize(columns.size());
  }
  for (const char* wanted : names) {
    const auto found = places_.find(std::string_view(wanted));
    if (found == places_.end()) continue;
    read_[found->second] = true;
    return found->second;
  }
  return std::string::npos;
}

bool Sheet::has(Names names) const {
  return std::ranges::any_of(
      names, [&](const char* wanted) { return std::ranges::find(columns, wanted) != columns.end(); });
}

std::string Sheet::text(std::size_t row, Names names) const {
  const std::size_t column = find(names);
  return column == std::string::npos ? "" : rows[row][column];
}

std::string Sheet::filled_text(std::size_t row, Names names) const {
  std::string found;
  for (const char* wanted : names) {
    const std::string one = text(row, {wanted});  // looks at each, so that it counts as read
    if (found.empty()) found = one;
  }
  return found;
}

bool Sheet::is_blank(std::size_t row) const {
  return std::ranges::all_of(rows[row], [](const std::string& cell) { return cell.empty(); });
}

std::string Sheet::place(std::size_t row) const {
  return (alone ? "" : name + ", ") + "row " + std::to_string(number(row));
}

std::vector<std::string> Sheet::unread_columns() const {
  // What every such sheet has and a mapping does not need.
  static const std::set<std::string> known{"order",
                                           "data_type",
                                           "datatype",
                                           "depends_on",
                                           "type",
                                           "length",
                                           "role",
                                           "core",
                                           "mandatory",
                                           "seq",
                                           "no",
                                           "number",
                                           "package_date",
                                           "variable_order",
                                           "significant_digits",
                                           "order_number",
                                           "class",
                                           "developer_notes",
                                           "study_number",
                                           "raw_source_model",
                                           "raw_dataset_ordinal",
                                           "raw_dataset_label",
                                           "raw_variable_ordinal",
                                           "raw_variable_type",
                                           "study_specific",
                                           "annotation_ordinal",
                                           "mapping_is_dataset",
                                           "target_sdtm_variable_ordinal",
                                           "target_term_code",
                                           "condition_ordinal",
                                           "condition_group_ordinal"};
  std::vector<std::string> all;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if ((c < read_.size() && read_[c]) || known.count(columns[c]) != 0 || titles[c] == "#") continue;
    const bool filled =
        std::ranges::any_of(rows, [c](const std::vector<std::string>& row) { return !row[c].empty(); });
    if (filled) all.push_back(titles[c].empty() ? "column " + std::to_string(c + 1) : titles[c]);
  }
  return all;
}

namespace {

/// "Source Variable(s)", "Codelist (NCI)": without what stands in brackets, which is a remark.
std::string column_word(const std::string& title) {
  static const RE2 remark(R"re(\([^()]*\)|\[[^\[\]]*\])re");
  std::string text = title.substr(0, 200);
  RE2::GlobalReplace(&text, remark, " ");
  const std::string plain = word_of(text);
  return plain.empty() ? word_of(title) : plain;
}

}  // namespace

bool find_header(Sheet& sheet, bool (*wanted)(const Sheet& header),
                 void (*rename)(std::vector<std::string>& columns)) {
  if (!sheet.columns.empty()) return wanted(sheet);
  for (std::size_t row = 0; row < std::min<std::size_t>(sheet.rows.size(), 50); ++row) {
    Sheet header;
    header.name = sheet.name;
    for (const auto& cell : sheet.rows[row]) header.columns.push_back(column_word(cell));
    if (rename != nullptr) rename(header.columns);
    if (!wanted(header)) continue;
    sheet.columns = std::move(header.columns);
    sheet.titles = std::move(sheet.rows[row]);
    sheet.rows.erase(sheet.rows.begin(), sheet.rows.begin() + static_cast<std::ptrdiff_t>(row) + 1);
    sheet.first_row += row + 1;
    return true;
  }
  return false;
}

}  // namespace trialmill::specs
