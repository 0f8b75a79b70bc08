#include "transform/program.hpp"

#include <algorithm>
#include <set>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "formats/dataset_file.hpp"
#include "formats/dataset_table.hpp"
#include "transform/records.hpp"

namespace trialmill::transform {

namespace fs = std::filesystem;
using base::sql_identifier;
using base::sql_literal;
using base::YamlMap;
using base::YamlValue;

namespace {

/// Paths of the study that the program's files and arguments name; a pattern ends in a name with one `*`.
std::vector<fs::path> files_of(YamlMap& map, const fs::path& study) {
  std::set<fs::path> found;
  for (const auto& text : map.get("run").texts()) {
    if (fs::is_regular_file(study / text)) found.insert(study / text);
  }
  if (const auto files = map.find("files")) {
    for (const auto& node : files->is_list() ? files->list() : std::vector<YamlValue>{*files}) {
      const fs::path pattern = study / node.text();
      const std::string name = pattern.filename();
      const auto star = name.find('*');
      std::size_t before = found.size();
      if (star == std::string::npos) {
        if (fs::is_regular_file(pattern)) found.insert(pattern), ++before;
      } else {
        std::error_code status;
        for (const auto& entry : fs::directory_iterator(pattern.parent_path(), status)) {
          const std::string other = entry.path().filename();
          if (entry.is_regular_file() && other.size() + 1 >= name.size() &&
              other.starts_with(name.substr(0, star)) && other.ends_with(name.substr(star + 1)))
            found.insert(entry.path());
        }
      }
      if (star == std::string::npos ? !fs::is_regular_file(pattern) : found.size() == before)
        throw base::usage_error("TM2302", "no file '" + node.text() + "'", node.place(),
                                "paths start at study.yaml");
    }
  }
  return {found.begin(), found.end()};
}

/// The commit of the study's repository, "" if it is in none; `-modified` if files differ from it.
std::string commit_of(const fs::path& study, const fs::path& scratch) {
  const auto git = [&](std::vector<std::string> arguments) {
    base::ProcessOptions options;
    options.arguments = std::move(arguments);
    options.folder = study;
    options.log = scratch / "git.log";
    options.timeout = std::chrono::seconds(30);
    const bool ok = base::run_process(options).ok();
    const std::string said = ok ? base::read_file(options.log, 1 << 20) : "";
    std::error_code status;
    fs::remove(options.log, status);
    return std::string(base::trim(said));
  };
  const std::string commit = git({"git", "rev-parse", "HEAD"});
  if (commit.empty()) return "";
  return commit + (git({"git", "status", "--porcelain", "--", "."}).empty() ? "" : "-modified");
}

/// The last lines of what a program wrote.
std::string tail_of(const fs::path& log) {
  std::error_code status;
  if (!fs::exists(log, status)) return "it wrote nothing";
  const std::string text = base::read_file(log, 1 << 24);
  auto lines = base::split(std::string(base::trim(text)), '\n');
  if (lines.size() > 12) lines.erase(lines.begin(), lines.end() - 12);
  const std::string rest = base::join(lines, "\n    ");
  return rest.empty() ? "it wrote nothing" : "its last lines:\n    " + rest;
}

class ProgramRun {
 public:
  ProgramRun(YamlMap& map, std::string dataset, std::size_t number, const Scope& scope,
             study::Context& context)
      : map_(map),
        dataset_(std::move(dataset)),
        name_(dataset_ + (number == 0 ? "" : "-" + std::to_string(number + 1))),
        scope_(scope),
        context_(context),
        folder_(scope.folder / "programs" / name_) {}

  ProgramRows run() {
    const auto inputs = map_.texts_or("inputs", {});
    const YamlValue output = map_.get("output");
    const auto columns = map_.find("columns");
    std::error_code status;
    fs::remove_all(folder_, status);
    base::make_folders(folder_ / "inputs");
    for (const auto& input : inputs) write_input(input);
    execute();
    ProgramRows rows;
    rows.record = record_;
    rows.sql = load(output);
    if (columns) rows.sql = checked(columns->map(), rows.sql);
    map_.finish();
    for (const auto& input : inputs) {
      if (input.starts_with("raw.")) rows.inputs.push_back(input.substr(4));
    }
    fs::remove_all(folder_ / "inputs", status);
    fs::remove(folder_ / fs::path(output.text()).filename(), status);
    return rows;
  }

