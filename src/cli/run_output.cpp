#include "cli/run_output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "base/text.hpp"
#include "cli/progress_line.hpp"

namespace trialmill::cli {

namespace {

using base::Json;

std::int64_t total(const Json& parts) {
  std::int64_t out = 0;
  for (const auto& part : parts) out += part.get<std::int64_t>();
  return out;
}

/// "3 errors, 1 warning, 0 infos; most: TM2301 (2), DM-1 (2)".
std::string findings_line(const Json& findings) {
  const auto count = [&](const char* severity) {
    const auto n = findings.at(severity).get<std::int64_t>();
    return fmt::format("{} {}{}", base::thousands(n), severity, n == 1 ? "" : "s");
  };
  std::string out = count("error") + ", " + count("warning") + ", " + count("info");
  std::vector<std::pair<std::int64_t, std::string>> rules;
  for (const auto& [rule, n] : findings.at("by_rule").items())
    rules.emplace_back(-n.get<std::int64_t>(), rule);
  std::sort(rules.begin(), rules.end());
  for (std::size_t i = 0; i < rules.size() && i < 5; ++i) {
    out += fmt::format("{}{} ({})", i == 0 ? "; most: " : ", ", rules[i].second, -rules[i].first);
  }
  return out;
}

std::string colored(const std::string& line, const Common& common) {
  if (common.no_color || ::isatty(STDERR_FILENO) == 0) return line;
  const auto paint = [&](const char* mark, const char* code) {
    const std::string_view sign(mark);
    return std::string("\x1b[") + code + "m" + mark + "\x1b[0m" + line.substr(sign.size());
  };
  if (line.rfind("✓", 0) == 0) return paint("✓", "32");
  if (line.rfind("✗", 0) == 0) return paint("✗", "31");
  if (line.rfind("!", 0) == 0) return paint("!", "33");
  return line;
}

}  // namespace

void speak(workflow::RunOptions& options, const Common& common) {
  if (common.quiet) return;
  auto line = std::make_shared<ProgressLine>(common);
  options.say = [line, &common](const std::string& text) {
    line->clear();
    std::cerr << colored(text, common) << std::endl;
  };
  options.progress = [line](const std::string& stage, double share, const std::string& what) {
    line->show(stage, share, what);
  };
}

std::string reconciliation_table(const Json& accounts) {
  if (accounts.empty()) return "";
  std::size_t width = 6;
  for (const auto& account : accounts)
    width = std::max(width, account.at("source").get_ref<const std::string&>().size());
  const auto row = [&](const auto&... cells) {
    return fmt::format("  {:<{}} {:>10} {:>10} {:>10} {:>10} {:>12}\n", std::get<0>(std::tie(cells...)),
                       width, std::get<1>(std::tie(cells...)), std::get<2>(std::tie(cells...)),
                       std::get<3>(std::tie(cells...)), std::get<4>(std::tie(cells...)),
                       std::get<5>(std::tie(cells...)));
  };
  std::string out = row("source", "received", "mapped", "filtered", "rejected", "unaccounted");
  std::int64_t sums[5] = {};
  const auto numbers = [&](const std::string& name, const std::int64_t* n) {
    out += row(name, base::thousands(n[0]), base::thousands(n[1]), base::thousands(n[2]),
               base::thousands(n[3]), base::thousands(n[4]));
  };
  for (const auto& account : accounts) {
    const std::int64_t n[5] = {account.at("received").get<std::int64_t>(),
                               account.at("mapped").get<std::int64_t>(), total(account.at("filtered")),
                               total(account.at("rejected")), account.at("unaccounted").get<std::int64_t>()};
    for (int i = 0; i < 5; ++i) sums[i] += n[i];
    numbers(account.at("source").get<std::string>(), n);
  }
  numbers("total", sums);
  return out;
}

/// What stopped the run, if anything did.
static void print_error(const Json& summary) {
  if (!summary.contains("error")) return;
  for (const Json& error : summary.value("errors", Json::array({summary.at("error")}))) {
    const std::string place = error.value("place", "");
    std::cerr << "error " << error.at("code").get<std::string>() << (place.empty() ? "" : " " + place) << ": "
              << error.at("message").get<std::string>() << "\n";
    const std::string hint = error.at("hint").get<std::string>();
    if (!hint.empty()) std::cerr << "  hint: " << hint << "\n";
  }
}

int print_summary(const Json& summary, const std::filesystem::path& study, const Common& common) {
  const int code = summary.at("exit_code").get<int>();
  if (common.json) std::cout << base::dump_json(summary) << "\n";
  if (common.quiet) {
    if (!common.json) print_error(summary);
    return code;
  }
  const std::string status = summary.at("status").get<std::string>(),
                    run = summary.at("run").get<std::string>();
  const auto& stages = summary.at("stages");
  const bool mapped = std::any_of(stages.begin(), stages.end(), [](const Json& stage) {
    return stage.at("name") == "transform" && stage.at("status") != "failed";
  });
  std::cerr << "\n"
            << (mapped ? reconciliation_table(summary.at("reconciliation"))
                       : "");  // else the account is open
  std::cerr << "findings  " << findings_line(summary.at("findings")) << "\n";
  std::cerr << "reports   " << summary.at("reports").at("summary").get<std::string>() << "\n";
  if (!summary.at("outputs").empty()) {
    const Json& release = summary.at("release");
    std::cerr << fmt::format(
        "release   {}, {} files, e.g. {}\n", release.is_string() ? release.get<std::string>() : "",
        summary.at("outputs").size(), summary.at("outputs")[0].at("path").get<std::string>());
  }
  std::cerr << "run " << run << " " << status << "\n";
  if (status == "paused")
    std::cerr << "  hint: correct the data, then `trialmill resume " << run << " " << study.string() << "`\n";
  print_error(summary);
  return code;
}

}  // namespace trialmill::cli
