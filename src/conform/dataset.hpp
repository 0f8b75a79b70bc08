// The datasets a validation looks at, whatever they were read from, and what the standard says about them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "conform/frame.hpp"
#include "formats/define_xml.hpp"
#include "standards/sdtmig.hpp"
#include "standards/terminology.hpp"
#include "table/session.hpp"

namespace trialmill::conform {

struct VariableInfo {
  std::string name, label, type;  ///< type: Char or Num
  double length = 0;
};

/// One file or table as delivered.
struct Part {
  std::string name;  ///< as reports show it: AE
  std::string file;  ///< file name, for rules that print it
  std::string label;
  std::string domain, rdomain;  ///< of the first row; "" where there is none
  double size = 0;              ///< bytes
  std::vector<VariableInfo> variables;
  Frame frame;

  const VariableInfo* find(std::string_view variable) const;
};

/// One dataset: a part, or all parts of a split one (QSAA and QSBB are QS) below each other.
struct Dataset {
  std::string name;  ///< unsplit: DOMAIN, or SUPP with RDOMAIN
  std::string domain;
  std::vector<const Part*> parts;
  Frame frame;
  std::string class_name;  ///< EVENTS, FINDINGS …; "" = not detected

  /// What stands for two dashes in variable names: the domain, or the AP suffix; "" for SUPP and RELREC.
  std::string prefix() const;
};

/// All datasets of a validation. Parts are owned here and never move.
class Data {
 public:
  void add(Part part);
  /// Groups split parts and detects classes; call once after the last add().
  void finish(const standards::SdtmIg* ig);

  /// A file that could not be read; the others are checked all the same.
  struct Problem {
    std::string file, message;
  };
  void add_problem(std::string file, std::string message) {
    problems_.push_back({std::move(file), std::move(message)});
  }
  const std::vector<Problem>& problems() const { return problems_; }

  const std::vector<std::unique_ptr<Part>>& parts() const { return parts_; }
  const std::vector<Dataset>& datasets() const { return datasets_; }
  /// First part of that DOMAIN, else of that name; SUPP-- finds nothing. nullptr if absent.
  const Part* find(std::string_view domain_or_name) const;
  const standards::SdtmIg* ig() const { return ig_; }

  /// The sponsor's Define-XML; nullptr if none was given.
  const formats::define::Document* define() const { return define_.get(); }
  /// Why the Define-XML that was given could not be read; "" if none was given or it could.
  const std::string& define_problem() const { return define_problem_; }
  void set_define_problem(const std::string& file, const std::string& message) {
    add_problem(file, message);
    define_problem_ = message;
  }
  /// The packages chosen; empty if none were.
  const standards::Terminology& terminology() const { return terminology_; }
  void set_define(std::shared_ptr<const formats::define::Document> define) { define_ = std::move(define); }
  void set_terminology(standards::Terminology terminology) { terminology_ = std::move(terminology); }

 private:
  std::vector<std::unique_ptr<Part>> parts_;
  std::vector<Dataset> datasets_;
  std::vector<Problem> problems_;
  const standards::SdtmIg* ig_ = nullptr;
  std::shared_ptr<const formats::define::Document> define_;
  std::string define_problem_;
  standards::Terminology terminology_;
};

/// Files (*.xpt, *.csv, *.parquet) and folders of them; of a folder with _datasets.csv and _variables.csv the
/// files they list. A file that cannot be read, e.g. for text in a Num variable (TM2402), becomes a problem
/// of the data. Error TM2403 if there is nothing to read.
void load_paths(Data& data, const std::vector<std::string>& paths);
/// The same for one folder.
void load_folder(Data& data, const std::filesystem::path& folder);
/// Every table of a schema of the session, e.g. sdtm. Labels come from the guide.
void load_schema(Data& data, table::Session& session, const std::string& schema, const standards::SdtmIg* ig);
/// One relation as a part (name in upper case).
Part load_relation(table::Session& session, const std::string& relation, const std::string& name,
                   const standards::SdtmIg* ig);

}  // namespace trialmill::conform
