#include "conform/frame.hpp"

#include <algorithm>

namespace trialmill::conform {

namespace {

struct Piece {
  ColumnPtr column;  ///< nullptr = the frame lacks it
  std::size_t rows = 0;
};

/// Numbers if all pieces are, else one dictionary: every piece's entries are looked at once, not every row.
Column::Content join_pieces(const std::vector<Piece>& pieces, bool numeric) {
  if (numeric) {
    Column::Content out;
    for (const Piece& piece : pieces) {
      const std::size_t rows = out.numbers.size() + piece.rows;
      if (piece.column != nullptr) {
        const std::vector<double>& numbers = piece.column->numbers();
        out.numbers.insert(out.numbers.end(), numbers.begin(), numbers.end());
      }
      out.numbers.resize(rows, std::nan(""));
    }
    return out;
  }
  TextColumnBuilder builder;
  for (const Piece& piece : pieces) {
    if (piece.column != nullptr && !piece.column->numeric()) {
      builder.add_column(*piece.column);
    } else {
      for (std::size_t row = 0; row < piece.rows; ++row)
        builder.add_value(piece.column == nullptr ? Value{} : piece.column->value(row));
    }
  }
  return builder.finish_content();
}

}  // namespace

const Column* Frame::find(std::string_view name) const {
  for (const auto& [known, column] : columns) {
    if (known == name) return column.get();
  }
  return nullptr;
}

void Frame::set(const std::string& name, ColumnPtr column) {
  for (auto& [known, existing] : columns) {
    if (known == name) {
      existing = std::move(column);
      return;
    }
  }
  columns.emplace_back(name, std::move(column));
}

std::vector<std::string> Frame::names() const {
  std::vector<std::string> names;
  for (const auto& [name, column] : columns) names.push_back(name);
  return names;
}

Frame Frame::gather(Rows which) const {
  Frame out;
  out.rows = which.size();
  Rows new_records(which.size());
  for (std::size_t i = 0; i < which.size(); ++i) new_records[i] = record(which[i]);
  if (parts != nullptr) {
    Parts new_parts(which.size());
    for (std::size_t i = 0; i < which.size(); ++i) new_parts[i] = part(which[i]);
    out.parts = std::make_shared<const Parts>(std::move(new_parts));
  }
  out.records = std::make_shared<const Rows>(std::move(new_records));
  const auto shared = std::make_shared<const Rows>(std::move(which));
  for (const auto& [name, column] : columns) out.columns.emplace_back(name, column->gather(shared));
  return out;
}

Frame concatenate(const std::vector<const Frame*>& frames) {
  if (frames.size() == 1) return *frames[0];
  Frame out;
  Rows records;
  Frame::Parts parts;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    out.rows += frames[i]->rows;
    for (std::size_t row = 0; row < frames[i]->rows; ++row) records.push_back(frames[i]->record(row));
    parts.resize(out.rows, static_cast<std::uint16_t>(i));
    for (const auto& [name, column] : frames[i]->columns) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  out.records = std::make_shared<const Rows>(std::move(records));
  out.parts = std::make_shared<const Frame::Parts>(std::move(parts));
  for (const std::string& name : names) {
    bool numeric = true;
    std::vector<Piece> pieces;
    for (const Frame* frame : frames) {
      const Column* column = frame->find(name);
      numeric = numeric && (column == nullptr || column->numeric());
      pieces.push_back({column == nullptr ? nullptr : column->shared_from_this(), frame->rows});
    }
    out.columns.emplace_back(
        name, std::make_shared<const Column>(out.rows, numeric, [pieces = std::move(pieces), numeric] {
          return join_pieces(pieces, numeric);
        }));
  }
  return out;
}

}  // namespace trialmill::conform
