// Workbooks made here, and those of ../shared compared with what other readers saw.
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "formats/convert.hpp"
#include "formats/csv_scan.hpp"
#include "formats/xlsx_file.hpp"
#include "formats/xlsx_sheet.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;
using Rows = std::vector<std::vector<std::string>>;

std::string little(std::uint64_t value, int size) {
  std::string out;
  for (int i = 0; i < size; ++i) out += static_cast<char>(i < 8 ? value >> (8 * i) & 0xFFU : 0);
  return out;
}

/// An archive of stored entries.
std::string zip(const std::vector<std::pair<std::string, std::string>>& entries, std::uint32_t wrong = 0) {
  std::string body, directory;
  for (const auto& [name, text] : entries) {
    const auto crc = static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
    const std::string sizes =
        little(crc ^ wrong, 4) + little(text.size(), 4) + little(text.size(), 4) + little(name.size(), 2);
    directory += "PK\x01\x02" + little(20, 2) + little(20, 2) + little(0, 8) + sizes + little(0, 12) +
                 little(body.size(), 4) + name;
    body += "PK\x03\x04" + little(20, 2) + little(0, 8) + sizes + little(0, 2) + name + text;
  }
  return body + directory + "PK\x05\x06" + little(0, 4) + little(entries.size(), 2) +
         little(entries.size(), 2) + little(directory.size(), 4) + little(body.size(), 4) + little(0, 2);
}

std::vector<std::pair<std::string, std::string>> workbook(const std::string& cells,
                                                          const std::string& shared = "") {
  return {
      {"xl/workbook.xml", "<workbook xmlns:r='x'><sheets><sheet name='One' r:id='a'/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels",
       "<Relationships><Relationship Id='a' Type='t/worksheet' Target='worksheets/s.xml'/>"
       "<Relationship Id='b' Type='t/sharedStrings' Target='shared.xml'/>"
       "<Relationship Id='c' Type='t/styles' Target='styles.xml'/></Relationships>"},
      {"xl/shared.xml", "<sst>" + shared + "</sst>"},
      {"xl/styles.xml",
       "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='yyyy\\-mm'/></numFmts><cellXfs><xf "
       "numFmtId='0'/>"
       "<xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='22'/></cellXfs></styleSheet>"},
      {"xl/worksheets/s.xml", "<worksheet><sheetData>" + cells + "</sheetData></worksheet>"}};
}

class XlsxTest : public testing::Test {
 protected:
  void SetUp() override {
    file_ = fs::temp_directory_path() / ("trialmill-" + std::to_string(::getpid()) + ".xlsx");
  }
  void TearDown() override { fs::remove(file_); }
  void make(const std::string& bytes) { base::write_file_atomically(file_, bytes); }

  Rows rows(bool raw = false) {
    ReadOptions options;
    options.raw_numbers = raw;
    const auto in = open_xlsx(file_, options);
    Rows out(1);
    for (const auto& one : in->datasets().at(0).variables) out[0].push_back(one.name);
    in->read(0, [&](const Batch& batch) {
      for (std::size_t r = 0; r < batch.rows; ++r) {
        out.emplace_back();
        for (const auto& column : batch.columns) out.back().emplace_back(column.texts[r]);
      }
      return true;
    });
    return out;
  }
  std::string code() {
    try {
      rows();
    } catch (const base::Error& error) {
      return error.code();
    }
    return "";
  }

  fs::path file_;
};

TEST_F(XlsxTest, ReadsCellsOfEveryKind) {
  make(zip(workbook(
      "<row r='2'><c r='B2' t='s'><v>0</v></c><c r='C2' t='inlineStr'><is><t>B</t></is></c><c r='D2' "
      "t='str'><v>C</v></c></row>"
      "<row r='3'><c r='B3'><v>0.1</v></c><c r='C3' t='b'><v>1</v></c><c r='D3' t='e'><v>#N/A</v></c></row>"
      "<row r='5'><c r='B5' s='1'><v>43831</v></c><c r='C5' s='3'><v>43831.5</v></c><c r='D5' "
      "t='s'><v>1</v></c></row>",
      "<si><t>A</t></si><si><r><t>rich </t></r><rPh><t>no</t></rPh><r><t>text_x000A_</t></r></si>")));
  EXPECT_EQ(rows(), (Rows{{"A", "B", "C"},
                          {"0.1", "TRUE", ""},
                          {"", "", ""},
                          {"2020-01-01", "2020-01-01T12:00:00", "rich text\n"}}));
  EXPECT_EQ(rows(true)[3][0], "43831");
}

