#include "ingest/ingest.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <rapidcheck.h>

#include <fstream>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "ingest/files.hpp"

namespace trialmill::ingest {
namespace {

namespace fs = std::filesystem;
using Rows = std::vector<std::string>;

/// A study with one source `s` in a folder of its own, and what a crawl of it makes.
class IngestTest : public testing::Test {
 protected:
  IngestTest() : folder_(fs::temp_directory_path() / ("trialmill-ingest-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "inbox");
    study_.inbox = folder_ / "inbox";
    source_.name = "s";
    source_.files = {"**"};
  }
  ~IngestTest() override { fs::remove_all(folder_); }

  void deliver(const std::string& name, const std::string& content) {
    fs::create_directories((study_.inbox / name).parent_path());
    std::ofstream(study_.inbox / name, std::ios::binary) << content;
  }

  void crawl() {
    study_.sources = {source_};
    findings_ = std::make_unique<findings::Findings>();
    study::Context context{study_, {folder_ / "lake"}, session_, *findings_, {}};
    outcome_ = run({}, context);
  }

  Rows rows(const std::string& file, const std::string& columns) {
    const auto result = session_.query_text(
        "SELECT " + columns + " FROM read_parquet(" +
        base::sql_literal((folder_ / "lake/stage/tables" / file).string()) + ") ORDER BY _file, _row");
    Rows out;
    for (std::size_t r = 0; r < result.rows(); ++r) {
      std::string line;
      for (std::size_t c = 0; c < result.columns(); ++c) {
        line += (c ? "|" : "") + (result.is_null(r, c) ? "NULL" : result.text(r, c));
      }
      out.push_back(line);
    }
    return out;
  }
  Rows table(const std::string& columns = "*") { return rows("s.parquet", columns); }
  Rows aside(const std::string& columns = "*") { return rows("s.aside.parquet", columns); }

  Rows finding_lines() {
    Rows out;
    for (const auto& finding : findings_->sorted()) {
      out.push_back(finding.rule + " " + finding.file + ":" + std::to_string(finding.row));
    }
    return out;
  }

  std::string error_code() {
    try {
      crawl();
    } catch (const base::Error& error) {
      return error.code();
    }
    return "";
  }

  const findings::SourceAccount& account() const { return outcome_.accounts.at(0); }

  fs::path folder_;
  study::Study study_;
  study::Source source_;
  table::Session session_;
  std::unique_ptr<findings::Findings> findings_;
  study::Outcome outcome_;
};

TEST_F(IngestTest, CsvOfSeveralKindsBecomesOneTable) {
  deliver("a.csv", "K,V\n1,x\n2,y\n");
  deliver("b.csv", "K,V\r\n3,\"x\ny\"\r\n4,\r\n");
  deliver("c.csv", "V;K;W\n5\" tube;5;w\n\nbad\n");
  deliver("d.csv", "K,V\n6,Zo\xE9\n");
  crawl();
  EXPECT_EQ(table("_file, _row, K, V, W"),
            (Rows{"a.csv|1|1|x|NULL", "a.csv|2|2|y|NULL", "b.csv|1|3|x\ny|NULL", "b.csv|2|4|NULL|NULL",
                  "c.csv|1|5|5\" tube|w", "d.csv|1|6|Zoé|NULL"}));
  EXPECT_EQ(aside(), Rows{"c.csv|2|rejected|1 fields where the header has 3|bad"});
  EXPECT_EQ(account().received, 7);
  EXPECT_EQ(account().rejected_total(), 1);
  EXPECT_EQ(outcome_.rows_out, 6);
  EXPECT_EQ(finding_lines(), (Rows{"TM2010 d.csv:0", "TM2011 c.csv:2", "TM2012 c.csv:0", "TM2012 d.csv:0"}));
}

TEST_F(IngestTest, QuoteThatIsNeverClosedCostsOneRecord) {
  deliver("a.csv", "K,V\n1,\"x\n2,y\n3,\"z\"\n");
  crawl();
  EXPECT_EQ(table("_row, K, V"), (Rows{"2|2|y", "3|3|z"}));
  EXPECT_EQ(aside("_row, content"), Rows{"1|1,\"x"});
  EXPECT_NE(findings_->sorted().at(0).message.find("line 2"), std::string::npos);
}

TEST_F(IngestTest, SameFileTwiceUnderAppendIsFiltered) {
  deliver("a.csv", "K,V\n1,x\n2,y\n");
  deliver("b.csv", "K,V\n1,x\n2,y\n");
  deliver("c.csv", "K,V\n3,z\n");
  crawl();
  EXPECT_EQ(table("_file, K"), (Rows{"a.csv|1", "a.csv|2", "c.csv|3"}));
  EXPECT_EQ(account().received, 5);
  EXPECT_EQ(
      account().filtered,
      (std::map<std::string, std::int64_t>{{"the same file was delivered before under another name", 2}}));
  EXPECT_EQ(aside("_file, _row, fate, content"), (Rows{"b.csv|1|superseded|{\"K\":\"1\",\"V\":\"x\"}",
                                                       "b.csv|2|superseded|{\"K\":\"2\",\"V\":\"y\"}"}));
}

TEST_F(IngestTest, SnapshotReplacesTheSameSite) {
  source_.delivery = study::Delivery::snapshot;
  source_.by = {"SITE"};
  deliver("a.csv", "SITE,V\n1,old\n2,keep\n,unknown\n");
  deliver("b.csv", "SITE,V\n1,new\n,other\n");
  crawl();
  EXPECT_EQ(table("_file, SITE, V"),
            (Rows{"a.csv|2|keep", "a.csv|NULL|unknown", "b.csv|1|new", "b.csv|NULL|other"}));
  EXPECT_EQ(account().filtered,
            (std::map<std::string, std::int64_t>{{"replaced by a later file (snapshot by SITE)", 1}}));
  EXPECT_EQ(aside("_row, content"), Rows{"1|{\"SITE\":\"1\",\"V\":\"old\"}"});
}

TEST_F(IngestTest, UpsertReplacesTheSameKey) {
  source_.delivery = study::Delivery::upsert;
  source_.key = {"ID", "TEST"};
  deliver("a.csv", "ID,TEST,V\n1,A,1\n1,A,2\n1,B,3\n,A,4\n");
  deliver("b.csv", "ID,TEST,V\n1,A,5\n,A,6\n1,,7\n1,,8\n");
  crawl();
  EXPECT_EQ(table("V"), (Rows{"3", "4", "5", "6", "7", "8"}));
  EXPECT_EQ(account().filtered,
            (std::map<std::string, std::int64_t>{{"replaced by a later row (upsert by ID, TEST)", 2}}));
}

TEST_F(IngestTest, KeyThatIsNotDeliveredIsAnError) {
  source_.delivery = study::Delivery::upsert;
  source_.key = {"IDD"};
  deliver("a.csv", "ID,V\n1,A\n");
  EXPECT_EQ(error_code(), "TM2004");
}

TEST_F(IngestTest, NdjsonRejectsSingleLines) {
  source_.format = "ndjson";
  deliver("a.ndjson",
          "{\"a\":1,\"v\":{\"x\":\"q\\\"\\n,\"}}\n{\"a\":\n{\"a\":3,\"A\":4}\n{\"b\":1.50}\n{\"_row\":1}\n");
  crawl();
  EXPECT_EQ(table("_row, a, v_x, b"), (Rows{"1|1|q\"\n,|NULL", "4|NULL|NULL|1.50"}));
  EXPECT_EQ(aside("_row, reason").size(), 3u);
  EXPECT_EQ(aside("_row, reason").at(1), "3|two values for 'A'");
  EXPECT_EQ(aside("_row, reason").at(2), "5|the key '_row' is reserved");
  EXPECT_EQ(finding_lines(), (Rows{"TM2011 a.ndjson:2", "TM2011 a.ndjson:3", "TM2011 a.ndjson:5"}));
}

TEST_F(IngestTest, WearableJsonKeepsWhatStandsBeforeABreak) {
  source_.format = "fitbit";
  deliver("a.json",
          "[{\"dateTime\":\"1\",\"value\":{\"bpm\":60,\"confidence\":1}},\n{\"dateTime\":\"2\",\"value\":"
          "\"7\"},\n{\"da");
  deliver("b.json", "<html>not found</html>");
  crawl();
  EXPECT_EQ(table("_file, _row, dateTime, value, value_bpm"),
            (Rows{"a.json|1|1|NULL|60", "a.json|2|2|7|NULL"}));
  EXPECT_EQ(account().received, 4);
  EXPECT_EQ(account().rejected_total(), 2);
}

TEST_F(IngestTest, OuraRecordsKnowTheirSection) {
  source_.format = "oura";
  deliver("a.json",
          "{\"me\":{\"id\":1},\"sleep\":{\"data\":[{\"day\":\"d1\"},{\"day\":\"d2\"}],\"next_token\":null}}");
  crawl();
  EXPECT_EQ(table("_row, section, id, day"), (Rows{"1|me|1|NULL", "2|sleep|NULL|d1", "3|sleep|NULL|d2"}));
}

TEST_F(IngestTest, AppleHealthKeepsWhatStandsBeforeABreak) {
  source_.format = "apple-health";
  deliver("a.xml",
          "<HealthData><Me x=\"1\"/><Record type=\"T\" value=\"a,&quot;b&quot;\"><M key=\"k\"/></Record>"
          "<Record type=\"U\" value=\"2\"/></HealthData>");
  deliver("b.xml", "<HealthData><Record type=\"V\" value=\"3\"/><Rec");
  crawl();
  EXPECT_EQ(table("_file, _row, type, value, unit"),
            (Rows{"a.xml|1|T|a,\"b\"|NULL", "a.xml|2|U|2|NULL", "b.xml|1|V|3|NULL"}));
  EXPECT_EQ(account().received, 4);
  EXPECT_EQ(aside("_file, _row"), Rows{"b.xml|2"});
}

TEST_F(IngestTest, XmlReadsNoOtherFile) {
  source_.format = "apple-health";
  deliver("a.xml",
          "<!DOCTYPE h [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><h><Record type=\"T\" value=\"1\"/>"
          "<Record type=\"&e;\" value=\"2\"/></h>");
  crawl();
  EXPECT_EQ(table("type"), Rows{});  // an entity of another file in an attribute is not well-formed
  EXPECT_EQ(account().rejected_total(), 1);
}

TEST_F(IngestTest, FilesWithoutRecords) {
  deliver("a.csv", "");
  EXPECT_EQ(error_code(), "TM2005");
  deliver("b.csv", "K,V\n");
  crawl();
  EXPECT_EQ(table("K"), Rows{});
  EXPECT_EQ(finding_lines(), (Rows{"TM2013 a.csv:0", "TM2013 b.csv:0"}));
  deliver("c.csv", "K,W\nbad\n");
  crawl();
  EXPECT_EQ(table("K, V, W"), Rows{});
}

TEST_F(IngestTest, ReservedColumnIsAnError) {
  deliver("a.csv", "K,_ROW\n1,2\n");
  EXPECT_EQ(error_code(), "TM2009");
}

TEST_F(IngestTest, NoFile) {
  EXPECT_EQ(error_code(), "TM2001");
  source_.optional = true;
  crawl();
  EXPECT_EQ(finding_lines(), Rows{"TM2014 :0"});
  fs::remove_all(study_.inbox);
  EXPECT_EQ(error_code(), "TM2002");
}

TEST_F(IngestTest, PathsThatLookLikePatternsOrSql) {
  deliver("x[1]'{a}*.csv", "K\n1\n");
  deliver("x1.csv", "K\n2\n");
  crawl();
  EXPECT_EQ(table("K"), (Rows{"2", "1"}));
}

TEST_F(IngestTest, ObjectsHoldTheDeliveredBytes) {
  deliver("a.csv", "K\nZo\xE9\n");
  crawl();
  const std::string sha256 = outcome_.detail["s"]["files"][0]["sha256"];
  EXPECT_EQ(base::read_file(folder_ / "lake/raw/objects" / sha256.substr(0, 2) / sha256), "K\nZo\xE9\n");
  EXPECT_FALSE(fs::exists(folder_ / "lake/state/scratch"));
}

TEST_F(IngestTest, PatternsChooseFiles) {
  for (const auto* name : {"a.csv", "b.txt", "sub/c.csv", "sub/deep/d.csv"}) deliver(name, "K\n1\n");
  fs::create_directory(study_.inbox / "folder.csv");
  fs::create_symlink("..", study_.inbox / "sub" / "loop");
  fs::create_symlink("self.csv", study_.inbox / "self.csv");
  const auto names = [&](const std::string& pattern) {
    source_.files = {pattern};
    source_.optional = true;
    Rows out;
    for (const auto& file : matched_files(study_, source_, inbox_files(study_))) out.push_back(file.name);
    return out;
  };
  EXPECT_EQ(names("*.csv"), Rows{"a.csv"});
  EXPECT_EQ(names("?.txt"), Rows{"b.txt"});
  EXPECT_EQ(names("sub/*.csv"), Rows{"sub/c.csv"});
  EXPECT_EQ(names("**.csv"), (Rows{"a.csv", "sub/c.csv", "sub/deep/d.csv"}));
  EXPECT_EQ(names("none"), Rows{});
}

TEST_F(IngestTest, EngineReadsWhatTheScannerReads) {
  EXPECT_TRUE(rc::check("any table of texts arrives in the raw table", [this] {
    const auto letter = rc::gen::element('a', '"', ',', '\n', '\r', ' ');
    const auto rows = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::vector<std::string>>>(
        rc::gen::container<std::vector<std::string>>(2, rc::gen::container<std::string>(letter))));
    std::string csv = "K,V\n";
    Rows expected;
    for (const auto& row : rows) {
      csv += base::csv_cell(row[0]) + "," + base::csv_cell(row[1]) + "\n";
      expected.push_back((row[0].empty() ? "NULL" : row[0]) + "|" + (row[1].empty() ? "NULL" : row[1]));
    }
    deliver("a.csv", csv);
    crawl();
    RC_ASSERT(table("K, V") == expected);
  }));
}

}  // namespace
}  // namespace trialmill::ingest
