#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "formats/json_cut.hpp"
#include "ingest/json_record.hpp"

namespace trialmill::ingest {

using formats::cut_json;
using formats::JsonCut;
using formats::JsonShape;
namespace {

namespace fs = std::filesystem;

/// Records as "line:text", with section in front and problem behind where there is one.
std::vector<std::string> cut(const std::string& content, JsonShape shape) {
  const fs::path path = fs::temp_directory_path() / ("trialmill-json-" + std::to_string(::getpid()));
  std::ofstream(path, std::ios::binary) << content;
  std::vector<std::string> out;
  {
    formats::ByteWindow window(path, "f.json");
    cut_json(window, shape, [&](const JsonCut& record) {
      EXPECT_EQ(record.row, static_cast<std::int64_t>(out.size() + 1));
      out.push_back((record.section.empty() ? "" : record.section + " ") + std::to_string(record.line) + ":" +
                    std::string(record.text) + (record.problem.empty() ? "" : " !" + record.problem));
    });
  }
  fs::remove(path);
  return out;
}

using Texts = std::vector<std::string>;

TEST(CutJson, Lines) {
  EXPECT_EQ(cut("{\"a\":1}\n\n{\"a\":2}\r\n{\"a\":", JsonShape::lines),
            (Texts{"1:{\"a\":1}", "3:{\"a\":2}\r", "4:{\"a\":"}));
  EXPECT_EQ(cut("\xEF\xBB\xBF{}\n", JsonShape::lines), Texts{"1:{}"});
  EXPECT_TRUE(cut("\n \n", JsonShape::lines).empty());
}

TEST(CutJson, LongLineDoesNotStopTheOthers) {
  const auto records = cut(std::string(40u << 20, 'x') + "\n{}\n", JsonShape::lines);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_TRUE(records[0].ends_with("!a line longer than 16 MiB"));
  EXPECT_EQ(records[1], "2:{}");
}

TEST(CutJson, Elements) {
  EXPECT_EQ(cut("[{\"a\":\"]\\\"\"},\n 2 , [1,{}] ]\n", JsonShape::elements),
            (Texts{"1:{\"a\":\"]\\\"\"}", "2:2", "2:[1,{}]"}));
  EXPECT_EQ(cut("{\"meta\":{\"data\":[9]},\"data\":[1,2]}", JsonShape::elements), (Texts{"1:1", "1:2"}));
  EXPECT_TRUE(cut("[]", JsonShape::elements).empty());
  EXPECT_TRUE(cut("", JsonShape::elements).empty());
}

TEST(CutJson, WhatFollowsABreakIsOneRecord) {
  EXPECT_EQ(cut("[{\"a\":1},\n{\"a\":", JsonShape::elements),
            (Texts{"1:{\"a\":1}", "2:{\"a\": !the file breaks off; nothing after it was read"}));
  EXPECT_EQ(cut("[1 2]", JsonShape::elements),
            (Texts{"1:1", "1:2] !a comma or ] is missing after an element; nothing after it was read"}));
  EXPECT_EQ(cut("[1] x", JsonShape::elements),
            (Texts{"1:1", "1:x !text after the end of the JSON; nothing after it was read"}));
  EXPECT_EQ(cut("{\"a\":1}", JsonShape::elements),
            Texts{"1: !neither an array nor an object with an array 'data'"});
  EXPECT_EQ(cut("<html>", JsonShape::elements),
            Texts{"1:<html> !neither an array nor an object; nothing after it was read"});
  EXPECT_EQ(cut("[1,]", JsonShape::elements),
            (Texts{"1:1", "1:] !a value is missing; nothing after it was read"}));
}

TEST(CutJson, Sections) {
  EXPECT_EQ(cut("{\"me\":{\"id\":1},\n\"sleep\":{\"next\":null,\"data\":[{\"d\":1},{\"d\":2}]},\"x\":5}",
                JsonShape::sections),
            (Texts{"me 1:{\"id\":1}", "sleep 2:{\"d\":1}", "sleep 2:{\"d\":2}",
                   "x 2:5 !the section 'x' is not an object"}));
}

Texts fields(const std::string& record) {
  JsonRecordReader reader;
  const JsonFields& read = reader.read(record);
  if (!read.problem.empty()) return {"!" + read.problem};
  Texts out;
  for (const auto& [name, value] : read.values) out.push_back(name + "=" + value);
  return out;
}

TEST(JsonRecord, KeepsValuesAsWritten) {
  EXPECT_EQ(
      fields(R"({"a":"x\u00e9\n","b":1.50,"c":true,"d":null,"e":-0,"f":1e400,"g":12345678901234567890123})"),
      (Texts{"a=xé\n", "b=1.50", "c=true", "d=", "e=-0", "f=1e400", "g=12345678901234567890123"}));
}

TEST(JsonRecord, FlattensOneLevel) {
  EXPECT_EQ(fields(R"({"v":{"bpm":61,"deep":{"x": [1, "a\"b"]}},"l":[ 1 ,{"k":null} ],"o":{}})"),
            (Texts{"v_bpm=61", R"(v_deep={"x":[1,"a\"b"]})", R"(l=[1,{"k":null}])"}));
}

TEST(JsonRecord, RefusesWhatIsNoRecord) {
  EXPECT_EQ(fields("5"), Texts{"!not a JSON object"});
  EXPECT_EQ(fields("{\"a\":\"x\\u0000\"}"), Texts{"!a NUL character"});
  EXPECT_EQ(fields("{\"\":1}"), Texts{"!a key without a name"});
  EXPECT_EQ(fields("{\"a\":01}"), Texts{"!not valid JSON: a malformed number"});
  EXPECT_EQ(fields("{\"a\":1} {\"b\":2}"), Texts{"!text after the end of the JSON"});
  EXPECT_EQ(fields("{\"a\":" + std::string(200, '[') + std::string(200, ']') + "}"),
            Texts{"!nested deeper than 100 levels"});
  for (const std::string broken :
       {"{\"a\":1,}", "{\"a\":}", "{\"a\" 1}", "{\"a\":\"x", "{\"a\":nul}", "{\"a\":[1 2]}",
        "{\"a\":\"\xE9\"}", "{\"a\":\"\\q\"}", "{a:1}", "{\"a\":1", "{\"a\":tru}", "{", ""}) {
    const Texts read = fields(broken);
    ASSERT_EQ(read.size(), 1u) << broken;
    EXPECT_TRUE(read[0].starts_with("!")) << broken;
  }
}

}  // namespace
}  // namespace trialmill::ingest
