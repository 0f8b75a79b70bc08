#include "formats/csv_scan.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <rapidcheck.h>

#include <filesystem>
#include <fstream>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;

class ScratchFile {
 public:
  explicit ScratchFile(const std::string& content)
      : path_(fs::temp_directory_path() / ("trialmill-csv-" + std::to_string(::getpid()) + ".csv")) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~ScratchFile() { fs::remove(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

struct Read {
  CsvScan scan;
  std::vector<std::string> good;  ///< fields joined by |
};

Read read(const std::string& content, char delimiter = '\0') {
  const ScratchFile file(content);
  Read out;
  out.scan =
      scan_csv(file.path(), delimiter, "f.csv", [&](std::int64_t, std::string_view text, const CsvRecord&) {
        out.good.push_back(base::join(split_csv_record(text, out.scan.delimiter), "|"));
      });
  return out;
}

struct Case {
  const char* name;
  std::string content;
  std::vector<std::string> good;              ///< for a comma-separated file
  std::vector<std::pair<int, int>> bad = {};  ///< row, line
  bool irregular = false;
};

class CsvScanCases : public testing::TestWithParam<Case> {};

TEST_P(CsvScanCases, FindsRecords) {
  const Case& expected = GetParam();
  const ScratchFile file(expected.content);
  std::vector<std::string> good;
  const CsvScan scan =
      scan_csv(file.path(), ',', "f.csv", [&](std::int64_t, std::string_view text, const CsvRecord& record) {
        good.push_back(base::join(split_csv_record(text, ','), "|"));
        EXPECT_EQ(record.size, text.size());
      });
  std::vector<std::pair<int, int>> bad;
  for (const auto& record : scan.bad) bad.emplace_back(record.row, record.line);
  EXPECT_EQ(good, expected.good);
  EXPECT_EQ(bad, expected.bad);
  EXPECT_EQ(scan.irregular, expected.irregular || !expected.bad.empty());
  EXPECT_EQ(scan.records, static_cast<std::int64_t>(good.size() + bad.size()));
}

INSTANTIATE_TEST_SUITE_P(
    All, CsvScanCases,
    testing::Values(
        Case{"Plain", "A,B\n1,2\n3,4\n", {"1|2", "3|4"}}, Case{"NoLastLineEnd", "A,B\n1,2", {"1|2"}},
        Case{"Crlf", "A,B\r\n1,2\r\n", {"1|2"}}, Case{"CrOnly", "A,B\r1,2\r3,4\r", {"1|2", "3|4"}, {}, true},
        Case{"MixedLineEnds", "A,B\r\n1,2\n", {"1|2"}, {}, true},
        Case{"BlankLines", "\nA,B\n\n1,2\n\r\n", {"1|2"}, {}, true}, Case{"EmptyFields", "A,B\n,\n", {"|"}},
        Case{"QuotedDelimiter", "A,B\n\"1,5\",2\n", {"1,5|2"}},
        Case{"DoubledQuote", "A,B\n\"a \"\"b\"\"\",2\n", {"a \"b\"|2"}},
        Case{"QuotedLineEnd", "A,B,C\n1,\"x\ny\",2\n3,4,5\n", {"1|x\ny|2", "3|4|5"}},
        Case{"QuotedCrlf", "A,B,C\r\n1,\"x\r\ny\",2\r\n", {"1|x\r\ny|2"}},
        Case{"StrayQuote", "A,B\n5\" tube,2\n", {"5\" tube|2"}, {}, true},
        Case{"QuoteAfterBlank", "A,B\n1, \"x\"\n", {"1| \"x\""}, {}, true},
        Case{"TextAfterQuote", "A,B\n\"abc\"def,1\n3,4\n", {"3|4"}, {{1, 2}}},
        Case{"TooFew", "A,B\n1\n3,4\n", {"3|4"}, {{1, 2}}},
        Case{"TooMany", "A,B\n1,2,3\n3,4\n", {"3|4"}, {{1, 2}}},
        Case{"UnclosedAtEnd", "A,B\n1,2\n3,\"x\n", {"1|2"}, {{2, 3}}},
        Case{"UnclosedSwallows", "A,B\n1,\"x\n3,4\n5,6\n", {"3|4", "5|6"}, {{1, 2}}},
        Case{"UnclosedMeetsQuote", "A,B\n1,\"x\n3,4\n5,\"y\"\n", {"3|4", "5|y"}, {{1, 2}}},
        Case{"UnclosedClosedByStray",
             "A,B,C\n\"1,x,2\n3,y,4\n5,6,7\"\n8,9,10\n",
             {"3|y|4", "5|6|7\"", "8|9|10"},
             {{1, 2}}},
        Case{"RaggedMultiline", "A,B,C\n1,\"some\nwords\"\n3,4,5\n", {"3|4|5"}, {{1, 2}}},
        Case{"TwoUnclosed", "A,B\n1,\"x\n2,\"y\n3,4\n", {"3|4"}, {{1, 2}, {2, 3}}},
        Case{"LoneCr", "A,B\n1\r2,3\n", {"1\r2|3"}, {}, true}, Case{"OneColumn", "A\n1\n\"\"\n", {"1", ""}},
        Case{"Bom",
             "\xEF\xBB\xBF"
             "A,B\n1,2\n",
             {"1|2"}},
        Case{"HeaderOnly", "A,B\n", {}}),
    [](const auto& given) { return std::string(given.param.name); });

TEST(CsvScan, NamesReasonAndKeepsContent) {
  const CsvScan scan = read("A,B\n1,\"x\n3,4\n").scan;
  ASSERT_EQ(scan.bad.size(), 1u);
  EXPECT_EQ(scan.bad[0].reason, "a quote is opened and never closed");
  EXPECT_EQ(scan.bad[0].content, "1,\"x");
  EXPECT_EQ(read("A,B\n1\n").scan.bad.at(0).reason, "1 fields where the header has 2");
  EXPECT_EQ(read("A,B\n\"a\"b,1\n").scan.bad.at(0).reason, "text after a closing quote");
}

TEST(CsvScan, PointsAtRecordsThatMayHaveSwallowedLines) {
  const Read suspicious = read("A,B\n1,\"x\n2,y\"\n3,4\n");
  EXPECT_EQ(suspicious.good, (std::vector<std::string>{"1|x\n2,y", "3|4"}));
  EXPECT_EQ(suspicious.scan.suspects, 1);
  EXPECT_EQ(suspicious.scan.first_suspect_line, 2);
  EXPECT_EQ(read("A,B\n1,\"x\ny\"\n3,4\n").scan.suspects, 0);
}

TEST(CsvScan, DetectsDelimiter) {
  for (const char delimiter : {',', ';', '\t', '|'}) {
    const std::string d(1, delimiter);
    EXPECT_EQ(read("A" + d + "B" + d + "C\n1" + d + "2" + d + "3\n").scan.delimiter, delimiter);
  }
  EXPECT_EQ(read("A;\"B,C,D\"\n1;2\n").scan.header, (std::vector<std::string>{"A", "B,C,D"}));
}

TEST(CsvScan, HashesAndCountsBytes) {
  const std::string content = "A,B\r1,2\r";
  const CsvScan scan = read(content).scan;
  EXPECT_EQ(scan.sha256, base::sha256_of(content));
  EXPECT_EQ(scan.bytes, static_cast<std::int64_t>(content.size()));
}

TEST(CsvScan, FindsWhatIsNotUtf8) {
  EXPECT_TRUE(read("A,B\nZoé,2\n").scan.valid_utf8);
  EXPECT_FALSE(read("A,B\nZo\xE9,2\n").scan.valid_utf8);
  // A character across the border of two blocks is still one.
  EXPECT_TRUE(read("A,B\n" + std::string((1u << 20) - 6, 'x') + "é,2\n").scan.valid_utf8);
}

TEST(CsvScan, EmptyFileHasNoHeader) {
  EXPECT_TRUE(read("").scan.header.empty());
  EXPECT_TRUE(read("\xEF\xBB\xBF\n\n").scan.header.empty());
}

std::string code_of(const std::string& content, char delimiter = '\0') {
  try {
    read(content, delimiter);
  } catch (const base::Error& error) {
    return error.code();
  }
  return "";
}

TEST(CsvScan, TakesALastColumnWithoutANameForNone) {
  const Read out = read("A,B,\n1,2,\n\"x,y\",\"z\",\"\"\n3,4,5\n6,7\n");
  EXPECT_EQ(out.scan.header, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(out.good, (std::vector<std::string>{"1|2", "x,y|z"}));
  ASSERT_EQ(out.scan.bad.size(), 2U);
  EXPECT_EQ(out.scan.bad[0].reason, "a value in the last column, which has no name in the header");
  EXPECT_EQ(out.scan.bad[1].reason, "2 fields where the header has 3");
  EXPECT_TRUE(out.scan.irregular);
}

TEST(CsvScan, RefusesWhatIsNoTable) {
  EXPECT_EQ(code_of(std::string("A,B\n1,\0\n", 8)), "TM1351");
  EXPECT_EQ(code_of("A,B\n1,2\n", ';'), "TM1352");
  EXPECT_EQ(code_of("A,B,a\n"), "TM1353");
  EXPECT_EQ(code_of("A,,B\n"), "TM1353");
  EXPECT_EQ(code_of("A,\"B\n1,2\n"), "TM1353");
  EXPECT_EQ(code_of(std::string(17u << 20, 'x')), "TM1350");
  std::string many = "A,B\n";
  for (int i = 0; i <= 100'000; ++i) many += "1\n";
  EXPECT_EQ(code_of(many), "TM1355");
}

TEST(CsvScan, SetsLongLinesAsideWithConstantMemory) {
  const std::string line(40u << 20, 'x');
  const Read long_line = read("A,B\n1," + line + "\n3,4\n");
  EXPECT_EQ(long_line.good, std::vector<std::string>{"3|4"});
  ASSERT_EQ(long_line.scan.bad.size(), 1u);
  EXPECT_EQ(long_line.scan.bad[0].reason, "a line longer than 16 MiB");
  EXPECT_LT(long_line.scan.bad[0].content.size(), 300u);
  const Read unclosed =
      read("A,B\n1,\"x\n2,y\n" + std::string(30, '3') + "," + std::string(17u << 20, 'z') + "\n");
  EXPECT_EQ(unclosed.good, std::vector<std::string>{"2|y"});
  EXPECT_EQ(unclosed.scan.bad.size(), 2u);
}

std::string as_csv(const std::vector<std::vector<std::string>>& rows, char delimiter) {
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i) out += delimiter;
      const bool quoted =
          row[i].empty() ? row.size() == 1 : row[i].find_first_of("\"\r\n;,") != std::string::npos;
      out += quoted ? "\"" + base::replace_all(row[i], "\"", "\"\"") + "\"" : row[i];
    }
    out += "\n";
  }
  return out;
}

TEST(CsvScan, ReadsWhatRfc4180Writes) {
  EXPECT_TRUE(rc::check("any table comes back field by field", [] {
    const auto columns = *rc::gen::inRange<std::size_t>(1, 5);
    const char delimiter = *rc::gen::element(',', ';');
    const auto letter = rc::gen::element('a', '"', ',', ';', '\n', '\r', ' ', '1');
    auto rows = *rc::gen::container<std::vector<std::vector<std::string>>>(
        rc::gen::container<std::vector<std::string>>(columns, rc::gen::container<std::string>(letter)));
    std::vector<std::string> header;
    for (std::size_t i = 0; i < columns; ++i) header.push_back("C" + std::to_string(i));
    rows.insert(rows.begin(), header);
    const ScratchFile file(as_csv(rows, delimiter));
    std::vector<std::vector<std::string>> got{header};
    const CsvScan scan = scan_csv(file.path(), delimiter, "f.csv",
                                  [&](std::int64_t row, std::string_view text, const CsvRecord& record) {
                                    RC_ASSERT(row == static_cast<std::int64_t>(got.size()));
                                    RC_ASSERT(record.fields == columns);
                                    got.push_back(split_csv_record(text, delimiter));
                                  });
    RC_ASSERT(scan.header == header);
    RC_ASSERT(scan.bad.empty());
    RC_ASSERT(got == rows);
  }));
}

}  // namespace
}  // namespace trialmill::formats
