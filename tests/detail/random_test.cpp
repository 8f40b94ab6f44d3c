// Random numbers, compared with published sequences and by their statistics.
/// tests/network/initializer_test.cpp tests the random weights.
#include "catch.hpp"

#include <backquery/detail/random.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

TEST_CASE("the counter-based generator gives the sequence of SplitMix64", "[random]") {
  // The first values of the published splitmix64.c from state 0, which is mix(mix(0) + 0).
  const backquery::detail::CounterRng values(0, 0);
  CHECK(values(0) == 0xe220a8397b1dcdafu);
  CHECK(values(1) == 0x6e789e6aa1b965f4u);
  CHECK(values(2) == 0x06c45d188009454fu);
}

TEST_CASE("uniform_below gives every integer below n with the same frequency", "[random]") {
  backquery::detail::RandomEngine engine(1);
  CHECK(backquery::detail::uniform_below(engine, 1) == 0);
  constexpr int samples = 30000;
  for (const std::uint64_t n : {std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{10}}) {
    CAPTURE(n);
    std::vector<int> counts(static_cast<std::size_t>(n));
    for (int i = 0; i < samples; ++i) {
      const std::uint64_t value = backquery::detail::uniform_below(engine, n);
      REQUIRE(value < n);
      ++counts[static_cast<std::size_t>(value)];
    }
    const double expected = samples / static_cast<double>(n);
    for (const int count : counts) CHECK(std::abs(count - expected) <= 5 * std::sqrt(expected));
  }
}

TEST_CASE("uniform_below rejects the random fractions that would favor some integers", "[random]") {
  // Each integer below n stands for one or two of the 2^32 fractions; without rejection, every third integer
  // would have two.
  backquery::detail::RandomEngine engine(1);
  constexpr std::uint64_t n = 0xc0000000;
  int multiples_of_3 = 0;
  for (int i = 0; i < 30000; ++i) {
    const std::uint64_t value = backquery::detail::uniform_below(engine, n);
    REQUIRE(value < n);
    multiples_of_3 += value % 3 == 0 ? 1 : 0;
  }
  CHECK(std::abs(multiples_of_3 - 10000) <= 5 * std::sqrt(10000));
}
