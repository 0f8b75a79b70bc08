// What people write into study.yaml, and what hostile files try.
#include "base/yaml.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace trialmill::base {

namespace {

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

/// The error that `body` stops with; code "" if none.
Error error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  return Error("", "");
}

std::string code_of(const std::string& text) {
  return error_of([&] { parse_yaml(text, "t.yaml"); }).code();
}

}  // namespace

TEST(Yaml, ReadsValuesWithTheirTypes) {
  YamlMap map = parse_yaml("a: text\nb: 12\nc: yes\nd: [x, y]\ne: 1.5\n", "t.yaml").map();
  EXPECT_EQ(map.text("a"), "text");
  EXPECT_EQ(map.integer_or("b", 0), 12);
  EXPECT_TRUE(map.boolean_or("c", false));
  EXPECT_EQ(map.texts_or("d", {}), (std::vector<std::string>{"x", "y"}));
  EXPECT_DOUBLE_EQ(map.get("e").number(), 1.5);
  EXPECT_EQ(map.text_or("absent", "fallback"), "fallback");
  map.finish();
}

TEST(Yaml, NamesAnUnknownKeyWithItsPlaceAndTheNearestKnownOne) {
  const Error error = error_of([] {
    YamlMap map = parse_yaml("study: X\nsorces: {}\n", "study.yaml").map();
    map.text("study");
    map.find("sources");
    map.finish();
  });
  EXPECT_EQ(error.code(), "TM1004");
  EXPECT_EQ(error.place().text(), "study.yaml:2:1");
  EXPECT_NE(error.hint().find("sources"), std::string::npos);
  EXPECT_EQ(error.kind(), ErrorKind::usage);
}

TEST(Yaml, CollectsKeysThatStandTwice) {
  std::vector<Error> twice;
  EXPECT_EQ(parse_yaml("a: 1\na: 2\nb: {c: 1, c: 2}\n", "t.yaml", &twice).map().text("a"), "1");
  ASSERT_EQ(twice.size(), 2U);
  EXPECT_EQ(twice[1].place().text(), "t.yaml:3:11");
}

TEST(Yaml, RefusesWrongShapesAndMissingKeys) {
  YamlMap map = parse_yaml("list: [1]\nword: twelve\nempty:\n", "t.yaml").map();
  EXPECT_EQ(error_of([&] { map.text("list"); }).code(), "TM1005");
  EXPECT_EQ(error_of([&] { map.integer_or("word", 0); }).code(), "TM1005");
  EXPECT_EQ(error_of([&] { map.get("absent"); }).code(), "TM1006");
  EXPECT_EQ(error_of([&] { map.get("empty"); }).code(), "TM1006");
  auto misspelt = parse_yaml("id: X\nsorces: {}\n", "study.yaml").map();
  const auto error = error_of([&] { misspelt.get("sources"); });
  EXPECT_EQ(error.place().line, 2);
  EXPECT_EQ(error.hint(), "is 'sorces' a misspelling of 'sources'?");
  EXPECT_EQ(error_of([&] { map.choice_or("word", {"append", "upsert"}, "append"); }).code(), "TM1007");
  EXPECT_EQ(error_of([] { parse_yaml("- a\n", "t.yaml").map(); }).code(), "TM1005");
}

TEST(Yaml, RefusesTheSameKeyTwice) {
  const Error error = error_of([] { parse_yaml("a: 1\nb:\n  c: 1\n  c: 2\n", "t.yaml"); });
  EXPECT_EQ(error.code(), "TM1010");
  EXPECT_EQ(error.place().line, 4);
}

TEST(Yaml, RefusesWhatIsNotYaml) {
  EXPECT_EQ(code_of("a: [1, 2\n"), "TM1003");
  EXPECT_EQ(code_of("a:\n\t- tab\n"), "TM1003");
  EXPECT_EQ(code_of("a: caf\xC3\n"), "TM1003");  // UTF-8 cut in the middle of a letter
  EXPECT_EQ(code_of("a: *nowhere\n"), "TM1003");
}

TEST(Yaml, RefusesDeepNestingWithoutExhaustingTheStack) {
  EXPECT_EQ(code_of(repeated("[", 1000000)), "TM1009");
  EXPECT_EQ(code_of(repeated("{a: ", 1000000)), "TM1009");
  EXPECT_EQ(code_of(repeated("- ", 1000000) + "x"), "TM1009");
  std::string indented;
  for (int level = 0; level < 3000; ++level)
    indented += std::string(static_cast<std::size_t>(level), ' ') + "a:\n";
  EXPECT_NE(code_of(indented), "");  // the parser's own limit may come first
  EXPECT_EQ(code_of(std::string((16u << 20) + 1, ' ')), "TM1009");
}

// Aliases that multiply ("billion laughs"): a short file that would be looked at for years.
TEST(Yaml, RefusesAliasesThatMultiply) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string from = "*a" + std::to_string(i - 1);
    text +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeated(from + ", ", 9) + from + "]\n";
  }
  EXPECT_EQ(code_of(text), "TM1009");
  EXPECT_EQ(code_of("a: &a [1, 2]\nb: *a\n"), "");
}

TEST(Yaml, NamesAMissingFile) {
  EXPECT_EQ(error_of([] { read_yaml_file("/nowhere/study.yaml", "study.yaml"); }).code(), "TM1001");
}

}  // namespace trialmill::base
