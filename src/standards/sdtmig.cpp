#include "standards/sdtmig.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <memory>
#include <mutex>

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

/// Observation classes, whose datasets are made of the model's class variables. Any case, as guide or rules
/// write it.
bool is_observation(const std::string& lower_class) {
  return lower_class == "interventions" || lower_class == "events" || lower_class == "findings" ||
         lower_class == "findings about";
}

std::string dotted(std::string_view version) {
  return base::replace_all(std::string(version), "-", ".");
}

/// Cuts `rest` at the first `separator` and returns what stood before it.
std::string_view take(std::string_view& rest, char separator) {
  const auto end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

/// Reads a table of D and V lines (its first comment lines describe it).
std::vector<Dataset> parse_table(std::string_view text) {
  std::vector<Dataset> datasets;
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    const std::string_view kind = take(line, '\t');
    const auto field = [&line] { return std::string(take(line, '\t')); };
    if (kind == "D") {
      Dataset dataset;
      dataset.name = field();
      dataset.class_name = field();
      dataset.label = field();
      datasets.push_back(std::move(dataset));
    } else if (kind == "V" && !datasets.empty()) {
      Variable variable;
      const std::string_view order = take(line, '\t');
      std::from_chars(order.data(), order.data() + order.size(), variable.order);
      for (std::string* part : {&variable.name, &variable.label, &variable.type, &variable.core,
                                &variable.role, &variable.codelist})
        *part = field();
      datasets.back().variables.push_back(std::move(variable));
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

std::vector<std::string> Variable::codelists() const {
  return codelist.empty() ? std::vector<std::string>() : base::split(codelist, ';');
}

SdtmIg::SdtmIg(const std::string& version, const std::string& model_version)
    : version_(version),
      model_version_(model_version),
      datasets_(read_table("sdtmig-" + version + ".tsv")),
      model_(read_table("sdtm-" + model_version + ".tsv")) {}

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

bool SdtmIg::is_custom(std::string_view dataset) const {
  return find_dataset(dataset) == nullptr && model_dataset(dataset) == nullptr;
}

std::vector<Variable> SdtmIg::model_variables(std::string_view dataset, std::string_view class_name,
                                              std::string_view prefix) const {
  std::vector<Variable> out;
  const auto add = [&](const Dataset* from, std::string_view role) {
    if (from == nullptr) return;
    for (Variable variable : from->variables) {
      if (!role.empty() && variable.role != role) continue;
      if (variable.name.compare(0, 2, "--") == 0)
        variable.name = std::string(prefix) + variable.name.substr(2);
      out.push_back(std::move(variable));
    }
  };
  const std::string wanted = base::to_lower(class_name);
  if (!is_observation(wanted)) {
    add(model_dataset(dataset), "");
    return out;
  }
  const std::string class_of_model = wanted == "findings about" ? "findings" : wanted;
  const Dataset* general = model_class("General Observations");
  add(general, "Identifier");
  for (const Dataset& known : model_) {
    if (known.name.empty() && base::to_lower(known.class_name) == class_of_model) add(&known, "");
  }
  if (wanted == "findings about") {
    // What Findings About adds to Findings (--OBJ) comes right after --TEST.
    std::vector<Variable> findings = std::move(out);
    out.clear();
    add(model_class("Findings About"), "");
    const std::string test = std::string(prefix) + "TEST";
    auto after =
        std::find_if(findings.begin(), findings.end(), [&](const Variable& v) { return v.name == test; });
    if (after != findings.end()) ++after;
    findings.insert(after, out.begin(), out.end());
    out = std::move(findings);
  }
  add(general, "Timing");
  return out;
}

std::vector<Variable> SdtmIg::guide_variables(std::string_view dataset, std::string_view class_name,
                                              std::string_view prefix) const {
  const Dataset* known = find_dataset(dataset);
  if (!is_observation(base::to_lower(class_name)))
    return known == nullptr ? std::vector<Variable>() : known->variables;
  std::vector<Variable> out = model_variables(dataset, class_name, prefix);
  for (Variable& variable : out) {
    if (const Variable* own = known == nullptr ? nullptr : known->find(variable.name)) variable = *own;
  }
  return out;
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
  // Each version is read when it is first asked for: no command needs all of them.
  struct Held {
    std::once_flag once;
    std::unique_ptr<const SdtmIg> guide;
  };
  static Held held[std::size(editions)];
  const std::string wanted = dotted(version);
  for (std::size_t i = 0; i < std::size(editions); ++i) {
    if (wanted != editions[i].guide) continue;
    std::call_once(held[i].once, [&] {
      held[i].guide = std::make_unique<const SdtmIg>(editions[i].guide, editions[i].model);
    });
    return *held[i].guide;
  }
  throw base::usage_error("TM1420", "SDTMIG " + wanted + " is not known", {},
                          "known versions: " + base::join(sdtmig_versions(), ", "));
}

}  // namespace trialmill::standards
