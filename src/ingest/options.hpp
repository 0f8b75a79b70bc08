// Options of the crawl stage.
#pragma once

namespace trialmill::ingest {

struct Options {
  bool keep_objects =
      true;  ///< copy every delivered file to raw/objects; false loses the proof of what was delivered
};

}  // namespace trialmill::ingest
