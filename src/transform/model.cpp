#include "transform/model.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"

namespace trialmill::transform {

namespace {

/// The text without comment lines, so that a name in a comment makes no dependency.
std::string without_comments(const std::string& text) {
  std::string out;
  for (const auto& line : base::split(text, '\n')) {
    const auto start = base::trim(line);
    if (start.substr(0, 1) != "#" && start.substr(0, 2) != "--") out += line + "\n";
  }
  return out;
}

/// The datasets of `relate` among the rows of a mapping.
std::vector<std::string> related_in(const Model& model) {
  std::vector<std::string> names;
  if (model.path.extension() == ".sql" || model.text.find("relate") == std::string::npos) return names;
  const YAML::Node records = YAML::Load(model.text)["records"];
  if (!records || !records.IsSequence()) return names;
  for (const auto& set : records) {
    if (!set.IsMap() || !set["relate"] || !set["relate"].IsMap()) continue;
    for (const auto& side : set["relate"]) names.push_back(side.first.as<std::string>(""));
  }
  return names;
}

}  // namespace

std::string dataset_of(const Model& model) {
  if (model.path.extension() != ".sql") return base::parse_yaml(model.text, model.name).map().text("dataset");
  static const RE2 line("(?m)^--[ \\t]*dataset:[ \\t]*([A-Za-z0-9]+)");
  std::string dataset;
  if (RE2::PartialMatch(model.text, line, &dataset)) return dataset;
  throw base::usage_error("TM1006", "the model does not say which dataset it makes", {model.name, 1, 1},
                          "begin with a line `-- dataset: AE`");
}

std::optional<base::Error> part_name_fault(const std::string& name, const std::string& domain,
                                           const base::Place& place) {
  if (name.size() > domain.size() && name.size() <= 4 && name.starts_with(domain) &&
      name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string::npos)
    return std::nullopt;
  return base::usage_error(
      "TM2311", "'" + name + "' is no name of a part of " + domain, place,
      "up to four capital letters or digits that begin with " + domain + ", for example " + domain + "PH");
}

std::vector<Model> read_models(const study::Study& study) {
  std::vector<Model> models;
  std::map<std::string, std::string> makers;
  for (const auto& path : study.mappings) {
    Model model;
    model.path = path;
    model.name = path.lexically_relative(study.root).string();
    model.text = base::read_file(path);
    model.dataset = dataset_of(model);
    if (const auto [other, fresh] = makers.emplace(model.dataset, model.name); !fresh) {
      throw base::usage_error("TM2307", model.dataset + " is made by " + other->second + " already",
                              {model.name, 1, 1});
    }
    models.push_back(std::move(model));
  }
  for (auto& model : models) {
    const std::string text = without_comments(model.text);
    std::set<std::string> needs;
    static const RE2 dotted("\\b(?:sdtm\\.\"?([A-Z][A-Z0-9]{1,7})|([A-Z][A-Z0-9]{1,7})\\.[A-Z])");
    std::string found, other;
    for (re2::StringPiece rest(text); RE2::FindAndConsume(&rest, dotted, &found, &other);) {
      std::string name = found.empty() ? other : found;
      if (makers.count(name) == 0 && name.rfind("SUPP", 0) == 0) name = name.substr(4);
      if (makers.count(name) != 0) needs.insert(name);
    }
    const auto implied = [&](const char* verb, const std::string& name) {
      if (text.find(verb) != std::string::npos && makers.count(name) != 0) needs.insert(name);
    };
    implied("study_day:", "DM");
    implied("elements:", "DM");
    implied("epoch:", "SE");
    implied("epoch:", "TA");
    static const RE2 looked_up("\\blookup:[ \\t]*\"?([A-Z][A-Z0-9]{1,7})\\b");
    for (re2::StringPiece rest(text); RE2::FindAndConsume(&rest, looked_up, &found);) {
      if (makers.count(found) != 0) needs.insert(found);
    }
    for (const auto& name : related_in(model)) {
      if (makers.count(name) != 0) needs.insert(name);
    }
    needs.erase(model.dataset);
    model.needs.assign(needs.begin(), needs.end());
  }
  return models;
}

namespace {

/// Tarjan's algorithm: groups of models that need each other, each group after those it needs.
class Grouping {
 public:
  explicit Grouping(const std::vector<Model>& models) : models_(models) {
    for (std::size_t i = 0; i < models.size(); ++i) places_[models[i].dataset] = i;
    state_.resize(models.size());
  }

  std::vector<ModelGroup> groups() {
    for (std::size_t i = 0; i < models_.size(); ++i) {
      if (state_[i].number == 0) visit(i);
    }
    return std::move(groups_);
  }

 private:
  struct State {
    int number = 0, lowest = 0;
    bool on_stack = false;
  };

  void visit(std::size_t at) {
    state_[at] = {++count_, count_, true};
    stack_.push_back(at);
    for (const auto& need : models_[at].needs) {
      const std::size_t other = places_.at(need);
      if (state_[other].number == 0) {
        visit(other);
        state_[at].lowest = std::min(state_[at].lowest, state_[other].lowest);
      } else if (state_[other].on_stack) {
        state_[at].lowest = std::min(state_[at].lowest, state_[other].number);
      }
    }
    if (state_[at].lowest != state_[at].number) return;
    ModelGroup group;
    for (bool more = true; more;) {
      const std::size_t member = stack_.back();
      stack_.pop_back();
      state_[member].on_stack = false;
      group.models.push_back(models_[member]);
      more = member != at;
    }
    std::ranges::sort(group.models, {}, &Model::dataset);
    std::set<std::string> needs;
    for (const auto& model : group.models) needs.insert(model.needs.begin(), model.needs.end());
    for (const auto& model : group.models) needs.erase(model.dataset);
    group.needs.assign(needs.begin(), needs.end());
    groups_.push_back(std::move(group));
  }

  const std::vector<Model>& models_;
  std::map<std::string, std::size_t> places_;
  std::vector<State> state_;
  std::vector<std::size_t> stack_;
  std::vector<ModelGroup> groups_;
  int count_ = 0;
};

}  // namespace

std::vector<ModelGroup> groups_of(std::vector<Model> models) {
  std::ranges::sort(models, {}, &Model::dataset);
  auto groups = Grouping(models).groups();
  std::size_t number = 0;
  for (auto& group : groups) {
    for (auto& model : group.models) model.number = number++;
  }
  return groups;
}

}  // namespace trialmill::transform