TEST_F(XlsxTest, GivesNamesToColumnsWithout) {
  make(
      zip(workbook("<row><c t='str'><v>X</v></c><c/><c "
                   "t='str'><v>x</v></c></row><row><c><v>1</v></c><c><v>2</v></c></row>")));
  EXPECT_EQ(rows()[0], (std::vector<std::string>{"X", "COLUMN_B", "x_2"}));
  EXPECT_EQ(rows(true)[0], (std::vector<std::string>{"X", "", "x"}));
}

TEST_F(XlsxTest, RefusesWhatIsDamaged) {
  const auto good = workbook("<row><c><v>1</v></c></row>");
  make(zip(good, 1));
  EXPECT_EQ(code(), "TM1320");
  make(zip(good).substr(0, 300));
  EXPECT_EQ(code(), "TM1320");
  make(zip(workbook("<row r='2'/><row r='1'/>")));
  EXPECT_EQ(code(), "TM1323");
  make(zip(workbook("<row><c t='s'><v>7</v></c></row>")));
  EXPECT_EQ(code(), "TM1323");
  make(zip(workbook("<row><c r='AAAAA1'><v>7</v></c></row>")));
  EXPECT_EQ(code(), "TM1323");
  make(zip(workbook("<row><c><v>7</v></row>")));
  EXPECT_EQ(code(), "TM1322");
  make(zip({{"a", "b"}}));
  EXPECT_EQ(code(), "TM1322");
  make(zip({{"xl/workbook.xml", "<!DOCTYPE x [<!ENTITY e 'boom'>]><workbook>&e;</workbook>"}}));
  EXPECT_EQ(code(), "TM1322");
}

TEST(XlsxDates, FollowExcelsCalendar) {
  using Shows = XlsxWorkbook::Shows;
  EXPECT_EQ(iso_of_xlsx(1, Shows::date, false), "1900-01-01");
  EXPECT_EQ(iso_of_xlsx(59, Shows::date, false), "1900-02-28");
  EXPECT_EQ(iso_of_xlsx(60, Shows::date, false), std::nullopt);
  EXPECT_EQ(iso_of_xlsx(61, Shows::date, false), "1900-03-01");
  EXPECT_EQ(iso_of_xlsx(0, Shows::date, true), "1904-01-01");
  EXPECT_EQ(iso_of_xlsx(0.75, Shows::time, false), "18:00:00");
  EXPECT_EQ(iso_of_xlsx(-1, Shows::date, false), std::nullopt);
  EXPECT_EQ(shows_of_format_code("[h]:mm"), Shows::time);
  EXPECT_EQ(shows_of_format_code("mm:ss.0"), Shows::time);
  EXPECT_EQ(shows_of_format_code("d mmm yyyy h:mm"), Shows::datetime);
  EXPECT_EQ(shows_of_format_code("0.00 \"days\""), Shows::number);
  EXPECT_EQ(shows_of_format_code("[Red]0.0"), Shows::number);
  EXPECT_EQ(xlsx_column_of("AB12"), 27U);
  EXPECT_EQ(xlsx_column_name(27), "AB");
}

TEST_F(XlsxTest, WritesWhatItReads) {
  DatasetMeta meta;
  meta.name = "LB/1";
  for (const auto& [name, storage, type] : {std::tuple{"TERM", Storage::text, ValueType::text},
                                            {"N", Storage::number, ValueType::floating},
                                            {"D", Storage::number, ValueType::date},
                                            {"T", Storage::number, ValueType::datetime}}) {
    Variable variable;
    variable.name = name;
    variable.storage = storage;
    variable.type = type;
    meta.variables.push_back(variable);
  }
  Batch batch;
  batch.rows = 2;
  batch.columns.resize(4);
  batch.columns[0].texts = {"=1+1", "ä"};
  batch.columns[1].numbers = {0.1, std::nan("")};
  batch.columns[1].missing = {0, 'A'};
  batch.columns[2].numbers = {21915, -30000};
  batch.columns[3].numbers = {86400.0 * 21915 + 3661, 86400.0 * 21915};
  const auto writer = std::move(create_xlsx(file_, {&meta}, {})[0]);
  writer->write(batch);
  const auto notes = writer->commit();
  EXPECT_EQ(rows(), (Rows{{"TERM", "N", "D", "T"},
                          {"=1+1", "0.1", "2020-01-01", "2020-01-01T01:01:01"},
                          {"ä", "", "1877-11-11", "2020-01-01T00:00:00"}}));
  EXPECT_TRUE(std::ranges::any_of(notes, [](const auto& n) { return n.kind == FormatNote::Kind::missing; }));
  EXPECT_TRUE(std::ranges::any_of(notes, [](const auto& n) { return n.kind == FormatNote::Kind::name; }));
}

