// The kinds of specification, each read by a function of its own.
#pragma once

#include <vector>

#include "specs/sheet.hpp"
#include "specs/spec.hpp"

namespace trialmill::specs {

/// A sheet with one line for each variable: target domain and variable, source table and column, rule …
/// Also the specifications of {sdtm.oak}.
bool is_spreadsheet(const std::vector<Sheet>& sheets);
void read_spreadsheet(const std::vector<Sheet>& sheets, Spec& spec);

/// The workbook of Pinnacle 21 for define.xml: sheets Datasets, Variables, ValueLevel, WhereClauses,
/// Codelists, Methods, Comments.
bool is_p21_workbook(const std::vector<Sheet>& sheets);
void read_p21_workbook(const std::vector<Sheet>& sheets, Spec& spec);

/// SDTM dataset specializations of CDISC COSMoS: one line for each variable of a test.
bool is_cosmos(const std::vector<Sheet>& sheets);
void read_cosmos(const std::vector<Sheet>& sheets, Spec& spec);

/// Collection (CRF) specializations of CDISC COSMoS: one line for each item of a form.
bool is_cosmos_collection(const std::vector<Sheet>& sheets);
void read_cosmos_collection(const std::vector<Sheet>& sheets, Spec& spec);

/// Fills in what the name of a standard variable says: STUDYID, --SEQ, --DY, EPOCH …; the others are copied
/// from a column of the same name, which is marked as guessed. Does nothing to a variable that has a source
/// or a constant.
void guess_source(SpecVariable& variable, const std::string& dataset);

/// --TESTCD, --TEST, --ORRES and --ORRESU of a dataset with tests take their parts of the unpivot. Those that
/// the specification does not list are added if `add` says so.
void take_from_tests(SpecDataset& dataset, bool add);

/// VSTESTCD EQ SYSBP, VSTESTCD = 'SYSBP', VSTESTCD.SYSBP …: the code; "" for other conditions.
std::string test_code_of(const std::string& where, const std::string& dataset);

}  // namespace trialmill::specs