 private:
  void write_input(const std::string& input) {
    const auto dot = input.find('.');
    const std::string schema = input.substr(0, dot),
                      name = dot == std::string::npos ? "" : input.substr(dot + 1);
    const YamlValue node = map_.get("inputs");
    if ((schema != "raw" && schema != "sdtm") || name.empty())
      throw node.wrong_type("list of tables such as raw.edc_ae and sdtm.DM");
    if (schema == "sdtm" && scope_.is_open(name)) throw Waiting{name};
    if (!context_.session.has_table(schema, name)) {
      const auto known = schema == "raw" ? context_.session.tables("raw") : scope_.datasets;
      throw base::usage_error("TM2302", "no table '" + input + "'", node.place(),
                              base::did_you_mean(name, known));
    }
    const bool csv = map_.choice_or("input_format", {"parquet", "csv"}, "parquet") == "csv";
    context_.session.execute(
        "COPY (SELECT * FROM " + schema + "." + sql_identifier(name) + ") TO " +
        sql_literal((folder_ / "inputs" / (name + (csv ? ".csv" : ".parquet"))).string()) +
        (csv ? " (FORMAT csv, HEADER)" : " (FORMAT parquet)"));
  }

  void execute() {
    const YamlValue run = map_.get("run");
    base::ProcessOptions options;
    options.arguments = run.texts();
    options.folder = context_.study.root;
    options.log = folder_ / "log.txt";
    const long long seconds = map_.integer_or("timeout", 3600);
    if (seconds < 1) throw map_.get("timeout").wrong_type("number of seconds over 0");
    options.timeout = std::chrono::seconds(seconds);
    const fs::path output = folder_ / fs::path(map_.text("output")).filename();
    options.environment = {{"TRIALMILL_INPUTS", (folder_ / "inputs").string()},
                           {"TRIALMILL_OUTPUT", output.string()},
                           {"TRIALMILL_STUDY", context_.study.id},
                           {"TRIALMILL_DATASET", dataset_}};
    base::Json files = base::Json::object();
    for (const auto& file : files_of(map_, context_.study.root))
      files[file.lexically_relative(context_.study.root).string()] = base::sha256_of_file(file);
    record_ = {{"run", options.arguments}, {"files", files}};
    if (const std::string commit = commit_of(context_.study.root, folder_); !commit.empty())
      record_["commit"] = commit;
    const auto result = base::run_process(options);
    record_["exit_code"] = result.exit_code;
    record_["seconds"] = result.seconds;
    const std::string command = base::join(options.arguments, " ");
    if (result.timed_out) {
      throw base::Error("TM2321", command + " was ended after " + std::to_string(seconds) + " s", run.place(),
                        tail_of(options.log));
    }
    if (result.exit_code == 127)
      throw base::Error("TM2320", "there is no program '" + options.arguments[0] + "'", run.place(),
                        "it is looked for in PATH; " + tail_of(options.log));
    if (!result.ok()) {
      throw base::Error("TM2320", command + " failed with exit code " + std::to_string(result.exit_code),
                        run.place(), tail_of(options.log));
    }
  }

  /// The output as a temporary table; whole numbers are whole, dates are ISO 8601 text.
  std::string load(const YamlValue& output) {
    const fs::path file = folder_ / fs::path(output.text()).filename();
    const std::string table = "tm_program_" + name_, quoted = sql_identifier(table);
    try {
      const auto opened = formats::open_dataset_file(file);
      if (opened->datasets().empty() || opened->datasets()[0].variables.empty())
        throw base::Error("TM2322", "it is empty", {},
                          "a CSV file needs a line with the names of the columns");
      const auto& variables = opened->datasets()[0].variables;
      std::set<std::size_t> as_text;
      for (std::size_t i = 0; i < variables.size(); ++i) {
        const auto type = variables[i].type;
        if (type == formats::ValueType::date || type == formats::ValueType::time ||
            type == formats::ValueType::datetime)
          as_text.insert(i);
      }
      context_.session.execute("DROP TABLE IF EXISTS " + quoted);
      formats::load_table(*opened, 0, context_.session, table, as_text);
      std::string fractions = "SELECT count(*)", list;  // one row, even of none
      for (std::size_t i = 0; i < variables.size(); ++i) {
        const std::string c = "c" + std::to_string(i);
        const bool number = variables[i].storage == formats::Storage::number && as_text.count(i) == 0;
        fractions += number
                         ? ", count(*) FILTER (WHERE " + c + " <> trunc(" + c + ") OR abs(" + c + ") > 9e15)"
                         : ", 1";
      }
      const auto counts = context_.session.query(fractions + " FROM " + quoted);
      for (std::size_t i = 0; i < variables.size(); ++i) {
        const std::string c = "c" + std::to_string(i);
        const bool whole = counts.integer(0, i + 1) == 0;
        list += (list.empty() ? "" : ", ") + (whole ? "CAST(" + c + " AS BIGINT)" : c) + " AS " +
                sql_identifier(variables[i].name);
      }
      return "SELECT " + list + " FROM " + quoted;
    } catch (const base::Error& error) {
      const bool absent = !fs::exists(file);
      throw base::Error(
          "TM2322", absent ? "the program made no output" : "its output cannot be read: " + error.message(),
          output.place(),
          absent ? "it must write the file that the environment variable TRIALMILL_OUTPUT names; " +
                       tail_of(folder_ / "log.txt")
                 : error.hint());
    }
  }

