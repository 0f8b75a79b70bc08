// A terminology package as CDISC Library answers it: {"name", "effectiveDate", "codelists": [{"conceptId",
// "submissionValue", "name", "extensible": "true", "synonyms": [], "terms": [{…}]}]}. Read as a stream of
// events.
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "standards/terminology_forms.hpp"

namespace trialmill::standards {

namespace {

constexpr int depth_max = 32;

/// Bytes of a stream that counts lines, so that messages can name them.
class CountingBytes {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;
  CountingBytes() = default;
  CountingBytes(std::istream& in, int& line) : at_(in), line_(&line) {}
  char operator*() const { return *at_; }
  CountingBytes& operator++() {
    if (*at_ == '\n') ++*line_;
    ++at_;
    return *this;
  }
  bool operator==(const CountingBytes& other) const { return at_ == other.at_; }
  bool operator!=(const CountingBytes& other) const { return !(*this == other); }

 private:
  std::istreambuf_iterator<char> at_;
  int* line_ = nullptr;
};

using Event = nlohmann::json;

class LibraryEvents : public nlohmann::json_sax<Event> {
 public:
  LibraryEvents(PackageWriter& writer, const int& line) : writer_(writer), line_(line) {}
  const StatedPackage& stated() const { return stated_; }

  bool null() override { return true; }
  bool boolean(bool value) override {
    if (place() == Place::codelist && key_ == "extensible") codelist_.extensible = value;
    return true;
  }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool string(string_t& value) override {
    switch (place()) {
      case Place::package:
        set_package(value);
        break;
      case Place::codelist:
        set_codelist(value);
        break;
      case Place::term:
        set_term(value);
        break;
      case Place::codelist_synonyms:
        codelist_.synonyms.push_back(value);
        break;
      case Place::term_synonyms:
        term_.synonyms.push_back(value);
        break;
      case Place::elsewhere:
        break;
    }
    return true;
  }
  bool key(string_t& value) override {
    key_ = value;
    return true;
  }
  bool start_object(std::size_t) override {
    open();
    if (place() == Place::codelist) {
      codelist_ = {};
      codelist_line_ = line_;
      terms_.clear();
    } else if (place() == Place::term) {
      term_ = {};
      term_line_ = line_;
    }
    return true;
  }
  bool end_object() override {
    if (place() == Place::term) {
      terms_.emplace_back(std::move(term_), term_line_);
    } else if (place() == Place::codelist) {
      for (auto& [term, line] : terms_) {
        term.codelist_code = codelist_.code;  // which may stand after the terms
        writer_.add_term(term, line);
      }
      writer_.add_codelist(codelist_, codelist_line_);
    }
    close();
    return true;
  }
  bool start_array(std::size_t) override {
    open();
    return true;
  }
  bool end_array() override {
    close();
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    throw base::Error("TM1431", "the file is not complete, valid JSON", {writer_.file(), line_},
                      "was it cut off in transfer?");
  }

 private:
  enum class Place { package, codelist, term, codelist_synonyms, term_synonyms, elsewhere };

  Place place() const {
    if (path_.size() == 1) return Place::package;
    if (path_.size() < 3 || path_[1] != "codelists") return Place::elsewhere;
    if (path_.size() == 3) return Place::codelist;
    if (path_.size() == 4 && path_[3] == "synonyms") return Place::codelist_synonyms;
    if (path_.size() >= 5 && path_[3] == "terms") {
      if (path_.size() == 5) return Place::term;
      if (path_.size() == 6 && path_[5] == "synonyms") return Place::term_synonyms;
    }
    return Place::elsewhere;
  }
  void open() {
    if (path_.size() >= depth_max) {
      throw base::Error("TM1431", "the JSON is nested too deeply for a terminology package",
                        {writer_.file(), line_});
    }
    path_.push_back(std::exchange(key_, {}));
  }
  void close() {
    path_.pop_back();
    key_.clear();
  }
  void set_package(const std::string& value) {
    if (key_ == "effectiveDate") stated_.date = value;
    if (key_ == "name" || key_ == "label") {
      const StatedPackage told = package_from_text(value);
      if (stated_.standard.empty()) stated_.standard = told.standard;
      if (stated_.date.empty()) stated_.date = told.date;
    }
  }
  void set_codelist(const std::string& value) {
    if (key_ == "conceptId") codelist_.code = value;
    if (key_ == "submissionValue") codelist_.submission_value = value;
    if (key_ == "name") codelist_.name = value;
    if (key_ == "preferredTerm") codelist_.preferred_term = value;
    if (key_ == "extensible") codelist_.extensible = means_yes(value);
  }
  void set_term(const std::string& value) {
    if (key_ == "conceptId") term_.code = value;
    if (key_ == "submissionValue") term_.submission_value = value;
    if (key_ == "preferredTerm") term_.preferred_term = value;
  }

  PackageWriter& writer_;
  const int& line_;
  StatedPackage stated_;
  std::vector<std::string> path_;  ///< names of the open objects and arrays; "" inside arrays
  std::string key_;
  CodelistRow codelist_;
  TermRow term_;
  std::vector<std::pair<TermRow, int>> terms_;
  int codelist_line_ = 0, term_line_ = 0;
};

}  // namespace

StatedPackage read_library_json(const std::filesystem::path& file, PackageWriter& writer) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw base::Error("TM1001", "cannot read the file", {writer.file()});
  int line = 1;
  LibraryEvents events(writer, line);
  Event::sax_parse(CountingBytes(in, line), CountingBytes(), &events);
  return events.stated();
}

}  // namespace trialmill::standards
