// Pain diaries as three apps export them. They hold names, e-mail addresses, device numbers and positions,
// none of which may ever reach a published dataset.
#pragma once

#include <string>

#include "demo/dirt.hpp"
#include "demo/output.hpp"
#include "demo/subject.hpp"

namespace trialmill::demo {

class Diaries {
 public:
  /// Creates mypaindiary.csv, clue.ndjson and flo.csv below `inbox`/diary.
  Diaries(const fs::path& inbox, DirtLog& dirt);
  void write(const Subject& subject);
  void close();
  std::int64_t rows() const { return mypaindiary_.rows() + clue_.rows + flo_.rows(); }

 private:
  void write_mypaindiary(const Subject& subject, Day day, int pain, Random& random);
  void write_clue(const Subject& subject, Day day, int pain, Random& random);
  void write_flo(const Subject& subject, Day day, int pain, Random& random);

  DirtLog& dirt_;
  CsvFile mypaindiary_;
  OutputFile clue_;
  CsvFile flo_;
  std::string buffer_;
};

}  // namespace trialmill::demo
