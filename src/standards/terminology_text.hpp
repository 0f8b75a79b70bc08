// The text form in which an imported package is kept: one file, read in one pass, no quoting.
//
//   trialmill-ct-1 TAB name TAB standard TAB date TAB codelists TAB terms
//   code TAB submission value TAB Y|N (extensible) TAB name TAB preferred term TAB synonyms TAB number of
//   terms
//     code TAB submission value TAB preferred term TAB synonyms          (as many lines as the codelist says)
//
// Synonyms are separated by U+001F. Values never hold tabs or line ends: the writer turns them into blanks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "standards/terminology.hpp"

namespace trialmill::standards {

namespace ct_text {
constexpr std::string_view signature = "trialmill-ct-1";
constexpr char synonym_separator = '\x1f';
}  // namespace ct_text

/// A codelist as an input file states it.
struct CodelistRow {
  std::string code, submission_value, name, preferred_term;
  std::vector<std::string> synonyms;
  bool extensible = false;
};

/// A term as an input file states it.
struct TermRow {
  std::string codelist_code, code, submission_value, preferred_term;
  std::vector<std::string> synonyms;
};

/// Collects the rows of one input file, in any order, and makes the text form of them. Memory: the text form
/// itself, refused with Error TM1431 beyond 256 MiB.
class PackageWriter {
 public:
  explicit PackageWriter(std::string file) : file_(std::move(file)) {}

  /// Errors TM1431 (with `line` of the input): no code, code already taken by another codelist, not UTF-8.
  void add_codelist(const CodelistRow& row, int line);
  /// Error TM1431: no submission value, no codelist code, not UTF-8. The codelist itself may follow later.
  void add_term(const TermRow& row, int line);
  /// Notes something unusual yet harmless.
  void remark(int line, const std::string& what);
  /// Error TM1431: a term whose codelist is missing, or no codelist at all.
  void require_complete() const;
  /// The text form of all that was added.
  std::string text(const PackageInfo& info) const;

  /// What was unusual yet harmless, e.g. the same term twice; at most 20, then a count.
  std::vector<std::string> remarks() const;
  bool has_codelist(const std::string& code) const;
  const std::string& file() const { return file_; }

 private:
  struct Gathered {
    int line = 0;       ///< of the codelist, 0 until it has been seen
    int term_line = 0;  ///< of its first term
    std::string head;   ///< codelist line without the number of terms
    std::string terms;
    std::size_t count = 0;
  };
  Gathered& gather(const std::string& code);
  std::string clean(std::string_view text, int line) const;
  std::string joined(const std::vector<std::string>& synonyms, int line) const;
  std::string file_;
  std::vector<Gathered> codelists_;
  std::unordered_map<std::string, std::size_t> by_code_;
  std::unordered_map<std::string, int> seen_terms_;  ///< "codelist TAB value" → line
  std::vector<std::string> remarks_;
  std::size_t more_remarks_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace trialmill::standards
