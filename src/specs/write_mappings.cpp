#include <algorithm>
#include <cctype>
#include <regex>
#include <set>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"
#include "specs/sheet.hpp"
#include "specs/spec.hpp"

namespace trialmill::specs {

namespace fs = std::filesystem;

namespace {

/// A YAML scalar: plain where that is safe, else in double quotes (JSON text is YAML).
std::string scalar(const std::string& text) {
  static const std::regex plain("[A-Za-z_][A-Za-z0-9_.]*");
  static const std::set<std::string> words{"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  if (std::regex_match(text, plain) && words.count(base::to_lower(text)) == 0) return text;
  return base::dump_json(base::Json(text), -1);
}

std::string flow_list(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const auto& text : texts) parts.push_back(scalar(text));
  return "[" + base::join(parts, ", ") + "]";
}

std::string one_line(std::string text) {
  std::ranges::replace_if(text, [](unsigned char c) { return c < ' '; }, ' ');
  return text;
}

/// Names in a cell: "AESTDAT, AESTTIM", "DM.SEX; DM.GENDER" → without the table.
std::vector<std::string> columns_in(const std::string& cell) {
  std::vector<std::string> all;
  std::string word;
  const auto finish = [&] {
    if (const auto dot = word.rfind('.'); dot != std::string::npos) word = word.substr(dot + 1);
    if (!word.empty() && std::ranges::find(all, word) == all.end()) all.push_back(word);
    word.clear();
  };
  for (const char c : cell) {
    if (std::string_view(",;+|&/ \n\t").find(c) != std::string_view::npos)
      finish();
    else
      word += c;
  }
  finish();
  return all;
}

/// "DD-MON-YYYY", "dd/mm/yyyy", "date9." as tokens of {datetime}; "" if it is no such format.
std::string date_format(const std::string& text) {
  std::string out = base::to_upper(text);
  if (out.starts_with("DATE")) return "DMONY";
  if (out.starts_with("MMDDYY")) return "M/D/Y";
  if (out.starts_with("DDMMYY")) return "D/M/Y";
  if (out.find("8601") != std::string::npos || out.starts_with("YYYY-MM")) return "";
  out = base::replace_all(out, "MMM", "MON");
  out = base::replace_all(out, "YYYY", "Y");
  if (out.find("YY") != std::string::npos) return "";  // two digits need a rule for the century
  out = base::replace_all(out, "DD", "D");
  if (out.find("MON") == std::string::npos) out = base::replace_all(out, "MM", "M");
  out = out.substr(0, out.find(" "));
  static const std::regex tokens("(D|M|MON|Y)[-/. ]?(D|M|MON|Y)[-/. ]?(D|M|MON|Y)");
  return std::regex_match(out, tokens) ? out : "";
}

/// The name of a source in study.yaml: lower case, no extension.
std::string source_name(const std::string& text) {
  std::string out = text.substr(0, text.find_first_of(",;"));
  const auto dot = out.rfind('.');
  if (dot != std::string::npos && out.size() - dot <= 9) {
    const std::string tail = base::to_lower(out.substr(dot + 1));
    if (tail == "csv" || tail == "xlsx" || tail == "sas7bdat" || tail == "xpt" || tail == "txt")
      out.resize(dot);
  }
  out = word_of(out);
  if (!out.empty() && std::isdigit(static_cast<unsigned char>(out[0]))) out = "s_" + out;
  return out;
}

class MappingWriter {
 public:
  MappingWriter(const SpecDataset& dataset, const Spec& spec) : dataset_(dataset), spec_(spec) {}

  WrittenMapping write() {
    out_.dataset = dataset_.name;
    text_ = "# From " + spec_.file + ". Lines with TODO say what the specification leaves open.\n";
    line("dataset: " + dataset_.name);
    if (!dataset_.label.empty()) line("label: " + scalar(dataset_.label));
    if (!dataset_.structure.empty()) line("structure: " + scalar(dataset_.structure));
    line("keys: " + flow_list(keys()));
    records();
    line("variables:");
    for (const auto& one : dataset_.variables) {
      if (!one.supplemental) variable(one);
    }
    const bool supp = std::ranges::any_of(dataset_.variables, &SpecVariable::supplemental);
    if (supp) line("supp:");
    for (const auto& one : dataset_.variables) {
      if (one.supplemental) variable(one);
    }
    if (!dataset_.comment.empty()) line("comment: " + scalar(one_line(dataset_.comment)));
    out_.text = std::move(text_);
    return std::move(out_);
  }

