#include "standards/terminology_text.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace trialmill::standards {

namespace {

constexpr std::size_t bytes_max = std::size_t{256} << 20;  // SDTM, the largest standard, takes 6 MiB
constexpr std::size_t remarks_max = 20;

base::Error refused(const std::string& file, int line, const std::string& what,
                    const std::string& hint = "get the file again from NCI EVS or CDISC Library") {
  return base::Error("TM1431", what, {file, line}, hint);
}

}  // namespace

PackageWriter::Gathered& PackageWriter::gather(const std::string& code) {
  const auto [entry, fresh] = by_code_.try_emplace(code, codelists_.size());
  if (fresh) codelists_.emplace_back();
  return codelists_[entry->second];
}

bool PackageWriter::has_codelist(const std::string& code) const {
  const auto found = by_code_.find(code);
  return found != by_code_.end() && codelists_[found->second].line > 0;
}

std::string PackageWriter::clean(std::string_view text, int line) const {
  if (!base::is_valid_utf8(text)) {
    throw refused(file_, line, "the text is not UTF-8",
                  "convert the file: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW");
  }
  std::string out(base::trim(text));
  std::replace_if(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return out;
}

std::string PackageWriter::joined(const std::vector<std::string>& synonyms, int line) const {
  std::string out;
  for (const std::string& synonym : synonyms) {
    const std::string text = clean(synonym, line);
    if (text.empty()) continue;
    if (!out.empty()) out += ct_text::synonym_separator;
    out += text;
  }
  return out;
}

void PackageWriter::add_codelist(const CodelistRow& row, int line) {
  const std::string code = clean(row.code, line);
  if (code.empty()) throw refused(file_, line, "a codelist without a code");
  Gathered& codelist = gather(code);
  if (codelist.line > 0) {
    throw refused(
        file_, line,
        "two codelists have the code " + code + ": the first is on line " + std::to_string(codelist.line));
  }
  codelist.line = std::max(line, 1);
  codelist.head = code + "\t" + clean(row.submission_value, line) + "\t" + (row.extensible ? "Y" : "N") +
                  "\t" + clean(row.name, line) + "\t" + clean(row.preferred_term, line) + "\t" +
                  joined(row.synonyms, line);
  bytes_ += codelist.head.size();
  if (bytes_ > bytes_max)
    throw refused(file_, line, "the file holds more than any terminology does (256 MiB)");
}

void PackageWriter::add_term(const TermRow& row, int line) {
  const std::string codelist_code = clean(row.codelist_code, line);
  const std::string value = clean(row.submission_value, line);
  const std::string code = clean(row.code, line);
  if (codelist_code.empty())
    throw refused(file_, line, "term '" + value + "' does not say of which codelist");
  if (value.empty()) throw refused(file_, line, "term " + code + " has no submission value");
  Gathered& codelist = gather(codelist_code);
  if (codelist.term_line == 0) codelist.term_line = std::max(line, 1);
  const auto [before, fresh] = seen_terms_.try_emplace(codelist_code + "\t" + value, line);
  if (!fresh) {
    remark(line, "value '" + value + "' of codelist " + codelist_code + " was already on line " +
                     std::to_string(before->second));
  }
  std::string text =
      code + "\t" + value + "\t" + clean(row.preferred_term, line) + "\t" + joined(row.synonyms, line) + "\n";
  bytes_ += text.size();
  if (bytes_ > bytes_max)
    throw refused(file_, line, "the file holds more than any terminology does (256 MiB)");
  codelist.terms += text;
  ++codelist.count;
}

void PackageWriter::remark(int line, const std::string& what) {
  if (remarks_.size() < remarks_max)
    remarks_.push_back("line " + std::to_string(line) + ": " + what);
  else
    ++more_remarks_;
}

std::vector<std::string> PackageWriter::remarks() const {
  std::vector<std::string> out = remarks_;
  if (more_remarks_ > 0) out.push_back("and " + std::to_string(more_remarks_) + " more of this kind");
  return out;
}

void PackageWriter::require_complete() const {
  if (codelists_.empty()) throw refused(file_, 0, "there is no codelist in the file");
  for (const auto& codelist : codelists_) {
    if (codelist.line > 0) continue;
    const auto named = std::find_if(by_code_.begin(), by_code_.end(), [&](const auto& entry) {
      return &codelists_[entry.second] == &codelist;
    });
    throw refused(file_, codelist.term_line,
                  "terms of codelist " + named->first + ", but the codelist itself is missing",
                  "the file was cut or filtered: get it again");
  }
}

std::string PackageWriter::text(const PackageInfo& info) const {
  std::size_t terms = 0;
  for (const Gathered& codelist : codelists_) terms += codelist.count;
  std::string out(ct_text::signature);
  out += "\t" + info.name + "\t" + info.standard + "\t" + info.date + "\t" +
         std::to_string(codelists_.size()) + "\t" + std::to_string(terms) + "\n";
  out.reserve(out.size() + bytes_ + codelists_.size() * 8);
  for (const Gathered& codelist : codelists_) {
    out += codelist.head;
    out += "\t" + std::to_string(codelist.count) + "\n";
    out += codelist.terms;
  }
  return out;
}

}  // namespace trialmill::standards
