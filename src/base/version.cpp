#include "base/version.hpp"

#include <elf.h>
#include <link.h>

#include <cstdint>
#include <cstring>

namespace trialmill::base {

namespace {

constexpr std::size_t padded(std::size_t bytes) {
  return (bytes + 3) & ~std::size_t{3};
}

/// Looks through the ELF notes of the program itself, which is the first object that is reported.
int find_build_id(dl_phdr_info* info, std::size_t, void* out) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const std::uintptr_t address = info->dlpi_addr + segment.p_vaddr;
    const auto* bytes = reinterpret_cast<const unsigned char*>(address);  // NOLINT: mapped by the loader
    std::size_t at = 0;
    while (at + sizeof(ElfW(Nhdr)) <= segment.p_memsz) {
      ElfW(Nhdr) note;
      std::memcpy(&note, bytes + at, sizeof note);
      const std::size_t content = at + sizeof note + padded(note.n_namesz);
      if (content + note.n_descsz > segment.p_memsz) break;
      if (note.n_type == NT_GNU_BUILD_ID) {
        constexpr char digits[] = "0123456789abcdef";
        auto& text = *static_cast<std::string*>(out);
        for (std::size_t k = 0; k < note.n_descsz && text.size() < 16; ++k) {
          text += digits[bytes[content + k] >> 4];
          text += digits[bytes[content + k] & 15];
        }
        return 1;
      }
      at = content + padded(note.n_descsz);
    }
  }
  return 1;  // libraries are not asked
}

}  // namespace

std::string program_build() {
  std::string text;
  dl_iterate_phdr(find_build_id, &text);
  return text;
}

}  // namespace trialmill::base
