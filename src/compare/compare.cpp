#include "compare/compare.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"
#include "compare/attributes.hpp"
#include "formats/convert.hpp"
#include "formats/dataset_table.hpp"

namespace trialmill::compare {
namespace {

using formats::DatasetFile;
using formats::DatasetMeta;
using formats::Storage;
using formats::ValueType;

std::optional<std::size_t> find_variable(const DatasetMeta& meta, const std::string& name) {
  for (std::size_t i = 0; i < meta.variables.size(); ++i) {
    if (meta.variables[i].name == name) return i;
  }
  for (std::size_t i = 0; i < meta.variables.size(); ++i) {
    if (base::to_lower(meta.variables[i].name) == base::to_lower(name)) return i;
  }
  return std::nullopt;
}

bool listed(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::any_of(
      names, [&](const std::string& one) { return base::to_lower(one) == base::to_lower(name); });
}

bool is_date(const formats::Variable& one) {
  return one.type == ValueType::date || one.type == ValueType::time || one.type == ValueType::datetime;
}

table::SessionOptions session_options(const Options& options) {
  table::SessionOptions out;
  out.memory_limit = options.memory_limit;
  out.temp_directory = std::filesystem::temp_directory_path().string();
  return out;
}

/// A variable that both sides have, and how its values are compared in SQL (b and o are the joined sides).
struct Pair {
  std::string name;
  std::size_t base = 0, other = 0;
  bool number = false;  ///< compared as numbers
  bool base_text = false, other_text = false;

  std::string base_column() const { return "b.c" + std::to_string(base); }
  std::string other_column() const { return "o.c" + std::to_string(other); }
  std::string base_number() const {
    return base_text ? "try_cast(" + base_column() + " AS DOUBLE)" : base_column();
  }
  std::string other_number() const {
    return other_text ? "try_cast(" + other_column() + " AS DOUBLE)" : other_column();
  }
};

class DatasetComparison {
 public:
  DatasetComparison(DatasetFile& base, std::size_t base_place, DatasetFile& other, std::size_t other_place,
                    const Options& options)
      : options_(options),
        base_(base.datasets()[base_place]),
        other_(other.datasets()[other_place]),
        session_(session_options(options)) {
    result_.name = base_.name;
    result_.side = "both";
    session_.execute("SET preserve_insertion_order = true");
    pair_variables();
    load(base, base_place, other, other_place);
    choose_keys();
  }

  DatasetResult run() {
    result_.attributes = attribute_differences(base_, other_, options_.ignore);
    join();
    count_rows();
    for (const auto& pair : pairs_) result_.variables.push_back(compare_variable(pair));
    result_.only_base = unpaired("tb", "b", base_keys_);
    result_.only_other = unpaired("ot", "o", other_keys_);
    return std::move(result_);
  }

 private:
  void pair_variables() {
    for (std::size_t i = 0; i < base_.variables.size(); ++i) {
      const auto& one = base_.variables[i];
      if (listed(options_.ignore, one.name)) continue;
      if (!options_.only.empty() && !listed(options_.only, one.name)) continue;
      const auto found = find_variable(other_, one.name);
      if (!found) continue;
      const auto& twin = other_.variables[*found];
      Pair pair{one.name, i, *found};
      pair.base_text = one.storage == Storage::text;
      pair.other_text = twin.storage == Storage::text;
      // A date that one side holds as a number and the other as ISO 8601 text is compared as text.
      if (pair.base_text != pair.other_text && is_date(pair.base_text ? twin : one)) {
        (pair.base_text ? other_as_text_ : base_as_text_).insert(pair.base_text ? *found : i);
        pair.base_text = pair.other_text = true;
      }
      pair.number = !pair.base_text || !pair.other_text;
      pairs_.push_back(pair);
    }
  }

  void load(DatasetFile& base, std::size_t base_place, DatasetFile& other, std::size_t other_place) {
    const auto a = formats::load_table(base, base_place, session_, "tb", base_as_text_);
    const auto b = formats::load_table(other, other_place, session_, "ot", other_as_text_);
    result_.rows_base = a.rows;
    result_.rows_other = b.rows;
    special_ = a.has_special_missing || b.has_special_missing;
  }

