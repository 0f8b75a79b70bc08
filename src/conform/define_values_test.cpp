// Value-level metadata: which values an entry applies to, and the rule types and operators that use it.
#include "conform/define_values.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "conform/engine.hpp"

namespace trialmill::conform {
namespace {

/// VSORRES: an integer of at most 3 digits where VSTESTCD is SYSBP or DIABP, a float for a TEMP at VISITNUM 2
/// and later.
const char* define_xml = R"(<?xml version="1.0"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1" FileOID="f">
<Study OID="s"><GlobalVariables><StudyName>x</StudyName><StudyDescription>x</StudyDescription>
<ProtocolName>x</ProtocolName></GlobalVariables>
<MetaDataVersion OID="m" Name="m" def:DefineVersion="2.1.0">
<def:ValueListDef OID="VL.RES">
<ItemRef ItemOID="IT.BP" OrderNumber="1" Mandatory="Yes"><def:WhereClauseRef WhereClauseOID="WC.BP"/></ItemRef>
<ItemRef ItemOID="IT.TEMP" OrderNumber="2" Mandatory="No"><def:WhereClauseRef WhereClauseOID="WC.TEMP"/></ItemRef>
</def:ValueListDef>
<def:WhereClauseDef OID="WC.BP"><RangeCheck Comparator="IN" SoftHard="Soft" def:ItemOID="IT.VSTESTCD">
<CheckValue>SYSBP</CheckValue><CheckValue>DIABP</CheckValue></RangeCheck></def:WhereClauseDef>
<def:WhereClauseDef OID="WC.TEMP"><RangeCheck Comparator="EQ" SoftHard="Soft" def:ItemOID="IT.VSTESTCD">
<CheckValue>TEMP</CheckValue></RangeCheck><RangeCheck Comparator="GE" SoftHard="Soft" def:ItemOID="IT.VISITNUM">
<CheckValue>2</CheckValue></RangeCheck></def:WhereClauseDef>
<ItemGroupDef OID="IG.VS" Name="VS" Domain="VS" Repeating="Yes" def:Structure="one per test">
<ItemRef ItemOID="IT.VSTESTCD" OrderNumber="1" Mandatory="Yes"/>
<ItemRef ItemOID="IT.VISITNUM" OrderNumber="2" Mandatory="No"/>
<ItemRef ItemOID="IT.VSORRES" OrderNumber="3" Mandatory="No"/></ItemGroupDef>
<ItemDef OID="IT.VSTESTCD" Name="VSTESTCD" DataType="text" Length="8"/>
<ItemDef OID="IT.VISITNUM" Name="VISITNUM" DataType="integer" Length="2"/>
<ItemDef OID="IT.VSORRES" Name="VSORRES" DataType="text" Length="20"><def:ValueListRef ValueListOID="VL.RES"/>
</ItemDef>
<ItemDef OID="IT.BP" Name="BP" DataType="integer" Length="3"/>
<ItemDef OID="IT.TEMP" Name="TEMP" DataType="float" Length="4"/>
</MetaDataVersion></Study></ODM>)";

const Data& study() {
  static const Data data = [] {
    Part vs;
    vs.name = vs.domain = "VS";
    vs.file = "vs.csv";
    const auto put = [&](const char* name, const std::vector<std::string>& texts) {
      std::vector<Value> values;
      for (const std::string& text : texts) values.push_back(text.empty() ? Value{} : Value::of(text));
      vs.frame.rows = values.size();
      vs.frame.set(name, Column::of(values));
    };
    put("DOMAIN", {"VS", "VS", "VS", "VS", "VS", "VS"});
    put("VSTESTCD", {"SYSBP", "DIABP", "SYSBP", "TEMP", "TEMP", "SYSBP"});
    put("VISITNUM", {"1", "1", "2", "1", "10", "2"});
    put("VSORRES", {"120", "80.5", "1200", "high", "high", ""});
    Data made;
    made.add(std::move(vs));
    made.set_define(
        std::make_shared<formats::define::Document>(formats::define::parse(define_xml, "define.xml")));
    made.finish(&standards::sdtmig("3.4"));
    return made;
  }();
  return data;
}

/// "RECORD NAME=VALUE …; …" of all issues, or the status and the reason.
std::string run(const std::string& type, const std::string& condition, const std::string& more = "") {
  const std::vector<Rule> rules{
      parse_rule("Core: {Id: X}\nRule Type: " + type +
                     "\nAuthorities: [{Standards: [{Name: SDTMIG, Version: '3.4'}]}]\nOutcome: {Message: m}\n"
                     "Sensitivity: Record\nCheck: {all: [" +
                     condition + "]}\n" + more,
                 "x.yml")};
  const RuleResult result = run_rules(rules, study(), RunOptions()).at(0);
  if (result.status != RuleStatus::issues) return name_of(result.status) + ": " + result.reason;
  std::vector<std::string> out;
  for (const Issue& issue : result.issues) {
    std::string line = issue.record ? std::to_string(*issue.record) : "-";
    for (const auto& [name, value] : issue.values) line += " " + name + "=" + value;
    out.push_back(line);
  }
  return base::join(out, "; ");
}

const char* records = "Value Level Metadata Check against Define XML";
const char* values = "Value Check against Define XML VLM";

TEST(ValueLevel, OperatorsSeeTheRecordsTheEntryAppliesTo) {
  EXPECT_EQ(run(records, "{name: VSORRES, operator: non_conformant_value_data_type}"),
            "2 VSORRES=80.5; 5 VSORRES=high");
  EXPECT_EQ(run(records, "{name: VSORRES, operator: conformant_value_data_type}"),
            "1 VSORRES=120; 3 VSORRES=1200; 6 VSORRES=");
  EXPECT_EQ(run(records, "{name: VSORRES, operator: non_conformant_value_length}"),
            "2 VSORRES=80.5; 3 VSORRES=1200");
  EXPECT_EQ(run(records, "{name: VSORRES, operator: conformant_value_length}"),
            "1 VSORRES=120; 5 VSORRES=high; 6 VSORRES=");
  EXPECT_EQ(run(records, "{name: VSTESTCD, operator: non_conformant_value_length}"), "passed: ");
}

TEST(ValueLevel, TableHasARowAValue) {
  EXPECT_EQ(run(values, "{name: type_check, operator: equal_to, value: false}",
                "Operations: [{id: $n, operator: record_count}]\n"),
            "2 type_check=False; 5 type_check=False");
  EXPECT_EQ(run(values,
                "{name: variable_value_length, operator: greater_than, value: define_vlm_length}, "
                "{name: define_vlm_name, operator: equal_to, value: BP}, "
                "{name: define_variable_name, operator: equal_to, value: VSORRES}"),
            "2 variable_value_length=4 define_vlm_name=BP define_variable_name=VSORRES; "
            "3 variable_value_length=4 define_vlm_name=BP define_variable_name=VSORRES");
  EXPECT_EQ(run(values,
                "{name: variable_value, operator: empty}, "
                "{name: define_vlm_mandatory, operator: equal_to, value: 'Yes'}"),
            "6 variable_value= define_vlm_mandatory=Yes");
}

TEST(ValueLevel, KnowsTheDataTypesOfDefineXml) {
  const std::pair<const char*, std::pair<const char*, const char*>> types[] = {
      {"integer", {"-12", "1.5"}},
      {"float", {"1.5", "1,5"}},
      {"date", {"2020-02-29", "2020-02"}},
      {"datetime", {"2020-02-29T10:00", "2020-02-29"}},
      {"time", {"10:00", "25"}},
      {"partialDate", {"2020-02", "2020-13"}},
      {"partialTime", {"10", "1"}},
      {"partialDatetime", {"2020-02", "x"}},
      {"incompleteDatetime", {"2003---15", "x"}},
      {"durationDatetime", {"P1D", "1D"}},
      {"intervalDatetime", {"2020-01-01/P1D", "2020-01-01"}}};
  for (const auto& [type, examples] : types) {
    EXPECT_TRUE(has_data_type(Value::of(examples.first), type)) << type;
    EXPECT_FALSE(has_data_type(Value::of(examples.second), type)) << type;
    EXPECT_TRUE(has_data_type(Value{}, type)) << type;
  }
  EXPECT_EQ(length_for_type(Value::of("0012"), "integer").number, 2);
  EXPECT_EQ(length_for_type(Value::of("1.25"), "float").number, 3);
  EXPECT_EQ(length_for_type(Value::of("2020-01-01"), "date").kind, Kind::null);
}

TEST(ValueLevel, WhatCannotBeCheckedIsSaid) {
  EXPECT_EQ(run(records, "{name: VSORRES, operator: empty}", "Match Datasets: [{Name: DM}]\n"),
            "not executable: match dataset 'DM' without Keys");
  EXPECT_EQ(run(values, "{name: variable_value, operator: empty}",
                "Match Datasets: [{Name: DM, Keys: [USUBJID]}]\n"),
            "not executable: Match Datasets in a rule of type 'Value Check against Define XML VLM'");
}

}  // namespace
}  // namespace trialmill::conform
