// Compiles the variables of one mapping to layers of SQL over its rows. The parts lie in files of their own:
//   variables.cpp         order of compiling
//   variables_names.cpp   names in scope: columns, variables, other datasets
//   variables_reads.cpp   what trace needs to find the records that a verb took
//   variables_types.cpp   numbers and texts
//   variables_layers.cpp  layers of SQL, and where rows are stored on the way
//   verbs.cpp           the table of verbs and what every verb takes (when, type, label …)
//   verbs_text.cpp      copy, template, concat, pieces of text, conditions
//   verbs_terms.cpp     maps and codelists
//   verbs_value.cpp     dates, numbers, units
//   verbs_lookup.cpp    values from other tables
//   verbs_window.cpp    values by the window that a number falls into
//   verbs_derive.cpp    study day, baseline flag, numbering, epoch, first and last dates
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/yaml.hpp"
#include "standards/iso8601.hpp"
#include "transform/names.hpp"
#include "transform/records.hpp"
#include "transform/scope.hpp"
#include "transform/variables.hpp"

namespace trialmill::transform {

class VariablesBuilder {
 public:
  /// Reads `variables` and `supp` of the mapping. `base` and `scope` must outlive the builder.
  VariablesBuilder(base::YamlMap& mapping, const std::string& dataset, const Base& base, const Scope& scope,
                   study::Context& context);

  /// Compiles what can be compiled now; true if that was anything. What refers to variables that are not
  /// there yet stays in waiting(). `windows`: variables that look at other records, too.
  bool advance(bool windows);
  bool complete() const { return pending_.empty(); }
  /// Variable → what it waits for ("EX.EXSTDTC"; "EX" = the whole dataset).
  const std::map<std::string, std::string>& waiting() const { return waiting_; }

  /// The rows with what has been compiled, as SQL: `table`, in which they are stored, or, if there are many,
  /// a query. `names` become the variables that others may refer to now.
  std::string show_as(const std::string& table, std::vector<std::string>& names);
  Compiled result();

 private:
  using Value = base::YamlValue;
  using Map = base::YamlMap;

  struct Pending {
    std::string name;
    Value node;
    std::size_t place = 0;  ///< in the order written
    bool windowed = false;  ///< its verb looks at other records
  };

  /// A verb: its key, the origin that its values have, and what compiles it.
  struct Verb {
    const char* key;
    const char* origin;
    void (VariablesBuilder::*compile)(Variable&, const Value&, Map&);
  };
  static const std::vector<Verb>& verbs();

  // variables.cpp, variables_names.cpp, variables_layers.cpp
  void take_columns();
  void check_given(const Map& mapping) const;
  bool try_compile(const Pending& one);
  void bind_open(const Variable& one);
  std::optional<std::string> variable(const std::string& name);
  std::optional<std::string> column(const std::string& name);
  std::optional<std::string> late_column(const std::string& name);
  std::optional<std::string> reference(const std::string& dataset, const std::string& name);
  std::string join_subject(const std::string& dataset, const std::string& name, const std::string& aggregate,
                           const std::string& where);
  void join_subject_columns(const std::string& dataset, const std::string& name);
  std::string operand(const Value& node, bool column_first);
  std::string operand_named(const std::string& name, bool column_first, const base::Place& place);
  std::string expression(const std::string& sql);
  std::vector<Subquery> subqueries_of(const std::string& sql);
  void note_subqueries(const std::string& sql);
  void note_read(const std::string& how, const std::string& input, base::Json more);
  /// The input that an operand added to the first `before` ones; "" if it is not one.
  std::string input_since(std::size_t before) const;
  void need(const std::string& dataset);
  bool is_made(const std::string& dataset) const;
  void add(Variable one);
  void add_windowed(Variable one);
  void add_late(Variable one);
  bool is_unread(const std::string& name) const;
  std::string rows_of(const Variable& one) const;
  std::string text_to_come() const;
  std::string needed_columns(const std::string& next) const;
  void store(const std::string& table, const std::string& kind, const std::string& next = "");
  /// Trimmed text, NULL if blank; a variable that is so already stays as it is.
  std::string cleaned(const std::string& expression) const;
  void flush();
  std::string unique_name(const std::string& what) { return what + "$" + std::to_string(joins_++); }

  // variables_types.cpp
  void note_types(Map& mapping);
  std::string type_of(const std::string& sql);
  bool gives_fractions(const std::string& sql);
  std::string as_value(const std::string& sql, const base::Place& place);
  std::string as_text(const Variable& one);
  std::string origin_of_inputs(const std::string& verb_origin) const;
  void settle_type(Variable& out);

  // verbs.cpp
  Variable compile(const std::string& name, const Value& node);
  void compile_verb(Variable& out, Map& map);
  void describe(Variable& out, const Value& node, Map& map);

  // verbs_text.cpp
  void copy(Variable&, const Value&, Map&);
  void constant(Variable&, const Value&, Map&);
  void subject(Variable&, const Value&, Map&);
  void fill_template(Variable&, const Value&, Map&);
  void concat(Variable&, const Value&, Map&);
  void sql(Variable&, const Value&, Map&);
  void flag(Variable&, const Value&, Map&);
  void choose(Variable&, const Value&, Map&);
  void several(Variable&, const Value&, Map&);
  void test(Variable&, const Value&, Map&);
  void given(Variable&, const Value&, Map&);
  void decode(Variable&, const Value&, Map&);
  std::string copied(const Value& from);
  void refine(Variable& out, Map& map);

