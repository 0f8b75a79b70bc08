#include "formats/xlsx_sheet.hpp"

#include <charconv>
#include <cmath>
#include <optional>

#include "base/error.hpp"
#include "formats/dataset.hpp"
#include "formats/xml_push.hpp"

namespace trialmill::formats {
namespace {

using Shows = XlsxWorkbook::Shows;
constexpr std::size_t columns_max = 16384, rows_max = 1048576;

struct Stop {};

class SheetEvents : public XmlEvents {
 public:
  SheetEvents(const XlsxWorkbook& workbook, std::string place, bool raw, const XlsxRowConsumer& take)
      : workbook_(workbook), place_(std::move(place)), raw_(raw), take_(take) {}

  void start(std::string_view name, std::string_view, const XmlAttributes& attributes) override {
    if (name == "row") {
      start_row(attributes.find("r"));
    } else if (name == "c") {
      start_cell(attributes);
    } else if (name == "rPh") {
      phonetic_ = true;
    } else {
      in_value_ = in_cell_ && (name == "t" ? !phonetic_ : name == "v" && type_ != "inlineStr");
    }
  }

  void end(std::string_view name) override {
    in_value_ = false;
    if (name == "rPh") phonetic_ = false;
    if (name == "c") end_cell();
    if (name != "row") return;
    std::erase_if(cells_, [](const XlsxCell& cell) { return cell.text.empty() && !cell.failed; });
    if (!cells_.empty() && !take_(row_, cells_)) throw Stop{};
  }

  void text(std::string_view piece) override {
    if (in_value_) value_ += piece;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw base::Error("TM1323", what + " (row " + std::to_string(row_) + ")", {place_},
                      "the workbook is damaged or was not made by a spreadsheet program");
  }

  void start_row(std::string_view number) {
    std::size_t given = row_ + 1;
    if (!number.empty()) std::from_chars(number.data(), number.data() + number.size(), given);
    if (given <= row_ || given > rows_max) refuse("rows are not in order, or more than a sheet has");
    row_ = given;
    column_ = 0;
    cells_.clear();
  }

  void start_cell(const XmlAttributes& attributes) {
    if (row_ == 0) refuse("a cell outside of a row");
    if (const auto reference = attributes.find("r"); !reference.empty()) column_ = xlsx_column_of(reference);
    if (column_ >= columns_max || (!cells_.empty() && column_ <= cells_.back().column))
      refuse("cells are not in order, or more than a sheet has");
    type_ = attributes.find("t");
    style_ = 0;
    const auto style = attributes.find("s");
    std::from_chars(style.data(), style.data() + style.size(), style_);
    value_.clear();
    in_cell_ = true;
  }

  void end_cell() {
    XlsxCell cell;
    cell.column = column_++;
    in_cell_ = false;
    if (type_ == "s") {
      cell.text = shared();
    } else if (type_ == "str" || type_ == "inlineStr") {
      cell.text = xlsx_unescape(value_);
    } else if (type_ == "b") {
      cell.text = value_.empty() ? "" : value_ == "0" ? "FALSE" : "TRUE";
    } else if (type_ == "e") {
      cell.failed = true;
    } else if (type_ == "d") {
      cell.text = value_;
    } else {
      number(cell);
    }
    cells_.push_back(std::move(cell));
  }

  std::string shared() const {
    std::size_t place = 0;
    if (value_.empty()) return "";
    const auto [end, status] = std::from_chars(value_.data(), value_.data() + value_.size(), place);
    if (status != std::errc() || place >= workbook_.shared_texts())
      refuse("a cell names a text that is not there");
    return std::string(workbook_.shared_text(place));
  }

  void number(XlsxCell& cell) const {
    double value = 0;
    const auto [end, status] = std::from_chars(value_.data(), value_.data() + value_.size(), value);
    if (value_.empty() || status != std::errc() || end != value_.data() + value_.size()) {
      cell.text = value_;
      return;
    }
    const Shows shows = workbook_.shows(style_);
    if (!raw_ && shows != Shows::number) {
      if (auto iso = iso_of_xlsx(value, shows, workbook_.counts_from_1904())) {
        cell.text = std::move(*iso);
        return;
      }
      cell.impossible = true;
    }
    cell.text = raw_ ? value_ : number_text(value);
  }

  const XlsxWorkbook& workbook_;
  const std::string place_;
  const bool raw_;
  const XlsxRowConsumer& take_;
  std::size_t row_ = 0, column_ = 0, style_ = 0;
  bool in_cell_ = false, in_value_ = false, phonetic_ = false;
  std::string type_, value_;
  std::vector<XlsxCell> cells_;
};

}  // namespace

std::size_t xlsx_column_of(std::string_view reference) {
  std::size_t column = 0;
  for (const char c : reference) {
    if (c < 'A' || c > 'Z') break;
    column = column * 26 + static_cast<std::size_t>(c - 'A' + 1);
    if (column > columns_max) return SIZE_MAX;
  }
  return column == 0 ? SIZE_MAX : column - 1;
}

std::string xlsx_column_name(std::size_t column) {
  std::string name;
  for (std::size_t rest = column + 1; rest > 0; rest = (rest - 1) / 26)
    name.insert(name.begin(), static_cast<char>('A' + (rest - 1) % 26));
  return name;
}

std::optional<std::string> iso_of_xlsx(double value, Shows shows, bool from_1904) {
  if (!(value >= 0) || value > 2958466) return std::nullopt;
  // Seconds are what a clock shows; the rest is noise of the day's fraction (milliseconds are kept).
  const double seconds = std::round(value * 86400 * 1000) / 1000;
  if (shows == Shows::time && value < 1) return iso_of_sas(seconds, ValueType::time);
  double days = std::floor(seconds / 86400);
  const double of_day = seconds - days * 86400;
  if (from_1904) {
    days += 1462;
  } else {
    // Lotus 1-2-3 took 1900 for a leap year, and Excel follows: day 60 does not exist.
    if (days >= 60 && days < 61) return std::nullopt;
    if (days < 60) days += 1;
  }
  const double sas = days - 21916;  // 1899-12-30 to 1960-01-01
  if (shows == Shows::date && of_day == 0) return iso_of_sas(sas, ValueType::date);
  return iso_of_sas(sas * 86400 + of_day, ValueType::datetime);
}

void read_xlsx_sheet(const XlsxWorkbook& workbook, const XlsxWorkbook::Sheet& sheet, bool raw,
                     const XlsxRowConsumer& take) {
  const std::string place = workbook.place() + ":" + sheet.name;
  SheetEvents events(workbook, place, raw, take);
  XmlPush xml(events, place, "TM1322");
  try {
    workbook.archive().read(*workbook.archive().find(sheet.part), [&](std::string_view piece) {
      xml.feed(piece);
      return true;
    });
    xml.finish();
  } catch (const Stop&) {
  }
}

}  // namespace trialmill::formats
