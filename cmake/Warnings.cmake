# Warnings every target of ours is compiled with, and the sanitizer switch of the asan preset.
add_library(trialmill_warnings INTERFACE)
target_compile_options(trialmill_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  # GCC 12 reports impossible overlaps inside std::string (GCC bug 105329).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
option(TRIALMILL_WERROR "Treat warnings as errors" OFF)
if(TRIALMILL_WERROR)
  target_compile_options(trialmill_warnings INTERFACE -Werror)
endif()
set(TRIALMILL_SANITIZE "" CACHE STRING "Sanitizers for every target, e.g. address,undefined")
if(TRIALMILL_SANITIZE)
  if(TRIALMILL_FUZZ)  # coverage of everything that a target reaches
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
  add_compile_options(-fsanitize=${TRIALMILL_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TRIALMILL_SANITIZE})
endif()
