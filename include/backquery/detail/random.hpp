/// @file
/// Random numbers that are the same with every compiler, standard library and instruction set.
///
/// std::mt19937_64 is specified bit for bit. std::normal_distribution is not, and log, exp and cos differ in
/// the last bit between builds. So this file uses integer arithmetic on the engine's 64-bit values. Single,
/// correctly rounded operations convert the results to double.
#pragma once

#include <backquery/detail/storage.hpp>

#include <cfloat>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace backquery::detail {

static_assert(FLT_EVAL_METHOD != 2,
              "backquery: the x87 unit computes double with more digits, so the same seed would give other "
              "weights than on other platforms; compile with -msse2 -mfpmath=sse");

using RandomEngine = std::mt19937_64;

/// An integer u, uniform in [0, 2^32), for the fraction u / 2^32: the upper half of the engine's next value.
inline std::uint64_t uniform_bits(RandomEngine& engine) {
  return engine() >> 32;
}

/// An integer, uniform on 0 ... n - 1, for 1 <= n <= 2^32. D. Lemire, "Fast random integer generation in an
/// interval", ACM Trans. Model. Comput. Simul. 29 (2019).
inline std::uint64_t uniform_below(RandomEngine& engine, std::uint64_t n) {
  const std::uint64_t surplus = (std::uint64_t{1} << 32) % n;  // number of values of u to reject
  for (;;) {
    const std::uint64_t product = uniform_bits(engine) * n;
    if ((product & 0xffffffffu) >= surplus) {
      return product >> 32;
    }
  }
}

/// The indices 0 to n - 1 in random order. A Fisher-Yates shuffle. Unlike std::shuffle it gives the same
/// order with every standard library.
inline std::vector<Index> shuffled(Index n, RandomEngine engine) {
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t left = order.size(); left > 1; --left) {
    const auto other = order.begin() + static_cast<std::ptrdiff_t>(uniform_below(engine, left));
    std::swap(order[left - 1], *other);
  }
  return order;
}

/// U(-1, 1) from 64 random bits: the center of one of 2^53 equal intervals. It is never -1, 0 or 1.
inline double uniform_symmetric(std::uint64_t bits) {
  // (2 u + 1) / 2^53 - 1 as one exact integer and one conversion.
  const auto u = static_cast<std::int64_t>(bits >> 11);
  return static_cast<double>(2 * u + 1 - (std::int64_t{1} << 53)) * 0x1p-53;
}

/// Counter-based generator: computes the 64-bit value with index i directly. It is SplitMix64 by G. L.
/// Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. The state
/// after i steps is the first state plus i times a constant. Each (seed, stream) has its own sequence.
class CounterRng {
 public:
  CounterRng(std::uint64_t seed, std::uint64_t stream) : state_(mix(mix(seed) + stream)) {}

  std::uint64_t operator()(std::uint64_t i) const { return mix(state_ + (i + 1) * 0x9e3779b97f4a7c15u); }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

/// Exact sampling of N(0, 1) by comparisons of uniform fractions alone: C. F. F. Karney, "Sampling exactly
/// from the normal distribution", ACM Trans. Math. Softw. 42 (2016), Algorithm N. Fractions have 32 bits
/// inside the tests, and the fraction x of the result has 52.
class NormalSampler {
 public:
  double operator()(RandomEngine& engine) const {
    for (;;) {
      // N1, N2: k with probability proportional to exp(-k^2 / 2)
      std::uint64_t k = 0;
      while (exp_minus_half(engine)) {
        ++k;
      }
      bool accepted = true;
      for (std::uint64_t i = 0; accepted && k > 1 && i < k * (k - 1); ++i) {
        accepted = exp_minus_half(engine);
      }
      if (!accepted) {
        continue;
      }
      // N3, N4: x in (0, 1), kept with probability exp(-x (2 k + x) / 2)
      const std::uint64_t bits = engine();
      const std::uint64_t x = bits >> 12;  // 52 bits; the lowest bit is the sign
      for (std::uint64_t i = 0; accepted && i <= k; ++i) {
        accepted = exp_minus_x_part(engine, k, x >> 20);
      }
      if (accepted) {
        // N5, N6: the center of the interval of x, so that the mean is not shifted by half an interval
        const auto magnitude = static_cast<std::int64_t>((k << 53) + 2 * x + 1);
        return static_cast<double>((bits & 1) != 0 ? -magnitude : magnitude) * 0x1p-53;
      }
    }
  }

 private:
  /// Whether the run start > u1 > u2 > ... of uniform values has an even length. It also ends where ends() is
  /// true.
  template <typename Ends>
  static bool is_run_even(RandomEngine& engine, std::uint64_t start, const Ends& ends) {
    for (bool even = true;; even = !even) {
      const std::uint64_t u = uniform_bits(engine);
      if (u >= start || ends()) {
        return even;
      }
      start = u;
    }
  }

  /// Algorithm H: true with probability exp(-1/2), the probability of an even length of the run
  /// 1/2 > u1 > u2 > ...
  static bool exp_minus_half(RandomEngine& engine) {
    return is_run_even(engine, std::uint64_t{1} << 31, [] { return false; });
  }

  /// Algorithm B: true with probability exp(-x (2 k + x) / (2 k + 2)), x in units of 2^-32.
  static bool exp_minus_x_part(RandomEngine& engine, std::uint64_t k, std::uint64_t x) {
    const std::uint64_t bound = (k << 33) + x;  // 2 k + x
    return is_run_even(engine, x, [&engine, k, bound] {
      return uniform_bits(engine) * (2 * k + 2) >= bound;  // r >= (2 k + x) / (2 k + 2)
    });
  }
};

}  // namespace backquery::detail
