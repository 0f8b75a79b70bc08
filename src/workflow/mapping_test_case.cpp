#include "workflow/mapping_test_case.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/yaml.hpp"

namespace trialmill::workflow {
namespace {

GivenRows rows_of(const base::YamlValue& value) {
  GivenRows rows;
  if (value.is_null()) return rows;
  for (const auto& one : value.list()) {
    GivenRow row;
    row.place = one.place();
    for (const auto& [column, cell] : one.map().entries()) {
      if (cell.is_null())
        row.values[column] = std::nullopt;
      else
        row.values[column] = cell.text();
      if (cell.is_quoted()) row.quoted.insert(column);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

MappingTestCase case_of(base::YamlMap map, const std::string& usual_dataset) {
  MappingTestCase out;
  out.place = map.place();
  out.name = map.text("name");
  out.dataset = map.text_or("dataset", usual_dataset);
  for (const auto& [table, rows] : map.get("given").map().entries()) out.given[table] = rows_of(rows);
  if (const auto expect = map.find("expect")) {
    if (expect->is_map()) {
      for (const auto& [dataset, rows] : expect->map().entries()) out.expect[dataset] = rows_of(rows);
    } else {
      out.expect[out.dataset] = rows_of(*expect);
    }
  }
  out.contains = map.choice_or("rows", {"exact", "contains"}, "exact") == "contains";
  if (map.has("findings")) out.findings = map.texts_or("findings", {});
  out.error = map.text_or("error", "");
  map.finish();
  if (out.expect.empty() && !out.findings && out.error.empty()) {
    throw base::usage_error("TM2860", "the test '" + out.name + "' expects nothing", out.place,
                            "write `expect:` with rows, `findings:` with codes, or `error:` with a code");
  }
  return out;
}

}  // namespace

std::vector<MappingTestCase> read_mapping_tests(const std::filesystem::path& file, const std::string& name) {
  std::vector<MappingTestCase> cases;
  const std::string usual_dataset = base::to_upper(file.stem().string());
  for (const auto& one : base::read_yaml_file(file, name).list())
    cases.push_back(case_of(one.map(), usual_dataset));
  return cases;
}

}  // namespace trialmill::workflow
