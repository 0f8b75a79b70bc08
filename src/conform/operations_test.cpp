// Every operation on a small study: what the column $id holds on the first rows.
#include "conform/operations.hpp"

#include <gtest/gtest.h>

#include <set>

#include "conform/operation_call.hpp"
#include "conform/rule.hpp"
#include "conform/rule_table.hpp"

namespace trialmill::conform {
namespace {

Part part(const std::string& name,
          const std::vector<std::pair<std::string, std::vector<const char*>>>& columns) {
  Part out;
  out.name = name;
  out.file = name + ".csv";
  out.label = "Label of " + name;
  for (const auto& [column, texts] : columns) {
    std::vector<Value> values;
    for (const char* text : texts) values.push_back(*text == 0 ? Value{} : Value::of(text));
    out.frame.rows = values.size();
    out.frame.set(column, Column::of(values));
  }
  return out;
}

const char* define_xml = R"(<?xml version="1.0"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1" FileOID="f">
<Study OID="s"><GlobalVariables><StudyName>x</StudyName><StudyDescription>x</StudyDescription>
<ProtocolName>x</ProtocolName></GlobalVariables>
<MetaDataVersion OID="m" Name="m" def:DefineVersion="2.1.0">
<ItemGroupDef OID="IG.AE" Name="AE" Domain="AE" Repeating="Yes" def:Structure="one per event">
<ItemRef ItemOID="IT.AETERM" OrderNumber="1" Mandatory="Yes"/></ItemGroupDef>
<ItemDef OID="IT.AETERM" Name="AETERM" DataType="text" Length="20"><Description><TranslatedText>Term
</TranslatedText></Description><CodeListRef CodeListOID="CL.K"/></ItemDef>
<CodeList OID="CL.K" Name="KETTLE" DataType="text"><EnumeratedItem CodedValue="WARM" def:ExtendedValue="Yes"/>
</CodeList></MetaDataVersion></Study></ODM>)";

const std::string terminology =
    "trialmill-ct-1\tsdtmct-2031-01-31\tSDTM\t2031-01-31\t1\t2\n"
    "C1\tKETTLE\tY\tKettle State\tKettle State Terminology\t\t2\n"
    "C11\tCOLD\tCold\t\n"
    "C12\tHOT\tHot\t\n";

const Data& study() {
  static const Data data = [] {
    Data made;
    made.add(part("DM", {{"DOMAIN", {"DM", "DM"}},
                         {"USUBJID", {"1", "2"}},
                         {"RFSTDTC", {"2020-01-02", "2020-01"}},
                         {"AGE", {"40", "50"}}}));
    made.add(part("AE", {{"DOMAIN", {"AE", "AE", "AE"}},
                         {"USUBJID", {"1", "1", "3"}},
                         {"AETERM", {"PAIN; ARM", "RASH", ""}},
                         {"AESTDTC", {"2020-01-02", "2020-01-01", "2020-02"}},
                         {"RFSTDTC", {"2020-01-02", "2020-01-02", "2020-01-02"}},
                         {"VER", {"2031-01-31", "2031-01-31", ""}},
                         {"REF", {"CDISC", "CDISC", "MedDRA"}},
                         {"EMPTY", {"", "", ""}}}));
    made.add(part("SUPPAE", {{"RDOMAIN", {"AE", "AE"}},
                             {"USUBJID", {"1", "3"}},
                             {"QNAM", {"AESEV", "AEX"}},
                             {"QLABEL", {"Severity/Intensity", "None"}},
                             {"IDVAR", {"AETERM", "AENONE"}}}));
    made.set_define(
        std::make_shared<formats::define::Document>(formats::define::parse(define_xml, "define.xml")));
    made.set_terminology(standards::Terminology({standards::Package::from_text(terminology, "terminology")}));
    made.finish(&standards::sdtmig("3.4"));
    return made;
  }();
  return data;
}

/// The result column for a dataset, rows joined by "; ", or what kept it from being made.
std::string result(const std::string& name, const std::string& operation) {
  const Rule rule = parse_rule(
      "Core: {Id: X}\nRule Type: Record Data\nSensitivity: Record\nOutcome: {Message: m}\n"
      "Operations: [" +
          operation + "]\nCheck: {all: [{name: $x, operator: empty}]}\n",
      "x.yml");
  if (!rule.unsupported.empty()) return rule.unsupported;
  for (const Dataset& dataset : study().datasets()) {
    if (dataset.name != name) continue;
    try {
      const Table table = prepare_table(rule, dataset, study());
      const bool several = adds_several_columns(rule.operations[0]);
      const Column& column = table.column(several ? "$x_role" : "$x");
      std::string out;
      for (std::size_t row = 0; row < column.size() && (row == 0 || !column.is_constant()); ++row)
        out += (row == 0 ? "" : "; ") + printed(column.at(row));
      return out;
    } catch (const SkipDataset& skip) {
      return "skipped: " + skip.reason;
    }
  }
  return "no dataset " + name;
}

struct Case {
  const char* dataset;
  const char* operation;
  const char* expected;
};

const Case cases[] = {
    {"AE", "{id: $x, operator: distinct, name: USUBJID}", "['1', '3']"},
    {"AE", "{id: $x, operator: distinct, name: AGE, domain: DM}", "['40', '50']"},
    {"AE", "{id: $x, operator: distinct, name: AGE, domain: XX}", "skipped: dataset XX is not there"},
    {"AE", "{id: $x, operator: distinct, name: AGE, domain: DM, group: [USUBJID]}", "['40']; ['40']; []"},
    {"AE", "{id: $x, operator: distinct, name: USUBJID, filter: {AETERM: RASH}}", "['1']"},
    {"SUPPAE", "{id: $x, operator: distinct, name: IDVAR, value_is_reference: true}", "['AETERM']"},
    {"AE", "{id: $x, operator: record_count}", "3"},
    {"AE", "{id: $x, operator: record_count, group: [USUBJID]}", "2; 2; 1"},
    {"AE", "{id: $x, operator: record_count, group: [USUBJID], filter: {AETERM: 'PA&'}}", "1; 1; 0"},
    {"DM", "{id: $x, operator: record_count, domain: SUPPAE, group: [QNAM], group_aliases: [AGE]}", "0"},
    {"AE", "{id: $x, operator: min_date, name: AESTDTC, group: [USUBJID]}",
     "2020-01-01; 2020-01-01; 2020-02"},
    {"AE", "{id: $x, operator: max_date, name: AESTDTC}", "2020-02"},
    {"AE", "{id: $x, operator: min, name: AGE, domain: DM}", "40"},
    {"AE", "{id: $x, operator: max, name: AGE, domain: DM}", "50"},
    {"AE", "{id: $x, operator: mean, name: AGE, domain: DM}", "45.0"},
    {"AE", "{id: $x, operator: mean, name: AETERM}", ""},
    {"AE", "{id: $x, operator: dy, name: AESTDTC}", "1; -1; "},
    {"AE",
     "{id: $a, operator: dataset_names}, {id: $b, operator: study_domains}, "
     "{id: $x, operator: minus, name: $a, subtract: $b}",
     "['SUPPAE']"},
    {"AE", "{id: $x, operator: split_by, name: AETERM, delimiter: ';'}", "['PAIN', ' ARM']; ['RASH']; "},
    {"AE", "{id: $x, operator: map, map: [{AETERM: RASH, USUBJID: '1', output: skin}]}", "; skin; "},
    {"AE", "{id: $x, operator: map, map: [{output: all}]}", "all"},
    {"AE", "{id: $x, operator: variable_is_null, name: EMPTY}", "True"},
    {"AE", "{id: $x, operator: variable_is_null, name: AETERM, source: submission}", "False"},
    {"AE", "{id: $x, operator: variable_is_null, name: ABSENT}", "True"},
    {"AE", "{id: $x, operator: variable_count, name: USUBJID}", "3"},
    {"AE", "{id: $x, operator: variable_value_count, name: QNAM}", "[['AESEV', 1], ['AEX', 1]]"},
    {"AE", "{id: $x, operator: variable_exists, name: --TERM}", "True"},
    {"AE", "{id: $x, operator: extract_metadata, name: dataset_label}", "Label of AE"},
    {"AE", "{id: $x, operator: extract_metadata, name: is_ap}", "False"},
    {"AE", "{id: $x, operator: extract_metadata, name: colour}", "skipped: metadata 'colour' is not known"},
    {"AE", "{id: $x, operator: dataset_names}", "['DM', 'AE', 'SUPPAE']"},
    {"AE", "{id: $x, operator: study_domains}", "['DM', 'AE', None]"},
    {"SUPPAE", "{id: $x, operator: get_column_order_from_dataset}",
     "['RDOMAIN', 'USUBJID', 'QNAM', 'QLABEL', 'IDVAR']"},
    {"AE", "{id: $x, operator: domain_is_custom}", "False"},
    {"SUPPAE", "{id: $x, operator: related_domain_is_custom}", "False"},
    {"AE", "{id: $x, operator: domain_label}", "Adverse Events"},
    {"AE", "{id: $x, operator: get_library_class_domains, domain_class: EVENTS}",
     "['AE', 'BE', 'CE', 'DS', 'DV', 'HO', 'MH']"},
    {"AE", "{id: $x, operator: required_variables}",
     "['STUDYID', 'DOMAIN', 'USUBJID', 'AESEQ', 'AETERM', 'AEDECOD']"},
    {"AE", "{id: $x, operator: get_dataset_filtered_variables, key_name: role, key_value: Timing}",
     "['AESTDTC']"},
    {"SUPPAE", "{id: $x, operator: name_referenced_variable_metadata, name: QNAM}", "Record Qualifier; "},
    {"SUPPAE", "{id: $x, operator: label_referenced_variable_metadata, name: QLABEL}", "Record Qualifier; "},
    {"AE", "{id: $x, operator: codelist_terms, codelists: [KETTLE], level: term, returntype: code}",
     "['C11', 'C12']"},
    {"AE", "{id: $x, operator: codelist_terms, codelists: [KETTLE], level: codelist, returntype: value}",
     "['KETTLE']"},
    {"AE", "{id: $x, operator: codelist_terms, codelists: [POT], level: term, returntype: code}",
     "skipped: the controlled terminology has no codelist POT"},
    {"AE", "{id: $x, operator: codelist_extensible, codelist: KETTLE}", "True"},
    {"AE", "{id: $x, operator: define_extensible_codelists, codelists: [KETTLE]}", "['WARM']"},
    {"AE", "{id: $x, operator: get_codelist_attributes, name: REF, version: VER, ct_attribute: Term Value}",
     "['COLD', 'HOT']; ['COLD', 'HOT']; "},
    {"DM",
     "{id: $x, operator: get_codelist_attributes, ct_attribute: Term CCODE, "
     "ct_conditions: [{Codelist Code: C1}, {Term_Value: HOT}, {Extensible: true}]}",
     "['C12']"},
    {"DM",
     "{id: $x, operator: get_codelist_attributes, ct_attribute: Term CCODE, "
     "ct_conditions: [{Codelist Code: C2}]}",
     "[]"},
    {"AE",
     "{id: $x, operator: define_variable_metadata, name: AETERM, "
     "attribute_name: define_variable_mandatory}",
     "Yes"},
    {"AE", "{id: $x, operator: maximum, name: AGE}", "operation 'maximum'"},
    {"AE", "{id: $x, operator: valid_meddra_term_references}",
     "operation 'valid_meddra_term_references': dictionary not available"},
};

/// Only their names are long: lists of hundreds of variables, or what is installed on the machine.
const char* long_ones[] = {"expected_variables",
                           "permissible_variables",
                           "required_expected_variables",
                           "get_column_order_from_library",
                           "get_model_column_order",
                           "get_parent_model_column_order",
                           "get_model_filtered_variables",
                           "variable_names",
                           "standard_domains",
                           "valid_codelist_dates"};

TEST(Operations, GiveTheExpectedColumn) {
  for (const Case& one : cases) EXPECT_EQ(result(one.dataset, one.operation), one.expected) << one.operation;
}

TEST(Operations, LongListsHoldTheRightNames) {
  const auto has = [](const char* dataset, const std::string& operation, const char* name) {
    return result(dataset, "{id: $x, operator: " + operation + "}").find(name) != std::string::npos;
  };
  EXPECT_TRUE(has("AE", "expected_variables", "'AELLT'"));
  EXPECT_FALSE(has("AE", "expected_variables", "'AESEV'"));
  EXPECT_TRUE(has("AE", "permissible_variables", "'AESEV'"));
  EXPECT_TRUE(has("AE", "required_expected_variables", "'AEDECOD'"));
  EXPECT_TRUE(has("AE", "get_column_order_from_library", "'AETERM'"));
  EXPECT_TRUE(has("AE", "get_model_column_order", "'AEMODIFY'"));
  EXPECT_TRUE(has("SUPPAE", "get_parent_model_column_order", "'AETERM'"));
  EXPECT_TRUE(has("AE", "get_model_filtered_variables, key_name: role, key_value: Timing", "'AESTDY'"));
  EXPECT_FALSE(has("AE", "get_model_filtered_variables, key_name: role, key_value: Timing", "'AETERM'"));
  EXPECT_TRUE(has("AE", "variable_names", "'LBTESTCD'"));
  EXPECT_TRUE(has("AE", "standard_domains", "['AE', 'AG',"));
}

TEST(Operations, EachHasACaseAndASummary) {
  std::set<std::string> tested(std::begin(long_ones), std::end(long_ones));
  for (const Case& one : cases) {
    const std::string text = one.operation;
    for (std::size_t at = text.find("operator: "); at != std::string::npos;
         at = text.find("operator: ", at + 1))
      tested.insert(text.substr(at + 10, text.find_first_of(",}", at) - at - 10));
  }
  for (const auto& [name, info] : operations()) {
    EXPECT_EQ(tested.count(name), 1u) << name;
    EXPECT_STRNE(info.summary, "") << name;
  }
}

}  // namespace
}  // namespace trialmill::conform
