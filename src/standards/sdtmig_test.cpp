#include "standards/sdtmig.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/error.hpp"
#include "table/session.hpp"

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

TEST(SdtmIg, EqualsTheReferenceTables) {
  const std::filesystem::path file =
      std::filesystem::path(TRIALMILL_SHARED_DIR) / "data" / "metadata" / "sdtmig_variables.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "reference metadata not found: " << file;
  table::Session session;
  const auto rows = session.query_text(
      "SELECT version, dataset, variable, label, type, core, role, codelist FROM "
      "read_csv('" +
      file.string() +
      "', all_varchar=true) "
      "WHERE standard='SDTMIG'");
  std::map<std::string, std::size_t> counts;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const SdtmIg& ig = sdtmig(rows.text(row, 0));
    const Dataset* dataset = ig.find_dataset(rows.text(row, 1));
    ASSERT_NE(dataset, nullptr) << rows.text(row, 1);
    const Variable* variable = dataset->find(rows.text(row, 2));
    ASSERT_NE(variable, nullptr) << rows.text(row, 1) << "." << rows.text(row, 2);
    const std::string got[] = {variable->label, variable->type, variable->core, variable->role,
                               variable->codelist};
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(got[i], rows.text(row, 3 + i)) << variable->name;
    ++counts[ig.version()];
  }
  for (const std::string& version : sdtmig_versions()) {
    std::size_t ours = 0;
    for (const Dataset& dataset : sdtmig(version).datasets()) ours += dataset.variables.size();
    EXPECT_EQ(ours, counts[version]) << version;
  }
}

}  // namespace
}  // namespace trialmill::standards
