// ODM and Dataset-XML: small files made here, and vendors' files of ../shared whose items are counted.
#include <gtest/gtest.h>
#include <unistd.h>

#include <regex>

#include "base/error.hpp"
#include "base/files.hpp"
#include "formats/dataset_file.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;
using Rows = std::vector<std::map<std::string, std::string>>;

/// The rows of a dataset as name → value; missing values are absent.
Rows rows_of(DatasetFile& file, const std::string& name) {
  Rows out;
  for (std::size_t d = 0; d < file.datasets().size(); ++d) {
    const DatasetMeta& meta = file.datasets()[d];
    if (meta.name != name) continue;
    file.read(d, [&](const Batch& batch) {
      for (std::size_t r = 0; r < batch.rows; ++r) {
        out.emplace_back();
        for (std::size_t c = 0; c < batch.columns.size(); ++c) {
          if (!batch.is_missing(r, c))
            out.back()[meta.variables[c].name] = value_text(batch, r, c, meta.variables[c]);
        }
      }
      return true;
    });
  }
  return out;
}

class OdmTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("trialmill-odm-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<DatasetFile> open(const std::string& body, const std::string& attributes = "") {
    base::write_file_atomically(
        folder_ / "a.xml", "<ODM xmlns='http://www.cdisc.org/ns/odm/v1.3' xmlns:v='http://vendor.example' " +
                               attributes + ">" + body + "</ODM>");
    return open_dataset_file(folder_ / "a.xml");
  }
  std::string code(const std::string& body) {
    try {
      open(body);
    } catch (const base::Error& error) {
      return error.code();
    }
    return "";
  }

  fs::path folder_;
};

constexpr const char* definitions =
    "<Study OID='S'><MetaDataVersion OID='M'><ItemGroupDef OID='IG.VS' Name='Vital signs'><ItemRef "
    "ItemOID='I.W' "
    "OrderNumber='2'/><ItemRef ItemOID='I.P' OrderNumber='1'/></ItemGroupDef><ItemDef OID='I.W' "
    "Name='WEIGHT' "
    "DataType='float'><Question><TranslatedText>Body\n weight</TranslatedText></Question></ItemDef><ItemDef "
    "OID='I.P' "
    "Name='POSITION' DataType='text'><CodeListRef CodeListOID='C'/></ItemDef><CodeList OID='C'><CodeListItem "
    "CodedValue='1'><Decode><TranslatedText>Sitting</TranslatedText></Decode></CodeListItem></CodeList>"
    "</MetaDataVersion></Study>";

TEST_F(OdmTest, MakesATableForEachItemGroup) {
  const auto file = open(
      std::string(definitions) +
      "<ClinicalData StudyOID='S' MetaDataVersionOID='M'><SubjectData SubjectKey='1' v:Name='Ann'><SiteRef "
      "LocationOID='01'/><StudyEventData StudyEventOID='E' StudyEventRepeatKey='2'><FormData FormOID='F'>"
      "<ItemGroupData ItemGroupOID='IG.VS'><AuditRecord><ReasonForChange>x</ReasonForChange></AuditRecord>"
      "<ItemData ItemOID='I.W' Value='70,5'><MeasurementUnitRef MeasurementUnitOID='kg'/><v:Log "
      "Value='no'>no</v:Log>"
      "</ItemData><ItemDataString ItemOID='I.P'> 1 </ItemDataString><ItemData ItemOID='I.X' IsNull='Yes'/>"
      "</ItemGroupData></FormData></StudyEventData></SubjectData></ClinicalData>");
  const Rows rows = rows_of(*file, "IG.VS");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0], (std::map<std::string, std::string>{{"StudyOID", "S"},
                                                         {"SubjectKey", "1"},
                                                         {"SiteOID", "01"},
                                                         {"StudyEventOID", "E"},
                                                         {"StudyEventRepeatKey", "2"},
                                                         {"FormOID", "F"},
                                                         {"SubjectData.Name", "Ann"},
                                                         {"POSITION", "1"},
                                                         {"POSITION_DECODE", "Sitting"},
                                                         {"WEIGHT", "70,5"},
                                                         {"WEIGHT_UNIT", "kg"}}));
  EXPECT_EQ(file->datasets()[0].label, "Vital signs");
  EXPECT_EQ(file->datasets()[0].variables.back().name, "I.X");
  EXPECT_EQ(file->datasets()[0].variables[11].label, "Body weight");
  EXPECT_EQ(file->notes().size(), 2U);  // the undefined item, and a weight that is no number
}

