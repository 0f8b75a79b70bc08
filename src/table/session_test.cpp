#include "table/session.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.hpp"

namespace trialmill::table {

TEST(Session, ReadsCellsOfEveryType) {
  Session session;
  const Result r =
      session.query("SELECT 'x' AS t, 7 AS i, 0.5::DOUBLE AS n, true AS b, NULL::VARCHAR AS none");
  ASSERT_EQ(r.rows(), 1u);
  EXPECT_EQ(r.text(0, 0), "x");
  EXPECT_EQ(r.integer(0, 1), 7);
  EXPECT_DOUBLE_EQ(r.number(0, 2), 0.5);
  EXPECT_EQ(r.text(0, 3), "true");
  EXPECT_TRUE(r.is_null(0, 4));
  EXPECT_EQ(r.text(0, 4), "");
  EXPECT_EQ(r.find("n"), 2u);
  EXPECT_FALSE(r.find("absent").has_value());
}

TEST(Session, FindsRowsAcrossChunks) {
  Session session;
  const Result r = session.query("SELECT i, 'row number ' || i AS t FROM range(10000) AS x(i) ORDER BY i");
  ASSERT_EQ(r.rows(), 10000u);
  for (const std::size_t row : {0u, 2047u, 2048u, 4095u, 4096u, 9999u}) {
    EXPECT_EQ(r.integer(row, 0), static_cast<std::int64_t>(row));
    EXPECT_EQ(r.view(row, 1), "row number " + std::to_string(row));
  }
}

TEST(Session, EmptyResultsHaveColumnsButNoRows) {
  Session session;
  const Result r = session.query("SELECT 1 AS a WHERE false");
  EXPECT_EQ(r.rows(), 0u);
  EXPECT_EQ(r.columns(), 1u);
  EXPECT_EQ(session.count("SELECT 1 WHERE false"), 0);
}

TEST(Session, DatesNeedACast) {
  Session session;
  const Result r = session.query("SELECT DATE '2025-01-02' AS d");
  EXPECT_THROW(r.text(0, 0), base::Error);
  EXPECT_EQ(session.query_text("SELECT DATE '2025-01-02' AS d").text(0, 0), "2025-01-02");
}

TEST(Session, NamesTheStatementThatFails) {
  Session session;
  try {
    session.execute("SELEC 1");
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "TM1201");
    EXPECT_NE(error.hint().find("SELEC 1"), std::string::npos);
  }
  EXPECT_EQ(session.count("SELECT 1"), 1);  // the session goes on
}

TEST(Session, StreamsInPiecesAndStopsWhenAsked) {
  Session session;
  std::size_t rows = 0;
  session.stream("SELECT i FROM range(100000) AS x(i)", [&](const Result& piece) {
    rows += piece.rows();
    return true;
  });
  EXPECT_EQ(rows, 100000u);
  int pieces = 0;
  session.stream("SELECT i FROM range(100000) AS x(i)", [&](const Result&) { return ++pieces < 2; });
  EXPECT_EQ(pieces, 2);
}

TEST(Session, CallsTextFunctionsWithNullsAndPassesTheirErrorsOn) {
  Session session;
  session.register_function("shout", 1, [](auto arguments) -> std::optional<std::string> {
    if (!arguments[0]) return "nothing";
    if (*arguments[0] == "null") return std::nullopt;
    if (*arguments[0] == "bad") throw std::runtime_error("refused by the function");
    return std::string(*arguments[0]) + "!";
  });
  const Result r =
      session.query("SELECT shout(x) FROM (VALUES (1, 'a'), (2, NULL), (3, 'null')) AS t(i, x) ORDER BY i");
  EXPECT_EQ(r.text(0, 0), "a!");
  EXPECT_EQ(r.text(1, 0), "nothing");
  EXPECT_TRUE(r.is_null(2, 0));
  EXPECT_THROW(session.query("SELECT shout('bad')"), base::Error);
}

TEST(Session, ListsTablesAndColumns) {
  Session session;
  session.execute("CREATE SCHEMA raw; CREATE TABLE raw.\"odd name\" (a INT, \"b c\" INT)");
  EXPECT_TRUE(session.has_table("raw", "odd name"));
  EXPECT_FALSE(session.has_table("raw", "other"));
  EXPECT_EQ(session.tables("raw"), std::vector<std::string>{"odd name"});
  EXPECT_EQ(session.columns_of("raw.\"odd name\""), (std::vector<std::string>{"a", "b c"}));
}

TEST(Session, RefusesADatabaseFileThatIsNone) {
  SessionOptions options;
  options.path = "/proc/version";
  EXPECT_THROW(Session{options}, base::Error);
}

}  // namespace trialmill::table
