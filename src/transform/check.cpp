#include "transform/check.hpp"

#include <algorithm>
#include <tuple>

#include "base/files.hpp"
#include "base/text.hpp"
#include "transform/check_loops.hpp"
#include "transform/check_mapping.hpp"
#include "transform/check_schema.hpp"
#include "transform/model.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

namespace {

/// What a mapping declares, steps on the way and DOMAIN included.
Names declared_by(const base::YamlValue& mapping, const std::string& dataset, const study::Study& study) {
  const auto variables = entry_of(mapping, "variables");
  if (!variables) return std::nullopt;
  std::vector<std::string> names;
  for (const auto& [name, node] : entries_of(*variables)) names.push_back(name);
  if (has_domain(study, dataset)) names.emplace_back("DOMAIN");
  return names;
}

/// The file as far as it can be read; false if the dataset that it makes stays unknown.
bool read_model(const std::filesystem::path& path, const study::Study& study, CheckedModel& out,
                std::vector<base::Error>& faults) {
  Model model;
  model.path = path;
  out.file = model.name = path.lexically_relative(study.root).string();
  out.place = {out.file, 1, 1};
  try {
    model.text = base::read_file(path);
    if (path.extension() == ".sql") {
      out.sql = model.text;
      out.dataset = dataset_of(model);
      return true;
    }
    out.mapping = base::parse_yaml(model.text, model.name, &faults);
  } catch (const base::Error& error) {
    faults.push_back(error);
    return false;
  }
  check_schema(out.mapping, faults);
  const auto name = entry_of(out.mapping, "dataset");
  out.dataset = name ? text_of(*name) : "";
  if (out.dataset.empty()) return false;
  out.place = name->place();
  out.variables = declared_by(out.mapping, out.dataset, study);
  const auto split = entry_of(out.mapping, "split");
  const auto into = split ? entry_of(*split, "into") : std::nullopt;
  for (const auto& [part, node] : into ? entries_of(*into) : decltype(entries_of(out.mapping)){})
    out.parts.push_back(part);
  return true;
}

/// Each mistake once, by place.
void put_in_order(std::vector<base::Error>& faults) {
  const auto key = [](const base::Error& one) {
    return std::tie(one.place().file, one.place().line, one.place().column);
  };
  std::ranges::stable_sort(faults, [&](const auto& a, const auto& b) { return key(a) < key(b); });
  const auto rest = std::ranges::unique(
      faults, [](const auto& a, const auto& b) { return std::string(a.what()) == b.what(); });
  faults.erase(rest.begin(), rest.end());
}

}  // namespace

std::vector<base::Error> check_mappings(const study::Study& study, table::Session& session) {
  std::vector<base::Error> faults;
  std::vector<CheckedModel> models;
  bool complete = true;
  for (const auto& path : study.mappings) {
    CheckedModel model;
    if (!read_model(path, study, model, faults)) {
      complete = false;
      continue;
    }
    const auto other = std::ranges::find(models, model.dataset, &CheckedModel::dataset);
    if (other != models.end())
      faults.push_back(base::usage_error("TM2307", model.dataset + " is made by " + other->file + " already",
                                         model.place));
    models.push_back(std::move(model));
  }
  // A dataset of a file that cannot be read would be missed everywhere else.
  if (complete) {
    const CheckTables tables(study, session, models);
    Needs needs;
    for (const auto& model : models) {
      MappingCheck check(model, tables, needs, faults);
      model.sql.empty() ? check.check_mapping() : check.check_model();
    }
    for (const auto& loop : loops_of(needs)) {
      const auto model = std::ranges::find(models, loop.dataset, &CheckedModel::dataset);
      faults.push_back(loop_error(loop.path, {model->file, 1, 1}));
    }
  }
  put_in_order(faults);
  return faults;
}

void require_good_mappings(const study::Study& study, table::Session& session) {
  auto faults = check_mappings(study, session);
  if (!faults.empty()) throw base::several(std::move(faults));
}

}  // namespace trialmill::transform