TEST_F(OdmTest, AppliesTransactionsInOrder) {
  const auto group = [](const std::string& type, const std::string& key, const std::string& items) {
    return "<ClinicalData StudyOID='S'><SubjectData SubjectKey='1'><StudyEventData "
           "StudyEventOID='E'><FormData "
           "FormOID='F'><ItemGroupData ItemGroupOID='G' ItemGroupRepeatKey='" +
           key + "' TransactionType='" + type + "'>" + items +
           "</ItemGroupData></FormData></StudyEventData></SubjectData></ClinicalData>";
  };
  const std::string all =
      group("Insert", "1", "<ItemData ItemOID='A' Value='1'/><ItemData ItemOID='B' Value='x'/>") +
      group("Insert", "2", "<ItemData ItemOID='A' Value='5'/>") +
      group("Upsert", "1", "<ItemData ItemOID='A' Value='2'/>") +
      group("Update", "1", "<ItemData ItemOID='B' TransactionType='Remove'/>") + group("Remove", "2", "");
  const auto file = open(all, "FileType='Transactional'");
  const Rows rows = rows_of(*file, "G");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].at("A"), "2");
  EXPECT_FALSE(rows[0].contains("B"));
  EXPECT_EQ(file->datasets()[0].rows, 1);
  const auto removed =
      open(all +
               "<ClinicalData StudyOID='S'><SubjectData SubjectKey='1' TransactionType='Remove'/>"
               "</ClinicalData>",
           "FileType='Transactional'");
  EXPECT_TRUE(rows_of(*removed, "G").empty());
}

TEST_F(OdmTest, TakesOuterGroupsOfVersionTwoAsForms) {
  const auto file = open(
      "<ClinicalData StudyOID='S'><SubjectData SubjectKey='1'><StudyEventData StudyEventOID='E'>"
      "<ItemGroupData ItemGroupOID='F'><ItemGroupData ItemGroupOID='G' ItemGroupRepeatKey='1'>"
      "<ItemData ItemOID='A'><Value>x</Value><Value>y</Value></ItemData></ItemGroupData>"
      "</ItemGroupData></StudyEventData></SubjectData></ClinicalData>");
  ASSERT_EQ(file->datasets().size(), 1U);
  const Rows rows = rows_of(*file, "G");
  EXPECT_EQ(rows.at(0).at("FormOID"), "F");
  EXPECT_EQ(rows[0].at("A"), "x,y");
}

TEST_F(OdmTest, ReadsDatasetXmlWithItsDefine) {
  base::write_file_atomically(
      folder_ / "define.xml",
      "<ODM xmlns='http://www.cdisc.org/ns/odm/v1.3'><Study OID='S'><MetaDataVersion OID='M'><ItemGroupDef "
      "OID='IG.DM' "
      "Name='DM'><Description><TranslatedText>Demographics</TranslatedText></Description><ItemRef "
      "ItemOID='IT.DM.AGE' KeySequence='1'/></ItemGroupDef><ItemDef OID='IT.DM.AGE' Name='AGE' "
      "DataType='integer' "
      "Length='3'/></MetaDataVersion></Study></ODM>");
  const std::string data =
      "<ClinicalData StudyOID='S'><ItemGroupData ItemGroupOID='IG.DM' "
      "d:ItemGroupDataSeq='1'><ItemData ItemOID='IT.DM.AGE' Value='63'/></ItemGroupData>"
      "<ItemGroupData ItemGroupOID='IG.DM' d:ItemGroupDataSeq='2'/></ClinicalData>";
  const auto file =
      open(data, "xmlns:d='http://www.cdisc.org/ns/Dataset-XML/v1.0' d:DatasetXMLVersion='1.0.0'");
  const DatasetMeta& dm = file->datasets().at(0);
  EXPECT_EQ(dm.name, "DM");
  EXPECT_EQ(dm.label, "Demographics");
  EXPECT_EQ(dm.variables.at(0).storage, Storage::number);
  EXPECT_EQ(dm.variables[0].key_sequence, 1);
  const Rows rows = rows_of(*file, "DM");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at("AGE"), "63");
}

