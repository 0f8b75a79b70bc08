// The forms of a report, one function each; report.hpp chooses among them.
#pragma once

#include "base/json.hpp"
#include "conform/report.hpp"

namespace trialmill::conform {

void table_report(const Report& report, const Sink& sink);  // report_text.cpp
void csv_report(const Report& report, const Sink& sink);
void json_report(const Report& report, const Sink& sink);   // report_json.cpp
void html_report(const Report& report, const Sink& sink);   // report_html.cpp
void junit_report(const Report& report, const Sink& sink);  // report_ci.cpp
void sarif_report(const Report& report, const Sink& sink);
/// Writes to `file` itself; the caller renames. Error TM2405.
void xlsx_report(const Report& report, const std::filesystem::path& file);  // report_xlsx.cpp

// Parts that json and html share (report_json.cpp).
base::Json conformance_details(const Report& report);
base::Json dataset_details(const Report& report);
base::Json rules_report(const Report& report);

}  // namespace trialmill::conform
