// The XLSX report, written row by row (the library's constant-memory mode). Cells are texts or numbers, never
// formulas, so a value that starts with "=" stays a value; what XML cannot hold is replaced by U+FFFD.
#include <re2/re2.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <memory>

#include "base/error.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "conform/report_forms.hpp"
#include "conform/rule_text.hpp"
#include "formats/xml_text.hpp"

namespace trialmill::conform {

namespace {

constexpr lxw_row_t rows_max = 1'048'576;
constexpr std::size_t cell_characters_max = 32'767;  // what the format allows

/// Readers take _x0041_ for an escaped character: a text that really holds it is escaped itself (ECMA-376,
/// part 1, 22.4.2.4).
std::string without_escapes(const std::string& text) {
  if (text.find("_x") == std::string::npos) return text;
  static const RE2 escape("_(x[0-9A-Fa-f]{4}_)");
  std::string out = text;
  RE2::GlobalReplace(&out, escape, "_x005F_\\1");
  return out;
}

/// Cut to what a cell can hold, in characters; a cut text says so.
std::string cell_text(const std::string& text) {
  std::string clean = without_escapes(formats::xml_text(text));
  std::size_t characters = 0;
  const std::string note = " … (cut: a cell holds 32,767 characters)";
  std::size_t cut = clean.size();
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const auto byte = static_cast<unsigned char>(clean[i]);
    if ((byte & 0xC0) == 0x80) continue;
    characters += byte >= 0xF0 ? 2 : 1;  // the format counts UTF-16 units
    if (characters > cell_characters_max - note.size() && cut == clean.size()) cut = i;
    if (characters > cell_characters_max) return clean.substr(0, cut) + note;
  }
  return clean;
}

struct ColumnHead {
  const char* title;
  double width;
};

/// One table: a frozen header with a filter over all rows; goes on in "NAME 2" when the sheet is full.
class Sheet {
 public:
  Sheet(lxw_workbook* book, std::string name, std::vector<ColumnHead> head)
      : book_(book), name_(std::move(name)), head_(std::move(head)) {
    bold_ = workbook_add_format(book_);
    format_set_bold(bold_);
    format_set_bottom(bold_, LXW_BORDER_THIN);
    wrap_ = workbook_add_format(book_);
    format_set_text_wrap(wrap_);
    format_set_align(wrap_, LXW_ALIGN_VERTICAL_TOP);
    start();
  }
  ~Sheet() { close(); }
  Sheet(const Sheet&) = delete;
  Sheet& operator=(const Sheet&) = delete;

  void row() {
    if (row_ + 1 == rows_max) {
      close();
      ++number_;
      start();
    } else {
      ++row_;
    }
    column_ = 0;
  }
  void text(const std::string& text) {
    if (!text.empty()) worksheet_write_string(sheet_, row_, column_, cell_text(text).c_str(), wrap_);
    ++column_;
  }
  void number(double number) { worksheet_write_number(sheet_, row_, column_++, number, wrap_); }

 private:
  void start() {
    const std::string title = number_ == 1 ? name_ : name_ + " " + std::to_string(number_);
    sheet_ = workbook_add_worksheet(book_, title.c_str());
    row_ = 0;
    for (std::size_t i = 0; i < head_.size(); ++i) {
      const auto column = static_cast<lxw_col_t>(i);
      worksheet_set_column(sheet_, column, column, head_[i].width, nullptr);
      worksheet_write_string(sheet_, 0, column, head_[i].title, bold_);
    }
    worksheet_freeze_panes(sheet_, 1, 0);
    row_ = 0;
  }
  void close() { worksheet_autofilter(sheet_, 0, 0, row_, static_cast<lxw_col_t>(head_.size() - 1)); }

