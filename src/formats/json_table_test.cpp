// Plain JSON and exports of apps and devices. No record of a sample may be missing.
#include <gtest/gtest.h>
#include <unistd.h>

#include <regex>

#include "base/error.hpp"
#include "base/files.hpp"
#include "formats/convert.hpp"
#include "formats/dataset_file.hpp"
#include "formats/json_rows_writer.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;
using Rows = std::vector<std::vector<std::string>>;

class JsonTableTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("trialmill-json-table-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<DatasetFile> open(const std::string& text, const std::string& name = "a.json") {
    base::write_file_atomically(folder_ / name, text);
    return open_dataset_file(folder_ / name);
  }
  std::string code(const std::string& text, const std::string& name = "a.json") {
    try {
      open(text, name);
    } catch (const base::Error& error) {
      return error.code();
    }
    return "";
  }
  static Rows rows(DatasetFile& file, std::size_t d = 0) {
    Rows out(1);
    for (const auto& one : file.datasets().at(d).variables) out[0].push_back(one.name);
    file.read(d, [&](const Batch& batch) {
      for (std::size_t r = 0; r < batch.rows; ++r) {
        out.emplace_back();
        for (std::size_t c = 0; c < batch.columns.size(); ++c)
          out.back().push_back(batch.is_missing(r, c) ? "(null)" : std::string(batch.columns[c].texts[r]));
      }
      return true;
    });
    return out;
  }

  fs::path folder_;
};

TEST_F(JsonTableTest, FlattensObjectsAndKeepsNumbersAsWritten) {
  const auto file = open(R"([{"id": 1, "v": {"bpm": 64.20, "x": {"y": "ä\n"}}, "list": [1, {"a": 2}]},
                            {"id": 12345678901234567890123, "late": true, "v": {"bpm": null}, "e": {}, "s": ""}])");
  EXPECT_EQ(rows(*file), (Rows{{"id", "v_bpm", "v_x_y", "list", "late", "e", "s"},
                               {"1", "64.20", "ä\n", "[1, {\"a\": 2}]", "(null)", "(null)", "(null)"},
                               {"12345678901234567890123", "(null)", "(null)", "(null)", "true", "{}", ""}}));
  const auto& variables = file->datasets()[0].variables;
  EXPECT_EQ(variables[0].type, ValueType::integer);
  EXPECT_EQ(variables[1].type, ValueType::floating);
  EXPECT_EQ(variables[4].type, ValueType::boolean);
}

TEST_F(JsonTableTest, MakesATableOfEachListInsideOfRecords) {
  const auto file = open(
      R"([{"logId": 7, "v": {"levels": [{"level": "deep", "s": [1, null]}, {"level": "rem", "item": "x"}]}},
          {"logId": 8, "v": {"levels": []}, "more": [{"a": 1}, 2, "b"]}])");
  std::map<std::string, Rows> all;
  for (std::size_t d = 0; d < file->datasets().size(); ++d) all[file->datasets()[d].name] = rows(*file, d);
  EXPECT_EQ(all["a"][1],
            (std::vector<std::string>{
                "7", R"([{"level": "deep", "s": [1, null]}, {"level": "rem", "item": "x"}])", "(null)"}));
  EXPECT_EQ(all["a.v_levels"], (Rows{{"parent_row", "parent_logId", "item", "level", "s", "item_2"},
                                     {"1", "7", "1", "deep", "[1,null]", "(null)"},
                                     {"1", "7", "2", "rem", "(null)", "x"}}));
  EXPECT_EQ(all["a.v_levels.s"], (Rows{{"parent_row", "parent_parent_logId", "item", "value"},
                                       {"1", "7", "1", "1"},
                                       {"1", "7", "2", "(null)"}}));
  EXPECT_EQ(all["a.more"], (Rows{{"parent_row", "parent_logId", "item", "a", "value"},
                                 {"2", "8", "1", "1", "(null)"},
                                 {"2", "8", "2", "(null)", "2"},
                                 {"2", "8", "3", "(null)", "b"}}));
  EXPECT_EQ(pick_dataset(*file, "", "a.json"), 0U);
}

