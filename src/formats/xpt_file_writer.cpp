// Datasets into SAS transport files of versions 5 and 8.
#include <optional>

#include "base/text.hpp"
#include "formats/xpt_file.hpp"
#include "formats/xpt_writer.hpp"

namespace trialmill::formats {
namespace {

struct Format {
  std::string name;
  int width = 0, decimals = 0;
};

/// "DATE9." → DATE, 9, 0; "8.2" → "", 8, 2; "$20." → "$", 20, 0.
Format format_of(std::string_view format) {
  const std::size_t dot = format.find('.');
  const std::string_view head = format.substr(0, dot);
  std::size_t digits = head.size();
  while (digits > 0 && head[digits - 1] >= '0' && head[digits - 1] <= '9') --digits;
  const auto number = [](std::string_view text) {
    int value = 0;
    for (const char c : text.substr(0, 4)) value = c >= '0' && c <= '9' ? value * 10 + (c - '0') : value;
    return value;
  };
  Format out{base::to_upper(head.substr(0, digits)), number(head.substr(digits))};
  if (dot != std::string_view::npos) out.decimals = number(format.substr(dot + 1));
  return out;
}

XptMember member_of(const DatasetMeta& meta, int version) {
  XptMember member;
  member.name = version == 8 ? meta.name : base::to_upper(meta.name);
  member.label = meta.label;
  for (const Variable& variable : meta.variables) {
    XptColumn column;
    column.name = variable.name;
    column.label = variable.label;
    column.is_text = variable.storage == Storage::text;
    column.length = column.is_text ? variable.length : 8;
    const Format format = format_of(variable.format), informat = format_of(variable.informat);
    column.format = format.name, column.width = format.width, column.decimals = format.decimals;
    column.informat = informat.name;
    column.informat_width = informat.width, column.informat_decimals = informat.decimals;
    member.columns.push_back(std::move(column));
  }
  return member;
}

class XptDatasetWriter : public DatasetWriter {
 public:
  XptDatasetWriter(const std::filesystem::path& file, const DatasetMeta& meta, const WriteOptions& options,
                   int version)
      : meta_(meta) {
    const XptMember member = member_of(meta, version);
    for (const XptProblem& problem : check_xpt(member, version)) refuse(problem);
    for (const auto& variable : meta.variables) {
      if (variable.storage != Storage::number || variable.length == 0 || variable.length >= 8) continue;
      notes_.add({.kind = FormatNote::Kind::length,
                  .dataset = meta.name,
                  .variable = variable.name,
                  .value = std::to_string(variable.length),
                  .message = "numbers are written with 8 bytes"});
    }
    note_attributes(options);
    if (!notes_.refused())
      writer_.emplace(file, member, XptWriteOptions{options.created, options.modified, version});
  }

  void write(const Batch& batch) override {
    if (!writer_) return;
    for (std::size_t row = 0; row < batch.rows; ++row) {
      ++row_;
      for (std::size_t c = 0; c < meta_.variables.size(); ++c) write_value(batch.columns[c], c, row);
      writer_->end_row();
    }
  }

  std::vector<FormatNote> commit() override {
    if (writer_ && !notes_.refused()) {
      if (const auto problem = writer_->commit()) refuse(*problem);
    }
    return notes_.notes();
  }

 private:
  /// What the source says and a transport file has no place for. OIDs that follow from the names are no loss.
  void note_attributes(const WriteOptions& options) {
    std::vector<std::string> lost;
    for (const auto& [name, value] : meta_.attributes) {
      const bool follows = (name == "itemGroupOID" && value == "IG." + meta_.name) || name == "xptVersion" ||
                           name == "sourceSystem.version" ||
                           (name == "sourceSystem.name" && value == options.source_system);
      if (!follows) lost.push_back(name);
    }
    bool keys = false, oids = false;
    for (const auto& variable : meta_.variables) {
      keys |= variable.key_sequence > 0;
      oids |= !variable.item_oid.empty() && variable.item_oid != "IT." + meta_.name + "." + variable.name;
      if (variable.type == ValueType::boolean || variable.type == ValueType::uri ||
          variable.type == ValueType::decimal)
        notes_.add({.dataset = meta_.name,
                    .variable = variable.name,
                    .value = std::string(name_of(variable.type)),
                    .message = variable.storage == Storage::text ? "the type becomes text"
                                                                 : "the type becomes number, 1 for true"});
    }
    if (keys) lost.emplace_back("keySequence");
    if (oids) lost.emplace_back("itemOID");
    if (lost.empty()) return;
    notes_.add({.dataset = meta_.name,
                .value = base::join(lost, ", "),
                .message = "attributes that SAS transport files have no place for"});
  }

  void write_value(const Batch::Column& column, std::size_t c, std::size_t row) {
    std::optional<XptProblem> problem;
    if (meta_.variables[c].storage == Storage::text) {
      const std::string_view text = column.texts[row];
      if (!text.empty() && text.back() == ' ') note_blank(c, text);
      problem = writer_->text(c, text);
    } else if (!column.missing.empty() && column.missing[row] != 0) {
      writer_->missing(c, column.missing[row]);
    } else {
      problem = writer_->number(c, column.numbers[row]);
    }
    if (problem) refuse(*problem);
  }

  void note_blank(std::size_t c, std::string_view text) {
    FormatNote note;
    note.kind = FormatNote::Kind::value;
    note.dataset = meta_.name;
    note.variable = meta_.variables[c].name;
    note.value = std::string(text);
    note.message = "blanks at the end of a value cannot be told from padding";
    note.row = row_;
    notes_.add(std::move(note));
  }

  void refuse(const XptProblem& problem) {
    static constexpr FormatNote::Kind kinds[] = {FormatNote::Kind::name,   FormatNote::Kind::label,
                                                 FormatNote::Kind::length, FormatNote::Kind::value,
                                                 FormatNote::Kind::number, FormatNote::Kind::rows};
    FormatNote note;
    note.kind = kinds[static_cast<std::size_t>(problem.kind)];
    note.refused = true;
    note.dataset = meta_.name;
    note.variable = problem.column;
    note.value = problem.value;
    note.message = problem.message;
    note.row = row_;
    notes_.add(std::move(note));
  }

  DatasetMeta meta_;
  std::optional<XptWriter> writer_;
  NoteCollector notes_;
  std::int64_t row_ = 0;
};

}  // namespace

std::unique_ptr<DatasetWriter> create_xpt(const std::filesystem::path& file, const DatasetMeta& meta,
                                          const WriteOptions& options, int version) {
  return std::make_unique<XptDatasetWriter>(file, meta, options, version);
}

}  // namespace trialmill::formats
