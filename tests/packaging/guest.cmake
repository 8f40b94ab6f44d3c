# Inside another project backquery is a guest: no build type, flags, tests, examples or downloads of its own.
if(NOT "$ENV{CXXFLAGS}" STREQUAL "${CMAKE_CXX_FLAGS}" OR CMAKE_BUILD_TYPE OR BACKQUERY_FETCH_DEPENDENCIES
    OR TARGET mnist_train OR TARGET self_contained)
  message(FATAL_ERROR "backquery changed the project that it was added to")
endif()
