// The two line-based forms of published terminology: NCI EVS' tab-separated text, and CSV with one line a
// term.
#include <algorithm>
#include <fstream>

#include "base/error.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "formats/csv_scan.hpp"
#include "standards/terminology_forms.hpp"

namespace trialmill::standards {

namespace {

constexpr std::size_t line_bytes_max = std::size_t{1}
                                       << 20;  // definitions, the longest cells, reach a few kB

base::Error damaged(const std::string& file, int line, const std::string& what) {
  return base::Error("TM1431", what, {file, line}, "the file was cut or changed on its way: get it again");
}

/// Lines of a file, without line ends and byte order mark. A line beyond 1 MiB is an Error.
class Lines {
 public:
  Lines(const std::filesystem::path& file, std::string name)
      : in_(file, std::ios::binary), name_(std::move(name)) {
    if (!in_) throw base::Error("TM1001", "cannot read the file", {name_});
  }
  bool next(std::string& line) {
    line.clear();
    auto* bytes = in_.rdbuf();
    for (int c = bytes->sbumpc(); c != EOF; c = bytes->sbumpc()) {
      if (c == '\n') return finish(line);
      line += static_cast<char>(c);
      if (line.size() > line_bytes_max) throw damaged(name_, number_ + 1, "a line is longer than 1 MiB");
    }
    cut_ = !line.empty();
    return !line.empty() && finish(line);
  }
  int number() const { return number_; }
  bool last_line_unfinished() const { return cut_; }

 private:
  bool finish(std::string& line) {
    if (++number_ % 65536 == 0) base::check_stop();
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (number_ == 1 && line.compare(0, 3, "\xEF\xBB\xBF") == 0) line.erase(0, 3);
    return true;
  }
  std::ifstream in_;
  std::string name_;
  int number_ = 0;
  bool cut_ = false;
};

/// Text saved from a spreadsheet has cells in quotes, NCI's own has not; a lone quote is part of the text.
std::string unquoted(const std::string& cell) {
  if (cell.size() < 2 || cell.front() != '"' || cell.back() != '"') return cell;
  const std::string inner = cell.substr(1, cell.size() - 2);
  const std::string bare = base::replace_all(inner, "\"\"", "");
  return bare.find('"') != std::string::npos ? cell : base::replace_all(inner, "\"\"", "\"");
}

/// Positions of columns by the beginning of their titles.
class Columns {
 public:
  Columns(std::vector<std::string> titles, std::string file)
      : titles_(std::move(titles)), file_(std::move(file)) {
    for (std::string& title : titles_) title = base::to_lower(base::trim(title));
  }
  std::size_t size() const { return titles_.size(); }
  int find(std::string_view start) const {
    const auto found = std::find_if(titles_.begin(), titles_.end(), [&](const std::string& title) {
      return title.compare(0, start.size(), start) == 0;
    });
    return found == titles_.end() ? -1 : static_cast<int>(found - titles_.begin());
  }
  int need(std::string_view start) const {
    if (const int at = find(start); at >= 0) return at;
    throw base::Error("TM1431", "the header has no column '" + std::string(start) + "'", {file_, 1},
                      "its columns: " + base::join(titles_, ", "));
  }

 private:
  std::vector<std::string> titles_;
  std::string file_;
};

std::string cell(const std::vector<std::string>& cells, int at) {
  return at < 0 ? std::string() : cells[static_cast<std::size_t>(at)];
}

void check_width(const std::vector<std::string>& cells, const Columns& columns, const std::string& file,
                 int line) {
  if (cells.size() == columns.size()) return;
  throw damaged(file, line,
                "the line has " + std::to_string(cells.size()) + " columns, the header " +
                    std::to_string(columns.size()));
}

}  // namespace

StatedPackage read_nci_text(const std::filesystem::path& file, PackageWriter& writer) {
  Lines lines(file, writer.file());
  std::string line;
  lines.next(line);
  const Columns columns(base::split(line, '\t'), writer.file());
  const int code = columns.need("code"), list_code = columns.need("codelist code"),
            extensible = columns.need("codelist extensible"), name = columns.need("codelist name"),
            value = columns.need("cdisc submission value"), synonyms = columns.need("cdisc synonym"),
            preferred = columns.need("nci preferred term"), dated = columns.find("standard and date");
  StatedPackage stated;
  while (lines.next(line)) {
    if (base::trim(line).empty()) continue;
    std::vector<std::string> cells = base::split(line, '\t');
    check_width(cells, columns, writer.file(), lines.number());
    for (std::string& one : cells) one = unquoted(one);
    if (stated.date.empty() && dated >= 0) stated = package_from_text(cell(cells, dated));
    if (base::trim(cell(cells, list_code)).empty()) {
      writer.add_codelist(
          {cell(cells, code), cell(cells, value), cell(cells, name), cell(cells, preferred),
           split_published_synonyms(cell(cells, synonyms)), means_yes(cell(cells, extensible))},
          lines.number());
    } else {
      writer.add_term({cell(cells, list_code), cell(cells, code), cell(cells, value), cell(cells, preferred),
                       split_published_synonyms(cell(cells, synonyms))},
                      lines.number());
    }
  }
  if (lines.last_line_unfinished())
    writer.remark(lines.number(), "the last line has no line end: was the file cut?");
  return stated;
}

StatedPackage read_terminology_csv(const std::filesystem::path& file, PackageWriter& writer) {
  Lines lines(file, writer.file());
  std::string line;
  lines.next(line);
  const Columns columns(formats::split_csv_record(line, ','), writer.file());
  const int package = columns.find("package"), list_code = columns.need("codelist_code"),
            list_name = columns.need("codelist_name"), extensible = columns.need("extensible"),
            code = columns.need("term_code"), value = columns.need("submission_value"),
            preferred = columns.find("preferred_term"),
            list_value = columns.find("codelist_submission_value"), synonyms = columns.find("synonyms");
  StatedPackage stated;
  while (lines.next(line)) {
    if (line.empty()) continue;
    const std::vector<std::string> cells = formats::split_csv_record(line, ',');
    check_width(cells, columns, writer.file(), lines.number());
    const std::string list = cell(cells, list_code);
    if (stated.name.empty() && package >= 0) {
      stated = package_from_text(cell(cells, package));
      stated.name = cell(cells, package);
    } else if (package >= 0 && cell(cells, package) != stated.name) {
      throw damaged(writer.file(), lines.number(),
                    "a second package, " + cell(cells, package) + ", in the file of " + stated.name);
    }
    if (!list.empty() && !writer.has_codelist(list)) {
      writer.add_codelist(
          {list, cell(cells, list_value), cell(cells, list_name), "", {}, means_yes(cell(cells, extensible))},
          lines.number());
    }
    writer.add_term({list, cell(cells, code), cell(cells, value), cell(cells, preferred),
                     split_published_synonyms(cell(cells, synonyms))},
                    lines.number());
  }
  if (lines.last_line_unfinished())
    writer.remark(lines.number(), "the last line has no line end: was the file cut?");
  return stated;
}

}  // namespace trialmill::standards
