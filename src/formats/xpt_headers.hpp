// Everything of a SAS transport file that stands before the rows.
#pragma once

#include <cstdint>
#include <string>

#include "formats/xpt_writer.hpp"

namespace trialmill::formats {

/// Library, member and variable headers up to and with the header of the rows (TS-140; version 8: SAS's
/// "Record layout of a SAS version 8 or 9 data set in SAS transport format"). Error TM1304.
std::string xpt_headers(const XptMember& member, const XptWriteOptions& options);

/// The last header of version 8, which states the number of rows: right-aligned in 15 columns.
std::string xpt8_rows_header(std::int64_t rows);

}  // namespace trialmill::formats
