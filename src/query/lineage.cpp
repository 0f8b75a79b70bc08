#include "query/lineage.hpp"

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "study/study.hpp"

namespace trialmill::query {

using base::Json;

Lineage::Lineage(const std::string& study, const std::string& environment)
    : layout_{study::load(study, environment).lake} {
  const auto file = layout_.staged_current() / "datasets.json";
  if (!std::filesystem::exists(file)) {
    throw base::Error("TM2701", "this study has no staged datasets yet", {file.string()},
                      "make them with: trialmill transform STUDY");
  }
  datasets_ = base::parse_json(base::read_file(file), file.string());
}

bool Lineage::has_variable(const std::string& dataset, const std::string& variable) const {
  if (!has_dataset(dataset)) return false;
  for (const auto& column : datasets_[dataset]["columns"]) {
    if (column["name"] == variable) return true;
  }
  return datasets_[dataset].contains("steps") && datasets_[dataset]["steps"].contains(variable);
}

std::vector<std::string> Lineage::parts_of(const std::string& domain) const {
  std::vector<std::string> out;
  for (const auto& [name, about] : datasets_.items()) {
    if (name == domain || about.value("domain", "") == domain) out.push_back(name);
  }
  return out;
}

bool Lineage::is_supplement(const std::string& dataset) const {
  const Json& about = datasets_.at(dataset);
  return dataset.starts_with("SUPP") && (about.contains("qualifiers") || about.contains("rests"));
}

Rule Lineage::rule(const std::string& dataset, const std::string& variable, const std::string& qnam) const {
  const Json& about = datasets_.at(dataset);
  const Json* found = nullptr;
  if (!qnam.empty() && about.contains("qualifiers") && about["qualifiers"].contains(qnam)) {
    found = &about["qualifiers"][qnam];
  } else if (!qnam.empty() && about.contains("rests") && about["rests"].contains(qnam)) {
    found = &about["rests"][qnam];
  } else if (about.contains("steps") && about["steps"].contains(variable)) {
    found = &about["steps"][variable];
  } else {
    for (const auto& column : about["columns"]) {
      if (column["name"] == variable) found = &column;
    }
  }
  Rule out;
  if (found == nullptr) return out;
  out.text = found->value("rule", "");
  out.place = found->value("place", "");
  out.reads = found->value("reads", Json::array());
  if (found->contains("inputs")) {
    for (const auto& input : (*found)["inputs"]) out.inputs.push_back(input.get<std::string>());
  }
  return out;
}

std::pair<std::string, std::string> Lineage::find(const std::string& name, bool whole) const {
  const auto dot = name.find('.');
  const std::string dataset = base::to_upper(name.substr(0, dot));
  std::vector<std::string> known;
  if (!has_dataset(dataset)) {
    for (const auto& [one, about] : datasets_.items()) known.push_back(one);
    const auto parts = parts_of(dataset);
    throw base::usage_error("TM2703", "no dataset '" + dataset + "'", {},
                            parts.empty() ? base::did_you_mean(dataset, known)
                                          : "the domain is split into " + base::join(parts, ", "));
  }
  const std::string variable = dot == std::string::npos ? "" : base::to_upper(name.substr(dot + 1));
  if (whole && variable.empty()) return {dataset, ""};
  if (!has_variable(dataset, variable)) {
    for (const auto& column : datasets_[dataset]["columns"])
      known.push_back(column["name"].get<std::string>());
    throw base::usage_error(
        "TM2703", dataset + " has no variable '" + variable + "'", {},
        variable.empty() ? "write DATASET.VARIABLE, e.g. AE.AESTDTC" : base::did_you_mean(variable, known));
  }
  return {dataset, variable};
}

std::filesystem::path Lineage::parquet(const std::string& dataset) const {
  return layout_.staged_current() / "parquet" / (dataset + ".parquet");
}

std::filesystem::path Lineage::records(const std::string& dataset) const {
  return layout_.lineage() / (dataset + ".parquet");
}

}  // namespace trialmill::query
