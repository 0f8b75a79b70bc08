#include "formats/xlsx_workbook.hpp"

#include <charconv>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/xml_push.hpp"

namespace trialmill::formats {
namespace {

using Shows = XlsxWorkbook::Shows;

std::size_t whole_number(std::string_view text) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void parse(const ZipArchive& archive, const ZipArchive::Entry& entry, const std::string& place,
           XmlEvents& events) {
  XmlPush xml(events, place + ":" + entry.name, "TM1322");
  archive.read(entry, [&](std::string_view piece) {
    xml.feed(piece);
    return true;
  });
  xml.finish();
}

/// "xl" + "worksheets/sheet1.xml"; targets may begin with "/" (from the root) or "../".
std::string resolve(const std::string& folder, std::string target) {
  if (target.starts_with("/")) return target.substr(1);
  std::string base = folder;
  while (target.starts_with("../")) {
    target.erase(0, 3);
    base = base.find('/') == std::string::npos ? "" : base.substr(0, base.rfind('/'));
  }
  return base.empty() ? target : base + "/" + target;
}

struct Relations : XmlEvents {
  std::string folder;
  std::map<std::string, std::pair<std::string, std::string>> by_id;  ///< id → type, part
  void start(std::string_view name, std::string_view, const XmlAttributes& attributes) override {
    if (name != "Relationship" || attributes.find("TargetMode") == "External") return;
    const std::string type(attributes.find("Type"));
    by_id[std::string(attributes.find("Id"))] = {type.substr(type.rfind('/') + 1),
                                                 resolve(folder, std::string(attributes.find("Target")))};
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}
  std::string part_of(std::string_view type) const {
    for (const auto& [id, relation] : by_id) {
      if (relation.first == type) return relation.second;
    }
    return "";
  }
};

struct Workbook : XmlEvents {
  struct Listed {
    std::string name, id;
    bool hidden = false;
  };
  std::vector<Listed> sheets;
  bool from_1904 = false;
  void start(std::string_view name, std::string_view, const XmlAttributes& attributes) override {
    if (name == "workbookPr") {
      const auto value = attributes.find("date1904");
      from_1904 = from_1904 || value == "1" || value == "true";
    }
    if (name != "sheet") return;
    const auto state = attributes.find("state");
    sheets.push_back({std::string(attributes.find("name")), std::string(attributes.find("id")),
                      state == "hidden" || state == "veryHidden"});
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}
};

struct SharedTexts : XmlEvents {
  std::string& texts;
  std::vector<std::pair<std::size_t, std::size_t>>& places;
  std::string current;
  bool in_text = false, phonetic = false;
  SharedTexts(std::string& all, std::vector<std::pair<std::size_t, std::size_t>>& where)
      : texts(all), places(where) {}
  void start(std::string_view name, std::string_view, const XmlAttributes&) override {
    if (name == "si") current.clear();
    if (name == "rPh") phonetic = true;
    in_text = name == "t" && !phonetic;
  }
  void end(std::string_view name) override {
    if (name == "t") in_text = false;
    if (name == "rPh") phonetic = false;
    if (name != "si") return;
    const std::string text = xlsx_unescape(current);
    places.emplace_back(texts.size(), text.size());
    texts += text;
  }
  void text(std::string_view piece) override {
    if (in_text) current += piece;
  }
};

/// Formats that have a number instead of a code (18.8.30): 14 to 17 dates, 18 to 21 and 45 to 47 times, 22
/// both.
Shows shows_of_format_number(std::size_t number) {
  if ((number >= 14 && number <= 17) || (number >= 27 && number <= 31) || (number >= 50 && number <= 58))
    return Shows::date;
  if ((number >= 18 && number <= 21) || (number >= 45 && number <= 47) || (number >= 32 && number <= 33))
    return Shows::time;
  return number == 22 ? Shows::datetime : Shows::number;
}

struct Styles : XmlEvents {
  std::map<std::size_t, Shows> own;
  std::vector<Shows> cells;
  bool in_cells = false;
  void start(std::string_view name, std::string_view, const XmlAttributes& attributes) override {
    if (name == "numFmt")
      own[whole_number(attributes.find("numFmtId"))] = shows_of_format_code(attributes.find("formatCode"));
    if (name == "cellXfs") in_cells = true;
    if (name != "xf" || !in_cells) return;
    const std::size_t number = whole_number(attributes.find("numFmtId"));
    const auto found = own.find(number);
    cells.push_back(found != own.end() ? found->second : shows_of_format_number(number));
  }
  void end(std::string_view name) override {
    if (name == "cellXfs") in_cells = false;
  }
  void text(std::string_view) override {}
};

}  // namespace

Shows shows_of_format_code(std::string_view code) {
  bool date = false, time = false;
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == ';') break;  // negative numbers and text have sections of their own
    if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (c == '"') {
      i = std::min(code.find('"', i + 1), code.size());
    } else if (c == '[') {
      const std::size_t close = std::min(code.find(']', i), code.size());
      const char inside = i + 1 < code.size() ? code[i + 1] : ' ';
      const bool elapsed = close > i && code.substr(i + 1, close - i - 1).find_first_not_of("hHmMsS") ==
                                            std::string_view::npos;
      if (elapsed && (inside == 'h' || inside == 'H' || inside == 'm' || inside == 's')) time = true;
      i = close;
    } else if (c == 'y' || c == 'Y' || c == 'd' || c == 'D') {
      date = true;
    } else if (c == 'h' || c == 'H' || c == 's' || c == 'S') {
      time = true;
    } else if ((c == 'm' || c == 'M') && !time) {
      // Months, unless hours stand before: then minutes. "mm:ss" has seconds behind.
      const std::string_view rest = code.substr(i);
      const std::size_t after = rest.find_first_not_of("mM");
      if (after == std::string_view::npos || rest[after] != ':') date = true;
    } else if (base::to_lower(code.substr(i, 7)) == "general") {
      return Shows::number;
    }
  }
  if (date && time) return Shows::datetime;
  return date ? Shows::date : time ? Shows::time : Shows::number;
}

