#include "publish/publish.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "publish/dataset.hpp"
#include "publish/release.hpp"
#include "publish/writers.hpp"
#include "study/side_by_side.hpp"

namespace trialmill::publish {

namespace fs = std::filesystem;
using base::Json;

namespace {

constexpr std::size_t id_digits = 16;
constexpr std::uintmax_t fda_file_bytes_max = 5'000'000'000;

/// Options with the gaps filled from the study and checked.
Options complete(Options options, const study::Study& study) {
  if (options.formats.empty()) options.formats = study.publish.formats;
  if (options.agency.empty()) options.agency = study.publish.agency;
  if (options.created.empty()) options.created = study.publish.created;
  const auto check_word = [](const std::string& word, const std::vector<std::string>& known,
                             const char* key) {
    if (std::find(known.begin(), known.end(), word) != known.end()) return;
    throw base::usage_error("TM2503", fmt::format("publish.{} does not know '{}'", key, word), {},
                            "use " + base::join(known, ", "));
  };
  for (const auto& format : options.formats)
    check_word(format, {"csv", "parquet", "xpt", "dataset-json", "dataset-ndjson", "dsjc", "xlsx"},
               "formats");
  check_word(options.agency, {"fda", "pmda", "none"}, "agency");
  std::sort(options.formats.begin(), options.formats.end());
  options.formats.erase(std::unique(options.formats.begin(), options.formats.end()), options.formats.end());
  return options;
}

fs::path metadata_file(const study::Layout& layout) {
  return layout.staged_current() / "datasets.json";
}

Json read_metadata(const study::Layout& layout) {
  const fs::path file = metadata_file(layout);
  if (!fs::exists(file)) return Json::object();
  return base::parse_json(base::read_file(file), file.string());
}

std::vector<Dataset> survey_all(study::Context& context) {
  if (context.session.tables("sdtm").empty()) study::mount_staged(context.session, context.layout);
  const Json metadata = read_metadata(context.layout);
  const auto names = context.session.tables("sdtm");
  std::vector<Dataset> out(names.size());
  study::side_by_side(context, names.size(), [&](study::Context& own, std::size_t d) {
    const auto entry = metadata.find(names[d]);
    out[d] = survey(own.session, names[d], entry == metadata.end() ? Json() : *entry);
  });
  if (out.empty()) {
    throw base::Error("TM2502", "no staged dataset", {(context.layout.staged_current() / "parquet").string()},
                      "run the transform stage first");
  }
  return out;
}

struct Release {
  std::vector<ReleaseFile> files;
  Json not_written = Json::array();
};

void add_size_finding(const Dataset& dataset, const ReleaseFile& file, const Options& options,
                      findings::Findings& findings) {
  if (options.agency != "fda" || file.bytes <= fda_file_bytes_max) return;
  findings::Finding finding;
  finding.rule = "TM2520";
  finding.stage = "publish";
  finding.dataset = dataset.name;
  finding.value = std::to_string(file.bytes);
  finding.message = file.path + " is larger than 5 GB.";
  findings.add(std::move(finding));
}

void write_dataset(Dataset& dataset, const Options& options, const StagingFolder& staging,
                   study::Context& context, Release& release) {
  for (const auto& format : options.formats) {
    base::check_stop();
    const std::string path =
        format + "/" + dataset.file_stem() + formats::extension_for(formats::format_named(format));
    const fs::path file = staging.path() / path;
    if (format == "csv") write_csv(context.session, dataset, file);
    if (format == "parquet") write_parquet(context.session, dataset, file);
    if (format != "csv" && format != "parquet" && format != "xpt") {
      write_dataset_file(context.session, dataset, file, formats::format_named(format), options.created,
                         context.study.id);
    }
    if (format == "xpt" && dataset.xpt_possible) {
      write_xpt(context.session, dataset, file, options.created, context.findings);
    }
    if (format == "xpt" && !dataset.xpt_possible) {
      release.not_written.push_back({{"path", path}, {"reason", dataset.xpt_reason}});
      continue;
    }
    release.files.push_back(staging.measure(path, dataset.rows));
    add_size_finding(dataset, release.files.back(), options, context.findings);
  }
}

Json files_json(const std::vector<ReleaseFile>& files) {
  Json out = Json::array();
  for (const auto& file : files) {
    out.push_back({{"path", file.path}, {"sha256", file.sha256}, {"bytes", file.bytes}, {"rows", file.rows}});
  }
  return out;
}

std::string manifest_of(const study::Study& study, const Options& options, const Release& release) {
  const Json manifest = {
      {"study", study.id},
      {"standard", {{"sdtmig", study.sdtmig}, {"ct", study.ct}, {"define", study.define}}},
      {"program", base::program_version},
      {"agency", options.agency},
      {"files", files_json(release.files)},
      {"not_written", release.not_written},
  };
  return base::dump_json(manifest) + "\n";
}

std::string headline_of(const std::vector<Dataset>& datasets, const Release& release, std::int64_t rows,
                        const std::string& id, bool reused) {
  std::string out =
      fmt::format("{} datasets, {} files, {} rows, release {}{}", datasets.size(), release.files.size(),
                  base::thousands(rows), id, reused ? " (unchanged)" : "");
  if (!release.not_written.empty()) {
    std::vector<std::string> names;
    for (const auto& dataset : datasets) {
      if (!dataset.xpt_possible) names.push_back(dataset.name);
    }
    out += "; no XPT for " + base::join(names, ", ");
  }
  return out;
}

}  // namespace

std::string fingerprint(const Options& given, study::Context& context) {
  const Options options = complete(given, context.study);
  base::Sha256 hash;
  hash.add_part("publish")
      .add_part(base::program_version)
      .add_part(context.study.id)
      .add_part(context.study.sdtmig);
  hash.add_part(context.study.ct).add_part(context.study.define);
  for (const auto& format : options.formats) hash.add_part(format);
  hash.add_part(options.agency).add_part(options.created).add_part(std::to_string(options.findings_max));
  std::vector<fs::path> files;
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(context.layout.staged_current() / "parquet", status)) {
    if (entry.path().extension() == ".parquet") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) hash.add_part(file.filename().string()).add_part(base::sha256_of_file(file));
  const fs::path metadata = metadata_file(context.layout);
  hash.add_part(fs::exists(metadata) ? base::read_file(metadata) : std::string());
  return hash.hex();
}

