// Inside of mapping_text.cpp and mapping_records.cpp.
#pragma once

#include <string>
#include <vector>

#include "specs/mapping_text.hpp"
#include "specs/spec.hpp"
#include "specs/yaml_text.hpp"

namespace trialmill::specs {

class MappingWriter {
 public:
  MappingWriter(const SpecDataset& dataset, const WriteOptions& options);
  WrittenMapping write(const std::string& spec_file);

 private:
  void line(const std::string& text) { text_ += text + "\n"; }
  void todo(const std::string& indent, const std::string& name, const std::string& what);
  bool is_made(const std::string& name) const;
  void add_proposals();
  std::vector<std::string> keys() const;

  std::vector<std::string> sources() const;
  std::vector<std::string> row_sets(const std::vector<std::string>& tables) const;
  std::string constants_of(const std::string& table) const;
  std::string joins(const std::vector<std::string>& tables, const std::vector<std::string>& sets);
  std::string filter();
  void records();
  void todo_of_sources(const std::vector<std::string>& tables);
  void todo_of_tests();

  void variables(bool supplemental);
  void variable(const SpecVariable& one);
  std::string options_of(const SpecVariable& one, const std::string& verb) const;
  void todo_of_rule(const SpecVariable& one, const std::string& verb);

  SpecDataset dataset_;  ///< with the lines that are proposed
  const WriteOptions& options_;
  std::string text_;
  WrittenMapping out_;
};

}  // namespace trialmill::specs
