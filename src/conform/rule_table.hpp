// From a rule and a dataset to the table its check looks at.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "conform/operations.hpp"

namespace trialmill::conform {

/// Joined tables and operation results that several rules need for the same dataset: whoever comes first
/// makes them, the others wait. One object a dataset; safe to use from several threads.
class SharedWork {
 public:
  Frame merged(const std::string& key, const std::function<Frame()>& make) { return get(merged_, key, make); }
  ColumnPtr operation(const std::string& key, const std::function<ColumnPtr()>& make) {
    return get(operations_, key, make);
  }

 private:
  template <typename Made>
  struct Entry {
    std::mutex making;
    std::optional<Made> made;
  };
  template <typename Made>
  using Entries = std::map<std::string, std::shared_ptr<Entry<Made>>>;

  template <typename Made>
  Made get(Entries<Made>& entries, const std::string& key, const std::function<Made()>& make) {
    std::shared_ptr<Entry<Made>> entry;
    {
      const std::lock_guard lock(mutex_);
      std::shared_ptr<Entry<Made>>& known = entries[key];
      if (known == nullptr) known = std::make_shared<Entry<Made>>();
      entry = known;
    }
    const std::lock_guard lock(entry->making);
    if (!entry->made) entry->made = make();  // what it throws, it throws for every rule
    return *entry->made;
  }

  std::mutex mutex_;
  Entries<Frame> merged_;
  Entries<ColumnPtr> operations_;
};

/// The table a rule's check looks at for one dataset: records or metadata, joined datasets, operations.
/// `shared`: where rules share their work; nullptr = do all of it here. Throws SkipDataset, MissingColumn,
/// ExecutionError.
Table prepare_table(const Rule& rule, const Dataset& dataset, const Data& data, SharedWork* shared = nullptr);

/// Evaluates the rule's check on a dataset and hands every table with its mask to `found`. Usually that is
/// one table; rules about every value get one a variable where their check looks at each row by itself.
void check_dataset(const Rule& rule, const Dataset& dataset, const Data& data, SharedWork* shared,
                   const std::function<void(const Table&, const Mask&)>& found);

}  // namespace trialmill::conform
