// Mapping specifications as people keep them (spreadsheets, workbooks of define.xml editors, CDISC COSMoS),
// and the mappings that they become:
//
//   Spec spec = read_spec("spec.xlsx");
//   write_mappings(spec, {.study = "study/"});     → study/mappings/ae.yaml …
//
// What a specification leaves open is not guessed silently: the mapping says TODO at that line, and the notes
// say it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace trialmill::specs {

/// One line of a specification, whatever its columns are called. Empty = not said.
struct SpecVariable {
  std::string variable, label, codelist, key_order;
  std::string source, column;  ///< raw table and column (or columns, split by comma or blank)
  std::string filter, join_table, join_on;
  std::string rule_type, rule;   ///< kind of rule, and its text
  std::string constant, format;  ///< assigned value; format of the raw date
  std::string unit_from, unit_to, factor;
  std::string origin, origin_source, pages, method, comment;
  std::string where;      ///< value level: VSTESTCD = SYSBP
  std::string evaluator;  ///< QEVAL
  bool supplemental = false;
  bool guessed = false;           ///< source and column are not from the specification
  std::string verb;               ///< the mapping's words for the rule, where its text leaves no doubt
  std::string proposal;           ///< what the rule may mean, for the TODO
  std::string when;               ///< SQL: only the records where it is true
  std::string next;               ///< AND, OR: the condition goes on in the next line
  std::string question;           ///< what is taken for granted in `when`
  bool conditional = false;       ///< said to hold under a condition
  bool kind_said = false;         ///< the kind of rule stood in a column of its own
  bool remark = false;            ///< the rule stood in a column of comments
  std::string note;               ///< for people, not for Define-XML
  std::string unknown;            ///< words for unknown parts of a date: "UN, UNK"
  bool where_filled = false;      ///< a constant for the records whose column holds something
  std::string place;              ///< "Variables, row 12"
  std::vector<std::string> also;  ///< what other lines say of the same variable
  /// The same variable in the records of another table.
  struct Other {
    std::string source, column, constant, format;
  };
  std::vector<Other> others;
  /// What lines say under different conditions, the first that is true counts; the last may have none.
  struct Choice {
    std::string when, verb;
  };
  std::vector<Choice> choices;
  /// Raw values and their terms, from a sheet of them.
  std::vector<std::pair<std::string, std::string>> map;
};

/// A test of a findings dataset: what an entry of `unpivot` becomes.
struct SpecTest {
  std::string code, name, column, unit, unit_column, place;
  bool guessed = false;       ///< the column is not from the specification
  bool name_guessed = false;  ///< nor is the name a term of --TEST for sure
  /// A value that only the records of this test have: LBSPEC is BLOOD, or stands in the column GLUC_LBSPEC.
  struct Given {
    std::string variable, value;
    bool column = false;
  };
  std::vector<Given> given;
  std::string group;  ///< COSMoS: one code may stand in several groups (glucose in blood, in urine)
};

struct SpecDataset {
  std::string name, label, structure, comment;
  std::vector<std::string> keys;
  std::vector<SpecVariable> variables;
  std::vector<SpecTest> tests;
  std::vector<std::string> open;       ///< what a person has to say of the dataset as a whole
  std::vector<std::string> unique_by;  ///< columns whose values make a row; repeated ones are left out
  std::vector<std::string>
      tables;  ///< several, if their records are put under each other: a row set for each
  SpecVariable* find(const std::string& variable);
};

/// A codelist that the specification brings along.
struct SpecCodelist {
  struct Term {
    std::string term, decode;
  };
  std::vector<Term> terms;
};

/// A line of the specification that is in no mapping.
struct SkippedLine {
  std::string sheet;    ///< "" if the file has only one
  std::size_t row = 0;  ///< as a spreadsheet program counts
  std::string what;     ///< what stands in it: "AEYN"
  std::string why;
};

struct Spec {
  std::string kind, file;  ///< spreadsheet, variables, p21, cosmos, cosmos-collection
  std::vector<SpecDataset> datasets;
  std::map<std::string, SpecCodelist> codelists;
  std::vector<SkippedLine> skipped;
  std::vector<std::string> unread;                ///< sheets and columns that nothing was taken from
  SpecDataset& dataset(const std::string& name);  ///< made when it is not there
};

/// Reads a CSV or XLSX file, or a folder of them; its kind is told by its columns. Errors: TM2951 (no columns
/// that we know), those of the format.
Spec read_spec(const std::filesystem::path& file);

struct WriteOptions {
  std::filesystem::path study;        ///< folder with study.yaml (may be absent)
  std::string sdtmig = "3.4";         ///< whose required and expected variables are looked for
  std::vector<std::string> sources;   ///< of study.yaml; empty = not known
  std::vector<std::string> datasets;  ///< only these; empty = all
  bool overwrite = false;             ///< replace mappings that are there
  bool write = true;                  ///< false: only make the texts
};

/// A required or expected variable of the SDTMIG that the specification does not mention.
struct MissingVariable {
  std::string name;
  bool required = false;  ///< else expected
  std::string proposed;   ///< the line in the mapping, where the standard leaves no choice
};

struct WrittenMapping {
  std::string dataset, text;
  std::filesystem::path file;
  std::size_t variables = 0;
  std::vector<std::string> open;  ///< what a person has to say: "AEREL: If related then …"
  std::vector<MissingVariable> missing;
};

/// One mapping for each dataset, and codelists/*.csv for codelists that the study has not. Error TM2952 if a
/// mapping is there already; nothing is written then.
std::vector<WrittenMapping> write_mappings(const Spec& spec, const WriteOptions& options);

}  // namespace trialmill::specs
