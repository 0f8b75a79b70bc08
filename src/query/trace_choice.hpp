// Which records of other datasets, and which rows of lists, gave a value: what the verb chose is looked up
// again in the staged data, from what the transformation wrote down about it (`reads` in datasets.json,
// docs/trace.md).
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "query/lineage.hpp"
#include "query/trace_tables.hpp"

namespace trialmill::query {

/// A value that is traced: the record whose rule it is, and its text.
struct Traced {
  Record record;
  std::string variable;
  TraceTables::Text value;
};

/// A record that a value may come from.
struct Candidate {
  Record record;
  bool used = false;
};

struct Found {
  std::vector<Candidate> records;            ///< used ones first
  bool chosen = false;                       ///< which are used is known
  bool dates = false;                        ///< of earliest or latest, where other dates may win
  base::Json sources = base::Json::array();  ///< cells of lists and raw tables
};

class TraceChoice {
 public:
  TraceChoice(const Lineage& lineage, TraceTables& tables) : lineage_(lineage), tables_(tables) {}

  /// What `read` took for the value; `dataset` and `variable` are those of its input.
  Found taken(const Traced& traced, const base::Json& read, const std::string& dataset,
              const std::string& variable);
  /// The record that USUBJID, RDOMAIN, IDVAR and IDVARVAL name.
  std::optional<Record> pointed_at(const Record& record);
  /// The record that a supplemental qualifier belongs to.
  std::optional<Record> parent_of(const Record& qualifier);
  /// The record of the same group that has the flag of last_before.
  std::optional<Record> flagged(const Traced& traced, const base::Json& read);

 private:
  struct Key {
    bool known = false;
    TraceTables::Text text;
    std::string by = {};  ///< the text holds several values, with this between them; which one is not known
  };
  Key key(const Record& record, const std::string& input);
  std::optional<std::string> key_condition(const Traced& traced, const base::Json& read);
  Found looked_up(const Traced& traced, const base::Json& read);
  Found parents(const Traced& traced, const std::string& dataset, const std::string& variable);
  Found elements(const Traced& traced, const base::Json& read, const std::string& dataset,
                 const std::string& variable);
  Found of_subject(const Traced& traced, const base::Json& read, const std::string& dataset,
                   const std::string& variable);
  std::string likely(const Traced& traced, const std::string& dataset);
  std::optional<std::string> same_subject(const Record& record, const std::string& dataset);
  void mount(const std::string& sql);

  const Lineage& lineage_;
  TraceTables& tables_;
  bool mounted_ = false;
};

/// Whether the date, perhaps cut to its day, is the result: 2024-01-02T10:15 gives 2024-01-02.
bool gives_date(const std::string& date, const std::string& result);

}  // namespace trialmill::query
