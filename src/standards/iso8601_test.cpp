#include "standards/iso8601.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace trialmill::standards {
namespace {

const RawDateReader reader(
    {.formats = {"D-MON-Y", "M/D/Y"}, .unknown = {"UN", "UNK"}, .pivot = {}, .zone = {}});

std::string read(const char* date, const char* time = "") {
  return reader.read(date, time).iso.value_or("-");
}

TEST(Iso8601, KeepsWhatIsKnown) {
  EXPECT_EQ(read("05-FEB-2024"), "2024-02-05");
  EXPECT_EQ(read("5-feb-2024", "9:30"), "2024-02-05T09:30");
  EXPECT_EQ(read("UN-FEB-2024"), "2024-02");
  EXPECT_EQ(read("UN-UNK-2019"), "2019");
  EXPECT_EQ(read("20-UNK-2019"), "2019---20");
  EXPECT_EQ(read("3/19/2023"), "2023-03-19");
  EXPECT_EQ(read("2024-02-05T10:11:12"), "2024-02-05T10:11:12");
}

TEST(Iso8601, ReadsNumbersThatCount) {
  const auto as = [](const char* format, const char* text, const char* zone = "") {
    return RawDateReader({.formats = {format, "D-MON-Y"}, .unknown = {"UN"}, .pivot = {}, .zone = zone})
        .read(text, "")
        .iso.value_or("-");
  };
  EXPECT_EQ(as("epoch", "1733234700"), "2024-12-03T14:05:00Z");
  EXPECT_EQ(as("epoch", "1733234700", "Europe/Berlin"), "2024-12-03T15:05:00");
  EXPECT_EQ(as("epoch-ms", "1733234700999", "local"), "2024-12-03T14:05:00");
  EXPECT_EQ(as("sas-date", "23713"), "2024-12-03");
  EXPECT_EQ(as("sas-date", "2024"), "1965-07-17");  // no year
  EXPECT_EQ(as("sas-date", "-1"), "1959-12-31");
  EXPECT_EQ(as("sas-date", "23713.5"), "-");
  EXPECT_EQ(as("sas-datetime", "2048853900"), "2024-12-03T14:05:00");
  EXPECT_EQ(as("excel", "45629"), "2024-12-03");
  EXPECT_EQ(as("excel", "45629.586805555555"), "2024-12-03T14:05:00");
  EXPECT_EQ(as("sas-date", "03-DEC-2024"), "2024-12-03");
  EXPECT_EQ(as("sas-date", "UN-DEC-2024"), "2024-12");
  for (const char* text : {"1e300", "nan", "inf", "-1e12", "99999999999999999999"})
    EXPECT_EQ(as("epoch", text), "-") << text;
  EXPECT_THROW(RawDateReader({.formats = {"epoch", "excel"}, .unknown = {}, .pivot = {}, .zone = {}}),
               base::Error);
}

TEST(Iso8601, ReadsTimesBehindDates) {
  EXPECT_EQ(read("3/19/2023 9:30 PM"), "2023-03-19T21:30");
  EXPECT_EQ(read("05-FEB-2024:09:30:15"), "2024-02-05T09:30:15");
  EXPECT_EQ(read("05-FEB-2024 later"), "-");
  EXPECT_EQ(read("2024-02-05 10:11:12.250"), "2024-02-05T10:11:12.250");
  EXPECT_EQ(read("UN-FEB-2024 09:30"), "2024-02");
}

TEST(Iso8601, KnowsUnknownPartsEverywhere) {
  const RawDateReader digits({.formats = {"D-MON-Y"}, .unknown = {"00", "NK"}, .pivot = {}, .zone = {}});
  const auto in = [&digits](const char* text) { return digits.read(text, "").iso.value_or("-"); };
  EXPECT_EQ(in("00-FEB-2024"), "2024-02");
  EXPECT_EQ(in("2023-10-NK"), "2023-10");
  EXPECT_EQ(in("2023-NK-NK"), "2023");
  EXPECT_EQ(in("NK-NK-NK"), "-");
  EXPECT_EQ(in("10-FEB-2024"), "2024-02-10");
}

TEST(Iso8601, KeepsTheDateOfATimeThatIsNone) {
  EXPECT_EQ(read("2024-01-05T09:60"), "2024-01-05");
  EXPECT_EQ(read("05-FEB-2024 25:00"), "2024-02-05");
  EXPECT_EQ(read("2024-01-05 soon"), "-");
}

TEST(Iso8601, KeepsOrChangesZones) {
  EXPECT_EQ(read("2024-02-05T10:11Z"), "2024-02-05T10:11Z");
  EXPECT_EQ(read("05-FEB-2024", "23:30+0200"), "2024-02-05T23:30+02:00");
  EXPECT_EQ(read("2024-02-05T10:11-25:00"), "2024-02-05");
  const auto in = [](const char* zone, const char* text) {
    return RawDateReader({.formats = {}, .unknown = {}, .pivot = {}, .zone = zone})
        .read(text, "")
        .iso.value_or("-");
  };
  EXPECT_EQ(in("local", "2024-02-05T23:30+02:00"), "2024-02-05T23:30");
  EXPECT_EQ(in("UTC", "2024-03-01T01:30+02:00"), "2024-02-29T23:30");
  EXPECT_EQ(in("+05:30", "2024-02-05T23:30:15Z"), "2024-02-06T05:00:15");
  EXPECT_EQ(in("Europe/Berlin", "2024-07-01T12:00Z"), "2024-07-01T14:00");
  EXPECT_EQ(in("Europe/Berlin", "2024-01-01T12:00Z"), "2024-01-01T13:00");
  EXPECT_EQ(in("Europe/Berlin", "2024-01-01T12:00"), "2024-01-01T12:00");
  EXPECT_EQ(in("Europe/Berlin", "2024-01"), "2024-01");
  EXPECT_THROW(in("Europe/Nowhere", ""), base::Error);
}

TEST(Iso8601, ChecksTheCalendar) {
  EXPECT_EQ(read("30-FEB-2024"), "-");
  EXPECT_EQ(read("29-FEB-2023"), "-");
  EXPECT_EQ(read("25/3/2023"), "-");
  EXPECT_FALSE(reader.read("soon", "").problem.empty());
  EXPECT_EQ(reader.read("05-FEB-2024", "25:00").problem, "not a time of day");
}

TEST(Iso8601, RefusesToGuess) {
  const RawDateReader both({.formats = {"D/M/Y", "M/D/Y"}, .unknown = {}, .pivot = {}, .zone = {}});
  EXPECT_FALSE(both.read("3/4/2024", "").iso);
  EXPECT_EQ(both.read("4/4/2024", "").iso, "2024-04-04");
  EXPECT_EQ(both.read("3/14/2024", "").iso, "2024-03-14");
  EXPECT_THROW(RawDateReader({.formats = {"D-MON-y2"}, .unknown = {}, .pivot = {}, .zone = {}}), base::Error);
}

TEST(Iso8601, Compares) {
  EXPECT_EQ(compare_common("2024-02", "2024-02-05"), 0);
  EXPECT_LT(compare_common("2024-01", "2024-02-05"), 0);
}

}  // namespace
}  // namespace trialmill::standards
