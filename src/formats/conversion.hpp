// The work of convert(): datasets of one file or folder into files of one format, with an agency's limits if
// wanted.
#pragma once

#include <filesystem>
#include <vector>

#include "formats/convert.hpp"

namespace trialmill::formats {

/// A dataset on its way: where to, and described as it will be written.
struct ConversionTarget {
  std::size_t dataset = 0;  ///< its place in the source
  std::filesystem::path path;
  DatasetMeta meta;  ///< filled in by convert_datasets
};

/// Writes all targets; files and notes go into `out`, those of the reader first. A dataset with a value that
/// the reader could not make sense of is not written. Errors: those of reader and writer, TM1326, TM1327.
void convert_datasets(DatasetFile& in, Format format, std::vector<ConversionTarget> targets,
                      const ConvertOptions& options, Converted& out);

/// The parts of a transport file of `bytes` bytes that is over the limit, into the folder split/ beside it:
/// split/lb1.xpt, split/lb2.xpt … Each has at most `options.split_bytes`, if one row fits into that.
void write_split_files(DatasetFile& in, const ConversionTarget& target, std::int64_t bytes,
                       const ConvertOptions& options, Converted& out);

}  // namespace trialmill::formats
