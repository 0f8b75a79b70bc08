#include "formats/sas7bdat_compression.hpp"

#include <cstdint>

namespace trialmill::formats {
namespace {

/// Reads a compressed row and never more.
class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}
  bool done() const { return at_ >= bytes_.size(); }
  bool failed() const { return failed_; }
  unsigned take() {
    if (done()) {
      failed_ = true;
      return 0;
    }
    return static_cast<unsigned char>(bytes_[at_++]);
  }
  std::string_view take(std::size_t count) {
    if (count > bytes_.size() - at_) {
      failed_ = true;
      return {};
    }
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

/// Appends unless the row would become longer than it is.
class Output {
 public:
  Output(std::string& row, std::size_t length) : row_(row), length_(length) { row_.clear(); }
  bool put(std::string_view bytes) {
    if (bytes.size() > length_ - row_.size()) return false;
    row_.append(bytes);
    return true;
  }
  bool fill(std::size_t count, unsigned byte) {
    if (count > length_ - row_.size()) return false;
    row_.append(count, static_cast<char>(byte));
    return true;
  }
  bool repeat(std::size_t back, std::size_t count) {
    if (back > row_.size() || count > back || count > length_ - row_.size()) return false;
    row_.append(row_, row_.size() - back, count);
    return true;
  }
  bool complete() const { return row_.size() == length_; }

 private:
  std::string& row_;
  std::size_t length_;
};

}  // namespace

bool decompress_rle(std::string_view input, std::size_t length, std::string& row) {
  Input in(input);
  Output out(row, length);
  while (!in.done()) {
    const unsigned control = in.take(), command = control >> 4U, low = control & 15U;
    bool fits = true;
    switch (command) {
      case 0:
        fits = out.put(in.take(in.take() + 64 + low * 256));
        break;
      case 1:
        fits = out.put(in.take(in.take() + 64 + low * 256 + 4096));
        break;
      case 2:
        fits = out.put(in.take(low + 96));
        break;
      case 4: {
        const unsigned count = in.take() + 18 + low * 256;
        fits = out.fill(count, in.take());
        break;
      }
      case 5:
        fits = out.fill(in.take() + 17 + low * 256, '@');
        break;
      case 6:
        fits = out.fill(in.take() + 17 + low * 256, ' ');
        break;
      case 7:
        fits = out.fill(in.take() + 17 + low * 256, 0);
        break;
      case 8:
        fits = out.put(in.take(low + 1));
        break;
      case 9:
        fits = out.put(in.take(low + 17));
        break;
      case 10:
        fits = out.put(in.take(low + 33));
        break;
      case 11:
        fits = out.put(in.take(low + 49));
        break;
      case 12:
        fits = out.fill(low + 3, in.take());
        break;
      case 13:
        fits = out.fill(low + 2, '@');
        break;
      case 14:
        fits = out.fill(low + 2, ' ');
        break;
      case 15:
        fits = out.fill(low + 2, 0);
        break;
      default:
        return false;
    }
    if (!fits || in.failed()) return false;
  }
  return out.complete();
}

bool decompress_rdc(std::string_view input, std::size_t length, std::string& row) {
  Input in(input);
  Output out(row, length);
  while (!in.done()) {
    const unsigned high = in.take(), prefix = high << 8U | in.take();
    if (in.failed()) return false;
    for (unsigned bit = 0x8000; bit != 0 && !in.done(); bit >>= 1U) {
      bool fits = true;
      if ((prefix & bit) == 0) {
        fits = out.fill(1, in.take());
      } else {
        const unsigned marker = in.take(), next = in.take(), low = marker & 15U, command = marker >> 4U;
        if (command == 0)
          fits = out.fill(low + 3, next);
        else if (command == 1)
          fits = out.fill(19 + low + next * 16, in.take());
        else if (command == 2)
          fits = out.repeat(3 + low + next * 16, 16 + in.take());
        else
          fits = out.repeat(3 + low + next * 16, command);
      }
      if (!fits || in.failed()) return false;
    }
  }
  return out.complete();
}

}  // namespace trialmill::formats
