// What three wearables' exports look like: Fitbit (Google Takeout), Oura (v2 bundle), Apple Health
// (export.xml). Each file belongs to one person; the study's data manager put her subject number in front of
// its name.
#pragma once

#include <string>

#include "demo/output.hpp"
#include "demo/subject.hpp"

namespace trialmill::demo {

class Wearables {
 public:
  /// Creates files below `inbox`/wearables/{fitbit,oura,apple}.
  explicit Wearables(const fs::path& inbox) : folder_(inbox / "wearables") {}
  void write(const Subject& subject);
  std::int64_t rows() const { return rows_; }

 private:
  void write_fitbit(const Subject& subject);
  void write_oura(const Subject& subject);
  void write_apple(const Subject& subject);

  fs::path folder_;
  std::int64_t rows_ = 0;
};

}  // namespace trialmill::demo
