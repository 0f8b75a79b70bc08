// Puts together where one value comes from. The parts lie in files of their own:
//   trace.cpp         records, values, what is said of each
//   trace_rows.cpp    what the row set says: constants, where, entries of unpivot, made rows
//   trace_inputs.cpp  what the rule reads: columns, variables, other datasets, lists
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "query/lineage.hpp"
#include "query/trace.hpp"
#include "query/trace_choice.hpp"
#include "query/trace_tables.hpp"

namespace trialmill::query {

class Tracer {
 public:
  /// `options` must outlive the tracer.
  explicit Tracer(const TraceOptions& options)
      : options_(options),
        lineage_(options.study, options.environment),
        tables_(lineage_, options.study),
        choice_(lineage_, tables_) {}

  base::Json run();

 private:
  using Json = base::Json;

  /// What is put together about one value.
  struct Parts {
    Json sources = Json::array(), inputs = Json::array(), row_set = Json::array();
  };

  // trace.cpp
  std::vector<std::int64_t> numbers(const std::string& dataset, const std::string& condition,
                                    std::size_t most);
  Json root(const Record& record, const std::string& variable);
  Json named(const Record& record, const std::string& variable);
  Json value(const Record& record, const std::string& variable, int depth);
  void of_qualifier(const Record& record, const std::string& variable, const Record& parent, Rule& rule,
                    int depth, Parts& parts);
  void explain(const Traced& traced, const Rule& rule, int depth, Parts& parts);
  static void finish(Json& out, const Rule& rule, const Traced& traced, Parts& parts);

  // trace_rows.cpp
  static void say(const std::string& what, const Json& about, Parts& parts);
  void add_columns(const Traced& traced, const Json& about, int depth, Parts& parts);
  const Json* entry_of(const Record& record);
  bool given(const Traced& traced, Parts& parts, int depth);
  void add_row_set(const Record& record, Parts& parts);
  const Json* element_of(const Record& record);
  bool concerns(const Traced& traced, const Rule& rule, const std::string& input);
  void add_test(const Traced& traced, const std::string& part, int depth, Parts& parts);

  // trace_inputs.cpp
  static void add_source(const Json& source, Parts& parts);
  static void push(Json input, bool used, Parts& parts);
  void add_once(const Record& record, const std::string& variable, int depth, Parts& parts);
  bool of_row_set(const Traced& traced, const Rule& rule, const std::string& input);
  std::string how_rows_read(const Traced& traced, const Rule& rule, const std::string& other);
  void add_input(const Traced& traced, const Rule& rule, const std::string& input, int depth, Parts& parts);
  void add_own(const Traced& traced, const Rule& rule, const std::string& input, int depth, Parts& parts);
  void add_column(const Record& record, const std::string& column, int depth, Parts& parts);
  void add_tables(const Record& record, const std::string& column, std::set<std::string> tables,
                  Parts& parts);
  void add_rows(const Record& record, Parts& parts);

  const TraceOptions& options_;
  const Lineage lineage_;
  TraceTables tables_;
  TraceChoice choice_;
  std::set<std::pair<Record, std::string>> seen_;  ///< shown already for this record
};

}  // namespace trialmill::query
