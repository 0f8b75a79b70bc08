// Split datasets: a domain too large or too mixed for one file becomes several (SDTMIG 3.4, section 4.1.7).
// The domain is built as a whole, so --SEQ is unique over all its datasets; only then are records dealt out.
#include <algorithm>

#include "base/text.hpp"
#include "transform/dataset_builder.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;

/// `split: {by: QSCAT, into: {QSPH: PHQ-9, QSCS: {values: [CGI, CSSRS], label: …}}}`
void DatasetBuilder::read_split(base::YamlMap map) {
  const base::YamlValue by = map.get("by");
  split_by_ = find_name(names_, by.text());
  if (split_by_.empty()) {
    throw base::usage_error("TM2301", "'" + by.text() + "' is not a variable", by.place(),
                            base::did_you_mean(by.text(), names_));
  }
  for (const auto& [name, node] : map.get("into").map().entries()) {
    if (const auto fault = part_name_fault(name, model_.dataset, node.place())) throw *fault;
    Part part{name, "", {}};
    if (node.is_map()) {
      base::YamlMap about = node.map();
      part.values = about.get("values").texts();
      part.label = about.text_or("label", "");
      about.finish();
    } else {
      part.values = node.texts();
    }
    parts_.push_back(std::move(part));
  }
  map.finish();
}

/// Records whose value no part names stay in a dataset called like the domain, with a finding.
void DatasetBuilder::write_parts() {
  session_.execute(
      "CREATE OR REPLACE TEMP TABLE tm_whole AS FROM tm_done ORDER BY _record; DROP VIEW tm_done; "
      "DROP TABLE tm_made");
  const std::string by = "CAST(" + sql_identifier(split_by_) + " AS VARCHAR)";
  std::string named, whole;
  for (const auto& part : parts_) {
    for (const auto& value : part.values) named += (named.empty() ? "" : ", ") + sql_literal(value);
  }
  literals_.clear();  // stored now
  const std::string label = label_;
  const auto write_part = [&](const std::string& name, const std::string& condition) {
    session_.execute(
        "CREATE OR REPLACE TEMP TABLE tm_made AS SELECT * EXCLUDE (_record) FROM tm_whole WHERE " +
        condition + " ORDER BY _record");
    made_ = name;
    show_rows();
    measure();
    if (measures_.rows == 0) return;
    const auto file = scope_.folder / "parquet" / (name + ".parquet");
    whole += (whole.empty() ? "" : " UNION ALL BY NAME ") + std::string("SELECT * FROM read_parquet(") +
             sql_literal(file.string()) + ")";
    write_dataset();
  };
  for (const auto& part : parts_) {
    std::string list;
    for (const auto& value : part.values) list += (list.empty() ? "" : ", ") + sql_literal(value);
    label_ = part.label.empty() ? label : part.label;
    write_part(part.dataset, by + " IN (" + list + ")");
  }
  label_ = label;
  const std::string rest = by + " IS NULL OR " + by + " NOT IN (" + named + ")";
  const auto left = session_.query_text("SELECT " + by + ", count(*) FROM tm_whole WHERE " + rest +
                                        " GROUP BY 1 ORDER BY 1");
  for (std::size_t r = 0; r < left.rows(); ++r) {
    auto finding = make("TM2363", findings::Severity::error, split_by_);
    finding.value = left.text(r, 0);
    finding.message = "of no part of the split, " + left.text(r, 1) + " times; kept in " + model_.dataset;
    context_.findings.add(std::move(finding));
  }
  if (left.rows() > 0) write_part(model_.dataset, rest);
  made_ = model_.dataset;
  if (whole.empty()) {  // no record yet: others see a dataset without any
    for (const auto& one : variables_)
      whole += (whole.empty() ? "SELECT NULL::" : ", NULL::") +
               std::string(one.type == "Num" ? "DOUBLE" : "VARCHAR") + " AS " + sql_identifier(one.name);
    whole += " WHERE FALSE";
  }
  // Other mappings go on to see the domain as a whole, whatever part a record is in.
  session_.execute("CREATE OR REPLACE VIEW sdtm." + sql_identifier(model_.dataset) + " AS " + whole);
  measures_.rows = session_.count("SELECT count(*) FROM tm_whole");
  session_.execute("DROP VIEW tm_done; DROP TABLE tm_made; DROP TABLE tm_whole");
}

std::vector<std::string> Scope::parts_of(const std::string& domain) const {
  std::vector<std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "parquet")) {
    const std::string name = entry.path().stem().string();
    // Parts have up to four letters and are no mapping's own dataset.
    const bool part = name.starts_with(domain) && name.size() > domain.size() && name.size() <= 4 &&
                      std::ranges::find(datasets, name) == datasets.end();
    if (name == domain || part) out.push_back(name);
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace trialmill::transform
