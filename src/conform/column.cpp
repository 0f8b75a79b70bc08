#include "conform/column.hpp"

#include <algorithm>
#include <numeric>

#include "conform/grouping.hpp"

namespace trialmill::conform {

const std::vector<std::uint32_t>& Dictionary::first_equal() const {
  std::call_once(first_equal_made_, [this] {
    if (distinct_) return;
    ValueNumbers numbers;
    std::vector<std::uint32_t> first;  // entry by number
    for (std::size_t code = 0; code < values_.size(); ++code) {
      const std::uint32_t number = numbers.of(values_[code]);
      if (number >= first.size()) first.resize(number + 1, static_cast<std::uint32_t>(code));
      first_equal_.push_back(first[number]);
    }
  });
  return first_equal_;
}

const std::vector<std::uint32_t>& Dictionary::ranks() const {
  std::call_once(ranks_made_, [this] {
    std::vector<std::uint32_t> sorted(values_.size());
    std::iota(sorted.begin(), sorted.end(), 0U);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return order(values_[a], values_[b]) < 0; });
    ranks_.resize(values_.size());
    std::uint32_t rank = 0;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (i > 0 && order(values_[sorted[i - 1]], values_[sorted[i]]) != 0) ++rank;
      ranks_[sorted[i]] = rank;
    }
  });
  return ranks_;
}

const std::optional<PartialDate>& Dictionary::date(std::size_t code) const {
  std::call_once(dates_made_, [this] {
    dates_.resize(values_.size());
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (values_[i].kind == Kind::text) dates_[i] = parse_date(values_[i].text);
    }
  });
  return dates_[code];
}

Column::Column(std::vector<std::uint32_t> codes, std::shared_ptr<const Dictionary> dictionary)
    : rows_(codes.size()), content_{std::move(codes), std::move(dictionary), {}, false} {}

Column::Column(std::vector<double> numbers, bool integral)
    : rows_(numbers.size()), numeric_(true), content_{{}, nullptr, std::move(numbers), integral} {}

Column::Column(std::size_t rows, bool numeric, std::function<Content()> make)
    : rows_(rows), numeric_(numeric), made_(false), make_(std::move(make)) {}

void Column::make_content() const {
  const std::lock_guard lock(making_);
  if (made_.load(std::memory_order_relaxed)) return;
  content_ = make_();
  make_ = nullptr;  // what it holds on to (a file, another column) is no longer needed
  made_.store(true, std::memory_order_release);
}

ColumnPtr Column::constant(Value value, std::size_t rows) {
  std::vector<Value> dictionary{Value{}};
  const bool null = value.kind == Kind::null;
  if (!null) dictionary.push_back(std::move(value));
  return std::make_shared<const Column>(std::vector<std::uint32_t>(rows, null ? 0 : 1),
                                        std::make_shared<const Dictionary>(std::move(dictionary), true));
}

ColumnPtr Column::of(const std::vector<Value>& values) {
  TextColumnBuilder builder;
  for (const Value& value : values) builder.add_value(value);
  return builder.finish();
}

Value Column::value(std::size_t row) const {
  const Content& in = content();
  if (!numeric_) return (*in.dictionary)[in.codes[row]];
  if (std::isnan(in.numbers[row])) return {};
  return in.integral ? Value::integer(in.numbers[row]) : Value::real(in.numbers[row]);
}

bool Column::is_constant() const {
  if (numeric_ || rows_ == 0) return false;
  const std::vector<std::uint32_t>& all = codes();
  return std::all_of(all.begin(), all.end(), [&](std::uint32_t code) { return code == all[0]; });
}

ColumnPtr Column::gather(std::shared_ptr<const Rows> rows) const {
  const std::size_t count = rows->size();
  // The caller's column lives in a shared pointer somewhere; the copy keeps it alive until it is made.
  return std::make_shared<const Column>(
      count, numeric_, [source = shared_from_this(), picked = std::move(rows)] {
        const Content& in = source->content();
        Content out;
        out.integral = in.integral;
        out.dictionary = in.dictionary;
        if (source->numeric_) {
          out.numbers.resize(picked->size());
          for (std::size_t i = 0; i < picked->size(); ++i) {
            const std::uint32_t row = (*picked)[i];
            out.numbers[i] = row == no_row ? std::nan("") : in.numbers[row];
            if (row == no_row) out.integral = false;  // a column with nulls is no longer one of integers
          }
          return out;
        }
        out.codes.resize(picked->size());
        for (std::size_t i = 0; i < picked->size(); ++i) {
          out.codes[i] = (*picked)[i] == no_row ? 0 : in.codes[(*picked)[i]];
        }
        return out;
      });
}

