// Issues are kept as the failing rows' dictionary codes; their texts are made when a report asks.
#include "conform/issues.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "conform/operators_group.hpp"

namespace trialmill::conform {

namespace {

bool has(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

/// First two dashes anywhere become the prefix: what output variables allow.
std::string expand_output(const std::string& name, const std::string& prefix) {
  const std::size_t at = name.find("--");
  return at == std::string::npos ? name : name.substr(0, at) + prefix + name.substr(at + 2);
}

/// The columns an issue shows, in order; a cell that is a list of column names shows these columns too.
std::vector<std::string> targets_of(const Rule& rule, const Table& table) {
  std::vector<std::string> targets;
  const auto add = [&](const std::string& name) {
    if (!has(targets, name)) targets.push_back(name);
  };
  if (rule.output.empty()) {
    for (const std::string& name : rule.condition_names()) add(table.expand(name));
  } else {
    for (const std::string& name : rule.output) add(expand_output(name, table.prefix));
  }
  const std::vector<std::string> named = targets;
  for (const std::string& name : named) {
    const Column* column = table.frame.find(name);
    if (column == nullptr || column->size() == 0) continue;
    const Value value = column->value(0);
    if (value.kind != Kind::list) continue;
    for (const Value& item : *value.list) {
      if (item.kind == Kind::text && table.frame.find(item.text) != nullptr) add(item.text);
    }
  }
  return targets;
}

/// The rows of a column, copied at once: nothing of the table may live on for the sake of an issue.
ColumnPtr rows_of(const Column* column, const std::shared_ptr<const Rows>& rows) {
  if (column == nullptr) return nullptr;
  if (rows == nullptr) return column->shared_from_this();
  ColumnPtr picked = column->gather(rows);
  if (picked->size() > 0) picked->at(0);
  return picked;
}

bool about_study(const Rule& rule) {
  return rule.per_study || rule.type == RuleType::domain_presence || rule.type == RuleType::presence_define;
}

/// Of each group of the rule's grouping variables the first failing row.
Mask first_of_groups(const Rule& rule, const Table& table, Mask mask) {
  std::vector<const Column*> columns;
  for (const std::string& name : rule.grouping) {
    for (const std::string& one : names_in(table, Value::of(name))) columns.push_back(&table.column(one));
  }
  const Grouping groups = group_rows(columns, table.frame.rows);
  std::vector<bool> seen(groups.count);
  for (std::size_t row = 0; row < mask.size(); ++row) {
    if (mask[row] == 0) continue;
    mask[row] = seen[groups.group[row]] ? 0 : 1;
    seen[groups.group[row]] = true;
  }
  return mask;
}

/// What is known of one finding for a whole dataset: values of the first failing row, names of all failing
/// parts.
Issue dataset_issue(const Rule& rule, const Table& table, const Dataset& dataset, const Mask& mask,
                    const std::vector<std::string>& targets) {
  const auto first = static_cast<std::size_t>(std::find(mask.begin(), mask.end(), 1) - mask.begin());
  Issue issue;
  std::vector<std::string> names;
  for (std::size_t row = first; row < mask.size(); ++row) {
    const std::string& name = dataset.parts[table.frame.part(row)]->name;
    if (mask[row] != 0 && !has(names, name)) names.push_back(name);
  }
  issue.dataset = about_study(rule) ? "STUDY" : base::join(names, ", ");
  for (const std::string& name : targets) {
    const Column* column = table.frame.find(name);
    issue.values.emplace_back(name, column == nullptr ? "Not in dataset" : printed(column->at(first)));
  }
  return issue;
}

}  // namespace

void Issues::push_back(Issue issue) {
  Block block;
  block.start = size_++;
  block.single = std::move(issue);
  blocks_.push_back(std::move(block));
}

void Issues::append(Issues other) {
  for (Block& block : other.blocks_) {
    block.start += size_;
    blocks_.push_back(std::move(block));
  }
  size_ += other.size_;
}

void Issues::add(const Rule& rule, const Table& table, const Dataset& dataset, const Mask& failing_rows) {
  Mask reduced;
  if (!rule.grouping.empty()) reduced = first_of_groups(rule, table, failing_rows);
  const Mask& mask = rule.grouping.empty() ? failing_rows : reduced;
  const auto count = static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 1));
  if (count == 0) return;
  const std::vector<std::string> targets = targets_of(rule, table);
  if (rule.per_dataset) return push_back(dataset_issue(rule, table, dataset, mask, targets));
  std::shared_ptr<const Rows> rows;
  if (count < mask.size()) {
    Rows failing;
    failing.reserve(count);
    for (std::size_t row = 0; row < mask.size(); ++row) {
      if (mask[row] != 0) failing.push_back(static_cast<std::uint32_t>(row));
    }
    rows = std::make_shared<const Rows>(std::move(failing));
  }
  Block block;
  block.start = size_;
  for (const Part* part : dataset.parts) {
    block.datasets.push_back(about_study(rule) ? "STUDY" : part->name);
  }
  block.names = targets;
  for (const std::string& name : targets) block.columns.push_back(rows_of(table.frame.find(name), rows));
  if (rule.type == RuleType::record_data) block.subjects = rows_of(table.frame.find("USUBJID"), rows);
  block.rows = rows;
  block.records = table.frame.records;
  block.parts = table.frame.parts;
  blocks_.push_back(std::move(block));
  size_ += count;
}

Issue Issues::Block::at(std::size_t index) const {
  if (single) return *single;
  Issue issue;
  const std::size_t row = rows == nullptr ? index : (*rows)[index];
  issue.dataset = datasets[parts == nullptr ? 0 : (*parts)[row]];
  issue.record = records == nullptr ? static_cast<std::uint32_t>(row + 1) : (*records)[row];
  if (subjects != nullptr) issue.subject = plain_text(subjects->at(index));
  for (std::size_t i = 0; i < names.size(); ++i) {
    issue.values.emplace_back(names[i],
                              columns[i] == nullptr ? "Not in dataset" : printed(columns[i]->at(index)));
  }
  return issue;
}

Issue Issues::operator[](std::size_t index) const {
  const auto after = std::upper_bound(blocks_.begin(), blocks_.end(), index,
                                      [](std::size_t i, const Block& block) { return i < block.start; });
  const Block& block = *std::prev(after);
  return block.at(index - block.start);
}

}  // namespace trialmill::conform
