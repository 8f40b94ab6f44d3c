# FixedNetwork without exceptions, run-time type information and heap, and build_info under known flags.

# A program for a bare machine. Where the compiler driver can, it is linked without the C++ library, so that nothing in
# it may call one.
if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang" AND NOT MSVC)
  add_executable(fixed_network_bare fixed_network_bare.cpp)
  target_compile_options(fixed_network_bare PRIVATE -fno-exceptions -fno-rtti)
  target_compile_definitions(fixed_network_bare PRIVATE NDEBUG)
  target_link_libraries(fixed_network_bare PRIVATE backquery::backquery)
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize|--coverage")
    target_link_options(fixed_network_bare PRIVATE -nodefaultlibs)
    target_link_libraries(fixed_network_bare PRIVATE m c gcc)
  endif()
  add_test(NAME fixed_network_bare COMMAND fixed_network_bare)
endif()

# backquery_expect_build_info(<target> [<definition>...]): what a build of build_info_test.cpp should find.
function(backquery_expect_build_info target)
  target_compile_definitions(${target} PRIVATE
    BACKQUERY_EXPECTED_VERSION="${PROJECT_VERSION}" BACKQUERY_EXPECTED_EIGEN="${Eigen3_VERSION}" ${ARGN})
endfunction()

backquery_expect_build_info(build_info_test)
if(BACKQUERY_HAS_MARCH_native)
  backquery_add_test(build_info_test.native build_info_test.cpp -march=native)
  backquery_expect_build_info(build_info_test.native)
endif()
if(BACKQUERY_HAS_MARCH_x86_64 AND BACKQUERY_HAS_FAST_MATH)
  backquery_add_test(build_info_test.fast build_info_test.cpp -march=x86-64 -O2 -ffast-math)
  backquery_expect_build_info(build_info_test.fast
    EIGEN_USE_BLAS BACKQUERY_EXPECTED_FAST=true "BACKQUERY_EXPECTED_INSTRUCTIONS=\"SSE, SSE2\"")
  backquery_add_test(build_info_test.slow build_info_test.cpp -O0 -fno-fast-math)
  backquery_expect_build_info(build_info_test.slow
    EIGEN_DONT_VECTORIZE BACKQUERY_EXPECTED_FAST=false "BACKQUERY_EXPECTED_INSTRUCTIONS=\"None\"")
endif()
