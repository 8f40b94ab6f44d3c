/// @file
/// is_finite and is_nan, for every floating-point format and byte order.
#include "catch.hpp"

#include <backquery/detail/check.hpp>

#include <limits>
#include <vector>

TEMPLATE_TEST_CASE("is_finite and is_nan recognize NaN and infinity", "[check]", float, double, long double) {
  using Limits = std::numeric_limits<TestType>;
  using backquery::detail::is_finite;
  using backquery::detail::is_nan;
  for (const TestType value :
       {TestType(0), TestType(-0.0), TestType(1), TestType(-1.5), Limits::min(), Limits::max(),
        Limits::lowest(), Limits::denorm_min(), Limits::epsilon(), TestType(1) / 3}) {
    CAPTURE(value);
    CHECK(is_finite(value));
    CHECK_FALSE(is_nan(value));
  }
  volatile TestType zero = 0;  // so that the compiler does not compute the quotient
  const TestType infinity = Limits::infinity();
  for (const TestType value : {infinity, -infinity, 1 / zero, 2 * Limits::max() * (zero + 1)}) {
    CAPTURE(value);
    CHECK_FALSE(is_finite(value));
    CHECK_FALSE(is_nan(value));
  }
  for (const TestType value :
       {Limits::quiet_NaN(), -Limits::quiet_NaN(), infinity - infinity * (zero + 1), zero / zero}) {
    CAPTURE(value);
    CHECK_FALSE(is_finite(value));
    CHECK(is_nan(value));
  }
}

TEST_CASE("all_finite checks every value", "[check]") {
  for (const Eigen::Index n : {1, 63, 64, 65, 200}) {
    std::vector<double> values(static_cast<std::size_t>(n), 0.5);
    CHECK(backquery::detail::all_finite(values.data(), n));
    for (double& value : values) {
      value = std::numeric_limits<double>::infinity();
      const bool found = !backquery::detail::all_finite(values.data(), n);
      value = 0.5;
      if (!found) FAIL("of " << n << " values, one is not found");
    }
  }
}
