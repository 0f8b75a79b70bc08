// Collects rows of texts into batches, with one piece of memory for all texts of a batch.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/dataset.hpp"

namespace trialmill::formats {

class TextBatch {
 public:
  explicit TextBatch(std::size_t columns = 0) : columns_(columns) {}

  /// Begins a row of nulls.
  void start_row() {
    ++rows_;
    places_.resize(places_.size() + columns_, {npos, 0});
  }
  /// A value of the row begun last.
  void set(std::size_t column, std::string_view text) {
    places_[places_.size() - columns_ + column] = {texts_.size(), text.size()};
    texts_ += text;
  }
  std::size_t rows() const { return rows_; }
  bool is_full() const { return rows() >= batch_rows_max || texts_.size() > (64U << 20U); }

  /// Gives the rows to `take` and forgets them. Views are valid during the call.
  template <class Take>
  bool give(Take take) {
    Batch batch;
    batch.rows = rows();
    batch.columns.resize(columns_);
    for (std::size_t c = 0; c < columns_; ++c) {
      auto& out = batch.columns[c].texts;
      out.reserve(batch.rows);
      for (std::size_t r = 0; r < batch.rows; ++r) {
        const auto [start, size] = places_[r * columns_ + c];
        out.push_back(start == npos ? std::string_view() : std::string_view(texts_.data() + start, size));
      }
    }
    const bool more = batch.rows == 0 || take(batch);
    places_.clear();
    texts_.clear();
    rows_ = 0;
    return more;
  }

 private:
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  std::size_t columns_, rows_ = 0;
  std::string texts_;
  std::vector<std::pair<std::size_t, std::size_t>> places_;
};

}  // namespace trialmill::formats