TEST_F(XlsxTest, RefusesTextsThatACellCannotHold) {
  DatasetMeta meta;
  meta.name = "X";
  meta.variables.resize(1);
  meta.variables[0].name = "A";
  const std::string text(32768, 'x');
  Batch batch;
  batch.rows = 1;
  batch.columns.resize(1);
  batch.columns[0].texts = {text};
  const auto writer = std::move(create_xlsx(file_, {&meta}, {})[0]);
  writer->write(batch);
  EXPECT_TRUE(writer->commit().at(0).refused);
  EXPECT_FALSE(fs::exists(file_));
}

TEST_F(XlsxTest, WritesASheetForEachDataset) {
  DatasetMeta one, two;
  one.name = std::string(31, 'a') + "b";
  two.name = std::string(31, 'A') + "c";
  for (DatasetMeta* meta : {&one, &two}) meta->variables.resize(1);
  one.variables[0].name = "X";
  two.variables[0].name = "Y";
  Batch batch;
  batch.rows = 1;
  batch.columns.resize(1);
  const std::string too_long(32768, 'x');
  for (const std::string& text : {std::string("v"), too_long}) {
    auto writers = create_xlsx(file_, {&one, &two}, {});
    batch.columns[0].texts = {"u"};
    writers[1]->write(batch);
    batch.columns[0].texts = {text};
    writers[0]->write(batch);
    writers[0]->commit();
    EXPECT_FALSE(fs::exists(file_));
    writers[1]->commit();
    ASSERT_EQ(fs::exists(file_), text == "v");
    if (text != "v") break;
    const auto book = open_dataset_file(file_);
    ASSERT_EQ(book->datasets().size(), 2U);
    EXPECT_EQ(book->datasets()[0].name, std::string(31, 'a'));
    EXPECT_EQ(book->datasets()[1].name, std::string(29, 'A') + "~2");
    EXPECT_EQ(book->datasets()[1].variables[0].name, "Y");
    fs::remove(file_);
  }
}

/// Dumps have a line of made-up names, then all cells.
TEST(XlsxShared, ReadToTheValuesOfOtherReaders) {
  const fs::path samples = fs::path(TRIALMILL_SHARED_DIR) / "data/formats";
  if (!fs::exists(samples)) GTEST_SKIP() << "no sample files at " << samples;
  ReadOptions raw;
  raw.raw_numbers = true;
  int tried = 0;
  for (const auto& entry : fs::directory_iterator(samples / "dev/xlsx")) {
    const auto in = open_dataset_file(entry.path(), raw);
    for (std::size_t d = 0; d < in->datasets().size(); ++d) {
      const DatasetMeta& meta = in->datasets()[d];
      const fs::path dump = samples / "expected/dev" /
                            ("dev__xlsx__" + entry.path().stem().string() + "__" + meta.name + ".csv");
      if (!fs::exists(dump)) continue;
      SCOPED_TRACE(dump.filename());
      Rows expected, got(1);
      scan_csv(dump, ',', dump.string(), [&](std::int64_t, std::string_view text, const CsvRecord&) {
        expected.push_back(split_csv_record(text, ','));
      });
      for (const auto& one : meta.variables) got[0].push_back(one.name);
      in->read(d, [&](const Batch& batch) {
        for (std::size_t r = 0; r < batch.rows; ++r) {
          got.emplace_back();
          for (const auto& column : batch.columns) got.back().emplace_back(column.texts[r]);
        }
        return true;
      });
      EXPECT_EQ(got, expected);
      ++tried;
    }
  }
  EXPECT_EQ(tried, 19);
  EXPECT_THROW(open_dataset_file(samples / "dev/xls/readxl_dates-1904.xls"), base::Error);
}

}  // namespace
}  // namespace trialmill::formats
