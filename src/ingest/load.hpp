// One delivered file or group of files → rows of a table with columns _part (order of delivery), _file, _row
// and the delivered columns as text.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ingest/files.hpp"
#include "study/stage.hpp"

namespace trialmill::ingest {

/// What loading a source has found out, besides the rows themselves.
struct Loaded {
  std::int64_t received = 0;                     ///< records counted independently of the SQL engine
  std::map<std::string, std::int64_t> rejected;  ///< reason → records
  struct Aside {
    std::string file;
    std::int64_t row;
    std::string reason, content;
  };
  std::vector<Aside> aside;
  std::vector<std::string> hashes;  ///< of the files, in order
};

/// Makes table `relation` from the files. Bad records go to findings and `aside`.
Loaded load_csv(study::Context& context, const study::Source& source, const std::vector<Delivered>& files,
                const std::string& relation, const std::filesystem::path& scratch);
/// ndjson, json, fitbit, oura.
Loaded load_json(study::Context& context, const study::Source& source, const std::vector<Delivered>& files,
                 const std::string& relation);
Loaded load_apple_health(study::Context& context, const study::Source& source,
                         const std::vector<Delivered>& files, const std::string& relation,
                         const std::filesystem::path& scratch);

}  // namespace trialmill::ingest
