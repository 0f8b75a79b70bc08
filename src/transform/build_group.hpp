// Datasets that refer to each other are built variable by variable, each as soon as those it needs are there.
#pragma once

#include <memory>
#include <vector>

#include "study/stage.hpp"
#include "transform/dataset_builder.hpp"
#include "transform/model.hpp"
#include "transform/options.hpp"
#include "transform/scope.hpp"

namespace trialmill::transform {

class GroupBuilder {
 public:
  GroupBuilder(const ModelGroup& group, const Scope& scope, const Options& options, study::Context& context,
               base::Json& description);

  /// Builds all datasets of the group; returns the number of their records. Error TM2305 shows the loop if
  /// variables need each other.
  std::int64_t build();

 private:
  bool advance_all(bool windows);
  bool offer_drafts();
  [[noreturn]] void explain_loop();

  const ModelGroup& group_;
  Scope scope_;
  table::Session& session_;
  std::vector<std::unique_ptr<DatasetBuilder>> builders_;
  std::vector<bool> finished_;
  std::int64_t rows_ = 0;
};

}  // namespace trialmill::transform
