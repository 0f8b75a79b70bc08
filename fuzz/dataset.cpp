// Any bytes as a file of one format (TRIALMILL_FUZZ_EXTENSION): an Error or a table whose batches are sound. Sound
// means: as many columns as variables, as many values as rows, no more rows than batches may have, and as many rows
// in all as were announced.
#include <cstdlib>

#include "base/error.hpp"
#include "formats/dataset_file.hpp"
#include "input_file.hpp"

namespace {

void check(const trialmill::formats::DatasetMeta& meta, const trialmill::formats::Batch& batch) {
  using trialmill::formats::Storage;
  if (batch.columns.size() != meta.variables.size() || batch.rows > trialmill::formats::batch_rows_max) std::abort();
  for (std::size_t c = 0; c < batch.columns.size(); ++c) {
    const auto& column = batch.columns[c];
    const bool text = meta.variables[c].storage == Storage::text;
    if ((text ? column.texts.size() : column.numbers.size()) != batch.rows) std::abort();
    if (!column.missing.empty() && column.missing.size() != batch.rows) std::abort();
    for (const auto value : column.texts) {
      // Touch every byte, so that a view of freed memory is found.
      volatile char sum = 0;
      for (const char byte : value) sum = static_cast<char>(sum ^ byte);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trialmill;
  const fuzz::InputFile file(data, size, TRIALMILL_FUZZ_EXTENSION);
  try {
    const auto in = formats::open_dataset_file(file.path());
    for (std::size_t d = 0; d < in->datasets().size() && d < 8; ++d) {
      std::int64_t rows = 0;
      in->read(d, [&](const formats::Batch& batch) {
        check(in->datasets()[d], batch);
        rows += static_cast<std::int64_t>(batch.rows);
        return true;
      });
      const auto announced = in->datasets()[d].rows;
      const bool refused = !in->notes().empty();
      if (announced && *announced != rows && !refused) std::abort();
    }
  } catch (const base::Error&) {
  }
  return 0;
}
