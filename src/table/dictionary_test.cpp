#include "table/dictionary.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "base/error.hpp"
#include "table/session.hpp"

namespace trialmill::table {
namespace {

TEST(Dictionary, NumbersTextsAsTheyCome) {
  Dictionary dictionary;
  EXPECT_EQ(dictionary.number_of("SYSBP"), 0);
  EXPECT_EQ(dictionary.number_of(""), 1);
  EXPECT_EQ(dictionary.number_of("SYSBP"), 0);
  EXPECT_EQ(dictionary.number_of("Größe"), 2);
  EXPECT_EQ(dictionary.size(), 3u);
  EXPECT_EQ(dictionary.longest(), 7u);
  EXPECT_FALSE(dictionary.full());
}

TEST(Dictionary, HasNoPlaceForLongTextsAndForTooMany) {
  Dictionary lengths;
  EXPECT_TRUE(lengths.number_of(std::string(Dictionary::bytes_max, 'a')));
  EXPECT_FALSE(lengths.number_of(std::string(Dictionary::bytes_max + 1, 'a')));
  EXPECT_TRUE(lengths.full());
  Dictionary bytes;
  EXPECT_FALSE(bytes.number_of(std::string_view("a\0b", 3)));
  Dictionary many;
  for (std::size_t i = 0; i < Dictionary::texts_max; ++i) ASSERT_EQ(many.number_of(std::to_string(i)), i);
  EXPECT_FALSE(many.full());
  EXPECT_EQ(many.number_of("17"), 17);
  EXPECT_FALSE(many.number_of("one more"));
  EXPECT_TRUE(many.full());
  EXPECT_EQ(many.number_of("17"), 17);
}

TEST(Dictionary, KeepsItsTextsWhenItIsClosed) {
  Dictionary dictionary;
  dictionary.number_of("SYSBP");
  dictionary.close();
  EXPECT_FALSE(dictionary.number_of("SYSBP"));
  EXPECT_EQ(dictionary.size(), 1u);
  EXPECT_EQ(dictionary.longest(), 5u);
}

TEST(Dictionary, GivesOneNumberToSeveralThreads) {
  Dictionary dictionary;
  std::vector<std::vector<int>> numbers(4, std::vector<int>(3000));
  std::vector<std::thread> threads;
  for (auto& own : numbers)
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < own.size(); ++i) own[i] = *dictionary.number_of(std::to_string(i % 1500));
    });
  for (auto& one : threads) one.join();
  EXPECT_EQ(dictionary.size(), 1500u);
  for (const auto& own : numbers) EXPECT_EQ(own, numbers[0]);
}

TEST(Dictionary, CarriesTextsThroughSql) {
  for (const int texts : {3, 255, 256, 5000}) {
    Session session;
    session.execute("CREATE TABLE t AS SELECT range AS r, CASE WHEN range % 7 > 0 THEN 'text ' || range % " +
                    std::to_string(texts) + " END AS x FROM range(20000)");
    const auto dictionary = session.register_numbers_of_texts("number_of");
    session.execute("CREATE TABLE n AS SELECT r, x, number_of(x) AS y FROM t ORDER BY x DESC, r");
    session.register_texts_of_numbers("text_of", *dictionary);
    EXPECT_EQ(dictionary->size(), static_cast<std::size_t>(texts));
    EXPECT_EQ(session.count("SELECT count(*) FROM n WHERE CAST(text_of(y) AS VARCHAR) IS DISTINCT FROM x"),
              0);
    EXPECT_EQ(session.count("SELECT count(*) FROM n WHERE y IS NULL"), 20000 / 7 + 1);
    EXPECT_EQ(session.types_of("(SELECT text_of(y) AS x FROM n)").at("x").substr(0, 4), "ENUM");
  }
}

TEST(Dictionary, StopsAStatementWithATextTooMany) {
  Session session;
  const auto dictionary = session.register_numbers_of_texts("number_of");
  EXPECT_THROW(session.execute("CREATE TABLE n AS SELECT number_of(range::VARCHAR) FROM range(40000)"),
               base::Error);
  EXPECT_TRUE(dictionary->full());
}

TEST(Dictionary, OfAColumnWithoutTexts) {
  Session session;
  const auto dictionary = session.register_numbers_of_texts("number_of");
  session.execute("CREATE TABLE n AS SELECT number_of(NULL) AS y FROM range(10)");
  session.register_texts_of_numbers("text_of", *dictionary);
  EXPECT_EQ(session.count("SELECT count(text_of(y)) FROM n"), 0);
}

}  // namespace
}  // namespace trialmill::table
