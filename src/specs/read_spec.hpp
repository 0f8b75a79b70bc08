// The kinds of specification, each read by a function of its own.
#pragma once

#include <vector>

#include "specs/sheet.hpp"
#include "specs/spec.hpp"

namespace trialmill::specs {

/// A sheet with one line for each variable: target domain and variable, source table and column, rule …
/// Also the specifications of {sdtm.oak}, sheets of one dataset each (AE, DM …), and the workbook of Pinnacle
/// 21 for define.xml (sheets Datasets, Variables, ValueLevel, WhereClauses, Codelists, Methods, Comments).
bool is_spreadsheet(const Sheet& header);
/// Sheets without a source or a rule: they describe variables, and sources are guessed from their names.
bool is_variable_list(const Sheet& header);
void read_spreadsheet(std::vector<Sheet>& sheets, Spec& spec);

/// SDTM dataset specializations of CDISC COSMoS: one line for each variable of a test.
bool is_cosmos(const Sheet& header);
void read_cosmos(std::vector<Sheet>& sheets, Spec& spec);

/// Collection (CRF) specializations of CDISC COSMoS: one line for each item of a form.
bool is_cosmos_collection(const Sheet& header);
void read_cosmos_collection(std::vector<Sheet>& sheets, Spec& spec);

/// The sheets beside the variables: datasets, codelists, value level.
void read_dataset_sheet(std::vector<Sheet>& sheets, Spec& spec);
void read_codelist_sheet(std::vector<Sheet>& sheets, Spec& spec);
void read_value_level_sheet(std::vector<Sheet>& sheets, Spec& spec);
/// Sheets with one line for each raw value: variable (DM.SEX), raw value, SDTM value.
void read_value_maps(std::vector<Sheet>& sheets, Spec& spec);
/// What is derived or assigned has a rule that the workbook puts into words at best: its method, where these
/// leave no doubt, is the rule; else the variable stays open. `workbook`: the column is only guessed.
void derive_by_method(SpecVariable& one, const std::string& dataset, bool workbook);
/// ID → text of the sheets Methods and Comments.
std::map<std::string, std::string> texts_of_sheet(std::vector<Sheet>& sheets, const std::string& name);
/// True for the sheets above, and for sheets of a workbook that say nothing of variables.
bool is_side_sheet(const Sheet& sheet);

/// One line of a spreadsheet, before its words are understood.
SpecVariable read_line(const Sheet& sheet, std::size_t row);
/// The condition that stands in columns of the line's own: `when`, or the line stays open.
void read_condition(const Sheet& sheet, std::size_t row, SpecVariable& one);
/// A rule that is parameters in JSON: they go to where they belong, what is left stays the rule.
void read_json_rule(SpecVariable& one);
/// What else only the specifications of {sdtm.oak} say of a line.
void read_oak_columns(const Sheet& sheet, std::size_t row, SpecVariable& one);
/// A line of a sheet SUPPAE for one of its columns.
struct SuppLine {
  std::size_t row = 0;
  SpecVariable line;
};
bool is_supp_column(const std::string& variable);
/// One qualifier that is said by the columns of SUPPAE: QNAM is a constant, QVAL has its rule. Lines of other
/// shapes are left out, as are those for columns that are always made.
void add_described_qualifier(Spec& spec, const Sheet& sheet, const std::string& supp,
                             const std::vector<SuppLine>& lines);
/// Columns whose values make a row, where repeated rows are to be left out.
void read_unique(const Sheet& sheet, std::size_t row, SpecDataset& dataset);
/// Tests that are said by a constant --TESTCD for a column. True if nothing is left of the line.
bool add_hardcoded_test(SpecDataset& dataset, const SpecVariable& one);
/// A copy, a lookup in a codelist or a date, without anything else to say.
bool is_plain(const SpecVariable& line);
/// The part of a date that is the time.
bool is_time_part(const SpecVariable& line);
/// Records of two tables under each other: true if one verb is right for both, the same, or a copy, a date, a
/// constant from elsewhere.
bool merge_tables(const SpecDataset& dataset, SpecVariable& before, const SpecVariable& one);
/// Adds it to the dataset, or merges it with what other lines say of the variable.
void add_line(SpecDataset& dataset, SpecVariable one);
/// What a kind of rule means, whatever it is called: copy, constant, datetime …; other if it is unknown.
std::string rule_kind(const std::string& text);
/// What the words of the rule say beyond doubt; sets rule_type, constant, column or verb.
void read_rule_words(SpecVariable& one, const std::string& dataset);
/// The same for rules in the language of SAS: put(X, 8.2), catx('-', A, B). False if they are none.
bool read_sas_rule(SpecVariable& one);
/// IF … THEN … ELSE of SAS or of people as `choose`; "" for what is not plain. `columns`: names that stand
/// for values, not for themselves.
std::string choose_of(const std::string& rule, const std::vector<std::string>& columns);
/// "If checked then 'Y'": the mapping that it may mean, since what checked boxes hold is not said; or "".
std::string checked_proposal(const std::string& rule, const std::string& column);
/// A condition (X = 'Y' and Z ne 'N', X is missing) as SQL on raw text columns; "" for what is not plain.
std::string condition_of(const std::string& words);

/// Fills in what the name of a standard variable says: STUDYID, --SEQ, --DY, EPOCH …; the others are copied
/// from a column of the same name, which is marked as guessed. Does nothing to a variable that has a source
/// or a constant.
void guess_source(SpecVariable& variable, const std::string& dataset);

/// --TESTCD, --TEST, --ORRES and --ORRESU of a dataset with tests take their parts of the unpivot. Those that
/// the specification does not list are added if `add` says so.
void take_from_tests(SpecDataset& dataset, bool add);
/// STUDYID, USUBJID and --SEQ of specifications that do not list them.
void add_identifiers(SpecDataset& dataset);

/// VSTESTCD EQ SYSBP, VSTESTCD = 'SYSBP', VSTESTCD.SYSBP …: the code; "" for other conditions.
std::string test_code_of(const std::string& where, const std::string& dataset);
/// Names in a cell: "AESTDAT, AESTTIM", "DM.SEX; DM.GENDER" → without the table. Empty if it holds other
/// words.
std::vector<std::string> columns_in(const std::string& cell);

/// Notes that nothing becomes of the line.
void skip(Spec& spec, const Sheet& sheet, std::size_t row, const std::string& what, const std::string& why);

}  // namespace trialmill::specs
