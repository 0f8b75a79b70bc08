#include "standards/sdtmig.hpp"

#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "base/text.hpp"
#include "standards/embedded.hpp"

namespace trialmill::standards {

namespace {

struct Edition {
  const char* guide;
  const char* model;
};
constexpr Edition editions[] = {{"3.2", "1.4"}, {"3.3", "1.7"}, {"3.4", "2.0"}};

std::string dotted(std::string_view version) {
  return base::replace_all(std::string(version), "-", ".");
}

/// Reads a table of D and V lines (its first comment lines describe it).
std::vector<Dataset> parse_table(const std::string& text) {
  std::vector<Dataset> datasets;
  for (const std::string& line : base::split(text, '\n')) {
    std::vector<std::string> fields = base::split(line, '\t');
    fields.resize(8);
    if (fields[0] == "D") {
      datasets.push_back({fields[1], fields[2], fields[3], {}});
    } else if (fields[0] == "V" && !datasets.empty()) {
      int order = 0;
      std::from_chars(fields[1].data(), fields[1].data() + fields[1].size(), order);
      datasets.back().variables.push_back(
          {order, fields[2], fields[3], fields[4], fields[5], fields[6], fields[7]});
    }
  }
  for (Dataset& dataset : datasets) {
    std::stable_sort(dataset.variables.begin(), dataset.variables.end(),
                     [](const Variable& a, const Variable& b) { return a.order < b.order; });
  }
  return datasets;
}

std::vector<Dataset> read_table(const std::string& name) {
  for (const EmbeddedFile& file : embedded_standards()) {
    if (file.path == name) return parse_table(file.text);
  }
  return {};
}

bool is_supplement(std::string_view dataset) {
  return dataset.size() > 4 && dataset.substr(0, 4) == "SUPP";
}

const Dataset* find_named(const std::vector<Dataset>& datasets, std::string_view name) {
  const auto found =
      std::find_if(datasets.begin(), datasets.end(), [&](const Dataset& d) { return d.name == name; });
  return found == datasets.end() ? nullptr : &*found;
}

/// Label of `variable` in the model, where class variables start with two dashes for the domain's two
/// letters.
std::string model_label(const std::vector<Dataset>& model, std::string_view variable) {
  const std::string dashed =
      variable.size() > 2 ? "--" + std::string(variable.substr(2)) : std::string(variable);
  for (const std::string& name : {std::string(variable), dashed}) {
    for (const Dataset& dataset : model) {
      if (!dataset.name.empty()) continue;
      if (const Variable* found = dataset.find(name)) return found->label;
    }
  }
  return {};
}

}  // namespace

const Variable* Dataset::find(std::string_view variable) const {
  const auto found =
      std::find_if(variables.begin(), variables.end(), [&](const Variable& v) { return v.name == variable; });
  return found == variables.end() ? nullptr : &*found;
}

std::vector<SdtmIg> read_guides() {
  std::vector<SdtmIg> guides;
  for (const Edition& edition : editions) {
    SdtmIg guide;
    guide.version_ = edition.guide;
    guide.model_version_ = edition.model;
    guide.datasets_ = read_table("sdtmig-" + guide.version_ + ".tsv");
    guide.model_ = read_table("sdtm-" + guide.model_version_ + ".tsv");
    guides.push_back(std::move(guide));
  }
  return guides;
}

const Dataset* SdtmIg::find_dataset(std::string_view dataset) const {
  return find_named(datasets_, is_supplement(dataset) ? "SUPPQUAL" : dataset);
}

const std::vector<Variable>& SdtmIg::variables_of(std::string_view dataset) const {
  static const std::vector<Variable> none;
  const Dataset* found = find_dataset(dataset);
  return found == nullptr ? none : found->variables;
}

std::string SdtmIg::dataset_label(std::string_view dataset) const {
  if (is_supplement(dataset) && dataset != "SUPPQUAL") {
    return "Supplemental Qualifiers for " + std::string(dataset.substr(4));
  }
  const Dataset* found = find_dataset(dataset);
  return found == nullptr ? "" : found->label;
}

std::string SdtmIg::label_of(std::string_view dataset, std::string_view variable) const {
  if (const Dataset* found = find_dataset(dataset)) {
    if (const Variable* known = found->find(variable)) return known->label;
  }
  return model_label(model_, variable);
}

const Dataset* SdtmIg::model_class(std::string_view class_name) const {
  for (const Dataset& dataset : model_) {
    if (dataset.name.empty() && dataset.class_name == class_name) return &dataset;
  }
  return nullptr;
}

const Dataset* SdtmIg::model_dataset(std::string_view dataset) const {
  return dataset.empty() ? nullptr : find_named(model_, is_supplement(dataset) ? "SUPPQUAL" : dataset);
}

std::vector<std::string> sdtmig_versions() {
  std::vector<std::string> versions;
  for (const Edition& edition : editions) versions.emplace_back(edition.guide);
  return versions;
}

bool has_sdtmig(std::string_view version) {
  const std::string wanted = dotted(version);
  return std::any_of(std::begin(editions), std::end(editions),
                     [&](const Edition& e) { return wanted == e.guide; });
}

const SdtmIg& sdtmig(std::string_view version) {
  static const std::vector<SdtmIg> guides = read_guides();
  const std::string wanted = dotted(version);
  for (const SdtmIg& guide : guides) {
    if (guide.version() == wanted) return guide;
  }
  throw base::usage_error("TM1420", "SDTMIG " + wanted + " is not known", {},
                          "known versions: " + base::join(sdtmig_versions(), ", "));
}

}  // namespace trialmill::standards
