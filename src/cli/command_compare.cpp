// trialmill compare: two datasets or folders side by side.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/cli.hpp"
#include "compare/report.hpp"

namespace trialmill::cli {

namespace {

struct Request {
  std::filesystem::path base, other, html;
  std::vector<std::string> by, ignore, only;
  bool values_only = false;
  compare::Options options;
};

std::vector<std::string> words(const std::vector<std::string>& lists) {
  std::vector<std::string> out;
  for (const auto& list : lists) {
    for (const auto& word : base::split(list, ',')) {
      if (!base::trim(word).empty()) out.emplace_back(base::trim(word));
    }
  }
  return out;
}

/// "K1,K2" for every dataset, "LB:USUBJID,LBSEQ" for one.
void read_keys(Request& request) {
  for (const auto& text : request.by) {
    const auto colon = text.find(':');
    const std::string dataset = colon == std::string::npos ? "" : base::to_upper(text.substr(0, colon));
    const auto keys = words({colon == std::string::npos ? text : text.substr(colon + 1)});
    if (keys.empty())
      throw base::usage_error("TM3003", "--by names no variable", {}, "for example --by USUBJID,AESEQ");
    auto& list = request.options.by[dataset];
    list.insert(list.end(), keys.begin(), keys.end());
  }
}

int run_compare(Request request, const Common& common) {
  read_keys(request);
  request.options.ignore = words(request.ignore);
  request.options.only = words(request.only);
  request.options.attributes = !request.values_only;
  const auto report = compare::compare(request.base, request.other, request.options);
  if (!request.html.empty()) base::write_file_atomically(request.html, compare::to_html(report));
  if (common.json)
    std::cout << base::dump_json(compare::to_json(report)) << "\n";
  else if (!common.quiet)
    compare::print(report, std::cout);
  return report.equal() ? 0 : 1;
}

}  // namespace

void add_compare(Tree tree) {
  auto* command = tree.app.add_subcommand(
      "compare", "Compare two datasets, or two folders of them: attributes, records, values");
  auto request = std::make_shared<Request>();
  command->add_option("BASE", request->base, "A data file of any format, or a folder of them")->required();
  command->add_option("OTHER", request->other, "What to compare it with")->required();
  command->add_option("--by", request->by,
                      "Key variables, e.g. USUBJID,AESEQ; for one dataset of a folder AE:USUBJID,AESEQ "
                      "(repeatable). Without, and in datasets of a folder "
                      "that have no such variable, records are paired by row number");
  command
      ->add_option("--tolerance", request->options.tolerance,
                   "Numbers that differ by at most so much are equal")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--relative-tolerance", request->options.relative_tolerance,
                   "The same as a part of their mean magnitude, e.g. 1e-9")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--exact-text", request->options.exact_text,
                    "Trailing blanks, and missing against empty, count as differences");
  command->add_option("--ignore", request->ignore, "Variables to leave out, e.g. AESEQ,AESPID");
  command->add_option("--variables", request->only, "Compare these variables only");
  command->add_flag("--values-only", request->values_only,
                    "Attribute differences are shown but do not count");
  command->add_option("--max", request->options.details_max, "Differences listed for each variable; 0 = none")
      ->capture_default_str();
  command->add_option("--html", request->html, "Also write a page to hand on");
  command->add_option("--member", request->options.member, "Of files with several datasets: only this one");
  command->add_option("--encoding", request->options.read.encoding, "Of text, e.g. windows-1252");
  command->footer(
      "Exit code: 0 equal, 1 different, 2 bad input. docs/compare.md describes --json.\n"
      "Example:\n  trialmill compare prod/ae.xpt qc/ae.sas7bdat --by USUBJID,AESEQ\n"
      "  trialmill compare prod/ qc/ --by USUBJID,AESEQ --by VS:USUBJID,VSTESTCD,VISITNUM --html qc.html");
  command->callback(
      [tree, request] { tree.chosen = [tree, request] { return run_compare(*request, tree.common); }; });
}

}  // namespace trialmill::cli
