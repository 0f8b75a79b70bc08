// define.xml of a release: from the mapping's words, the guide, terminology and the data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "base/files.hpp"
#include "formats/define_xml.hpp"
#include "formats/define_xml_schema_check.hpp"
#include "publish/define_measure.hpp"
#include "publish/define_sentences.hpp"
#include "publish/define_words.hpp"
#include "publish/publish.hpp"
#include "standards/terminology_folder.hpp"
#include "standards/terminology_import.hpp"

namespace trialmill::publish {
namespace {

namespace fs = std::filesystem;
namespace define = formats::define;
using testing::ElementsAre;
using testing::HasSubstr;

const char* const terminology =
    "package,codelist_code,codelist_name,extensible,codelist_submission_value,term_code,submission_value,"
    "preferred_term\n"
    "sdtmct-2031-01-31,C66742,No Yes Response,No,NY,C49487,N,No\n"
    "sdtmct-2031-01-31,C66742,No Yes Response,No,NY,C49488,Y,Yes\n"
    "sdtmct-2031-01-31,C66741,Vital Signs Test Code,Yes,VSTESTCD,C25206,TEMP,Temperature\n"
    "sdtmct-2031-01-31,C66741,Vital Signs Test Code,Yes,VSTESTCD,C49676,PULSE,Pulse Rate\n"
    "sdtmct-2031-01-31,C66770,Units for Vital Signs,Yes,VSRESU,C42559,C,Degree Celsius\n";

class Define : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("trialmill-define-" + std::to_string(::getpid()));
    fs::remove_all(root_);
    layout_.lake = root_ / "lake";
    fs::create_directories(layout_.staged_current() / "parquet");
    fs::create_directories(root_ / "ct");
    fs::create_directories(root_ / "codelists");
    ::setenv("TRIALMILL_CT", (root_ / "ct").c_str(), 1);
    study_.id = "S1";
    study_.title = "Kettles & pots";
    study_.root = root_;
    study_.ct = "2031-01-31";
    stage(
        "VS",
        "SELECT 'S1' AS STUDYID, 'VS' AS DOMAIN, subject AS USUBJID, seq AS VSSEQ, code AS VSTESTCD, test AS "
        "VSTEST, result AS VSORRES, unit AS VSORRESU, try_cast(result AS DOUBLE) AS VSSTRESN, flag AS "
        "VSBLFL, "
        "date AS VSDTC, NULL::VARCHAR AS VSLOC, 'x' AS VSEXTRA FROM (VALUES "
        "('S1-1', 1, 'TEMP', 'Temperature', '36.55', 'C', 'Y', '2031-01-05T10:30'),"
        "('S1-1', 2, 'TEMP', 'Temperature', '37', 'C', '', '2031-01-06'),"
        "('S1-1', 3, 'PULSE', 'Pulse Rate', '61', '/min', 'Y', '2031-01-05'),"
        "('S1-2', 1, 'MOOD', 'Mood', 'fine', '', '', '2031-01')) t(subject, seq, code, test, result, unit, "
        "flag, "
        "date)");
    stage("SUPPVS",
          "SELECT 'S1' AS STUDYID, 'VS' AS RDOMAIN, 'S1-1' AS USUBJID, 'VSSEQ' AS IDVAR, '1' AS IDVARVAL, "
          "qnam AS "
          "QNAM, label AS QLABEL, val AS QVAL, 'CRF' AS QORIG FROM (VALUES ('VSCLSIG', 'Clinically "
          "Significant', "
          "'Y'), ('VSNEXT', 'Next Visit', '12')) t(qnam, label, val)");
    words_ = base::parse_json(R"~({"VS": {"label": "Vital Signs", "class": "Findings",
      "keys": ["STUDYID", "USUBJID", "VSTESTCD", "VSDTC"], "comment": "From the ward.",
      "columns": [
        {"name": "STUDYID", "label": "Study Identifier", "origin": "Protocol"},
        {"name": "VSORRES", "label": "Result", "origin": "Collected", "origin_source": "Vendor", "pages": "4 7",
         "comment": "As measured.", "format": "9.2"},
        {"name": "VSSTRESN", "type": "Num", "origin": "Derived",
         "method": {"description": "The result as a number.", "expression": "try_cast(VSORRES AS DOUBLE)"}},
        {"name": "VSSEQ", "origin": "Derived", "rule": "{sequence: [VSDTC]}"},
        {"name": "VSDTC", "origin": "Predecessor", "predecessor": "EX.EXSTDTC"}],
      "values": [{"variable": "VSORRES", "where": [{"variable": "VSTESTCD", "comparator": "EQ", "values": ["TEMP"]}],
        "origin": "Assigned", "method": {"description": "Read off."}, "comment": "By ear."}]}})~",
                              "datasets.json");
  }
  void TearDown() override { fs::remove_all(root_); }

  void stage(const std::string& name, const std::string& sql) {
    table::Session().execute("COPY (" + sql + ") TO '" +
                             (layout_.staged_current() / "parquet" / (name + ".parquet")).string() +
                             "' (FORMAT parquet)");
  }
  void install_terminology() {
    const fs::path file = root_ / "terms.csv";
    base::write_file_atomically(file, terminology);
    const auto read = standards::read_published_terminology(file, {});
    standards::PackageFolder().install(*read.package);
  }
  const define::Document& publish(const Options& options = {}) {
    base::write_file_atomically(layout_.staged_current() / "datasets.json", base::dump_json(words_));
    findings_ = std::make_unique<findings::Findings>();
    table::Session session;
    study::Context context{study_, layout_, session, *findings_, {}};
    fingerprint_ = fingerprint(options, context);
    outcome_ = run(options, context);
    file_ = layout_.output_current() / outcome_.detail["define"]["path"].get<std::string>();
    doc_ = define::read(file_);
    return doc_;
  }
  const define::ItemDef& variable(const std::string& dataset, const std::string& name) {
    return *doc_.variable(dataset, name);
  }
  std::vector<std::string> terms(const std::string& oid) {
    std::vector<std::string> out;
    for (const auto& item : doc_.codelist(oid)->items)
      out.push_back(item.value + "=" + item.decode + "/" + item.nci_code + (item.extended ? "*" : ""));
    return out;
  }

  fs::path root_, file_;
  study::Layout layout_;
  study::Study study_;
  base::Json words_;
  std::unique_ptr<findings::Findings> findings_;
  study::Outcome outcome_;
  std::string fingerprint_;
  define::Document doc_;
};