 private:
  void line(const std::string& text) { text_ += text + "\n"; }

  void todo(const std::string& indent, const std::string& name, const std::string& what) {
    const std::string text = one_line(what);
    text_ += indent + "# TODO " + name + ": " + text + "\n";
    out_.open.push_back(name + ": " + text);
  }

  bool has(const std::string& name) const {
    return std::ranges::any_of(dataset_.variables, [&](const auto& v) { return v.variable == name; });
  }

  /// Keys of the specification, else what usually identifies a record of the dataset.
  std::vector<std::string> keys() const {
    if (!dataset_.keys.empty()) return dataset_.keys;
    std::vector<std::pair<int, std::string>> ordered;
    for (const auto& one : dataset_.variables) {
      if (!one.key_order.empty() && std::isdigit(static_cast<unsigned char>(one.key_order[0])))
        ordered.emplace_back(std::stoi(one.key_order.substr(0, 4)), one.variable);
    }
    std::ranges::stable_sort(ordered, {}, &std::pair<int, std::string>::first);
    std::vector<std::string> names;
    for (const auto& [order, name] : ordered) names.push_back(name);
    if (!names.empty()) return names;
    const std::string d = dataset_.name;
    for (const auto& name :
         {std::string("STUDYID"), std::string("USUBJID"), d + "TESTCD", d + "TRT", d + "DECOD", d + "TERM",
          std::string("VISITNUM"), d + "TPTNUM", d + "DTC", d + "STDTC", d + "SEQ"}) {
      if (has(name)) names.push_back(name);
    }
    if (names.empty() && !dataset_.variables.empty()) names.push_back(dataset_.variables[0].variable);
    return names;
  }

  /// The tables of the dataset, the one that most variables come from first.
  std::vector<std::string> sources() const {
    std::vector<std::pair<std::string, int>> counts;
    for (const auto& one : dataset_.variables) {
      const std::string name = source_name(one.source);
      if (name.empty()) continue;
      const auto found = std::ranges::find(counts, name, &std::pair<std::string, int>::first);
      if (found == counts.end())
        counts.emplace_back(name, 1);
      else
        ++found->second;
    }
    std::ranges::stable_sort(counts, [](const auto& a, const auto& b) { return a.second > b.second; });
    std::vector<std::string> names;
    for (const auto& [name, count] : counts) names.push_back(name);
    return names;
  }

  void records() {
    line("records:");
    const auto tables = sources();
    const std::string main = tables.empty() ? base::to_lower(dataset_.name) : tables[0];
    line("  - from: " + main);
    if (tables.empty()) todo("    ", "records", "the specification names no source; is it " + main + "?");
    std::string filter;
    for (const auto& one : dataset_.variables) {
      if (!one.filter.empty() && filter.empty()) filter = one_line(one.filter);
    }
    std::vector<std::string> joins;
    for (std::size_t i = 1; i < tables.size(); ++i) {
      std::string keys;
      for (const auto& one : dataset_.variables) {
        if (source_name(one.join_table.empty() ? one.source : one.join_table) == tables[i] &&
            !one.join_on.empty())
          keys = one.join_on;
      }
      if (keys.empty())
        todo("    ", "records",
             "values also come from " + tables[i] + ": join it (join: [{with: " + tables[i] +
                 ", on: [KEYS]}]) or add a row set");
      else
        joins.push_back("{with: " + tables[i] + ", on: " + flow_list(columns_in(keys)) + "}");
    }
    if (!joins.empty()) line("    join: [" + base::join(joins, ", ") + "]");
    if (!filter.empty()) {
      line("    keep: " + base::dump_json(base::Json(filter), -1));
      line("    why: not selected by the specification");
      todo("    ", "keep", "is this SQL, and is that the reason?");
    }
    if (dataset_.tests.empty()) return;
    line("    unpivot:");
    for (const auto& test : dataset_.tests) {
      std::string entry = "{result: " + scalar(test.column.empty() ? test.code : test.column);
      if (!test.name.empty()) entry += ", name: " + scalar(test.name);
      if (!test.unit.empty())
        entry += ", unit: " + scalar(test.unit);
      else if (!test.unit_column.empty())
        entry += ", unit_from: " + scalar(test.unit_column);
      if (test.guessed)
        todo("      ", test.code, "the specification names no column; is it " + test.column + "?");
      line("      " + test.code + ": " + entry + "}");
    }
  }

