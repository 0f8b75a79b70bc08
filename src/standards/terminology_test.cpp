#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "base/error.hpp"
#include "base/files.hpp"
#include "standards/terminology_folder.hpp"
#include "standards/terminology_import.hpp"

namespace trialmill::standards {
namespace {

namespace fs = std::filesystem;

const std::string nci_header =
    "Code\tCodelist Code\tCodelist Extensible (Yes/No)\tCodelist Name\tCDISC Submission Value\t"
    "CDISC Synonym(s)\tCDISC Definition\tNCI Preferred Term";

/// An invented terminology: published ones are not ours to copy.
const std::string nci_text =
    nci_header +
    "\n"
    "C1\t\tNo\tKettle State\tKETTLE\tState of Kettle\tWhether it boils.\tKettle State Terminology\n"
    "C11\tC1\t\tKettle State\tCOLD\tchilly; Not Hot\t\"Cold\", as they say.\tCold\n"
    "C12\tC1\t\tKettle State\tBoiling\t\tIt boils.\tBoiling Water\n"
    "C2\t\tYes\tKettle Colour\tKETCOL\t\tIts colour.\tKettle Colour Terminology\n"
    "C21\tC2\t\tKettle Colour\t\"RED, DARK\"\t\tA red.\tDark Red\n";

const char* const odm_xml = R"(<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:nciodm="http://ncicb.nci.nih.gov/xml/odm/EVS/CDISC">
 <Study OID="CDISC_CT.ADaM.2031-01-31"><MetaDataVersion OID="M" Name="N">
  <CodeList OID="CL.C1.KETTLE" Name="Kettle State" DataType="text" nciodm:ExtCodeID="C1" nciodm:CodeListExtensible="No">
   <Description><TranslatedText xml:lang="en">Whether it boils.</TranslatedText></Description>
   <EnumeratedItem CodedValue="COLD" nciodm:ExtCodeID="C11">
    <nciodm:CDISCSynonym>chilly</nciodm:CDISCSynonym><nciodm:CDISCSynonym>Not Hot</nciodm:CDISCSynonym>
    <nciodm:CDISCDefinition>Cold &amp; calm.</nciodm:CDISCDefinition>
    <nciodm:PreferredTerm>Cold</nciodm:PreferredTerm>
   </EnumeratedItem>
   <EnumeratedItem CodedValue="Boiling" nciodm:ExtCodeID="C12"/>
   <nciodm:CDISCSubmissionValue>KETTLE</nciodm:CDISCSubmissionValue>
   <nciodm:CDISCSynonym>State of Kettle</nciodm:CDISCSynonym>
   <nciodm:PreferredTerm>Kettle State Terminology</nciodm:PreferredTerm>
  </CodeList>
 </MetaDataVersion></Study>
</ODM>
)";

const char* const library_json = R"({
  "name": "SDTM CT 2031-01-31", "effectiveDate": "2031-01-31", "_links": {"self": {"href": "x"}},
  "codelists": [
    {"terms": [{"conceptId": "C11", "submissionValue": "COLD", "preferredTerm": "Cold",
                "synonyms": ["chilly", "Not Hot"]},
               {"conceptId": "C12", "submissionValue": "Boiling"}],
     "conceptId": "C1", "extensible": "false", "name": "Kettle State", "submissionValue": "KETTLE",
     "preferredTerm": "Kettle State Terminology", "synonyms": ["State of Kettle"]}
  ]
})";

class TerminologyTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("terminology-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path file(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }
  /// "TM1431 at line 3" of reading such a file, or "read".
  std::string outcome(const std::string& content, const std::string& name = "sdtmct-2031-01-31.txt") const {
    try {
      read_published_terminology(file(name, content));
      return "read";
    } catch (const base::Error& error) {
      return error.code() + (error.place().line > 0 ? " at line " + std::to_string(error.place().line) : "");
    }
  }
  fs::path folder_;
};

