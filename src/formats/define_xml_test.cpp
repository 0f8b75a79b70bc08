#include "formats/define_xml.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace trialmill::formats::define {
namespace {

namespace fs = std::filesystem;

const std::string small = R"(<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1"
     xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:v="http://vendor.example/ext"
     FileOID="F.1" CreationDateTime="2031-01-31T00:00:00" def:Context="Submission">
<Study OID="S.1"><GlobalVariables><StudyName>Kettle</StudyName><ProtocolName>K-1</ProtocolName></GlobalVariables>
<MetaDataVersion OID="MDV.1" Name="M" def:DefineVersion="2.1.0">
<def:Standards><def:Standard OID="STD.1" Name="SDTMIG" Type="IG" Version="3.4" Status="Final"/>
<def:Standard OID="STD.2" Name="CDISC/NCI" Type="CT" PublishingSet="SDTM" Version="2025-03-28" Status="Final"/></def:Standards>
<def:AnnotatedCRF><def:DocumentRef leafID="LF.CRF"/></def:AnnotatedCRF>
<def:ValueListDef OID="VL.1"><ItemRef ItemOID="IT.VS.1" OrderNumber="1" Mandatory="No"><def:WhereClauseRef WhereClauseOID="WC.1"/></ItemRef></def:ValueListDef>
<def:WhereClauseDef OID="WC.1"><RangeCheck Comparator="IN" SoftHard="Soft" def:ItemOID="IT.VSTESTCD"><CheckValue>TEMP</CheckValue><CheckValue>PULSE</CheckValue></RangeCheck></def:WhereClauseDef>
<ItemGroupDef OID="IG.VS" Name="VS" Domain="VS" Repeating="Yes" IsReferenceData="No" Purpose="Tabulation" SASDatasetName="VS"
  def:Structure="One record per measurement" def:StandardOID="STD.1" def:CommentOID="COM.1" def:ArchiveLocationID="LF.VS" v:Domain="ignored">
 <Description><TranslatedText xml:lang="en">Vital Signs</TranslatedText></Description>
 <ItemRef ItemOID="IT.VSORRES" OrderNumber="2" Mandatory="No" KeySequence="2" Role="Result Qualifier" MethodOID="MT.1"/>
 <ItemRef ItemOID="IT.VSTESTCD" OrderNumber="1" Mandatory="Yes" KeySequence="1" Role="Topic"/>
 <def:Class Name="FINDINGS"><def:SubClass Name="X"/></def:Class>
 <def:leaf ID="LF.VS" xlink:href="vs.xpt"><def:title>vs.xpt</def:title></def:leaf>
 <v:Extra><v:Deep/></v:Extra>
</ItemGroupDef>
<ItemDef OID="IT.VSTESTCD" Name="VSTESTCD" DataType="text" Length="8"><Description><TranslatedText>Test Short Name</TranslatedText></Description><CodeListRef CodeListOID="CL.1"/></ItemDef>
<ItemDef OID="IT.VSORRES" Name="VSORRES" DataType="float" Length="9" SignificantDigits="2" def:DisplayFormat="9.2"><def:Origin Type="Collected" Source="Investigator"><def:DocumentRef leafID="LF.CRF"><def:PDFPageRef Type="PhysicalRef" PageRefs="4 7"/></def:DocumentRef></def:Origin><def:ValueListRef ValueListOID="VL.1"/></ItemDef>
<ItemDef OID="IT.VS.1" Name="VSORRES" DataType="float"/>
<CodeList OID="CL.1" Name="Tests" DataType="text" def:StandardOID="STD.2">
 <CodeListItem CodedValue="TEMP"><Decode><TranslatedText>Temperature</TranslatedText></Decode><Alias Context="nci:ExtCodeID" Name="C1"/></CodeListItem>
 <CodeListItem CodedValue="STEAM" def:ExtendedValue="Yes"><Decode><TranslatedText>Steam</TranslatedText></Decode></CodeListItem>
 <Alias Context="nci:ExtCodeID" Name="C9"/></CodeList>
<CodeList OID="CL.2" Name="Dictionary" DataType="text"><ExternalCodeList Dictionary="MedDRA" Version="28.0"/></CodeList>
<MethodDef OID="MT.1" Name="Rounding" Type="Computation"><Description><TranslatedText>Rounded.</TranslatedText></Description><FormalExpression Context="SAS">round(x)</FormalExpression></MethodDef>
<def:CommentDef OID="COM.1"><Description><TranslatedText>A comment.</TranslatedText></Description></def:CommentDef>
<def:leaf ID="LF.CRF" xlink:href="acrf.pdf"><def:title>Annotated CRF</def:title></def:leaf>
<v:Tool name="x"/>
</MetaDataVersion></Study></ODM>
)";