  void choose_keys() {
    auto found = options_.by.find(base::to_upper(base_.name));
    if (found == options_.by.end()) found = options_.by.find("");
    if (found == options_.by.end()) return;
    for (const auto& name : found->second) {
      const auto a = find_variable(base_, name), b = find_variable(other_, name);
      if (!a || !b) {
        const DatasetMeta& lacking = a ? other_ : base_;
        std::vector<std::string> known;
        for (const auto& one : lacking.variables) known.push_back(one.name);
        throw base::usage_error("TM2601", lacking.name + " has no key variable '" + name + "'", {},
                                base::did_you_mean(name, known));
      }
      result_.keys.push_back(base_.variables[*a].name);
      const bool a_number = base_.variables[*a].storage == Storage::number && !base_as_text_.contains(*a);
      const bool b_number = other_.variables[*b].storage == Storage::number && !other_as_text_.contains(*b);
      base_keys_.push_back(key_sql("c" + std::to_string(*a), a_number, a_number || b_number));
      other_keys_.push_back(key_sql("c" + std::to_string(*b), b_number, a_number || b_number));
    }
  }

  std::string key_sql(const std::string& column, bool is_number, bool as_number) const {
    if (as_number) return is_number ? column : "try_cast(" + column + " AS DOUBLE)";
    return text_sql(column);
  }

  std::string text_sql(const std::string& expression) const {
    return options_.exact_text ? expression : "rtrim(coalesce(" + expression + ", ''))";
  }

  /// Records with the same key are paired in the order in which they stand.
  std::string side(const std::string& table, const std::vector<std::string>& keys) const {
    std::string list, by;
    for (std::size_t k = 0; k < keys.size(); ++k) {
      list += ", " + keys[k] + " AS k" + std::to_string(k);
      by += (k > 0 ? ", " : "") + keys[k];
    }
    const std::string occurrence =
        keys.empty() ? "rowid" : "row_number() OVER (PARTITION BY " + by + " ORDER BY rowid)";
    return "(SELECT *, rowid AS rn" + list + ", " + occurrence + " AS occ FROM " + table + ")";
  }

  void join() {
    on_ = "b.occ = o.occ";
    for (std::size_t k = 0; k < base_keys_.size(); ++k) {
      const std::string key = "k" + std::to_string(k);
      on_ += " AND b." + key + " IS NOT DISTINCT FROM o." + key;
    }
    std::string keys, columns, any = "FALSE";
    for (std::size_t k = 0; k < base_keys_.size(); ++k) keys += ", b.k" + std::to_string(k);
    for (std::size_t p = 0; p < pairs_.size(); ++p) {
      const std::string n = std::to_string(p);
      const Pair& pair = pairs_[p];
      columns += ", " + pair.base_column() + " AS b" + n + ", " + pair.other_column() + " AS o" + n + ", " +
                 differs(pair) + " AS d" + n;
      any += " OR d" + n;
    }
    session_.execute(
        "CREATE TABLE differing AS SELECT * FROM (SELECT b.rn AS brn, o.rn AS orn, b.special AS bs, "
        "o.special AS os" +
        keys + columns + " FROM " + side("tb", base_keys_) + " b JOIN " + side("ot", other_keys_) + " o ON " +
        on_ + ") WHERE " + any);
    for (const auto& [table, alias, other_table, keys_here, keys_there] :
         {std::tuple{"tb", "b", "ot", &base_keys_, &other_keys_},
          std::tuple{"ot", "o", "tb", &other_keys_, &base_keys_}}) {
      const std::string other_alias = alias[0] == 'b' ? "o" : "b";
      session_.execute("CREATE TABLE only_" + std::string(table) + " AS SELECT " + alias + ".* FROM " +
                       side(table, *keys_here) + " " + alias + " ANTI JOIN " +
                       side(other_table, *keys_there) + " " + other_alias + " ON " + on_);
    }
  }

  static std::string code_of(const std::string& alias, std::size_t place) {
    return "coalesce(regexp_extract(" + alias + ".special, '\\|" + std::to_string(place) +
           "=(.)\\|', 1), '')";
  }

