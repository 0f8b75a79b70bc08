// Reading datasets: files and folders of them, the layout with _datasets.csv and _variables.csv, session
// tables.
#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "conform/load.hpp"

namespace trialmill::conform {

namespace {

namespace fs = std::filesystem;
using Line = std::vector<std::string>;

/// RFC 4180 with any line ends; a byte order mark and blank lines are skipped.
std::vector<Line> parse_csv(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  std::vector<Line> lines;
  Line line;
  std::string field;
  bool quoted = false, started = false;
  const auto end_line = [&] {
    line.push_back(std::move(field));
    field.clear();
    if (line.size() > 1 || started) lines.push_back(std::move(line));
    line.clear();
    started = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = started = true;
    } else if (c == ',') {
      line.push_back(std::move(field));
      field.clear();
      started = true;
    } else if (c == '\n' || c == '\r') {
      if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      end_line();
    } else {
      field += c;
      started = true;
    }
  }
  if (started || !line.empty()) end_line();
  return lines;
}

std::string cell_of(const Line& header, const Line& line, std::string_view name) {
  for (std::size_t i = 0; i < header.size() && i < line.size(); ++i) {
    if (base::to_lower(base::trim(header[i])) == base::to_lower(name)) return line[i];
  }
  return {};
}

/// A column of a type nobody declared: numbers if every field is one, integers if none is null or has a
/// point.
bool infer_numbers(const std::vector<Line>& lines, std::size_t column, bool& integral) {
  bool any = false;
  integral = true;
  for (std::size_t row = 1; row < lines.size(); ++row) {
    const std::string& text = lines[row][column];
    if (text.empty()) {
      integral = false;
      continue;
    }
    if (std::isnan(to_number(Value::of(text)))) return false;
    if (text.find_first_of(".eE") != std::string::npos) integral = false;
    any = true;
  }
  return any;
}

ColumnPtr column_of(const std::vector<Line>& lines, std::size_t column, const VariableInfo* info,
                    const std::string& where) {
  bool integral = false;
  const bool numeric = info != nullptr ? info->type == "Num" : infer_numbers(lines, column, integral);
  if (!numeric) {
    TextColumnBuilder builder;
    for (std::size_t row = 1; row < lines.size(); ++row) builder.add(lines[row][column]);
    return builder.finish();
  }
  std::vector<double> numbers;
  for (std::size_t row = 1; row < lines.size(); ++row) {
    const std::string& text = lines[row][column];
    numbers.push_back(text.empty() ? std::nan("") : to_number(Value::of(text)));
    if (!text.empty() && std::isnan(numbers.back())) {
      throw base::usage_error("TM2402", "'" + text + "' in the Num variable " + where + " is not a number",
                              {where, static_cast<int>(row + 1), 0},
                              "correct the value or declare the type Char");
    }
  }
  return std::make_shared<const Column>(std::move(numbers), integral);
}

/// What a file of the CORE layout may do, as its test cases do: leave empty fields at the end of a line out,
/// or have more of them than the header.
enum class Width { exact, empty_end_optional };

/// Lines of another width than the header and names that come twice are refused: which value belongs to which
/// variable would be a guess. Variables' names do not depend on case.
void square(std::vector<Line>& lines, Width width, const std::string& file) {
  std::map<std::string, int> seen;
  for (const std::string& name : lines[0]) {
    if (seen[base::to_upper(name)]++ > 0) {
      throw base::usage_error("TM2402", "the column " + name + " comes twice", {file, 1, 0},
                              "rename one of them");
    }
  }
  const std::size_t wanted = lines[0].size();
  for (std::size_t row = 1; row < lines.size(); ++row) {
    Line& line = lines[row];
    if (line.size() == wanted) continue;
    const std::size_t fields = line.size();
    if (width == Width::empty_end_optional) {
      while (line.size() > wanted && base::trim(line.back()).empty()) line.pop_back();
      if (line.size() < wanted) line.resize(wanted);
    }
    if (line.size() == wanted) continue;
    throw base::usage_error("TM2402",
                            "record " + std::to_string(row) + " has " + std::to_string(fields) +
                                " fields, the header has " + std::to_string(wanted),
                            {file, 0, 0}, "mend the record; nothing of the file was checked");
  }
}

Part read_part(const fs::path& file, std::vector<VariableInfo> variables, Width width) {
  const std::string text = base::read_file(file);
  std::vector<Line> lines = parse_csv(text);
  Part part;
  part.file = file.filename().string();
  part.size = static_cast<double>(text.size());
  part.variables = std::move(variables);
  if (lines.empty()) return part;
  square(lines, width, part.file);
  const Line& header = lines[0];
  part.frame.rows = lines.size() - 1;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::string& name = header[i];
    part.frame.columns.emplace_back(name,
                                    column_of(lines, i, part.find(name), file.stem().string() + "." + name));
  }
  return part;
}

