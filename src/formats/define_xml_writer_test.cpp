// Define-XML out and in again; real files of ../shared against CDISC's schemas (skipped where absent).
#include "formats/define_xml_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.hpp"
#include "formats/define_xml_schema_check.hpp"

namespace trialmill::formats::define {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

Document small() {
  Document doc;
  doc.file_oid = "F.1";
  doc.creation_time = "2031-01-31T00:00:00";
  doc.context = "Submission";
  doc.study_oid = "S.1";
  doc.study_name = doc.protocol_name = "Kettle";
  doc.study_description = "Boils & <steams>";
  doc.oid = "MDV.1";
  doc.name = "M";
  doc.define_version = "2.1.0";
  doc.standards = {{"STD.1", "SDTMIG", "IG", "", "3.4", "Final", ""},
                   {"STD.2", "CDISC/NCI", "CT", "SDTM", "2025-03-28", "Final", ""}};
  doc.leaves = {{"LF.CRF", "acrf.pdf", "Annotated CRF"}};
  doc.annotated_crf = {{"LF.CRF", {}}};
  ItemRef value{"IT.VS.VSORRES.TEMP", 1, {}, false, false, false, "", "", "", {"WC.1"}, 0};
  doc.value_lists = {{"VL.VS.VSORRES", "By test", {value}, 0}};
  doc.where_clauses = {{"WC.1", "", {{"EQ", "IT.VS.VSTESTCD", "Soft", {"TEMP"}}}, 0}};
  ItemGroupDef vs;
  vs.oid = "IG.VS";
  vs.name = vs.domain = vs.sas_dataset_name = "VS";
  vs.label = "Vital Signs";
  vs.structure = "One record per measurement";
  vs.purpose = "Tabulation";
  vs.class_name = "FINDINGS";
  vs.standard_oid = "STD.1";
  vs.repeating = true;
  vs.archive_location_id = "LF.VS";
  vs.leaves = {{"LF.VS", "vs.xpt", "vs.xpt"}};
  vs.items = {{"IT.VS.VSTESTCD", 1, 1, true, false, false, "Topic", "", "", {}, 0},
              {"IT.VS.VSORRES", 2, {}, false, false, false, "Result Qualifier", "", "MT.1", {}, 0}};
  doc.datasets = {vs};
  ItemDef code, result, temperature;
  code.oid = "IT.VS.VSTESTCD";
  code.name = "VSTESTCD";
  code.data_type = "text";
  code.length = 8;
  code.codelist_oid = "CL.1";
  result = code;
  result.oid = "IT.VS.VSORRES";
  result.name = "VSORRES";
  result.codelist_oid = "";
  result.value_list_oid = "VL.VS.VSORRES";
  result.origins = {{"Collected", "Investigator", "", {{"LF.CRF", {{"PhysicalRef", "4 7", "", "", ""}}}}}};
  temperature = result;
  temperature.oid = "IT.VS.VSORRES.TEMP";
  temperature.value_list_oid = "";
  temperature.data_type = "float";
  temperature.significant_digits = 1;
  doc.items = {code, result, temperature};
  CodeList list;
  list.oid = "CL.1";
  list.name = "Tests";
  list.data_type = "text";
  list.standard_oid = "STD.2";
  list.nci_code = "C9";
  list.items = {{"TEMP", "Temperature", "C1", "", 1, false, 0}, {"STEAM", "", "", "", 2, true, 0}};
  CodeList meddra;
  meddra.oid = "CL.2";
  meddra.name = "MedDRA";
  meddra.data_type = "text";
  meddra.external = ExternalDictionary{"MedDRA", "28.0", "", ""};
  doc.codelists = {list, meddra};
  doc.methods = {{"MT.1", "Rounding", "Computation", "Rounded.", {{"SQL", "round(x)\n< y"}}, {}, 0}};
  doc.comments = {{"COM.1", "A comment\x01.", {}, 0}};
  return doc;
}

/// What a document says, without lines: comparing two readings.
std::string said(const Document& doc) {
  Document bare = doc;
  WriteOptions options;
  return write(bare, options);
}

TEST(DefineXmlWriter, ComesBackThroughTheReader) {
  const std::string text = write(small());
  const Document back = parse(text, "define.xml");
  EXPECT_TRUE(back.problems.empty()) << back.problems[0].message;
  EXPECT_EQ(said(back), text);
  EXPECT_EQ(back.study_description, "Boils & <steams>");
  EXPECT_EQ(back.variable("VS", "VSORRES")->origins[0].documents[0].pages[0].pages, "4 7");
  EXPECT_EQ(back.methods[0].expressions[0].code, "round(x)\n< y");
  EXPECT_TRUE(back.codelist("CL.1")->items[1].extended);
  EXPECT_EQ(back.comments[0].text, "A comment\xEF\xBF\xBD.");
}

TEST(DefineXmlWriter, KeepsTheOrderOfTheStandard) {
  const std::string text = write(small());
  std::size_t last = 0;
  for (const char* part : {"<?xml-stylesheet", "<def:Standards>", "<def:AnnotatedCRF>", "<def:ValueListDef",
                           "<def:WhereClauseDef", "<ItemGroupDef", "<ItemDef", "<CodeList ", "<MethodDef",
                           "<def:CommentDef", "<def:leaf ID=\"LF.CRF\""}) {
    const std::size_t at = text.find(part);
    ASSERT_NE(at, std::string::npos) << part;
    EXPECT_GT(at, last == 0 ? 0 : last) << part;
    last = at;
  }
  EXPECT_EQ(text, write(small()));
}

TEST(DefineXmlWriter, Version20HasNoStandardsElement) {
  Document doc = small();
  doc.define_version = "2.0.0";
  doc.standards[0].name = "SDTM-IG";
  const std::string text = write(doc);
  EXPECT_THAT(text, HasSubstr("def:StandardName=\"SDTM-IG\" def:StandardVersion=\"3.4\""));
  EXPECT_THAT(text, HasSubstr("def:Class=\"FINDINGS\""));
  EXPECT_THAT(text, Not(HasSubstr("def:Standards")));
  EXPECT_THAT(text, Not(HasSubstr("Source=")));
  EXPECT_THAT(text, Not(HasSubstr("def:Context")));
  const Document back = parse(text, "define.xml");
  EXPECT_EQ(back.datasets[0].class_name, "FINDINGS");
  EXPECT_EQ(back.define_version, "2.0.0");
}

std::string code_of(const Document& doc) {
  try {
    write(doc);
  } catch (const base::Error& error) {
    return error.code();
  }
  return "";
}

TEST(DefineXmlWriter, RefusesOtherVersionsAndMissingIdentity) {
  Document doc = small();
  doc.define_version = "1.0.0";
  EXPECT_EQ(code_of(doc), "TM1363");
  doc = small();
  doc.methods[0].oid.clear();
  EXPECT_EQ(code_of(doc), "TM1363");
}

const fs::path shared = TRIALMILL_SHARED_DIR;

TEST(DefineXmlWriter, SchemaValid) {
  if (!fs::exists(schema_of(shared, "2.1"))) GTEST_SKIP() << "no CDISC schemas in " << shared;
  Document doc = small();
  EXPECT_EQ(schema_problems(write(doc), schema_of(shared, "2.1")), "");
  doc.define_version = "2.0.0";
  EXPECT_EQ(schema_problems(write(doc), schema_of(shared, "2.0")), "");
  doc.datasets[0].class_name = "NONSENSE";
  doc.define_version = "2.1.0";
  EXPECT_NE(schema_problems(write(doc), schema_of(shared, "2.1")), "");
}

TEST(DefineXmlWriter, RealFilesComeBack) {
  if (!fs::exists(shared / "data/formats/dev")) GTEST_SKIP() << "no real files in " << shared;
  int files = 0;
  for (const char* folder : {"define21", "define20"}) {
    for (const auto& entry : fs::directory_iterator(shared / "data/formats/dev" / folder)) {
      const Document doc = read(entry.path());
      if (!doc.define_version.starts_with("2.")) continue;
      const std::string text = write(doc);
      const Document back = parse(text, entry.path().filename());
      EXPECT_EQ(back.problems.size(), doc.problems.size()) << entry.path();
      EXPECT_EQ(back.items.size(), doc.items.size());
      EXPECT_EQ(back.codelists.size(), doc.codelists.size());
      EXPECT_EQ(back.where_clauses.size(), doc.where_clauses.size());
      EXPECT_EQ(write(back), text) << entry.path();
      // CDISC's own example names a standard STDTMIG: a typing error of theirs.
      std::string problems = schema_problems(text, schema_of(shared, doc.define_version));
      if (problems.find("STDTMIG") != std::string::npos) problems.clear();
      EXPECT_EQ(problems, "") << entry.path();
      ++files;
    }
  }
  EXPECT_GE(files, 2);
}

}  // namespace
}  // namespace trialmill::formats::define
