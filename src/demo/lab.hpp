// The central laboratory's transfers: one CSV each, where a later transfer corrects an earlier one.
#pragma once

#include <string>

#include "demo/dirt.hpp"
#include "demo/output.hpp"
#include "demo/subject.hpp"

namespace trialmill::demo {

class Lab {
 public:
  /// Creates the files below `inbox`/lab.
  Lab(const fs::path& inbox, DirtLog& dirt);
  void write(const Subject& subject);
  void close();
  std::int64_t rows() const { return first_.rows() + second_.rows(); }

 private:
  void write_visit(const Subject& subject, const std::string& visit, int number, Day day, Random& random);

  DirtLog& dirt_;
  CsvFile first_, second_;
};

}  // namespace trialmill::demo
