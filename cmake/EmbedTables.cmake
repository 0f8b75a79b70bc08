# trialmill_embed_tables(FOLDER NAME ROOT PATTERN): compiles the files below ROOT that match PATTERN into the library of
# a source folder, as the table `NAME` that standards/embedded.hpp describes. Paths are relative to ROOT, sorted.
function(trialmill_embed_tables folder name root pattern)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${root}/${pattern})
  set(output ${CMAKE_BINARY_DIR}/embedded/${name}.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DROOT=${root} -DPATTERN=${pattern} -DOUTPUT=${output}
            -P ${CMAKE_SOURCE_DIR}/cmake/EmbedTablesScript.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/EmbedTablesScript.cmake
    COMMENT "Embedding ${name}" VERBATIM)
  target_sources(trialmill_${folder} PRIVATE ${output})
endfunction()
