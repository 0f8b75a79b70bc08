#include "publish/define.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "formats/dataset_file.hpp"
#include "formats/define_html.hpp"
#include "formats/define_xml_writer.hpp"
#include "publish/define_build.hpp"
#include "standards/terminology_folder.hpp"

namespace trialmill::publish {

namespace fs = std::filesystem;
namespace define = formats::define;
using base::Json;

namespace {

std::string package_of(const study::Study& study) {
  return "sdtmct-" + study.ct;
}

bool is_installed(const standards::PackageFolder& folder, const std::string& package) {
  return fs::is_regular_file(folder.file_of(package));
}

std::vector<fs::path> codelist_files(const study::Study& study) {
  std::vector<fs::path> out;
  std::error_code status;
  for (const auto& entry : fs::directory_iterator(study.root / "codelists", status)) {
    if (entry.is_regular_file()) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Where define.xml lies, and where the datasets lie as seen from it.
struct Placed {
  std::string folder, to_datasets, extension;
};

/// Beside the XPT files, or else Dataset-JSON, so that the folder can be submitted as it is; else in the
/// root.
Placed place(const std::vector<std::string>& formats) {
  const auto extension = [](const std::string& format) {
    return formats::extension_for(formats::format_named(format)).substr(1);
  };
  for (const char* format : {"xpt", "dataset-json", "dataset-ndjson", "dsjc"}) {
    if (std::find(formats.begin(), formats.end(), format) != formats.end())
      return {std::string(format) + "/", "", extension(format)};
  }
  return {"", formats[0] + "/", extension(formats[0])};
}

Json detail_of(const define::Document& doc, const std::vector<std::string>& remarks,
               const std::string& path) {
  std::size_t values = 0;
  for (const auto& list : doc.value_lists) values += list.items.size();
  return {{"path", path},
          {"version", doc.define_version},
          {"datasets", doc.datasets.size()},
          {"variables", doc.items.size() - values},
          {"values", values},
          {"codelists", doc.codelists.size()},
          {"methods", doc.methods.size()},
          {"remarks", remarks}};
}

}  // namespace

std::string define_fingerprint(const study::Study& study) {
  base::Sha256 hash;
  hash.add_part(study.title);
  for (const auto& [name, version] : study.dictionaries) hash.add_part(name).add_part(version);
  for (const auto& document : study.documents) {
    hash.add_part(document.file.filename().string()).add_part(document.kind).add_part(document.title);
    hash.add_part(base::sha256_of_file(document.file));
  }
  for (const fs::path& file : codelist_files(study))
    hash.add_part(file.filename().string()).add_part(base::sha256_of_file(file));
  const standards::PackageFolder folder;
  const std::string package = package_of(study);
  hash.add_part(is_installed(folder, package) ? base::sha256_of_file(folder.file_of(package)) : "none");
  return hash.hex();
}

std::vector<ReleaseFile> write_define(study::Context& context, const Options& options,
                                      const std::vector<Dataset>& datasets, const Json& metadata,
                                      const StagingFolder& staging, Json& detail) {
  const Placed placed = place(options.formats);
  const standards::PackageFolder packages;
  const std::string package = package_of(context.study);
  const bool installed = is_installed(packages, package);
  DefineInput input{context.study,
                    metadata,
                    options.created,
                    options.agency != "none",
                    placed.to_datasets,
                    placed.extension,
                    installed ? packages.choose({package}) : standards::Terminology()};
  const DefineResult built = DefineBuilder(context.session, input, context.findings).build(datasets);

  std::vector<ReleaseFile> files;
  const auto add = [&](const std::string& name, const std::string& content) {
    base::write_file_atomically(staging.path() / (placed.folder + name), content);
    files.push_back(staging.measure(placed.folder + name, 0));
  };
  const std::string xml = define::write(built.document);
  add("define.xml", xml);
  add("define.xsl", std::string(define::stylesheet()));
  std::vector<std::string> remarks = built.remarks;
  try {
    add("define.html", define::to_html(xml, "define.xml"));
  } catch (const base::Error& error) {
    if (error.code() != "TM1364") throw;
    remarks.push_back("define.html is not written: " + error.message());
  }
  for (const auto& document : context.study.documents) {
    const std::string name = placed.folder + document.file.filename().string();
    std::error_code problem;
    fs::copy_file(document.file, staging.path() / name, problem);
    if (problem) {
      throw base::Error("TM2501", "the document cannot be copied: " + problem.message(),
                        {document.file.string()},
                        "the last release is untouched; check free space and rights, then run again");
    }
    base::sync_path(staging.path() / name);
    files.push_back(staging.measure(name, 0));
  }
  detail = detail_of(built.document, remarks, placed.folder + "define.xml");
  detail["terminology"] = installed ? Json(package) : Json();
  if (!installed) {
    detail["remarks"].push_back(package +
                                " is not installed: codelists have no NCI codes; see docs/terminology.md");
  }
  return files;
}

}  // namespace trialmill::publish