void expect_kettle(const Package& package) {
  const Codelist* state = package.find_codelist("KETTLE");
  ASSERT_NE(state, nullptr);
  EXPECT_EQ(state, package.find_codelist("c1"));
  EXPECT_EQ(state, package.find_codelist("Kettle State"));
  EXPECT_EQ(state->code(), "C1");
  EXPECT_FALSE(state->extensible());
  EXPECT_EQ(state->preferred_term(), "Kettle State Terminology");
  EXPECT_EQ(state->synonyms(), std::vector<std::string_view>{"State of Kettle"});
  ASSERT_EQ(state->terms().size(), 2U);
  const Term* cold = state->find("COLD");
  ASSERT_NE(cold, nullptr);
  EXPECT_EQ(cold->code, "C11");
  EXPECT_EQ(cold->preferred_term, "Cold");
  EXPECT_EQ(cold->synonyms(), (std::vector<std::string_view>{"chilly", "Not Hot"}));
  EXPECT_EQ(state->find("BOILING"), nullptr);
  ASSERT_NE(state->find_ignoring_case("BOILING"), nullptr);
  EXPECT_EQ(state->find_ignoring_case("BOILING")->submission_value, "Boiling");
  EXPECT_EQ(state->find_code("C12"), state->find("Boiling"));
}

TEST_F(TerminologyTest, ReadsTheTextOfNciEvs) {
  const auto read = read_published_terminology(file("SDTM Terminology 2031-01-31.txt", nci_text));
  EXPECT_EQ(read.form, "NCI EVS text");
  EXPECT_EQ(read.package->info().name, "sdtmct-2031-01-31");
  EXPECT_EQ(read.package->info().standard, "SDTM");
  EXPECT_EQ(read.package->info().terms, 3U);
  expect_kettle(*read.package);
  ASSERT_NE(read.package->find_codelist("KETCOL"), nullptr);
  EXPECT_TRUE(read.package->find_codelist("KETCOL")->extensible());
  EXPECT_NE(read.package->find_codelist("KETCOL")->find("RED, DARK"), nullptr);
  EXPECT_TRUE(read.remarks.empty());
}

TEST_F(TerminologyTest, ReadsWindowsLineEndsAndByteOrderMark) {
  std::string text = "\xEF\xBB\xBF";
  for (const char c : nci_text) text += c == '\n' ? "\r\n" : std::string(1, c);
  expect_kettle(*read_published_terminology(file("adamct-2031-01-31.txt", text)).package);
}

TEST_F(TerminologyTest, ReadsOdmXml) {
  const auto read = read_published_terminology(file("any.xml", odm_xml));
  EXPECT_EQ(read.form, "NCI EVS ODM XML");
  EXPECT_EQ(read.package->info().name, "adamct-2031-01-31");
  expect_kettle(*read.package);
}

TEST_F(TerminologyTest, ReadsCdiscLibraryJson) {
  const auto read = read_published_terminology(file("any.json", library_json));
  EXPECT_EQ(read.form, "CDISC Library JSON");
  EXPECT_EQ(read.package->info().name, "sdtmct-2031-01-31");
  expect_kettle(*read.package);
}

TEST_F(TerminologyTest, ReadsCsv) {
  const auto read = read_published_terminology(
      file("any.csv",
           "package,codelist_code,codelist_name,extensible,term_code,submission_value,preferred_term,"
           "codelist_submission_value\n"
           "sdtmct-2031-01-31,C1,\"Kettle, State\",No,C11,COLD,Cold,KETTLE\n"
           "sdtmct-2031-01-31,C1,\"Kettle, State\",No,C12,Boiling,\"Water, \"\"Boiling\"\"\",KETTLE\n"));
  EXPECT_EQ(read.package->info().name, "sdtmct-2031-01-31");
  EXPECT_EQ(read.package->info().codelists, 1U);
  EXPECT_EQ(read.package->find_codelist("KETTLE")->find("Boiling")->preferred_term, "Water, \"Boiling\"");
}

