#include "formats/sas7bdat_reader.hpp"

#include <bit>
#include <map>

#include "base/text.hpp"

namespace trialmill::formats {
namespace {

constexpr std::uint32_t row_size = 0xF7F7F7F7, column_size = 0xF6F6F6F6, counts = 0xFFFFFC00,
                        column_format = 0xFFFFFBFE, column_attributes = 0xFFFFFFFC, column_text = 0xFFFFFFFD,
                        column_list = 0xFFFFFFFE, column_name = 0xFFFFFFFF;
constexpr std::uint64_t columns_max = 1U << 20U, row_length_max = 1U << 30U;

std::string trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

Sas7bdatFile::Sas7bdatFile(const std::filesystem::path& file) : place_(file.string()), file_(file) {
  read_header();
  read_metadata();
}

void Sas7bdatFile::read_header() {
  static constexpr std::string_view magic(
      "\0\0\0\0\0\0\0\0\0\0\0\0\xC2\xEA\x81\x60\xB3\x14\x11\xCF\xBD\x92\x08\0"
      "\x09\xC7\x31\x8C\x18\x1F\x10\x11",
      32);
  const std::string_view bytes = file_.bytes();
  if (!bytes.starts_with(magic)) {
    throw base::Error("TM1305",
                      bytes.empty() ? "the file is empty" : "the file does not start as a SAS7BDAT file does",
                      {place_}, "SAS transport files are read as .xpt; see trialmill schema FILE");
  }
  Sas7bdatBytes header(bytes, 0, true, false, place_);
  const std::uint64_t align = header.u8(35) == 0x33 ? 4 : 0;
  wide_ = header.u8(32) == 0x33;
  little_endian_ = header.u8(37) == 1;
  header = {bytes, 0, little_endian_, wide_, place_};
  encoding_code_ = header.u8(70);
  name_ = trimmed(header.at(92, 64));
  created_ = std::bit_cast<double>(header.number(164 + align, 8));
  modified_ = std::bit_cast<double>(header.number(172 + align, 8));
  header_size_ = header.u32(196 + align);
  page_size_ = header.u32(200 + align);
  pages_ = header.word(204 + align);
  // Stat/Transfer, which calls itself release x.0000M0, does not always pad.
  unpadded_ = header.at(216 + align + (wide_ ? 4 : 0), 8).substr(1) == ".0000M0";
  if (header_size_ < 256 || header_size_ > bytes.size())
    header.damaged("the header says it is larger than the file", 196);
  if (page_size_ < 256) header.damaged("the pages have no size", 200);
  if (pages_ > (bytes.size() - header_size_) / page_size_) {
    header.damaged("the file ends early: the header announces " + std::to_string(pages_) + " pages of " +
                       std::to_string(page_size_) + " bytes, there are " +
                       std::to_string((bytes.size() - header_size_) / page_size_),
                   204 + align);
  }
}

Sas7bdatBytes Sas7bdatFile::page(std::uint64_t number) const {
  const std::uint64_t start = header_size_ + number * page_size_;
  return {file_.bytes().substr(start, page_size_), start, little_endian_, wide_, place_};
}

std::vector<Sas7bdatFile::Pointer> Sas7bdatFile::pointers_of(const Sas7bdatBytes& page) const {
  const std::uint64_t head = wide_ ? 40 : 24, size = wide_ ? 24 : 12, word = wide_ ? 8 : 4;
  const std::uint64_t count = page.u16(head - 4);
  page.at(head, count * size);
  std::vector<Pointer> out(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = head + i * size;
    out[i] = {page.word(at), page.word(at + word), page.u8(at + 2 * word), page.u8(at + 2 * word + 1)};
  }
  return out;
}

bool Sas7bdatFile::is_metadata(const Sas7bdatBytes& subheader) const {
  switch (signature_of(subheader)) {
    case row_size:
    case column_size:
    case counts:
    case column_format:
    case column_attributes:
    case column_text:
    case column_list:
    case column_name:
      return true;
    default:
      return false;
  }
}

std::uint32_t Sas7bdatFile::signature_of(const Sas7bdatBytes& subheader) const {
  if (subheader.size() < (wide_ ? 8U : 4U)) return 0;
  const std::uint32_t first = subheader.u32(0);
  // A big-endian file of a 64-bit system has the distinguishing half second.
  return wide_ && !little_endian_ && (first == 0 || first == 0xFFFFFFFF) ? subheader.u32(4) : first;
}

/// Metadata stand on pages of any kind but those of rows alone; amendments may follow behind the rows.
void Sas7bdatFile::read_metadata() {
  for (std::uint64_t number = 0; number < pages_; ++number) {
    const Sas7bdatBytes whole = page(number);
    const std::uint16_t type = whole.u16(wide_ ? 32 : 16);
    if ((type & 0x0F00U) == 0x0100U || (type & 0x9000U) != 0) continue;
    for (const auto& pointer : pointers_of(whole)) {
      if (pointer.length == 0 || pointer.compression != 0) continue;
      const Sas7bdatBytes subheader = whole.part(pointer.offset, pointer.length);
      read_subheader(subheader, signature_of(subheader));
    }
  }
  complete_metadata();
}

/// Sizes and texts are taken at once, what refers to texts is kept for later.
bool Sas7bdatFile::read_subheader(const Sas7bdatBytes& subheader, std::uint32_t signature) {
  switch (signature) {
    case row_size:
      read_sizes(subheader);
      return true;
    case column_size:
      column_count_ = subheader.word(wide_ ? 8 : 4);
      if (column_count_ > columns_max) subheader.damaged("an impossible number of variables");
      return true;
    case column_text:
      texts_.push_back(subheader.all().substr(wide_ ? 8 : 4));
      return true;
    case column_name:
    case column_attributes:
    case column_format:
      late_.push_back(subheader);
      return true;
    default:
      return false;
  }
}

void Sas7bdatFile::read_sizes(const Sas7bdatBytes& subheader) {
  const std::uint64_t word = wide_ ? 8 : 4;
  row_length_ = subheader.word(5 * word);
  rows_ = subheader.word(6 * word);
  deleted_ = subheader.word(7 * word);
  rows_on_mixed_page_ = subheader.word(15 * word);
  if (row_length_ > row_length_max) subheader.damaged("an impossible length of rows", 5 * word);
  if (deleted_ > rows_) subheader.damaged("more deleted rows than rows", 7 * word);
  // Each page holds at most as many rows as bits; more rows than that are a lie that would cost time.
  if (rows_ > pages_ * page_size_ * 8) subheader.damaged("more rows than the file can hold", 6 * word);
  if (subheader.size() > 130 + 16 * word) label_reference_ = subheader.at(subheader.size() - 130, 6);
  has_row_size_ = true;
}

/// A text that a subheader refers to: number of the text block, offset, length.
std::string Sas7bdatFile::text_at(const Sas7bdatBytes& subheader, std::uint64_t reference) const {
  const std::size_t block = subheader.u16(reference), offset = subheader.u16(reference + 2),
                    length = subheader.u16(reference + 4);
  if (length == 0) return "";
  if (block >= texts_.size() || offset + length > texts_[block].size())
    subheader.damaged("a name or label lies outside the texts", reference);
  return trimmed(texts_[block].substr(offset, length));
}

void Sas7bdatFile::read_names(const Sas7bdatBytes& subheader) {
  const std::uint64_t start = wide_ ? 16 : 12, rest = wide_ ? 28 : 20;
  if (subheader.size() < rest) subheader.damaged("the list of names is too short");
  for (std::uint64_t i = 0; i < (subheader.size() - rest) / 8 && names_ < columns_.size(); ++i)
    columns_[names_++].name = text_at(subheader, start + i * 8);
}

void Sas7bdatFile::read_attributes(const Sas7bdatBytes& subheader) {
  const std::uint64_t start = wide_ ? 16 : 12, rest = wide_ ? 28 : 20, size = wide_ ? 16 : 12,
                      word = wide_ ? 8 : 4;
  if (subheader.size() < rest) subheader.damaged("the list of variables is too short");
  for (std::uint64_t i = 0; i < (subheader.size() - rest) / size && attributes_ < columns_.size(); ++i) {
    Sas7bdatColumn& column = columns_[attributes_++];
    const std::uint64_t at = start + i * size;
    column.offset = subheader.word(at);
    column.length = subheader.u32(at + word);
    const std::uint8_t kind = subheader.u8(at + word + 6);
    if (kind != 1 && kind != 2) subheader.damaged("a variable is neither number nor text", at);
    column.is_text = kind == 2;
    if (column.offset > row_length_ || column.length > row_length_ - column.offset)
      subheader.damaged("a variable lies outside its row", at);
    if (!column.is_text && (column.length < 3 || column.length > 8))
      subheader.damaged("a number has " + std::to_string(column.length) + " bytes", at);
  }
}

void Sas7bdatFile::read_format(const Sas7bdatBytes& subheader) {
  if (formats_ >= columns_.size()) return;
  Sas7bdatColumn& column = columns_[formats_++];
  const std::uint64_t widths = wide_ ? 24 : 12, texts = wide_ ? 46 : 34;
  column.width = subheader.u16(widths);
  column.decimals = subheader.u16(widths + 2);
  column.informat_width = subheader.u16(widths + 4);
  column.informat_decimals = subheader.u16(widths + 6);
  column.informat = text_at(subheader, texts - 6);
  column.format = text_at(subheader, texts);
  column.label = text_at(subheader, texts + 6);
}

void Sas7bdatFile::complete_metadata() {
  const Sas7bdatBytes whole(file_.bytes(), 0, little_endian_, wide_, place_);
  if (!has_row_size_) whole.damaged("no page describes the rows");
  if (!texts_.empty()) {
    const std::string_view first = texts_[0].substr(0, 64);
    if (first.find("SASYZCRL") != std::string_view::npos) compression_ = Sas7bdatCompression::rle;
    if (first.find("SASYZCR2") != std::string_view::npos) compression_ = Sas7bdatCompression::rdc;
  }
  columns_.resize(column_count_);
  for (const auto& subheader : late_) {
    const std::uint32_t signature = signature_of(subheader);
    if (signature == column_name) read_names(subheader);
    if (signature == column_attributes) read_attributes(subheader);
    if (signature == column_format) read_format(subheader);
  }
  late_.clear();
  if (names_ != column_count_ || attributes_ != column_count_) {
    whole.damaged("the file announces " + std::to_string(column_count_) + " variables and describes " +
                  std::to_string(std::min(names_, attributes_)));
  }
  if (!label_reference_.empty()) {
    const Sas7bdatBytes reference(label_reference_, 0, little_endian_, wide_, place_);
    const std::size_t block = reference.u16(0), offset = reference.u16(2), length = reference.u16(4);
    if (block < texts_.size() && offset + length <= texts_[block].size())
      label_ = trimmed(texts_[block].substr(offset, length));
  }
}

std::string sas_encoding_name(std::uint8_t code) {
  static const std::map<std::uint8_t, const char*> names{
      {20, "UTF-8"},        {28, "US-ASCII"},       {29, "ISO-8859-1"},   {30, "ISO-8859-2"},
      {31, "ISO-8859-3"},   {32, "ISO-8859-4"},     {33, "ISO-8859-5"},   {34, "ISO-8859-6"},
      {35, "ISO-8859-7"},   {36, "ISO-8859-8"},     {37, "ISO-8859-9"},   {39, "ISO-8859-11"},
      {40, "ISO-8859-15"},  {41, "CP437"},          {42, "CP850"},        {43, "CP852"},
      {44, "CP857"},        {45, "CP858"},          {46, "CP862"},        {47, "CP864"},
      {48, "CP865"},        {49, "CP866"},          {50, "CP869"},        {51, "CP874"},
      {55, "CP720"},        {56, "CP737"},          {57, "CP775"},        {58, "CP860"},
      {59, "CP863"},        {60, "WINDOWS-1250"},   {61, "WINDOWS-1251"}, {62, "WINDOWS-1252"},
      {63, "WINDOWS-1253"}, {64, "WINDOWS-1254"},   {65, "WINDOWS-1255"}, {66, "WINDOWS-1256"},
      {67, "WINDOWS-1257"}, {68, "WINDOWS-1258"},   {118, "BIG5"},        {119, "EUC-TW"},
      {123, "BIG5"},        {125, "GB18030"},       {126, "GBK"},         {134, "EUC-JP"},
      {136, "CP949"},       {138, "CP932"},         {140, "EUC-KR"},      {141, "CP949"},
      {167, "ISO-2022-JP"}, {168, "ISO-2022-KR"},   {205, "GB18030"},     {227, "ISO-8859-14"},
      {242, "ISO-8859-13"}, {248, "SHIFT_JISX0213"}};
  const auto found = names.find(code);
  return found == names.end() ? "" : found->second;
}

}  // namespace trialmill::formats
