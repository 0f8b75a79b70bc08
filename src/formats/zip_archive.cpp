#include "formats/zip_archive.hpp"

#include <zlib.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/stop.hpp"
#include "base/text.hpp"

namespace trialmill::formats {
namespace {

constexpr std::uint64_t end_size = 22, entry_size = 46, local_size = 30, entries_max = 1U << 20U;
constexpr std::size_t piece_size = 256U << 10U;

/// zlib's inflater for data without a header of its own.
class Inflater {
 public:
  Inflater() { good_ = inflateInit2(&stream_, -MAX_WBITS) == Z_OK; }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool good() const { return good_; }
  void give(std::string_view packed) {
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
  }
  bool needs_input() const { return stream_.avail_in == 0; }
  /// Bytes put into `out`; `done` at the end of the stream. -1: damaged.
  long take(std::string& out, bool& done) {
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    const int status = inflate(&stream_, Z_NO_FLUSH);
    done = status == Z_STREAM_END;
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) return -1;
    return static_cast<long>(out.size() - stream_.avail_out);
  }

 private:
  z_stream stream_{};
  bool good_ = false;
};

}  // namespace

ZipArchive::ZipArchive(const std::filesystem::path& file)
    : place_(file.string()), file_(file), bytes_(file_.bytes()) {
  read_directory();
}

void ZipArchive::damaged(const std::string& what, const std::string& entry) const {
  throw base::Error("TM1320", what, {entry.empty() ? place_ : place_ + ":" + entry},
                    "the archive is damaged or was cut; ask for it again");
}

std::uint64_t ZipArchive::number(std::uint64_t offset, int size) const {
  if (offset > bytes_.size() || static_cast<std::uint64_t>(size) > bytes_.size() - offset)
    damaged("the archive ends early");
  std::uint64_t value = 0;
  for (int i = size - 1; i >= 0; --i)
    value = value << 8U | static_cast<unsigned char>(bytes_[offset + static_cast<std::uint64_t>(i)]);
  return value;
}

void ZipArchive::read_directory() {
  // The end record stands in the last 64 KiB, before a comment.
  const std::size_t from = bytes_.size() > end_size + 65535 ? bytes_.size() - end_size - 65535 : 0;
  const std::size_t end = bytes_.rfind("PK\x05\x06");
  if (end == std::string_view::npos || end < from) damaged("the archive has no directory");
  std::uint64_t count = number(end + 10, 2), at = number(end + 16, 4);
  if (end >= 20 && bytes_.substr(end - 20, 4) == "PK\x06\x07") {
    const std::uint64_t wide = number(end - 20 + 8, 8);
    if (number(wide, 4) != 0x06064B50) damaged("the archive's ZIP64 directory is not where it should be");
    count = number(wide + 32, 8);
    at = number(wide + 48, 8);
  }
  if (count > entries_max) damaged("the archive announces an impossible number of entries");
  for (std::uint64_t i = 0; i < count; ++i) {
    if (number(at, 4) != 0x02014B50) damaged("the archive's directory is damaged");
    Entry entry;
    entry.encrypted = (number(at + 8, 2) & 1U) != 0;
    entry.method = static_cast<std::uint16_t>(number(at + 10, 2));
    entry.crc = static_cast<std::uint32_t>(number(at + 16, 4));
    entry.packed_size = number(at + 20, 4);
    entry.size = number(at + 24, 4);
    const std::uint64_t name = number(at + 28, 2), extra = number(at + 30, 2), comment = number(at + 32, 2);
    entry.header = number(at + 42, 4);
    number(at + entry_size + name + extra, 0);
    entry.name = std::string(bytes_.substr(at + entry_size, name));
    read_zip64(at + entry_size + name, extra, entry);
    entries_.push_back(std::move(entry));
    at += entry_size + name + extra + comment;
  }
}

/// Sizes and places that do not fit into 32 bits stand in an extra field, in a fixed order.
void ZipArchive::read_zip64(std::uint64_t extra, std::uint64_t length, Entry& entry) const {
  for (std::uint64_t at = extra; at + 4 <= extra + length;) {
    const std::uint64_t kind = number(at, 2), size = number(at + 2, 2);
    if (kind == 1) {
      std::uint64_t place = at + 4;
      for (std::uint64_t* value : {&entry.size, &entry.packed_size, &entry.header}) {
        if (*value != 0xFFFFFFFF) continue;
        *value = number(place, 8);
        place += 8;
      }
      return;
    }
    at += 4 + size;
  }
}

const ZipArchive::Entry* ZipArchive::find(std::string_view name) const {
  for (const auto& entry : entries_) {
    if (base::to_lower(entry.name) == base::to_lower(name)) return &entry;
  }
  return nullptr;
}

std::string_view ZipArchive::packed(const Entry& entry) const {
  if (entry.encrypted) {
    throw base::Error("TM1321", "the entry is encrypted", {place_ + ":" + entry.name},
                      "ask for an archive without a password");
  }
  if (entry.method != 0 && entry.method != 8) {
    throw base::Error("TM1321", "the entry is packed by method " + std::to_string(entry.method),
                      {place_ + ":" + entry.name}, "known are stored and deflated entries; pack it again");
  }
  if (number(entry.header, 4) != 0x04034B50) damaged("the entry is not where the directory says", entry.name);
  const std::uint64_t start =
      entry.header + local_size + number(entry.header + 26, 2) + number(entry.header + 28, 2);
  if (start > bytes_.size() || entry.packed_size > bytes_.size() - start)
    damaged("the entry reaches beyond the archive", entry.name);
  return bytes_.substr(start, entry.packed_size);
}

void ZipArchive::read(const Entry& entry, const std::function<bool(std::string_view)>& take) const {
  std::string_view input = packed(entry);
  uLong sum = crc32(0, nullptr, 0);
  std::uint64_t size = 0;
  const auto give = [&](std::string_view piece) {
    base::check_stop();
    size += piece.size();
    if (size > entry.size) damaged("the entry is longer than the directory says", entry.name);
    sum = crc32(sum, reinterpret_cast<const Bytef*>(piece.data()), static_cast<uInt>(piece.size()));
    return take(piece);
  };
  if (entry.method == 0) {
    for (; !input.empty(); input.remove_prefix(std::min(piece_size, input.size()))) {
      file_.forget(input.data());
      if (!give(input.substr(0, piece_size))) return;
    }
  } else {
    Inflater inflater;
    if (!inflater.good()) throw std::bad_alloc();
    std::string out(piece_size, '\0');
    for (bool done = false; !done;) {
      if (inflater.needs_input() && !input.empty()) {
        file_.forget(input.data());
        inflater.give(input.substr(0, 1U << 20U));
        input.remove_prefix(std::min<std::size_t>(1U << 20U, input.size()));
      }
      const long got = inflater.take(out, done);
      if (got < 0) damaged("the packed bytes are damaged", entry.name);
      if (got == 0 && !done && input.empty()) damaged("the packed bytes end early", entry.name);
      if (got > 0 && !give(std::string_view(out).substr(0, static_cast<std::size_t>(got)))) return;
    }
  }
  if (size != entry.size || sum != entry.crc)
    damaged("the entry's checksum or size is wrong, so its content is not what was packed", entry.name);
}

std::string ZipArchive::read(const Entry& entry, std::size_t bytes_max) const {
  std::string text;
  read(entry, [&](std::string_view piece) {
    if (text.size() + piece.size() > bytes_max) damaged("the entry is too large", entry.name);
    text += piece;
    return true;
  });
  return text;
}

}  // namespace trialmill::formats
