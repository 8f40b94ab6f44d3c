# The toolchain of the preset `web`: Emscripten of Debian, of an active emsdk, or in EMSCRIPTEN_ROOT_PATH.
if(NOT EMSCRIPTEN_ROOT_PATH)
  find_program(em_config em-config NO_CMAKE_FIND_ROOT_PATH)
  if(em_config)
    file(REAL_PATH ${em_config} em_config_file)
    cmake_path(GET em_config_file PARENT_PATH EMSCRIPTEN_ROOT_PATH)
  endif()
endif()
set(toolchain ${EMSCRIPTEN_ROOT_PATH}/cmake/Modules/Platform/Emscripten.cmake)
if(NOT EXISTS ${toolchain})
  message(FATAL_ERROR "The page needs Emscripten, which is not installed (Debian: apt-get install emscripten)")
endif()
include(${toolchain})

# The toolchain hides the packages of this computer. Eigen is usable, because it has only headers.
if(NOT Eigen3_DIR AND EXISTS /usr/share/eigen3/cmake/Eigen3Config.cmake)
  set(Eigen3_DIR /usr/share/eigen3/cmake CACHE PATH "The package folder of Eigen")
endif()
