#include "standards/terminology_import.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "standards/terminology_forms.hpp"

namespace trialmill::standards {

namespace {

constexpr std::uintmax_t file_bytes_max = std::uintmax_t{1} << 30;

/// The standards for which packages are published: as people write them; in file names, lower case.
constexpr std::array<const char*, 13> standard_names{"Define-XML", "SDTM",     "ADaM",  "SEND", "CDASH",
                                                     "Protocol",   "Glossary", "QS-FT", "COA",  "MRCT",
                                                     "DDF",        "TMF",      "QRS"};

std::string canonical_standard(const std::string& name) {
  for (const char* known : standard_names) {
    if (base::to_lower(name) == base::to_lower(known)) return known;
  }
  return name;
}

enum class Form { unknown, nci_text, csv, odm, library_json };

Form recognise(const std::string& start) {
  std::string_view text = start;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  text = base::trim(text);
  const std::string line = base::to_lower(text.substr(0, text.find('\n')));
  if (line.find("codelist code\t") != std::string::npos) return Form::nci_text;
  if (line.find("codelist_code,") != std::string::npos) return Form::csv;
  if (text.substr(0, 1) == "<" && text.find("ODM") != std::string_view::npos) return Form::odm;
  if (text.substr(0, 1) == "{") return Form::library_json;
  return Form::unknown;
}

/// The name a package is kept under becomes a file name.
void check_name(const std::string& name) {
  static const RE2 safe("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
  if (RE2::FullMatch(name, safe)) return;
  throw base::usage_error("TM1433", "'" + name + "' cannot be the name of a terminology package", {},
                          "letters, digits, dots and dashes, e.g. sdtmct-2025-03-28");
}

PackageInfo settle(StatedPackage stated, const std::string& file, const ImportOptions& options) {
  const StatedPackage from_name = package_from_text(options.name), from_file = package_from_text(file);
  const auto first = [](const std::string& a, const std::string& b, const std::string& c,
                        const std::string& d) {
    return !a.empty() ? a : !b.empty() ? b : !c.empty() ? c : d;
  };
  PackageInfo info;
  info.standard =
      canonical_standard(first(options.standard, from_name.standard, stated.standard, from_file.standard));
  info.date = first(from_name.date, stated.date, from_file.date, "");
  info.name = first(options.name, stated.name, "", "");
  if (options.only_read) {
    if (info.name.empty()) info.name = std::filesystem::path(file).stem().string();
    for (std::string* text : {&info.name, &info.standard, &info.date})
      std::replace_if(text->begin(), text->end(), [](char c) { return c == '\t' || c == '\n'; }, ' ');
    return info;
  }
  if (info.standard.empty() || info.date.empty()) {
    throw base::usage_error("TM1433",
                            "neither the file nor its name says of which " +
                                std::string(info.date.empty() ? "date" : "standard") + " it is",
                            {file}, "say so, e.g. --name sdtmct-2025-03-28");
  }
  if (info.name.empty()) info.name = base::to_lower(info.standard) + "ct-" + info.date;
  check_name(info.name);
  if (info.standard.find_first_of("\t\r\n") != std::string::npos) check_name(info.standard);
  return info;
}

}  // namespace

StatedPackage package_from_text(std::string_view text) {
  static const RE2 date("(?:^|[^0-9])([12][0-9]{3}-[01][0-9]-[0-3][0-9])(?:[^0-9]|$)");
  StatedPackage out;
  RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), date, &out.date);
  const std::string lower = base::to_lower(text);
  for (const char* known : standard_names) {
    if (lower.find(base::to_lower(known)) == std::string::npos) continue;
    out.standard = known;
    break;
  }
  return out;
}

bool means_yes(std::string_view text) {
  const std::string lower = base::to_lower(base::trim(text));
  return lower == "yes" || lower == "y" || lower == "true";
}

std::vector<std::string> split_published_synonyms(std::string_view text) {
  return text.empty() ? std::vector<std::string>() : base::split(text, ';');
}

ImportedPackage read_published_terminology(const std::filesystem::path& file, const ImportOptions& options) {
  const std::string name = file.filename().string();
  std::error_code problem;
  if (std::filesystem::file_size(file, problem) > file_bytes_max && !problem) {
    throw base::Error("TM1430", "the file is larger than any terminology (1 GiB)", {file.string()});
  }
  const Form form = recognise(base::read_file(file, 4096));
  PackageWriter writer(file.string());
  StatedPackage stated;
  ImportedPackage out;
  switch (form) {
    case Form::nci_text:
      stated = read_nci_text(file, writer);
      out.form = "NCI EVS text";
      break;
    case Form::csv:
      stated = read_terminology_csv(file, writer);
      out.form = "CSV";
      break;
    case Form::odm:
      stated = read_nci_odm(file, writer);
      out.form = "NCI EVS ODM XML";
      break;
    case Form::library_json:
      stated = read_library_json(file, writer);
      out.form = "CDISC Library JSON";
      break;
    case Form::unknown:
      throw base::Error(
          "TM1430", "this is none of the forms in which controlled terminology is published", {file.string()},
          "take 'SDTM Terminology.txt' or 'SDTM Terminology.odm.xml' from NCI EVS, or a package "
          "from CDISC Library as JSON");
  }
  writer.require_complete();
  out.package = Package::from_text(writer.text(settle(std::move(stated), name, options)), file.string());
  out.remarks = writer.remarks();
  return out;
}

}  // namespace trialmill::standards