study::Outcome run(const Options& given, study::Context& context) {
  const Options options = complete(given, context.study);
  std::vector<Dataset> datasets = survey_all(context);
  set_xpt_lengths(datasets, options.agency != "none");
  const bool xpt = std::count(options.formats.begin(), options.formats.end(), "xpt") > 0;

  StagingFolder staging(context.layout.output());
  for (const auto& format : options.formats) base::make_folders(staging.path() / format);
  study::Outcome outcome;
  Release release;
  std::vector<Release> written(datasets.size());
  study::side_by_side(context, datasets.size(), [&](study::Context& own, std::size_t d) {
    if (own.progress) {
      own.progress(static_cast<double>(d) / static_cast<double>(datasets.size()), datasets[d].name);
    }
    check(own.session, datasets[d], {options.agency, xpt, options.findings_max}, own.findings);
    write_dataset(datasets[d], options, staging, own, written[d]);
  });
  for (std::size_t d = 0; d < datasets.size(); ++d) {
    outcome.rows_in += datasets[d].rows;
    outcome.rows_out += datasets[d].rows;
    release.files.insert(release.files.end(), written[d].files.begin(), written[d].files.end());
    for (auto& refused : written[d].not_written) release.not_written.push_back(std::move(refused));
  }
  std::sort(release.files.begin(), release.files.end(), [](auto& a, auto& b) { return a.path < b.path; });

  const std::string manifest = manifest_of(context.study, options, release);
  const std::string id = base::sha256_of(manifest).substr(0, id_digits);
  const bool reused = staging.put_in_place(id, manifest, release.files);
  const fs::path folder = context.layout.output() / "releases" / id;
  for (const auto& file : release.files) outcome.outputs.push_back(folder / file.path);
  outcome.outputs.push_back(folder / "manifest.json");
  outcome.headline = headline_of(datasets, release, outcome.rows_out, id, reused);
  outcome.detail["release"] = id;
  outcome.detail["reused"] = reused;
  outcome.detail["files"] = files_json(release.files);
  outcome.detail["not_written"] = release.not_written;
  return outcome;
}

}  // namespace trialmill::publish
