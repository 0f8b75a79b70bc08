#include "formats/dataset_json_rows.hpp"

#include <zlib.h>

#include <array>

#include "base/error.hpp"

namespace trialmill::formats {
namespace {

constexpr std::size_t line_bytes_max = 256u << 20;  ///< a longer row would exhaust memory

base::Error damaged(const std::string& name, const std::string& what) {
  return base::Error("TM1331", "damaged Dataset-JSON: " + what, {name}, "ask for the file again");
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

/// Just behind the string that starts at `at`; npos if it does not end.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return std::string_view::npos;
}

/// Just behind the value that starts at `at`, by its brackets and quotes; npos if it does not end.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  if (at >= text.size()) return std::string_view::npos;
  if (text[at] == '"') return end_of_string(text, at);
  if (text[at] != '{' && text[at] != '[') {
    while (at < text.size() && text[at] != ',' && text[at] != '}' && text[at] != ']' && !is_blank(text[at]))
      ++at;
    return at < text.size() ? at : std::string_view::npos;
  }
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = end_of_string(text, at);
      if (at == std::string_view::npos) return at;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at + 1;
    ++at;
  }
  return std::string_view::npos;
}

/// Members of the top object, in order: key with its quotes, value. False = stop.
template <typename Take>
void each_member(std::string_view text, const std::string& name, const Take& take) {
  std::size_t at = skip_blanks(text, 0);
  if (at >= text.size() || text[at] != '{') throw damaged(name, "it does not start with an object");
  for (at = skip_blanks(text, at + 1); at < text.size() && text[at] != '}';) {
    if (text[at] != '"') throw damaged(name, "a key is missing near byte " + std::to_string(at));
    const std::size_t key_end = end_of_string(text, at);
    if (key_end == std::string_view::npos) break;
    const std::string_view key = text.substr(at, key_end - at);
    at = skip_blanks(text, key_end);
    if (at >= text.size() || text[at] != ':') break;
    at = skip_blanks(text, at + 1);
    const std::size_t end = take(key, at);
    if (end == std::string_view::npos) break;
    at = skip_blanks(text, end);
    if (at < text.size() && text[at] == ',') at = skip_blanks(text, at + 1);
  }
  if (at >= text.size() || text[at] != '}') throw damaged(name, "the JSON ends early");
  if (skip_blanks(text, at + 1) != text.size())
    throw damaged(name, "text follows the end, near byte " + std::to_string(at + 1));
}

/// Lines of NDJSON, plain or compressed.
class Lines {
 public:
  Lines(const MappedFile& file, bool compressed, std::string name)
      : file_(file), bytes_(file.bytes()), compressed_(compressed), name_(std::move(name)) {
    if (!compressed_) return;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes_.data()));  // not written to
    constexpr int zlib_or_gzip = 15 + 32;
    if (inflateInit2(&stream_, zlib_or_gzip) != Z_OK) throw damaged(name_, "zlib cannot start");
  }
  ~Lines() {
    if (compressed_) inflateEnd(&stream_);
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  /// The next line that is not blank, without its end; false at the end.
  bool next(std::string_view& line) {
    do {
      if (compressed_ ? !next_inflated(line) : !next_plain(line)) return false;
    } while (skip_blanks(line, 0) == line.size());
    return true;
  }

 private:
  bool next_plain(std::string_view& line) {
    if (at_ >= bytes_.size()) return false;
    const auto end = std::min(bytes_.find('\n', at_), bytes_.size());
    line = bytes_.substr(at_, end - at_);
    file_.forget(line.data());
    at_ = end + 1;
    return true;
  }

  bool next_inflated(std::string_view& line) {
    std::size_t searched = at_;
    for (;;) {
      const auto end = buffer_.find('\n', searched);
      if (end != std::string::npos) {
        line = std::string_view(buffer_).substr(at_, end - at_);
        at_ = end + 1;
        return true;
      }
      if (done_) break;
      buffer_.erase(0, at_);  // the lines given; once for a block of lines
      at_ = 0;
      searched = buffer_.size();
      if (buffer_.size() > line_bytes_max) throw damaged(name_, "a line is longer than 256 MiB");
      inflate_more();
    }
    line = std::string_view(buffer_).substr(at_);
    at_ = buffer_.size();
    return !line.empty();
  }

  void inflate_more() {
    std::array<char, 256 << 10> block;
    stream_.next_out = reinterpret_cast<Bytef*>(block.data());
    stream_.avail_out = static_cast<uInt>(block.size());
    if (stream_.avail_in == 0) {
      file_.forget(bytes_.data() + given_);
      const std::size_t rest = bytes_.size() - given_;
      stream_.avail_in = static_cast<uInt>(std::min<std::size_t>(rest, 16u << 20));
      given_ += stream_.avail_in;
    }
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END)
      throw damaged(
          name_, status == Z_BUF_ERROR ? "the compressed data end early" : "the compressed data are broken");
    buffer_.append(block.data(), block.size() - stream_.avail_out);
    done_ = status == Z_STREAM_END;
  }

  const MappedFile& file_;
  std::string_view bytes_;
  bool compressed_;
  std::string name_;
  z_stream stream_{};
  std::string buffer_;
  std::size_t at_ = 0, given_ = 0;
  bool done_ = false;
};

