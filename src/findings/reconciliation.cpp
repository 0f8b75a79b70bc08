#include "findings/reconciliation.hpp"

#include <numeric>

namespace trialmill::findings {

namespace {
std::int64_t total(const std::map<std::string, std::int64_t>& parts) {
  return std::accumulate(parts.begin(), parts.end(), std::int64_t{0},
                         [](std::int64_t sum, const auto& part) { return sum + part.second; });
}
}  // namespace

std::int64_t SourceAccount::filtered_total() const {
  return total(filtered);
}
std::int64_t SourceAccount::rejected_total() const {
  return total(rejected);
}
std::int64_t SourceAccount::unaccounted() const {
  return received - mapped - filtered_total() - rejected_total();
}

}  // namespace trialmill::findings
