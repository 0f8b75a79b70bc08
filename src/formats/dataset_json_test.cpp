#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "formats/convert.hpp"
#include "formats/dataset_file.hpp"
#include "formats/dataset_json_file.hpp"
#include "formats/json_text.hpp"

namespace trialmill::formats {
namespace {

namespace fs = std::filesystem;

const std::string columns =
    R"("columns":[{"itemOID":"a","name":"USUBJID","label":"Subject \"id\"","dataType":"string","length":4,"keySequence":1},)"
    R"({"itemOID":"b","name":"AGE","label":"Age","dataType":"integer"},)"
    R"({"itemOID":"c","name":"DT","label":"Date","dataType":"date","targetDataType":"integer","displayFormat":"DATE9."},)"
    R"({"itemOID":"d","name":"DOSE","label":"Dose","dataType":"decimal","targetDataType":"decimal"}])";
const std::string head = R"("datasetJSONVersion":"1.1.0","name":"DM","label":"Demographics",)";
const std::string row1 = R"(["S]1",63,"1960-01-02","1.50"])", row2 = R"([null,null,null,""])";

fs::path file_with(const std::string& text) {
  const fs::path file = fs::temp_directory_path() / ("trialmill-dsj-" + std::to_string(::getpid()) + ".json");
  base::write_file_atomically(file, text);
  return file;
}

/// Rows as text, "|" between values, ";" behind a row; null as "~".
std::string rows_of(const std::string& text) {
  const fs::path file = file_with(text);
  const auto opened = open_dataset_json(file, {});
  std::string out;
  opened->read(0, [&](const Batch& batch) {
    for (std::size_t row = 0; row < batch.rows; ++row) {
      for (std::size_t c = 0; c < batch.columns.size(); ++c) {
        if (c > 0) out += '|';
        out += batch.is_missing(row, c) ? "~" : value_text(batch, row, c, opened->datasets()[0].variables[c]);
      }
      out += ';';
    }
    return true;
  });
  fs::remove(file);
  return out;
}

std::string error_of(const std::string& text) {
  try {
    rows_of(text);
  } catch (const base::Error& error) {
    return error.code() + " " + error.message();
  }
  return "";
}

std::string deflated(const std::string& text) {
  std::string out(compressBound(text.size()), '\0');
  uLongf size = out.size();
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
           text.size());
  out.resize(size);
  return out;
}

const std::string both = "S]1|63|1960-01-02|1.50;~|~|~|;";
const std::string lines = "{" + head + "\"records\":2," + columns + "}\n" + row1 + "\n" + row2 + "\n";

TEST(JsonText, FindsWhatMustBeEscapedAtEveryPlace) {
  for (std::size_t size = 1; size < 20; ++size) {
    const std::string plain(size, '~');
    EXPECT_TRUE(is_plain_json_text(plain));
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string text = plain;
        text[at] = static_cast<char>(c);
        const bool good = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
        ASSERT_EQ(is_plain_json_text(text), good) << size << " " << at << " " << c;
        std::string out;
        append_json_text(out, text);
        ASSERT_EQ(out.size() == size + 2, good || c >= 0x80);
      }
    }
  }
}

TEST(DatasetJson, ReadsItsThreeForms) {
  EXPECT_EQ(rows_of("{" + head + columns + ",\"rows\":[" + row1 + ",\n" + row2 + "]}\n"), both);
  EXPECT_EQ(rows_of("{\"rows\":[" + row1 + "," + row2 + "]," + head + columns + "}"), both);  // rows first
  EXPECT_EQ(rows_of(lines), both);
  EXPECT_EQ(rows_of(deflated(lines)), both);
  EXPECT_EQ(rows_of("{" + head + columns + ",\"rows\":[]}\n"), "");
  EXPECT_EQ(rows_of("{" + head + columns + "}\n"), "");
}

