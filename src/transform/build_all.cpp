#include "transform/build_all.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "base/stop.hpp"
#include "transform/build_group.hpp"

namespace trialmill::transform {

namespace {

/// Groups handed out to workers. A group is ready when all that it needs are made.
class Queue {
 public:
  Queue(const std::vector<ModelGroup>& groups, const std::filesystem::path& folder, const Options& options,
        study::Context& context)
      : groups_(groups), options_(options), context_(context), made_(groups.size()) {
    for (const auto& group : groups) {
      for (const auto& model : group.models) scope_.datasets.push_back(model.dataset);
    }
    scope_.folder = folder;
    scope_.previous = context.layout.staged_current();
    scope_.fresh_numbering = options.fresh_numbering || context.study.fresh_numbering;
  }

  /// Builds groups over `session` until none is left or one has failed.
  void work(table::Session& session) {
    study::Context own{context_.study, context_.layout, session, context_.findings, {}};
    while (const auto index = next()) {
      Made made;
      try {
        base::check_stop();
        made.rows = GroupBuilder(groups_[*index], scope_, options_, own, made.description).build();
      } catch (...) {
        made.problem = std::current_exception();
      }
      finish(*index, std::move(made));
    }
  }

  std::int64_t result(base::Json& description) {
    std::int64_t rows = 0;
    for (const auto& made : made_) {
      if (made.problem) std::rethrow_exception(made.problem);
      rows += made.rows;
      for (const auto& [name, about] : made.description.items()) description[name] = about;
    }
    return rows;
  }

 private:
  struct Made {
    std::int64_t rows = 0;
    base::Json description = base::Json::object();
    std::exception_ptr problem;
  };

  /// The first group that is ready; waits for one while others are being built.
  std::optional<std::size_t> next() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (failed_ || taken_.size() == groups_.size()) return std::nullopt;
      for (std::size_t i = 0; i < groups_.size(); ++i) {
        if (taken_.count(i) == 0 && is_ready(groups_[i])) {
          if (context_.progress)
            context_.progress(static_cast<double>(done_.size()) / static_cast<double>(groups_.size()),
                              groups_[i].models[0].dataset);
          taken_.insert(i);
          return i;
        }
      }
      changed_.wait(lock);
    }
  }

  bool is_ready(const ModelGroup& group) const {
    return std::all_of(group.needs.begin(), group.needs.end(),
                       [this](const auto& need) { return done_.count(need) != 0; });
  }

  void finish(std::size_t index, Made made) {
    const std::lock_guard lock(mutex_);
    failed_ = failed_ || made.problem;
    made_[index] = std::move(made);
    for (const auto& model : groups_[index].models) done_.insert(model.dataset);
    changed_.notify_all();
  }

  const std::vector<ModelGroup>& groups_;
  const Options& options_;
  study::Context& context_;
  Scope scope_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::size_t> taken_;
  std::set<std::string> done_;
  std::vector<Made> made_;
  bool failed_ = false;
};

}  // namespace

std::int64_t build_all(const std::vector<ModelGroup>& groups, const std::filesystem::path& folder,
                       const Options& options, study::Context& context, base::Json& description) {
  Queue queue(groups, folder, options, context);
  // With one engine thread (small studies) datasets are built side by side; with more, the engine uses all
  // cores for each statement, and two datasets at once would only need twice the memory.
  const bool side_by_side = context.session.count("SELECT current_setting('threads')::BIGINT") == 1;
  if (side_by_side) {
    table::Session other = context.session.beside();
    std::thread helper([&] { queue.work(other); });
    queue.work(context.session);
    helper.join();
  } else {
    queue.work(context.session);
  }
  return queue.result(description);
}

}  // namespace trialmill::transform