TEST_F(JsonTableTest, LosesNoRecordWithoutFieldsOrWithDotsInNames) {
  EXPECT_EQ(rows(*open("{}\n{}\n", "a.ndjson")), (Rows{{}, {}, {}}));
  const auto file = open(R"({"x.y": {"a.b": [1, 2]}, "z": [{"c.d": [3]}, {}]})");
  std::map<std::string, std::size_t> counts;
  for (std::size_t d = 0; d < file->datasets().size(); ++d)
    counts[file->datasets()[d].name] = rows(*file, d).size() - 1;
  EXPECT_EQ(counts, (std::map<std::string, std::size_t>{{"x.y", 1}, {"x.y.a.b", 2}, {"z", 2}, {"z.c.d", 1}}));
}

TEST_F(JsonTableTest, KeepsBothOfTwoValuesWithOneName) {
  EXPECT_EQ(rows(*open(R"([{"a_b": 1, "a": {"b": 2}, "a_b_2": 3, "x": 4, "x": 5}])")),
            (Rows{{"a_b", "a_b_3", "a_b_2", "x", "x_2"}, {"1", "2", "3", "4", "5"}}));
}

TEST_F(JsonTableTest, ReadsLines) {
  const auto file = open("{\"a\":1}\n{\"b\":\"x\"}\n\n{\"a\":2}", "a.ndjson");
  EXPECT_EQ(rows(*file), (Rows{{"a", "b"}, {"1", "(null)"}, {"(null)", "x"}, {"2", "(null)"}}));
  EXPECT_EQ(open("{\"a\":1}\n{\"a\":2}\n")->datasets()[0].rows, 2);
}

TEST_F(JsonTableTest, MakesATableOfEachArrayBelowTheKeys) {
  const auto file =
      open(R"({"user": {"name": "x"}, "sleep": {"data": [{"a": 1}, {"a": 2}], "next_token": null},
                            "deep": {"er": {"items": [{"b": 1}]}}, "count": 2, "tags": []})");
  ASSERT_EQ(file->datasets().size(), 4U);
  EXPECT_EQ(file->datasets()[0].name, "user");
  EXPECT_EQ(file->datasets()[1].name, "sleep");
  EXPECT_EQ(file->datasets()[1].rows, 2);
  EXPECT_EQ(file->datasets()[2].name, "deep_er");
  EXPECT_EQ(file->datasets()[3].name, "a");
  EXPECT_EQ(rows(*file, 3), (Rows{{"count", "tags"}, {"2", "[]"}}));
}

TEST_F(JsonTableTest, RefusesDamagedFiles) {
  EXPECT_EQ(code("[{\"a\":1},{\"a\":"), "TM1334");
  EXPECT_EQ(code("[{\"a\":1} {\"a\":2}]"), "TM1334");
  EXPECT_EQ(code("[1]"), "TM1334");
  EXPECT_EQ(code("{\"a\":1}\n{\"a\":}\n"), "TM1334");
  EXPECT_EQ(code("{\"a\":[{\"b\":1}"), "TM1334");
  EXPECT_EQ(code(""), "TM1334");
  EXPECT_EQ(code("nonsense"), "TM1334");
  EXPECT_EQ(code("[]"), "TM1335");
  EXPECT_EQ(code("{\"datasetJSONVersion\":\"2.0\"}"), "TM1330");
}

TEST_F(JsonTableTest, WritesWhatItReads) {
  const auto file = open("a,b\n\"x\"\"\\\",1\n,2\n", "a.csv");
  ConvertOptions options;
  for (const char* format : {"json-rows", "ndjson-rows"}) {
    options.format = format;
    convert(folder_ / "a.csv", folder_ / "out.json", options);
    EXPECT_EQ(rows(*open_dataset_file(folder_ / "out.json")), rows(*file)) << format;
  }
}

