// Opens and creates files of any tabular format. The format is told by content first, then by extension; a
// folder of dataset files is a DatasetFile too.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/dataset.hpp"

namespace trialmill::formats {

enum class Format {
  csv,
  tsv,
  json,    ///< an array of objects, or objects with one array in them
  ndjson,  ///< an object a line
  parquet,
  xlsx,
  xpt5,
  xpt8,
  sas7bdat,  ///< reading only
  dataset_json,
  dataset_ndjson,
  dataset_json_compressed,  ///< .dsjc
  dataset_xml,              ///< reading only
  odm,                      ///< reading only; ODM 1.3 and 2.0 clinical data
  apple_health,
  fitbit,
  oura,
  clue,
  flo,  ///< reading only
};

struct ReadOptions {
  std::string encoding;   ///< of text files and of SAS files without one; "" = detect
  char delimiter = '\0';  ///< of delimited text; '\0' = detect
  int header_lines = 0;   ///< of delimited text: 1, or 2 (labels, then names, as Viedoc writes); 0 = detect
  bool raw_numbers = false;        ///< XLSX: cells as they are stored: dates as numbers, names as they stand
  std::filesystem::path metadata;  ///< Dataset-XML: the define.xml; ODM: the file with the MetaDataVersion
};

struct WriteOptions {
  /// Into headers that carry a time: from configuration, not the clock, so that re-runs give the same bytes.
  std::string created = "2020-01-01T00:00:00";
  std::string modified;      ///< "" = same as created
  bool raw_numbers = false;  ///< CSV: 17 digits, SAS dates as numbers, missing codes as ".", ".A"
  std::string originator, source_system = "Trialmill", source_version;  ///< Dataset-JSON
};

/// Errors: TM1001 unreadable; TM1310 not a format we know (says what it looks like); the format's own codes.
std::unique_ptr<DatasetFile> open_dataset_file(const std::filesystem::path& file, const ReadOptions& = {});

/// Format that a path asks for by its extension; Error TM1310 names the extensions that there are.
Format format_for_writing(const std::filesystem::path& file);

/// A format that is written, by name (csv, xpt8, dataset-json, json-rows …) or extension; Error TM1310.
Format format_named(const std::string& name);
/// The extension of its files, with the dot.
std::string extension_for(Format format);

/// Writer of one dataset. Text variables of XPT need a `length` (see with_measured_lengths in convert.hpp).
std::unique_ptr<DatasetWriter> create_dataset_file(const std::filesystem::path& file, Format format,
                                                   const DatasetMeta& meta, const WriteOptions& = {});

}  // namespace trialmill::formats
