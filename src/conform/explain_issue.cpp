#include "conform/explain_issue.hpp"

#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"
#include "conform/rule_text.hpp"

namespace trialmill::conform {

namespace {

/// The check of one rule on one dataset, every line evaluated on all rows.
struct Evaluated {
  Table table;
  ExplainedCheck check;
  std::vector<Mask> masks;  ///< one a line; empty = dropped
};

void add_operand(const Table& table, const std::string& name, std::vector<std::string>& operands) {
  const std::string column = table.expand(name);
  if (table.frame.find(column) != nullptr &&
      std::find(operands.begin(), operands.end(), column) == operands.end()) {
    operands.push_back(column);
  }
}

void add_operands(const Table& table, const Value& value, std::vector<std::string>& operands) {
  if (value.kind == Kind::text) add_operand(table, value.text, operands);
  if (value.kind != Kind::list) return;
  for (const Value& item : *value.list) add_operands(table, item, operands);
}

/// Every column the condition reads: the target first.
std::vector<std::string> operands_of(const Table& table, const Condition& c) {
  std::vector<std::string> operands;
  add_operand(table, c.name, operands);
  if (!c.literal) add_operands(table, c.value, operands);
  for (const SortKey& key : c.sort_keys) add_operand(table, key.name, operands);
  for (const std::string& name : c.within) add_operand(table, name, operands);
  if (!c.ordering.empty()) add_operand(table, c.ordering, operands);
  return operands;
}

std::string expand_dashes(const Table& table, const Condition& condition) {
  Condition shown = condition;
  shown.name = table.expand(shown.name);
  if (shown.value.kind == Kind::text) shown.value.text = table.expand(shown.value.text);
  for (std::string& name : shown.within) name = table.expand(name);
  for (SortKey& key : shown.sort_keys) key.name = table.expand(key.name);
  shown.ordering = table.expand(shown.ordering);
  return condition_text(shown);
}

void evaluate_lines(const Check& check, int depth, Evaluated& out) {
  const bool leaf = check.kind == Check::Kind::condition;
  ExplainedLine line{depth, "", {}, leaf};
  if (leaf) {
    line.text = expand_dashes(out.table, check.condition);
    line.operands = operands_of(out.table, check.condition);
  } else {
    line.text = check.kind == Check::Kind::all ? "all of" : check.kind == Check::Kind::any ? "any of" : "not";
  }
  out.check.lines.push_back(std::move(line));
  Mask mask;
  try {
    mask = evaluate(out.table, check);
  } catch (const MissingColumn&) {
    mask.clear();
  }
  out.masks.push_back(std::move(mask));
  for (const Check& child : check.children) evaluate_lines(child, depth + 1, out);
}

Evaluated evaluate_all(const Rule& rule, const Dataset& dataset, const Data& data) {
  Evaluated out;
  out.table = prepare_table(rule, dataset, data);
  out.check.dataset = dataset.name;
  evaluate_lines(rule.check, 0, out);
  return out;
}

Explanation explanation_at(const Evaluated& evaluated, std::size_t row) {
  Explanation out;
  for (std::size_t line = 0; line < evaluated.masks.size(); ++line) {
    const Mask& mask = evaluated.masks[line];
    out.truth += static_cast<char>(mask.empty() ? Truth::dropped : mask[row] != 0 ? Truth::yes : Truth::no);
    for (const std::string& operand : evaluated.check.lines[line].operands) {
      const Cell cell = evaluated.table.frame.find(operand)->at(row);
      out.values.push_back(cell.is_null()   ? "null"
                           : cell.is_text() ? "'" + std::string(cell.text) + "'"
                                            : printed(cell));
    }
  }
  return out;
}

const Dataset* dataset_of(const Rule& rule, const Data& data, const std::string& issue_dataset) {
  for (const Dataset& dataset : data.datasets()) {
    if (rule.type == RuleType::domain_presence) return &dataset;  // the table is that of the whole study
    for (const Part* part : dataset.parts) {
      // An issue of a whole split dataset names its parts, joined.
      if (part->name == issue_dataset || issue_dataset.rfind(part->name + ", ", 0) == 0) return &dataset;
    }
  }
  return nullptr;
}

std::string row_key(const std::string& part, std::uint32_t record) {
  return part + '\x1f' + std::to_string(record);
}

/// One dataset of a result while its issues are explained one after the other.
struct Explained {
  Evaluated evaluated;
  std::size_t check = 0;
  std::size_t first = 0;  ///< first failing row
  /// Failing rows by dataset part and record, last one first: a joined table may hold a record several times.
  std::unordered_map<std::string, std::vector<std::size_t>> rows;
};

std::optional<Explained> explained(const Rule& rule, const Dataset& dataset, const Data& data) {
  Explained out;
  try {
    out.evaluated = evaluate_all(rule, dataset, data);
  } catch (const SkipDataset&) {
    return std::nullopt;
  } catch (const MissingColumn&) {
    return std::nullopt;
  } catch (const ExecutionError&) {
    return std::nullopt;
  }
  const Mask& mask = out.evaluated.masks.at(0);
  const Frame& frame = out.evaluated.table.frame;
  for (std::size_t row = mask.size(); row-- > 0;) {
    if (mask[row] == 0) continue;
    out.first = row;
    if (!rule.per_dataset)
      out.rows[row_key(dataset.parts[frame.part(row)]->name, frame.record(row))].push_back(row);
  }
  return out;
}

std::optional<std::size_t> row_of(const Rule& rule, const Issue& issue, Explained& dataset) {
  if (rule.per_dataset || rule.type == RuleType::domain_presence || !issue.record) return dataset.first;
  const auto found = dataset.rows.find(row_key(issue.dataset, *issue.record));
  if (found == dataset.rows.end() || found->second.empty()) return std::nullopt;
  const std::size_t row = found->second.back();
  found->second.pop_back();
  return row;
}

bool is_broken(const Issue& issue) {
  return issue.values.size() == 1 && issue.values[0].first == "EXECUTION_ERROR";
}

}  // namespace

RuleExplanation explain_issues(const RuleResult& result, const Data& data, std::size_t issues_max) {
  RuleExplanation out;
  const Rule& rule = *result.rule;
  std::unordered_map<const Dataset*, std::optional<Explained>> known;
  for (std::size_t i = 0; i < std::min(result.issues.size(), issues_max); ++i) {
    const Issue& issue = result.issues[i];
    Explanation& explanation = out.issues.emplace_back();
    const Dataset* dataset = is_broken(issue) ? nullptr : dataset_of(rule, data, issue.dataset);
    if (dataset == nullptr) continue;
    if (known.count(dataset) == 0) {
      std::optional<Explained>& fresh = known[dataset] = explained(rule, *dataset, data);
      if (fresh) {
        fresh->check = out.checks.size();
        out.checks.push_back(fresh->evaluated.check);
      }
    }
    std::optional<Explained>& at = known[dataset];
    const std::optional<std::size_t> row = at ? row_of(rule, issue, *at) : std::nullopt;
    if (!row) continue;
    explanation = explanation_at(at->evaluated, *row);
    explanation.check = at->check;
  }
  return out;
}

RuleExplanation explain_record(const Rule& rule, const Dataset& dataset, const std::string& part,
                               std::uint32_t record, const Data& data) {
  RuleExplanation out;
  const Evaluated evaluated = evaluate_all(rule, dataset, data);
  const Frame& frame = evaluated.table.frame;
  for (std::size_t row = 0; row < frame.rows; ++row) {
    if (frame.record(row) != record || dataset.parts[frame.part(row)]->name != part) continue;
    out.issues.push_back(explanation_at(evaluated, row));
    out.issues.back().check = 0;
  }
  out.checks.push_back(evaluated.check);
  return out;
}

std::vector<std::string> operand_texts(const RuleExplanation& explanation, std::size_t issue) {
  std::vector<std::string> texts;
  const Explanation& found = explanation.issues.at(issue);
  if (found.check == Explanation::none) return texts;
  std::size_t value = 0;
  for (const ExplainedLine& line : explanation.checks.at(found.check).lines) {
    std::string text;
    for (const std::string& operand : line.operands)
      text += (text.empty() ? "" : ", ") + operand + ": " + found.values.at(value++);
    texts.push_back(std::move(text));
  }
  return texts;
}

std::string true_conditions(const RuleExplanation& explanation, std::size_t issue) {
  const std::vector<std::string> operands = operand_texts(explanation, issue);
  std::string out;
  for (std::size_t line = 0; line < operands.size(); ++line) {
    const Explanation& found = explanation.issues.at(issue);
    const ExplainedLine& shown = explanation.checks.at(found.check).lines.at(line);
    if (!shown.condition || found.truth.at(line) != static_cast<char>(Truth::yes)) continue;
    out += (out.empty() ? "" : " and ") + shown.text +
           (operands[line].empty() ? "" : " [" + operands[line] + "]");
  }
  return out;
}

std::string explanation_text(const RuleExplanation& explanation, std::size_t issue) {
  const std::vector<std::string> operands = operand_texts(explanation, issue);
  std::string out;
  for (std::size_t line = 0; line < operands.size(); ++line) {
    const Explanation& found = explanation.issues.at(issue);
    const ExplainedLine& shown = explanation.checks.at(found.check).lines.at(line);
    const char truth = found.truth.at(line);
    out += truth == static_cast<char>(Truth::yes)  ? "✓ "
           : truth == static_cast<char>(Truth::no) ? "✗ "
                                                   : "– ";
    out += std::string(2 * static_cast<std::size_t>(shown.depth), ' ') + shown.text;
    if (!operands[line].empty()) out += "   " + operands[line];
    if (truth == static_cast<char>(Truth::dropped)) out += "   (left out: a variable is missing)";
    out += "\n";
  }
  return out;
}

}  // namespace trialmill::conform
