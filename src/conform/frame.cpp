#include "conform/frame.hpp"

#include <algorithm>
#include <bit>

namespace trialmill::conform {

ColumnPtr Column::constant(Value value, std::size_t rows) {
  std::vector<Value> dictionary{Value{}};
  const bool null = value.kind == Kind::null;
  if (!null) dictionary.push_back(std::move(value));
  return std::make_shared<const Column>(std::vector<std::uint32_t>(rows, null ? 0 : 1),
                                        std::make_shared<const std::vector<Value>>(std::move(dictionary)));
}

ColumnPtr Column::of(const std::vector<Value>& values) {
  TextColumnBuilder builder;
  for (const Value& value : values) builder.add_value(value);
  return builder.finish();
}

Value Column::value(std::size_t row) const {
  if (!numeric_) return (*dictionary_)[codes_[row]];
  if (std::isnan(numbers_[row])) return {};
  return integral_ ? Value::integer(numbers_[row]) : Value::real(numbers_[row]);
}

ColumnPtr Column::gather(const Rows& rows) const {
  if (numeric_) {
    std::vector<double> numbers(rows.size());
    bool integral = integral_;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      numbers[i] = rows[i] == no_row ? std::nan("") : numbers_[rows[i]];
      if (rows[i] == no_row) integral = false;  // a column with nulls is no longer one of integers
    }
    return std::make_shared<const Column>(std::move(numbers), integral);
  }
  std::vector<std::uint32_t> codes(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) codes[i] = rows[i] == no_row ? 0 : codes_[rows[i]];
  return std::make_shared<const Column>(std::move(codes), dictionary_);
}

std::vector<std::uint32_t> Column::group_codes() const {
  if (!numeric_) {
    // Lists and the like are not unique in the dictionary; their printed form is.
    std::vector<std::uint32_t> unique(dictionary_->size());
    std::unordered_map<std::string, std::uint32_t> seen;
    for (std::size_t i = 0; i < unique.size(); ++i) {
      const Value& value = (*dictionary_)[i];
      std::string key(
          1, static_cast<char>('0' + (value.kind == Kind::integer ? 2 : static_cast<int>(value.kind))));
      key += value.kind == Kind::text ? value.text : float_text(value.number) + printed(value);
      unique[i] = seen.emplace(std::move(key), static_cast<std::uint32_t>(i)).first->second;
    }
    std::vector<std::uint32_t> out(codes_.size());
    for (std::size_t row = 0; row < out.size(); ++row) out[row] = unique[codes_[row]];
    return out;
  }
  std::unordered_map<std::uint64_t, std::uint32_t> seen;
  std::vector<std::uint32_t> out(numbers_.size());
  for (std::size_t row = 0; row < out.size(); ++row) {
    if (std::isnan(numbers_[row])) continue;
    const double number = numbers_[row] == 0 ? 0 : numbers_[row];  // -0.0 is 0.0
    const auto next = static_cast<std::uint32_t>(seen.size() + 1);
    out[row] = seen.emplace(std::bit_cast<std::uint64_t>(number), next).first->second;
  }
  return out;
}

std::uint32_t TextColumnBuilder::code_of(std::string_view text) {
  const auto [place, added] = known_.emplace(text, static_cast<std::uint32_t>(dictionary_.size()));
  if (added) dictionary_.push_back(Value::of(std::string(text)));
  return place->second;
}

void TextColumnBuilder::add(std::string_view text) {
  codes_.push_back(text.empty() ? 0 : code_of(text));
}

void TextColumnBuilder::add_value(const Value& value) {
  if (value.kind == Kind::null) {
    codes_.push_back(0);
  } else if (value.kind == Kind::text) {
    codes_.push_back(code_of(value.text));
  } else {
    codes_.push_back(static_cast<std::uint32_t>(dictionary_.size()));
    dictionary_.push_back(value);
  }
}

ColumnPtr TextColumnBuilder::finish() {
  known_.clear();
  return std::make_shared<const Column>(std::move(codes_),
                                        std::make_shared<const std::vector<Value>>(std::move(dictionary_)));
}

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

Frame Frame::gather(const Rows& which) const {
  Frame out;
  out.rows = which.size();
  for (const auto& [name, column] : columns) out.columns.emplace_back(name, column->gather(which));
  out.record.reserve(which.size());
  out.part.reserve(which.size());
  for (const std::uint32_t row : which) {
    out.record.push_back(record[row]);
    out.part.push_back(part[row]);
  }
  return out;
}

Frame concatenate(const std::vector<const Frame*>& frames) {
  if (frames.size() == 1) return *frames[0];
  Frame out;
  std::vector<std::string> names;
  for (const Frame* frame : frames) {
    out.rows += frame->rows;
    out.record.insert(out.record.end(), frame->record.begin(), frame->record.end());
    out.part.insert(out.part.end(), frame->part.begin(), frame->part.end());
    for (const std::string& name : frame->names()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  for (const std::string& name : names) {
    bool numeric = true;
    for (const Frame* frame : frames) {
      const Column* column = frame->find(name);
      numeric = numeric && (column == nullptr || column->numeric());
    }
    TextColumnBuilder builder;
    std::vector<double> numbers;
    for (const Frame* frame : frames) {
      const Column* column = frame->find(name);
      for (std::size_t row = 0; row < frame->rows; ++row) {
        if (numeric) {
          numbers.push_back(column == nullptr ? std::nan("") : to_number(column->at(row)));
        } else {
          builder.add_value(column == nullptr ? Value{} : column->value(row));
        }
      }
    }
    out.columns.emplace_back(
        name, numeric ? std::make_shared<const Column>(std::move(numbers), false) : builder.finish());
  }
  return out;
}

Grouping group_rows(const std::vector<const Column*>& columns, std::size_t rows) {
  Grouping grouping;
  grouping.group.assign(rows, 0);
  grouping.count = rows == 0 ? 0 : 1;
  for (const Column* column : columns) {
    const std::vector<std::uint32_t> codes = column->group_codes();
    std::unordered_map<std::uint64_t, std::uint32_t> seen;
    for (std::size_t row = 0; row < rows; ++row) {
      const std::uint64_t key = (static_cast<std::uint64_t>(grouping.group[row]) << 32) | codes[row];
      grouping.group[row] = seen.emplace(key, static_cast<std::uint32_t>(seen.size())).first->second;
    }
    grouping.count = seen.size();
  }
  return grouping;
}

}  // namespace trialmill::conform