void load_listed(Data& data, const fs::path& folder) {
  const std::vector<Line> datasets = parse_csv(base::read_file(folder / "_datasets.csv"));
  std::vector<Line> variables;
  if (fs::exists(folder / "_variables.csv"))
    variables = parse_csv(base::read_file(folder / "_variables.csv"));
  for (std::size_t row = 1; row < datasets.size(); ++row) {
    const std::string listed(base::trim(cell_of(datasets[0], datasets[row], "Filename")));
    if (listed.empty()) continue;
    const std::string stem =
        base::to_lower(fs::path(listed).extension() == ".csv" ? fs::path(listed).stem().string() : listed);
    fs::path file = folder / (listed == stem ? stem + ".csv" : listed);
    if (!fs::exists(file)) file = folder / (stem + ".csv");
    if (!fs::exists(file)) file = folder / (base::to_upper(stem) + ".csv");
    if (!fs::exists(file)) continue;
    std::vector<VariableInfo> infos;
    for (std::size_t i = 1; i < variables.size(); ++i) {
      const auto value = [&](std::string_view name) { return cell_of(variables[0], variables[i], name); };
      if (base::to_lower(base::trim(value("dataset"))) != stem &&
          base::to_lower(base::trim(value("dataset"))) != stem + ".csv")
        continue;
      infos.push_back({std::string(base::trim(value("variable"))), value("label"),
                       std::string(base::trim(value("type"))), to_number(Value::of(value("length")))});
    }
    Part part;
    try {
      part = read_part(file, std::move(infos), Width::empty_end_optional);
    } catch (const base::Error& problem) {
      data.add_problem(file.filename().string(), problem.code() + ": " + problem.message());
      continue;
    }
    const std::string shown = cell_of(datasets[0], datasets[row], "Dataset Name");
    part.name = shown.empty() ? base::to_upper(stem) : shown;
    part.label = cell_of(datasets[0], datasets[row], "Label");
    data.add(std::move(part));
  }
}

/// One file of a known kind; others are not datasets. What cannot be read is noted, the rest goes on.
void load_file(Data& data, const fs::path& file) {
  const std::string extension = base::to_lower(file.extension().string());
  try {
    if (extension == ".xpt") {
      load_xpt(data, file);
    } else if (extension == ".csv") {
      Part part = read_part(file, {}, Width::exact);
      part.name = base::to_upper(file.stem().string());
      for (const auto& [name, column] : part.frame.columns) {
        part.variables.push_back({name, "", column->numeric() ? "Num" : "Char", 0});
      }
      data.add(std::move(part));
    } else if (extension == ".json" || extension == ".ndjson" || extension == ".dsjc") {
      load_dataset_file(data, file);
    } else if (extension == ".parquet") {
      table::Session session;
      data.add(load_relation(session, "read_parquet(" + base::sql_literal(file.string()) + ")",
                             file.stem().string(), nullptr));
    }
  } catch (const base::Error& problem) {
    if (problem.kind() == base::ErrorKind::interrupted) throw;
    data.add_problem(file.filename().string(), problem.code() + ": " + problem.message());
  }
}

void load_path(Data& data, const fs::path& path) {
  if (!fs::exists(path)) {
    throw base::usage_error(
        "TM2403", "there is no file or folder " + path.string(), {},
        "--data takes files and folders of datasets: *.xpt, *.csv, *.parquet, *.json, *.ndjson, "
        "*.dsjc");
  }
  if (!fs::is_directory(path)) return load_file(data, path);
  if (fs::exists(path / "_datasets.csv")) return load_listed(data, path);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    if (file.filename() != "_variables.csv") load_file(data, file);
  }
}

}  // namespace

Part load_relation(table::Session& session, const std::string& relation, const std::string& name,
                   const standards::SdtmIg* ig) {
  Part part;
  part.name = base::to_upper(name);
  part.file = name;
  if (ig != nullptr) part.label = ig->dataset_label(part.name);
  const table::Result rows = session.query("SELECT * FROM " + relation);
  part.frame.rows = rows.rows();
  for (std::size_t column = 0; column < rows.columns(); ++column) {
    const bool numeric =
        rows.type(column) == table::Type::integer || rows.type(column) == table::Type::number;
    const bool plain = rows.type(column) == table::Type::text;
    VariableInfo info{rows.name(column), ig == nullptr ? "" : ig->label_of(part.name, rows.name(column)),
                      numeric ? "Num" : "Char", 8};
    ColumnPtr filled;
    if (numeric) {
      std::vector<double> numbers(rows.rows());
      for (std::size_t row = 0; row < rows.rows(); ++row) {
        numbers[row] = rows.is_null(row, column) ? std::nan("")
                       : rows.type(column) == table::Type::integer
                           ? static_cast<double>(rows.integer(row, column))
                           : rows.number(row, column);
      }
      filled = std::make_shared<const Column>(std::move(numbers), false);
    } else {
      TextColumnBuilder builder;
      for (std::size_t row = 0; row < rows.rows(); ++row) {
        if (plain) {
          builder.add(rows.view(row, column));
        } else {
          builder.add(rows.text(row, column));
        }
      }
      filled = builder.finish();
    }
    part.frame.columns.emplace_back(info.name, std::move(filled));
    part.variables.push_back(std::move(info));
  }
  return part;
}

void load_schema(Data& data, table::Session& session, const std::string& schema,
                 const standards::SdtmIg* ig) {
  for (const std::string& name : session.tables(schema)) {
    data.add(load_relation(session, schema + "." + base::sql_identifier(name), name, ig));
  }
}

void load_folder(Data& data, const fs::path& folder) {
  load_paths(data, {folder.string()});
}

void load_paths(Data& data, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) load_path(data, path);
  if (!data.parts().empty() || !data.problems().empty()) return;
  throw base::usage_error(
      "TM2403", "no datasets found in " + base::join(paths, ", "), {},
      "--data takes files and folders of datasets: *.xpt, *.csv, *.parquet, *.json, *.ndjson, "
      "*.dsjc");
}

}  // namespace trialmill::conform
