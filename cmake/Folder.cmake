# trialmill_folder(NAME LINK ...): one source folder = one static library trialmill_NAME, one test program
# NAME_test made of its *_test.cpp, one benchmark program NAME_bench made of its *_bench.cpp.
# Links are transitive, so a folder sees what it names and all that those see.
include(GoogleTest)

function(trialmill_folder name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  set(dir ${CMAKE_SOURCE_DIR}/src/${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${dir}/*.cpp)
  set(tests ${sources})
  set(benches ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")

  set(links "")
  foreach(item IN LISTS ARG_LINK)
    if(TARGET trialmill_${item})
      list(APPEND links trialmill_${item})
    else()
      list(APPEND links ${item})
    endif()
  endforeach()

  if(sources)
    add_library(trialmill_${name} STATIC ${sources})
    target_include_directories(trialmill_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(trialmill_${name} PUBLIC ${links} PRIVATE trialmill_warnings)
  else()
    add_library(trialmill_${name} INTERFACE)
    target_include_directories(trialmill_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(trialmill_${name} INTERFACE ${links})
  endif()

  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE trialmill_${name} trialmill_warnings GTest::gmock GTest::gtest_main
      rapidcheck)
    target_compile_definitions(${name}_test PRIVATE
      TRIALMILL_SOURCE_DIR="${CMAKE_SOURCE_DIR}" TRIALMILL_SHARED_DIR="${CMAKE_SOURCE_DIR}/../shared")
    set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    # One CTest entry a folder keeps the list readable; the program itself lists its cases.
    add_test(NAME unit.${name} COMMAND ${name}_test)
    set_tests_properties(unit.${name} PROPERTIES LABELS unit)
  endif()

  if(benches)
    add_executable(${name}_bench EXCLUDE_FROM_ALL ${benches})
    target_link_libraries(${name}_bench PRIVATE trialmill_${name} benchmark::benchmark_main)
    set_target_properties(${name}_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
  endif()
endfunction()
