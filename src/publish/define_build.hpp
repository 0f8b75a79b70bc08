// Builds the description of a release (define::Document) from datasets.json, the SDTM Implementation Guide,
// controlled terminology and the staged data. docs/define-xml.md says what comes from where.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "findings/finding.hpp"
#include "formats/define_xml.hpp"
#include "publish/dataset.hpp"
#include "publish/define_codelists.hpp"
#include "publish/define_description.hpp"
#include "publish/define_measure.hpp"
#include "standards/sdtmig.hpp"
#include "study/study.hpp"

namespace trialmill::publish {

struct DefineInput {
  const study::Study& study;
  const base::Json& metadata;     ///< datasets.json
  std::string created;            ///< CreationDateTime
  bool submission = false;        ///< def:Context
  std::string folder, extension;  ///< of the dataset files as seen from define.xml: "" and xpt
  standards::Terminology terminology;
};

struct DefineResult {
  formats::define::Document document;
  std::vector<std::string> remarks;  ///< what the author should know and no finding tells
};

class DefineBuilder {
 public:
  DefineBuilder(table::Session& session, const DefineInput& input, findings::Findings& findings);
  DefineResult build(const std::vector<Dataset>& datasets);

 private:
  /// A dataset while its definition is made.
  struct Current {
    const Dataset* data = nullptr;
    DatasetWords words;
    std::string name, domain, class_name, prefix, from;  ///< from: the query that publishes, in parentheses
    bool supplemental = false;
    std::vector<standards::Variable> model;        ///< variables the standard knows for it
    std::map<std::string, Measure> measures;       ///< by variable
    std::map<std::string, std::string> item_oids;  ///< by variable
  };
  /// A value-level item: what is known of it before it is defined.
  struct Value {
    ItemWords words;        ///< name: the variable
    std::string item_name;  ///< name in define.xml; QNAM for supplemental qualifiers
    std::string suffix;     ///< of OIDs: SYSBP
    std::string predicate;  ///< SQL
    std::vector<Condition> where;
    Measure measure;
  };

  static constexpr const char* guide_oid = "STD.SDTMIG";
  static constexpr const char* terminology_oid = "STD.CT";

  // define_header.cpp
  void header(formats::define::Document& doc);
  void add_documents(formats::define::Document& doc);

  // define_build.cpp
  Current begin(const Dataset& dataset);
  std::string class_of(const Current& current) const;
  std::string domain_of(const Current& current);
  void dataset(const Dataset& dataset);
  std::string structure_of(const Current& current) const;
  void measure(Current& current);
  formats::define::ItemRef variable(Current& current, const Column& column, int order);
  DataType type_of(const Current& current, const Column& column);
  void set_type(formats::define::ItemDef& item, const DataType& type);
  void add_origin(formats::define::ItemDef& item, const OriginWords& words);
  std::string add_method(const std::string& oid, const std::string& name,
                         const std::optional<MethodWords>& words);
  std::string add_comment(const std::string& oid, const std::string& text);
  const standards::Variable* standard_variable(const Current& current, const std::string& name) const;

  // define_terms.cpp
  /// Values of a variable, each with what another variable says it means ("" if none does).
  using Terms = std::map<std::string, std::string>;
  /// Gives the item its codelist, if it has one. `value`: suffix of a value-level item.
  void add_codelist(const Current& current, const Column& column, const ItemWords& words,
                    const std::string& list, const Terms& terms, const std::string& value, std::size_t item);
  std::string list_of(const Current& current, const Column& column, const ItemWords& words) const;
  bool add_dictionary(const Current& current, const Column& column, std::size_t item);
  /// Terms where the condition (SQL) holds; empty for more than a codelist can have.
  Terms terms_of(const Current& current, const Column& column, const std::string& condition);
  /// The same for every value of `topic` at once.
  std::map<std::string, Terms> terms_by(const Current& current, const Column& column,
                                        const std::string& topic);

  // define_values.cpp
  void values_of(Current& current);
  std::vector<Value> given_values(const Current& current, const std::string& variable);
  /// One for each value of `topic` that no given one covers; `label`: the variable that names the values, or
  /// "".
  std::vector<Value> derived_values(const Current& current, const Column& column, const std::string& topic,
                                    const std::string& label, const std::vector<Value>& given);
  std::vector<Value> qualifiers(const Current& current, const std::vector<Value>& given);
  void add_values(Current& current, const Column& column, const std::vector<Value>& values);

  // define_where.cpp
  std::string where_clause(const Current& current, const Value& value);
  std::string predicate_of(const Current& current, const Condition& condition) const;
  void remark(const Current& current, const std::string& variable, const std::string& message);

  table::Session& session_;
  const DefineInput& input_;
  findings::Findings& findings_;
  const standards::SdtmIg& guide_;
  bool v21_ = true;
  formats::define::Document doc_;
  Codelists codelists_;
  std::vector<std::pair<std::size_t, std::size_t>> codelist_uses_;  ///< item of doc_.items, use
  std::map<std::string, std::size_t> items_;                        ///< OID → place in doc_.items
  std::set<std::string> where_oids_, comment_oids_;
  std::vector<std::string> remarks_;
};

}  // namespace trialmill::publish
