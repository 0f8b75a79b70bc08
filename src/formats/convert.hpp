// From any format that is read to any that is written, dataset by dataset, with constant memory.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "formats/agency.hpp"
#include "formats/dataset_file.hpp"

namespace trialmill::formats {

struct ConvertOptions {
  ReadOptions read;
  WriteOptions write;
  std::string member;  ///< only this dataset (or sheet), by name, case ignored; "" = all
  std::string
      to;  ///< format (or extension) for the files of a folder, e.g. "csv"; "" = the target is one file
  std::string
      format;  ///< of the one file, where its extension does not say it (xpt8, json-rows); "" = it does
  Agency agency = Agency::none;  ///< SAS transport files: check an agency's limits first
  bool shrink = false;           ///< SAS transport files: texts as long as the longest value
  std::int64_t split_bytes = agency_file_bytes_max;  ///< with an agency: files beyond are also split
};

struct Converted {
  struct File {
    std::filesystem::path path;
    std::string dataset;
    std::int64_t rows = 0;
  };
  std::vector<File> files;        ///< written; a refused one is not here and not on disk
  std::vector<FormatNote> notes;  ///< of reader and writers
  bool refused() const;           ///< a dataset could not be written
};

/// The place of the dataset that `member` names; Error TM1311 if it is "" and there are several, TM1313 if
/// there is none of that name.
std::size_t pick_dataset(const DatasetFile& file, const std::string& member, const std::string& name);

/// The dataset's description with lengths for its text variables: the longest value in bytes, at least 1.
/// Reads the dataset once. A declared length stays if it is enough and at most `keep_max` bytes.
DatasetMeta with_measured_lengths(DatasetFile& file, std::size_t dataset, std::size_t keep_max = 0);

/// With an agency, nothing is written if any dataset is refused. Errors: those of reader and writer, TM1310,
/// TM1311, TM1313, TM1326, TM1327 (two datasets for one file).
Converted convert(const std::filesystem::path& in, const std::filesystem::path& out,
                  const ConvertOptions& options);

}  // namespace trialmill::formats