std::string xlsx_unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    const char* digits = text.data() + i + 2;
    if (text.size() - i >= 7 && text[i] == '_' && text[i + 1] == 'x' && text[i + 6] == '_' &&
        std::from_chars(digits, digits + 4, code, 16).ptr == digits + 4 && (code < 0xD800 || code > 0xDFFF)) {
      if (code < 0x80) {
        out += static_cast<char>(code);
      } else if (code < 0x800) {
        out += {static_cast<char>(0xC0U | code >> 6U), static_cast<char>(0x80U | (code & 0x3FU))};
      } else {
        out += {static_cast<char>(0xE0U | code >> 12U), static_cast<char>(0x80U | (code >> 6U & 0x3FU)),
                static_cast<char>(0x80U | (code & 0x3FU))};
      }
      i += 6;
    } else {
      out += text[i];
    }
  }
  return out;
}

XlsxWorkbook::XlsxWorkbook(const std::filesystem::path& file) : place_(file.string()), archive_(file) {
  read_workbook();
}

std::string_view XlsxWorkbook::shared_text(std::size_t number) const {
  const auto [start, size] = shared_.at(number);
  return std::string_view(texts_).substr(start, size);
}

void XlsxWorkbook::read_workbook() {
  const auto refuse = [this](const std::string& what) {
    throw base::Error("TM1322", what, {place_}, "open it in a spreadsheet program and save it as .xlsx");
  };
  Relations root, relations;
  if (const auto* entry = archive_.find("_rels/.rels")) parse(archive_, *entry, place_, root);
  std::string part = root.part_of("officeDocument");
  if (part.empty()) part = "xl/workbook.xml";
  const auto* entry = archive_.find(part);
  if (entry == nullptr) refuse("the archive holds no workbook");
  if (part.ends_with(".bin")) refuse("this is a binary workbook (.xlsb)");
  const std::size_t slash = part.rfind('/');
  relations.folder = slash == std::string::npos ? "" : part.substr(0, slash);
  const std::string name = slash == std::string::npos ? part : part.substr(slash + 1);
  if (const auto* found =
          archive_.find((relations.folder.empty() ? "" : relations.folder + "/") + "_rels/" + name + ".rels"))
    parse(archive_, *found, place_, relations);
  Workbook workbook;
  parse(archive_, *entry, place_, workbook);
  from_1904_ = workbook.from_1904;
  for (const auto& sheet : workbook.sheets) {
    const auto found = relations.by_id.find(sheet.id);
    if (found == relations.by_id.end() || archive_.find(found->second.second) == nullptr)
      refuse("the sheet '" + sheet.name + "' is not in the archive");
    // Sheets that are charts or macros have no cells.
    if (found->second.first == "worksheet")
      sheets_.push_back({sheet.name, found->second.second, sheet.hidden});
  }
  if (const std::string shared = relations.part_of("sharedStrings"); !shared.empty()) read_shared(shared);
  if (const std::string styles = relations.part_of("styles"); !styles.empty()) read_styles(styles);
}

void XlsxWorkbook::read_shared(const std::string& part) {
  const auto* entry = archive_.find(part);
  if (entry == nullptr) return;
  SharedTexts events(texts_, shared_);
  parse(archive_, *entry, place_, events);
}

void XlsxWorkbook::read_styles(const std::string& part) {
  const auto* entry = archive_.find(part);
  if (entry == nullptr) return;
  Styles events;
  parse(archive_, *entry, place_, events);
  styles_ = std::move(events.cells);
}

}  // namespace trialmill::formats