std::string outcome(const std::string& text) {
  try {
    const Document doc = parse(text, "define.xml");
    return doc.problems.empty() ? "read" : doc.problems[0].message;
  } catch (const base::Error& error) {
    return error.code() + " line " + std::to_string(error.place().line);
  }
}

std::string with(const std::string& from, const std::string& to) {
  return base::replace_all(small, from, to);
}

TEST(DefineXml, ReadsDatasetsAndVariables) {
  const Document doc = parse(small, "define.xml");
  EXPECT_TRUE(doc.problems.empty()) << doc.problems[0].message;
  EXPECT_EQ(doc.define_version, "2.1.0");
  EXPECT_EQ(doc.study_name, "Kettle");
  EXPECT_EQ(doc.context, "Submission");
  ASSERT_EQ(doc.standards.size(), 2U);
  EXPECT_EQ(doc.standards[1].publishing_set, "SDTM");
  const ItemGroupDef* vs = doc.dataset("VS");
  ASSERT_NE(vs, nullptr);
  EXPECT_EQ(vs->label, "Vital Signs");
  EXPECT_EQ(vs->domain, "VS");
  EXPECT_EQ(vs->class_name, "FINDINGS");
  EXPECT_EQ(vs->subclasses, std::vector<std::string>{"X"});
  EXPECT_TRUE(vs->repeating);
  EXPECT_FALSE(vs->is_reference_data);
  EXPECT_EQ(vs->key_oids(), (std::vector<std::string>{"IT.VSTESTCD", "IT.VSORRES"}));
  EXPECT_EQ(doc.leaf(vs->archive_location_id)->href, "vs.xpt");
  EXPECT_EQ(doc.comment(vs->comment_oid)->text, "A comment.");
  const ItemDef* result = doc.variable("VS", "VSORRES");
  ASSERT_NE(result, nullptr);
  EXPECT_EQ(result->oid, "IT.VSORRES");
  EXPECT_EQ(result->length, 9);
  EXPECT_EQ(result->significant_digits, 2);
  EXPECT_EQ(result->display_format, "9.2");
  ASSERT_EQ(result->origins.size(), 1U);
  EXPECT_EQ(result->origins[0].source, "Investigator");
  EXPECT_EQ(result->origins[0].documents[0].pages[0].pages, "4 7");
  const ItemRef* ref = doc.variable_ref("VS", "VSORRES");
  EXPECT_EQ(ref->order_number, 2);
  EXPECT_EQ(ref->role, "Result Qualifier");
  EXPECT_EQ(doc.method(ref->method_oid)->expressions[0].code, "round(x)");
  EXPECT_EQ(doc.variable("VS", "NOPE"), nullptr);
}

