#include "standards/terminology.hpp"

#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "standards/terminology_text.hpp"

namespace trialmill::standards {

namespace {

constexpr std::size_t heading_bytes_max = 1024;
constexpr std::size_t codelists_max = 100'000;  // SDTM, the largest standard, has about 1,200

std::vector<std::string_view> split_synonyms(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(ct_text::synonym_separator), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// Cuts the next line off `rest` and splits it into at most N fields. Returns how many there are.
template <std::size_t N>
std::size_t take_fields(std::string_view& rest, std::string_view (&fields)[N]) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  std::size_t count = 0;
  for (; count < N; ++count) {
    const auto tab = line.find('\t');
    fields[count] = line.substr(0, tab);
    if (tab == std::string_view::npos) return count + 1;
    line.remove_prefix(tab + 1);
  }
  return N + 1;  // more than there may be
}

bool read_count(std::string_view text, std::size_t& into) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), into);
  return problem == std::errc() && end == text.data() + text.size();
}

bool take_heading(std::string_view& rest, PackageInfo& info) {
  std::string_view fields[6];
  if (take_fields(rest, fields) != 6 || fields[0] != ct_text::signature) return false;
  info = {std::string(fields[1]), std::string(fields[2]), std::string(fields[3]), 0, 0};
  return read_count(fields[4], info.codelists) && read_count(fields[5], info.terms);
}

base::Error damaged(const std::string& what, const std::string& place, int line) {
  return base::Error("TM1432", "the installed terminology is damaged: " + what, {place, line},
                     "import the package again: trialmill ct import FILE");
}

}  // namespace

std::vector<std::string_view> Term::synonyms() const {
  return split_synonyms(synonym_text);
}

std::vector<std::string_view> Codelist::synonyms() const {
  return split_synonyms(synonym_text_);
}

void Codelist::index() const {
  std::call_once(indexed_, [this] {
    by_value_.reserve(terms_.size());
    for (const Term& term : terms_) {
      by_value_.emplace(term.submission_value, &term);
      by_code_.emplace(term.code, &term);
      by_upper_.emplace(base::to_upper(term.submission_value), &term);
    }
  });
}

const Term* Codelist::find(std::string_view submission_value) const {
  index();
  const auto found = by_value_.find(submission_value);
  return found == by_value_.end() ? nullptr : found->second;
}

const Term* Codelist::find_ignoring_case(std::string_view submission_value) const {
  index();
  const auto found = by_upper_.find(base::to_upper(submission_value));
  return found == by_upper_.end() ? nullptr : found->second;
}

const Term* Codelist::find_code(std::string_view code) const {
  index();
  const auto found = code.empty() ? by_code_.end() : by_code_.find(code);
  return found == by_code_.end() ? nullptr : found->second;
}

std::shared_ptr<const Package> Package::from_text(std::string text, const std::string& place) {
  auto package = std::make_shared<Package>();
  package->text_ = std::move(text);
  package->parse(place);
  return package;
}

PackageInfo read_package_info(const std::filesystem::path& file) {
  const std::string start = base::read_file(file, heading_bytes_max);
  std::string_view rest = start;
  PackageInfo info;
  if (!take_heading(rest, info)) throw damaged("its first line is not ours", file.string(), 1);
  return info;
}

void Package::parse(const std::string& place) {
  int line = 1;
  std::string_view rest = text_;
  // A false count must not make us reserve more than the text can fill: a term takes at least 4 bytes.
  if (!take_heading(rest, info_) || info_.codelists > codelists_max || info_.terms > rest.size() / 4)
    throw damaged("its first line is not ours", place, line);
  codelists_ = std::vector<Codelist>(info_.codelists);
  terms_.reserve(info_.terms);
  for (Codelist& codelist : codelists_) {
    ++line;
    std::size_t own = 0;
    std::string_view cells[7];
    if (take_fields(rest, cells) != 7 || !read_count(cells[6], own) || own > info_.terms - terms_.size()) {
      throw damaged("a codelist's line does not have the parts it should have", place, line);
    }
    codelist.code_ = cells[0];
    codelist.submission_value_ = cells[1];
    codelist.extensible_ = cells[2] == "Y";
    codelist.name_ = cells[3];
    codelist.preferred_term_ = cells[4];
    codelist.synonym_text_ = cells[5];
    const std::size_t first = terms_.size();
    for (std::size_t i = 0; i < own; ++i) {
      ++line;
      std::string_view parts[4];
      if (take_fields(rest, parts) != 4) throw damaged("a term's line does not have four parts", place, line);
      terms_.push_back({parts[0], parts[1], parts[2], parts[3]});
    }
    codelist.terms_ = {terms_.data() + first, own};
  }
  if (!rest.empty() || terms_.size() != info_.terms || text_.back() != '\n')
    throw damaged("it holds more or less than it says", place, line);
  by_key_.reserve(codelists_.size() * 3);
  for (const Codelist& codelist : codelists_) by_key_.emplace(base::to_upper(codelist.code_), &codelist);
  for (const Codelist& codelist : codelists_)
    by_key_.emplace(base::to_upper(codelist.submission_value_), &codelist);
  for (const Codelist& codelist : codelists_) by_key_.emplace(base::to_upper(codelist.name_), &codelist);
}

const Codelist* Package::find_codelist(std::string_view key) const {
  const auto found = key.empty() ? by_key_.end() : by_key_.find(base::to_upper(key));
  return found == by_key_.end() ? nullptr : found->second;
}

const Codelist* Terminology::find_codelist(std::string_view key) const {
  for (const auto& package : packages_) {
    if (const Codelist* found = package->find_codelist(key)) return found;
  }
  return nullptr;
}

const Codelist* Terminology::find_codelist(std::string_view package, std::string_view key) const {
  for (const auto& one : packages_) {
    if (one->info().name == package) return one->find_codelist(key);
  }
  return nullptr;
}

}  // namespace trialmill::standards
