#include <backquery/build_info.hpp>

#include "catch.hpp"

#include <string>

TEST_CASE("build_info names the scalar type") {
  CHECK(backquery::build_info<float>().scalar == "float");
  CHECK(backquery::build_info().scalar == "double");
  CHECK(backquery::build_info<long double>().scalar == "long double");
}

// CMakeLists.txt defines the values that it expects for its compiler flags.
TEST_CASE("build_info reports how the file was compiled") {
  const backquery::BuildInfo info = backquery::build_info();
  CHECK(info.version == BACKQUERY_EXPECTED_VERSION);
  CHECK(info.eigen == BACKQUERY_EXPECTED_EIGEN);
#ifdef BACKQUERY_EXPECTED_INSTRUCTIONS
  CHECK(info.optimized == BACKQUERY_EXPECTED_FAST);
  CHECK(info.fast_math == BACKQUERY_EXPECTED_FAST);
  CHECK(info.blas == BACKQUERY_EXPECTED_FAST);
  CHECK(info.instruction_set == BACKQUERY_EXPECTED_INSTRUCTIONS);
#endif
}

#if defined(__AVX2__) && defined(__FMA__) && !defined(EIGEN_DONT_VECTORIZE)
TEST_CASE("build_info names the wide registers") {
  const std::string sets = backquery::build_info().instruction_set;
  CHECK_THAT(sets, Catch::Matchers::ContainsSubstring("AVX2"));
  CHECK_THAT(sets, Catch::Matchers::ContainsSubstring("FMA"));
}
#endif

TEST_CASE("the text of a BuildInfo contains every field") {
  backquery::BuildInfo info{"1.2.3", "4.5.6", "float", true, "SSE, SSE2", false, false};
  CHECK(info.text() == "backquery 1.2.3, Eigen 4.5.6, float, optimized, SSE, SSE2");
  info = {"1.2.3", "4.5.6", "double", false, "None", true, true};
  CHECK(info.text() == "backquery 1.2.3, Eigen 4.5.6, double, not optimized, None, fast-math, BLAS");
}
