#include "ingest/clean_copies.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/error.hpp"
#include "base/text.hpp"

namespace trialmill::ingest {

namespace {

constexpr std::size_t buffered_max = 8u << 20;

}  // namespace

void CleanCopies::select(const std::string& source, int part, char delimiter,
                         const std::vector<std::string>& columns) {
  std::string key = source + '\n' + delimiter;
  for (const auto& column : columns) key += std::to_string(column.size()) + ":" + column;
  const auto [found, fresh] = open_.try_emplace(key);
  at_ = &found->second;
  part_ = part;
  if (!fresh) return;
  at_->copy = {source, columns, delimiter, folder_ / (prefix_ + std::to_string(open_.size()) + ".csv"),
               part,   -1,      0,         false,
               0};
}

void CleanCopies::add_line(std::int64_t row, std::string_view line, bool multiline) {
  if (at_->copy.last_part != part_) {
    at_->copy.last_part = part_;
    ++at_->copy.parts;
  }
  std::string& out = at_->buffer;
  const std::size_t before = out.size();
  out += std::to_string(part_);
  out += at_->copy.delimiter;
  out += std::to_string(row);
  out += at_->copy.delimiter;
  out += line;
  out += '\n';
  added(out.size() - before, multiline);
}

void CleanCopies::add_fields(std::int64_t row, const std::vector<std::string>& fields) {
  std::string line;
  bool multiline = false;
  for (const auto& field : fields) {
    if (&field != &fields.front()) line += at_->copy.delimiter;
    base::append_csv_field(line, field, at_->copy.delimiter);
    multiline = multiline || field.find_first_of("\r\n") != std::string::npos;
  }
  add_line(row, line, multiline);
}

void CleanCopies::added(std::size_t bytes, bool multiline) {
  at_->copy.longest = std::max(at_->copy.longest, bytes);
  at_->copy.multiline = at_->copy.multiline || multiline;
  buffered_ += bytes;
  if (buffered_ > buffered_max) flush();
}

void CleanCopies::flush() {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  for (auto& [key, open] : open_) {
    if (open.buffer.empty()) continue;
    const std::unique_ptr<std::FILE, Close> file(std::fopen(open.copy.path.c_str(), "ab"));
    if (!file || std::fwrite(open.buffer.data(), 1, open.buffer.size(), file.get()) != open.buffer.size() ||
        std::fflush(file.get()) != 0) {
      throw base::Error("TM1002", std::string("cannot write: ") + std::strerror(errno),
                        {open.copy.path.string()}, "is the disk full? earlier releases are untouched");
    }
    open.buffer.clear();
  }
  buffered_ = 0;
}

std::vector<CleanCopy> CleanCopies::copies() const {
  std::vector<CleanCopy> out;
  for (const auto& [key, open] : open_) {
    if (open.copy.parts > 0) out.push_back(open.copy);
  }
  return out;
}

}  // namespace trialmill::ingest