TEST_F(Define, DescribesDatasetsAndVariables) {
  publish();
  EXPECT_TRUE(doc_.problems.empty());
  ASSERT_EQ(doc_.datasets.size(), 2u);
  const auto& vs = doc_.datasets[0];
  EXPECT_EQ(vs.class_name, "FINDINGS");
  EXPECT_EQ(vs.structure, "One record per test per date per subject");
  EXPECT_TRUE(vs.repeating);
  EXPECT_EQ(vs.leaves[0].href, "vs.xpt");
  EXPECT_TRUE(fs::exists(file_.parent_path() / "vs.xpt"));
  EXPECT_EQ(vs.key_oids().back(), "IT.VS.VSDTC");
  EXPECT_EQ(doc_.comment(vs.comment_oid)->text, "From the ward.");
  EXPECT_EQ(doc_.datasets[1].domain, "VS");
  EXPECT_EQ(doc_.datasets[1].class_name, "RELATIONSHIP");
  EXPECT_EQ(variable("VS", "VSSTRESN").data_type, "float");
  EXPECT_EQ(variable("VS", "VSSTRESN").significant_digits, 2);
  EXPECT_EQ(variable("VS", "VSSTRESN").length, 5);
  EXPECT_EQ(variable("VS", "VSSEQ").data_type, "integer");
  EXPECT_EQ(variable("VS", "VSDTC").data_type, "partialDatetime");
  EXPECT_EQ(variable("VS", "VSORRES").display_format, "9.2");
  EXPECT_EQ(doc_.variable_ref("VS", "VSTESTCD")->role, "Topic");
  EXPECT_TRUE(doc_.variable_ref("VS", "VSTESTCD")->mandatory);
  EXPECT_FALSE(doc_.variable_ref("VS", "VSORRES")->mandatory);
  EXPECT_TRUE(doc_.variable_ref("VS", "VSLOC")->has_no_data);
  EXPECT_TRUE(doc_.variable_ref("VS", "VSEXTRA")->is_non_standard);
  EXPECT_EQ(doc_.study_description, "Kettles & pots");
}