  std::string differs(const Pair& pair) const {
    if (!pair.number) {
      return text_sql(pair.base_column()) + " IS DISTINCT FROM " + text_sql(pair.other_column());
    }
    const std::string a = pair.base_number(), b = pair.other_number();
    std::string near = "FALSE";
    if (options_.tolerance > 0)
      near += " OR abs(" + a + " - " + b + ") <= " + std::to_string(options_.tolerance);
    if (options_.relative_tolerance > 0)
      near += " OR abs(" + a + " - " + b + ") <= " + std::to_string(options_.relative_tolerance) +
              " * (abs(" + a + ") + abs(" + b + ")) / 2";
    std::string sql = "CASE WHEN " + a + " IS NULL AND " + b + " IS NULL THEN ";
    // Text that is no number, against a missing number.
    std::vector<std::string> missing;
    if (pair.base_text) missing.push_back("trim(coalesce(" + pair.base_column() + ", '')) NOT IN ('', '.')");
    if (pair.other_text)
      missing.push_back("trim(coalesce(" + pair.other_column() + ", '')) NOT IN ('', '.')");
    if (special_) missing.push_back(code_of("b", pair.base) + " <> " + code_of("o", pair.other));
    sql += missing.empty() ? "FALSE" : "(" + base::join(missing, " OR ") + ")";
    return sql + " WHEN " + a + " IS NULL OR " + b + " IS NULL THEN TRUE ELSE " + a + " <> " + b +
           " AND NOT (" + near + ") END";
  }

  void count_rows() {
    result_.rows_only_base = session_.count("SELECT count(*) FROM only_tb");
    result_.rows_only_other = session_.count("SELECT count(*) FROM only_ot");
    result_.rows_matched = result_.rows_base - result_.rows_only_base;
    result_.rows_differing = session_.count("SELECT count(*) FROM differing");
    if (base_keys_.empty()) return;
    result_.duplicates_base =
        session_.count("SELECT count(*) FROM " + side("tb", base_keys_) + " WHERE occ > 1");
    result_.duplicates_other =
        session_.count("SELECT count(*) FROM " + side("ot", other_keys_) + " WHERE occ > 1");
  }

  std::string shown(const std::string& column, const std::string& special, std::size_t place) const {
    const std::string value = "CAST(" + column + " AS VARCHAR)";
    if (!special_) return "coalesce(" + value + ", '')";
    return "coalesce(" + value + ", '.' || nullif(regexp_extract(" + special + ", '\\|" +
           std::to_string(place) + "=(.)\\|', 1), ''), '')";
  }

  VariableResult compare_variable(const Pair& pair) {
    const std::string n = std::to_string(static_cast<std::size_t>(&pair - pairs_.data()));
    VariableResult out;
    out.name = pair.name;
    out.number = pair.number;
    const std::string where = " FROM differing WHERE d" + n;
    std::string difference = "NULL::DOUBLE", percent = "NULL::DOUBLE";
    if (pair.number) {
      const std::string a = pair.base_text ? "try_cast(b" + n + " AS DOUBLE)" : "b" + n;
      const std::string b = pair.other_text ? "try_cast(o" + n + " AS DOUBLE)" : "o" + n;
      difference = "(" + b + " - " + a + ")";
      percent = "(" + difference + " * 100 / nullif(abs(" + a + "), 0))";
    }
    const auto totals = session_.query("SELECT count(*), coalesce(max(abs(" + difference +
                                       ")), 0), coalesce(max(abs(" + percent + ")), 0)" + where);
    out.differences = totals.integer(0, 0);
    out.max_difference = totals.number(0, 1);
    out.max_percent = totals.number(0, 2);
    if (out.differences == 0 || options_.details_max == 0) return out;
    std::string keys;
    for (std::size_t k = 0; k < base_keys_.size(); ++k)
      keys += ", CAST(k" + std::to_string(k) + " AS VARCHAR)";
    const auto rows =
        session_.query("SELECT brn + 1, orn + 1, " + shown("b" + n, "bs", pair.base) + ", " +
                       shown("o" + n, "os", pair.other) + ", " + difference + ", " + percent + keys + where +
                       " ORDER BY brn LIMIT " + std::to_string(options_.details_max));
    for (std::size_t r = 0; r < rows.rows(); ++r) {
      ValueDifference one;
      one.base_row = rows.integer(r, 0);
      one.other_row = rows.integer(r, 1);
      one.base = trimmed_number(rows.text(r, 2), pair.number);
      one.other = trimmed_number(rows.text(r, 3), pair.number);
      one.difference = rows.number(r, 4);
      one.percent = rows.number(r, 5);
      for (std::size_t k = 0; k < base_keys_.size(); ++k)
        one.key.push_back(trimmed_number(rows.text(r, 6 + k), true));
      out.details.push_back(std::move(one));
    }
    return out;
  }

  /// The engine writes 5 as 5.0.
  static std::string trimmed_number(std::string text, bool number) {
    if (number && text.size() > 2 && text.ends_with(".0") &&
        text.find_first_not_of("-0123456789.") == std::string::npos)
      text.resize(text.size() - 2);
    return text;
  }

