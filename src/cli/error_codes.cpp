#include "cli/error_codes.hpp"

namespace trialmill::cli {

namespace {

#define TM_CODE(code, title, explanation) {#code, title, explanation},
constexpr ErrorCode codes[] = {
#include "base/errors.def"
#include "catalog/errors.def"
#include "cli/errors.def"
#include "compare/errors.def"
#include "conform/errors.def"
#include "demo/errors.def"
#include "findings/errors.def"
#include "formats/errors.def"
#include "ingest/errors.def"
#include "publish/errors.def"
#include "quality/errors.def"
#include "query/errors.def"
#include "specs/errors.def"
#include "standards/errors.def"
#include "store/errors.def"
#include "study/errors.def"
#include "table/errors.def"
#include "transform/errors.def"
#include "workflow/errors.def"
};
#undef TM_CODE

}  // namespace

const ErrorCode* find_error_code(const std::string& code) {
  for (const auto& entry : codes) {
    if (code == entry.code) return &entry;
  }
  return nullptr;
}

std::vector<std::string> all_error_codes() {
  std::vector<std::string> out;
  for (const auto& entry : codes) out.emplace_back(entry.code);
  return out;
}

}  // namespace trialmill::cli