  lxw_workbook* book_;
  lxw_worksheet* sheet_ = nullptr;
  lxw_format *bold_ = nullptr, *wrap_ = nullptr;
  std::string name_;
  std::vector<ColumnHead> head_;
  lxw_row_t row_ = 0;
  lxw_col_t column_ = 0;
  int number_ = 1;
};

void details_sheet(const Report& report, lxw_workbook* book) {
  Sheet sheet(book, "Conformance Details", {{"Item", 28}, {"Value", 100}});
  const RunFacts& run = report.run;
  const auto line = [&](const char* item, const std::string& value) {
    sheet.row();
    sheet.text(item);
    sheet.text(value);
  };
  line("Program", std::string("trialmill ") + base::program_version);
  line("Build", base::build_id());
  line("Started (UTC)", run.started);
  line("Run time (s)", float_text(run.seconds));
  line("Standard", run.standard + " " + run.version);
  line("Substandard", run.substandard);
  line("Use case", run.use_case);
  line("Controlled terminology", run.ct);
  line("Define-XML", run.define_xml);
  line("Data", base::join(run.data, ", "));
  for (const Data::Problem& problem : report.data.problems())
    line("File not read", problem.file + ": " + problem.message);
  line("Rules", base::join(run.rules, ", "));
  if (run.rules_left_out > 0) {
    line("Rules left out", std::to_string(run.rules_left_out) + " whose status is not " + run.rule_statuses);
  }
  for (const auto& [status, count] : status_counts(report.results))
    line(("Rules: " + status).c_str(), std::to_string(count));
  line("Issues", std::to_string(issues_of(report.results)));
  line("Issues not listed", report.cap_text().empty() ? "none" : report.cap_text());
}

void datasets_sheet(const Report& report, lxw_workbook* book) {
  Sheet sheet(book, "Dataset Details",
              {{"Dataset", 12},
               {"Label", 40},
               {"Class", 22},
               {"File", 24},
               {"Records", 12},
               {"Variables", 12},
               {"Size (bytes)", 14}});
  for (const Dataset& dataset : report.data.datasets()) {
    for (const Part* part : dataset.parts) {
      sheet.row();
      sheet.text(part->name);
      sheet.text(part->label);
      sheet.text(dataset.class_name);
      sheet.text(part->file);
      sheet.number(static_cast<double>(part->frame.rows));
      sheet.number(static_cast<double>(part->frame.columns.size()));
      sheet.number(part->size);
    }
  }
}

void summary_sheet(const Report& report, lxw_workbook* book) {
  Sheet sheet(book, "Issue Summary",
              {{"Dataset", 12},
               {"Rule", 16},
               {"Severity", 10},
               {"Message", 80},
               {"Issues", 12},
               {"Issues listed", 14}});
  const std::string cap = report.cap_text();
  for (const IssueCount& count : issue_counts(report)) {
    const RuleResult& result = report.results[count.result];
    std::size_t listed = 0;
    for (std::size_t k = 0; k < report.listed(result); ++k)
      listed += result.issues[k].dataset == count.dataset ? 1 : 0;
    sheet.row();
    sheet.text(count.dataset);
    sheet.text(result.rule->id);
    sheet.text(std::string(findings::name_of(result.rule->severity)));
    sheet.text(result.rule->message);
    sheet.number(static_cast<double>(count.issues));
    sheet.number(static_cast<double>(listed));
  }
  if (!cap.empty()) {
    sheet.row();
    sheet.text("Note");
    sheet.text("");
    sheet.text("");
    sheet.text(cap);
  }
}

void issues_sheet(const Report& report, lxw_workbook* book) {
  std::vector<ColumnHead> head{{"Rule", 16},      {"Severity", 10}, {"Dataset", 12},
                               {"Record", 10},    {"USUBJID", 22},  {"Sequence", 10},
                               {"Variables", 24}, {"Values", 40},   {"Message", 70}};
  if (!report.explanations.empty()) head.push_back({"Conditions that were true", 70});
  Sheet sheet(book, "Issue Details", head);
  for (std::size_t i = 0; i < report.results.size(); ++i) {
    const RuleResult& result = report.results[i];
    const std::size_t listed = report.listed(result);
    const RuleExplanation* explanation = report.explanation(i);
    for (std::size_t k = 0; k < listed; ++k) {
      const Issue& issue = result.issues[k];
      const auto [variables, values] = variables_and_values(issue);
      sheet.row();
      sheet.text(result.rule->id);
      sheet.text(std::string(findings::name_of(result.rule->severity)));
      sheet.text(issue.dataset);
      if (issue.record) {
        sheet.number(*issue.record);
      } else {
        sheet.text("");
      }
      sheet.text(issue.subject);
      sheet.text(sequence_of(report.data, issue));
      sheet.text(variables);
      sheet.text(values);
      sheet.text(result.rule->message);
      if (explanation != nullptr) sheet.text(true_conditions(*explanation, k));
    }
    if (listed < result.issues.size()) {
      sheet.row();
      sheet.text(result.rule->id);
      for (int column = 0; column < 7; ++column) sheet.text("");
      sheet.text(std::to_string(result.issues.size() - listed) + " more issues of this rule are not listed");
    }
  }
}

void rules_sheet(const Report& report, lxw_workbook* book) {
  Sheet sheet(book, "Rules Report",
              {{"Rule", 16},
               {"Version", 9},
               {"Rule status", 13},
               {"Authority", 12},
               {"Authority rule", 16},
               {"Severity", 10},
               {"Status", 16},
               {"Issues", 10},
               {"Datasets checked", 17},
               {"Reason", 60},
               {"Datasets not checked", 60},
               {"Description", 80},
               {"Message", 80}});
  for (const RuleResult& result : report.results) {
    const Rule& rule = *result.rule;
    sheet.row();
    sheet.text(rule.id);
    sheet.text(version_of(rule));
    sheet.text(status_of(rule));
    sheet.text(base::join(authorities(rule), ", "));
    sheet.text(base::join(authority_ids(rule, report.run.standard, report.run.version), ", "));
    sheet.text(std::string(findings::name_of(rule.severity)));
    sheet.text(name_of(result.status));
    sheet.number(static_cast<double>(result.issues.size()));
    sheet.number(static_cast<double>(result.datasets));
    sheet.text(result.reason + (result.reason.empty() || result.errors.empty() ? "" : "; ") +
               base::join(result.errors, "; "));
    sheet.text(base::join(result.not_evaluated, "; "));
    sheet.text(rule.description);
    sheet.text(rule.message);
  }
}

}  // namespace

void xlsx_report(const Report& report, const std::filesystem::path& file) {
  // Beside the target: the rows of big reports need as much room there as the report itself.
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  std::string temporary_folder = folder;
  lxw_workbook_options options{};
  options.constant_memory = LXW_TRUE;
  options.tmpdir = temporary_folder.data();
  options.use_zip64 = LXW_TRUE;
  lxw_workbook* book = workbook_new_opt(file.c_str(), &options);
  if (book == nullptr) throw base::Error("TM2405", "the XLSX report cannot be started", {file.string()});
  details_sheet(report, book);
  datasets_sheet(report, book);
  summary_sheet(report, book);
  issues_sheet(report, book);
  rules_sheet(report, book);
  const lxw_error status = workbook_close(book);
  if (status != LXW_NO_ERROR) {
    throw base::Error("TM2405", std::string("the XLSX report cannot be written: ") + lxw_strerror(status),
                      {file.string()}, "is there room on the disk, and may the folder be written to?");
  }
}

}  // namespace trialmill::conform
