#include "conform/merge_related.hpp"

#include <deque>
#include <map>
#include <set>
#include <tuple>

#include "conform/related_keys.hpp"

namespace trialmill::conform {

namespace {

std::uint64_t pair_key(std::uint32_t subject, std::uint32_t value) {
  return (static_cast<std::uint64_t>(subject) << 32) | value;
}

/// Rows of a table by subject and by the value of one variable.
class RowsByKey {
 public:
  void add(std::uint64_t key, std::uint32_t row) {
    const std::uint32_t number = numbers_.of(key);
    if (number == rows_.size()) rows_.emplace_back();
    rows_[number].push_back(row);
  }
  const Rows& find(std::uint64_t key) const {
    static const Rows none;
    const std::uint32_t number = numbers_.find(key);
    return number == no_row ? none : rows_[number];
  }

 private:
  KeyNumbers numbers_;
  std::vector<Rows> rows_;
};

}  // namespace

void merge_qualifiers(Table& table, const Part& supplement) {
  const Column* names = supplement.frame.find("QNAM");
  const Column* values = supplement.frame.find("QVAL");
  const Column* idvar = supplement.frame.find("IDVAR");
  const Column* idvarval = supplement.frame.find("IDVARVAL");
  if (names == nullptr || values == nullptr) throw MissingColumn{"QNAM or QVAL"};
  std::vector<const Column*> ours, theirs;
  for (const char* key : {"STUDYID", "USUBJID", "APID", "POOLID", "SPDEVID"}) {
    const Column *left = table.frame.find(key), *right = supplement.frame.find(key);
    if (left == nullptr || right == nullptr) continue;
    ours.push_back(left);
    theirs.push_back(right);
  }
  const std::size_t rows = table.frame.rows;
  const JointGrouping subjects = group_jointly(ours, rows, theirs, supplement.frame.rows);

  std::map<std::string, Rows> found;  // by QNAM: the qualifier record of each of our rows
  const Grouping by_variable =
      group_rows(idvar == nullptr ? std::vector<const Column*>{} : std::vector<const Column*>{idvar},
                 supplement.frame.rows);
  GroupRows members(by_variable.group, by_variable.count);
  for (std::size_t group = 0; group < members.count(); ++group) {
    const std::string variable = idvar == nullptr ? "" : plain_text(idvar->at(*members.begin(group)));
    const Column* by = table.frame.find(variable);
    if (!variable.empty() && (by == nullptr || idvarval == nullptr)) continue;
    KeyValues numbers;
    const std::vector<std::uint32_t> left = by == nullptr ? Rows(rows) : key_codes(*by, numbers);
    const std::vector<std::uint32_t> right =
        by == nullptr ? Rows(supplement.frame.rows) : key_codes(*idvarval, numbers);
    RowsByKey qualifiers;
    for (const std::uint32_t* row = members.begin(group); row != members.end(group); ++row)
      qualifiers.add(pair_key(subjects.right[*row], right[*row]), *row);
    for (std::size_t row = 0; row < rows; ++row) {
      for (const std::uint32_t hit : qualifiers.find(pair_key(subjects.left[row], left[row]))) {
        const std::string name = plain_text(names->at(hit));
        Rows& which = found[name];
        if (which.empty()) which.assign(rows, no_row);
        if (which[row] != no_row)
          throw ExecutionError{"Multiple records with the same QNAM '" + name +
                               "' match a single parent record"};
        which[row] = hit;
      }
    }
  }
  for (std::size_t row = 0; row < supplement.frame.rows; ++row) found.try_emplace(plain_text(names->at(row)));
  for (auto& [name, which] : found) {
    if (which.empty()) which.assign(rows, no_row);  // no record of ours has it: the variable is there, empty
    table.frame.set(table.frame.find(name) == nullptr ? name : name + "_supp",
                    values->gather(std::move(which)));
  }
}

namespace {

/// The records RELREC relates to each other, found through indexes that are made once for each variable.
class RelatedRecords {
 public:
  RelatedRecords(const Frame& relrec, const Dataset& dataset, const Frame& left, const Data& data)
      : relrec_(relrec), dataset_(dataset), left_(left), data_(data) {}

  struct Pairs {
    const Part* right = nullptr;
    Rows left_rows, right_rows;
  };

  std::vector<Pairs> find() {
    const Column* domains = relrec_.find("RDOMAIN");
    const Column* relid = relrec_.find("RELID");
    if (domains == nullptr || relid == nullptr) throw MissingColumn{"RDOMAIN or RELID"};
    std::vector<const Column*> keys{relid};
    for (const char* name : {"STUDYID", "USUBJID"}) {
      if (const Column* column = relrec_.find(name)) keys.push_back(column);
    }
    const Grouping grouping = group_rows(keys, relrec_.rows);
    GroupRows relationships(grouping.group, grouping.count);
    for (std::size_t i = 0; i < relationships.count(); ++i) {
      for (const std::uint32_t* a = relationships.begin(i); a != relationships.end(i); ++a) {
        if (plain_text(domains->at(*a)) != dataset_.domain) continue;
        for (const std::uint32_t* b = relationships.begin(i); b != relationships.end(i); ++b) {
          const std::string other = plain_text(domains->at(*b));
          if (other != dataset_.domain) relate(*a, *b, data_.find(other));
        }
      }
    }
    return std::move(pairs_);
  }

 private:
  std::string text(const char* column, std::uint32_t row) const {
    const Column* found = relrec_.find(column);
    return found == nullptr ? "" : plain_text(found->at(row));
  }

