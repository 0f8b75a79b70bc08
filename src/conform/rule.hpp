// A conformance rule in CORE YAML as the program holds it. Everything the evaluator does not know makes the
// rule `not executable` with a reason; it is never silently passed.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "conform/rule_tree.hpp"
#include "conform/value.hpp"
#include "findings/finding.hpp"

namespace trialmill::conform {

struct SortKey {
  std::string name;
  bool descending = false;
  bool nulls_last = true;
};

/// One comparison: `name operator value` with its modifiers.
struct Condition {
  std::string name, operator_name;
  bool has_value = false;
  Value value;
  bool literal = false;    ///< value_is_literal: never a column name
  bool reference = false;  ///< value_is_reference: the cell of `value` names the column
  bool type_insensitive = false;
  bool round_values = false;  ///< equality: both sides rounded to whole numbers
  bool negative = true;       ///< invalid_duration: a leading minus is allowed
  int affix = 0;              ///< prefix or suffix length
  std::string regex, ordering;
  std::string order;           ///< asc or dsc, of is_ordered_by
  std::string separator;       ///< of split_parts_have_equal_length; "" = "/"
  std::string metadata;        ///< of variable_metadata_equal_to: the $id with pairs [variable, value]
  std::string date_component;  ///< year … microsecond: only that part counts; auto: the common precision
  std::vector<std::string> within;
  std::vector<SortKey> sort_keys;  ///< value of target_is_not_sorted_by
};

struct Check {
  enum class Kind { all, any, negation, condition } kind = Kind::all;
  std::vector<Check> children;
  Condition condition;
};

struct Operation {
  using Filter = std::vector<std::pair<std::string, Value>>;

  std::string id, operator_name, name, domain, key_name, key_value, regex, level, returntype;
  std::string codelist, subtract, delimiter, source, attribute_name, ct_attribute, version, domain_class;
  std::vector<std::string> group, aliases, codelists, ct_package_types;
  Filter filter;
  Filter ct_conditions;  ///< of get_codelist_attributes: attribute and value; all must hold
  std::vector<std::pair<Filter, Value>> map;  ///< of map: the values to find, and the output
  std::string signature;  ///< equal for operations of one meaning, whatever their ids; "" = unknown
  bool reference = false;
};

struct Match {
  std::string name, wildcard;
  std::vector<std::pair<std::string, std::string>> keys;  ///< left, right
  bool child = false, left_join = false;
};

struct StandardReference {
  std::string name, version, substandard;
};

enum class RuleType {
  record_data,
  domain_presence,
  dataset_metadata,
  variable_metadata,
  variable_library,
  value_dataset,
  value_variable,
  define_item,
  define_item_library,
  define_item_group,
  dataset_define,
  variable_define,
  variable_define_library,
  contents_define,
  contents_define_library,
  value_define,
  value_level_define,  ///< records, with operators on value-level metadata
  value_vlm_define,    ///< values that have value-level metadata
  presence_define,
  unsupported
};

struct Rule {
  std::string id, description, message, type_text, source;  ///< source: the file it was read from
  RuleType type = RuleType::record_data;
  bool per_dataset = false;           ///< sensitivity Dataset or Study: at most one issue a dataset
  bool per_study = false;             ///< sensitivity Study: at most one issue
  std::vector<std::string> grouping;  ///< sensitivity Group: one issue for each group of these variables
  findings::Severity severity = findings::Severity::error;
  std::vector<StandardReference> standards;
  std::vector<std::string> classes, classes_out, domains, domains_out, use_cases;
  bool include_split = false;
  Check check;
  std::vector<Operation> operations;
  std::vector<Match> matches;
  std::vector<std::string> output;                   ///< Output Variables
  std::string unsupported;                           ///< why the rule cannot be executed; "" = it can
  int unsupported_line = 0, unsupported_column = 0;  ///< where the source says so; 0 = unknown
  /// All that the source says, for reports; the absent node if it was not YAML. Never null.
  std::shared_ptr<const RuleNode> tree = std::make_shared<const RuleNode>();

  bool names_standard(const std::string& standard, const std::string& version,
                      const std::string& substandard = "") const;
  /// Names of all conditions in order, each once: the targets when there are no output variables.
  std::vector<std::string> condition_names() const;
};

/// True if the rule's table has the records' own columns, so that datasets can be joined to them.
bool looks_at_records(RuleType type);

/// The rule that a tree describes; `source` is the name of the file the tree was read from. What the
/// program cannot execute comes back with `unsupported` set; nothing is thrown for bad content.
Rule read_rule(std::shared_ptr<const RuleNode> tree, const std::string& source);
/// Reads one rule from YAML. A broken one comes back with `unsupported` set; nothing is thrown for bad
/// content.
Rule parse_rule(const std::string& text, const std::string& source);
/// All *.yml and *.yaml below a folder (folders named tests left out), or one file; sorted by rule id.
/// Error TM2401 if the path does not exist or holds no rule.
std::vector<Rule> load_rules(const std::filesystem::path& path);

}  // namespace trialmill::conform