TEST_F(OdmTest, RefusesWhatCannotBePlaced) {
  EXPECT_EQ(code("<ClinicalData><SubjectData/></ClinicalData>"), "TM1342");
  EXPECT_EQ(code("<ClinicalData><SubjectData SubjectKey='1'>"), "TM1341");
  EXPECT_EQ(code(definitions), "TM1343");
  EXPECT_EQ(code("<!DOCTYPE x>"), "TM1341");
  base::write_file_atomically(folder_ / "a.xml", "<html/>");
  EXPECT_THROW(open_dataset_file(folder_ / "a.xml"), base::Error);
  std::string deep = "<ClinicalData StudyOID='S'><SubjectData SubjectKey='1'>";
  for (int i = 0; i < 100; ++i) deep += "<ItemGroupData ItemGroupOID='G'>";
  EXPECT_EQ(code(deep), "TM1342");
}

// Every ItemData of vendors' snapshot files is in a table, with its value.
TEST(OdmShared, LosesNoItem) {
  const fs::path shared = fs::path(TRIALMILL_SHARED_DIR) / "data";
  if (!fs::exists(shared)) GTEST_SKIP() << "no sample files at " << shared;
  const fs::path samples = shared / "formats/dev";
  // What has no value in a table: an item that comes twice, and nulls.
  for (const auto& [name, others] :
       {std::pair{samples / "odm132/redcap_repeating.xml", 0},
        {samples / "odm13/pharmcat_multistudy.xml", 1},
        {samples / "odm13/pharmcat_invalid.xml", 0},
        {samples / "odm13/sascst_odm_sample.xml", 2},
        {samples / "odm2/odm2_repeating_ig.xml", 0},
        {samples / "datasetxml10/datasetxml_dm.xml", 0},
        {shared / "studies/openclinica_juno_odm/JUNO_DEMO_odm1.3_fullExtract_2016-08-01.xml", 0}}) {
    SCOPED_TRACE(name.filename());
    const std::string text = base::read_file(name);
    const std::regex item("<ItemData[A-Za-z]*[ \t\r\n]");
    const auto stated =
        std::distance(std::sregex_iterator(text.begin(), text.end(), item), std::sregex_iterator());
    const auto file = open_dataset_file(name);
    std::int64_t found = 0;
    file->read_all([&](std::size_t d, const Batch& batch) {
      for (std::size_t c = 0; c < batch.columns.size(); ++c) {
        const Variable& variable = file->datasets()[d].variables[c];
        if (variable.item_oid.empty()) continue;
        for (std::size_t r = 0; r < batch.rows; ++r) found += batch.is_missing(r, c) ? 0 : 1;
      }
      return true;
    });
    EXPECT_EQ(found + others, stated);
  }
}

TEST(OdmShared, RedcapEqualsItsFlatExport) {
  const fs::path samples = fs::path(TRIALMILL_SHARED_DIR) / "data/formats/dev";
  if (!fs::exists(samples)) GTEST_SKIP() << "no sample files at " << samples;
  const auto odm = open_dataset_file(samples / "odm132/redcap_repeating.xml");
  const auto flat = open_dataset_file(samples / "csv/redcap_repeating_expected.csv");
  std::map<std::tuple<std::string, std::string, std::string>, std::string> values;
  for (const auto& meta : odm->datasets()) {
    for (const auto& row : rows_of(*odm, meta.name)) {
      const std::string form = row.at("FormOID");
      const std::string place = form == "Form.demographics" ? "" : form.substr(5) + row.at("FormRepeatKey");
      for (const auto& [name, value] : row) values[{row.at("SubjectKey"), place, name}] = value;
    }
  }
  int compared = 0;
  for (const auto& row : rows_of(*flat, "redcap_repeating_expected")) {
    const auto get = [&](const std::string& name) { return row.contains(name) ? row.at(name) : ""; };
    for (const auto& [name, value] : row) {
      if (name == "record_id" || name.starts_with("redcap_") || value.empty()) continue;
      EXPECT_EQ(
          (values[{get("record_id"), get("redcap_repeat_instrument") + get("redcap_repeat_instance"), name}]),
          value)
          << name;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 32);
}

}  // namespace
}  // namespace trialmill::formats
