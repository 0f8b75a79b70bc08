#include <cmath>

#include "base/text.hpp"
#include "compare/report.hpp"
#include "formats/dataset.hpp"

namespace trialmill::compare {
namespace {

const char* const style = R"(<style>
body { font: 14px/1.5 system-ui, "DejaVu Sans", sans-serif; margin: 24px auto; max-width: 1100px; color: #1b2430; }
h1 { font-size: 20px; } h2 { font-size: 16px; margin: 28px 0 8px; } h3 { font-size: 14px; margin: 16px 0 4px; }
table { border-collapse: collapse; margin: 4px 0 12px; } th, td { text-align: left; padding: 3px 10px;
border-bottom: 1px solid #dfe4ea; vertical-align: top; } th { color: #5c6b7d; font-weight: 600; }
td.number { text-align: right; } .equal { color: #237a48; } .different { color: #c2293a; } .soft { color: #5c6b7d; }
</style>)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

class Page {
 public:
  explicit Page(const Report& report) : report_(report) {}

  std::string make() {
    text_ = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Comparison</title>";
    text_ += std::string(style) + "</head><body>\n<h1>Comparison: ";
    text_ +=
        report_.equal() ? "<span class=\"equal\">equal</span>" : "<span class=\"different\">different</span>";
    text_ += "</h1>\n<p class=\"soft\">base " + escaped(report_.base) + "<br>other " +
             escaped(report_.other) + "</p>\n";
    summary();
    for (const auto& one : report_.datasets) {
      if (one.side == "both" && !(one.values_equal() && one.attributes.empty())) dataset(one);
    }
    return text_ + "</body></html>\n";
  }

 private:
  void row(const std::vector<std::string>& cells, const char* tag = "td") {
    text_ += "<tr>";
    for (const auto& cell : cells) text_ += "<" + std::string(tag) + ">" + escaped(cell) + "</" + tag + ">";
    text_ += "</tr>\n";
  }

  void summary() {
    text_ += "<table>\n";
    row({"dataset", "in", "records base", "records other", "paired", "differing", "only base", "only other",
         "values that differ", "attributes that differ"},
        "th");
    for (const auto& one : report_.datasets) {
      row({one.name, one.side, base::thousands(one.rows_base), base::thousands(one.rows_other),
           base::thousands(one.rows_matched), base::thousands(one.rows_differing),
           base::thousands(one.rows_only_base), base::thousands(one.rows_only_other),
           base::thousands(one.differences()), std::to_string(one.attributes.size())});
    }
    text_ += "</table>\n";
  }

  void dataset(const DatasetResult& one) {
    text_ += "<h2>" + escaped(one.name) + "</h2>\n";
    if (!one.attributes.empty()) {
      text_ += "<h3>Attributes</h3>\n<table>\n";
      row({"what", "variable", "base", "other"}, "th");
      for (const auto& a : one.attributes) row({a.kind, a.variable, a.base, a.other});
      text_ += "</table>\n";
    }
    unpaired(one, one.only_base, one.rows_only_base, "base");
    unpaired(one, one.only_other, one.rows_only_other, "other");
    for (const auto& variable : one.variables) {
      if (variable.differences > 0) values(one, variable);
    }
  }

  void unpaired(const DatasetResult& one, const std::vector<Unpaired>& rows, std::int64_t all,
                const std::string& where) {
    if (all == 0) return;
    text_ += "<h3>Records only in " + where + ": " + base::thousands(all) + "</h3>\n<table>\n";
    std::vector<std::string> head{"row"};
    head.insert(head.end(), one.keys.begin(), one.keys.end());
    row(head, "th");
    for (const auto& unpaired_row : rows) {
      std::vector<std::string> cells{base::thousands(unpaired_row.row)};
      cells.insert(cells.end(), unpaired_row.key.begin(), unpaired_row.key.end());
      row(cells);
    }
    text_ += "</table>\n";
  }

  void values(const DatasetResult& one, const VariableResult& variable) {
    text_ += "<h3>" + escaped(variable.name) + ": " + base::thousands(variable.differences) +
             " values differ</h3>\n<table>\n";
    std::vector<std::string> head{"row"};
    head.insert(head.end(), one.keys.begin(), one.keys.end());
    for (const char* name : {"base", "other", "difference"}) head.emplace_back(name);
    row(head, "th");
    for (const auto& value : variable.details) {
      std::vector<std::string> cells{base::thousands(value.base_row)};
      cells.insert(cells.end(), value.key.begin(), value.key.end());
      cells.push_back(value.base);
      cells.push_back(value.other);
      cells.push_back(std::isnan(value.difference) ? "" : formats::number_text(value.difference));
      row(cells);
    }
    text_ += "</table>\n";
  }

  const Report& report_;
  std::string text_;
};

}  // namespace

std::string to_html(const Report& report) {
  return Page(report).make();
}

}  // namespace trialmill::compare
