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
if(TARGET backquery::onnx)
  list(APPEND backquery_flags -idirafter ${PROTOZERO_INCLUDE_DIR})  # -isystem /usr/include would hide headers
endif()

# The warnings of strict projects that add backquery by add_subdirectory. In builds with -Werror they are
# errors.
set(consumer_warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wdouble-promotion
  -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi -Wcast-align -Wcast-qual -Wundef)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND consumer_warnings -Wuseless-cast -Wduplicated-cond -Wlogical-op)
else()
  list(APPEND consumer_warnings -Wimplicit-fallthrough -Wrange-loop-analysis -Wdeprecated)
endif()

# Parses Eigen once for all sources that include it, because this takes most of the time of a check. If the
# parsed file is missing or has other flags, the compiler reads Eigen again.
set(parsed_eigen ${CMAKE_CURRENT_BINARY_DIR}/parsed/eigen.hpp)
file(CONFIGURE OUTPUT ${parsed_eigen} CONTENT "#include <Eigen/Core>\n" @ONLY)
add_custom_command(OUTPUT ${parsed_eigen}.gch DEPENDS ${parsed_eigen} DEPFILE ${parsed_eigen}.d VERBATIM
  COMMAND ${CMAKE_CXX_COMPILER} ${backquery_flags} ${consumer_warnings}
    -MD -MF ${parsed_eigen}.d -MT ${parsed_eigen}.gch -x c++-header ${parsed_eigen} -o ${parsed_eigen}.gch
  COMMENT "Parsing Eigen")

# The headers that include Eigen, directly or through other headers.
set(headers_with_eigen Eigen/Core)
set(more TRUE)
while(more)
  set(more FALSE)
  foreach(header IN LISTS backquery_headers)
    list(JOIN headers_with_eigen "|" known)
    file(STRINGS ${PROJECT_SOURCE_DIR}/include/${header} found LIMIT_COUNT 1 REGEX "^#include <(${known})>")
    if(found AND NOT header IN_LIST headers_with_eigen)
      list(APPEND headers_with_eigen ${header})
      set(more TRUE)
    endif()
  endforeach()
endwhile()

# Sets `variable` to the name of a file. Before a target uses this file, the source is compiled with
# -fsyntax-only, after Eigen for WITH_EIGEN:
#
#     backquery_check_syntax(<source> <variable> [WITH_EIGEN])
function(backquery_check_syntax source variable)
  set(first)
  set(parsed)
  if("WITH_EIGEN" IN_LIST ARGN)
    set(first -include ${parsed_eigen})
    set(parsed ${parsed_eigen}.gch)
  endif()
  add_custom_command(OUTPUT ${source}.checked DEPENDS ${source} ${parsed} DEPFILE ${source}.d VERBATIM
    COMMAND ${CMAKE_CXX_COMPILER} ${backquery_flags} ${consumer_warnings} ${first}
      -MD -MF ${source}.d -MT ${source}.checked -fsyntax-only ${source}
    COMMAND ${CMAKE_COMMAND} -E touch ${source}.checked
    COMMENT "Checking ${source}")
  set(${variable} ${source}.checked PARENT_SCOPE)
endfunction()