TEST_F(TerminologyTest, TheUserNamesWhatTheFileDoesNot) {
  EXPECT_EQ(outcome(nci_text, "terms.txt"), "TM1433");
  const auto read = read_published_terminology(file("terms.txt", nci_text),
                                               {.standard = "define-xml", .name = "ours-2031-01-31"});
  EXPECT_EQ(read.package->info().name, "ours-2031-01-31");
  EXPECT_EQ(read.package->info().standard, "Define-XML");
  EXPECT_THROW(
      read_published_terminology(folder_ / "terms.txt", {.standard = "SDTM", .name = "../2031-01-31"}),
      base::Error);
}

TEST_F(TerminologyTest, RefusesDamagedText) {
  const std::string list = "C1\t\tNo\tKettle State\tKETTLE\t\tx\tKettle\n";
  EXPECT_EQ(outcome("Code;Codelist Code;Name\n"), "TM1430");
  EXPECT_EQ(outcome("Code\tCodelist Code\tCodelist Name\n"), "TM1431 at line 1");
  EXPECT_EQ(outcome(nci_header + "\n"), "TM1431");
  EXPECT_EQ(outcome(nci_header + "\n" + list + "C11\tC1\t\tKett"), "TM1431 at line 3");
  EXPECT_EQ(outcome(nci_header + "\n" + list + list), "TM1431 at line 3");
  EXPECT_EQ(outcome(nci_header + "\n" + list + "C11\tC9\t\tOther\tCOLD\t\tx\tCold\n"), "TM1431 at line 3");
  EXPECT_EQ(outcome(nci_header + "\n" + list + "C11\tC1\t\tKettle\tCAF\xC9\t\tx\tCold\n"),
            "TM1431 at line 3");
  EXPECT_EQ(outcome(nci_header + "\n" + list + std::string(2 << 20, 'x')), "TM1431 at line 3");
  EXPECT_EQ(outcome(""), "TM1430");
}

TEST_F(TerminologyTest, RefusesDamagedXmlAndJson) {
  const std::string xml = odm_xml, json = library_json;
  EXPECT_EQ(outcome(xml.substr(0, 900), "a.xml").substr(0, 6), "TM1431");
  EXPECT_EQ(
      outcome(
          "<?xml version=\"1.0\"?><!DOCTYPE ODM [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><ODM>&b;</ODM>",
          "a.xml"),
      "TM1431");
  EXPECT_EQ(outcome(json.substr(0, 400), "a.json").substr(0, 6), "TM1431");
  EXPECT_EQ(outcome("{\"a\":" + std::string(100, '['), "a.json"), "TM1431 at line 1");
  EXPECT_EQ(outcome("{\"codelists\": []}", "a.json"), "TM1431");
}

TEST_F(TerminologyTest, RemarksOnRepeatedValues) {
  const auto read = read_published_terminology(
      file("sdtmct-2031-01-31.txt", nci_text + "C13\tC1\t\tKettle State\tCOLD\t\tx\tOther Cold\n"));
  ASSERT_EQ(read.remarks.size(), 1U);
  EXPECT_NE(read.remarks[0].find("line 7"), std::string::npos);
  EXPECT_EQ(read.package->find_codelist("KETTLE")->find("COLD")->code, "C11");
}

