// The build id is read from memory, from the notes of the running executable: no file, no build step.
#include "base/version.hpp"

#include <elf.h>
#include <fmt/format.h>
#include <link.h>

#include <cstring>

namespace trialmill::base {

namespace {

constexpr std::size_t align(std::size_t size) {
  return (size + 3) / 4 * 4;
}

/// The build id among the notes at `at`; "" if it is not there. Note: header, name, description, each padded
/// to four bytes (System V ABI, chapter 5, note section).
std::string id_among_notes(const char* at, std::size_t size) {
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) header;
    std::memcpy(&header, at, sizeof header);
    const std::size_t name = sizeof header, id = name + align(header.n_namesz);
    const std::size_t end = id + align(header.n_descsz);
    if (end > size) return "";
    if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == 4 && std::memcmp(at + name, "GNU", 4) == 0) {
      std::string out;
      for (std::size_t i = 0; i < header.n_descsz; ++i)
        out += fmt::format("{:02x}", static_cast<unsigned char>(at[id + i]));
      return out;
    }
    at += end;
    size -= end;
  }
  return "";
}

/// Called by dl_iterate_phdr, for the executable first; the 1 ends the iteration there.
int look_at_executable(dl_phdr_info* info, std::size_t, void* out) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const std::string id =
        id_among_notes(reinterpret_cast<const char*>(info->dlpi_addr + segment.p_vaddr), segment.p_memsz);
    if (!id.empty()) *static_cast<std::string*>(out) = id;
  }
  return 1;
}

}  // namespace

const std::string& build_id() {
  static const std::string id = [] {
    std::string found = "unknown";
    dl_iterate_phdr(look_at_executable, &found);
    return found;
  }();
  return id;
}

}  // namespace trialmill::base
