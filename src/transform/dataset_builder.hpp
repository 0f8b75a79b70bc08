// Builds one dataset from its mapping or SQL model. The parts lie in files of their own:
//   dataset.cpp           from the mapping to the finished dataset, as far as others are there
//   dataset_model.cpp     SQL models
//   dataset_rows.cpp      tm_done: the rows, sorted and typed, and what is measured of them
//   dataset_coded.cpp     texts that repeat, as numbers while many records are sorted and stored
//   dataset_findings.cpp  what is wrong with them: duplicate keys, values that a verb could not use
//   dataset_supp.cpp      SUPP--: supplemental qualifiers and the rest of long texts
//   dataset_split.cpp     several datasets for one domain
//   dataset_files.cpp     Parquet files, their description, lineage
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "findings/finding.hpp"
#include "standards/sdtmig.hpp"
#include "study/stage.hpp"
#include "table/dictionary.hpp"
#include "transform/model.hpp"
#include "transform/options.hpp"
#include "transform/scope.hpp"
#include "transform/variables.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

/// SAS transport files and SDTM (SDTMIG 3.4, section 4.5.3) hold at most so many bytes in a text.
inline constexpr std::size_t text_bytes_max = 200;

/// Names as a quoted SQL list.
std::string sql_list(const std::vector<std::string>& names);

/// Variables whose long texts go on in numbered variables of the same dataset, not in SUPP--.
bool has_numbered_parts(const std::string& dataset, const std::string& variable);

class DatasetBuilder {
 public:
  /// `scope` must outlive the builder.
  DatasetBuilder(const Model& model, std::size_t number, const Scope& scope, const Options& options,
                 study::Context& context, base::Json& description);

  /// Makes rows and compiles variables as far as the datasets that they refer to are there; true if there was
  /// anything to do. `windows`: variables that look at other records, too.
  bool advance(bool windows);
  bool compiled() const { return compiled_; }
  /// What this dataset waits for: its own variable (or "" for its rows) → "EX.EXSTDTC".
  std::map<std::string, std::string> waiting() const;
  /// Lets other datasets refer to the variables that are compiled (view sdtm.DS).
  void show_what_there_is();
  /// The records as far as they are compiled, in the order that they will have, in the table
  /// build.DATASET_rows; nullopt if that order cannot be told yet.
  std::optional<Scope::Draft> draft();
  /// Variables that the mapping declares; nullopt for SQL models.
  std::optional<std::vector<std::string>> declared();

  /// Sorts, reports and writes the dataset; returns its number of records.
  std::int64_t finish();

 private:
  /// Keeps the statements that make the dataset, for sql/DATASET.sql of the release.
  class Recorded {
   public:
    explicit Recorded(DatasetBuilder& builder) : session_(builder.session_) {
      session_.record_statements(&builder.sql_);
    }
    ~Recorded() { session_.record_statements(nullptr); }
    Recorded(const Recorded&) = delete;
    Recorded& operator=(const Recorded&) = delete;

   private:
    table::Session& session_;
  };

  /// What one pass over tm_done tells: rows; by variable the longest text in bytes, or whether a number has
  /// a fraction; by variable how many inputs gave no value.
  struct Measures {
    std::int64_t rows = 0;
    std::int64_t unread = 0;  ///< records with inputs that a verb could not use
    std::map<std::string, std::int64_t> longest, fractions;
  };

  // dataset.cpp
  bool advance_yaml(bool windows);
  std::string show(std::vector<std::string>& names);
  void finish_yaml();
  void from_sql();
  bool bind_model();
  std::string model_sql() const;
  void order_variables();
  std::string typed(const std::string& relation);
  void finish_rows(const std::string& select, const std::string& relation,
                   const std::vector<std::string>& sort);
  void write_sql() const;
  void measure();
  std::string unread_inputs_of() const;
  std::string name_of_set(bool file, bool enumerated) const;
  void note_literals();
  void note_whole_numbers();
  std::string columns_for_late(const std::string& relation);
  void compute_late();
  void number_by_place(const Variable& one);
  void show_rows();