TEST(DatasetJson, KeepsMetadata) {
  const fs::path file = file_with(lines);
  const DatasetMeta meta = open_dataset_json(file, {})->datasets()[0];
  fs::remove(file);
  EXPECT_EQ(meta.name, "DM");
  EXPECT_EQ(meta.rows, 2);
  EXPECT_EQ(meta.variables[0].label, "Subject \"id\"");
  EXPECT_EQ(meta.variables[0].key_sequence, 1);
  EXPECT_EQ(meta.variables[0].length, 4);
  EXPECT_EQ(meta.variables[2].storage, Storage::number);
  EXPECT_EQ(meta.variables[2].format, "DATE9.");
  EXPECT_EQ(meta.variables[3].type, ValueType::decimal);
}

TEST(DatasetJson, KeepsMetadataThroughParquet) {
  const fs::path file = file_with(lines), parquet = file.string() + ".parquet";
  convert(file, parquet, {});
  const DatasetMeta before = open_dataset_json(file, {})->datasets()[0];
  const DatasetMeta after = open_dataset_file(parquet)->datasets()[0];
  fs::remove(file);
  fs::remove(parquet);
  EXPECT_EQ(after.name, before.name);
  EXPECT_EQ(after.label, before.label);
  ASSERT_EQ(after.variables.size(), before.variables.size());
  for (std::size_t c = 0; c < after.variables.size(); ++c) {
    const Variable &a = after.variables[c], &b = before.variables[c];
    EXPECT_EQ(a.label, b.label);
    EXPECT_EQ(a.type, b.type);
    EXPECT_EQ(a.length, b.length);
    EXPECT_EQ(a.format, b.format);
    EXPECT_EQ(a.item_oid, b.item_oid);
    EXPECT_EQ(a.declared_type, b.declared_type);
    EXPECT_EQ(a.key_sequence, b.key_sequence);
  }
}

// A document is whole when its brackets close, so a wrong count is a note; an empty text is a missing number.
TEST(DatasetJson, NotesWhatIsOdd) {
  const fs::path file = file_with("{\"records\":7," + head + columns + ",\"rows\":[[\"x\",\"\",null,null]]}");
  const auto opened = open_dataset_json(file, {});
  opened->read(0, [](const Batch& batch) {
    EXPECT_TRUE(batch.is_missing(0, 1));
    return true;
  });
  const auto notes = opened->notes();
  fs::remove(file);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0].message, "an empty text is read as a missing number");
  EXPECT_EQ(notes[1].message, "1 rows, but `records` states 7");
}

TEST(DatasetJson, RefusesWhatIsDamaged) {
  EXPECT_NE(error_of("{" + head + columns + ",\"rows\":[" + row1 + ",[1]").find("TM1331"), std::string::npos);
  EXPECT_NE(error_of("{" + head + columns + ",\"rows\":[[\"x\"]]}").find("row 1: 1 values where there are 4"),
            std::string::npos);
  EXPECT_NE(error_of("{" + head + columns + ",\"rows\":[[\"x\",\"old\",null,null]]}")
                .find("row 1: \"old\" in AGE is not of type integer"),
            std::string::npos);
  EXPECT_NE(error_of("{" + head + columns + ",\"rows\":[[\"x\",1,\"1960-13-01\",null]]}")
                .find("is not a complete date"),
            std::string::npos);
  EXPECT_NE(error_of(base::replace_all(lines, "\"records\":2", "\"records\":3"))
                .find("2 rows, but `records` states 3"),
            std::string::npos);
  const std::string cut = deflated(lines);
  EXPECT_NE(error_of(cut.substr(0, cut.size() - 8)).find("end early"), std::string::npos);
  EXPECT_NE(error_of("{\"a\":1}").find("TM1330"), std::string::npos);
  EXPECT_NE(error_of("[1,2]").find("TM1331"), std::string::npos);
  EXPECT_NE(error_of("").find("TM1331"), std::string::npos);
  EXPECT_NE(error_of("{" + head + columns + ",\"rows\":[" + std::string(100'000, '[')).find("TM1331"),
            std::string::npos);
}

}  // namespace
}  // namespace trialmill::formats
