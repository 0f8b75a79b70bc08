#include "workflow/mapping_tests.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/files.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "base/yaml.hpp"
#include "study/layout.hpp"
#include "study/study.hpp"
#include "transform/model.hpp"
#include "transform/transform.hpp"

namespace trialmill::workflow {
namespace {

namespace fs = std::filesystem;
using base::sql_identifier;
using base::sql_literal;

bool is_dataset_name(const std::string& name) {
  return !name.empty() && std::ranges::none_of(name, [](char c) { return c >= 'a' && c <= 'z'; });
}

/// A number if the whole text is one.
std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || status != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Whether a cell is what was written: 1.50 and 1.5 are the same number; null and "" are the same nothing.
bool is_same(const std::optional<std::string>& expected, const std::string& got) {
  if (!expected || expected->empty()) return got.empty();
  if (*expected == got) return true;
  const auto a = number_of(*expected), b = number_of(got);
  return a && b && *a == *b;
}

std::string shown(const std::optional<std::string>& value) {
  return !value || value->empty() ? "empty" : *value;
}

std::vector<std::string> columns_of(const GivenRows& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) {
    for (const auto& [name, value] : row.values) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

class CaseRun {
 public:
  CaseRun(const study::Study& study, const std::vector<transform::Model>& models, const MappingTestCase& test)
      : real_(study), models_(models), test_(test), study_(study) {
    static int number = 0;
    folder_ = fs::temp_directory_path() /
              ("trialmill-test-" + std::to_string(::getpid()) + "-" + std::to_string(number++));
    fs::create_directories(folder_ / "mappings");
    study_.lake = folder_ / "lake";
  }
  ~CaseRun() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  CaseRun(const CaseRun&) = delete;
  CaseRun& operator=(const CaseRun&) = delete;

  MappingTestResult run() {
    MappingTestResult result{test_.name, test_.dataset, test_.place, false, {}};
    choose_mappings();
    table::SessionOptions options;
    options.threads = 1;
    options.temp_directory = (folder_ / "spill").string();
    table::Session session(options);
    make_raw_tables(session);
    findings::Findings findings;
    const study::Layout layout{study_.lake};
    study::Context context{study_, layout, session, findings, {}};
    std::string stopped;
    try {
      transform::Options without_expected;
      without_expected.expected = false;
      transform::run(without_expected, context);
    } catch (const base::Error& error) {
      stopped = error.code();
      const std::string message = error.message();
      if (stopped != test_.error)
        differ(result, "the transformation stopped: " + stopped + " " + error.place().text() + ": " +
                           message.substr(0, message.find('\n')) + columns_hint(stopped));
    }
    if (!test_.error.empty() && stopped.empty())
      differ(result, "the transformation did not stop with " + test_.error);
    if (stopped.empty()) {
      for (const auto& [dataset, rows] : test_.expect) compare(session, dataset, rows, result);
    }
    check_findings(findings, result);
    result.passed = result.differences.empty();
    return result;
  }

 private:
  /// Raw tables have the columns of the last crawl; before the first one, those that the case gives.
  std::string columns_hint(const std::string& code) const {
    const bool about_columns = code == "TM2301" || code == "TM2306";
    const bool crawled = std::ranges::all_of(study_.sources, [this](const study::Source& source) {
      return !source.columns.empty() || fs::exists(study::Layout{real_.lake}.raw_table(source.name));
    });
    return about_columns && !crawled
               ? " (run trialmill crawl once, so that the columns of raw tables are known)"
               : "";
  }

  static void differ(MappingTestResult& result, std::string what) {
    result.differences.push_back(std::move(what));
  }

  const transform::Model* model_of(const std::string& dataset) const {
    for (const auto& model : models_) {
      if (model.dataset == dataset) return &model;
    }
    return nullptr;
  }

  /// The mapping under test, and those it needs; a dataset that the case gives is made from its rows instead.
  void choose_mappings() {
    std::vector<std::string> open;
    for (const auto& [dataset, rows] : test_.expect)
      open.push_back(dataset.starts_with("SUPP") && model_of(dataset) == nullptr ? dataset.substr(4)
                                                                                 : dataset);
    if (open.empty()) open.push_back(test_.dataset);
    std::set<std::string> chosen;
    study_.mappings.clear();
    while (!open.empty()) {
      const std::string dataset = domain_of(open.back());
      open.pop_back();
      if (!chosen.insert(dataset).second) continue;
      if (const auto given = test_.given.find(dataset); given != test_.given.end()) {
        study_.mappings.push_back(write_given(dataset, given->second));
        continue;
      }
      const transform::Model* model = model_of(dataset);
      if (model == nullptr) {
        std::vector<std::string> names;
        for (const auto& one : models_) names.push_back(one.dataset);
        throw base::usage_error("TM2862", "no mapping makes " + dataset, test_.place,
                                base::did_you_mean(dataset, names));
      }
      study_.mappings.push_back(model->path);
      open.insert(open.end(), model->needs.begin(), model->needs.end());
    }
    std::ranges::sort(study_.mappings);
  }

  /// Variables that the dataset's mapping names, for a dataset that is given without records.
  std::vector<std::string> declared_by(const std::string& dataset) const {
    std::vector<std::string> names;
    const transform::Model* model = model_of(dataset);
    if (model == nullptr || model->path.extension() == ".sql") return names;
    base::YamlMap map = base::parse_yaml(model->text, model->name).map();
    if (!map.has("variables")) return names;
    for (const auto& [name, node] : map.get("variables").map().entries()) {
      if (!name.starts_with("_")) names.push_back(name);
    }
    return names;
  }

  /// The domain that a mapping splits, if `dataset` is one of its parts; else the dataset itself.
  std::string domain_of(const std::string& dataset) const {
    if (model_of(dataset) != nullptr) return dataset;
    for (const auto& model : models_) {
      if (model.path.extension() == ".sql") continue;
      base::YamlMap map = base::parse_yaml(model.text, model.name).map();
      const auto split = map.find("split");
      if (split && split->is_map() && split->map().get("into").map().has(dataset)) return model.dataset;
    }
    return dataset;
  }

  /// Rows as a SQL model. Columns whose every value is a number, not in quotes, are numbers.
  fs::path write_given(const std::string& dataset, const GivenRows& rows) const {
    auto columns = columns_of(rows);
    if (columns.empty()) columns = declared_by(dataset);
    if (columns.empty())
      throw base::usage_error("TM2862", "the given dataset " + dataset + " has no variables", test_.place,
                              "give at least one row, with the variables that the mapping refers to");
    std::string sql = "-- dataset: " + dataset + "\nSELECT ";
    for (std::size_t c = 0; c < columns.size(); ++c) {
      bool numbers = false, texts = false;
      for (const auto& row : rows) {
        const auto cell = row.values.find(columns[c]);
        if (cell == row.values.end() || !cell->second) continue;
        const bool number = number_of(*cell->second) && !row.quoted.contains(columns[c]);
        (number ? numbers : texts) = true;
      }
      sql += (c > 0 ? ", " : "") + std::string("CAST(c") + std::to_string(c) +
             (numbers && !texts ? " AS DOUBLE" : " AS VARCHAR") + ") AS " + sql_identifier(columns[c]);
    }
    const GivenRows some = rows.empty() ? GivenRows{GivenRow{}} : rows;
    sql += " FROM (VALUES " + values(some, columns, "") + ") AS given(";
    for (std::size_t c = 0; c < columns.size(); ++c) sql += (c > 0 ? ", c" : "c") + std::to_string(c);
    const fs::path file = folder_ / "mappings" / (base::to_lower(dataset) + ".sql");
    base::write_file_atomically(file, sql + ")" + (rows.empty() ? " WHERE FALSE" : "") + "\n");
    return file;
  }

  static std::string values(const GivenRows& rows, const std::vector<std::string>& columns,
                            const std::string& file) {
    std::string sql;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      sql += r > 0 ? ", (" : "(";
      if (!file.empty()) sql += sql_literal(file) + ", " + std::to_string(r + 1) + ", ";
      for (std::size_t c = 0; c < columns.size(); ++c) {
        const auto cell = rows[r].values.find(columns[c]);
        const bool is_null = cell == rows[r].values.end() || !cell->second || cell->second->empty();
        sql += (c > 0 ? ", " : "") + (is_null ? std::string("NULL") : sql_literal(*cell->second));
      }
      sql += ")";
    }
    return sql;
  }

  /// Every source of the study: with the columns of its last crawl and those of the case, all text.
  void make_raw_tables(table::Session& session) const {
    session.execute("CREATE SCHEMA IF NOT EXISTS raw");
    const study::Layout real{real_.lake};
    for (const auto& [name, rows] : test_.given) {
      if (is_dataset_name(name) || study_.find_source(name) != nullptr) continue;
      std::vector<std::string> names;
      for (const auto& source : study_.sources) names.push_back(source.name);
      throw base::usage_error("TM2862", "'" + name + "' is no source of study.yaml", test_.place,
                              base::did_you_mean(name, names));
    }
    for (const auto& source : study_.sources) {
      const auto given = test_.given.find(source.name);
      const GivenRows rows = given == test_.given.end() ? GivenRows{} : given->second;
      std::vector<std::string> columns = columns_of(rows);
      const fs::path crawled = real.raw_table(source.name);
      const std::vector<std::string> known =
          fs::exists(crawled) ? session.columns_of("read_parquet(" + sql_literal(crawled.string()) + ")")
                              : source.columns;
      if (!known.empty()) {
        for (const auto& name : columns) require_column(source.name, name, known);
        for (const auto& name : known) {
          const auto same = [&](const std::string& other) {
            return base::to_lower(other) == base::to_lower(name);
          };
          if (name[0] != '_' && std::ranges::none_of(columns, same)) columns.push_back(name);
        }
      }
      std::string sql = "CREATE TABLE raw." + sql_identifier(source.name) + " (_file VARCHAR, _row BIGINT";
      for (const auto& name : columns) sql += ", " + sql_identifier(name) + " VARCHAR";
      session.execute(sql + ")");
      if (!rows.empty())
        session.execute("INSERT INTO raw." + sql_identifier(source.name) + " VALUES " +
                        values(rows, columns, test_.place.file));
    }
  }

  void require_column(const std::string& source, const std::string& name,
                      const std::vector<std::string>& known) const {
    if (std::ranges::any_of(known,
                            [&](const auto& one) { return base::to_lower(one) == base::to_lower(name); }))
      return;
    throw base::usage_error("TM2862", "source '" + source + "' has no column '" + name + "'", test_.place,
                            base::did_you_mean(name, known));
  }

  void compare(table::Session& session, const std::string& dataset, const GivenRows& expected,
               MappingTestResult& result) const {
    const auto made = session.tables("sdtm");
    if (std::ranges::find(made, dataset) == made.end()) {
      if (!expected.empty()) differ(result, dataset + " was not made, or has no records");
      return;
    }
    const auto columns = columns_of(expected);
    const auto known = session.columns_of("sdtm." + sql_identifier(dataset));
    for (const auto& name : columns) {
      if (std::ranges::find(known, name) == known.end())
        return differ(result, dataset + " has no variable " + name + "; " + base::did_you_mean(name, known));
    }
    std::string list;
    for (const auto& name : columns) list += (list.empty() ? "" : ", ") + sql_identifier(name);
    const auto got =
        session.query_text("SELECT " + (list.empty() ? "1" : list) + " FROM sdtm." + sql_identifier(dataset));
    if (test_.contains) return compare_some(dataset, expected, columns, got, result);
    for (std::size_t r = 0; r < std::min(expected.size(), got.rows()); ++r) {
      for (const auto& text : differences(expected[r], columns, got, r))
        differ(result, dataset + " record " + std::to_string(r + 1) + " (line " +
                           std::to_string(expected[r].place.line) + "): " + text);
    }
    if (expected.size() != got.rows())
      differ(result, dataset + " has " + std::to_string(got.rows()) + " records, expected " +
                         std::to_string(expected.size()));
  }

  static std::vector<std::string> differences(const GivenRow& row, const std::vector<std::string>& columns,
                                              const table::Result& got, std::size_t r) {
    std::vector<std::string> out;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto cell = row.values.find(columns[c]);
      if (cell == row.values.end() || is_same(cell->second, got.text(r, c))) continue;
      out.push_back(columns[c] + " is " + shown(got.text(r, c)) + ", expected " + shown(cell->second));
    }
    return out;
  }

