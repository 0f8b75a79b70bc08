// Files made by others, compared value by value with dumps made by other readers (../shared/data/formats).
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "formats/convert.hpp"
#include "formats/csv_scan.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;
using Rows = std::vector<std::vector<std::string>>;

const fs::path samples = fs::path(TRIALMILL_SHARED_DIR) / "data/formats";
const std::set<std::string> kinds{"xpt5", "xpt8", "sas7bdat"};

Rows rows_of_csv(const fs::path& file) {
  Rows rows;
  const auto scan =
      scan_csv(file, ',', file.string(), [&](std::int64_t, std::string_view text, const CsvRecord&) {
        rows.push_back(split_csv_record(text, ','));
      });
  rows.insert(rows.begin(), scan.header);
  return rows;
}

/// "dev__xpt5__sasxport_multi3__Z.csv" → its source file and member.
struct Sample {
  fs::path source;
  std::string member;
};

std::optional<Sample> sample_of(const fs::path& dump) {
  std::vector<std::string> parts;
  std::string stem = dump.stem().string();
  for (std::size_t at = 0; (at = stem.find("__")) != std::string::npos;) {
    parts.push_back(stem.substr(0, at));
    stem.erase(0, at + 2);
  }
  parts.push_back(stem);
  if (parts.size() < 3 || !kinds.contains(parts[1]) || dump.string().ends_with(".meta.csv"))
    return std::nullopt;
  for (const auto& entry : fs::directory_iterator(samples / "dev" / parts[1])) {
    if (entry.path().stem() == parts[2]) return Sample{entry.path(), parts.size() > 3 ? parts[3] : ""};
  }
  return std::nullopt;
}

TEST(FormatsShared, ReadToTheValuesOfOtherReaders) {
  if (!fs::exists(samples)) GTEST_SKIP() << "no sample files at " << samples;
  const fs::path out =
      fs::temp_directory_path() / ("trialmill-shared-" + std::to_string(::getpid()) + ".csv");
  std::set<std::string> seen;
  for (const auto& entry : fs::directory_iterator(samples / "expected/dev")) {
    const auto sample = sample_of(entry.path());
    if (!sample) continue;
    SCOPED_TRACE(entry.path().filename());
    ConvertOptions options;
    options.member = sample->member;
    options.write.raw_numbers = true;
    convert(sample->source, out, options);
    EXPECT_EQ(rows_of_csv(out), rows_of_csv(entry.path()));
    seen.insert(sample->source.parent_path().filename());
  }
  fs::remove(out);
  EXPECT_EQ(seen, kinds);
}

// SAS transport files written again hold the same values, labels and formats.
TEST(FormatsShared, TransportFilesRoundTrip) {
  if (!fs::exists(samples)) GTEST_SKIP() << "no sample files at " << samples;
  const fs::path again =
      fs::temp_directory_path() / ("trialmill-again-" + std::to_string(::getpid()) + ".xpt");
  const fs::path out = fs::path(again).replace_extension(".csv");
  int tried = 0;
  for (const auto& entry : fs::directory_iterator(samples / "dev/xpt5")) {
    const auto original = open_dataset_file(entry.path());
    if (original->datasets().size() != 1 || original->datasets()[0].variables.empty()) continue;
    SCOPED_TRACE(entry.path().filename());
    ConvertOptions options;
    options.write.raw_numbers = true;
    if (convert(entry.path(), again, options).refused()) {
      EXPECT_EQ(original->datasets()[0].name, "W.TEST");  // not a name that SAS takes
      EXPECT_FALSE(fs::exists(again));
      continue;
    }
    convert(entry.path(), out, options);
    const Rows rows = rows_of_csv(out);
    convert(again, out, options);
    EXPECT_EQ(rows_of_csv(out), rows);
    const DatasetMeta before = original->datasets()[0], after = open_dataset_file(again)->datasets()[0];
    EXPECT_EQ(after.name, before.name);
    EXPECT_EQ(after.label, before.label);
    for (std::size_t c = 0; c < before.variables.size(); ++c) {
      EXPECT_EQ(after.variables[c].label, before.variables[c].label);
      EXPECT_EQ(after.variables[c].format, before.variables[c].format);
    }
    fs::remove(again);
    ++tried;
  }
  fs::remove(out);
  EXPECT_EQ(tried, 15);
}

