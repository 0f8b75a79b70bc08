# Libraries: Debian packages, and DuckDB from pinned npm packages (scripts/install-deps puts both in place).
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(pugixml REQUIRED)
find_package(simdjson REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(LibXml2 REQUIRED)
find_package(LibXslt REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(xlsxwriter REQUIRED IMPORTED_TARGET xlsxwriter)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(rapidcheck REQUIRED)
find_package(tl-expected REQUIRED)

# DuckDB: a system installation first, else the npm packages under third_party/duckdb.
find_path(DUCKDB_INCLUDE duckdb.h
  HINTS ${CMAKE_SOURCE_DIR}/third_party/duckdb $ENV{TRIALMILL_DUCKDB_DIR})
find_library(DUCKDB_LIBRARY duckdb
  HINTS ${CMAKE_SOURCE_DIR}/third_party/duckdb $ENV{TRIALMILL_DUCKDB_DIR})
if(NOT DUCKDB_INCLUDE OR NOT DUCKDB_LIBRARY)
  message(FATAL_ERROR "DuckDB not found: run scripts/install-deps, or set TRIALMILL_DUCKDB_DIR to a folder "
                      "that holds duckdb.h and libduckdb.so")
endif()
add_library(DuckDB::DuckDB SHARED IMPORTED)
set_target_properties(DuckDB::DuckDB PROPERTIES
  IMPORTED_LOCATION ${DUCKDB_LIBRARY} IMPORTED_NO_SONAME ON
  INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_INCLUDE})

# The program finds libduckdb.so beside itself ($ORIGIN).
function(trialmill_copy_duckdb target)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -E copy_if_different ${DUCKDB_LIBRARY} $<TARGET_FILE_DIR:${target}>)
endfunction()