  // verbs_terms.cpp
  void map_terms(Variable& out, Map terms, bool keep);
  void terms_of(Variable& out, const Value& codelist, Map& map, bool keep);
  /// Rank (0 = map, 1 = values, 2 = synonyms, 3 = decodes) and word → the terms that it means.
  using Meanings = std::map<std::pair<int, std::string>, std::set<std::string>>;
  static std::vector<std::string> meant(const Value& codelist, const Meanings& meanings, bool own);

  // verbs_value.cpp
  void datetime(Variable&, const Value&, Map&);
  void number(Variable&, const Value&, Map&);
  void convert(Variable&, const Value&, Map&);
  void text(Variable&, const Value&, Map&);
  void age(Variable&, const Value&, Map&);
  void note_lost_time(const Variable& date, const std::vector<std::string>& inputs,
                      const standards::RawDateSpec& spec);
  std::string unit_factors(const std::string& unit, const std::string& to, Map& verb);
  void convert_by_table(Variable& out, const Value& file, const std::string& input, const std::string& unit,
                        const std::string& unit_input, Map& verb);

  // verbs_lookup.cpp
  void lookup(Variable&, const Value&, Map&);
  void parent(Variable&, const Value&, Map&);
  std::string located_values(const std::string& dataset, const std::string& name) const;
  std::string table_of(const Value& name);
  void join_keys(Variable& out, const std::string& table, const std::vector<std::string>& inputs,
                 bool blanks = false);

  // verbs_window.cpp
  void join_window(Variable& out, const std::string& input, const std::vector<std::string>& equal,
                   const std::string& windows, const Value& where);
  void lookup_window(Variable& out, const Value& where, const Value& window, Map& map);

  // verbs_derive.cpp
  void study_day(Variable&, const Value&, Map&);
  void last_before(Variable&, const Value&, Map&);
  void sequence(Variable&, const Value&, Map&);
  void continue_from_before(Variable& out, const Numbering& numbering);
  void earliest(Variable&, const Value&, Map&);
  void latest(Variable&, const Value&, Map&);
  void extreme(Variable&, const Value&, Map&, const std::string& aggregate);
  void epoch(Variable&, const Value&, Map&);

  const std::string dataset_;
  const Base& base_;
  const Scope& scope_;
  study::Context& context_;
  bool unpivoted_ = false;
  int joins_ = 0;
  bool placed_ = false;  ///< rows have their place (_at); else their raw row tells them apart
  bool reads_computed_ = false, reads_collected_ = false;  ///< columns of the rows; the variable does
  bool reads_datasets_ = false;                            ///< SQL of the mapping does
  std::vector<std::string> tables_;                        ///< that sql_ reads and nobody else
  std::set<std::string> numeric_;                          ///< variables, as written in SQL, that are numbers
  std::set<std::string> trimmed_;  ///< variables, as written in SQL, whose texts are trimmed already
  std::map<std::string, std::string> standard_types_;  ///< variable → Num or Char, of the SDTMIG
  std::size_t current_ = 0;                            ///< place of the variable that is being compiled
  std::string sql_, layer_;
  std::vector<std::string> keys_, sort_, declared_, names_, layer_names_;
  std::set<std::string> used_;
  std::set<std::string> open_read_;  ///< unfinished datasets that the variable's SQL reads
  std::vector<std::string> inputs_;
  base::Json reads_ = base::Json::array();  ///< of the variable that is being compiled
  std::map<std::string, std::string> joined_;
  std::vector<Pending> pending_;
  std::map<std::string, std::string> waiting_;
  std::vector<Variable> done_, extra_;
  std::vector<Numbering> numberings_;
  std::vector<Compiled::Step> steps_;
  base::Place place_;
};

/// Whether the SQL is nothing but one text without blanks around it, short enough for any variable.
bool is_literal(const std::string& sql);
/// A column of a table that is looked into; Error TM2301 with the nearest one.
std::string listed_column(const std::vector<std::string>& columns, const std::string& name,
                          const base::YamlValue& where, const base::Place& place);
/// What a raw column is called among the variables.
std::string raw_name(const std::string& column);
/// Whether that is a supplemental qualifier (supp$QNAM).
bool is_supplement(const std::string& name);
/// Whether records of the dataset say their DOMAIN; those that relate others (RELREC) do not.
bool has_domain(const study::Study& study, const std::string& dataset);
/// A date (ISO 8601) as text to sort by, where a partial one comes after the days that it may be.
std::string after_its_days(const std::string& date);
/// The first of several dates, NULLs left out; empty if none is there.
std::string earliest_of(const std::vector<std::string>& dates);
/// Trimmed text in upper case: how values are compared with maps and lists.
std::string key_of(const std::string& expression);
/// The day of a complete date as DATE, else NULL.
std::string day_of(const std::string& text);

}  // namespace trialmill::transform
