#include "formats/dataset_file.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "formats/apple_health_file.hpp"
#include "formats/csv_file.hpp"
#include "formats/dataset_json_file.hpp"
#include "formats/json_rows_writer.hpp"
#include "formats/json_table_file.hpp"
#include "formats/odm_file.hpp"
#include "formats/parquet_file.hpp"
#include "formats/sas7bdat_file.hpp"
#include "formats/xlsx_file.hpp"
#include "formats/xpt_file.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;

/// What a file is by its first bytes; "" if they say nothing.
std::string_view kind_of_content(std::string_view start) {
  if (start.starts_with("HEADER RECORD*******LIB") || start.starts_with("**COMPRESSED**")) return "xpt";
  if (start.starts_with("PAR1")) return "parquet";
  if (start.starts_with("PK\x03\x04")) return "zip";
  if (start.starts_with("\xD0\xCF\x11\xE0")) return "xls";
  if (start.starts_with("\x1F\x8B")) return "gzip";
  if (start.starts_with(std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\xC2\xEA\x81\x60", 16))) return "sas7bdat";
  return "";
}

std::string extension_of(const fs::path& file) {
  return base::to_lower(file.extension().string());
}

[[noreturn]] void refuse(const fs::path& file, const std::string& looks_like) {
  throw base::usage_error(
      "TM1310", "no reader for this file" + looks_like, {file.string()},
      "known are .csv, .tsv, .txt, .xpt, .sas7bdat, .xlsx, .parquet, .xml (ODM, Dataset-XML, Apple Health), "
      ".zip (Apple Health), .json and .ndjson (Dataset-JSON or plain), .dsjc");
}

/// The OLE container is that of .xls files, and of workbooks with a password.
[[noreturn]] void refuse_workbook(const fs::path& file, std::string_view kind) {
  if (kind == "xls") {
    throw base::usage_error("TM1310", "the workbook is encrypted, or an old .xls file with another name",
                            {file.string()},
                            "open it in a spreadsheet program and save it as .xlsx without a password");
  }
  throw base::Error("TM1322", "the file is no workbook: it does not begin as a ZIP archive does",
                    {file.string()},
                    "was it cut off in transfer, or is it a table of text with another name?");
}

/// The datasets of several files as one.
class Folder : public DatasetFile {
 public:
  Folder(const fs::path& folder, const ReadOptions& options) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.is_regular_file() && is_known(entry.path())) paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
      files_.push_back(open_dataset_file(path, options));
      for (std::size_t d = 0; d < files_.back()->datasets().size(); ++d) {
        datasets_.push_back(files_.back()->datasets()[d]);
        places_.emplace_back(files_.size() - 1, d);
      }
    }
    if (files_.empty()) refuse(folder, ": the folder holds no dataset file");
  }

  const std::vector<DatasetMeta>& datasets() const override { return datasets_; }
  void read(std::size_t dataset, const BatchConsumer& consume) override {
    const auto [file, within] = places_[dataset];
    files_[file]->read(within, consume);
  }
  std::vector<FormatNote> notes() const override {
    std::vector<FormatNote> all;
    for (const auto& file : files_) {
      for (auto& note : file->notes()) all.push_back(std::move(note));
    }
    return all;
  }

 private:
  static bool is_known(const fs::path& file) {
    // The description that lies beside the datasets of a release: definitions, no data.
    if (base::to_lower(file.filename().string()) == "define.xml") return false;
    static constexpr std::array<std::string_view, 10> known{
        ".xml", ".xlsx", ".parquet", ".csv", ".tsv", ".xpt", ".sas7bdat", ".json", ".ndjson", ".dsjc"};
    return std::ranges::find(known, extension_of(file)) != known.end();
  }
  std::vector<std::unique_ptr<DatasetFile>> files_;
  std::vector<DatasetMeta> datasets_;
  std::vector<std::pair<std::size_t, std::size_t>> places_;
};

}  // namespace

