#include "transform/check_tables.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "study/lists.hpp"
#include "transform/records.hpp"

namespace trialmill::transform {

using base::sql_identifier;
using base::sql_literal;
using base::YamlValue;

namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// The name without the number of a part (COVAL2).
std::string without_number(std::string name) {
  while (!name.empty() && std::isdigit(static_cast<unsigned char>(name.back())) != 0) name.pop_back();
  return name;
}

}  // namespace

CheckTables::CheckTables(const study::Study& study, table::Session& session,
                         const std::vector<CheckedModel>& models)
    : study_(study), session_(session), tables_(session.tables("raw")) {
  for (const auto& source : study.sources) sources_.push_back(source.name);
  for (const auto& model : models) {
    if (models_.emplace(model.dataset, &model).second) datasets_.push_back(model.dataset);
  }
}

bool CheckTables::makes(const std::string& dataset) const {
  return models_.contains(dataset);
}

bool CheckTables::shows(const std::string& dataset) const {
  if (makes(dataset)) return true;
  if (dataset.starts_with("SUPP")) return shows(dataset.substr(4));
  return std::ranges::any_of(models_, [&](const auto& one) { return contains(one.second->parts, dataset); });
}

bool CheckTables::is_source(const std::string& name) const {
  return contains(sources_, name) || contains(tables_, name);
}

/// Long texts of CO and TS go on in numbered variables that nobody declares.
bool CheckTables::has_variable(const std::string& dataset, const std::string& name) const {
  const Names known = this->dataset(dataset);
  return !known || !find_name(*known, name).empty() || !find_name(*known, without_number(name)).empty();
}

Names CheckTables::source(const std::string& name) const {
  if (!contains(tables_, name)) return std::nullopt;
  const auto [entry, fresh] = known_.emplace("raw." + name, std::nullopt);
  if (fresh) {
    try {
      entry->second = session_.columns_of("raw." + sql_identifier(name));
    } catch (const base::Error&) {  // whoever reads it says what is wrong with it
    }
  }
  return entry->second;
}

Names CheckTables::dataset(const std::string& name) const {
  const auto found = models_.find(name);
  return found == models_.end() ? std::nullopt : found->second->variables;
}

Names CheckTables::order_of(const std::string& dataset) const {
  const auto found = models_.find(dataset);
  if (found == models_.end() || !found->second->variables || !found->second->parts.empty())
    return std::nullopt;
  auto order = entry_of(found->second->mapping, "sort");
  if (!order) order = entry_of(found->second->mapping, "keys");
  std::vector<std::string> names;
  if (order) {
    for (const auto& name : items_of(*order)) names.push_back(text_of(name));
  }
  return names;
}

Names CheckTables::file(const std::string& path) const {
  const auto [entry, fresh] = known_.emplace(path, std::nullopt);
  if (fresh && std::filesystem::is_regular_file(study_.root / path)) {
    try {
      entry->second =
          session_.columns_of("(SELECT * FROM " + study::list_sql(study_.root / path, path) + ")");
    } catch (const base::Error&) {
    }
  }
  return entry->second;
}

std::optional<base::Error> CheckTables::lacks_source(const YamlValue& name) const {
  if (!name.is_text() || is_source(name.text())) return std::nullopt;
  return base::usage_error("TM2302", "no raw table '" + name.text() + "'", name.place(),
                           base::did_you_mean(name.text(), sources_));
}

std::optional<base::Error> CheckTables::lacks_dataset(const YamlValue& at, const std::string& name) const {
  if (shows(name)) return std::nullopt;
  return base::usage_error("TM2302", "no dataset '" + name + "'", at.place(),
                           base::did_you_mean(name, datasets_));
}

std::optional<base::Error> CheckTables::broken_list(const std::string& path) const {
  if (!std::filesystem::is_regular_file(study_.root / path) || !read_.insert(path).second)
    return std::nullopt;
  try {
    study::list_sql(study_.root / path, path);
  } catch (const base::Error& error) {
    return error;
  }
  return std::nullopt;
}

std::optional<base::Error> CheckTables::lacks_file(const YamlValue& name) const {
  if (!name.is_text() || std::filesystem::exists(study_.root / name.text())) return std::nullopt;
  std::vector<std::string> there;
  std::error_code status;
  const std::filesystem::path folder = std::filesystem::path(name.text()).parent_path();
  for (const auto& entry : std::filesystem::directory_iterator(study_.root / folder, status))
    there.push_back((folder / entry.path().filename()).string());
  const std::string near = base::did_you_mean(name.text(), there);
  return base::usage_error("TM2302", "no file '" + name.text() + "'", name.place(),
                           near.empty() ? "paths start at study.yaml" : near);
}

}  // namespace trialmill::transform
