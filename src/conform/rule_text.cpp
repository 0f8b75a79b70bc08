#include "conform/rule_text.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace trialmill::conform {

namespace {

using Texts = std::vector<std::string>;

void add_once(Texts& list, const std::string& text) {
  if (!text.empty() && std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

/// What stands between target and value; operators that are not here read well with blanks for underscores.
const std::map<std::string, std::string>& phrases() {
  static const std::map<std::string, std::string> words{
      {"empty", "is empty"},
      {"non_empty", "is not empty"},
      {"exists", "is in the dataset"},
      {"not_exists", "is not in the dataset"},
      {"equal_to", "="},
      {"not_equal_to", "≠"},
      {"equal_to_case_insensitive", "= (ignoring case)"},
      {"not_equal_to_case_insensitive", "≠ (ignoring case)"},
      {"is_contained_by", "is one of"},
      {"is_not_contained_by", "is none of"},
      {"contains", "contains"},
      {"matches_regex", "starts with the pattern"},
      {"not_matches_regex", "does not start with the pattern"},
      {"less_than", "<"},
      {"less_than_or_equal_to", "≤"},
      {"greater_than", ">"},
      {"greater_than_or_equal_to", "≥"},
      {"date_less_than", "is before"},
      {"date_less_than_or_equal_to", "is not after"},
      {"date_greater_than", "is after"},
      {"date_greater_than_or_equal_to", "is not before"},
      {"date_equal_to", "is the same date as"},
      {"date_not_equal_to", "is not the same date as"},
      {"invalid_date", "is not a valid date"},
      {"is_complete_date", "is a complete date"},
      {"is_incomplete_date", "is not a complete date"},
      {"invalid_duration", "is not a valid duration"},
      {"is_unique_set", "is unique together with"},
      {"is_not_unique_set", "is not unique together with"},
      {"is_not_unique_relationship", "has no one-to-one relationship with"},
      {"is_inconsistent_across_dataset", "differs within the same"},
      {"target_is_not_sorted_by", "is not sorted by"}};
  return words;
}

std::string value_text(const Value& value, bool names_column) {
  switch (value.kind) {
    case Kind::null:
      return "null";
    case Kind::text: {
      const std::string start = value.text.substr(0, 1);
      return names_column || start == "$" || value.text.substr(0, 2) == "--" ? value.text
                                                                             : '"' + value.text + '"';
    }
    case Kind::list: {
      Texts items;
      for (const Value& item : *value.list) items.push_back(value_text(item, names_column));
      return names_column ? base::join(items, ", ") : "(" + base::join(items, ", ") + ")";
    }
    default:
      return plain_text(value);
  }
}

std::string sort_text(const std::vector<SortKey>& keys) {
  Texts out;
  for (const SortKey& key : keys) {
    out.push_back(key.name + (key.descending ? " descending" : "") +
                  (key.nulls_last ? "" : ", empty ones first"));
  }
  return base::join(out, ", ");
}

void add_lines(const Check& check, int depth, std::vector<CheckLine>& out) {
  switch (check.kind) {
    case Check::Kind::condition:
      out.push_back({depth, condition_text(check.condition), &check.condition});
      return;
    case Check::Kind::all:
      out.push_back({depth, "all of", nullptr});
      break;
    case Check::Kind::any:
      out.push_back({depth, "any of", nullptr});
      break;
    case Check::Kind::negation:
      out.push_back({depth, "not", nullptr});
      break;
  }
  for (const Check& child : check.children) add_lines(child, depth + 1, out);
}

/// Breaks at blanks; every line after the first begins with `indent` blanks.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width = 100) {
  std::string out;
  std::size_t column = indent;
  for (const std::string& word : base::split(base::replace_all(text, "\n", " "), ' ')) {
    if (word.empty()) continue;
    if (column > indent && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

/// What the sensitivity says about how many issues there can be.
std::string issue_limit(const Rule& rule) {
  if (rule.per_study) return "; at most one issue a study";
  if (rule.per_dataset) return "; at most one issue a dataset";
  if (rule.grouping.empty()) return "";
  return "; at most one issue for each " + base::join(rule.grouping, ", ");
}

std::string issue_unit(const Rule& rule) {
  if (rule.per_study) return "the study with";
  if (rule.per_dataset) return "every dataset with";
  return rule.grouping.empty() ? "every record with" : "every " + base::join(rule.grouping, ", ") + " with";
}

std::string match_text(const Match& match) {
  Texts keys;
  for (const auto& [left, right] : match.keys) keys.push_back(left == right ? left : left + " = " + right);
  return match.name + (match.child ? ", the parents of its records" : "") +
         (keys.empty() ? "" : " by " + base::join(keys, ", "));
}

std::string operation_text(const Operation& operation) {
  std::string out = operation.id + " = " + base::replace_all(operation.operator_name, "_", " ");
  if (!operation.name.empty()) out += " of " + operation.name;
  if (!operation.domain.empty()) out += " in " + operation.domain;
  if (!operation.filter.empty()) {
    Texts parts;
    for (const auto& [name, value] : operation.filter)
      parts.push_back(name + " = " + value_text(value, false));
    out += " where " + base::join(parts, " and ");
  }
  if (!operation.group.empty()) out += ", for each " + base::join(operation.group, ", ");
  return out;
}

}  // namespace

std::string status_of(const Rule& rule) {
  return (*rule.tree)["Core"]["Status"].text();
}

std::string version_of(const Rule& rule) {
  return (*rule.tree)["Core"]["Version"].text();
}

std::string executability_of(const Rule& rule) {
  return (*rule.tree)["Executability"].text();
}

std::vector<Citation> citations_of(const Rule& rule) {
  std::vector<Citation> out;
  for (const RuleNode& authority : (*rule.tree)["Authorities"]) {
    for (const RuleNode& standard : authority["Standards"]) {
      Citation base_citation;
      base_citation.authority = authority["Organization"].text();
      base_citation.standard = standard["Name"].text();
      base_citation.version = standard["Version"].text();
      if (standard["References"].size() == 0) out.push_back(base_citation);
      for (const RuleNode& reference : standard["References"]) {
        Citation head = base_citation;
        head.rule_id = reference["Rule Identifier"]["Id"].text();
        if (reference["Citations"].size() == 0) out.push_back(head);
        for (const RuleNode& citation : reference["Citations"]) {
          Citation full = head;
          full.document = citation["Document"].text();
          full.section = citation["Section"].text();
          full.item = citation["Item"].text();
          full.guidance = citation["Cited Guidance"].text();
          out.push_back(std::move(full));
        }
      }
    }
  }
  return out;
}

std::vector<std::string> authority_ids(const Rule& rule, const std::string& standard,
                                       const std::string& version) {
  Texts ids;
  for (const Citation& citation : citations_of(rule)) {
    const bool wanted = standard.empty() || (base::to_upper(citation.standard) == base::to_upper(standard) &&
                                             citation.version == version);
    if (wanted) add_once(ids, citation.rule_id);
  }
  return ids;
}

std::vector<std::string> authorities(const Rule& rule) {
  Texts names;
  for (const RuleNode& authority : (*rule.tree)["Authorities"])
    add_once(names, authority["Organization"].text());
  return names;
}

std::string scope_text(const Rule& rule) {
  Texts parts;
  const auto add = [&](const char* what, const Texts& names) {
    if (!names.empty() && names != Texts{"ALL"}) parts.push_back(what + base::join(names, ", "));
  };
  add("classes ", rule.classes);
  add("not classes ", rule.classes_out);
  add("domains ", rule.domains);
  add("not domains ", rule.domains_out);
  add("use cases ", rule.use_cases);
  return parts.empty() ? "all datasets" : base::join(parts, "; ");
}

std::string condition_text(const Condition& c) {
  const auto phrase = phrases().find(c.operator_name);
  std::string out = c.name;
  if (c.operator_name.find("prefix") != std::string::npos && c.affix > 0)
    out += " (first " + std::to_string(c.affix) + " characters)";
  if (c.operator_name.find("suffix") != std::string::npos && c.affix > 0)
    out += " (last " + std::to_string(c.affix) + " characters)";
  out += " " + (phrase != phrases().end() ? phrase->second : base::replace_all(c.operator_name, "_", " "));
  if (!c.sort_keys.empty()) out += " " + sort_text(c.sort_keys);
  const bool names_columns = !c.literal && (c.reference || c.operator_name.rfind("date_", 0) == 0 ||
                                            c.operator_name.find("unique") != std::string::npos ||
                                            c.operator_name == "is_inconsistent_across_dataset");
  if (c.has_value && c.sort_keys.empty()) out += " " + value_text(c.value, names_columns);
  Texts more;
  if (!c.within.empty()) more.push_back("within " + base::join(c.within, ", "));
  if (!c.ordering.empty()) more.push_back("ordered by " + c.ordering);
  if (!c.regex.empty()) more.push_back("pattern " + c.regex);
  if (c.reference) more.push_back("the variable that " + plain_text(c.value) + " names");
  if (c.type_insensitive) more.emplace_back("ignoring the type");
  return out + (more.empty() ? "" : " [" + base::join(more, "; ") + "]");
}

std::vector<CheckLine> check_lines(const Rule& rule) {
  std::vector<CheckLine> lines;
  if (rule.unsupported.empty()) add_lines(rule.check, 0, lines);
  return lines;
}

std::string rule_text(const Rule& rule) {
  const auto line = [](const char* label, const std::string& text) {
    std::string head = label;
    head.resize(14, ' ');
    return text.empty() ? std::string() : head + wrapped(text, 14) + "\n";
  };
  Texts head{std::string(findings::name_of(rule.severity))};
  for (const std::string& part : {status_of(rule), executability_of(rule)}) add_once(head, part);
  if (!version_of(rule).empty()) head.push_back("version " + version_of(rule));
  std::string out = rule.id + "  (" + base::join(head, ", ") + ")\n";
  out += "\n" + line("Description", rule.description) + line("Message", rule.message);
  out += line("Executable", rule.unsupported.empty()
                                ? "yes"
                                : "no: " + rule.unsupported +
                                      (rule.unsupported_line > 0
                                           ? " (line " + std::to_string(rule.unsupported_line) + ", column " +
                                                 std::to_string(rule.unsupported_column) + ")"
                                           : ""));
  out += line("Rule type", rule.type_text + issue_limit(rule));
  out += line("Looks at", scope_text(rule));
  for (const Match& match : rule.matches) out += line("Joins", match_text(match));
  for (const Operation& operation : rule.operations) out += line("Computes", operation_text(operation));
  out += line("Variables", base::join(rule.condition_names(), ", "));
  out += line("Shows", base::join(rule.output, ", "));
  out += line("Source", rule.source);
  const std::vector<CheckLine> lines = check_lines(rule);
  if (!lines.empty()) out += "\nAn issue is " + issue_unit(rule) + "\n";
  for (const CheckLine& check : lines) {
    const std::size_t indent = 2 + 2 * static_cast<std::size_t>(check.depth);
    out += std::string(indent, ' ') + wrapped(check.text, indent + 4) + "\n";
  }
  out += "\nAuthorities\n";
  std::string last;
  for (const Citation& c : citations_of(rule)) {
    const std::string standard =
        c.authority + " " + c.standard + " " + c.version + (c.rule_id.empty() ? "" : ", rule " + c.rule_id);
    Texts place;
    for (const auto& [label, text] : std::vector<std::pair<std::string, std::string>>{
             {"", c.document}, {"section ", c.section}, {"item ", c.item}}) {
      if (!text.empty()) place.push_back(label + text);
    }
    out += "  " + wrapped(standard + (place.empty() ? "" : ": " + base::join(place, "; ")), 4) + "\n";
    if (!c.guidance.empty() && c.guidance != last) out += "    " + wrapped("“" + c.guidance + "”", 4) + "\n";
    last = c.guidance;
  }
  return out;
}

}  // namespace trialmill::conform
