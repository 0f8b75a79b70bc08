#include <algorithm>
#include <atomic>

#include "base/text.hpp"
#include "transform/dataset_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;

namespace {

/// Lists of more texts make Parquet's dictionaries longer than what they save.
constexpr std::size_t texts_in_files_max = 4096;

/// Columns with fewer texts than this when another column was found to have too many may well be short.
constexpr std::size_t texts_few = 256;

std::atomic<int> functions = 0;

}  // namespace

/// Most texts of many records repeat (tests, units, visits, days): they are sorted and stored as numbers.
/// Subjects are not among them, nor what is computed once the records are sorted.
void DatasetBuilder::number_texts() {
  coded_.clear();
  if (!base_ || base_->rows <= rows_few || !parts_.empty()) return;
  for (const auto& one : variables_) {
    if (one.type != "Char" || one.late || one.name == "USUBJID" || literals_.count(one.name) != 0) continue;
    const std::string number = std::to_string(++functions);
    Coded coded{nullptr, "trialmill_number_" + number, "trialmill_text_" + number};
    coded.dictionary = session_.register_numbers_of_texts(coded.number);
    coded_.emplace(one.name, std::move(coded));
  }
}

/// After a statement that failed: whether it may work now, because a column with too many texts is no longer
/// among those with numbers. What is left starts with empty dictionaries.
bool DatasetBuilder::forget_full() {
  const bool any = std::ranges::any_of(coded_, [](const auto& one) { return one.second.dictionary->full(); });
  if (!any) return false;
  for (const auto& [name, coded] : coded_) coded.dictionary->close();
  std::erase_if(coded_, [](const auto& one) {
    return one.second.dictionary->full() || one.second.dictionary->size() > texts_few;
  });
  for (auto& [name, coded] : coded_) {
    coded.number = "trialmill_number_" + std::to_string(++functions);
    coded.dictionary = session_.register_numbers_of_texts(coded.number);
  }
  return true;
}

/// REPLACE of a select over the rows `r`.
std::string DatasetBuilder::with_numbers() const {
  std::string list;
  for (const auto& [name, coded] : coded_) {
    const std::string column = sql_identifier(name);
    list += (list.empty() ? "" : ", ") + coded.number + "(r." + column + ") AS " + column;
  }
  return list.empty() ? "" : " REPLACE (" + list + ")";
}

void DatasetBuilder::name_numbers() {
  for (const auto& [name, coded] : coded_) {
    session_.register_texts_of_numbers(coded.text, *coded.dictionary);
    coded.dictionary->close();
  }
}

/// The rows of tm_made as they are meant: whole numbers as such, so that an age is 16 and not 16.0, numbers
/// as the texts that they stand for, and what is not stored with each record. `texts` false: for a file, to
/// which the engine writes its enumerations as texts, several times quicker.
std::string DatasetBuilder::rows_sql(bool texts) const {
  std::string replaced, more;
  const auto replace = [&replaced](const std::string& name, const std::string& sql) {
    replaced += (replaced.empty() ? "" : ", ") + sql + " AS " + name;
  };
  for (const auto& name : whole_numbers_)
    replace(sql_identifier(name), "CAST(" + sql_identifier(name) + " AS BIGINT)");
  for (const auto& [name, coded] : coded_) {
    const std::string text = coded.text + "(" + sql_identifier(name) + ")";
    const bool short_list = coded.dictionary->size() <= texts_in_files_max;
    replace(sql_identifier(name), texts || !short_list ? "CAST(" + text + " AS VARCHAR)" : text);
  }
  for (const auto& [name, sql] : literals_) {
    const bool variable = !texts && name[0] != '_';
    more +=
        ", " + (variable ? "CAST(" + sql + " AS ENUM (" + sql + "))" : sql) + " AS " + sql_identifier(name);
  }
  return "SELECT rowid + 1 AS _record, *" + (replaced.empty() ? "" : " REPLACE (" + replaced + ")") + more +
         " FROM tm_made";
}

}  // namespace trialmill::transform
