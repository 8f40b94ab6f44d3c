# Joins the umbrella header, Trainer, FixedNetwork and tables into one file, for projects without an include
# directory:
#
#     cmake -D OUTPUT=backquery.hpp -P cmake/single_header.cmake
#
# Each header of the library stands where it is first included.
cmake_minimum_required(VERSION 3.21)
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH root)

# Appends the text of a header to the global property backquery_text, without #pragma once.
function(append_header header)
  get_property(included GLOBAL PROPERTY backquery_${header})
  if(included)
    return()
  endif()
  set_property(GLOBAL PROPERTY backquery_${header} TRUE)
  file(READ ${root}/include/${header} text)
  string(REPLACE "#pragma once\n" "" text "${text}")
  while(text MATCHES "\n#include <(backquery/[^>]*)>")
    string(FIND "${text}" "${CMAKE_MATCH_0}" begin)
    string(SUBSTRING "${text}" 0 ${begin} before)
    string(LENGTH "${CMAKE_MATCH_0}" length)
    math(EXPR begin "${begin} + ${length}")
    string(SUBSTRING "${text}" ${begin} -1 text)
    set_property(GLOBAL APPEND_STRING PROPERTY backquery_text "${before}")
    append_header(${CMAKE_MATCH_1})
  endwhile()
  set_property(GLOBAL APPEND_STRING PROPERTY backquery_text "${text}")
endfunction()

foreach(header IN ITEMS backquery.hpp training/trainer.hpp network/fixed_network.hpp network/make_fixed_network.hpp
    network/fold.hpp tables/read_table.hpp tables/standardizer.hpp)
  append_header(backquery/${header})
endforeach()
get_property(text GLOBAL PROPERTY backquery_text)
file(READ ${root}/LICENSE license)
string(REGEX REPLACE "\n" "\n// " license "// ${license}")
string(REGEX REPLACE " +\n|// $" "\n" license "${license}")
file(WRITE ${OUTPUT} "${license}\n#pragma once\n\n${text}")
