#include "base/text.hpp"

#include <gtest/gtest.h>

namespace trialmill::base {

TEST(Text, TrimsAndSplits) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim("   "), "");
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
  EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
  EXPECT_EQ(replace_all("aaa", "a", "aa"), "aaaaaa");  // what was put in is not replaced again
}

TEST(Text, NamesTheNearestWordOnlyForTypingErrors) {
  const std::vector<std::string> words = {"sources", "quality", "lake"};
  EXPECT_EQ(nearest_word("sorces", words), "sources");
  EXPECT_EQ(nearest_word("QUALITY", words), "quality");
  EXPECT_EQ(nearest_word("frmo", {"of", "form", "from"}), "from");  // two letters exchanged are one mistake
  EXPECT_EQ(nearest_word("entirely different", words), "");
  EXPECT_EQ(nearest_word("x", {}), "");
}

TEST(Text, QuotesForSql) {
  EXPECT_EQ(sql_literal("O'Brien'; DROP TABLE dm; --"), "'O''Brien''; DROP TABLE dm; --'");
  EXPECT_EQ(sql_identifier("a\"b"), "\"a\"\"b\"");
}

TEST(Text, RefusesWhatIsNotUtf8) {
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("Zürich \xE2\x82\xAC \xF0\x9F\x98\x80"));
  EXPECT_FALSE(is_valid_utf8("cut \xE2\x82"));      // truncated
  EXPECT_FALSE(is_valid_utf8("\xC0\xAF"));          // overlong
  EXPECT_FALSE(is_valid_utf8("\xED\xA0\x80"));      // surrogate
  EXPECT_FALSE(is_valid_utf8("\xF4\x90\x80\x80"));  // over U+10FFFF
  EXPECT_FALSE(is_valid_utf8("\xFC"));              // windows-1252 u umlaut
}

TEST(Text, GroupsThousands) {
  EXPECT_EQ(thousands(0), "0");
  EXPECT_EQ(thousands(999), "999");
  EXPECT_EQ(thousands(1234567), "1,234,567");
  EXPECT_EQ(thousands(-1000), "-1,000");
}

TEST(CsvField, IsQuotedForItsDelimiter) {
  std::string line = "x;";
  append_csv_field(line, "a;\"b\"", ';');
  append_csv_field(line, ",c", ';');
  EXPECT_EQ(line, "x;\"a;\"\"b\"\"\",c");
}

}  // namespace trialmill::base
