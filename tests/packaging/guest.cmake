# Inside another project, backquery sets no build type and no flags, and adds no tests, examples or downloads.
if(NOT "$ENV{CXXFLAGS}" STREQUAL "${CMAKE_CXX_FLAGS}" OR CMAKE_BUILD_TYPE OR BACKQUERY_FETCH_DEPENDENCIES
    OR TARGET mnist_train OR TARGET self_contained)
  message(FATAL_ERROR "backquery changed the project that it was added to")
endif()
