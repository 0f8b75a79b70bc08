#include "compare/report.hpp"

#include <fmt/format.h>

#include <cmath>
#include <ostream>

#include "base/text.hpp"
#include "formats/dataset.hpp"

namespace trialmill::compare {
namespace {

using base::Json;

std::string counted(std::int64_t number) {
  return base::thousands(number);
}

std::string key_text(const DatasetResult& dataset, const std::vector<std::string>& key) {
  std::string text;
  for (std::size_t k = 0; k < key.size(); ++k) text += (k > 0 ? ", " : "") + dataset.keys[k] + "=" + key[k];
  return text;
}

std::string place_text(const DatasetResult& dataset, const std::vector<std::string>& key, std::int64_t row) {
  return dataset.keys.empty() ? "row " + counted(row) : key_text(dataset, key);
}

void print_rows(const DatasetResult& one, const std::vector<Unpaired>& rows, std::int64_t all,
                const std::string& where, std::ostream& out) {
  if (all == 0) return;
  out << "  records only in " << where << ": " << counted(all) << "\n";
  for (const auto& row : rows)
    out << "    row " << counted(row.row) << "  " << key_text(one, row.key) << "\n";
  const auto rest = all - static_cast<std::int64_t>(rows.size());
  if (rest > 0) out << "    … " << counted(rest) << " more\n";
}

void print_variable(const DatasetResult& dataset, const VariableResult& one, std::ostream& out) {
  if (one.differences == 0) return;
  out << "  " << one.name << ": " << counted(one.differences) << " of " << counted(dataset.rows_matched)
      << " values differ";
  if (one.number && one.max_difference > 0) {
    out << fmt::format(", at most by {}", formats::number_text(one.max_difference));
    if (one.max_percent > 0) out << fmt::format(" ({:.2f} %)", one.max_percent);
  }
  out << "\n";
  for (const auto& value : one.details) {
    out << "    " << place_text(dataset, value.key, value.base_row) << "  '" << value.base << "' → '"
        << value.other << "'";
    if (!std::isnan(value.difference)) out << "  " << formats::number_text(value.difference);
    out << "\n";
  }
  const auto rest = one.differences - static_cast<std::int64_t>(one.details.size());
  if (rest > 0 && !one.details.empty()) out << "    … " << counted(rest) << " more\n";
}

void print_dataset(const DatasetResult& one, std::ostream& out) {
  if (one.side != "both") {
    out << one.name << ": only in " << one.side << "\n";
    return;
  }
  std::size_t variables = 0;
  for (const auto& variable : one.variables) variables += variable.differences > 0 ? 1 : 0;
  out << one.name << ": " << counted(one.rows_base) << " and " << counted(one.rows_other) << " records, "
      << counted(one.rows_matched) << " paired"
      << (one.keys.empty() ? " by row number" : " by " + base::join(one.keys, ", ")) << "; "
      << (one.values_equal()
              ? "all values equal"
              : counted(one.rows_differing) + " of them differ, in " + std::to_string(variables) + " of " +
                    std::to_string(one.variables.size()) + " variables")
      << "\n";
  if (one.duplicates_base + one.duplicates_other > 0)
    out << "  the key is not unique: " << counted(one.duplicates_base) << " records of base and "
        << counted(one.duplicates_other) << " of other repeat one; they are paired in order\n";
  for (const auto& difference : one.attributes) {
    out << "  " << difference.kind << (difference.variable.empty() ? "" : " of ") << difference.variable;
    if (difference.kind.starts_with("only_in"))
      out << "\n";
    else
      out << ": '" << difference.base << "' → '" << difference.other << "'\n";
  }
  print_rows(one, one.only_base, one.rows_only_base, "base", out);
  print_rows(one, one.only_other, one.rows_only_other, "other", out);
  for (const auto& variable : one.variables) print_variable(one, variable, out);
}

Json key_json(const DatasetResult& dataset, const std::vector<std::string>& key) {
  Json out = Json::object();
  for (std::size_t k = 0; k < key.size(); ++k) out[dataset.keys[k]] = key[k];
  return out;
}

Json number_json(double value) {
  return std::isnan(value) ? Json() : Json(value);
}

Json rows_json(const DatasetResult& dataset, const std::vector<Unpaired>& rows) {
  Json out = Json::array();
  for (const auto& row : rows) out.push_back({{"row", row.row}, {"key", key_json(dataset, row.key)}});
  return out;
}

Json dataset_json(const DatasetResult& one) {
  Json attributes = Json::array(), variables = Json::array(), differences = Json::array();
  for (const auto& a : one.attributes)
    attributes.push_back({{"kind", a.kind}, {"variable", a.variable}, {"base", a.base}, {"other", a.other}});
  for (const auto& v : one.variables) {
    variables.push_back({{"name", v.name},
                         {"type", v.number ? "num" : "char"},
                         {"differences", v.differences},
                         {"max_difference", v.max_difference},
                         {"max_percent", v.max_percent}});
    for (const auto& d : v.details) {
      differences.push_back({{"variable", v.name},
                             {"key", key_json(one, d.key)},
                             {"base_row", d.base_row},
                             {"other_row", d.other_row},
                             {"base", d.base},
                             {"other", d.other},
                             {"difference", number_json(d.difference)},
                             {"percent", number_json(d.percent)}});
    }
  }
  return {{"name", one.name},
          {"in", one.side},
          {"values_equal", one.values_equal()},
          {"keys", one.keys},
          {"rows_base", one.rows_base},
          {"rows_other", one.rows_other},
          {"rows_matched", one.rows_matched},
          {"rows_differing", one.rows_differing},
          {"rows_only_base", one.rows_only_base},
          {"rows_only_other", one.rows_only_other},
          {"duplicate_keys", {{"base", one.duplicates_base}, {"other", one.duplicates_other}}},
          {"value_differences", one.differences()},
          {"attributes", attributes},
          {"variables", variables},
          {"differences", differences},
          {"only_base", rows_json(one, one.only_base)},
          {"only_other", rows_json(one, one.only_other)}};
}

}  // namespace

void print(const Report& report, std::ostream& out) {
  out << "base   " << report.base << "\nother  " << report.other << "\n\n";
  for (const auto& one : report.datasets) print_dataset(one, out);
  out << "\n" << (report.equal() ? "equal" : "different") << "\n";
}

Json to_json(const Report& report) {
  Json datasets = Json::array();
  for (const auto& one : report.datasets) datasets.push_back(dataset_json(one));
  return {{"equal", report.equal()}, {"base", report.base}, {"other", report.other}, {"datasets", datasets}};
}

}  // namespace trialmill::compare