  /// Each expected row takes a record of its own; for one that finds none, the nearest record is shown.
  static void compare_some(const std::string& dataset, const GivenRows& expected,
                           const std::vector<std::string>& columns, const table::Result& got,
                           MappingTestResult& result) {
    std::set<std::size_t> taken;
    for (const auto& row : expected) {
      std::optional<std::size_t> nearest;
      std::vector<std::string> fewest;
      for (std::size_t r = 0; r < got.rows(); ++r) {
        if (taken.contains(r)) continue;
        auto now = differences(row, columns, got, r);
        if (nearest && now.size() >= fewest.size()) continue;
        nearest = r;
        fewest = std::move(now);
      }
      if (nearest && fewest.empty()) {
        taken.insert(*nearest);
        continue;
      }
      const std::string place = dataset + " (line " + std::to_string(row.place.line) + "): no such record";
      differ(result,
             nearest ? place + "; in record " + std::to_string(*nearest + 1) + " " + base::join(fewest, "; ")
                     : place);
    }
  }

  void check_findings(const findings::Findings& findings, MappingTestResult& result) const {
    if (!test_.findings) return;
    std::set<std::string> codes;
    for (const auto& one : findings.sorted()) codes.insert(one.rule);
    for (const auto& code : *test_.findings) {
      if (codes.contains(code)) continue;
      differ(result, "no finding " + code +
                         (codes.empty() ? "; there are none"
                                        : "; there are " + base::join({codes.begin(), codes.end()}, ", ")));
    }
    if (!test_.findings->empty()) return;
    for (const auto& one : findings.sorted())
      differ(result, "unexpected finding " + one.rule + ": " + one.variable + " " + one.message);
  }

  const study::Study& real_;
  const std::vector<transform::Model>& models_;
  const MappingTestCase& test_;
  study::Study study_;
  fs::path folder_;
};

}  // namespace

std::vector<MappingTestResult> run_mapping_tests(const fs::path& folder, const std::string& filter) {
  const study::Study study = study::load(folder);
  const auto models = transform::read_models(study);
  std::vector<fs::path> files;
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(study.root / "tests", status)) {
    if (entry.path().extension() == ".yaml" || entry.path().extension() == ".yml")
      files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<MappingTestResult> results;
  for (const auto& file : files) {
    const std::string name = "tests/" + file.filename().string();
    for (const auto& test : read_mapping_tests(file, name)) {
      if (test.name.find(filter) == std::string::npos && name.find(filter) == std::string::npos) continue;
      base::check_stop();
      results.push_back(CaseRun(study, models, test).run());
    }
  }
  if (results.empty()) {
    throw base::usage_error("TM2861",
                            filter.empty() ? std::string("the study has no tests")
                                           : "no test has '" + filter + "' in its name or file",
                            {(study.root / "tests").string()},
                            "docs/mapping-tests.md shows how to write one");
  }
  return results;
}

}  // namespace trialmill::workflow
