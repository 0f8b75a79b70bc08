// Any bytes as a JSON delivery of each shape: no crash, record numbers without gaps, fields with names.
#include <cstdlib>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/json_cut.hpp"
#include "ingest/json_record.hpp"
#include "input_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trialmill;
  const fuzz::InputFile file(data, size);
  static ingest::JsonRecordReader reader;
  for (const auto shape : {formats::JsonShape::lines, formats::JsonShape::elements, formats::JsonShape::sections}) {
    formats::ByteWindow window(file.path(), "input");
    std::int64_t last = 0;
    formats::cut_json(window, shape, [&](const formats::JsonCut& cut) {
      if (cut.row != ++last) std::abort();
      if (!cut.problem.empty()) return;
      for (const auto& [name, value] : reader.read(cut.text).values) {
        if (name.empty() || !base::is_valid_utf8(name) || !base::is_valid_utf8(value)) std::abort();
      }
    });
    if (!window.rest().empty()) std::abort();
  }
  return 0;
}
