// Match Datasets: joins with other datasets by keys, and the join of SUPP, CO and RELREC records to their
// parents. Supplemental qualifiers and related records: merge_related.cpp.
#include <algorithm>

#include "conform/merge_related.hpp"
#include "conform/operations.hpp"
#include "conform/related_keys.hpp"

namespace trialmill::conform {

namespace {

/// The datasets that the records of a child dataset can belong to, below each other.
struct Parents {
  std::vector<const Part*> parts;
  std::vector<std::size_t> start;  ///< row of `frame` where each part begins
  Frame frame;

  std::size_t add(const Part* part) {
    const auto known = static_cast<std::size_t>(std::find(parts.begin(), parts.end(), part) - parts.begin());
    if (known == parts.size()) parts.push_back(part);
    return known;
  }
  void finish() {
    std::vector<const Frame*> frames;
    std::size_t rows = 0;
    for (const Part* part : parts) {
      frames.push_back(&part->frame);
      start.push_back(rows);
      rows += part->frame.rows;
    }
    frame = concatenate(frames);
  }
};

/// Looks up the parent of child records that name the same dataset and the same variable: the first record
/// with the subject's USUBJID and an equal value. One pass over the parent's records, one over the
/// children's. `by`: the parent's variable; nullptr = USUBJID alone decides.
void find_parents(const Frame& child, const Rows& children, const Frame& parent, const Column* by,
                  std::size_t parent_start, Rows& out) {
  const Column* ours = child.find("USUBJID");
  const Column* theirs = parent.find("USUBJID");
  std::vector<const Column*> left, right;
  if (ours != nullptr && theirs != nullptr) {
    left.push_back(ours);
    right.push_back(theirs);
  }
  const JointGrouping subjects = group_jointly(left, child.rows, right, parent.rows);
  KeyValues values;
  std::vector<std::uint32_t> parent_values(parent.rows), child_values(child.rows);
  if (by != nullptr) {
    parent_values = key_codes(*by, values);
    child_values = key_codes(*child.find("IDVARVAL"), values);
  }
  const auto key = [](std::uint32_t subject, std::uint32_t value) {
    return (static_cast<std::uint64_t>(subject) << 32) | value;
  };
  KeyNumbers keys;
  Rows first;  // parent record by key number
  for (std::size_t row = 0; row < parent.rows; ++row) {
    if (keys.of(key(subjects.right[row], parent_values[row])) == first.size())
      first.push_back(static_cast<std::uint32_t>(row));
  }
  for (const std::uint32_t row : children) {
    const std::uint32_t number = keys.find(key(subjects.left[row], child_values[row]));
    if (number != no_row) out[row] = first[number] + static_cast<std::uint32_t>(parent_start);
  }
}

/// Every child record with the columns of its parent record; null where there is none.
void merge_parents(Table& table, const Data& data) {
  const Frame& child = table.frame;
  const Column* domains = child.find("RDOMAIN");
  const Column* names = child.find("IDVAR");
  if (domains == nullptr || names == nullptr || child.find("IDVARVAL") == nullptr)
    throw MissingColumn{"RDOMAIN, IDVAR or IDVARVAL"};
  // Records that name the same parent dataset and variable are looked up together.
  const Grouping grouping = group_rows({domains, names}, child.rows);
  GroupRows groups(grouping.group, grouping.count);
  Parents parents;
  std::vector<std::size_t> parent_of(groups.count(), SIZE_MAX);
  for (std::size_t group = 0; group < groups.count(); ++group) {
    const Part* parent = data.find(plain_text(domains->at(*groups.begin(group))));
    if (parent != nullptr) parent_of[group] = parents.add(parent);
  }
  if (parents.parts.empty()) return;
  parents.finish();
  Rows found(child.rows, no_row);
  for (std::size_t group = 0; group < groups.count(); ++group) {
    if (parent_of[group] == SIZE_MAX) continue;
    const Frame& parent = parents.parts[parent_of[group]]->frame;
    const Cell name = names->at(*groups.begin(group));
    const Column* by = name.is_text() ? parent.find(name.text) : nullptr;
    if (!is_empty(name) && by == nullptr) continue;
    find_parents(child, Rows(groups.begin(group), groups.end(group)), parent, by,
                 parents.start[parent_of[group]], found);
  }
  const auto rows = std::make_shared<const Rows>(std::move(found));
  for (const auto& [name, column] : parents.frame.columns) {
    if (child.find(name) == nullptr) table.frame.set(name, column->gather(rows));
  }
}

/// The right dataset's columns by equal keys, null equal to null. A left join keeps records without a match.
void merge_by_keys(Table& table, const Match& match, const Part& right,
                   const std::vector<std::string>& referenced) {
  std::vector<const Column*> left_keys, right_keys;
  std::vector<std::string> right_names;
  const Table other{right.frame, right.domain.empty() ? match.name : right.domain, false};
  for (const auto& [left, right_key] : match.keys) {
    left_keys.push_back(&table.column(left));
    right_keys.push_back(&other.column(right_key));
    right_names.push_back(other.expand(right_key));
  }
  const JointGrouping keys = group_jointly(left_keys, table.frame.rows, right_keys, right.frame.rows);
  GroupRows matches(keys.right, keys.count);
  Rows left_rows, right_rows;
  for (std::size_t row = 0; row < table.frame.rows; ++row) {
    const std::uint32_t group = keys.left[row];
    for (const std::uint32_t* hit = matches.begin(group); hit != matches.end(group); ++hit) {
      left_rows.push_back(static_cast<std::uint32_t>(row));
      right_rows.push_back(*hit);
    }
    if (match.left_join && matches.size(group) == 0) {
      left_rows.push_back(static_cast<std::uint32_t>(row));
      right_rows.push_back(no_row);
    }
  }
  Frame merged = table.frame.gather(std::move(left_rows));
  const auto picked = std::make_shared<const Rows>(std::move(right_rows));
  for (const auto& [name, column] : right.frame.columns) {
    if (std::find(right_names.begin(), right_names.end(), name) != right_names.end() &&
        merged.find(name) != nullptr) {
      continue;
    }
    const std::string qualified = match.name + "." + name;
    const bool wanted = std::find(referenced.begin(), referenced.end(), qualified) != referenced.end();
    merged.set(wanted                         ? qualified
               : merged.find(name) != nullptr ? name + "." + match.name
                                              : name,
               column->gather(picked));
  }
  table.frame = std::move(merged);
}

}  // namespace

void merge_dataset(Table& table, const Match& match, const Dataset& dataset, const Data& data,
                   const std::vector<std::string>& referenced) {
  if (match.child) {
    const bool supplement = match.name == "SUPP--" && dataset.name.substr(0, 4) == "SUPP";
    if (supplement || match.name == dataset.name) merge_parents(table, data);
    return;
  }
  const bool any_supplement = match.name == "SUPP--";
  const Part* right = data.find(any_supplement ? "SUPP" + dataset.name : match.name);
  if (right == nullptr) return;  // an absent one leaves the table as it is
  if (match.name == "RELREC" && match.keys.empty()) return merge_related_records(table, match, dataset, data);
  if (match.name.rfind("SUPP", 0) == 0) return merge_qualifiers(table, *right);
  merge_by_keys(table, match, *right, referenced);
}

}  // namespace trialmill::conform