TEST_F(Define, OriginsMethodsAndPages) {
  base::write_file_atomically(root_ / "acrf.pdf", "%PDF");
  study_.documents = {{root_ / "acrf.pdf", "annotated-crf", "Annotated CRF"}};
  publish();
  const auto& result = variable("VS", "VSORRES");
  ASSERT_EQ(result.origins.size(), 1u);
  EXPECT_EQ(result.origins[0].type + " " + result.origins[0].source, "Collected Vendor");
  EXPECT_EQ(result.origins[0].documents[0].leaf_id, doc_.annotated_crf[0].leaf_id);
  EXPECT_EQ(result.origins[0].documents[0].pages[0].pages, "4 7");
  EXPECT_EQ(doc_.comment(result.comment_oid)->text, "As measured.");
  EXPECT_TRUE(fs::exists(file_.parent_path() / doc_.leaves[0].href));
  EXPECT_EQ(variable("VS", "VSDTC").origins[0].description, "EX.EXSTDTC");
  const auto* made = doc_.method(doc_.variable_ref("VS", "VSSEQ")->method_oid);
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(made->description, "Number of the record within each subject, in the order of VSDTC.");
  EXPECT_EQ(made->expressions[0].code, "{sequence: [VSDTC]}");
  const auto* method = doc_.method(doc_.variable_ref("VS", "VSSTRESN")->method_oid);
  ASSERT_NE(method, nullptr);
  EXPECT_EQ(method->description, "The result as a number.");
  EXPECT_EQ(method->expressions[0].code, "try_cast(VSORRES AS DOUBLE)");
}

TEST_F(Define, ValueLevelFromTheMappingAndTheData) {
  publish();
  const auto* list = doc_.value_list(variable("VS", "VSORRES").value_list_oid);
  ASSERT_NE(list, nullptr);
  ASSERT_EQ(list->items.size(), 3u);  // TEMP as the mapping says; MOOD and PULSE by the data
  EXPECT_EQ(list->items[0].item_oid, "IT.VS.VSORRES.TEMP");
  EXPECT_EQ(doc_.method(list->items[0].method_oid)->description, "Read off.");
  const auto* temperature = doc_.item("IT.VS.VSORRES.TEMP");
  EXPECT_EQ(temperature->data_type, "float");
  EXPECT_EQ(temperature->length, 5);
  EXPECT_EQ(temperature->significant_digits, 2);
  EXPECT_EQ(temperature->origins[0].type, "Assigned");
  EXPECT_EQ(doc_.item("IT.VS.VSORRES.PULSE")->data_type, "integer");
  EXPECT_EQ(doc_.item("IT.VS.VSORRES.MOOD")->data_type, "text");
  EXPECT_EQ(doc_.item("IT.VS.VSORRES.MOOD")->label, "Mood");
  const auto* where = doc_.where_clause(list->items[1].where_clause_oids[0]);
  EXPECT_EQ(where->checks[0].item_oid, "IT.VS.VSTESTCD");
  EXPECT_THAT(where->checks[0].values, ElementsAre("MOOD"));
  const auto* qualifier = doc_.item("IT.SUPPVS.QVAL.VSCLSIG");
  ASSERT_NE(qualifier, nullptr);
  EXPECT_EQ(qualifier->name, "VSCLSIG");
  EXPECT_EQ(qualifier->label, "Clinically Significant");
  EXPECT_EQ(qualifier->origins[0].type, "Collected");
  EXPECT_EQ(doc_.item("IT.SUPPVS.QVAL.VSNEXT")->data_type, "integer");
}

