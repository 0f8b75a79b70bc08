# trialmill_embed_tables(FOLDER NAME ROOT PATTERN): compiles the files below ROOT that match PATTERN into the library of
# a source folder, as the table `NAME` that standards/embedded.hpp describes. Paths are relative to ROOT, sorted.
# DEPENDS names files that are made by the build itself.
function(trialmill_embed_tables folder name root pattern)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${root}/${pattern})
  set(output ${CMAKE_BINARY_DIR}/embedded/${name}.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DROOT=${root} -DPATTERN=${pattern} -DOUTPUT=${output}
            -P ${CMAKE_SOURCE_DIR}/cmake/EmbedTablesScript.cmake
    DEPENDS ${files} ${ARG_DEPENDS} ${CMAKE_SOURCE_DIR}/cmake/EmbedTablesScript.cmake
    COMMENT "Embedding ${name}" VERBATIM)
  target_sources(trialmill_${folder} PRIVATE ${output})
endfunction()
