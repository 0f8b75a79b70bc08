// Any bytes as a delimited file: no crash, every record is either good or set aside, numbers in order, and a good record
// splits into as many fields as the header has.
#include "formats/csv_scan.hpp"

#include <cstdlib>

#include "base/error.hpp"
#include "input_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trialmill;
  if (size == 0) return 0;
  const char delimiters[] = {'\0', ',', ';', '\t'};
  const char delimiter = delimiters[data[0] % 4];
  const fuzz::InputFile file(data + 1, size - 1);
  try {
    const formats::CsvScan head = formats::scan_csv(file.path(), delimiter, "input");
    std::int64_t last = 0, good = 0;
    const formats::CsvScan scan = formats::scan_csv(
        file.path(), delimiter, "input", [&](std::int64_t row, std::string_view text, const formats::CsvRecord& record) {
          if (row <= last || record.fields != head.header.size()) std::abort();
          if (formats::split_csv_record(text, head.delimiter).size() != record.fields) std::abort();
          last = row;
          ++good;
        });
    if (scan.records != good + static_cast<std::int64_t>(scan.bad.size())) std::abort();
    if (scan.bytes != static_cast<std::int64_t>(size - 1)) std::abort();
  } catch (const base::Error&) {
  }
  return 0;
}