TEST_F(Define, CodelistsHoldTheTermsInUse) {
  install_terminology();
  publish();
  EXPECT_EQ(outcome_.detail["define"]["terminology"], "sdtmct-2031-01-31");
  const auto& codes = variable("VS", "VSTESTCD").codelist_oid;
  EXPECT_EQ(codes, "CL.VSTESTCD");
  EXPECT_THAT(terms(codes), ElementsAre("MOOD=Mood/*", "PULSE=Pulse Rate/C49676", "TEMP=Temperature/C25206"));
  EXPECT_EQ(doc_.codelist(codes)->nci_code, "C66741");
  EXPECT_EQ(doc_.codelist(codes)->standard_oid, "STD.CT");
  EXPECT_THAT(terms(variable("VS", "VSBLFL").codelist_oid), ElementsAre("Y=Yes/C49488"));
  // Units of the variable, and of one test.
  EXPECT_THAT(terms(variable("VS", "VSORRESU").codelist_oid), ElementsAre("/min=/*", "C=/C42559"));
  EXPECT_THAT(terms(doc_.item("IT.VS.VSORRESU.TEMP")->codelist_oid), ElementsAre("C=Degree Celsius/C42559"));
  EXPECT_TRUE(doc_.codelist(variable("SUPPVS", "QNAM").codelist_oid)->is_non_standard);
}

TEST_F(Define, CodelistsOfTheStudy) {
  base::write_file_atomically(root_ / "codelists/mood.csv", "code,decode\nfine,Feels fine\nbad,Feels bad\n");
  words_["VS"]["values"].push_back(
      {{"variable", "VSORRES"},
       {"where", {{{"variable", "VSTESTCD"}, {"comparator", "IN"}, {"values", {"MOOD"}}}}},
       {"codelist", "codelists/mood.csv"}});
  publish();
  const auto* item = doc_.item("IT.VS.VSORRES.MOOD");
  ASSERT_NE(item, nullptr);
  EXPECT_THAT(terms(item->codelist_oid), ElementsAre("fine=Feels fine/"));
  EXPECT_TRUE(doc_.codelist(item->codelist_oid)->is_non_standard);
}

TEST_F(Define, DictionariesAreExternal) {
  study_.dictionaries = {{"MedDRA", "27.0"}};
  stage("AE",
        "SELECT 'S1' AS STUDYID, 'AE' AS DOMAIN, 'S1-1' AS USUBJID, 1 AS AESEQ, 'cold' AS AETERM, 'Cold' AS "
        "AEDECOD, "
        "10009851 AS AEPTCD");
  publish();
  const auto* list = doc_.codelist(variable("AE", "AEDECOD").codelist_oid);
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list->external->dictionary + " " + list->external->version, "MedDRA 27.0");
  EXPECT_EQ(doc_.codelist(variable("AE", "AEPTCD").codelist_oid)->data_type, "integer");
}

TEST_F(Define, WhatCannotBeSaidIsAFinding) {
  words_["VS"]["values"].push_back(
      {{"variable", "VSORRES"}, {"where", {{{"variable", "NOSUCH"}, {"values", {"A"}}}}}});
  words_["VS"]["values"].push_back(
      {{"variable", "VSNONE"}, {"where", {{{"variable", "VSTESTCD"}, {"values", {"A"}}}}}});
  publish();
  ASSERT_EQ(findings_->size(), 2u);
  for (const auto& finding : findings_->sorted()) EXPECT_EQ(finding.rule, "TM2521");
}

