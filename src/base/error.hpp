// What stops a stage: one exception type with a stable code, the place, a sentence and a hint.
// Bad *data* is never an Error; it is a Finding (src/findings). Every code is described in the
// errors.def of the folder that throws it, which `trialmill explain TM1234` prints.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace trialmill::base {

/// A position in a text file that a user wrote. Line and column count from 1; 0 = unknown.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;

  /// "study.yaml:12:5", "study.yaml" or "" (nothing known).
  std::string text() const;
};

/// Which exit code of the command line an error leads to (docs/cli.md).
enum class ErrorKind { usage = 2, failed = 3, interrupted = 130 };

class Error : public std::exception {
 public:
  /// code: TM and four digits; message: one sentence saying what is wrong; hint: what the user can do about
  /// it.
  Error(std::string code, std::string message, Place place = {}, std::string hint = {},
        ErrorKind kind = ErrorKind::failed);

  const std::string& code() const { return code_; }
  const std::string& message() const { return message_; }
  const Place& place() const { return place_; }
  const std::string& hint() const { return hint_; }
  ErrorKind kind() const { return kind_; }
  /// All that was found together, this one first; empty if there is only this one.
  const std::vector<Error>& all() const { return all_; }

  /// "TM1234 study.yaml:12:5: message\n  hint: …": what the terminal shows.
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string code_, message_;
  Place place_;
  std::string hint_;
  ErrorKind kind_;
  std::string text_;
  std::vector<Error> all_;

  friend Error several(std::vector<Error> all);
};

/// An Error in what the user wrote (study.yaml, a mapping, an option): exit code 2.
Error usage_error(std::string code, std::string message, Place place = {}, std::string hint = {});

/// Errors found together as one to throw: it is the first of them and holds them all. `all` is not empty.
Error several(std::vector<Error> all);

}  // namespace trialmill::base
