#include "formats/dataset.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace trialmill::formats {
namespace {

TEST(SasFormat, TellsWhatANumberMeans) {
  EXPECT_EQ(type_of_sas_format("DATE9."), ValueType::date);
  EXPECT_EQ(type_of_sas_format("yymmdd10."), ValueType::date);
  EXPECT_EQ(type_of_sas_format("E8601DA"), ValueType::date);
  EXPECT_EQ(type_of_sas_format("DATETIME20.3"), ValueType::datetime);
  EXPECT_EQ(type_of_sas_format("TIME8."), ValueType::time);
  EXPECT_EQ(type_of_sas_format("8.2"), ValueType::floating);
  EXPECT_EQ(type_of_sas_format("BEST12."), ValueType::floating);
  EXPECT_EQ(type_of_sas_format(""), ValueType::floating);
}

TEST(SasDates, AreIsoTextAndBack) {
  EXPECT_EQ(iso_of_sas(0, ValueType::date), "1960-01-01");
  EXPECT_EQ(iso_of_sas(21310, ValueType::date), "2018-05-06");
  EXPECT_EQ(iso_of_sas(-715509, ValueType::date), "0001-01-01");
  EXPECT_EQ(iso_of_sas(-715510, ValueType::date), std::nullopt);
  EXPECT_EQ(iso_of_sas(2936549, ValueType::date), "9999-12-31");
  EXPECT_EQ(iso_of_sas(0.5, ValueType::date), std::nullopt);
  EXPECT_EQ(iso_of_sas(-86401, ValueType::datetime), "1959-12-30T23:59:59");
  EXPECT_EQ(iso_of_sas(0.25, ValueType::datetime), "1960-01-01T00:00:00.25");
  EXPECT_EQ(iso_of_sas(86399.9999999, ValueType::datetime), "1960-01-02T00:00:00");
  EXPECT_EQ(iso_of_sas(36610, ValueType::time), "10:10:10");
  EXPECT_EQ(iso_of_sas(-1, ValueType::time), std::nullopt);
  EXPECT_EQ(iso_of_sas(std::numeric_limits<double>::quiet_NaN(), ValueType::date), std::nullopt);
  EXPECT_EQ(sas_of_iso("2018-05-06", ValueType::date), 21310);
  EXPECT_EQ(sas_of_iso("2018-02-30", ValueType::date), std::nullopt);
  EXPECT_EQ(sas_of_iso("2018-05", ValueType::date), std::nullopt);
  EXPECT_EQ(sas_of_iso("1959-12-30T23:59:59", ValueType::datetime), -86401);
  EXPECT_EQ(sas_of_iso("10:10", ValueType::time), 36600);
  EXPECT_EQ(sas_of_iso("10:10:10.5", ValueType::time), 36610.5);
  EXPECT_EQ(sas_of_iso("10:10:10.", ValueType::time), std::nullopt);
}

TEST(NoteCollector, CountsNotesOfOneKindAboutOneVariable) {
  NoteCollector notes;
  notes.add({.kind = FormatNote::Kind::missing, .variable = "AGE", .value = ".A", .row = 3});
  notes.add({.kind = FormatNote::Kind::missing, .variable = "AGE", .value = ".B", .row = 9});
  notes.add({.kind = FormatNote::Kind::missing, .variable = "WT", .value = ".B", .row = 9});
  ASSERT_EQ(notes.notes().size(), 2u);
  EXPECT_EQ(notes.notes()[0].count, 2);
  EXPECT_EQ(notes.notes()[0].row, 3);
  EXPECT_FALSE(notes.refused());
}

TEST(NumberText, IsShortestOrSeventeenDigits) {
  EXPECT_EQ(number_text(63), "63");
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(-0.0), "0");
  EXPECT_EQ(number_text(1.1, true), "1.1000000000000001");
}

}  // namespace
}  // namespace trialmill::formats
