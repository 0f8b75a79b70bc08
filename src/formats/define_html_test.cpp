// A define.xml as a page: complete, the same bytes each time, and harmless whoever wrote the file.
#include "formats/define_html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "base/error.hpp"
#include "base/files.hpp"
#include "formats/define_xml.hpp"

namespace trialmill::formats::define {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

std::string file_with(const std::string& metadata, const std::string& version = "2.1") {
  return "<?xml version=\"1.0\"?><ODM xmlns=\"http://www.cdisc.org/ns/odm/v1.3\" "
         "xmlns:def=\"http://www.cdisc.org/ns/def/v" +
         version +
         "\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"><Study OID=\"S\"><GlobalVariables><StudyName>A "
         "&lt;b&gt;"
         "</StudyName></GlobalVariables><MetaDataVersion OID=\"M\" Name=\"M\" def:DefineVersion=\"" +
         version + ".0\">" + metadata + "</MetaDataVersion></Study></ODM>";
}

const std::string body = R"~(
<def:ValueListDef OID="VL.1"><ItemRef ItemOID="IT.2" OrderNumber="1" Mandatory="No"><def:WhereClauseRef WhereClauseOID="WC.1"/></ItemRef></def:ValueListDef>
<def:WhereClauseDef OID="WC.1"><RangeCheck Comparator="NOTIN" SoftHard="Soft" def:ItemOID="IT.1"><CheckValue>A</CheckValue><CheckValue>B</CheckValue></RangeCheck></def:WhereClauseDef>
<ItemGroupDef OID="IG.VS" Name="VS" Repeating="Yes" def:Structure="One per row" def:ArchiveLocationID="LF.VS">
<Description><TranslatedText>Vital &lt;i&gt; Signs</TranslatedText></Description>
<ItemRef ItemOID="IT.1" OrderNumber="1" Mandatory="Yes" KeySequence="1" MethodOID="MT.1" Role="Topic"/>
<def:leaf ID="LF.VS" xlink:href="vs.xpt"><def:title>the file</def:title></def:leaf></ItemGroupDef>
<ItemDef OID="IT.1" Name="VSTESTCD" DataType="text" Length="8" def:CommentOID="COM.1"><CodeListRef CodeListOID="CL.1"/>
<def:Origin Type="Collected" Source="Investigator"><def:DocumentRef leafID="LF.CRF"><def:PDFPageRef Type="PhysicalRef" PageRefs="4 7"/></def:DocumentRef></def:Origin><def:ValueListRef ValueListOID="VL.1"/></ItemDef>
<ItemDef OID="IT.2" Name="VSTESTCD" DataType="float" Length="5" SignificantDigits="2"/>
<CodeList OID="CL.1" Name="Tests" DataType="text"><CodeListItem CodedValue="A" def:ExtendedValue="Yes"><Decode><TranslatedText>Ache</TranslatedText></Decode></CodeListItem></CodeList>
<MethodDef OID="MT.1" Name="How" Type="Computation"><Description><TranslatedText>Counted.</TranslatedText></Description><FormalExpression Context="SQL">a &lt; b</FormalExpression></MethodDef>
<def:CommentDef OID="COM.1"><Description><TranslatedText>Said so.</TranslatedText></Description></def:CommentDef>
<def:leaf ID="LF.CRF" xlink:href="acrf.pdf"><def:title>CRF</def:title></def:leaf>
<def:leaf ID="LF.X" xlink:href="javascript:alert(1)"><def:title>bad link</def:title></def:leaf>)~";

