// SHA-256 (FIPS 180-4, by OpenSSL): names of raw objects, manifests, fingerprints of stages.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace trialmill::base {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256& add(std::string_view bytes);
  /// Adds the length first, so that ("ab","c") and ("a","bc") differ: for fingerprints of several parts.
  Sha256& add_part(std::string_view bytes);
  std::string hex();  ///< 64 lower-case hex digits; the object must not be used after it

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_of(std::string_view bytes);
std::string sha256_of_file(const std::filesystem::path& file);  ///< Error TM1001

}  // namespace trialmill::base
