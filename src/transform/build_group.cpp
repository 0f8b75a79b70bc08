#include "transform/build_group.hpp"

#include <algorithm>

#include "base/stop.hpp"
#include "transform/check_loops.hpp"

namespace trialmill::transform {

GroupBuilder::GroupBuilder(const ModelGroup& group, const Scope& scope, const Options& options,
                           study::Context& context, base::Json& description)
    : group_(group), scope_(scope), session_(context.session), finished_(group.models.size()) {
  for (const auto& model : group.models)
    builders_.push_back(
        std::make_unique<DatasetBuilder>(model, model.number, scope_, options, context, description));
  for (std::size_t i = 0; i < builders_.size(); ++i)
    scope_.open[group.models[i].dataset] = builders_[i]->declared();
}

std::int64_t GroupBuilder::build() {
  while (!scope_.open.empty()) {
    base::check_stop();
    // Windows over records wait until nothing else moves: then fewest variables need them in between.
    if (!advance_all(false) && !advance_all(true) && !offer_drafts()) explain_loop();
  }
  for (const auto& [dataset, draft] : scope_.drafts) session_.execute("DROP TABLE " + draft.table);
  return rows_;
}

/// One round over the datasets; true if any of them came further.
bool GroupBuilder::advance_all(bool windows) {
  bool any = false;
  for (std::size_t i = 0; i < builders_.size(); ++i) {
    if (finished_[i]) continue;
    DatasetBuilder& builder = *builders_[i];
    if (!builder.advance(windows)) continue;
    any = true;
    if (builder.compiled()) {
      rows_ += builder.finish();
      finished_[i] = true;
      scope_.open.erase(group_.models[i].dataset);
    } else if (builders_.size() > 1) {
      builder.show_what_there_is();
    }
  }
  return any;
}

/// Nothing moves: lets datasets that are made of the records of another have these before it is finished. EX
/// is made of EC, whose study days wait for DM, whose first dates wait for EX.
bool GroupBuilder::offer_drafts() {
  bool any = false;
  for (std::size_t i = 0; i < builders_.size(); ++i) {
    const std::string& dataset = group_.models[i].dataset;
    const bool wanted = std::ranges::any_of(builders_, [&](const auto& other) {
      const auto waiting = other->waiting();
      return waiting.contains("") && waiting.at("") == dataset;
    });
    if (finished_[i] || !wanted || scope_.drafts.contains(dataset)) continue;
    const auto draft = builders_[i]->draft();
    if (!draft) continue;
    scope_.drafts[dataset] = *draft;
    any = true;
  }
  return any;
}

/// Nothing moves: follows what waits for what until something comes again.
void GroupBuilder::explain_loop() {
  std::map<std::string, std::string> waits;
  for (std::size_t i = 0; i < builders_.size(); ++i) {
    if (finished_[i]) continue;
    const std::string& dataset = group_.models[i].dataset;
    for (const auto& [variable, what] : builders_[i]->waiting()) {
      waits.emplace(variable.empty() ? dataset : dataset + "." + variable, what);
      waits.emplace(dataset, what);
    }
  }
  std::vector<std::string> path{waits.begin()->first};
  while (std::count(path.begin(), path.end(), path.back()) < 2) {
    auto next = waits.find(path.back());
    // A variable of a dataset whose rows wait.
    if (next == waits.end()) next = waits.find(path.back().substr(0, path.back().find('.')));
    if (next == waits.end()) break;
    path.push_back(next->second);
  }
  path.erase(path.begin(), std::find(path.begin(), path.end(), path.back()));
  throw loop_error(path, {group_.models[0].name, 1, 1});
}

}  // namespace trialmill::transform
