// Runs at build time: compile_rules ROOT FILE... writes the rules in the YAML files as the lines of a rule set
// (src/conform/rule_cache.hpp) to stdout, so that the program need not parse YAML to have its own rules. File
// names are given relative to ROOT and shown as rules/NAME.
#include <filesystem>
#include <iostream>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/yaml.hpp"
#include "conform/rule_tree.hpp"

int main(int argc, char** argv) {
  using namespace trialmill;
  try {
    for (int i = 2; i < argc; ++i) {
      const std::filesystem::path file = std::filesystem::path(argv[1]) / argv[i];
      const std::string name = std::string("rules/") + argv[i];
      std::cout << conform::rule_line(name, conform::rule_tree(base::read_yaml_file(file, name).node()));
    }
    std::cout.flush();
    return std::cout.good() ? 0 : 1;
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << "\n";
    return 1;
  }
}
