#include "transform/codelist.hpp"

#include "base/text.hpp"

namespace trialmill::transform {

FoundCodelist find_codelist(const base::YamlValue& name, const study::Study& study) {
  const std::string text = name.text(),
                    hint = "write codelists/" + text + ".csv, or import the terminology: trialmill ct import";
  FoundCodelist found{{}, nullptr};
  try {
    found.packages = standards::PackageFolder().choose({study.ct});
  } catch (const base::Error& error) {
    throw base::usage_error("TM2310", "no codelist '" + text + "': " + error.message(), name.place(), hint);
  }
  found.list = found.packages.find_codelist(text);
  if (found.list != nullptr) return found;
  std::vector<std::string> known;
  for (const auto& package : found.packages.packages()) {
    for (const auto& one : package->codelists()) known.emplace_back(one.submission_value());
  }
  const std::string near = base::did_you_mean(text, known);
  throw base::usage_error("TM2310", "no codelist '" + text + "' in the terminology of " + study.ct,
                          name.place(), near.empty() ? hint : near);
}

}  // namespace trialmill::transform