TEST_F(Define, EmptyDatasetsAndTablesOfAnotherShape) {
  stage("FA", "SELECT ''::VARCHAR AS STUDYID, NULL::VARCHAR AS USUBJID, NULL::DOUBLE AS FASEQ LIMIT 0");
  words_["VS"]["columns"] = "nonsense";
  words_["VS"]["values"] = {1, nullptr};
  publish();
  const auto* fa = doc_.dataset("FA");
  ASSERT_NE(fa, nullptr);
  EXPECT_TRUE(fa->has_no_data);
  EXPECT_NE(doc_.comment(fa->comment_oid), nullptr);
}

TEST_F(Define, SchemaValidInBothVersions) {
  const fs::path shared = TRIALMILL_SHARED_DIR;
  if (!fs::exists(define::schema_of(shared, "2.1"))) GTEST_SKIP() << "no CDISC schemas in " << shared;
  install_terminology();
  base::write_file_atomically(root_ / "acrf.pdf", "%PDF");
  study_.documents = {{root_ / "acrf.pdf", "annotated-crf", "Annotated CRF"}};
  study_.dictionaries = {{"MedDRA", "27.0"}};
  for (const char* version : {"2.1", "2.0"}) {
    study_.define = version;
    publish();
    EXPECT_TRUE(doc_.define_version.starts_with(version));
    EXPECT_EQ(define::schema_problems(base::read_file(file_), define::schema_of(shared, version)), "")
        << version;
  }
  EXPECT_EQ(variable("VS", "VSORRES").origins[0].type, "eDT");
}

TEST_F(Define, SameInputSameRelease) {
  publish();
  const std::string first = outcome_.detail["release"], print = fingerprint_;
  publish();
  EXPECT_EQ(outcome_.detail["release"], first);
  EXPECT_EQ(fingerprint_, print);
  install_terminology();  // NCI codes come in
  publish();
  EXPECT_NE(outcome_.detail["release"], first);
  EXPECT_NE(fingerprint_, print);
}

TEST_F(Define, CanBeLeftOut) {
  study_.publish.define = false;
  base::write_file_atomically(layout_.staged_current() / "datasets.json", base::dump_json(words_));
  findings::Findings findings;
  table::Session session;
  study::Context context{study_, layout_, session, findings, {}};
  run({}, context);
  EXPECT_FALSE(fs::exists(layout_.output_current() / "xpt/define.xml"));
  study_.publish.define = true;
  study_.publish.formats = {"csv"};
  publish();
  EXPECT_EQ(file_.parent_path(), layout_.output_current());
  EXPECT_EQ(doc_.datasets[0].leaves[0].href, "csv/vs.csv");
}

TEST_F(Define, PageShowsEverything) {
  publish();
  const std::string page = base::read_file(file_.parent_path() / "define.html");
  for (const char* text :
       {"Kettles &amp; pots", "id=\"IG.VS\"", "As measured.", "try_cast(VSORRES AS DOUBLE)",
        "href=\"#VL.VS.VSORRES\"", "id=\"VL.VS.VSORRES\"", "VSCLSIG", "href=\"vs.xpt\""})
    EXPECT_THAT(page, HasSubstr(text));
}