// The three forms of one dataset hold what its SAS transport twin holds.
TEST(FormatsShared, DatasetJsonEqualsItsTwin) {
  if (!fs::exists(samples)) GTEST_SKIP() << "no sample files at " << samples;
  const fs::path out = fs::temp_directory_path() / ("trialmill-json-" + std::to_string(::getpid()) + ".csv");
  const Rows twin = rows_of_csv(samples / "expected/dev/dev__xpt5__cdiscmsg_dm.csv");
  ConvertOptions options;
  options.write.raw_numbers = true;
  for (const char* extension : {".json", ".ndjson", ".dsjc"}) {
    convert(samples / "dev/datasetjson" / (std::string("cdisc_sdtm_dm") + extension), out, options);
    EXPECT_EQ(rows_of_csv(out), twin) << extension;
  }
  // An integer column that holds the text "na".
  EXPECT_THROW(convert(samples / "dev/datasetjson/cdisc_extended_dataset.json", out, options), base::Error);
  fs::remove(out);
}

// SAS marks rows as deleted and leaves them in place; other readers bring them back.
TEST(FormatsShared, DeletedRowsStayDeleted) {
  if (!fs::exists(samples)) GTEST_SKIP() << "no sample files at " << samples;
  for (const auto& [name, rows] :
       {std::pair{"all_rand_normal_with_deleted", 36U}, {"data_page_with_deleted", 997U}}) {
    const auto file =
        open_dataset_file(samples / "dev/sas7bdat" / (std::string("parso_") + name + ".sas7bdat"));
    const Rows expected = rows_of_csv(samples / "dev/csv" / (std::string("parso_") + name + "_expected.csv"));
    EXPECT_EQ(file->datasets()[0].rows, rows) << name;
    std::size_t row = 0;
    file->read(0, [&](const Batch& batch) {
      for (std::size_t r = 0; r < batch.rows; ++r) {
        ++row;
        for (std::size_t c = 0; c < batch.columns.size(); ++c) {
          const Variable& variable = file->datasets()[0].variables[c];
          if (variable.storage == Storage::text)
            EXPECT_EQ(batch.columns[c].texts[r], expected.at(row).at(c)) << name << " row " << row;
          else
            EXPECT_NEAR(batch.columns[c].numbers[r], std::stod(expected.at(row).at(c)), 1e-12)
                << name << " row " << row;
        }
      }
      return true;
    });
    EXPECT_EQ(row, rows) << name;
    EXPECT_EQ(file->notes().at(0).kind, FormatNote::Kind::rows);
  }
}

/// Values, labels, lengths, formats and special missing codes of two files.
void expect_same(const fs::path& left, const fs::path& right, bool informats) {
  ConvertOptions options;
  options.write.raw_numbers = true;
  const fs::path a = right.string() + ".left.csv", b = right.string() + ".right.csv";
  convert(left, a, options);
  convert(right, b, options);
  EXPECT_EQ(rows_of_csv(a), rows_of_csv(b));
  const DatasetMeta before = open_dataset_file(left)->datasets()[0],
                    after = open_dataset_file(right)->datasets()[0];
  EXPECT_EQ(after.name, before.name);
  EXPECT_EQ(after.label, before.label);
  ASSERT_EQ(after.variables.size(), before.variables.size());
  for (std::size_t c = 0; c < before.variables.size(); ++c) {
    EXPECT_EQ(after.variables[c].label, before.variables[c].label);
    EXPECT_EQ(after.variables[c].length, before.variables[c].length) << before.variables[c].name;
    EXPECT_EQ(after.variables[c].format, before.variables[c].format);
    EXPECT_EQ(after.variables[c].informat, informats ? before.variables[c].informat : "");
  }
  fs::remove(a);
  fs::remove(b);
}

