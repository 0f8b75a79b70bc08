// trialmill define: what a define.xml says, and the same as an HTML page.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "cli/cli.hpp"
#include "formats/define_html.hpp"
#include "formats/define_xml.hpp"

namespace trialmill::cli {

namespace {

namespace fs = std::filesystem;

struct Asked {
  fs::path input, html;
};

/// The file itself, or the define.xml of a release, of its XPT folder, or of a study's last release.
fs::path find_define(const fs::path& input) {
  if (!fs::is_directory(input)) return input;
  const fs::path last = input / "lake" / "output" / "current";
  for (const fs::path& folder : {input, input / "xpt", last / "xpt", last}) {
    if (fs::is_regular_file(folder / "define.xml")) return folder / "define.xml";
  }
  throw base::usage_error("TM3003", "no define.xml in '" + input.string() + "' or its folder xpt", {},
                          "give a define.xml, a release, or a study that was published");
}

int show(const Asked& asked, const Common& common) {
  const fs::path file = find_define(asked.input);
  const auto doc = formats::define::read(file);
  if (!asked.html.empty()) {
    const std::string text = base::read_file(file);
    base::write_file_atomically(asked.html, formats::define::to_html(text, file.string()));
  }
  if (common.json) {
    base::Json datasets = base::Json::array(), problems = base::Json::array();
    for (const auto& one : doc.datasets) {
      datasets.push_back({{"name", one.name},
                          {"label", one.label},
                          {"class", one.class_name},
                          {"structure", one.structure},
                          {"variables", one.items.size()}});
    }
    for (const auto& one : doc.problems) problems.push_back({{"line", one.line}, {"message", one.message}});
    std::cout << base::dump_json({{"file", file.string()},
                                  {"version", doc.define_version},
                                  {"study", doc.study_name},
                                  {"datasets", datasets},
                                  {"value_lists", doc.value_lists.size()},
                                  {"codelists", doc.codelists.size()},
                                  {"methods", doc.methods.size()},
                                  {"comments", doc.comments.size()},
                                  {"problems", problems},
                                  {"html", asked.html.string()}})
              << "\n";
    return 0;
  }
  std::cout << fmt::format("{}: Define-XML {} of study {}\n", file.string(), doc.define_version,
                           doc.study_name);
  for (const auto& one : doc.datasets)
    std::cout << fmt::format("  {:<8} {:>4} variables  {}\n", one.name, one.items.size(), one.label);
  std::cout << fmt::format("{} value lists, {} codelists, {} methods, {} comments\n", doc.value_lists.size(),
                           doc.codelists.size(), doc.methods.size(), doc.comments.size());
  for (const auto& one : doc.problems)
    std::cout << fmt::format("problem, line {}: {}\n", one.line, one.message);
  if (!asked.html.empty() && !common.quiet) std::cerr << asked.html.string() << " written\n";
  return 0;
}

}  // namespace

void add_define(Tree tree) {
  auto* command =
      tree.app.add_subcommand("define", "Show a define.xml: what it holds, or all of it as an HTML page");
  auto asked = std::make_shared<Asked>();
  command->add_option("INPUT", asked->input, "A define.xml, a release folder, or a study")->required();
  command->add_option("--html", asked->html, "Write an HTML page to this file");
  command->footer(
      "Example:\n  trialmill define define.xml --html define.html\n"
      "  trialmill define mystudy\n\nMore: docs/define-xml.md");
  command->callback([tree, asked] { tree.chosen = [tree, asked] { return show(*asked, tree.common); }; });
}

}  // namespace trialmill::cli