  /// The verb of a variable, "" if the specification does not say enough.
  std::string verb(const SpecVariable& one) const {
    const auto columns = columns_in(one.column);
    const std::string first = columns.empty() ? "" : scalar(columns[0]);
    const std::string& kind = one.rule_type;
    const bool starts =
        has(dataset_.name + "STDTC") || has(dataset_.name + "TRT") || has(dataset_.name + "TERM");
    const std::string date = dataset_.name + (has(dataset_.name + "DTC") || !starts ? "DTC" : "STDTC");
    if (kind == "test_code" || kind == "test_name" || kind == "test_result" || kind == "test_unit")
      return "test: " + kind.substr(5);
    if (kind == "sequence") return "sequence: keys";
    if (kind == "constant" || (kind.empty() && !one.constant.empty() && columns.empty())) {
      const std::string text = one.constant.empty() ? one.rule : one.constant;
      return text.empty() ? "" : "constant: " + scalar(text);
    }
    if (kind == "study_day") {
      const std::string stem =
          one.variable.substr(0, one.variable.size() - (one.variable.ends_with("DY") ? 2 : 0));
      return "study_day: " + stem + "DTC";
    }
    if (kind == "epoch") return "epoch: " + (has(columns.empty() ? "" : columns[0]) ? columns[0] : date);
    if (kind == "baseline") {
      std::string by = dataset_.name + "TESTCD";
      return "last_before: DM.RFXSTDTC, of: " + date + ", by: [" + by + "], result: " + dataset_.name +
             "ORRES";
    }
    if (kind == "sql")
      return one.rule.empty() ? "" : "sql: " + base::dump_json(base::Json(one_line(one.rule)), -1);
    if (one.variable == "USUBJID" && columns.size() > 1) {
      // The study's id is in front already where a column holds it.
      const bool study = base::to_upper(columns[0]).starts_with("STUDY");
      return study ? "concat: " + flow_list(columns) + ", separator: \"-\""
                   : "subject: " + flow_list(columns);
    }
    if (columns.empty() || kind == "lookup" || kind == "other") return "";
    if (kind == "datetime" || one.variable.ends_with("DTC")) {
      if (columns.size() > 2) return "";
      const std::string format = date_format(one.format);
      return "datetime: " + (columns.size() == 1 ? first : flow_list(columns)) +
             (format.empty() ? "" : ", formats: [" + scalar(format) + "]");
    }
    if (kind == "concat") return columns.size() < 2 ? "" : "concat: " + flow_list(columns);
    if (kind == "convert" && !one.unit_to.empty()) {
      // From Fahrenheit there is an offset, which columns of factors do not say.
      if (base::to_upper(one.unit_from).starts_with("F") && base::to_upper(one.unit_to).starts_with("C")) {
        return "convert: " + first + ", from: " + dataset_.name + "ORRESU, to: " + scalar(one.unit_to) +
               ", factors: {" + scalar(one.unit_from) + ": {factor: 5/9, offset: -32}}";
      }
      const std::string unit = columns.size() > 1 ? scalar(columns[1]) : dataset_.name + "ORRESU";
      return "convert: " + first + ", from: " + unit + ", to: " + scalar(one.unit_to) +
             (one.factor.empty() || one.unit_from.empty()
                  ? ""
                  : ", factors: {" + scalar(one.unit_from) + ": " + scalar(one.factor) + "}");
    }
    const std::string from = "from: " + (columns.size() == 1 ? first : flow_list(columns));
    if (!one.codelist.empty() && (kind == "codelist" || kind.empty()))
      return from + ", terms: " + scalar(one.codelist);
    return from;
  }