TEST_F(JsonTableTest, ReadsHealthExports) {
  const auto file = open(
      "<?xml version='1.0'?><!DOCTYPE HealthData [<!ELEMENT HealthData ANY><!ENTITY e SYSTEM "
      "'file:///etc/passwd'>]>"
      "<HealthData locale='en'><Me/><Record type='HR' value='72' new='?'><HeartRateVariabilityMetadataList>"
      "<InstantaneousBeatsPerMinute bpm='63' time='1'/></HeartRateVariabilityMetadataList>"
      "<MetadataEntry key='k' value='\"v\"'/></Record><Correlation type='BP'><Record type='SYS' value='120'/>"
      "</Correlation><Hat size='3'/></HealthData>",
      "export.xml");
  std::map<std::string, Rows> all;
  for (std::size_t d = 0; d < file->datasets().size(); ++d) all[file->datasets()[d].name] = rows(*file, d);
  ASSERT_EQ(all["Record"].size(), 2U);
  const auto& record = all["Record"][1];
  EXPECT_EQ(record[1], "HR");
  EXPECT_EQ(record[9], "72");
  EXPECT_EQ(record[10], "{\"k\":\"\\\"v\\\"\"}");
  EXPECT_EQ(record[11], "{\"new\":\"?\"}");
  EXPECT_EQ(all["InstantaneousBeatsPerMinute"].at(1).at(0), "1");
  EXPECT_EQ(all["CorrelationRecord"].at(1).at(0), "1");
  EXPECT_EQ(all["Other"].at(1).at(1), "Hat");
  EXPECT_EQ(all["Other"][1].back(), "{\"size\":\"3\"}");
  EXPECT_THROW(rows(*open("<HealthData><Record>", "export.xml")), base::Error);
  EXPECT_THROW(
      rows(*open("<!DOCTYPE HealthData [<!ENTITY e 'x'>]><HealthData><Record value='&e;'/></HealthData>",
                 "export.xml")),
      base::Error);
}

// Records counted by a key or element that each of them has; + 1 for what stands beside the records.
TEST(WearableSamples, LoseNoRecord) {
  const fs::path samples = fs::path(TRIALMILL_SHARED_DIR) / "data/wearables";
  if (!fs::exists(samples)) GTEST_SKIP() << "no sample files at " << samples;
  const auto total = [&](const char* name, bool lists = false) {
    const auto file = open_dataset_file(samples / name);
    std::int64_t rows = 0;
    file->read_all([&](std::size_t d, const Batch& batch) {
      if (file->datasets()[d].attributes.contains(std::string(parent_attribute)) == lists)
        rows += static_cast<std::int64_t>(batch.rows);
      return true;
    });
    return rows;
  };
  const auto count = [&](const char* name, const char* pattern) {
    const std::string text = base::read_file(samples / name);
    const std::regex expression(pattern);
    return std::distance(std::sregex_iterator(text.begin(), text.end(), expression), std::sregex_iterator());
  };
  EXPECT_EQ(total("clue_measurements_synth.json"), count("clue_measurements_synth.json", "\"type\""));
  EXPECT_EQ(total("fitbit_takeout_heart_rate-2025-02-01.json"),
            count("fitbit_takeout_heart_rate-2025-02-01.json", "\"dateTime\""));
  EXPECT_EQ(total("fitbit_webapi_heart_1d_1m.json"),
            count("fitbit_webapi_heart_1d_1m.json", "\"time\"|\"heartRateZones\"") + 1);
  EXPECT_EQ(total("fitbit_webapi_sleep.json"), count("fitbit_webapi_sleep.json", "\"logId\"") + 1);
  EXPECT_EQ(total("fitbit_webapi_sleep.json", true), count("fitbit_webapi_sleep.json", "\"seconds\""));
  EXPECT_EQ(total("fitbit_webapi_heart_1d_1m.json", true),
            count("fitbit_webapi_heart_1d_1m.json", "\"caloriesOut\""));
  EXPECT_EQ(total("oura_v2_bundle_synth.json"), 8);
  EXPECT_EQ(total("flo_export_synth.json"), 10);
  for (const char* name : {"apple_export_synth_v14.xml", "apple_export_tdda_v3.xml"}) {
    EXPECT_EQ(total(name), count(name,
                                 "<(Record|Correlation|Workout|WorkoutEvent|WorkoutStatistics|WorkoutRoute|"
                                 "FileReference|ActivitySummary|ClinicalRecord|Me|ExportDate|"
                                 "InstantaneousBeatsPerMinute) "))
        << name;
  }
}

}  // namespace
}  // namespace trialmill::formats