TEST(DefineXml, ReadsValueLevelAndCodelists) {
  const Document doc = parse(small, "define.xml");
  const ValueList* values = doc.value_list(doc.variable("VS", "VSORRES")->value_list_oid);
  ASSERT_NE(values, nullptr);
  const WhereClause* where = doc.where_clause(values->items[0].where_clause_oids[0]);
  ASSERT_NE(where, nullptr);
  EXPECT_EQ(where->checks[0].comparator, "IN");
  EXPECT_EQ(where->checks[0].item_oid, "IT.VSTESTCD");
  EXPECT_EQ(where->checks[0].values, (std::vector<std::string>{"TEMP", "PULSE"}));
  const CodeList* tests = doc.codelist("CL.1");
  EXPECT_EQ(tests->nci_code, "C9");
  EXPECT_EQ(tests->find("TEMP")->nci_code, "C1");
  EXPECT_EQ(tests->find("TEMP")->decode, "Temperature");
  EXPECT_TRUE(tests->find("STEAM")->extended);
  EXPECT_EQ(tests->find("NOPE"), nullptr);
  EXPECT_EQ(doc.codelist("CL.2")->external->dictionary, "MedDRA");
}

TEST(DefineXml, ListsWhatIsInconsistent) {
  EXPECT_EQ(outcome(with("<CodeListRef CodeListOID=\"CL.1\"", "<CodeListRef CodeListOID=\"CL.7\"")),
            "no CodeList CL.7");
  EXPECT_EQ(outcome(with("MethodDef OID=\"MT.1\"", "MethodDef OID=\"MT.2\"")), "no MethodDef MT.1");
  EXPECT_EQ(outcome(with("WhereClauseDef OID=\"WC.1\"", "WhereClauseDef OID=\"WC.2\"")),
            "no WhereClauseDef WC.1");
  EXPECT_EQ(outcome(with("OID=\"CL.2\"", "OID=\"CL.1\"")),
            "CodeList CL.1 is defined twice, first on line 24");
  EXPECT_EQ(outcome(with("Length=\"9\"", "Length=\"nine\"")), "ItemDef Length is not a whole number: 'nine'");
}

TEST(DefineXml, RefusesDamagedFiles) {
  EXPECT_EQ(outcome(""), "TM1360 line 0");
  EXPECT_EQ(outcome("{}").substr(0, 6), "TM1360");
  EXPECT_EQ(outcome("<html/>"), "TM1361 line 1");
  EXPECT_EQ(outcome("<ODM><Study OID=\"S\"/></ODM>"), "TM1361 line 0");
  EXPECT_EQ(outcome(with(" def:DefineVersion=\"2.1.0\"", "")), "TM1361 line 6");
  EXPECT_EQ(outcome(with("ItemDef OID=\"IT.VSTESTCD\"", "ItemDef")), "TM1362 line 21");
  EXPECT_EQ(outcome(with("Kettle", "Kettle \xC9")).substr(0, 6), "TM1360");
  // Cut anywhere, it is never read in part.
  for (std::size_t size = 1; size + 2 < small.size(); size += 97)
    EXPECT_EQ(outcome(small.substr(0, size)).substr(0, 6), "TM1360") << size;
}

TEST(DefineXml, DoesNotExpandEntities) {
  std::string entities = "<!DOCTYPE ODM [<!ENTITY a0 \"aaaaaaaaaa\">";
  for (int i = 1; i < 12; ++i) {
    entities += "<!ENTITY a" + std::to_string(i) + " \"";
    for (int j = 0; j < 10; ++j) entities += "&a" + std::to_string(i - 1) + ";";
    entities += "\">";
  }
  entities += "]>\n<ODM";
  EXPECT_EQ(outcome(with("<ODM", entities)).substr(0, 6), "TM1360");
  EXPECT_EQ(outcome(base::replace_all(with("<ODM", entities), "S.1", "&a11;")).substr(0, 6), "TM1360");
  EXPECT_EQ(outcome(with("<ODM", "<!DOCTYPE ODM SYSTEM \"file:///etc/passwd\">\n<ODM")).substr(0, 6),
            "TM1360");
}

