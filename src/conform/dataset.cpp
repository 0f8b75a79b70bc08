#include "conform/dataset.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace trialmill::conform {

namespace {

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

std::string first_text(const Frame& frame, const char* column) {
  const Column* found = frame.find(column);
  if (found == nullptr || frame.rows == 0) return {};
  const Cell cell = found->at(0);
  return cell.is_text() ? std::string(cell.text) : "";
}

std::string unsplit_name(const Part& part) {
  if (!part.domain.empty()) return part.domain;
  if ((starts_with(part.name, "SUPP") || starts_with(part.name, "SQ")) && !part.rdomain.empty()) {
    return "SUPP" + part.rdomain;
  }
  return part.name;
}

/// Class of a dataset: the guide's, then the model's, then what its topic variable says.
std::string detect_class(const Dataset& dataset, const standards::SdtmIg* ig) {
  const auto has = [&](const std::string& name) { return dataset.frame.find(name) != nullptr; };
  if (ig != nullptr) {
    for (const standards::Dataset& known : ig->datasets()) {
      if (known.name == dataset.name) return known.class_name;
    }
    for (const standards::Dataset& known : ig->model()) {
      if (!known.name.empty() && known.name == dataset.name) return known.class_name;
    }
  }
  const std::string prefix = dataset.prefix();
  if (has(prefix + "TERM")) return "EVENTS";
  if (has(prefix + "TRT")) return "INTERVENTIONS";
  if (has("QNAM")) return "RELATIONSHIP";
  if (has(prefix + "TESTCD")) return has(prefix + "OBJ") ? "FINDINGS ABOUT" : "FINDINGS";
  return {};
}

std::string scope_name(std::string class_name) {
  return base::replace_all(base::to_upper(class_name), "-", " ");
}

}  // namespace

const VariableInfo* Part::find(std::string_view variable) const {
  for (const VariableInfo& info : variables) {
    if (info.name == variable) return &info;
  }
  return nullptr;
}

std::string Dataset::prefix() const {
  const bool associated = starts_with(domain, "AP") && domain.size() == 4;
  return associated ? domain.substr(2) : domain;
}

void Data::add(Part part) {
  part.domain = first_text(part.frame, "DOMAIN");
  part.rdomain = first_text(part.frame, "RDOMAIN");
  if (part.domain == "NA") part.domain.clear();  // read as a missing value by the reference; see docs
  parts_.push_back(std::make_unique<Part>(std::move(part)));
}

void Data::finish(const standards::SdtmIg* ig) {
  ig_ = ig;
  for (const auto& part : parts_) {
    const std::string name = unsplit_name(*part);
    const auto known =
        std::find_if(datasets_.begin(), datasets_.end(), [&](const Dataset& d) { return d.name == name; });
    if (known == datasets_.end()) {
      datasets_.push_back({name, part->domain, {part.get()}, {}, {}});
    } else {
      known->parts.push_back(part.get());
    }
  }
  for (Dataset& dataset : datasets_) {
    std::vector<const Frame*> frames;
    for (const Part* part : dataset.parts) frames.push_back(&part->frame);
    dataset.frame = concatenate(frames);
    dataset.class_name = scope_name(detect_class(dataset, ig));
  }
  // An associated persons' domain is of the class of the domain it mirrors.
  for (Dataset& dataset : datasets_) {
    if (!dataset.class_name.empty() || dataset.prefix() == dataset.domain) continue;
    Dataset parent{dataset.prefix(), dataset.prefix(), {}, dataset.frame, {}};
    dataset.class_name = scope_name(detect_class(parent, ig));
  }
}

const Part* Data::find(std::string_view domain_or_name) const {
  for (const auto& part : parts_) {
    if (part->domain == domain_or_name) return part.get();
  }
  for (const auto& part : parts_) {
    if (part->name == domain_or_name) return part.get();
  }
  return nullptr;
}

}  // namespace trialmill::conform
