#include "transform/check_loops.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace trialmill::transform {

namespace {

class Search {
 public:
  explicit Search(const std::map<std::string, std::set<std::string>>& needs) : needs_(needs) {}

  std::vector<Loop> loops() {
    for (const auto& [what, others] : needs_) visit(what);
    return std::move(loops_);
  }

 private:
  /// Follows what waits for what; what was followed to its end leads to no loop that is not known.
  // NOLINTNEXTLINE(misc-no-recursion): as deep as datasets and variables hang together.
  void visit(const std::string& what) {
    if (done_.contains(what)) return;
    if (const auto again = std::ranges::find(path_, what); again != path_.end()) {
      add({again, path_.end()});
      return;
    }
    path_.push_back(what);
    if (const auto others = needs_.find(what); others != needs_.end()) {
      for (const auto& other : others->second) visit(other);
    }
    path_.pop_back();
    done_.insert(what);
  }

  void add(const std::vector<std::string>& names) {
    Loop loop;
    for (const auto& name : names) {
      const std::string dataset = name.substr(0, name.find_first_of(". "));
      // The rows of a dataset and all of it go by the same name.
      const std::string shown = base::replace_all(name.substr(0, name.find(' ')), "supp$", "");
      if (loop.path.empty() || loop.path.back() != shown) loop.path.push_back(shown);
      if (loop.dataset.empty() || dataset < loop.dataset) loop.dataset = dataset;
    }
    if (loop.path.size() == 1 || loop.path.front() != loop.path.back())
      loop.path.push_back(loop.path.front());
    loops_.push_back(std::move(loop));
  }

  const std::map<std::string, std::set<std::string>>& needs_;
  std::vector<std::string> path_;
  std::set<std::string> done_;
  std::vector<Loop> loops_;
};

}  // namespace

std::vector<Loop> loops_of(const std::map<std::string, std::set<std::string>>& needs) {
  return Search(needs).loops();
}

base::Error loop_error(const std::vector<std::string>& path, base::Place place) {
  return base::usage_error("TM2305", "these need each other: " + base::join(path, " -> "), std::move(place),
                           "take the value of one of them from raw data, or in a record set of its own");
}

}  // namespace trialmill::transform
