// Match Datasets: inner joins with other datasets, and the join of SUPP, CO and RELREC records to their
// parents.
#include <algorithm>
#include <unordered_map>

#include "conform/operations.hpp"

namespace trialmill::conform {

namespace {

std::string join_key(const std::vector<const Column*>& columns, std::size_t row) {
  std::string key;
  for (const Column* column : columns) {
    const Cell cell = column->at(row);
    key += cell.is_number() ? '1' : cell.is_null() ? '0' : '2';
    key += cell.is_text() ? std::string(cell.text) : printed(cell);
    key += '\x1f';
  }
  return key;
}

/// Every child record with the columns of its parent record; null where there is none.
void merge_parents(Table& table, const Data& data) {
  const Frame& child = table.frame;
  const Column* domains = child.find("RDOMAIN");
  const Column* subjects = child.find("USUBJID");
  const Column* names = child.find("IDVAR");
  const Column* values = child.find("IDVARVAL");
  if (domains == nullptr || names == nullptr || values == nullptr)
    throw MissingColumn{"RDOMAIN, IDVAR or IDVARVAL"};
  std::map<std::string, std::vector<Value>> added;
  for (std::size_t row = 0; row < child.rows; ++row) {
    const Part* parent = data.find(plain_text(domains->at(row)));
    if (parent == nullptr) continue;
    const Column* subject = parent->frame.find("USUBJID");
    const Cell name = names->at(row);
    const Column* by = name.is_text() ? parent->frame.find(name.text) : nullptr;
    if (!is_empty(name) && by == nullptr) continue;
    const std::string wanted = plain_text(values->at(row));
    const double number = to_number(Value::of(wanted));
    for (std::size_t i = 0; i < parent->frame.rows; ++i) {
      if (subjects != nullptr && subject != nullptr && !same(subjects->at(row), subject->at(i))) continue;
      const bool equal = by == nullptr || plain_text(by->at(i)) == wanted ||
                         (!std::isnan(number) && to_number(by->at(i)) == number);
      if (!equal) continue;
      for (const auto& [column_name, column] : parent->frame.columns) {
        std::vector<Value>& out = added[column_name];
        out.resize(child.rows);
        out[row] = column->value(i);
      }
      break;
    }
  }
  for (auto& [name, out] : added) {
    if (child.find(name) == nullptr) table.frame.set(name, Column::of(out));
  }
}

void merge_inner(Table& table, const Match& match, const Part& right,
                 const std::vector<std::string>& referenced) {
  std::vector<const Column*> left_keys, right_keys;
  std::vector<std::string> right_names;
  const Table other{right.frame, right.domain.empty() ? match.name : right.domain, false};
  for (const auto& [left, right_key] : match.keys) {
    left_keys.push_back(&table.column(left));
    right_keys.push_back(&other.column(right_key));
    right_names.push_back(other.expand(right_key));
  }
  std::unordered_map<std::string, Rows> index;
  for (std::size_t row = 0; row < right.frame.rows; ++row) {
    index[join_key(right_keys, row)].push_back(static_cast<std::uint32_t>(row));
  }
  Rows left_rows, right_rows;
  for (std::size_t row = 0; row < table.frame.rows; ++row) {
    const auto found = index.find(join_key(left_keys, row));
    if (found == index.end()) continue;
    for (const std::uint32_t hit : found->second) {
      left_rows.push_back(static_cast<std::uint32_t>(row));
      right_rows.push_back(hit);
    }
  }
  Frame merged = table.frame.gather(left_rows);
  for (const auto& [name, column] : right.frame.columns) {
    if (std::find(right_names.begin(), right_names.end(), name) != right_names.end() &&
        merged.find(name) != nullptr) {
      continue;
    }
    const std::string qualified = match.name + "." + name;
    const bool wanted = std::find(referenced.begin(), referenced.end(), qualified) != referenced.end();
    merged.set(wanted                         ? qualified
               : merged.find(name) != nullptr ? name + "." + match.name
                                              : name,
               column->gather(right_rows));
  }
  table.frame = std::move(merged);
}

}  // namespace

void merge_dataset(Table& table, const Match& match, const Dataset& dataset, const Data& data,
                   const std::vector<std::string>& referenced) {
  if (match.child) {
    const bool supplement = match.name == "SUPP--" && dataset.name.substr(0, 4) == "SUPP";
    if (supplement || match.name == dataset.name) merge_parents(table, data);
    return;
  }
  const Part* right = data.find(match.name);
  if (right != nullptr)
    merge_inner(table, match, *right, referenced);  // an absent one leaves the table as it is
}

}  // namespace trialmill::conform
