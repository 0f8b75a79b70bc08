#include "workflow/stages.hpp"

#include "conform/conform.hpp"
#include "ingest/ingest.hpp"
#include "ingest/pull.hpp"
#include "publish/publish.hpp"
#include "quality/quality.hpp"
#include "transform/transform.hpp"

namespace trialmill::workflow {

namespace {
using study::Context;
}

const std::vector<StageEntry>& all_stages() {
  static const std::vector<StageEntry> stages = {
      {"crawl",
       [](Context& context) {
         ingest::pull_sources(context);  // what there is to crawl is known after pulling only
         return ingest::fingerprint({}, context);
       },
       [](Context& context) { return ingest::run({}, context); }},
      {"check", [](Context& context) { return quality::fingerprint({}, context); },
       [](Context& context) { return quality::run({}, context); }},
      {"transform", [](Context& context) { return transform::fingerprint({}, context); },
       [](Context& context) { return transform::run({}, context); }},
      {"validate", [](Context& context) { return conform::fingerprint({}, context); },
       [](Context& context) { return conform::run({}, context); }},
      {"publish", [](Context& context) { return publish::fingerprint({}, context); },
       [](Context& context) { return publish::run({}, context); }},
  };
  return stages;
}

}  // namespace trialmill::workflow
