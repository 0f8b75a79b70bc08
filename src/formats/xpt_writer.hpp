// Writes one dataset as a SAS transport file, version 5 or 8, row by row with constant memory.
//
//   XptMember dm{.name = "DM", .label = "Demographics", .columns = …};
//   for (const auto& problem : check_xpt(dm)) …            // names, labels, lengths
//   XptWriter writer("xpt/dm.xpt", dm, {.created = "2020-01-01T00:00:00"});
//   writer.text(0, "STUDY1"); writer.number(1, 63); writer.end_row();
//   writer.commit();
//
// What the format cannot hold is refused and told to the caller; nothing is cut. After a refusal the file can
// no longer be committed, so a file that is there is complete and exact.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/xpt.hpp"

namespace trialmill::formats {

struct XptWriteOptions {
  /// Time written into the headers. It comes from configuration, not from the clock, so that re-runs give the
  /// same bytes. Error TM1304 if it is not like 2020-01-01T00:00:00.
  std::string created = "2020-01-01T00:00:00";
  std::string modified;  ///< "" = same as created
  int version = 5;       ///< 5 or 8
};

/// All that is wrong with names, labels and lengths for that version; empty = can be written.
std::vector<XptProblem> check_xpt(const XptMember& member, int version = 5);

/// Bytes of a row, as the writer packs it.
std::size_t xpt_row_bytes(const XptMember& member);

class XptWriter {
 public:
  /// Starts writing aside. Error TM1303 if check_xpt(member) is not empty.
  XptWriter(const std::filesystem::path& target, XptMember member, const XptWriteOptions& options = {});
  ~XptWriter();

  // Values of the current row by column index; columns not set are missing. A result is a refusal.
  std::optional<XptProblem> text(std::size_t column, std::string_view value);
  std::optional<XptProblem> number(std::size_t column, double value);
  void missing(std::size_t column, char code = '.');  ///< code: . _ A to Z; text columns become blank
  void end_row();

  std::int64_t rows() const;

  /// Pads, syncs, puts the file in place. A refusal (the file is then not written): the last row is blank and
  /// shorter than a record, so that no reader could tell it from padding. Error TM1303 after an earlier
  /// refusal.
  std::optional<XptProblem> commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trialmill::formats
