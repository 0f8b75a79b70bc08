#include "formats/sas7bdat_reader.hpp"

namespace trialmill::formats {

/// What reading has seen so far, deleted rows included.
struct Sas7bdatFile::Progress {
  const std::function<bool(std::string_view)>& take;
  std::uint64_t rows = 0, deleted = 0;
  std::string row;  ///< decompressed
};

void Sas7bdatFile::read_rows(const std::function<bool(std::string_view)>& take) const {
  Progress progress{take, 0, 0, {}};
  for (std::uint64_t number = 0; number < pages_ && progress.rows < rows_; ++number) {
    const Sas7bdatBytes whole = page(number);
    file_.forget(file_.bytes().data() + header_size_ + number * page_size_);
    const std::uint16_t type = whole.u16(wide_ ? 32 : 16);
    if ((type & 0x9000U) != 0) continue;
    const bool rows_only = (type & 0x0F00U) == 0x0100U, mixed = (type & 0x0F00U) == 0x0200U;
    if (!rows_only && !read_compressed_rows(whole, progress)) return;
    if ((rows_only || mixed) && !read_data_rows(whole, progress)) return;
  }
  const Sas7bdatBytes file(file_.bytes(), 0, little_endian_, wide_, place_);
  if (progress.rows != rows_) {
    file.damaged("the file announces " + std::to_string(rows_) + " rows and has " +
                 std::to_string(progress.rows));
  }
  if (progress.deleted != deleted_) {
    throw base::Error("TM1307",
                      "the file announces " + std::to_string(deleted_) + " deleted rows, but marks " +
                          std::to_string(progress.deleted),
                      {place_}, "copy the dataset in SAS (data new; set old; run;) and send that");
  }
}

/// Rows one after the other, at the end of a page that may begin with subheaders. If rows of the page were
/// deleted, a bit for each row says so.
bool Sas7bdatFile::read_data_rows(const Sas7bdatBytes& page, Progress& progress) const {
  const std::uint64_t head = wide_ ? 40 : 24, pointer = wide_ ? 24 : 12;
  const std::uint16_t type = page.u16(wide_ ? 32 : 16);
  const bool mixed = (type & 0x0F00U) == 0x0200U;
  const std::uint64_t blocks = page.u16(head - 6), subheaders = mixed ? page.u16(head - 4) : 0;
  std::uint64_t start = head + subheaders * pointer;
  if (mixed && start % 8 != 0) {
    const std::uint64_t gap = 8 - start % 8;
    const std::string_view between = page.at(start, gap);
    if (!unpadded_ || between.find_first_not_of(between[0] == ' ' ? ' ' : '\0') == std::string_view::npos)
      start += gap;
  }
  std::uint64_t count = mixed ? rows_on_mixed_page_ : blocks;
  if (mixed && blocks > subheaders) count = std::min(count, blocks - subheaders);
  count = std::min(count, rows_ - progress.rows);
  if (row_length_ == 0) page.damaged("rows without length");
  page.at(start, count * row_length_);
  std::string_view marks;
  if ((type & 0x0080U) != 0 && deleted_ > 0) {
    const std::uint64_t on_page = blocks - std::min(blocks, subheaders);
    const std::uint64_t align = (head + 8 + subheaders * pointer) % 8;
    const std::uint64_t place =
        head + page.u32(wide_ ? 24 : 12) + align + subheaders * pointer + on_page * row_length_;
    marks = page.at(place, (on_page + 7) / 8);
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    ++progress.rows;
    if (i / 8 < marks.size() && (static_cast<unsigned char>(marks[i / 8]) >> (7 - i % 8) & 1U) != 0) {
      ++progress.deleted;
      continue;
    }
    if (!progress.take(page.at(start + i * row_length_, row_length_))) return false;
  }
  return true;
}

/// Rows of a compressed file: one subheader each. The pointer's code is a set of bits: 1 = not to be read, 4
/// = compressed; 5 is a row that was deleted. A row that did not get shorter is stored as it is.
bool Sas7bdatFile::read_compressed_rows(const Sas7bdatBytes& page, Progress& progress) const {
  if (compression_ == Sas7bdatCompression::none) return true;
  for (const auto& pointer : pointers_of(page)) {
    if (pointer.length == 0 || pointer.kind != 1) continue;
    if (progress.rows >= rows_) return true;
    if ((pointer.compression & 1U) != 0) {
      if ((pointer.compression & 4U) == 0) continue;
      ++progress.rows, ++progress.deleted;
      continue;
    }
    const std::string_view stored = page.at(pointer.offset, pointer.length);
    if ((pointer.compression & 4U) == 0 && is_metadata(page.part(pointer.offset, pointer.length))) continue;
    ++progress.rows;
    if ((pointer.compression & 4U) == 0) {
      if (stored.size() != row_length_) page.damaged("a row of the wrong length", pointer.offset);
      if (!progress.take(stored)) return false;
      continue;
    }
    const bool good = compression_ == Sas7bdatCompression::rle
                          ? decompress_rle(stored, row_length_, progress.row)
                          : decompress_rdc(stored, row_length_, progress.row);
    if (!good)
      page.damaged("row " + std::to_string(progress.rows) + " cannot be decompressed", pointer.offset);
    if (!progress.take(progress.row)) return false;
  }
  return true;
}

}  // namespace trialmill::formats