  std::vector<Unpaired> unpaired(const std::string& table, const std::string&,
                                 const std::vector<std::string>& keys) {
    std::string list;
    for (std::size_t k = 0; k < keys.size(); ++k) list += ", CAST(k" + std::to_string(k) + " AS VARCHAR)";
    const auto rows = session_.query("SELECT rn + 1" + list + " FROM only_" + table + " ORDER BY rn LIMIT " +
                                     std::to_string(options_.details_max));
    std::vector<Unpaired> out;
    for (std::size_t r = 0; r < rows.rows(); ++r) {
      Unpaired one;
      one.row = rows.integer(r, 0);
      for (std::size_t k = 0; k < keys.size(); ++k)
        one.key.push_back(trimmed_number(rows.text(r, 1 + k), true));
      out.push_back(std::move(one));
    }
    return out;
  }

  const Options& options_;
  const DatasetMeta &base_, &other_;
  table::Session session_;
  DatasetResult result_;
  std::vector<Pair> pairs_;
  std::set<std::size_t> base_as_text_, other_as_text_;
  std::vector<std::string> base_keys_, other_keys_;
  std::string on_;
  bool special_ = false;
};

std::map<std::string, std::size_t> by_name(const DatasetFile& file) {
  std::map<std::string, std::size_t> names;
  for (std::size_t d = 0; d < file.datasets().size(); ++d)
    names.emplace(base::to_upper(file.datasets()[d].name), d);
  return names;
}

DatasetResult alone(const DatasetMeta& meta, const std::string& side) {
  DatasetResult out;
  out.name = meta.name;
  out.side = side;
  return out;
}

}  // namespace

bool DatasetResult::values_equal() const {
  return side == "both" && rows_only_base == 0 && rows_only_other == 0 && rows_differing == 0;
}

std::int64_t DatasetResult::differences() const {
  std::int64_t all = 0;
  for (const auto& one : variables) all += one.differences;
  return all;
}

bool Report::equal() const {
  return std::ranges::all_of(datasets, [this](const DatasetResult& one) {
    return one.values_equal() && (!attributes_count || one.attributes.empty());
  });
}

DatasetResult compare_datasets(DatasetFile& base, std::size_t base_place, DatasetFile& other,
                               std::size_t other_place, const Options& options) {
  return DatasetComparison(base, base_place, other, other_place, options).run();
}

Report compare(const std::filesystem::path& base, const std::filesystem::path& other,
               const Options& options) {
  const auto a = formats::open_dataset_file(base, options.read);
  const auto b = formats::open_dataset_file(other, options.read);
  Report report{base.string(), other.string(), options.attributes, {}};
  if (!options.member.empty() || (a->datasets().size() == 1 && b->datasets().size() == 1)) {
    report.datasets.push_back(compare_datasets(*a, formats::pick_dataset(*a, options.member, base.string()),
                                               *b, formats::pick_dataset(*b, options.member, other.string()),
                                               options));
    return report;
  }
  const auto ours = by_name(*a), theirs = by_name(*b);
  // Keys for all datasets hold where they are there: trial design has no USUBJID. Misspelt ones are nowhere.
  Options by_rows = options;
  const auto general = by_rows.by.extract("");
  const auto has_keys = [&general](const DatasetMeta& dataset) {
    return std::ranges::all_of(
        general.mapped(), [&dataset](const auto& name) { return find_variable(dataset, name).has_value(); });
  };
  const bool somewhere = !general.empty() && std::ranges::any_of(a->datasets(), has_keys);
  bool any = false;
  for (const auto& [name, place] : ours) {
    const auto twin = theirs.find(name);
    any = any || twin != theirs.end();
    report.datasets.push_back(
        twin == theirs.end()
            ? alone(a->datasets()[place], "base")
            : compare_datasets(*a, place, *b, twin->second,
                               somewhere && !has_keys(a->datasets()[place]) ? by_rows : options));
  }
  for (const auto& [name, place] : theirs) {
    if (!ours.contains(name)) report.datasets.push_back(alone(b->datasets()[place], "other"));
  }
  if (!any) {
    throw base::usage_error("TM2602", "no dataset is in both", {},
                            base.string() + " has " + std::to_string(ours.size()) + ", " + other.string() +
                                " has " + std::to_string(theirs.size()) + " datasets; see trialmill schema");
  }
  return report;
}

}  // namespace trialmill::compare