  /// The output with the columns declared; texts that are declared as numbers (CSV knows no types) must be
  /// some.
  std::string checked(YamlMap wanted, const std::string& sql) {
    std::string numbers;
    const auto types = context_.session.types_of("(" + sql + ")");
    std::vector<std::string> names;
    for (const auto& [name, type] : types) names.push_back(name);
    for (const auto& [name, node] : wanted.entries()) {
      const std::string kind = node.text();
      if (kind != "Num" && kind != "Char") throw node.wrong_type("Num or Char");
      const std::string found = find_name(names, name);
      if (found.empty()) {
        throw base::Error("TM2323", "the program's output has no column '" + name + "'", node.place(),
                          "it has " + base::join(names, ", "));
      }
      const bool number = types.at(found) != "VARCHAR";
      if (number == (kind == "Num")) continue;
      if (number) {
        throw base::Error("TM2323", "column '" + name + "' of the program's output is Num, declared is Char",
                          node.place());
      }
      numbers += (numbers.empty() ? "" : ", ") + as_number(found, sql, node);
    }
    return numbers.empty() ? sql : "SELECT * REPLACE (" + numbers + ") FROM (" + sql + ")";
  }

  std::string as_number(const std::string& column, const std::string& sql, const YamlValue& node) {
    const std::string name = sql_identifier(column), value = "try_cast(" + name + " AS DOUBLE)";
    const auto wrong = context_.session.query_text("SELECT " + name + " FROM (" + sql + ") WHERE trim(" +
                                                   name + ") <> '' AND " + value + " IS NULL LIMIT 1");
    if (wrong.rows() > 0) {
      throw base::Error("TM2323",
                        "column '" + column + "' of the program's output is declared Num, but holds '" +
                            wrong.text(0, 0) + "'",
                        node.place());
    }
    const bool whole = context_.session.count("SELECT count(*) FROM (" + sql + ") WHERE " + value +
                                              " <> trunc(" + value + ") OR abs(" + value + ") > 9e15") == 0;
    return (whole ? "CAST(" + value + " AS BIGINT)" : value) + " AS " + name;
  }

  YamlMap& map_;
  const std::string dataset_, name_;
  const Scope& scope_;
  study::Context& context_;
  const fs::path folder_;
  base::Json record_ = base::Json::object();
};

}  // namespace

ProgramRows run_program(YamlMap map, const std::string& dataset, std::size_t number, const Scope& scope,
                        study::Context& context) {
  return ProgramRun(map, dataset, number, scope, context).run();
}

std::vector<fs::path> program_files(const std::string& mapping, const std::string& name,
                                    const fs::path& study) {
  std::vector<fs::path> all;
  if (mapping.find("program:") == std::string::npos) return all;
  YamlMap map = base::parse_yaml(mapping, name).map();
  if (!map.has("records")) return all;
  for (const auto& record : map.get("records").list()) {
    if (!record.is_map()) continue;
    YamlMap body = record.map();
    const auto program = body.find("program");
    if (!program || !program->is_map()) continue;
    YamlMap about = program->map();
    const auto files = files_of(about, study);
    all.insert(all.end(), files.begin(), files.end());
  }
  return all;
}

}  // namespace trialmill::transform
