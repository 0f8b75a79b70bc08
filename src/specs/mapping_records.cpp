// `records:` of a mapping: sources, joins, filters, tests.
#include <algorithm>
#include <cctype>
#include <map>

#include "base/text.hpp"
#include "specs/mapping_writer.hpp"
#include "specs/read_spec.hpp"
#include "specs/spreadsheet_names.hpp"
#include "specs/verb.hpp"

namespace trialmill::specs {
namespace {

/// The name of a source in study.yaml: lower case, no extension.
std::string source_name(std::string text) {
  const auto dot = text.rfind('.');
  if (dot != std::string::npos && source_extensions.count(base::to_lower(text.substr(dot + 1))) != 0)
    text.resize(dot);
  std::string out = word_of(text);
  if (!out.empty() && std::isdigit(static_cast<unsigned char>(out[0]))) out = "s_" + out;
  return out;
}

/// Several tables in a cell: "AE, AE_CODED".
std::vector<std::string> source_names_in(std::string cell) {
  std::ranges::replace_if(
      cell, [](char c) { return std::string_view(",;+&/\n").find(c) != std::string_view::npos; }, ',');
  std::vector<std::string> all;
  for (const auto& part : base::split(cell, ',')) {
    const std::string name = source_name(std::string(base::trim(part)));
    if (!name.empty()) all.push_back(name);
  }
  return all;
}

std::string entry_of(const SpecTest& test) {
  std::string entry = "{result: " + scalar(test.column.empty() ? test.code : test.column);
  if (!test.name.empty()) entry += ", name: " + scalar(test.name);
  if (!test.unit.empty())
    entry += ", unit: " + scalar(test.unit);
  else if (!test.unit_column.empty())
    entry += ", unit_from: " + scalar(test.unit_column);
  std::map<std::string, std::string> given;  // a variable once: the first line counts
  for (const auto& one : test.given)
    given.emplace(one.variable, one.column ? scalar(one.value) : "{constant: " + scalar(one.value) + "}");
  std::vector<std::string> parts;
  for (const auto& [variable, value] : given) parts.push_back(variable + ": " + value);
  if (!parts.empty()) entry += ", where: {" + base::join(parts, ", ") + "}";
  return entry + "}";
}

}  // namespace

/// The tables of the dataset, the one that most variables come from first.
std::vector<std::string> MappingWriter::sources() const {
  std::vector<std::pair<std::string, int>> counts;
  const auto count = [&counts](const std::string& cell) {
    for (const auto& name : source_names_in(cell)) {
      const auto found = std::ranges::find(counts, name, &std::pair<std::string, int>::first);
      if (found == counts.end())
        counts.emplace_back(name, 1);
      else
        ++found->second;
    }
  };
  for (const auto& one : dataset_.variables) {
    count(one.source);
    for (const auto& other : one.others) count(other.source);
  }
  std::ranges::stable_sort(counts, [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> names;
  for (const auto& [name, number] : counts) names.push_back(name);
  return names;
}

/// The tables whose records are put under each other; else the main one.
std::vector<std::string> MappingWriter::row_sets(const std::vector<std::string>& tables) const {
  std::vector<std::string> names;
  for (const auto& table : dataset_.tables) {
    for (const auto& name : source_names_in(table)) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  if (names.empty()) names.push_back(tables.empty() ? base::to_lower(dataset_.name) : tables[0]);
  return names;
}

/// Values that differ from one table to the next: {CMCAT: PRIOR}.
std::string MappingWriter::constants_of(const std::string& table) const {
  std::vector<std::string> parts;
  for (const auto& one : dataset_.variables) {
    if (!is_given_by_table(one)) continue;
    const auto add = [&](const std::string& source, const std::string& text) {
      if (source_name(source) == table) parts.push_back(one.variable + ": " + scalar(one_line(text)));
    };
    add(one.source, one.constant);
    for (const auto& other : one.others) add(other.source, other.constant);
  }
  return base::join(parts, ", ");
}

std::string MappingWriter::joins(const std::vector<std::string>& tables,
                                 const std::vector<std::string>& sets) {
  std::vector<std::string> joins;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (std::ranges::find(sets, tables[i]) != sets.end()) continue;
    std::string keys;
    for (const auto& one : dataset_.variables) {
      if (source_name(one.join_table.empty() ? one.source : one.join_table) == tables[i] &&
          !one.join_on.empty())
        keys = one.join_on;
    }
    if (keys.empty())
      todo("  ", "records",
           "values also come from " + tables[i] + ": join it (join: [{with: " + tables[i] +
               ", on: [KEYS]}]) or add a row set");
    else
      joins.push_back("{with: " + tables[i] + ", on: " + flow_list(columns_in(keys)) + "}");
  }
  return base::join(joins, ", ");
}

/// The first condition on rows; SQL if its words are plain.
std::string MappingWriter::filter() {
  std::string keep, first;
  for (const auto& one : dataset_.variables) {
    if (one.filter.empty() || one.filter == first) continue;
    const std::string sql = condition_of(one.filter);
    if (first.empty() && !sql.empty())
      keep = sql;
    else
      todo("  ", "keep", one.place + " says: " + one.filter);
    if (first.empty()) first = one.filter;
  }
  if (!keep.empty()) todo("  ", "keep", "is `why` the reason?");
  return keep;
}

void MappingWriter::records() {
  line("records:");
  const auto tables = sources();
  const auto from = row_sets(tables);
  if (tables.empty()) todo("  ", "records", "the specification names no source; is it " + from[0] + "?");
  todo_of_sources(tables.empty() ? from : tables);
  const std::string joined = joins(tables, from), keep = filter();
  if (!dataset_.unique_by.empty())
    todo("  ", "unique", "is the first of the rows with the same values the one to keep?");
  // A code that stands twice (glucose in blood and in urine) needs a row set for each.
  std::vector<std::vector<const SpecTest*>> sets(1);
  for (const auto& test : dataset_.tests) {
    std::size_t set = 0;
    const auto taken = [&](const std::vector<const SpecTest*>& tests) {
      return std::ranges::any_of(tests, [&](const SpecTest* one) { return one->code == test.code; });
    };
    while (set < sets.size() && taken(sets[set])) ++set;
    if (set == sets.size()) sets.emplace_back();
    sets[set].push_back(&test);
  }
  for (const auto& table : from) {
    for (const auto& tests : sets) {
      line("  - from: " + table);
      if (!joined.empty()) line("    join: [" + joined + "]");
      if (!keep.empty()) {
        line("    keep: " + scalar(keep));
        line("    why: not selected by the specification");
      }
      if (!dataset_.unique_by.empty()) {
        line("    unique: {by: " + flow_list(dataset_.unique_by) +
             ", keep: first, why: repeated by the specification}");
      }
      if (const std::string constants = constants_of(table); !constants.empty())
        line("    constant: {" + constants + "}");
      if (tests.empty()) continue;
      line("    unpivot:");
      for (const SpecTest* test : tests) line("      " + scalar(test->code) + ": " + entry_of(*test));
    }
  }
  todo_of_tests();
}

void MappingWriter::todo_of_sources(const std::vector<std::string>& tables) {
  for (const auto& table : tables) {
    if (options_.sources.empty() || std::ranges::find(options_.sources, table) != options_.sources.end())
      continue;
    const std::string hint = base::did_you_mean(table, options_.sources);
    todo("  ", "records",
         "study.yaml has no source " + table +
             (hint.empty() ? ", it has " + base::join(options_.sources, ", ") : "; " + hint));
  }
}

void MappingWriter::todo_of_tests() {
  const auto list = [this](const char* what, bool (*wanted)(const SpecTest&)) {
    std::vector<std::string> codes;
    for (const auto& test : dataset_.tests) {
      if (wanted(test) && std::ranges::find(codes, test.code) == codes.end()) codes.push_back(test.code);
    }
    if (codes.size() > 8) codes.resize(8), codes.emplace_back("…");
    if (!codes.empty()) todo("    ", "unpivot", what + base::join(codes, ", "));
  };
  list("codes and columns are guessed from each other; are they right: ",
       [](const SpecTest& test) { return test.guessed; });
  list("names are those of the concepts; are they terms of --TEST: ",
       [](const SpecTest& test) { return test.name_guessed; });
  list("names are longer than 40 characters, which --TEST may have, for ",
       [](const SpecTest& test) { return test.name.size() > 40; });
}

}  // namespace trialmill::specs