  /// Adds the pairs for two records of RELREC. Without IDVARVAL the named variables' values link records.
  void relate(std::uint32_t a, std::uint32_t b, const Part* right) {
    if (right == nullptr) return;
    const std::string left_name = text("IDVAR", a), right_name = text("IDVAR", b);
    const bool by_value = text("IDVARVAL", a).empty() || text("IDVARVAL", b).empty();
    if (by_value && (left_.find(left_name) == nullptr || right->frame.find(right_name) == nullptr)) return;
    Pairs& pairs = of(right);
    for (const std::uint32_t row : rows(left_, left_name, a)) {
      const Rows& others =
          by_value ? linked(row, left_name, right->frame, right_name) : rows(right->frame, right_name, b);
      for (const std::uint32_t other : others) {
        if (!same_study_and_subject(row, right->frame, other)) continue;
        pairs.left_rows.push_back(row);
        pairs.right_rows.push_back(other);
      }
    }
  }

  Pairs& of(const Part* right) {
    for (Pairs& pairs : pairs_) {
      if (pairs.right == right) return pairs;
    }
    return pairs_.emplace_back(Pairs{right, {}, {}});
  }

  bool same_study_and_subject(std::uint32_t row, const Frame& right, std::uint32_t other) const {
    for (const char* name : {"STUDYID", "USUBJID"}) {
      const Column *ours = left_.find(name), *theirs = right.find(name);
      if (ours != nullptr && theirs != nullptr && !same(ours->at(row), theirs->at(other))) return false;
    }
    return true;
  }

  /// Records that a RELREC record points at: by USUBJID and IDVARVAL as far as it gives them.
  const Rows& rows(const Frame& frame, const std::string& variable, std::uint32_t relrec_row) {
    const std::string value = text("IDVARVAL", relrec_row), subject = text("USUBJID", relrec_row);
    return index(frame, value.empty() ? "" : variable, !subject.empty())
        .find(pair_key(subject.empty() ? 0 : subject_number(Cell(keep(subject))),
                       value.empty() ? 0 : values_.of(Cell(keep(value)))));
  }

  const Rows& linked(std::uint32_t row, const std::string& ours, const Frame& right,
                     const std::string& theirs) {
    const Column* subject = left_.find("USUBJID");
    const Cell id = subject == nullptr ? Cell() : subject->at(row);
    return index(right, theirs, subject != nullptr)
        .find(pair_key(subject == nullptr ? 0 : subject_number(id), values_.of(left_.find(ours)->at(row))));
  }

  const RowsByKey& index(const Frame& frame, const std::string& variable, bool by_subject) {
    const auto [place, made] = indexes_.try_emplace({&frame, variable, by_subject});
    if (!made) return place->second;
    const Column* subject = by_subject ? frame.find("USUBJID") : nullptr;
    const Column* by = variable.empty() ? nullptr : frame.find(variable);
    const std::vector<std::uint32_t> codes = by == nullptr ? Rows(frame.rows) : key_codes(*by, values_);
    for (std::size_t row = 0; row < frame.rows; ++row) {
      place->second.add(pair_key(subject == nullptr ? 0 : subject_number(subject->at(row)), codes[row]),
                        static_cast<std::uint32_t>(row));
    }
    return place->second;
  }

  std::uint32_t subject_number(const Cell& cell) { return subjects_.of(cell); }
  const Value& keep(const std::string& text) { return kept_.emplace_back(Value::of(text)); }

  const Frame& relrec_;
  const Dataset& dataset_;
  const Frame& left_;
  const Data& data_;
  std::vector<Pairs> pairs_;
  std::map<std::tuple<const Frame*, std::string, bool>, RowsByKey> indexes_;
  std::deque<Value> kept_;  // what subjects_ looks at
  ValueNumbers subjects_;
  KeyValues values_;
};

/// Names of the model's variables that carry a domain prefix, without their dashes.
std::set<std::string> model_suffixes(const standards::SdtmIg* ig) {
  std::set<std::string> names;
  if (ig == nullptr) return names;
  for (const standards::Dataset& known : ig->model()) {
    for (const standards::Variable& variable : known.variables) {
      if (variable.name.rfind("--", 0) == 0) names.insert(variable.name.substr(2));
    }
  }
  return names;
}

}  // namespace

void merge_related_records(Table& table, const Match& match, const Dataset& dataset, const Data& data) {
  const Part* relrec = data.find("RELREC");
  const std::vector<RelatedRecords::Pairs> related =
      RelatedRecords(relrec->frame, dataset, table.frame, data).find();
  const std::string wildcard = match.wildcard.empty() ? "**" : match.wildcard;
  const std::set<std::string> suffixes = model_suffixes(data.ig());
  std::vector<Frame> frames;
  Rows records;
  Frame::Parts parts;
  for (const RelatedRecords::Pairs& pairs : related) {
    for (const std::uint32_t row : pairs.left_rows) {
      records.push_back(table.frame.record(row));
      parts.push_back(table.frame.part(row));
    }
    Frame& frame = frames.emplace_back(table.frame.gather(pairs.left_rows));
    const auto rows = std::make_shared<const Rows>(pairs.right_rows);
    const std::string& prefix = pairs.right->domain;
    for (const auto& [name, column] : pairs.right->frame.columns) {
      const bool prefixed = name.rfind(prefix, 0) == 0 && suffixes.count(name.substr(prefix.size())) > 0;
      frame.set("RELREC." + (prefixed ? wildcard + name.substr(prefix.size()) : name), column->gather(rows));
    }
  }
  if (records.empty()) throw SkipDataset{"RELREC relates none of its records to another dataset's"};
  std::vector<const Frame*> all;
  for (const Frame& frame : frames) all.push_back(&frame);
  table.frame = concatenate(all);
  table.frame.records = std::make_shared<const Rows>(std::move(records));
  table.frame.parts = std::make_shared<const Frame::Parts>(std::move(parts));
}

}  // namespace trialmill::conform
