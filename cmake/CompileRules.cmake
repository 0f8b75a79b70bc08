# trialmill_compile_rules(FOLDER ROOT PATTERN): compiles the rules below ROOT that match PATTERN into the library of a
# source folder, as the table `embedded_rules` of standards/embedded.hpp: one file, the lines of a rule set.
function(trialmill_compile_rules folder root pattern)
  add_executable(compile_rules ${CMAKE_SOURCE_DIR}/cmake/compile_rules.cpp ${CMAKE_SOURCE_DIR}/src/conform/rule_tree.cpp)
  target_link_libraries(compile_rules PRIVATE trialmill_base trialmill_warnings)
  file(GLOB rules CONFIGURE_DEPENDS RELATIVE ${root} ${root}/${pattern})
  list(SORT rules)
  set(lines ${CMAKE_BINARY_DIR}/embedded/rules/rules.jsonl)
  list(TRANSFORM rules PREPEND ${root}/ OUTPUT_VARIABLE files)
  add_custom_command(OUTPUT ${lines}
    COMMAND compile_rules ${root} ${rules} > ${lines}
    DEPENDS compile_rules ${files} COMMENT "Compiling rules" VERBATIM)
  trialmill_embed_tables(${folder} embedded_rules ${CMAKE_BINARY_DIR}/embedded/rules rules.jsonl DEPENDS ${lines})
endfunction()