TEST(DefineMeasure, ShapesOfIsoText) {
  for (const auto& [shape, type] :
       std::map<std::string, std::string>{{"9999-99-99", "date"},
                                          {"9999-99", "partialDate"},
                                          {"9999", "partialDate"},
                                          {"9999---99", "incompleteDate"},
                                          {"--99-99", "incompleteDate"},
                                          {"9999-99-99T99:99:99", "datetime"},
                                          {"9999-99-99T99:99:99-99:99", "datetime"},
                                          {"9999-99-99T99:99:99.999Z", "datetime"},
                                          {"9999-99-99T99:99", "partialDatetime"},
                                          {"9999-99-99T-:99", "incompleteDatetime"},
                                          {"P99D", "durationDatetime"},
                                          {"-PT9H", "durationDatetime"},
                                          {"9999-99-99/P9D", "intervalDatetime"},
                                          {"99/99/9999", ""},
                                          {"99.99.9999", ""},
                                          {"9999-99-99 99:99", ""},
                                          {"unknown", ""}}) {
    EXPECT_EQ(iso_shape_type(shape), type) << shape;
  }
}

TEST(DefineMeasure, NumbersAsPeopleWriteThem) {
  table::Session session;
  const auto text = [&](const std::string& number) {
    return session.query("SELECT " + number_text(number)).text(0, 0);
  };
  EXPECT_EQ(text("(75.0::DOUBLE)"), "75");
  EXPECT_EQ(text("(1e-7::DOUBLE)"), "0.0000001");
  EXPECT_EQ(text("(-0.5::DOUBLE)"), "-0.5");
  EXPECT_EQ(text("(12::BIGINT)"), "12");
  EXPECT_EQ(text("(1e20::DOUBLE)"), "100000000000000000000");
}

TEST(DefineSentences, SayWhatARuleDoes) {
  const auto says = [](const std::string& rule) { return method_from_rule(rule).description; };
  EXPECT_EQ(says("{study_day: VSDTC}"),
            "Days from DM.RFSTDTC to VSDTC; the day itself is 1, the day before it -1. Empty unless both are "
            "complete "
            "dates.");
  EXPECT_EQ(says("convert: VSORRES from: VSORRESU to: kg factors: {LB: 0.45, from: 1} round: 1"),
            "VSORRES converted from the unit in VSORRESU to kg by the factors of the expression, rounded to "
            "1 decimal.");
  EXPECT_EQ(says("{sequence: [A, B]}"), "Number of the record within each subject, in the order of A, B.");
  EXPECT_EQ(says("{text: VSSTRESN, else: VSORRES}"), "VSSTRESN as text; where it is missing, VSORRES.");
  EXPECT_EQ(says("{age: [BRTHDTC, RFICDTC], when: SEX = 'F'}"),
            "Complete years from BRTHDTC to RFICDTC. Only where SEX = 'F'.");
  const MethodWords sql =
      method_from_rule("sql: \"CASE WHEN A\\n  THEN 'x: y' END\\n\" when: B > 1", {"A", "B"});
  EXPECT_EQ(sql.expression, "CASE WHEN A\n  THEN 'x: y' END");
  EXPECT_EQ(sql.context, "SQL");
  EXPECT_EQ(sql.description, "Computed from A, B by the expression. Only where B > 1.");
  EXPECT_EQ(says("{unheard: of}"), "As the rule of the mapping says.");
  EXPECT_EQ(says("{[broken"), "As the rule of the mapping says.");
  EXPECT_EQ(says(""), "As the rule of the mapping says.");
}

TEST(DefineWords, OriginsOfBothVersions) {
  EXPECT_EQ(define_origin({"crf", "", "", ""}, true).type, "Collected");
  EXPECT_EQ(define_origin({"eDT", "", "", ""}, true).source, "Vendor");
  EXPECT_EQ(define_origin({"Dreamt", "", "", ""}, true).description, "Dreamt");
  EXPECT_EQ(define_origin({"Collected", "", "", ""}, false).type, "CRF");
  EXPECT_EQ(define_origin({"Not Available", "", "", ""}, false).type, "");
  EXPECT_EQ(page_ref("12, 13").pages, "12 13");
  EXPECT_EQ(page_ref("3-5").first_page + page_ref("3-5").last_page, "35");
  EXPECT_EQ(page_ref("AE_page").type, "NamedDestination");
}

}  // namespace
}  // namespace trialmill::publish
