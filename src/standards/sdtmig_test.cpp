#include "standards/sdtmig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "formats/csv_scan.hpp"
#include "standards/terminology_import.hpp"

namespace trialmill::standards {
namespace {

TEST(SdtmIg, KnowsDatasetsAndVariables) {
  const SdtmIg& ig = sdtmig("3.4");
  EXPECT_EQ(&ig, &sdtmig("3-4"));
  EXPECT_EQ(ig.model_version(), "2.0");
  ASSERT_NE(ig.find_dataset("AE"), nullptr);
  EXPECT_EQ(ig.find_dataset("AE")->class_name, "Events");
  EXPECT_EQ(ig.find_dataset("XX"), nullptr);
  EXPECT_TRUE(ig.variables_of("XX").empty());
  ASSERT_FALSE(ig.variables_of("DM").empty());
  EXPECT_EQ(ig.variables_of("DM")[0].name, "STUDYID");
  EXPECT_EQ(ig.variables_of("DM")[0].core, "Req");
}

TEST(SdtmIg, GivesLabels) {
  const SdtmIg& ig = sdtmig("3.4");
  EXPECT_EQ(ig.dataset_label("AE"), "Adverse Events");
  EXPECT_EQ(ig.dataset_label("SUPPAE"), "Supplemental Qualifiers for AE");
  EXPECT_EQ(ig.label_of("DM", "USUBJID"), "Unique Subject Identifier");
  EXPECT_EQ(ig.label_of("SUPPAE", "QNAM"), "Qualifier Variable Name");
  EXPECT_EQ(ig.label_of("XX", "XXSEQ"), "Sequence Number");  // custom domain: the model's label
  EXPECT_EQ(ig.label_of("AE", "NOPE"), "");
}

TEST(SdtmIg, UnknownVersionIsAnError) {
  EXPECT_FALSE(has_sdtmig("2.0"));
  EXPECT_THROW(sdtmig("2.0"), base::Error);
}

std::vector<std::string> names(const std::vector<Variable>& variables) {
  std::vector<std::string> out;
  for (const Variable& variable : variables) out.push_back(variable.name);
  return out;
}

std::ptrdiff_t place(const std::vector<std::string>& all, const std::string& name) {
  const auto found = std::find(all.begin(), all.end(), name);
  return found == all.end() ? -1 : found - all.begin();
}

TEST(SdtmIg, GivesModelVariablesInOrder) {
  const SdtmIg& ig = sdtmig("3.4");
  const auto events = names(ig.model_variables("XX", "EVENTS", "XX"));
  EXPECT_EQ(events.front(), "STUDYID");
  // Identifiers, then the class, then timing; ordinals are numbers: the 10th does not come before the 2nd.
  EXPECT_LT(place(events, "XXSEQ"), place(events, "XXTERM"));
  EXPECT_LT(place(events, "XXTERM"), place(events, "XXMODIFY"));
  EXPECT_LT(place(events, "XXMODIFY"), place(events, "XXUSCHFL"));
  EXPECT_LT(place(events, "XXUSCHFL"), place(events, "VISITNUM"));
  EXPECT_EQ(place(events, "XXTESTCD"), -1);
  const auto about = names(ig.model_variables("FA", "Findings About", "FA"));
  EXPECT_NE(place(about, "FATESTCD"), -1);
  EXPECT_NE(place(about, "FAOBJ"), -1);
  EXPECT_EQ(place(names(ig.model_variables("LB", "Findings", "LB")), "LBOBJ"), -1);
  EXPECT_EQ(names(ig.model_variables("DM", "Special-Purpose", "DM")).size(), 38U);
  EXPECT_TRUE(ig.model_variables("ZZ", "Special-Purpose", "ZZ").empty());
}

TEST(SdtmIg, GivesGuideVariablesWithTheModelsAround) {
  const SdtmIg& ig = sdtmig("3.4");
  const auto ae = ig.guide_variables("AE", "EVENTS", "AE");
  const auto term = std::find_if(ae.begin(), ae.end(), [](const Variable& v) { return v.name == "AETERM"; });
  ASSERT_NE(term, ae.end());
  EXPECT_EQ(term->core, "Req");
  EXPECT_NE(place(names(ae), "AEUSCHFL"), -1);  // only in the model
  EXPECT_EQ(ig.guide_variables("DM", "Special-Purpose", "DM").size(), ig.variables_of("DM").size());
  EXPECT_TRUE(ig.is_custom("XX"));
  EXPECT_FALSE(ig.is_custom("AE"));
  EXPECT_FALSE(ig.is_custom("SUPPAE"));
  EXPECT_FALSE(ig.is_custom("DI"));  // in the model, not in the guide
}

TEST(SdtmIg, LeadsFromVariablesToCodelists) {
  EXPECT_EQ(sdtmig("3.4").find_dataset("DM")->find("SEX")->codelists(), std::vector<std::string>{"C66731"});
  EXPECT_TRUE(sdtmig("3.4").find_dataset("DM")->find("USUBJID")->codelists().empty());
  for (const std::string& version : sdtmig_versions()) {
    for (const Dataset& dataset : sdtmig(version).datasets()) {
      for (const Variable& variable : dataset.variables) {
        for (const std::string& code : variable.codelists())
          EXPECT_TRUE(code.size() > 4 && code[0] == 'C')
              << dataset.name << "." << variable.name << " " << code;
      }
    }
  }
}

/// Rows of a reference table as maps from column to value.
std::vector<std::map<std::string, std::string>> reference(const std::string& name) {
  std::vector<std::map<std::string, std::string>> rows;
  const auto file = std::filesystem::path(TRIALMILL_SHARED_DIR) / "data" / "metadata" / name;
  if (!std::filesystem::exists(file)) return rows;
  std::vector<std::string> header;
  for (const std::string& line : base::split(base::read_file(file), '\n')) {
    if (base::trim(line).empty()) continue;
    const auto cells = formats::split_csv_record(base::trim(line), ',');
    if (header.empty()) {
      header = cells;
      continue;
    }
    EXPECT_EQ(cells.size(), header.size()) << line;
    rows.emplace_back();
    for (std::size_t i = 0; i < cells.size() && i < header.size(); ++i) rows.back()[header[i]] = cells[i];
  }
  return rows;
}

/// "dataset|class|order|variable|label|type|core|role|codelist" of every variable, sorted.
std::vector<std::string> lines_of(const std::vector<Dataset>& datasets) {
  std::vector<std::string> out;
  for (const Dataset& dataset : datasets) {
    for (const Variable& v : dataset.variables) {
      out.push_back(base::join({dataset.name, dataset.class_name, std::to_string(v.order), v.name, v.label,
                                v.type, v.core, v.role, v.codelist},
                               "|"));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> lines_of(const std::vector<std::map<std::string, std::string>>& rows,
                                  const std::string& standard, const std::string& version) {
  std::vector<std::string> out;
  for (const auto& row : rows) {
    if (row.at("standard") != standard || row.at("version") != version) continue;
    std::vector<std::string> cells;
    for (const char* column :
         {"dataset", "class", "order", "variable", "label", "type", "core", "role", "codelist"})
      cells.push_back(row.at(column));
    out.push_back(base::join(cells, "|"));
  }
  std::sort(out.begin(), out.end());
  return out;
}

TEST(SharedSdtmIg, VariablesEqualTheReference) {
  const auto guides = reference("sdtmig_variables.csv");
  const auto models = reference("sdtm_model_variables.csv");
  if (guides.empty() || models.empty()) GTEST_SKIP() << "reference metadata not found";
  for (const std::string& version : sdtmig_versions()) {
    const SdtmIg& ig = sdtmig(version);
    EXPECT_EQ(lines_of(ig.datasets()), lines_of(guides, "SDTMIG", version));
    EXPECT_EQ(lines_of(ig.model()), lines_of(models, "SDTM", ig.model_version()));
    EXPECT_GT(lines_of(ig.datasets()).size(), 1000U);
  }
}

TEST(SharedSdtmIg, DatasetsEqualTheReference) {
  const auto rows = reference("sdtmig_datasets.csv");
  if (rows.empty()) GTEST_SKIP() << "reference metadata not found";
  for (const std::string& version : sdtmig_versions()) {
    std::vector<std::string> ours, theirs;
    for (const Dataset& dataset : sdtmig(version).datasets())
      ours.push_back(dataset.name + "|" + dataset.class_name + "|" + dataset.label);
    for (const auto& row : rows) {
      if (row.at("standard") == "SDTMIG" && row.at("version") == version)
        theirs.push_back(row.at("dataset") + "|" + row.at("class") + "|" + row.at("label"));
    }
    std::sort(ours.begin(), ours.end());
    std::sort(theirs.begin(), theirs.end());
    EXPECT_EQ(ours, theirs) << version;
  }
}

TEST(SharedSdtmIg, CodelistsAreInTheTerminology) {
  const auto file =
      std::filesystem::path(TRIALMILL_SHARED_DIR) / "data" / "metadata" / "sdtmct-2025-03-28.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "reference terminology not found: " << file;
  const auto package = read_published_terminology(file).package;
  std::vector<std::string> missing;
  for (const Dataset& dataset : sdtmig("3.4").datasets()) {
    for (const Variable& variable : dataset.variables) {
      for (const std::string& code : variable.codelists()) {
        if (package->find_codelist(code) == nullptr)
          missing.push_back(dataset.name + "." + variable.name + " " + code);
      }
    }
  }
  // The guide, of 2021, names a codelist that the terminology of 2025 no longer holds.
  EXPECT_EQ(missing, std::vector<std::string>{"MS.MSRESCAT C85495"});
}

}  // namespace
}  // namespace trialmill::standards