  void variable(const SpecVariable& one) {
    const std::string name = one.variable;
    if (name == "DOMAIN") return;
    const std::string body = verb(one);
    if (body.empty()) {
      std::string what = one.rule.empty() ? "no rule" : one.rule;
      if (!one.column.empty()) what += " (source " + one.source + " " + one.column + ")";
      if (what == "no rule" && !one.origin.empty()) what += ", origin " + one.origin;
      return todo("  ", name, what);
    }
    std::string options;
    const auto add = [&](const char* key, const std::string& text) {
      if (!text.empty()) options += std::string(", ") + key + ": " + scalar(one_line(text));
    };
    if (one.supplemental) add("label", one.label);
    add("origin", origin(one.origin));
    static const std::set<std::string> sources{"Investigator", "Sponsor", "Subject", "Vendor"};
    if (sources.count(one.origin_source) != 0) add("origin_source", one.origin_source);
    if (body.find(", terms: ") == std::string::npos) add("codelist", one.codelist);
    add("pages", one.pages);
    add("method", one.method);
    add("comment", one.comment);
    add("evaluator", one.evaluator);
    ++out_.variables;
    if (one.guessed) todo("  ", name, "the specification names no column; is it " + one.column + "?");
    const bool bare = options.empty() && body.starts_with("from: ") && body.find(',') == std::string::npos;
    line("  " + name + ": " + (bare ? body.substr(6) : "{" + body + options + "}"));
    if (body.starts_with("datetime: ") && !one.format.empty() && body.find("formats") == std::string::npos &&
        date_format(one.format).empty() && one.format.find("8601") == std::string::npos &&
        !base::to_upper(one.format).starts_with("YYYY-"))
      todo("  ", name, "what are the `formats` of " + one.format + "?");
    if (!one.rule.empty() && one.rule_type != "sql" && one.rule_type != "constant")
      todo("  ", name, "the rule says: " + one.rule);
  }

  /// The word of Define-XML 2.1 for what specifications say.
  static std::string origin(const std::string& text) {
    const std::string word = base::to_lower(text);
    if (word.empty()) return "";
    if (word.starts_with("crf") || word == "collected" || word == "edt" || word == "edc") return "Collected";
    for (const char* known : {"Derived", "Assigned", "Protocol", "Predecessor"}) {
      if (word == base::to_lower(known)) return known;
    }
    return "";
  }

  const SpecDataset& dataset_;
  const Spec& spec_;
  std::string text_;
  WrittenMapping out_;
};

/// Codelists that the mappings name and the study has not.
void write_codelists(const Spec& spec, const std::vector<WrittenMapping>& mappings, const fs::path& study) {
  for (const auto& [name, codelist] : spec.codelists) {
    const fs::path file = study / "codelists" / (name + ".csv");
    const bool used = std::ranges::any_of(mappings, [&name = name](const WrittenMapping& one) {
      return one.text.find("terms: " + scalar(name)) != std::string::npos;
    });
    if (!used || fs::exists(file) || name.find('/') != std::string::npos) continue;
    std::string text = "term,decode\n";
    for (const auto& term : codelist.terms)
      text += base::csv_cell(term.term) + "," + base::csv_cell(term.decode) + "\n";
    base::make_folders(file.parent_path());
    base::write_file_atomically(file, text);
  }
}

}  // namespace

std::vector<WrittenMapping> write_mappings(const Spec& spec, const WriteOptions& options) {
  std::vector<WrittenMapping> all;
  for (const auto& dataset : spec.datasets) {
    const auto& only = options.datasets;
    if (!only.empty() && std::ranges::find(only, dataset.name) == only.end()) continue;
    WrittenMapping one = MappingWriter(dataset, spec).write();
    one.file = options.study / "mappings" / (base::to_lower(dataset.name) + ".yaml");
    // What we write must be what we read.
    base::parse_yaml(one.text, one.file.string());
    if (options.write && !options.overwrite && fs::exists(one.file)) {
      throw base::usage_error(
          "TM2952", one.file.string() + " is there already", {},
          "--overwrite replaces it, --dataset NAME imports only some, --dry-run shows the text");
    }
    all.push_back(std::move(one));
  }
  if (!options.write) return all;
  base::make_folders(options.study / "mappings");
  for (const auto& one : all) base::write_file_atomically(one.file, one.text);
  write_codelists(spec, all, options.study);
  return all;
}

}  // namespace trialmill::specs
