// One JSON record → named text fields, as raw tables hold them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trialmill::ingest {

struct JsonFields {
  std::vector<std::pair<std::string, std::string>> values;  ///< in the order of the record; null = ""
  std::string problem;                                      ///< why it is no record; "" = it is one
};

/// Reads records one after the other; keeps its memory between them.
class JsonRecordReader {
 public:
  JsonRecordReader();
  ~JsonRecordReader();
  JsonRecordReader(const JsonRecordReader&) = delete;
  JsonRecordReader& operator=(const JsonRecordReader&) = delete;

  /// Texts are unescaped, numbers stay as they are written whatever their size, an object is flattened one
  /// level (value.bpm → value_bpm), deeper values and arrays stay JSON. A problem: not JSON, not an object,
  /// nested deeper than 100 levels, a NUL character, a key without a name. Valid until the next call.
  const JsonFields& read(std::string_view text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trialmill::ingest
