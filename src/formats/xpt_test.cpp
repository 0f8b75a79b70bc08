// Number format, writer and reader of SAS transport files; and the reader against files made by SAS and
// others.
#include "formats/xpt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <filesystem>
#include <limits>
#include <random>

#include "base/error.hpp"
#include "base/files.hpp"
#include "formats/xpt_reader.hpp"
#include "formats/xpt_writer.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;

std::string code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const base::Error& error) {
    return error.code();
  }
  return "";
}

fs::path scratch(const std::string& name) {
  const fs::path folder = fs::temp_directory_path() / ("trialmill-xpt-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  return folder / name;
}

XptColumn text_column(const std::string& name, int length, const std::string& label = "") {
  XptColumn out;
  out.name = name;
  out.label = label;
  out.length = length;
  return out;
}

XptColumn number_column(const std::string& name, const std::string& label = "") {
  XptColumn out = text_column(name, 8, label);
  out.is_text = false;
  return out;
}

XptMember member_of(std::vector<XptColumn> columns) {
  XptMember out;
  out.name = "DM";
  out.label = "Demographics";
  out.columns = std::move(columns);
  return out;
}

std::string_view bytes_of(const std::array<unsigned char, 8>& ibm) {
  return {reinterpret_cast<const char*>(ibm.data()), ibm.size()};
}

TEST(XptNumber, KnownBytes) {
  EXPECT_EQ(bytes_of(*to_ibm(1)), std::string("\x41\x10\0\0\0\0\0\0", 8));
  EXPECT_EQ(bytes_of(*to_ibm(-118.625)), std::string("\xC2\x76\xA0\0\0\0\0\0", 8));
  EXPECT_EQ(bytes_of(*to_ibm(0)), std::string(8, '\0'));
  EXPECT_EQ(bytes_of(*to_ibm(-0.0)), std::string(8, '\0'));
}

TEST(XptNumber, RefusesWhatCannotBeHeld) {
  for (const double value :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity(), 7.3e75, -1e300, 5.3e-79, 4.9e-324}) {
    EXPECT_FALSE(to_ibm(value)) << value;
  }
  EXPECT_TRUE(to_ibm(7.23e75));
  EXPECT_TRUE(to_ibm(5.4e-79));
}

TEST(XptNumber, MissingCodes) {
  EXPECT_EQ(from_ibm(std::string(".\0\0\0\0\0\0\0", 8)).missing, '.');
  EXPECT_EQ(from_ibm(std::string("_\0\0", 3)).missing, '_');
  EXPECT_EQ(from_ibm(std::string("Z\0\0\0\0\0\0\0", 8)).missing, 'Z');
  EXPECT_EQ(from_ibm(std::string("A\x10\0", 3)).missing, 0);
  EXPECT_EQ(from_ibm(std::string("A\x10\0", 3)).value, 1.0);
}

// Property: any double of any bit pattern is either refused or comes back as the same bits.
TEST(XptNumber, EveryDoubleComesBackExactlyOrIsRefused) {
  std::mt19937_64 random(20200101);
  std::size_t held = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    const auto ibm = to_ibm(value);
    const double size = std::fabs(value);
    if (!ibm) {
      ASSERT_TRUE(!std::isfinite(value) || size > 7.2e75 || size < 5.4e-79) << value;
      continue;
    }
    ++held;
    const auto back = from_ibm(bytes_of(*ibm));
    ASSERT_EQ(back.missing, 0);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(back.value), std::bit_cast<std::uint64_t>(value)) << value;
  }
  EXPECT_GT(held, 100'000u);
}