TEST_F(TerminologyTest, InstallsSideBySideAndChooses) {
  const PackageFolder store(folder_ / "ct");
  EXPECT_TRUE(store.list().empty());
  store.install(*read_published_terminology(file("sdtmct-2031-01-31.txt", nci_text)).package);
  store.install(*read_published_terminology(file("a.xml", odm_xml)).package);
  ASSERT_EQ(store.list().size(), 2U);
  EXPECT_EQ(store.list()[0].name, "adamct-2031-01-31");
  EXPECT_EQ(store.list()[1].codelists, 2U);
  const Terminology both = store.choose({"2031-01-31"});
  EXPECT_EQ(both.packages().size(), 2U);
  EXPECT_NE(both.find_codelist("KETCOL"), nullptr);
  EXPECT_EQ(both.find_codelist("adamct-2031-01-31", "KETCOL"), nullptr);
  EXPECT_NE(store.choose({"sdtmct-2031-01-31"}).find_codelist("C2"), nullptr);
  EXPECT_NE(store.choose({(folder_ / "a.xml").string()}).find_codelist("KETTLE"), nullptr);
  EXPECT_NE(store.choose({store.file_of("sdtmct-2031-01-31").string()}).find_codelist("KETCOL"), nullptr);
  try {
    store.choose({"sdtmct-2031-01-32"});
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "TM1434");
    EXPECT_NE(error.hint().find("did you mean 'sdtmct-2031-01-31'"), std::string::npos) << error.hint();
  }
  store.remove("sdtmct-2031-01-31");
  EXPECT_EQ(store.list().size(), 1U);
  EXPECT_THROW(store.remove("sdtmct-2031-01-31"), base::Error);
}

TEST_F(TerminologyTest, AFileThatIsOnlyReadNeedsNoDate) {
  const auto terminology = PackageFolder(folder_ / "ct").choose({file("our terms.txt", nci_text).string()});
  EXPECT_EQ(terminology.packages()[0]->info().name, "our terms");
  EXPECT_NE(terminology.find_codelist("KETTLE"), nullptr);
}

TEST_F(TerminologyTest, HostileBytesNeverCrash) {
  std::minstd_rand random(7);
  for (const std::string& good : {nci_text, std::string(odm_xml), std::string(library_json)}) {
    for (int i = 0; i < 300; ++i) {
      std::string bad = good;
      for (int j = 0; j < 3; ++j) bad[random() % bad.size()] = static_cast<char>(random());
      const std::string result = outcome(bad);
      EXPECT_TRUE(result == "read" || result.substr(0, 4) == "TM14") << result;
    }
  }
}

TEST_F(TerminologyTest, NoticesDamagedPackages) {
  const std::string text =
      read_published_terminology(file("sdtmct-2031-01-31.txt", nci_text)).package->text();
  EXPECT_NO_THROW(Package::from_text(text, "x"));
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_THROW(Package::from_text(text.substr(0, size), "x"), base::Error) << size;
  }
  EXPECT_THROW(Package::from_text("trialmill-ct-1\ta\tb\tc\t99999999999\t1\n", "x"), base::Error);
}

TEST_F(TerminologyTest, SeveralThreadsMayLookUp) {
  const auto package = read_published_terminology(file("sdtmct-2031-01-31.txt", nci_text)).package;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] { EXPECT_NE(package->find_codelist("KETTLE")->find("COLD"), nullptr); });
  for (auto& thread : threads) thread.join();
}

TEST(SharedTerminology, ReadsSdtmTerminologyInFull) {
  const fs::path csv = fs::path(TRIALMILL_SHARED_DIR) / "data" / "metadata" / "sdtmct-2025-03-28.csv";
  if (!fs::exists(csv)) GTEST_SKIP() << "reference metadata not found: " << csv;
  const auto package = read_published_terminology(csv).package;
  EXPECT_EQ(package->info().name, "sdtmct-2025-03-28");
  EXPECT_EQ(package->info().codelists, 1158U);
  EXPECT_EQ(package->info().terms, 43698U);
  const Codelist* ny = package->find_codelist("NY");
  ASSERT_NE(ny, nullptr);
  EXPECT_EQ(ny->code(), "C66742");
  EXPECT_EQ(ny->terms().size(), 4U);
  EXPECT_EQ(ny->find("Y")->code, "C49488");
  // Through the text form nothing changes.
  const auto again = Package::from_text(package->text(), "text");
  EXPECT_EQ(again->info().terms, 43698U);
}

}  // namespace
}  // namespace trialmill::standards
