// SAS7BDAT as SAS 9 and its predecessors write it, read without SAS. The format is not published; what is
// known about it, and from where, is in docs/formats/sas7bdat.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/mapped_file.hpp"
#include "formats/sas7bdat_bytes.hpp"
#include "formats/sas7bdat_compression.hpp"

namespace trialmill::formats {

/// A variable as the file describes it; texts in the file's encoding.
struct Sas7bdatColumn {
  std::string name, label, format, informat;
  int width = 0, decimals = 0, informat_width = 0, informat_decimals = 0;
  std::uint64_t offset = 0;  ///< in a row
  std::uint32_t length = 0;
  bool is_text = false;
};

class Sas7bdatFile {
 public:
  /// Errors: TM1001; TM1305 (not such a file), TM1306 (damaged, with the byte).
  explicit Sas7bdatFile(const std::filesystem::path& file);

  const std::string& name() const { return name_; }
  const std::string& label() const { return label_; }
  double created() const { return created_; }    ///< seconds since 1960
  double modified() const { return modified_; }  ///< the same
  std::uint8_t encoding_code() const { return encoding_code_; }
  std::uint64_t rows() const { return rows_ - deleted_; }  ///< without deleted ones
  std::uint64_t deleted_rows() const { return deleted_; }
  bool little_endian() const { return little_endian_; }
  const std::vector<Sas7bdatColumn>& columns() const { return columns_; }

  /// Gives every row that was not deleted, in file order; the bytes are valid during the call only. `take`
  /// returns false to stop. Error TM1306; TM1307 if the deleted rows cannot be told from the others.
  void read_rows(const std::function<bool(std::string_view)>& take) const;

 private:
  struct Pointer {
    std::uint64_t offset = 0, length = 0;
    std::uint8_t compression = 0, kind = 0;
  };

  void read_header();
  void read_metadata();
  Sas7bdatBytes page(std::uint64_t number) const;
  std::vector<Pointer> pointers_of(const Sas7bdatBytes& page) const;
  std::uint32_t signature_of(const Sas7bdatBytes& subheader) const;
  bool is_metadata(const Sas7bdatBytes& subheader) const;
  bool read_subheader(const Sas7bdatBytes& subheader, std::uint32_t signature);
  void read_sizes(const Sas7bdatBytes& subheader);
  void read_names(const Sas7bdatBytes& subheader);
  void read_attributes(const Sas7bdatBytes& subheader);
  void read_format(const Sas7bdatBytes& subheader);
  std::string text_at(const Sas7bdatBytes& subheader, std::uint64_t reference) const;
  void complete_metadata();

  struct Progress;
  bool read_data_rows(const Sas7bdatBytes& page, Progress& progress) const;
  bool read_compressed_rows(const Sas7bdatBytes& page, Progress& progress) const;

  std::string place_;
  MappedFile file_;
  bool little_endian_ = true, wide_ = false;
  bool unpadded_ = false;  ///< rows of a mixed page may begin at any place
  std::uint64_t header_size_ = 0, page_size_ = 0, pages_ = 0;
  std::string name_, label_;
  double created_ = 0, modified_ = 0;
  std::uint8_t encoding_code_ = 0;
  std::uint64_t rows_ = 0, deleted_ = 0, row_length_ = 0, rows_on_mixed_page_ = 0, column_count_ = 0;
  bool has_row_size_ = false;
  Sas7bdatCompression compression_ = Sas7bdatCompression::none;
  std::vector<std::string_view> texts_;
  std::size_t names_ = 0, attributes_ = 0, formats_ = 0;
  std::vector<Sas7bdatColumn> columns_;
  std::string_view label_reference_;
  std::vector<Sas7bdatBytes> late_;  ///< subheaders that refer to texts
};

/// Name for iconv of the encoding that the header's code stands for; "" = not stated or unknown.
std::string sas_encoding_name(std::uint8_t code);

}  // namespace trialmill::formats
