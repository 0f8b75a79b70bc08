#include "workflow/stages.hpp"

#if __has_include("ingest/ingest.hpp")
#include "ingest/ingest.hpp"
#endif
#if __has_include("quality/quality.hpp")
#include "quality/quality.hpp"
#endif
#if __has_include("transform/transform.hpp")
#include "transform/transform.hpp"
#endif
#if __has_include("conform/conform.hpp")
#include "conform/conform.hpp"
#endif
#if __has_include("publish/publish.hpp")
#include "publish/publish.hpp"
#endif

namespace trialmill::workflow {

namespace {
using study::Context;
}

const std::vector<StageEntry>& all_stages() {
  static const std::vector<StageEntry> stages = {
#if __has_include("ingest/ingest.hpp")
      {"crawl", [](Context& context) { return ingest::fingerprint({}, context); },
       [](Context& context) { return ingest::run({}, context); }},
#endif
#if __has_include("quality/quality.hpp")
      {"check", [](Context& context) { return quality::fingerprint({}, context); },
       [](Context& context) { return quality::run({}, context); }},
#endif
#if __has_include("transform/transform.hpp")
      {"transform", [](Context& context) { return transform::fingerprint({}, context); },
       [](Context& context) { return transform::run({}, context); }},
#endif
#if __has_include("conform/conform.hpp")
      {"validate", [](Context& context) { return conform::fingerprint({}, context); },
       [](Context& context) { return conform::run({}, context); }},
#endif
#if __has_include("publish/publish.hpp")
      {"publish", [](Context& context) { return publish::fingerprint({}, context); },
       [](Context& context) { return publish::run({}, context); }},
#endif
  };
  return stages;
}

}  // namespace trialmill::workflow