// XPT → each form of Dataset-JSON → Parquet → XPT, and straight through Parquet: what is lost is noted.
TEST(FormatsShared, RoundTripsThroughOtherFormats) {
  if (!fs::exists(samples)) GTEST_SKIP() << "no sample files at " << samples;
  const std::string stem =
      (fs::temp_directory_path() / ("trialmill-round-" + std::to_string(::getpid()))).string();
  int tried = 0, noted = 0;
  for (const auto& entry : fs::directory_iterator(samples / "dev/xpt5")) {
    const auto original = open_dataset_file(entry.path());
    if (original->datasets().size() != 1 || original->datasets()[0].variables.empty() ||
        original->datasets()[0].name == "W.TEST")
      continue;
    SCOPED_TRACE(entry.path().filename());
    for (const char* form : {".json", ".ndjson", ".dsjc"}) {
      const auto json = convert(entry.path(), stem + form, {});
      const bool codes = std::ranges::any_of(
          json.notes, [](const auto& note) { return note.kind == FormatNote::Kind::missing; });
      convert(stem + form, stem + ".parquet", {});
      EXPECT_TRUE(convert(stem + ".parquet", stem + ".xpt", {}).notes.empty());
      if (!codes) expect_same(entry.path(), stem + ".xpt", false);
      noted += codes ? 1 : 0;
      ++tried;
    }
    for (const auto& note : convert(entry.path(), stem + ".parquet", {}).notes)
      EXPECT_EQ(note.kind, FormatNote::Kind::rows);  // blank rows at the end, which are no rows
    convert(stem + ".parquet", stem + ".xpt", {});
    expect_same(entry.path(), stem + ".xpt", true);
    ConvertOptions v8;
    v8.format = "xpt8";
    EXPECT_FALSE(convert(entry.path(), stem + ".xpt", v8).refused());
    expect_same(entry.path(), stem + ".xpt", true);
  }
  for (const char* form : {".json", ".ndjson", ".dsjc", ".parquet", ".xpt"}) fs::remove(stem + form);
  EXPECT_EQ(tried, 45);
  EXPECT_EQ(noted, 3);
}

// Our version 8 against files that SAS made: the same but for the place where SAS names its host, and for the
// order in which SAS stores numbers and texts.
TEST(FormatsShared, VersionEightAsSasWritesIt) {
  if (!fs::exists(samples)) GTEST_SKIP() << "no sample files at " << samples;
  const fs::path again = fs::temp_directory_path() / ("trialmill-v8-" + std::to_string(::getpid()) + ".xpt");
  ConvertOptions options;
  options.format = "xpt8";
  options.write.created = "2019-06-20T10:20:27";
  const fs::path original = samples / "dev/xpt8/pyreadstat_sas_xpt8.xpt";
  convert(original, again, options);
  std::string ours = base::read_file(again), theirs = base::read_file(original);
  ASSERT_EQ(ours.size(), theirs.size());
  for (const std::size_t host : {80U + 24U, 400U + 48U}) ours.replace(host, 16, theirs, host, 16);
  EXPECT_EQ(ours, theirs);
  convert(samples / "dev/xpt8/pyreadstat_dates_v8.xpt", again, options);
  expect_same(samples / "dev/xpt8/pyreadstat_dates_v8.xpt", again, true);
  fs::remove(again);
}

TEST(FormatsShared, RefuseDamagedFiles) {
  if (!fs::exists(samples)) GTEST_SKIP() << "no sample files at " << samples;
  const fs::path out =
      fs::temp_directory_path() / ("trialmill-damaged-" + std::to_string(::getpid()) + ".csv");
  int tried = 0;
  for (const char* folder : {"corrupt", "negative"}) {
    for (const auto& entry : fs::directory_iterator(samples / folder)) {
      if (entry.path().extension() == ".csv") continue;
      EXPECT_THROW(convert(entry.path(), out, {}), base::Error) << entry.path();
      EXPECT_FALSE(fs::exists(out)) << entry.path();
      ++tried;
    }
  }
  EXPECT_THROW(convert(samples / "dev/sas7bdat/parso_bug_infinite_loop.sas7bdat", out, {}), base::Error);
  EXPECT_EQ(tried, 12);
}

}  // namespace
}  // namespace trialmill::formats
