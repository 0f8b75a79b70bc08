// The parts of an XLSX workbook beside its sheets: which sheets there are, texts that cells share, which
// cells are dates. ECMA-376 part 1, sections 18.2 (workbook), 18.4 (shared strings), 18.8 (styles).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/zip_archive.hpp"

namespace trialmill::formats {

class XlsxWorkbook {
 public:
  struct Sheet {
    std::string name, part;  ///< part: entry of the archive
    bool hidden = false;
  };

  /// Errors: TM1320, TM1321 (the archive), TM1322 (no workbook in it, or damaged).
  explicit XlsxWorkbook(const std::filesystem::path& file);

  const ZipArchive& archive() const { return archive_; }
  const std::string& place() const { return place_; }
  const std::vector<Sheet>& sheets() const { return sheets_; }
  bool counts_from_1904() const { return from_1904_; }
  std::size_t shared_texts() const { return shared_.size(); }
  std::string_view shared_text(std::size_t number) const;
  /// What a cell of that style shows its number as.
  enum class Shows { number, date, time, datetime };
  Shows shows(std::size_t style) const { return style < styles_.size() ? styles_[style] : Shows::number; }

 private:
  void read_workbook();
  void read_shared(const std::string& part);
  void read_styles(const std::string& part);

  std::string place_;
  ZipArchive archive_;
  std::vector<Sheet> sheets_;
  bool from_1904_ = false;
  std::string texts_;  ///< one after the other
  std::vector<std::pair<std::size_t, std::size_t>> shared_;
  std::vector<Shows> styles_;
};

/// What a number format code says: "yyyy-mm-dd", "[h]:mm", "0.00" …
XlsxWorkbook::Shows shows_of_format_code(std::string_view code);

/// Excel's way to hold characters that XML forbids: _x000D_.
std::string xlsx_unescape(std::string_view text);

}  // namespace trialmill::formats