TEST(XptWriter, RoundTrip) {
  const auto file = scratch("dm.xpt");
  XptWriter writer(file, member_of({text_column("USUBJID", 11, "Unique Subject Identifier"),
                                    number_column("AGE", "Age"), text_column("SEX", 1)}));
  EXPECT_FALSE(writer.text(0, "S1-001"));
  EXPECT_FALSE(writer.number(1, 63.5));
  EXPECT_FALSE(writer.text(2, "F"));
  writer.end_row();
  EXPECT_FALSE(writer.text(0, "S1-002-long"));
  writer.missing(1, 'A');
  writer.end_row();
  EXPECT_FALSE(fs::exists(file)) << "visible before commit";
  EXPECT_FALSE(writer.commit());

  const auto read = XptFile::open(file);
  ASSERT_EQ(read.tables().size(), 1u);
  const auto& table = read.tables()[0];
  EXPECT_EQ(table.member().name, "DM");
  EXPECT_EQ(table.member().label, "Demographics");
  EXPECT_EQ(table.member().created, "01JAN20:00:00:00");
  EXPECT_EQ(table.member().columns[0].label, "Unique Subject Identifier");
  ASSERT_EQ(table.rows(), 2u);
  EXPECT_EQ(table.text(0, 0), "S1-001");
  EXPECT_EQ(table.number(0, 1).value, 63.5);
  EXPECT_EQ(table.text(1, 0), "S1-002-long");
  EXPECT_EQ(table.number(1, 1).missing, 'A');
  EXPECT_EQ(table.text(1, 2), "");
}

TEST(XptWriter, RefusesInsteadOfCutting) {
  auto member = member_of({text_column("TOOLONGNAME", 8), text_column("lower", 8), text_column("A", 201),
                           text_column("B", 8, std::string(41, 'x')), text_column("A", 5)});
  member.label = std::string(41, 'x');
  std::vector<XptProblem::Kind> kinds;
  for (const auto& problem : check_xpt(member)) kinds.push_back(problem.kind);
  using Kind = XptProblem::Kind;
  EXPECT_THAT(kinds, testing::ElementsAre(Kind::label, Kind::name, Kind::name, Kind::length, Kind::label,
                                          Kind::name));
  EXPECT_EQ(code_of([&] { XptWriter(scratch("bad.xpt"), member); }), "TM1303");

  const auto file = scratch("refused.xpt");
  XptWriter writer(file, member_of({text_column("A", 3), number_column("N")}));
  // Three characters but six bytes: bytes count.
  const auto problem = writer.text(0, "äöü");
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->row, 1);
  EXPECT_EQ(problem->column, "A");
  EXPECT_TRUE(writer.number(1, std::nan("")));
  writer.end_row();
  EXPECT_EQ(code_of([&] { writer.commit(); }), "TM1303");
  EXPECT_FALSE(fs::exists(file));
}

TEST(XptWriter, BlankLastRow) {
  const auto refused = scratch("blank.xpt");
  XptWriter writer(refused, member_of({text_column("A", 8)}));
  EXPECT_FALSE(writer.text(0, "x"));
  writer.end_row();
  writer.end_row();
  EXPECT_TRUE(writer.commit());
  EXPECT_FALSE(fs::exists(refused));

  // A blank row before the last, or a row as long as a record, is no trap.
  const auto file = scratch("long.xpt");
  XptWriter longer(file, member_of({text_column("A", 100)}));
  longer.end_row();
  longer.end_row();
  EXPECT_FALSE(longer.commit());
  EXPECT_EQ(XptFile::open(file).tables()[0].rows(), 2u);
}

TEST(XptWriter, TimesComeFromOptions) {
  XptWriteOptions options;
  options.created = "2024-02-29T23:59:58";
  XptWriter writer(scratch("time.xpt"), member_of({text_column("A", 1)}), options);
  EXPECT_FALSE(writer.commit());
  const auto file = XptFile::open(scratch("time.xpt"));
  EXPECT_EQ(file.tables()[0].member().created, "29FEB24:23:59:58");
  EXPECT_EQ(file.tables()[0].rows(), 0u);
  for (const char* wrong : {"2024-13-01T00:00:00", "today", "1901-01-01T00:00:00", "2024-01-01"}) {
    options.created = wrong;
    EXPECT_EQ(code_of([&] { XptWriter(scratch("t.xpt"), member_of({text_column("A", 1)}), options); }),
              "TM1304");
  }
}

