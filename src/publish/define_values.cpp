// Value-level metadata: what differs between the values of a variable, by test or qualifier.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "publish/define_build.hpp"

namespace trialmill::publish {

namespace define = formats::define;
using base::sql_identifier;
using base::sql_literal;

namespace {

/// More tests than a findings dataset has: then the "tests" are no codes.
constexpr std::size_t tests_max = 5'000;
constexpr std::size_t suffix_max = 40;
constexpr std::array<std::string_view, 5> result_variables{"ORRES", "ORRESU", "STRESC", "STRESN", "STRESU"};
constexpr std::array<std::string_view, 8> comparators{"EQ", "NE", "LT", "LE", "GT", "GE", "IN", "NOTIN"};

/// SYSBP for VSTESTCD EQ SYSBP; longer conditions are spelled out, as far as an OID should be long.
std::string suffix_of(const std::vector<Condition>& where) {
  if (where.size() == 1 && where[0].comparator == "EQ" && where[0].values.size() == 1)
    return oid_part(where[0].values[0]);
  std::vector<std::string> parts;
  for (const Condition& one : where) {
    const bool plain = one.comparator == "EQ" || one.comparator == "IN";
    if (!plain) parts.push_back(one.comparator);
    for (const std::string& value : one.values) parts.push_back(oid_part(value));
  }
  std::string out = base::join(parts, ".");
  if (out.size() > suffix_max) out.resize(suffix_max);
  return out;
}

/// True if a given value-level item says something of records with that code.
bool covers(const std::vector<Condition>& where, const std::string& variable, const std::string& code) {
  return std::any_of(where.begin(), where.end(), [&](const Condition& one) {
    return one.variable == variable && (one.comparator == "EQ" || one.comparator == "IN") &&
           std::find(one.values.begin(), one.values.end(), code) != one.values.end();
  });
}

}  // namespace

std::vector<DefineBuilder::Value> DefineBuilder::given_values(const Current& current,
                                                              const std::string& variable) {
  std::vector<Value> out;
  for (const ValueWords& words : current.words.values) {
    if (words.item.name != variable) continue;
    const auto faulty = std::find_if(words.where.begin(), words.where.end(), [&](const Condition& one) {
      return one.values.empty() || current.data->find(one.variable) == nullptr ||
             std::find(comparators.begin(), comparators.end(), one.comparator) == comparators.end();
    });
    if (words.where.empty() || faulty != words.where.end()) {
      remark(current, variable,
             words.where.empty()
                 ? "a value has no condition"
                 : "a value has a condition on '" + faulty->variable + "' that cannot be evaluated");
      continue;
    }
    Value value;
    value.words = words.item;
    value.where = words.where;
    value.suffix = suffix_of(words.where);
    std::vector<std::string> parts;
    for (const Condition& one : words.where) parts.push_back("(" + predicate_of(current, one) + ")");
    value.predicate = base::join(parts, " AND ");
    const auto id = sql_identifier(variable);
    const Column& column = *current.data->find(variable);
    value.measure = read_measure(
        session_.query("SELECT " + measure_sql(column.is_text ? id : "(" + number_text(id) + ")") + " FROM " +
                       current.from + " WHERE " + value.predicate),
        0, 0);
    out.push_back(std::move(value));
  }
  return out;
}

std::vector<DefineBuilder::Value> DefineBuilder::derived_values(const Current& current, const Column& column,
                                                                const std::string& topic,
                                                                const std::string& label,
                                                                const std::vector<Value>& given) {
  std::vector<Value> out;
  if (current.data->find(topic) == nullptr) return out;
  const auto id = sql_identifier(column.name), code = sql_identifier(topic);
  const auto found = session_.query(fmt::format(
      "SELECT {0}, {1}, {2} FROM {3} WHERE {0} IS NOT NULL AND {4} IS NOT NULL GROUP BY {0} ORDER BY {0} "
      "LIMIT {5}",
      code, current.data->find(label) != nullptr ? "coalesce(min(" + sql_identifier(label) + "), '')" : "''",
      measure_sql(column.is_text ? id : "(" + number_text(id) + ")"), current.from, id, tests_max + 1));
  if (found.rows() > tests_max) {
    remark(current, column.name, fmt::format("no value level: over {} different {}", tests_max, topic));
    return out;
  }
  for (std::size_t r = 0; r < found.rows(); ++r) {
    const std::string test = found.text(r, 0);
    if (std::any_of(given.begin(), given.end(),
                    [&](const Value& one) { return covers(one.where, topic, test); }))
      continue;
    Value value;
    value.words.name = column.name;
    value.words.label = found.text(r, 1);
    value.where = {{topic, "EQ", {test}}};
    value.suffix = suffix_of(value.where);
    value.predicate = code + " = " + sql_literal(test);
    value.measure = read_measure(found, r, 2);
    out.push_back(std::move(value));
  }
  return out;
}

std::vector<DefineBuilder::Value> DefineBuilder::qualifiers(const Current& current,
                                                            const std::vector<Value>& given) {
  const auto optional = [&](const char* name) {
    return current.data->find(name) != nullptr
               ? fmt::format("coalesce(min({0}), ''), count(DISTINCT {0})", name)
               : std::string("'', 0");
  };
  const auto found = session_.query(fmt::format(
      "SELECT QNAM, {0}, {1}, {2} FROM {3} WHERE QNAM IS NOT NULL GROUP BY QNAM ORDER BY QNAM LIMIT {4}",
      optional("QLABEL"), optional("QORIG"), measure_sql("QVAL"), current.from, tests_max + 1));
  std::vector<Value> out;
  if (found.rows() > tests_max) {
    remark(current, "QVAL", fmt::format("no value level: over {} different QNAM", tests_max));
    return out;
  }
  for (std::size_t r = 0; r < found.rows(); ++r) {
    const std::string qnam = found.text(r, 0);
    if (std::any_of(given.begin(), given.end(),
                    [&](const Value& one) { return covers(one.where, "QNAM", qnam); }))
      continue;
    Value value;
    const auto known = current.words.qualifiers.find(qnam);
    if (known != current.words.qualifiers.end()) value.words = known->second;
    value.words.name = "QVAL";
    value.words.label = found.text(r, 1);
    if (value.words.origin.type.empty() && found.integer(r, 4) == 1)
      value.words.origin.type = found.text(r, 3);
    value.item_name = qnam;
    value.where = {{"QNAM", "EQ", {qnam}}};
    value.suffix = suffix_of(value.where);
    value.predicate = "QNAM = " + sql_literal(qnam);
    value.measure = read_measure(found, r, 5);
    out.push_back(std::move(value));
  }
  return out;
}

void DefineBuilder::add_values(Current& current, const Column& column, const std::vector<Value>& values) {
  if (values.empty()) return;
  const std::string place = current.name + "." + oid_part(column.name);
  const auto words = current.words.variables.find(column.name);
  const ItemWords parent = words == current.words.variables.end() ? ItemWords{} : words->second;
  define::ValueList list{"VL." + place, "", {}, 0};
  std::optional<std::map<std::string, Terms>> by_code;
  int order = 0;
  for (const Value& value : values) {
    define::ItemDef item;
    const std::string wanted = "IT." + place + "." + value.suffix;
    item.oid = wanted;
    for (int n = 2; items_.count(item.oid) > 0; ++n) item.oid = wanted + "." + std::to_string(n);
    const std::string tail = item.oid.substr(3);
    item.name = value.item_name.empty() ? column.name : value.item_name;
    item.sas_field_name = item.name;
    item.label = value.words.label;
    item.display_format = value.words.format;
    const bool numeric = value.measure.values > 0 && value.measure.decimals == value.measure.values;
    const int bytes = static_cast<int>(std::max<std::int64_t>(1, value.measure.bytes));
    set_type(item, numeric || !column.is_text ? numeric_type(value.measure) : DataType{"text", bytes, {}});
    if (column.is_text && is_iso_variable(item.name)) {
      if (const auto type = iso_type(session_, current.from, column.name, value.predicate))
        set_type(item, {*type, {}, {}});
    }
    add_origin(item, value.words.origin);
    item.comment_oid = add_comment("COM." + tail, value.words.comment);
    define::ItemRef ref;
    ref.item_oid = item.oid;
    ref.order_number = ++order;
    ref.mandatory = value.words.mandatory.value_or(false);
    ref.has_no_data = value.measure.values == 0;
    ref.method_oid = add_method("MT." + tail, item.name + " (" + value.suffix + ")", value.words.method);
    ref.where_clause_oids = {where_clause(current, value)};
    items_[item.oid] = doc_.items.size();
    doc_.items.push_back(std::move(item));
    list.items.push_back(std::move(ref));
    const std::string from_parent = current.supplemental || numeric ? "" : list_of(current, column, parent);
    const std::string codelist = value.words.codelist.empty() ? from_parent : value.words.codelist;
    if (codelist.empty()) continue;
    // One query for all tests; conditions of the mapping are asked one by one.
    const bool by_topic = value.where.size() == 1 && value.where[0].comparator == "EQ" &&
                          value.where[0].variable == values.back().where[0].variable;
    if (by_topic && !by_code) by_code = terms_by(current, column, value.where[0].variable);
    add_codelist(current, column, value.words, codelist,
                 by_topic ? (*by_code)[value.where[0].values[0]] : terms_of(current, column, value.predicate),
                 value.suffix, doc_.items.size() - 1);
  }
  doc_.items[items_.at(current.item_oids.at(column.name))].value_list_oid = list.oid;
  doc_.value_lists.push_back(std::move(list));
}

void DefineBuilder::values_of(Current& current) {
  for (const ValueWords& one : current.words.values) {
    if (current.data->find(one.item.name) == nullptr)
      remark(current, one.item.name,
             "a value is described of '" + one.item.name + "', which the dataset has not");
  }
  const bool findings = current.class_name.starts_with("FINDINGS");
  for (const Column& column : current.data->columns) {
    std::vector<Value> values = given_values(current, column.name);
    std::vector<Value> more;
    if (current.supplemental && column.name == "QVAL") {
      for (Value& one : values) {
        const bool by_name = one.where.size() == 1 && one.where[0].variable == "QNAM" &&
                             one.where[0].values.size() == 1 && one.where[0].comparator == "EQ";
        if (by_name) one.item_name = one.where[0].values[0];
      }
      more = qualifiers(current, values);
    } else if (current.prefix.size() == 2 && column.name.starts_with(current.prefix)) {
      const std::string rest = column.name.substr(2), &prefix = current.prefix;
      if (findings &&
          std::find(result_variables.begin(), result_variables.end(), rest) != result_variables.end())
        more = derived_values(current, column, prefix + "TESTCD", prefix + "TEST", values);
      // DSDECOD has a list for each category of disposition.
      const standards::Variable* model = standard_variable(current, column.name);
      if (rest == "DECOD" && model != nullptr && model->codelists().size() > 1)
        more = derived_values(current, column, prefix + "CAT", "", values);
    }
    for (Value& one : more) values.push_back(std::move(one));
    add_values(current, column, values);
  }
}

}  // namespace trialmill::publish