std::unique_ptr<DatasetFile> open_dataset_file(const fs::path& file, const ReadOptions& options) {
  if (fs::is_directory(file)) return std::make_unique<Folder>(file, options);
  const std::string start = base::read_file(file, 64);
  const std::string_view kind = kind_of_content(start);
  const std::string extension = extension_of(file);
  if (kind == "xpt" || extension == ".xpt") return open_xpt(file, options);
  if (extension == ".xlsx" || extension == ".xlsm") {
    if (kind == "zip") return open_xlsx(file, options);
    refuse_workbook(file, kind);
  }
  if (kind == "parquet" || extension == ".parquet") return open_parquet(file);
  if (kind == "sas7bdat" || extension == ".sas7bdat") return open_sas7bdat(file, options);
  if (extension == ".dsjc") return open_dataset_json(file, options);
  if (extension == ".json" || extension == ".ndjson" || extension == ".jsonl") {
    if (looks_like_dataset_json(base::read_file(file, 1U << 16U))) return open_dataset_json(file, options);
    return open_json_tables(file);
  }
  if (is_apple_health(base::read_file(file, 1U << 16U)) || (kind == "zip" && extension == ".zip"))
    return open_apple_health(file);
  if (kind == "xls" || extension == ".xls") {
    throw base::usage_error("TM1310", "an .xls file (Excel 97-2003) is not read", {file.string()},
                            "open it in a spreadsheet program and save it as .xlsx");
  }
  if (extension == ".xml" || start.find("<ODM") != std::string::npos) return open_odm(file, options);
  if (!kind.empty()) refuse(file, ": by its first bytes it is " + std::string(kind));
  if (extension == ".csv" || extension == ".tsv" || extension == ".txt") {
    ReadOptions own = options;
    if (extension == ".tsv" && own.delimiter == '\0') own.delimiter = '\t';
    return open_csv(file, own);
  }
  refuse(file, "");
}

namespace {

/// What is written. The first format of an extension is the one that the extension means.
struct Written {
  Format format;
  const char *name, *extension;
};
constexpr std::array<Written, 11> all_written{{{Format::csv, "csv", ".csv"},
                                               {Format::tsv, "tsv", ".tsv"},
                                               {Format::parquet, "parquet", ".parquet"},
                                               {Format::xpt5, "xpt", ".xpt"},
                                               {Format::xpt8, "xpt8", ".xpt"},
                                               {Format::xlsx, "xlsx", ".xlsx"},
                                               {Format::dataset_json, "dataset-json", ".json"},
                                               {Format::dataset_ndjson, "dataset-ndjson", ".ndjson"},
                                               {Format::dataset_json_compressed, "dsjc", ".dsjc"},
                                               {Format::json, "json-rows", ".json"},
                                               {Format::ndjson, "ndjson-rows", ".ndjson"}}};

}  // namespace

Format format_for_writing(const fs::path& file) {
  const std::string extension = extension_of(file);
  for (const auto& one : all_written) {
    if (extension == one.extension) return one.format;
  }
  throw base::usage_error("TM1310", "no writer for '" + extension + "' files", {file.string()},
                          "known are .csv, .tsv, .parquet, .xpt, .xlsx, .json, .ndjson and .dsjc");
}

Format format_named(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& one : all_written) {
    if (base::to_lower(name) == one.name || "." + base::to_lower(name) == one.extension) return one.format;
    known.emplace_back(one.name);
  }
  throw base::usage_error("TM1310", "no format '" + name + "' is written", {},
                          "known are " + base::join(known, ", "));
}

std::string extension_for(Format format) {
  return std::ranges::find(all_written, format, &Written::format)->extension;
}

std::unique_ptr<DatasetWriter> create_dataset_file(const fs::path& file, Format format,
                                                   const DatasetMeta& meta, const WriteOptions& options) {
  switch (format) {
    case Format::csv:
      return create_csv(file, meta, options, ',');
    case Format::tsv:
      return create_csv(file, meta, options, '\t');
    case Format::xlsx:
      return std::move(create_xlsx(file, {&meta}, options)[0]);
    case Format::xpt5:
      return create_xpt(file, meta, options);
    case Format::xpt8:
      return create_xpt(file, meta, options, 8);
    case Format::parquet:
      return create_parquet(file, meta, options);
    case Format::dataset_json:
      return create_dataset_json(file, meta, options, DatasetJsonForm::document);
    case Format::dataset_ndjson:
      return create_dataset_json(file, meta, options, DatasetJsonForm::lines);
    case Format::dataset_json_compressed:
      return create_dataset_json(file, meta, options, DatasetJsonForm::compressed);
    case Format::json:
      return create_json_rows(file, meta, false);
    case Format::ndjson:
      return create_json_rows(file, meta, true);
    default:
      throw base::usage_error("TM1310", "this format is not written", {file.string()});
  }
}

}  // namespace trialmill::formats
