# Functions of the scripts beside this file, which run the programs and check their output.
cmake_minimum_required(VERSION 3.21)

# expect(<exit code> <regex of the output> <regex of the error stream> <command>...) sets `output` to the
# output
function(expect code output_regex error_regex)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE errors
    WORKING_DIRECTORY "${SCRATCH}")
  if(NOT result STREQUAL code OR NOT output MATCHES "${output_regex}" OR NOT errors MATCHES "${error_regex}")
    list(JOIN ARGN " " command)
    message(SEND_ERROR "${command}\nexit code ${result}, expected ${code}\n"
      "output, expected to match '${output_regex}':\n${output}\n"
      "errors, expected to match '${error_regex}':\n${errors}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# Expects an error of exactly one line, which names the program.
function(expect_error regex)
  list(GET ARGN 0 program)
  get_filename_component(name "${program}" NAME_WE)
  expect(1 "" "^${name}: [^\n]*${regex}[^\n]*\n$" ${ARGN})
endfunction()

function(expect_absent)
  foreach(path IN LISTS ARGN)
    file(GLOB found "${SCRATCH}/${path}")
    if(found)
      message(SEND_ERROR "left behind: ${found}")
    endif()
  endforeach()
endfunction()

function(expect_same_files a b)
  execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files "${a}" "${b}" RESULT_VARIABLE different)
  if(different)
    message(SEND_ERROR "${a} and ${b} differ")
  endif()
endfunction()

file(REMOVE_RECURSE "${SCRATCH}")
file(MAKE_DIRECTORY "${SCRATCH}")