TEST(XptReader, BlankRowsInPaddingAreCounted) {
  const auto file = scratch("short.xpt");
  XptWriter writer(file, member_of({text_column("A", 8)}));
  for (const char* value : {"x", "", "y"}) {
    EXPECT_FALSE(writer.text(0, value));
    writer.end_row();
  }
  EXPECT_FALSE(writer.commit());
  const auto read = XptFile::open(file);
  EXPECT_EQ(read.tables()[0].rows(), 3u);
  EXPECT_EQ(read.tables()[0].text(2, 0), "y");
}

TEST(XptReader, SeveralMembersInOneFile) {
  std::string bytes;
  for (const char* name : {"A1", "A2"}) {
    auto member = member_of({number_column("N")});
    member.name = name;
    XptWriter writer(scratch("one.xpt"), member);
    EXPECT_FALSE(writer.number(0, bytes.empty() ? 1 : 2));
    writer.end_row();
    EXPECT_FALSE(writer.commit());
    bytes += base::read_file(scratch("one.xpt")).substr(bytes.empty() ? 0 : 240);
  }
  const auto file = XptFile::parse(bytes, "both.xpt");
  ASSERT_EQ(file.tables().size(), 2u);
  EXPECT_EQ(file.tables()[1].member().name, "A2");
  EXPECT_EQ(file.tables()[1].number(0, 0).value, 2);
}

// Hostile input: any truncation and any flipped byte gives an Error or a table, never a crash.
TEST(XptReader, SurvivesDamage) {
  XptWriter writer(scratch("whole.xpt"), member_of({text_column("A", 5), number_column("N")}));
  for (int row = 0; row < 20; ++row) {
    EXPECT_FALSE(writer.number(1, row));
    writer.end_row();
  }
  EXPECT_FALSE(writer.commit());
  const std::string whole = base::read_file(scratch("whole.xpt"));
  const auto walk = [](std::string bytes) {
    try {
      const auto file = XptFile::parse(std::move(bytes), "damaged.xpt");
      for (const auto& table : file.tables()) {
        for (std::size_t row = 0; row < table.rows(); ++row) {
          for (std::size_t c = 0; c < table.member().columns.size(); ++c)
            table.text(row, c), table.number(row, c);
        }
      }
    } catch (const base::Error& error) {
      EXPECT_THAT(error.code(), testing::AnyOf("TM1301", "TM1302"));
    }
  };
  for (std::size_t bytes = 0; bytes < whole.size(); bytes += 7) walk(whole.substr(0, bytes));
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    std::string bytes = whole;
    for (int flips = 0; flips < 3; ++flips) bytes[random() % bytes.size()] = static_cast<char>(random());
    walk(bytes);
  }
}

// ---- against files made by SAS and others, where they are on the machine ----

std::vector<std::vector<std::string>> read_csv(const fs::path& file) {
  std::vector<std::vector<std::string>> out(1);
  std::string cell;
  bool quoted = false;
  const std::string bytes = base::read_file(file);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (quoted && c == '"' && i + 1 < bytes.size() && bytes[i + 1] == '"')
      cell += bytes[++i];
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == ',' || c == '\n')) {
      out.back().push_back(std::move(cell));
      cell.clear();
      if (c == '\n') out.emplace_back();
    } else if (c != '\r' || quoted)
      cell += c;
  }
  out.pop_back();
  return out;
}

void expect_same(const XptTable& table, const fs::path& expected) {
  const auto lines = read_csv(expected);
  const auto& columns = table.member().columns;
  ASSERT_EQ(table.rows() + 1, lines.size()) << expected;
  ASSERT_EQ(columns.size(), lines[0].size()) << expected;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    EXPECT_EQ(columns[c].name, lines[0][c]);
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const auto& want = lines[row + 1][c];
      if (columns[c].is_text) {
        ASSERT_EQ(table.text(row, c), want) << expected << " row " << row << " " << columns[c].name;
        continue;
      }
      const auto number = table.number(row, c);
      if (want.starts_with('.') && want.size() <= 2 && !(want.size() == 2 && std::isdigit(want[1]))) {
        ASSERT_EQ(std::string(1, number.missing), want.substr(want.size() - 1)) << expected << " row " << row;
      } else {
        ASSERT_EQ(number.missing, 0) << expected << " row " << row << " " << want;
        ASSERT_DOUBLE_EQ(number.value, std::stod(want))
            << expected << " row " << row << " " << columns[c].name;
      }
    }
  }
}

