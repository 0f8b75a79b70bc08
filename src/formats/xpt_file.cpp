#include "formats/xpt_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "formats/text_encoding.hpp"
#include "formats/xpt_reader.hpp"

namespace trialmill::formats {
namespace {

/// "31JAN20:08:15:00" → "2020-01-31T08:15:00"; "" if it is anything else. Two-digit years are 1960 to 2059.
std::string iso_time(const std::string& sas) {
  static constexpr std::array<std::string_view, 12> months{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                           "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  if (sas.size() != 16 || sas[7] != ':') return "";
  const auto month = std::ranges::find(months, std::string_view(sas).substr(2, 3));
  if (month == months.end()) return "";
  const std::string number = std::to_string(month - months.begin() + 101).substr(1);
  const std::string century = sas.substr(5, 2) < "60" ? "20" : "19";
  return century + sas.substr(5, 2) + "-" + number + "-" + sas.substr(0, 2) + "T" + sas.substr(8);
}

/// "DATE", 9, 0 → "DATE9.".
std::string format_text(const std::string& name, int width, int decimals) {
  if (name.empty() && width == 0) return "";
  return name + (width > 0 ? std::to_string(width) : "") + "." +
         (decimals > 0 ? std::to_string(decimals) : "");
}

/// Rows lie one after the other and are read column by column, so a batch must fit into the processor's
/// cache.
constexpr std::size_t batch_rows = 1024;
static_assert(batch_rows <= batch_rows_max);

class XptDatasets : public DatasetFile {
 public:
  XptDatasets(const std::filesystem::path& file, const ReadOptions& options)
      : file_(XptFile::open(file)), decoder_(options.encoding, file.string()) {
    for (const auto& table : file_.tables()) {
      datasets_.push_back(describe(table));
      if (table.blank_rows_dropped() == 0) continue;
      notes_.add({.kind = FormatNote::Kind::rows,
                  .dataset = datasets_.back().name,
                  .message = "blank rows at the end cannot be told from padding and are not read",
                  .count = static_cast<std::int64_t>(table.blank_rows_dropped())});
    }
    decoder_.clear();
  }

  const std::vector<DatasetMeta>& datasets() const override { return datasets_; }
  std::vector<FormatNote> notes() const override { return notes_.notes(); }

  void read(std::size_t dataset, const BatchConsumer& consume) override {
    const XptTable& table = file_.tables()[dataset];
    Batch batch;
    batch.columns.resize(table.member().columns.size());
    for (std::size_t first = 0; first < table.rows(); first += batch_rows) {
      table.forget(first);
      batch.rows = std::min(batch_rows, table.rows() - first);
      for (std::size_t c = 0; c < batch.columns.size(); ++c) {
        if (table.member().columns[c].is_text)
          read_texts(table, dataset, c, first, batch.rows, batch.columns[c]);
        else
          read_numbers(table, c, first, batch.rows, batch.columns[c]);
      }
      if (!consume(batch)) return;
      decoder_.clear();
    }
  }

 private:
  std::string decoded(const std::string& text) {
    return std::string(decoder_.decode(text).value_or(std::string_view(text)));
  }

  DatasetMeta describe(const XptTable& table) {
    const XptMember& member = table.member();
    DatasetMeta meta;
    meta.name = member.name;
    meta.label = decoded(member.label);
    meta.rows = static_cast<std::int64_t>(table.rows());
    meta.created = iso_time(member.created);
    meta.modified = iso_time(member.modified);
    meta.attributes["xptVersion"] = std::to_string(file_.version());
    for (const auto& column : member.columns) {
      Variable variable;
      variable.name = decoded(column.name);
      variable.label = decoded(column.label);
      variable.length = column.length;
      variable.format = format_text(column.format, column.width, column.decimals);
      variable.informat = format_text(column.informat, column.informat_width, column.informat_decimals);
      if (!column.is_text) {
        variable.storage = Storage::number;
        variable.type = type_of_sas_format(column.format);
      }
      meta.variables.push_back(std::move(variable));
    }
    return meta;
  }

  void read_texts(const XptTable& table, std::size_t dataset, std::size_t c, std::size_t first,
                  std::size_t rows, Batch::Column& out) {
    out.texts.resize(rows);
    std::string_view* texts = out.texts.data();
    table.each_text(c, first, rows, [&](std::size_t row, std::string_view bytes) {
      if (is_ascii(bytes)) {
        texts[row] = bytes;
        return;
      }
      const auto text = decoder_.decode(bytes);
      if (!text) note_encoding(dataset, c, first + row, bytes);
      texts[row] = text ? *text : std::string_view("");
    });
  }

  void note_encoding(std::size_t dataset, std::size_t c, std::size_t row, std::string_view bytes) {
    notes_.add({.kind = FormatNote::Kind::value,
                .refused = true,
                .dataset = datasets_[dataset].name,
                .variable = datasets_[dataset].variables[c].name,
                .value = std::string(bytes),
                .message = "the bytes have no meaning in the encoding",
                .row = static_cast<std::int64_t>(row + 1)});
  }

  static void read_numbers(const XptTable& table, std::size_t c, std::size_t first, std::size_t rows,
                           Batch::Column& out) {
    out.numbers.resize(rows);
    out.missing.clear();
    table.each_number(c, first, rows, [&](std::size_t row, XptNumber number) {
      out.numbers[row] = number.value;
      if (number.missing == 0) return;
      if (out.missing.empty()) out.missing.resize(rows);
      out.missing[row] = number.missing;
      out.numbers[row] = std::nan("");
    });
  }

  XptFile file_;
  TextDecoder decoder_;
  std::vector<DatasetMeta> datasets_;
  NoteCollector notes_;
};

}  // namespace

std::unique_ptr<DatasetFile> open_xpt(const std::filesystem::path& file, const ReadOptions& options) {
  return std::make_unique<XptDatasets>(file, options);
}

}  // namespace trialmill::formats