TEST(DefineHtml, ShowsAllPartsInBothVersions) {
  for (const char* version : {"2.1", "2.0"}) {
    const std::string page = to_html(file_with(body, version), "define.xml");
    for (const char* text :
         {"<title>A &lt;b&gt;: data definitions", "Vital &lt;i&gt; Signs", "href=\"#IG.VS\"", "id=\"IG.VS\"",
          "id=\"IT.1\"", "href=\"vs.xpt\"", "5.2", "not in", "href=\"acrf.pdf#page=7\"", "Ache", "extended",
          "a &lt; b", "Said so.", "Counted.", "VS.VSTESTCD"}) {
      EXPECT_THAT(page, HasSubstr(text)) << version;
    }
    EXPECT_EQ(page, to_html(file_with(body, version), "define.xml"));
  }
}

TEST(DefineHtml, KeepsNoHarmfulLinks) {
  const std::string page = to_html(file_with(body), "define.xml");
  EXPECT_THAT(page, HasSubstr("bad link"));
  EXPECT_THAT(page, Not(HasSubstr("javascript:")));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
}

std::string code_of(const std::string& xml) {
  try {
    to_html(xml, "define.xml");
  } catch (const base::Error& error) {
    return error.code();
  }
  return "shown";
}

TEST(DefineHtml, RefusesWhatIsNoDefineXml) {
  EXPECT_EQ(code_of("<ODM"), "TM1360");
  EXPECT_EQ(code_of(""), "TM1360");
  EXPECT_EQ(code_of("<!DOCTYPE ODM [<!ENTITY a SYSTEM \"/etc/passwd\">]>" + file_with(body).substr(21)),
            "TM1360");
  EXPECT_EQ(code_of("<html/>"), "TM1361");
  EXPECT_EQ(code_of(file_with("")), "shown");
}

TEST(DefineHtml, RefusesAPageWithoutEnd) {
  // One long comment, shown at each of many references.
  std::string many =
      "<def:CommentDef OID=\"COM.1\"><Description><TranslatedText>" + std::string(1 << 20, 'x') +
      "</TranslatedText></Description></def:CommentDef><ItemDef OID=\"I\" Name=\"I\" "
      "DataType=\"text\" def:CommentOID=\"COM.1\"/><ItemGroupDef OID=\"G\" Name=\"G\" Repeating=\"No\">";
  for (int i = 0; i < 1000; ++i) many += "<ItemRef ItemOID=\"I\" Mandatory=\"No\"/>";
  EXPECT_EQ(code_of(file_with(many + "</ItemGroupDef>")), "TM1364");
  std::string twice;
  for (int i = 0; i < 2000; ++i) twice += "<ItemDef OID=\"I\" Name=\"I\" DataType=\"text\"/>";
  EXPECT_EQ(code_of(file_with(twice)), "TM1364");
  twice.clear();
  for (int i = 0; i < 2000; ++i)
    twice += "<def:leaf ID=\"L\" xlink:href=\"x\"><def:title>x</def:title></def:leaf>";
  EXPECT_EQ(code_of(file_with(twice)), "TM1364");
}

TEST(DefineHtml, HostileBytesNeverCrash) {
  const std::string good = file_with(body);
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string bad = good;
    for (int n = 0; n < 3; ++n) bad[random() % bad.size()] = static_cast<char>(random() % 256);
    if (round % 3 == 0) bad.resize(random() % bad.size());
    code_of(bad);
  }
}

TEST(DefineHtml, ShowsRealFiles) {
  const fs::path dev = fs::path(TRIALMILL_SHARED_DIR) / "data/formats/dev";
  if (!fs::exists(dev)) GTEST_SKIP() << "no real files in " << dev;
  for (const char* folder : {"define21", "define20"}) {
    for (const auto& entry : fs::directory_iterator(dev / folder)) {
      const Document doc = read(entry.path());
      const std::string page = to_html(base::read_file(entry.path()), entry.path());
      for (const auto& group : doc.datasets)
        EXPECT_THAT(page, HasSubstr("id=\"" + group.oid + "\"")) << entry.path();
      for (const auto& method : doc.methods) EXPECT_THAT(page, HasSubstr("id=\"" + method.oid + "\""));
    }
  }
}

}  // namespace
}  // namespace trialmill::formats::define
