# Dependencies of backquery. A top-level build downloads missing ones: pinned releases, checked against a
# SHA-256 and unpacked below the build directory. BACKQUERY_FETCH_DEPENDENCIES=OFF forbids it.
#
# The checksums of Eigen and Catch2 are from Debian's source packages, which contain the upstream archives;
# the checksums of CLI11 and stb are from conan-center-index (recipes/cli11, recipes/stb).

# backquery_fetch(<name> <url> <sha256>) sets <name>_SOURCE_DIR. It is empty if the download fails.
function(backquery_fetch name url sha256)
  set(${name}_SOURCE_DIR "" PARENT_SCOPE)
  get_property(offline GLOBAL PROPERTY backquery_offline)
  if(offline OR NOT BACKQUERY_FETCH_DEPENDENCIES)
    return()
  endif()
  set(directory ${PROJECT_BINARY_DIR}/fetched/${name})
  cmake_path(GET url FILENAME archive)
  set(archive ${PROJECT_BINARY_DIR}/fetched/${archive})
  if(NOT EXISTS ${archive})
    message(STATUS "Downloading ${url}")
    file(DOWNLOAD ${url} ${archive}.part STATUS status INACTIVITY_TIMEOUT 10 TIMEOUT 60 TLS_VERIFY ON)
    list(POP_FRONT status code reason)
    if(NOT code EQUAL 0)
      message(STATUS "Downloading ${url} failed: ${reason}")
      file(REMOVE ${archive}.part)
      set_property(GLOBAL PROPERTY backquery_offline TRUE)  # waits for one time-out, not for four
      return()
    endif()
    file(SHA256 ${archive}.part found)
    if(NOT found STREQUAL sha256)
      file(REMOVE ${archive}.part)
      message(FATAL_ERROR "${url} has SHA-256 ${found}, expected ${sha256}")
    endif()
    file(RENAME ${archive}.part ${archive})
    file(REMOVE_RECURSE ${directory})
    file(ARCHIVE_EXTRACT INPUT ${archive} DESTINATION ${directory})
  endif()
  file(GLOB directory LIST_DIRECTORIES true ${directory}/*)  # the one folder in the archive
  set(${name}_SOURCE_DIR ${directory} PARENT_SCOPE)
endfunction()

# No version in find_package(Eigen3): Eigen 3.4.0 and 5.x each reject requests that name the other.
macro(backquery_require_eigen)
  if(NOT TARGET Eigen3::Eigen)
    find_package(Eigen3 CONFIG QUIET)
    if(NOT Eigen3_FOUND)
      backquery_fetch(eigen https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.bz2
        b4c198460eba6f28d34894e3a5710998818515104d6e74e5cc331ce31e46e626)
      if(NOT eigen_SOURCE_DIR)
        message(FATAL_ERROR "backquery needs Eigen 3.4 or newer, which is neither installed nor could be downloaded. "
          "Install it (Debian: apt-get install libeigen3-dev) or name its package folder with -DEigen3_DIR=...")
      endif()
      # A package of its own, so that the consumers in tests/packaging find the same Eigen.
      set(Eigen3_DIR ${PROJECT_BINARY_DIR}/fetched/eigen-package CACHE PATH "" FORCE)
      file(WRITE ${Eigen3_DIR}/Eigen3Config.cmake
        "set(Eigen3_VERSION 3.4.0)\nadd_library(Eigen3::Eigen INTERFACE IMPORTED)\n"
        "target_include_directories(Eigen3::Eigen INTERFACE \"${eigen_SOURCE_DIR}\")\n")
      include(${Eigen3_DIR}/Eigen3Config.cmake)
    endif()
    if(Eigen3_VERSION VERSION_LESS 3.4)
      message(FATAL_ERROR "backquery needs Eigen 3.4 or newer, found ${Eigen3_VERSION} in ${Eigen3_DIR}")
    endif()
  endif()
endmacro()

# Finds Catch2 v2 or v3 and provides catch_discover_tests().
macro(backquery_require_catch2)
  find_package(Catch2 CONFIG QUIET)
  if(NOT Catch2_FOUND)
    backquery_fetch(catch2 https://github.com/catchorg/Catch2/archive/v3.7.1.tar.gz
      c991b247a1a0d7bb9c39aa35faf0fe9e19764213f28ffba3109388e62ee0269c)
    if(NOT catch2_SOURCE_DIR)
      message(FATAL_ERROR "The tests need Catch2, which is neither installed nor could be downloaded. Install it "
        "(Debian: apt-get install catch2) or build without tests: -DBACKQUERY_BUILD_TESTS=OFF")
    endif()
    add_subdirectory(${catch2_SOURCE_DIR} ${PROJECT_BINARY_DIR}/fetched/catch2-build EXCLUDE_FROM_ALL)
    foreach(library IN ITEMS Catch2 Catch2WithMain)  # code of others: no warnings
      get_target_property(directories ${library} INTERFACE_INCLUDE_DIRECTORIES)
      set_target_properties(${library} PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${directories}")
      target_compile_options(${library} PRIVATE -w)
    endforeach()
    list(APPEND CMAKE_MODULE_PATH ${catch2_SOURCE_DIR}/extras)
  endif()
  include(Catch)
endmacro()

# Makes the targets CLI11::CLI11 and backquery::stb, if both libraries are available.
macro(backquery_find_cli11_and_stb)
  find_package(CLI11 CONFIG QUIET)
  if(NOT CLI11_FOUND)
    backquery_fetch(cli11 https://github.com/CLIUtils/CLI11/archive/v2.4.2.tar.gz
      f2d893a65c3b1324c50d4e682c0cdc021dd0477ae2c048544f39eed6654b699a)
    if(cli11_SOURCE_DIR)
      add_library(CLI11::CLI11 INTERFACE IMPORTED)
      target_include_directories(CLI11::CLI11 INTERFACE ${cli11_SOURCE_DIR}/include)
    endif()
  endif()
  find_path(STB_INCLUDE_DIR stb_image_write.h PATH_SUFFIXES stb DOC "The folder of stb_image_write.h")
  if(NOT STB_INCLUDE_DIR)
    backquery_fetch(stb https://github.com/nothings/stb/archive/8b5f1f37b5b75829fc72d38e7b5d4bcbf8a26d55.zip
      93a16ee3e866e719feec459f6f132cce932c5ec751eb38e3ec1975f911353d2e)
    set(STB_INCLUDE_DIR ${stb_SOURCE_DIR})
  endif()
  if(STB_INCLUDE_DIR)
    add_library(backquery::stb INTERFACE IMPORTED)
    target_include_directories(backquery::stb INTERFACE ${STB_INCLUDE_DIR})
  endif()
endmacro()
