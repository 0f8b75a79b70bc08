#include "formats/sas7bdat_file.hpp"

#include <bit>
#include <cmath>
#include <cstring>

#include "base/text.hpp"
#include "formats/sas7bdat_reader.hpp"
#include "formats/text_encoding.hpp"

namespace trialmill::formats {
namespace {

std::string format_text(const std::string& name, int width, int decimals) {
  if (name.empty() && width == 0) return "";
  return name + (width > 0 ? std::to_string(width) : "") + "." +
         (decimals > 0 ? std::to_string(decimals) : "");
}

/// The code of a missing number: the third byte of the NaN, inverted; 0 = underscore, 1 = dot, 2 = A …
char missing_code(std::uint64_t bits) {
  const auto tag = static_cast<unsigned char>(~(bits >> 40U));
  if (tag == 0 || tag == '_') return '_';
  if (tag >= 2 && tag < 28) return static_cast<char>('A' + tag - 2);
  return tag >= 'A' && tag <= 'Z' ? static_cast<char>(tag) : '.';
}

class Sas7bdatDataset : public DatasetFile {
 public:
  Sas7bdatDataset(const std::filesystem::path& file, const ReadOptions& options)
      : file_(file),
        encoding_(options.encoding.empty() ? sas_encoding_name(file_.encoding_code()) : options.encoding),
        decoder_(encoding_ == "UTF-8" || encoding_ == "US-ASCII" ? "" : encoding_, file.string()) {
    describe();
    decoder_.clear();
  }

  const std::vector<DatasetMeta>& datasets() const override { return datasets_; }
  std::vector<FormatNote> notes() const override { return notes_.notes(); }

  void read(std::size_t, const BatchConsumer& consume) override {
    row_ = 0;
    bool more = true;
    start_batch();
    file_.read_rows([&](std::string_view row) {
      take(row);
      if (batch_.rows == batch_rows_max) more = give(consume);
      return more;
    });
    if (more && batch_.rows > 0) give(consume);
  }

 private:
  std::string decoded(const std::string& text) {
    return std::string(decoder_.decode(text).value_or(std::string_view(text)));
  }

  void describe() {
    DatasetMeta meta;
    meta.name = decoded(file_.name());
    meta.label = decoded(file_.label());
    meta.rows = static_cast<std::int64_t>(file_.rows());
    meta.created = iso_of_sas(std::floor(file_.created()), ValueType::datetime).value_or("");
    meta.modified = iso_of_sas(std::floor(file_.modified()), ValueType::datetime).value_or("");
    meta.encoding = base::to_lower(encoding_);
    for (const auto& column : file_.columns()) {
      Variable variable;
      variable.name = decoded(column.name);
      variable.label = decoded(column.label);
      variable.length = static_cast<int>(column.length);
      variable.format = format_text(column.format, column.width, column.decimals);
      variable.informat = format_text(column.informat, column.informat_width, column.informat_decimals);
      if (!column.is_text) {
        variable.storage = Storage::number;
        variable.type = type_of_sas_format(column.format);
      }
      meta.variables.push_back(std::move(variable));
    }
    datasets_.push_back(std::move(meta));
    if (file_.deleted_rows() > 0) {
      notes_.add({.kind = FormatNote::Kind::rows,
                  .dataset = datasets_[0].name,
                  .message = std::to_string(file_.deleted_rows()) +
                             " deleted rows are still in the file; they are left out"});
    }
  }

  /// Rows pass by once, so texts of a batch are kept in one piece of memory of their own.
  void start_batch() {
    texts_.clear();
    decoder_.clear();
    batch_ = {};
    batch_.columns.resize(file_.columns().size());
  }

  bool give(const BatchConsumer& consume) {
    for (std::size_t c = 0; c < batch_.columns.size(); ++c) {
      if (!file_.columns()[c].is_text) continue;
      auto& texts = batch_.columns[c].texts;
      for (std::size_t r = 0; r < batch_.rows; ++r) {
        const auto [start, size] = places_[r * batch_.columns.size() + c];
        const std::string_view bytes(texts_.data() + start, size);
        const auto text = decoder_.decode(bytes);
        if (!text) note_encoding(c, row_ - batch_.rows + r, bytes);
        texts.push_back(text ? *text : std::string_view(""));
      }
    }
    const bool more = consume(batch_);
    places_.clear();
    start_batch();
    return more;
  }

  void take(std::string_view row) {
    const auto& columns = file_.columns();
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::string_view bytes = row.substr(columns[c].offset, columns[c].length);
      if (columns[c].is_text) {
        std::size_t size = bytes.size();
        while (size > 0 && (bytes[size - 1] == ' ' || bytes[size - 1] == '\0')) --size;
        places_.emplace_back(texts_.size(), size);
        texts_.append(bytes.data(), size);
      } else {
        places_.emplace_back(0, 0);
        take_number(bytes, batch_.columns[c]);
      }
    }
    ++batch_.rows;
    ++row_;
  }

  /// Shorter numbers lack their last, least significant bytes.
  void take_number(std::string_view bytes, Batch::Column& out) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::size_t from = file_.little_endian() ? bytes.size() - 1 - i : i;
      bits |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[from])) << (56 - 8 * i);
    }
    const auto value = std::bit_cast<double>(bits);
    out.numbers.push_back(value);
    if (std::isnan(value)) {
      out.missing.resize(out.numbers.size());
      out.missing.back() = missing_code(bits);
    } else if (!out.missing.empty()) {
      out.missing.push_back(0);
    }
  }

  void note_encoding(std::size_t c, std::size_t row, std::string_view bytes) {
    notes_.add({.kind = FormatNote::Kind::value,
                .refused = true,
                .dataset = datasets_[0].name,
                .variable = datasets_[0].variables[c].name,
                .value = std::string(bytes),
                .message = "the bytes have no meaning in the encoding",
                .row = static_cast<std::int64_t>(row + 1)});
  }

  Sas7bdatFile file_;
  std::string encoding_;
  TextDecoder decoder_;
  std::vector<DatasetMeta> datasets_;
  NoteCollector notes_;
  Batch batch_;
  std::string texts_;
  std::vector<std::pair<std::size_t, std::size_t>> places_;  ///< by row, then column
  std::size_t row_ = 0;
};

}  // namespace

std::unique_ptr<DatasetFile> open_sas7bdat(const std::filesystem::path& file, const ReadOptions& options) {
  return std::make_unique<Sas7bdatDataset>(file, options);
}

}  // namespace trialmill::formats