TEST(DefineXml, DoesNotUnpackCompressedFiles) {
  const fs::path file = fs::path(testing::TempDir()) / "define-compressed.xml";
  const char packed[] =
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xb3\xf1\x77\xf1\xd5\xb7\x03\x00\xd2\x5d\x90\xa7\x06\x00\x00"
      "\x00";
  std::ofstream(file, std::ios::binary).write(packed, sizeof packed - 1);
  try {
    read(file);
    ADD_FAILURE();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "TM1360");
  }
  fs::remove(file);
  EXPECT_THROW(read(file), base::Error);  // TM1001: not there
}

TEST(DefineXml, HostileBytesNeverCrash) {
  std::minstd_rand random(7);
  for (int i = 0; i < 1000; ++i) {
    std::string bad = small;
    for (int j = 0; j < 3; ++j) bad[random() % bad.size()] = static_cast<char>(random());
    EXPECT_FALSE(outcome(bad).empty());  // read, a problem or an Error: nothing else leaves parse()
  }
}

struct Counts {
  const char* file;
  const char* version;
  std::size_t datasets, items, value_lists, where_clauses, codelists, methods, comments, standards;
};

class SharedDefineXml : public testing::TestWithParam<Counts> {};

TEST_P(SharedDefineXml, HoldsWhatTheFileHolds) {
  const Counts& counts = GetParam();
  const fs::path file = fs::path(TRIALMILL_SHARED_DIR) / "data" / counts.file;
  if (!fs::exists(file)) GTEST_SKIP() << "example not found: " << file;
  const Document doc = read(file);
  EXPECT_EQ(doc.define_version, counts.version);
  EXPECT_EQ(doc.datasets.size(), counts.datasets);
  EXPECT_EQ(doc.items.size(), counts.items);
  EXPECT_EQ(doc.value_lists.size(), counts.value_lists);
  EXPECT_EQ(doc.where_clauses.size(), counts.where_clauses);
  EXPECT_EQ(doc.codelists.size(), counts.codelists);
  EXPECT_EQ(doc.methods.size(), counts.methods);
  EXPECT_EQ(doc.comments.size(), counts.comments);
  EXPECT_EQ(doc.standards.size(), counts.standards);
  for (const Problem& problem : doc.problems)
    std::cout << counts.file << ":" << problem.line << ": " << problem.message << "\n";
}

void PrintTo(const Counts& counts, std::ostream* out) {
  *out << counts.file;
}

// Counts of manifest.csv, and of another XML parser where that has none.
INSTANTIATE_TEST_SUITE_P(
    Examples, SharedDefineXml,
    testing::Values(
        Counts{"formats/dev/define21/define21_sdtm_cdisc2019.xml", "2.1.0", 11, 179, 8, 32, 40, 33, 29, 5},
        Counts{"formats/dev/define21/define21_sdtm_full_example.xml", "2.1.0", 31, 651, 25, 198, 190, 30, 30,
               4},
        Counts{"formats/dev/define20/define20_sdtm_312.xml", "2.0.0", 34, 535, 23, 121, 82, 117, 51, 1},
        Counts{"formats/dev/define20/define20_send.xml", "2.0.0", 20, 269, 8, 26, 35, 6, 0, 1},
        Counts{"studies/cdiscpilot_sdtm/define.xml", "1.0.0", 22, 539, 14, 0, 68, 2, 0, 1},
        Counts{"core-rules/dev/CORE-000929/positive/01/data/define_positive1.xml", "2.1.0", 31, 645, 24, 197,
               189, 29, 25, 4},
        Counts{"core-rules/dev/CORE-000929/negative/01/data/define_negative1.xml", "2.1.0", 31, 645, 24, 197,
               189, 29, 25, 4},
        Counts{"core-rules/dev/CORE-000929/negative/02/data/define_negative2.xml", "2.1.0", 31, 645, 24, 197,
               189, 29, 25, 4}));

}  // namespace
}  // namespace trialmill::formats::define
