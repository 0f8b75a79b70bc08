#include <cctype>

#include "base/text.hpp"
#include "standards/iso8601.hpp"
#include "transform/decimal.hpp"
#include "transform/variables_builder.hpp"

namespace trialmill::transform {

using base::sql_literal;
using base::YamlMap;
using base::YamlValue;

namespace {

const char* const number_pattern = "'[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?'";

/// Why a value was not converted.
std::string explain_number(const std::string& text) {
  return convert_exactly(text, "", "1", -1) ? "the unit is unknown; not converted"
                                            : "not a number; not converted";
}

}  // namespace

void VariablesBuilder::datetime(Variable& out, const YamlValue& columns, YamlMap& verb) {
  const auto list = columns.is_list() ? columns.list() : std::vector<YamlValue>{columns};
  std::vector<std::string> inputs;
  for (const auto& name : list) inputs.push_back("CAST(" + operand(name, true) + " AS VARCHAR)");
  if (inputs.empty() || inputs.size() > 2)
    throw columns.wrong_type("list of a date and perhaps a time column");
  standards::RawDateSpec spec{verb.texts_or("formats", {}), verb.texts_or("unknown", {}), std::nullopt,
                              verb.text_or("zone", "")};
  const auto pivot = verb.find("pivot");
  if (pivot) spec.pivot = static_cast<int>(pivot->integer());
  try {
    standards::RawDateReader check(spec);
  } catch (const base::Error& error) {
    throw base::usage_error(error.code(), error.message(), verb.place(), error.hint());
  }
  const std::string text = base::join(spec.formats, "\n") + "\t" + base::join(spec.unknown, "\n") + "\t" +
                           (pivot ? pivot->text() : "") + "\t" + spec.zone;
  out.sql = "trialmill_datetime(" + inputs[0] + ", " + (inputs.size() > 1 ? inputs[1] : "NULL") + ", " +
            sql_literal(text) + ")";
  // A word for "unknown" is an answer, not a mistake.
  // A zone behind the seconds stays.
  const std::string precision = verb.choice_or("precision", {"as-is", "minute", "day"}, "as-is");
  if (precision == "day") out.sql = "left(" + out.sql + ", 10)";
  if (precision == "minute")
    out.sql = "regexp_replace(" + out.sql + ", '(T[0-9]{2}:[0-9]{2}):[0-9.]+', '\\1')";
  out.input = clean(inputs[0]);
  if (!spec.unknown.empty()) {
    std::string words;
    for (const auto& word : spec.unknown) {
      std::string literal;
      for (const char c : base::to_upper(word)) {
        if (!std::isalnum(static_cast<unsigned char>(c))) literal += '\\';
        literal += c;
      }
      words += (words.empty() ? "(" : "|") + literal;
    }
    words += ")";
    // UN, UN-UNK-UNK: nothing is known.
    out.input = "CASE WHEN NOT regexp_full_match(upper(" + out.input + "), " +
                sql_literal(words + "([^A-Z0-9]+" + words + ")*") + ") THEN " + out.input + " END";
  }
  out.code = "TM2351";
  out.trimmed = true;
  out.explain = [reader = standards::RawDateReader(spec)](const std::string& raw) {
    const std::string problem = reader.read(raw, "").problem;
    return problem.empty() ? "" : problem + "; it became empty";
  };
  if (precision != "day") note_lost_time(out, inputs, spec);
}

/// A finding where the raw data have a time of day and the result has not: it is none, or the date is
/// partial.
void VariablesBuilder::note_lost_time(const Variable& date, const std::vector<std::string>& inputs,
                                      const standards::RawDateSpec& spec) {
  std::string time = clean(inputs.back());
  std::string given = time + " IS NOT NULL";
  for (const auto& word : spec.unknown)
    given += " AND upper(" + time + ") <> " + sql_literal(base::to_upper(word));
  if (inputs.size() == 1) {
    for (const auto& format : spec.formats) {
      if (format.find(':') != std::string::npos) return;
    }
    given = "contains(" + time + ", ':')";
  }
  const std::string result = base::sql_identifier(date.name);
  Variable check;
  check.name = unique_name("_time$" + date.name);
  check.source_name = date.source_name;
  check.place = place_;
  check.code = "TM2358";
  const std::string lost = result + " IS NOT NULL AND NOT contains(" + result + ", 'T')";
  check.sql = "CASE WHEN (" + given + " AND (" + lost +
              (inputs.size() > 1 ? " OR " + clean(inputs[0]) + " IS NULL" : "") +
              ")) IS NOT TRUE THEN '' END";
  check.input = time;
  extra_.push_back(std::move(check));
}

void VariablesBuilder::number(Variable& out, const YamlValue& value, YamlMap& verb) {
  out.input = cleaned(operand(value, true));
  out.code = "TM2352";
  out.numeric = true;
  std::string text = out.input;
  // 1.250 beside 7,5 may be a thousand and more: no number.
  const bool comma = verb.choice_or("decimal", {","}, "") == ",";
  if (comma) text = "CASE WHEN NOT contains(" + text + ", '.') THEN replace(" + text + ", ',', '.') END";
  const std::string written = text;
  if (const auto digits = verb.find("round"))
    text = "trialmill_convert(" + text + ", '\t1', " + sql_literal(std::to_string(digits->integer())) + ")";
  const std::string number = "try_cast(" + text + " AS DOUBLE)";
  out.sql = "CASE WHEN regexp_full_match(" + written + ", " + number_pattern + ") AND isfinite(" + number +
            ") THEN " + number + " END";
}

/// `offset TAB factor` for each unit, as trialmill_convert wants it.
std::string VariablesBuilder::unit_factors(const std::string& unit, const std::string& to, YamlMap& verb) {
  std::string sql = "CASE " + key_of(unit);
  bool itself = false;
  const auto add_unit = [&](const std::string& name, const std::string& offset, const YamlValue* factor) {
    const std::string spec = offset + "\t" + (factor ? factor->text() : "1");
    if (!convert_exactly("1", offset, factor ? factor->text() : "1", -1))
      throw factor->wrong_type("number or ratio such as 5/9");
    sql += " WHEN upper(" + sql_literal(name) + ") THEN " + sql_literal(spec);
  };
  if (const auto factors = verb.find("factors")) {
    for (const auto& [name, node] : factors->map().entries()) {
      itself = itself || base::to_upper(name) == base::to_upper(to);
      if (node.is_map()) {
        YamlMap body = node.map();
        const std::string offset = body.text_or("offset", "");
        const YamlValue factor = body.get("factor");
        add_unit(name, offset, &factor);
        body.finish();
      } else {
        add_unit(name, "", &node);
      }
    }
  }
  if (!itself) add_unit(to, "", nullptr);
  return sql + " END";
}

/// Factors of a file with the columns from, to, factor and, if wanted, offset, round and test: one line for
/// each unit, or for each unit of a test.
void VariablesBuilder::convert_by_table(Variable& out, const YamlValue& file, const std::string& input,
                                        const std::string& unit, const std::string& unit_input,
                                        YamlMap& verb) {
  const std::string table = table_of(file);
  const auto columns = context_.session.columns_of("(SELECT * FROM " + table + ")");
  const auto column = [&columns](const char* name) {
    const std::string found = find_name(columns, name);
    return found.empty() ? std::string("''") : "coalesce(" + clean(base::sql_identifier(found)) + ", '')";
  };
  for (const char* needed : {"from", "to", "factor"}) {
    if (find_name(columns, needed).empty())
      throw base::usage_error("TM2301", file.text() + " has no column '" + needed + "'", file.place(),
                              "columns are from, to, factor and, if wanted, offset, round, test");
  }
  std::vector<std::string> inputs{unit};
  base::Json read{{"table", file.text()},
                  {"on", {"from"}},
                  {"keys", {unit_input}},
                  {"value", "factor"},
                  {"blanks", true}};
  std::string keys = key_of(column("from")) + " AS k0";
  if (const auto test = verb.find("test")) {
    if (find_name(columns, "test").empty())
      throw base::usage_error("TM2301", file.text() + " has no column 'test'", test->place());
    const std::size_t before = inputs_.size();
    inputs.push_back(operand(*test, false));
    read["on"].push_back("test");
    read["keys"].push_back(input_since(before));
    keys += ", " + key_of(column("test")) + " AS k1";
  }
  const auto lines =
      context_.session.query_text("SELECT " + column("from") + ", " + column("offset") + ", " +
                                  column("factor") + ", " + column("round") + " FROM " + table);
  for (std::size_t r = 0; r < lines.rows(); ++r) {
    const std::string digits = lines.text(r, 3);
    const bool whole = digits.find_first_not_of("0123456789") == std::string::npos && digits.size() < 3;
    if (convert_exactly("1", lines.text(r, 1), lines.text(r, 2), -1) && whole) continue;
    throw base::usage_error("TM2312",
                            "unit '" + lines.text(r, 0) + "' of " + file.text() + ", line " +
                                std::to_string(r + 2) + ", cannot be converted",
                            file.place(),
                            "factors are numbers or ratios such as 5/9, `round` a number of decimals");
  }
  inputs_.push_back(file.text());
  note_read("lookup", file.text(), std::move(read));
  join_keys(out,
            "(SELECT " + keys + ", " + column("round") + " || '|' || " + column("offset") + " || '\t' || " +
                column("factor") + " AS v FROM " + table + ")",
            inputs, true);
  const auto digits = verb.find("round");
  const std::string line = out.sql,
                    round = "coalesce(nullif(split_part(" + line + ", '|', 1), ''), " +
                            (digits ? sql_literal(std::to_string(digits->integer())) : "NULL") + ")";
  out.sql = "CAST(trialmill_convert(" + cleaned(input) + ", split_part(" + line + ", '|', 2), " + round +
            ") AS DOUBLE)";
}

void VariablesBuilder::convert(Variable& out, const YamlValue& value, YamlMap& verb) {
  out.numeric = true;
  if (const auto file = verb.find("units")) {
    const std::string number = operand(value, false);
    const std::size_t before = inputs_.size();
    const std::string unit = operand(verb.get("from"), false);
    convert_by_table(out, *file, number, unit, input_since(before), verb);
    out.input = clean(number);
    out.code = "TM2353";
    out.explain = explain_number;
    return;
  }
  const std::string input = operand(value, false), unit = operand(verb.get("from"), false),
                    to = verb.text("to");
  const auto digits = verb.find("round");
  out.sql = "CAST(trialmill_convert(" + cleaned(input) + ", " + unit_factors(unit, to, verb) + ", " +
            (digits ? sql_literal(std::to_string(digits->integer())) : "NULL") + ") AS DOUBLE)";
  out.input = cleaned(input);
  out.code = "TM2353";
  out.explain = explain_number;
}

void VariablesBuilder::text(Variable& out, const YamlValue& value, YamlMap& verb) {
  out.sql = number_text("CAST(" + operand(value, false) + " AS DOUBLE)");
  out.trimmed = true;
  if (const auto other = verb.find("else"))
    out.sql = "coalesce(" + out.sql + ", " + cleaned(operand(*other, false)) + ")";
}

void VariablesBuilder::age(Variable& out, const YamlValue& list, YamlMap&) {
  const auto dates = list.list();
  if (dates.size() != 2) throw list.wrong_type("list of the birth and the reference date");
  out.sql = "CAST(date_sub('year', " + day_of(operand(dates[0], false)) + ", " +
            day_of(operand(dates[1], false)) + ") AS BIGINT)";
}

void register_date_function(table::Session& session) {
  session.register_function("trialmill_datetime", 3, [](auto arguments) -> std::optional<std::string> {
    // Formats differ by variable, not by row: the last reader of the thread nearly always fits.
    thread_local std::string known;
    thread_local std::optional<standards::RawDateReader> reader;
    if (!arguments[0] || !arguments[2]) return std::nullopt;
    if (!reader || known != *arguments[2]) {
      const auto parts = base::split(*arguments[2], '\t');
      const auto words = [](const std::string& text) {
        return text.empty() ? std::vector<std::string>{} : base::split(text, '\n');
      };
      standards::RawDateSpec spec{words(parts[0]), words(parts[1]), std::nullopt, parts[3]};
      if (!parts[2].empty()) spec.pivot = std::stoi(parts[2]);
      reader.emplace(std::move(spec));
      known = *arguments[2];
    }
    return reader->read(*arguments[0], arguments[1].value_or("")).iso;
  });
}

}  // namespace trialmill::transform
