#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"

namespace trialmill::base {

namespace {
std::string code_of(const std::string& text) {
  try {
    parse_json(text, "t.json");
  } catch (const Error& error) {
    return error.code();
  }
  return "";
}
}  // namespace

TEST(Json, KeepsTheOrderOfKeys) {
  EXPECT_EQ(dump_json(parse_json(R"({"b": 1, "a": [true, null]})", "t"), -1), R"({"b":1,"a":[true,null]})");
}

TEST(Json, RefusesBrokenAndHostileText) {
  for (const char* text : {"", "{", "{\"a\": }", "[1,]", "nul", "\"\xE2\x82\"", "{} {}", "{\"a\":-1e1151}"}) {
    EXPECT_EQ(code_of(text), "TM1008") << text;
  }
  EXPECT_EQ(code_of(std::string(1000000, '[') + std::string(1000000, ']')), "TM1009");
}

TEST(Json, WritesInvalidUtf8AsReplacementCharacter) {
  EXPECT_EQ(dump_json(Json("a\xFF"), -1), "\"a\xEF\xBF\xBD\"");
}

TEST(Hash, KnowsThePublishedVectors) {
  EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Hash, TellsPartsApart) {
  EXPECT_NE(Sha256().add_part("ab").add_part("c").hex(), Sha256().add_part("a").add_part("bc").hex());
  EXPECT_EQ(Sha256().add("a").add("bc").hex(), sha256_of("abc"));
}

TEST(Hash, NamesAMissingFile) {
  EXPECT_THROW(sha256_of_file("/nowhere/x"), Error);
}

TEST(Json, ListsErrorsThatWereFoundTogether) {
  Json one = Json::object(), two = Json::object();
  add_error(one, usage_error("TM1004", "a", {"f", 1, 2}));
  EXPECT_FALSE(one.contains("errors"));
  add_error(two, several({usage_error("TM1004", "a", {"f", 1, 2}), usage_error("TM1005", "b")}));
  EXPECT_EQ(two.at("error"), one.at("error"));
  EXPECT_EQ(two.at("errors")[1].at("code"), "TM1005");
}

}  // namespace trialmill::base
