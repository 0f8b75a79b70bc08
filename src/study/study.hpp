// The study as its authors wrote it: study.yaml, read once, checked, immutable. docs/study-yaml.md describes
// it for users. Mappings, rulesets and rules are only *located* here; the stage that runs them reads them.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "study/api_source.hpp"

namespace trialmill::study {

namespace fs = std::filesystem;

/// How a new file relates to the ones delivered before.
enum class Delivery {
  snapshot,  ///< a later file replaces the earlier one with the same `by` value (file-name part or column)
  append,    ///< every file adds rows
  upsert     ///< a later row replaces the earlier row with the same `key`
};

struct Source {
  std::string name;                ///< [a-z][a-z0-9_]*: table raw.<name>
  ApiSource api;                   ///< pulled from a web service; then `files` is empty
  std::vector<std::string> files;  ///< patterns relative to the inbox, with * and ?, ** over folders
  std::string format = "csv";      ///< csv, ndjson, json, fitbit, oura, clue, flo, apple-health, xpt …
  std::string member;              ///< of files with several datasets: which (a sheet, a form, a table)
  int header_lines = 1;            ///< csv: 2 = a line of labels above the line of names
  std::string delimiter;           ///< csv: "" = detect among , ; tab |
  std::string encoding;            ///< csv: "" = UTF-8, falling back to windows-1252 with a finding
  Delivery delivery = Delivery::append;
  std::vector<std::string> by;       ///< snapshot: columns whose values name what a file replaces
  std::vector<std::string> key;      ///< upsert: columns that identify a row
  std::string unmapped;              ///< why no mapping reads this source; "" = a mapping must read it
  std::vector<std::string> columns;  ///< what files have, as far as the study says; before the first file
  bool optional = false;             ///< no file yet is a finding of severity info instead of an error
  base::Place place;
};

struct QualityPlan {
  struct Entry {
    std::string source;
    std::vector<std::string> rulesets;  ///< files relative to the study folder
    base::Place place;
  };
  std::vector<Entry> entries;
  std::string on_failure = "pause";  ///< pause, stop or go-on
};

struct Alert {
  std::string kind;    ///< mail, webhook, file
  std::string target;  ///< address, URL or path; ${NAME} is replaced from the environment when used
};

struct PublishPlan {
  std::vector<std::string> formats{"csv", "parquet", "xpt"};
  std::string agency = "none";  ///< fda, pmda, none
  std::string created =
      "2020-01-01T00:00:00";  ///< time written into XPT headers: fixed, for identical re-runs
  bool define = true;         ///< write define.xml
};

/// How the datasets of expected/ are compared with those that the mappings make.
struct ExpectedPlan {
  std::map<std::string, std::vector<std::string>> keys;    ///< by dataset; no entry = the mapping's keys
  std::map<std::string, std::vector<std::string>> ignore;  ///< variables by dataset; "" = of every dataset
  double tolerance = 0;            ///< numbers that differ by at most so much are equal
  bool attributes = false;         ///< labels, lengths, types count too
  std::string severity = "error";  ///< of the findings
};

/// A document that goes with the datasets and is named in define.xml.
struct SubmissionDocument {
  fs::path file;      ///< absolute
  std::string kind;   ///< annotated-crf, reviewers-guide, algorithms, supplemental
  std::string title;  ///< the file's name if study.yaml has none
};

struct Study {
  fs::path root;          ///< folder that holds study.yaml
  std::string id, title;  ///< id becomes STUDYID
  std::string sdtmig = "3.4", ct = "2025-03-28", define = "2.1";
  fs::path lake;                          ///< absolute
  std::string environment;                ///< chosen one
  std::vector<std::string> environments;  ///< all that are declared, in their order
  fs::path inbox;                         ///< absolute; of the chosen environment
  std::vector<Source> sources;
  QualityPlan quality;
  std::vector<Alert> alerts;
  PublishPlan publish;
  ExpectedPlan expected;
  std::map<std::string, std::string> dictionaries;  ///< MedDRA → 27.0
  std::vector<SubmissionDocument> documents;
  std::vector<fs::path> mappings;      ///< absolute, sorted: mappings/*.yaml and mappings/*.sql
  std::vector<fs::path> rule_folders;  ///< absolute: the study's own rules/, if there
  std::optional<fs::path> workflow;    ///< absolute: workflow.asl.json, if there
  bool offline = false;                ///< asked for on the command line: API sources are not pulled
  bool fresh_numbering =
      false;  ///< asked for on the command line: --SEQ without regard to the release before
  std::string on_duplicate_keys = "stop";  ///< stop (before publication) or publish
  std::string fail_on = "error";           ///< findings at or over this severity make the exit code 1

  const Source* find_source(const std::string& name) const;
};

/// Reads DIR/study.yaml. `environment` "" = the first one declared.
/// Errors (exit code 2): TM1501 no study.yaml, TM1502 unknown environment, TM1503 bad name or pattern, TM1504
/// a referenced file or source does not exist, and those of base/yaml.hpp with line and column.
Study load(const fs::path& folder, const std::string& environment = "");

}  // namespace trialmill::study
