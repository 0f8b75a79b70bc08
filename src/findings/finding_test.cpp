#include "findings/finding.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/files.hpp"
#include "findings/reconciliation.hpp"

namespace trialmill::findings {

namespace {

Finding sample(const std::string& rule, std::int64_t row, Severity severity = Severity::error) {
  Finding f;
  f.rule = rule;
  f.severity = severity;
  f.stage = "quality";
  f.dataset = "edc_dm";
  f.value = "said \"x, y\"\nand left";
  f.message = "Alter ist nicht plausibel: ü";
  f.row = row;
  return f;
}

std::filesystem::path scratch(const std::string& name) {
  return std::filesystem::temp_directory_path() / ("trialmill-" + std::to_string(::getpid()) + "-" + name);
}

}  // namespace

TEST(Findings, CountsBySeverity) {
  Findings findings;
  findings.add(sample("R1", 1, Severity::warning));
  EXPECT_FALSE(findings.any_at_or_over(Severity::error));
  EXPECT_TRUE(findings.any_at_or_over(Severity::info));
  findings.add(sample("R2", 1));
  EXPECT_TRUE(findings.any_at_or_over(Severity::error));
  EXPECT_EQ(findings.count(Severity::warning), 1u);
  EXPECT_EQ(severity_from("nonsense"), Severity::error);  // never weaker than meant
}

TEST(Findings, AreWrittenInTheSameOrderWhateverOrderTheyCameIn) {
  Findings one, other;
  for (int row = 1; row <= 20; ++row) one.add(sample(row % 2 ? "A" : "B", row));
  for (int row = 20; row >= 1; --row) other.add(sample(row % 2 ? "A" : "B", row));
  one.write_csv(scratch("one.csv"));
  other.write_csv(scratch("other.csv"));
  const std::string text = base::read_file(scratch("one.csv"));
  EXPECT_EQ(text, base::read_file(scratch("other.csv")));
  EXPECT_NE(text.find("\"said \"\"x, y\"\"\nand left\""), std::string::npos);  // quoted as CSV wants it
  std::filesystem::remove(scratch("one.csv"));
  std::filesystem::remove(scratch("other.csv"));
}

TEST(Findings, SurviveAWriteAndARead) {
  Findings out, in;
  out.add(sample("R1", 3, Severity::info));
  out.add(sample("R2", 0));
  out.write_jsonl(scratch("f.jsonl"));
  in.read_jsonl(scratch("f.jsonl"));
  ASSERT_EQ(in.size(), 2u);
  EXPECT_EQ(in.sorted()[0].value, sample("R1", 3).value);
  EXPECT_EQ(in.sorted()[0].severity, Severity::info);
  EXPECT_EQ(in.sorted()[0].row, 3);
  base::write_file_atomically(scratch("f.jsonl"), "{\"rule\": \"R1\"}\n{\"rule\": \"R");  // cut by a crash
  EXPECT_THROW(in.read_jsonl(scratch("f.jsonl")), base::Error);
  std::filesystem::remove(scratch("f.jsonl"));
}

TEST(Reconciliation, AccountsForEveryRow) {
  SourceAccount account;
  account.received = 10;
  account.mapped = 6;
  account.filtered["screening visit"] = 3;
  EXPECT_EQ(account.unaccounted(), 1);
  account.rejected["malformed line"] = 1;
  EXPECT_EQ(account.unaccounted(), 0);
}

}  // namespace trialmill::findings