std::vector<std::uint32_t> Column::group_codes() const {
  if (!numeric_) {
    const std::vector<std::uint32_t>& first = dictionary().first_equal();
    if (first.empty()) return codes();
    std::vector<std::uint32_t> out(rows_);
    for (std::size_t row = 0; row < rows_; ++row) out[row] = first[codes()[row]];
    return out;
  }
  KeyNumbers seen;
  std::vector<std::uint32_t> out(rows_);
  for (std::size_t row = 0; row < rows_; ++row) {
    if (!std::isnan(numbers()[row])) out[row] = seen.of(number_key(numbers()[row])) + 1;
  }
  return out;
}

std::vector<double> Column::sort_keys() const {
  std::vector<double> keys(rows_);
  if (numeric_) {
    for (std::size_t row = 0; row < rows_; ++row) {
      const double number = numbers()[row];
      keys[row] = std::isnan(number) ? HUGE_VAL : number;
    }
    return keys;
  }
  const std::vector<std::uint32_t>& ranks = dictionary().ranks();
  for (std::size_t row = 0; row < rows_; ++row) keys[row] = ranks[codes()[row]];
  return keys;
}

void TextColumnBuilder::grow() {
  std::vector<Slot> wider(slots_.size() * 2);
  for (const Slot& slot : slots_) {
    if (slot.code == 0) continue;
    std::size_t place = slot.hash & (wider.size() - 1);
    while (wider[place].code != 0) place = (place + 1) & (wider.size() - 1);
    wider[place] = slot;
  }
  slots_ = std::move(wider);
}

std::uint32_t TextColumnBuilder::code_of(std::string_view text) {
  if (text.empty()) return 0;
  if (last_ != 0 && dictionary_[last_].text == text) return last_;
  const auto hash = static_cast<std::uint32_t>(std::hash<std::string_view>()(text));
  std::size_t place = hash & (slots_.size() - 1);
  while (slots_[place].code != 0) {
    const Slot& slot = slots_[place];
    if (slot.hash == hash && dictionary_[slot.code].text == text) return last_ = slot.code;
    place = (place + 1) & (slots_.size() - 1);
  }
  last_ = static_cast<std::uint32_t>(dictionary_.size());
  slots_[place] = {last_, hash};
  dictionary_.push_back(Value::of(std::string(text)));
  if (++used_ * 2 > slots_.size()) grow();
  return last_;
}

void TextColumnBuilder::add_value(const Value& value) {
  if (value.kind == Kind::null) {
    codes_.push_back(0);
  } else if (value.kind == Kind::text && !value.text.empty()) {
    codes_.push_back(code_of(value.text));
  } else {
    distinct_ = false;
    last_ = 0;
    codes_.push_back(static_cast<std::uint32_t>(dictionary_.size()));
    dictionary_.push_back(value);
  }
}

void TextColumnBuilder::add_column(const Column& column) {
  const Dictionary& dictionary = column.dictionary();
  std::vector<std::uint32_t> translated(dictionary.size(), no_row);
  codes_.reserve(codes_.size() + column.size());
  for (const std::uint32_t code : column.codes()) {
    if (translated[code] == no_row) {
      add_value(dictionary[code]);
      translated[code] = codes_.back();
    } else {
      codes_.push_back(translated[code]);
    }
  }
}

Column::Content TextColumnBuilder::finish_content() {
  slots_ = std::vector<Slot>(64);
  return {
      std::move(codes_), std::make_shared<const Dictionary>(std::move(dictionary_), distinct_), {}, false};
}

ColumnPtr TextColumnBuilder::finish() {
  Column::Content content = finish_content();
  return std::make_shared<const Column>(std::move(content.codes), std::move(content.dictionary));
}

}  // namespace trialmill::conform