/// The elements of the array at `at`, one row each; gives the place behind the array, npos if it does not
/// end.
std::size_t each_row(const MappedFile& file, std::size_t at, const std::string& name,
                     const JsonRowConsumer& consume) {
  const std::string_view text = file.bytes();
  std::int64_t number = 0;
  bool go_on = true;
  if (at >= text.size() || text[at] != '[') throw damaged(name, "`rows` is not an array");
  at = skip_blanks(text, at + 1);
  while (at < text.size() && text[at] != ']') {
    const std::size_t end = end_of_value(text, at);
    if (end == std::string_view::npos)
      throw damaged(name, "the JSON ends early, in row " + std::to_string(number + 1));
    if (go_on) go_on = consume(text.substr(at, end - at), ++number);
    file.forget(text.data() + at);
    at = skip_blanks(text, end);
    if (at >= text.size() || text[at] == ']') break;
    if (text[at] == ',')
      at = skip_blanks(text, at + 1);
    else
      throw damaged(name, "a comma is missing after row " + std::to_string(number));
  }
  return at < text.size() ? at + 1 : std::string_view::npos;
}

}  // namespace

DatasetJsonForm form_of_dataset_json(std::string_view bytes) {
  const auto byte = [&](std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
  };
  if ((byte(0) == 0x1F && byte(1) == 0x8B) || (byte(0) == 0x78 && (byte(0) * 256 + byte(1)) % 31 == 0))
    return DatasetJsonForm::compressed;
  // NDJSON: the first line is a whole object, and an array follows it.
  const std::size_t start = skip_blanks(bytes, 0);
  const std::size_t line = bytes.find('\n', start);
  if (line == std::string_view::npos || start >= bytes.size() || bytes[start] != '{')
    return DatasetJsonForm::document;
  const std::size_t end = end_of_value(bytes.substr(0, line + 1), start);
  if (end == std::string_view::npos) return DatasetJsonForm::document;
  const std::size_t next = skip_blanks(bytes, end);
  return next < bytes.size() && bytes[next] == '[' ? DatasetJsonForm::lines : DatasetJsonForm::document;
}

std::string dataset_json_metadata(const MappedFile& file, DatasetJsonForm form, const std::string& name) {
  if (form != DatasetJsonForm::document) {
    Lines lines(file, form == DatasetJsonForm::compressed, name);
    std::string_view line;
    return lines.next(line) ? std::string(line) : "";
  }
  const std::string_view bytes = file.bytes();
  std::string out = "{";
  each_member(bytes, name, [&](std::string_view key, std::size_t at) {
    if (key == "\"rows\"") return each_row(file, at, name, [](auto, auto) { return false; });
    const std::size_t end = end_of_value(bytes, at);
    if (end != std::string_view::npos) {
      if (out.size() > 1) out += ',';
      out.append(key).append(":").append(bytes.substr(at, end - at));
    }
    return end;
  });
  return out + "}";
}

void dataset_json_rows(const MappedFile& file, DatasetJsonForm form, const std::string& name,
                       const JsonRowConsumer& consume) {
  if (form == DatasetJsonForm::document) {
    return each_member(file.bytes(), name, [&](std::string_view key, std::size_t at) {
      return key == "\"rows\"" ? each_row(file, at, name, consume) : end_of_value(file.bytes(), at);
    });
  }
  Lines lines(file, form == DatasetJsonForm::compressed, name);
  std::string_view line;
  lines.next(line);  // the metadata
  for (std::int64_t number = 1; lines.next(line); ++number) {
    if (!consume(line, number)) return;
  }
}

}  // namespace trialmill::formats
