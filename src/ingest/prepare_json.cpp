// JSON deliveries. A file is read twice: the first time its records are judged and its columns found, the
// second time the good records are written into a clean copy that has all columns.
//   ndjson  one object a line              json    an array of objects, or {"data": [...]}
//   fitbit  arrays of {dateTime, value}    oura    an object of sections, each {"data": [...]} or an object
#include <unordered_map>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/json_cut.hpp"
#include "ingest/json_record.hpp"
#include "ingest/prepare.hpp"

namespace trialmill::ingest {

using formats::cut_json;
using formats::JsonCut;
using formats::JsonShape;

namespace {

constexpr std::size_t columns_max = 1000;
constexpr std::size_t bad_records_max = 100'000;

JsonShape shape_of(const study::Source& source) {
  if (source.format == "ndjson") return JsonShape::lines;
  return source.format == "oura" ? JsonShape::sections : JsonShape::elements;
}

/// The columns of a file in the order of their first appearance. The engine ignores case in names, so they do
/// too.
class Columns {
 public:
  std::size_t index_of(const std::string& name) {
    if (const auto known = as_written_.find(name); known != as_written_.end()) return known->second;
    const auto [found, fresh] = folded_.try_emplace(base::to_lower(name), names_.size());
    if (fresh) names_.push_back(name);
    as_written_.emplace(name, found->second);
    return found->second;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> as_written_, folded_;
};

/// The values of a record in the places of its columns.
class Row {
 public:
  /// Returns why the record cannot be a row, or "".
  std::string fill(const JsonCut& cut, const JsonFields& fields, Columns& columns, bool sections) {
    if (!cut.problem.empty()) return cut.problem;
    if (!fields.problem.empty()) return fields.problem;
    for (auto& value : values_) value.clear();
    ++generation_;
    if (sections) put(columns, "section", cut.section);
    for (const auto& [name, value] : fields.values) {
      if (is_reserved_column(name)) return "the key '" + name + "' is reserved";
      if (!put(columns, name, value)) return "two values for '" + name + "'";
    }
    return "";
  }
  /// Complete only when all columns of the file are known.
  const std::vector<std::string>& values() const { return values_; }

 private:
  bool put(Columns& columns, const std::string& name, const std::string& value) {
    const std::size_t at = columns.index_of(name);
    if (at >= values_.size()) {
      values_.resize(at + 1);
      filled_.resize(at + 1);
    }
    if (filled_[at] == generation_) return false;
    filled_[at] = generation_;
    values_[at] = value;
    return true;
  }

  std::vector<std::string> values_;
  std::vector<std::int64_t> filled_;
  std::int64_t generation_ = 0;
};

}  // namespace

Prepared prepare_json(const study::Source& source, const Delivered& file, int part, CleanCopies& copies) {
  const JsonShape shape = shape_of(source);
  const bool sections = shape == JsonShape::sections;
  Prepared out;
  Columns columns;
  JsonRecordReader reader;
  Row row;
  const JsonFields unread;
  const auto judge = [&](const JsonCut& cut) {
    return row.fill(cut, cut.problem.empty() ? reader.read(cut.text) : unread, columns, sections);
  };
  {
    formats::ByteWindow window(file.path, file.name);
    cut_json(window, shape, [&](const JsonCut& cut) {
      out.records = cut.row;
      const std::string problem = judge(cut);
      if (columns.names().size() > columns_max) {
        throw base::Error("TM2008", "more than 1,000 different keys", {file.name, static_cast<int>(cut.line)},
                          "most often values were written as keys");
      }
      if (problem.empty()) return;
      if (out.bad.size() == bad_records_max) {
        throw base::Error("TM2006", "more than 100,000 records are broken",
                          {file.name, static_cast<int>(cut.line)}, "does the file have the declared format?");
      }
      out.bad.push_back({cut.row, cut.line, problem, formats::shortened(cut.text)});
    });
    out.bytes = window.bytes();
    out.sha256 = window.sha256();
  }
  if (columns.names().empty()) return out;
  out.columns = columns.names();
  copies.select(source.name, part, ',', out.columns);
  formats::ByteWindow window(file.path, file.name);
  cut_json(window, shape, [&](const JsonCut& cut) {
    if (!judge(cut).empty()) return;
    std::vector<std::string> values = row.values();
    values.resize(out.columns.size());
    copies.add_fields(cut.row, values);
  });
  return out;
}

}  // namespace trialmill::ingest
