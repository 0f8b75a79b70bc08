#include "formats/agency.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace trialmill::formats {
namespace {

bool is_printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

/// Quotes and brackets come in pairs.
bool is_balanced(std::string_view text) {
  const auto count = [&](char c) { return std::ranges::count(text, c); };
  return count('\'') % 2 == 0 && count('"') % 2 == 0 && count('(') == count(')') &&
         count('[') == count(']') && count('{') == count('}');
}

class Check {
 public:
  Check(Agency agency, const DatasetMeta& meta) : agency_(agency), meta_(meta) {}

  std::vector<FormatNote> run(const std::filesystem::path& file) {
    if (agency_ == Agency::none) return {};
    name("", base::to_upper(meta_.name));
    const std::string wanted = base::to_lower(meta_.name) + ".xpt";
    if (file.filename() != wanted)
      add(FormatNote::Kind::name, true, "", file.filename().string(), "the file must be called " + wanted);
    label("", meta_.label);
    if (meta_.label.empty()) add(FormatNote::Kind::label, false, "", "", "the dataset has no label");
    for (const auto& variable : meta_.variables) {
      name(variable.name, variable.name);
      label(variable.name, variable.label);
      if (variable.label.empty())
        add(FormatNote::Kind::label, false, variable.name, "", "the variable has no label");
      if (variable.storage == Storage::text && variable.length > 200) {
        add(FormatNote::Kind::length, true, variable.name, std::to_string(variable.length),
            "a value has more than 200 bytes; put the rest into supplemental qualifiers");
      }
    }
    return std::move(notes_);
  }

 private:
  void add(FormatNote::Kind kind, bool refused, const std::string& variable, const std::string& value,
           const std::string& message) {
    notes_.push_back({.kind = kind,
                      .refused = refused,
                      .dataset = meta_.name,
                      .variable = variable,
                      .value = value,
                      .message = message});
  }

  void name(const std::string& variable, const std::string& text) {
    if (!is_submission_name(text))
      add(FormatNote::Kind::name, true, variable, text,
          "a name has 1 to 8 letters and digits, the first a letter");
  }

  void label(const std::string& variable, const std::string& text) {
    if (text.size() > 40)
      add(FormatNote::Kind::label, true, variable, text, "a label has at most 40 characters");
    if (!is_printable_ascii(text)) {
      add(FormatNote::Kind::label, agency_ == Agency::fda, variable, text,
          "a label has printable ASCII only");
    }
    if (!is_balanced(text)) {
      add(FormatNote::Kind::label, agency_ == Agency::fda, variable, text,
          "quotes, apostrophes and brackets of a label come in pairs");
    }
  }

  Agency agency_;
  const DatasetMeta& meta_;
  std::vector<FormatNote> notes_;
};

}  // namespace

bool is_submission_name(std::string_view name) {
  if (name.empty() || name.size() > 8 || name[0] < 'A' || name[0] > 'Z') return false;
  return std::ranges::all_of(name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

Agency agency_named(const std::string& name) {
  const std::string lower = base::to_lower(name);
  if (lower.empty() || lower == "none") return Agency::none;
  if (lower == "fda") return Agency::fda;
  if (lower == "pmda") return Agency::pmda;
  throw base::usage_error("TM1325", "no agency '" + name + "'", {}, "known are fda, pmda and none");
}

std::string SharedLengths::key(const DatasetMeta& meta, const Variable& variable) {
  const std::string dataset = base::to_upper(meta.name);
  return (dataset.starts_with("SUPP") || dataset.starts_with("SQ") ? dataset + "." : "") +
         base::to_upper(variable.name);
}

void SharedLengths::add(const DatasetMeta& meta) {
  for (const auto& variable : meta.variables) {
    if (variable.storage != Storage::text) continue;
    int& longest = longest_[key(meta, variable)];
    longest = std::max(longest, variable.length);
  }
}

DatasetMeta SharedLengths::applied(DatasetMeta meta) const {
  for (auto& variable : meta.variables) {
    if (variable.storage == Storage::text) variable.length = longest_.at(key(meta, variable));
  }
  return meta;
}

std::vector<FormatNote> check_agency(Agency agency, const DatasetMeta& meta,
                                     const std::filesystem::path& file) {
  return Check(agency, meta).run(file);
}

void check_agency_values(Agency agency, const DatasetMeta& meta, const Batch& batch, std::int64_t first_row,
                         NoteCollector& notes) {
  if (agency == Agency::none) return;
  for (std::size_t c = 0; c < batch.columns.size(); ++c) {
    const auto& texts = batch.columns[c].texts;
    for (std::size_t r = 0; r < texts.size(); ++r) {
      if (is_printable_ascii(texts[r])) continue;
      notes.add({.kind = FormatNote::Kind::value,
                 .refused = agency == Agency::fda,
                 .dataset = meta.name,
                 .variable = meta.variables[c].name,
                 .value = std::string(texts[r].substr(0, 200)),
                 .message = "the value holds other characters than printable ASCII",
                 .row = first_row + static_cast<std::int64_t>(r)});
    }
  }
}

}  // namespace trialmill::formats
