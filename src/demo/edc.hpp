// The EDC system's exports: one CSV per site and form (DM, AE, CM, MH, EX, VS, DS, SY).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "demo/dirt.hpp"
#include "demo/output.hpp"
#include "demo/subject.hpp"

namespace trialmill::demo {

class Edc {
 public:
  /// Creates the files below `inbox`/edc.
  Edc(const fs::path& inbox, DirtLog& dirt);
  void write(const Subject& subject);
  void close();
  std::int64_t rows() const;

 private:
  using Fields = std::vector<std::string>;
  CsvFile& form(const std::string& name, int site);
  void write_demographics(const Subject& subject);
  void write_adverse_events(const Subject& subject);
  void write_adverse_event(const Subject& subject, int number, Random& random);
  void put_adverse_event(const Subject& subject, const Fields& fields);
  void write_medications(const Subject& subject);
  void write_history(const Subject& subject);
  void write_exposure(const Subject& subject);
  void write_vitals(const Subject& subject);
  void write_visit(const Subject& subject, const std::string& visit, Day day, Random& random);
  void write_disposition(const Subject& subject);
  void write_symptoms(const Subject& subject);

  DirtLog& dirt_;
  std::map<std::string, std::vector<std::unique_ptr<CsvFile>>> forms_;  ///< form → one file a site
  std::unique_ptr<CsvFile> late_update_;                                ///< ae_03_update.csv
};

}  // namespace trialmill::demo