TEST(XptReader, FilesOfSasAndOthers) {
  const fs::path folder = fs::path(TRIALMILL_SHARED_DIR) / "data/formats";
  if (!fs::exists(folder / "dev/xpt5")) GTEST_SKIP() << "no sample files at " << folder;
  std::size_t compared = 0;
  for (const auto& entry : fs::directory_iterator(folder / "dev/xpt5")) {
    const auto file = XptFile::open(entry.path());
    const std::string stem = "dev__xpt5__" + entry.path().stem().string();
    for (const auto& table : file.tables()) {
      auto expected = folder / "expected/dev" / (stem + ".csv");
      if (file.tables().size() > 1)
        expected = folder / "expected/dev" / (stem + "__" + table.member().name + ".csv");
      if (!fs::exists(expected)) {
        EXPECT_EQ(table.rows(), 0u) << entry.path();
        continue;
      }
      expect_same(table, expected);
      ++compared;
    }
  }
  EXPECT_GE(compared, 15u);
}

TEST(XptReader, DamagedFilesAreRefused) {
  const fs::path folder = fs::path(TRIALMILL_SHARED_DIR) / "data/formats";
  if (!fs::exists(folder / "corrupt")) GTEST_SKIP() << "no sample files at " << folder;
  for (const char* name : {"01_xpt5_trunc_namestr.xpt", "02_xpt5_trunc_midrow.xpt", "03_xpt5_varcount99.xpt",
                           "04_xpt5_len32767.xpt", "05_xpt5_type9.xpt"}) {
    EXPECT_EQ(code_of([&] { XptFile::open(folder / "corrupt" / name); }), "TM1302") << name;
  }
  EXPECT_EQ(code_of([&] { XptFile::open(folder / "corrupt/06_xpt8_obs91.xpt"); }), "TM1302");
  EXPECT_EQ(code_of([&] { XptFile::open(folder / "negative/cport_named_xpt.xpt"); }), "TM1301");
  EXPECT_EQ(code_of([&] { XptFile::open(folder / "negative/zero_bytes.xpt"); }), "TM1301");
  EXPECT_EQ(code_of([&] { XptFile::open(folder / "no such file"); }), "TM1001");
}

// A file made by SAS, read and written again: all but the header records (version, system, times) is the same
// bytes.
TEST(XptWriter, SameBytesAsSas) {
  const fs::path source = fs::path(TRIALMILL_SHARED_DIR) / "data/formats/dev/xpt5/cdiscmsg_dm.xpt";
  if (!fs::exists(source)) GTEST_SKIP() << "no sample file " << source;
  const auto read = XptFile::open(source);
  const auto& table = read.tables()[0];
  XptWriter writer(scratch("again.xpt"), table.member());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (std::size_t c = 0; c < table.member().columns.size(); ++c) {
      if (table.member().columns[c].is_text) {
        ASSERT_FALSE(writer.text(c, table.text(row, c)));
      } else if (const auto number = table.number(row, c); number.missing) {
        writer.missing(c, number.missing);
      } else {
        ASSERT_FALSE(writer.number(c, number.value));
      }
    }
    writer.end_row();
  }
  ASSERT_FALSE(writer.commit());
  const std::string ours = base::read_file(scratch("again.xpt")), theirs = base::read_file(source);
  ASSERT_EQ(ours.size(), theirs.size());
  constexpr std::size_t namestr_header = 7 * xpt_record_bytes;
  for (std::size_t at = namestr_header; at < ours.size(); ++at)
    ASSERT_EQ(ours[at], theirs[at]) << "byte " << at;
  for (const std::size_t record : {0u, 3u, 4u}) {
    EXPECT_EQ(ours.substr(record * xpt_record_bytes, 80), theirs.substr(record * xpt_record_bytes, 80));
  }
}

class Cleanup : public testing::Environment {
  void TearDown() override { fs::remove_all(scratch("x").parent_path()); }
};
const auto* const cleanup = testing::AddGlobalTestEnvironment(new Cleanup);

}  // namespace
}  // namespace trialmill::formats