  // dataset_coded.cpp
  void number_texts();
  bool forget_full();
  std::string with_numbers() const;
  void name_numbers();
  std::string rows_sql(bool texts) const;

  // dataset_findings.cpp
  findings::Finding make(const std::string& rule, findings::Severity severity,
                         const std::string& variable) const;
  void duplicates();
  void unknown_variables();
  void input_findings();
  void unread_inputs(const Variable& one);

  // dataset_supp.cpp
  std::string id_text(const std::string& variable) const;
  std::string supp_row(const std::string& qnam, const std::string& label, const std::string& value,
                       const std::string& origin, const std::string& evaluator,
                       const std::string& sequence) const;
  void supplements();
  void note_long_texts(const Variable& one, const std::string& rest);
  std::vector<std::string> cut_text(const Variable& one, const std::string& prefix);
  void split_text(const Variable& one, std::vector<std::string>& parts, const std::string& sequence);
  std::vector<Variable> continue_text(const Variable& one);
  void note_rest(const std::string& qnam, const Variable& one);
  void claim_qualifier(const std::string& qnam, const Variable& one);

  // dataset_split.cpp
  void read_split(base::YamlMap map);
  void write_parts();

  // dataset_files.cpp
  void write_dataset();
  std::string label_of(const Variable& one) const;
  base::Json columns();
  void describe_lineage();
  void write(const std::string& dataset, const std::string& sql, const std::string& label,
             const std::string& class_name, const std::vector<std::string>& keys, std::int64_t rows,
             const base::Json& columns);
  void lineage();
  void store_lineage(const std::string& dataset, const std::string& sql, bool ordered);

  std::string subject_column() const;
  bool shows_numbers(const Numbering& numbering) const;

  const Model& model_;
  const std::size_t number_;
  const Scope& scope_;
  const Options& options_;
  study::Context& context_;
  table::Session& session_;
  base::Json& description_;
  const standards::SdtmIg& guide_;
  /// A dataset that holds a part of the domain.
  struct Part {
    std::string dataset, label;
    std::vector<std::string> values;  ///< of split_by_
  };
  std::vector<Part> parts_;
  std::string split_by_;
  std::string made_;  ///< the dataset being written: the domain's, or that of a part
  std::string label_, class_, structure_, comment_;
  std::vector<std::string> keys_, names_, whole_;
  std::map<std::string, std::string> labels_;
  std::vector<Variable> variables_, supplements_;
  std::vector<std::pair<std::string, Variable>> rests_;  ///< QNAM of the rest of a long text → what it is
  std::vector<Variable> steps_;  ///< variables on the way, which the dataset does not have
  Measures measures_;
  std::set<std::string> whole_numbers_;  ///< variables whose values are all whole numbers
  /// Variables that are one text for all records, and what follows from the row set (_source, _file), as SQL:
  /// they are not stored with each record.
  std::map<std::string, std::string> literals_;
  /// A column of tm_made that holds numbers for texts.
  struct Coded {
    std::shared_ptr<table::Dictionary> dictionary;
    std::string number;  ///< SQL function: text → number
    std::string text;    ///< SQL function: number → text
  };
  std::map<std::string, Coded> coded_;  ///< by variable
  std::set<std::string> qualifiers_;    ///< QNAMs of SUPP--
  bool unique_keys_ = false, has_inputs_ = false;
  std::vector<Numbering> numberings_;
  int joins_ = 0;
  bool supp_ = false;

  std::optional<base::YamlMap> mapping_;
  std::optional<Base> base_;
  std::optional<VariablesBuilder> compiler_;
  std::string origin_source_;                 ///< of all collected variables
  base::Json define_ = base::Json::object();  ///< what the mapping says for define.xml about the dataset
  base::Json model_tables_;                   ///< SQL models: raw column → the tables that have it
  std::string sql_;                           ///< statements so far
  std::string rows_wait_for_;
  int stored_ = 0;
  bool compiled_ = false;
};

/// Description of one column as datasets.json holds it; `longest` in bytes.
base::Json describe_column(const std::string& name, const std::string& label, const std::string& type,
                           std::int64_t longest, const std::string& origin, const std::string& codelist);

}  // namespace trialmill::transform
