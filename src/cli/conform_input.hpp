// What `validate` and `explain` are told about data, standard and rules: the options, and loading by them.
#pragma once

#include <string>
#include <vector>

#include "conform/engine.hpp"
#include "conform/report.hpp"

namespace CLI {
class App;
}

namespace trialmill::cli {

struct ConformInput {
  std::vector<std::string> data;  ///< files and folders
  std::string standard = "sdtmig", version = "3.4", substandard, use_case, ct, define_xml;
  std::vector<std::string> rules, only, without;
  std::string rule_statuses = "published";

  /// This object must live as long as the command.
  void add_options(CLI::App& command);
  conform::RunOptions run_options() const;
  /// The datasets of `data`, with the Define-XML and the terminology; says on the error stream which files
  /// could not be read. Error TM2403, and those of reading the others.
  conform::Data load_data() const;
  /// The rules named by --rules (the built-in ones if none), less those that --rule and --exclude-rule leave
  /// out. `left_out`: rules of sets with another status. Errors TM2401, TM2404, TM2406.
  std::vector<conform::Rule> load_rules(std::size_t& left_out) const;

 private:
  standards::Terminology load_terminology(const formats::define::Document* define) const;
  /// Takes what was not given as an option from the file .env in a folder of --data (the layout of CORE's
  /// test cases): PRODUCT, VERSION, SUBSTANDARD, USE_CASE, CT, DEFINE_XML.
  void take_environment_file(const CLI::App& command);
};

}  // namespace trialmill::cli
