# Checks without code generation: half the time of an object file.
get_target_property(eigen_include_dir Eigen3::Eigen INTERFACE_INCLUDE_DIRECTORIES)
set(standard 17)
if(CMAKE_CXX_STANDARD)
  set(standard ${CMAKE_CXX_STANDARD})
endif()
separate_arguments(backquery_flags NATIVE_COMMAND "${CMAKE_CXX_FLAGS}")
get_directory_property(options COMPILE_OPTIONS)
list(APPEND backquery_flags ${options} ${CMAKE_CXX${standard}_STANDARD_COMPILE_OPTION} -I${PROJECT_SOURCE_DIR}/include
  -isystem ${eigen_include_dir})

# The warnings of strict projects that add backquery by add_subdirectory. In builds with -Werror they are errors.
set(consumer_warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wdouble-promotion
  -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi -Wcast-align -Wcast-qual -Wundef)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND consumer_warnings -Wuseless-cast -Wduplicated-cond -Wlogical-op)
else()
  list(APPEND consumer_warnings -Wimplicit-fallthrough -Wrange-loop-analysis -Wdeprecated)
endif()

# Sets `variable` to the name of a file. Before a target uses this file, the source is compiled with
# -fsyntax-only:
#
#     backquery_check_syntax(<source> <variable>)
function(backquery_check_syntax source variable)
  add_custom_command(OUTPUT ${source}.checked DEPENDS ${source} DEPFILE ${source}.d VERBATIM
    COMMAND ${CMAKE_CXX_COMPILER} ${backquery_flags} ${consumer_warnings} -MD -MF ${source}.d -MT ${source}.checked -fsyntax-only ${source}
    COMMAND ${CMAKE_COMMAND} -E touch ${source}.checked
    COMMENT "Checking ${source}")
  set(${variable} ${source}.checked PARENT_SCOPE)
endfunction()
