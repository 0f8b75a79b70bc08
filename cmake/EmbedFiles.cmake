# trialmill_embed(TARGET SOURCE_DIR HEADER NAMESPACE TYPE FUNCTION): compiles every file below SOURCE_DIR into TARGET as
# the function that HEADER declares, which gives a vector of TYPE {path, content}. Run as a script (cmake -P) it writes
# the .cpp.
if(CMAKE_SCRIPT_MODE_FILE)
  file(GLOB_RECURSE files LIST_DIRECTORIES false RELATIVE ${SOURCE_DIR} ${SOURCE_DIR}/*)
  list(SORT files)
  set(text "// Made by cmake/EmbedFiles.cmake.\n#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\n")
  string(APPEND text "const std::vector<${TYPE}>& ${FUNCTION}() {\n  static const std::vector<${TYPE}> all{\n")
  foreach(file IN LISTS files)
    # Bytes as hexadecimal: no escaping rules, no limit on the length of a string literal.
    file(READ ${SOURCE_DIR}/${file} bytes HEX)
    string(LENGTH "${bytes}" digits)
    math(EXPR size "${digits} / 2")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${bytes}")
    string(APPEND text "      {\"${file}\", std::string_view(\"${bytes}\", ${size})},\n")
  endforeach()
  string(APPEND text "  };\n  return all;\n}\n\n}  // namespace ${NAMESPACE}\n")
  file(WRITE ${OUTPUT} "${text}")
  return()
endif()

set(TRIALMILL_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(trialmill_embed target source_dir header namespace type function)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${source_dir}/*)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${target}_files.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${source_dir} -DOUTPUT=${output} -DHEADER=${header} -DNAMESPACE=${namespace}
            -DTYPE=${type} -DFUNCTION=${function} -P ${TRIALMILL_EMBED_SCRIPT}
    DEPENDS ${files} ${TRIALMILL_EMBED_SCRIPT} VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
