/// @file
/// Dropout of nodes in the steps of a training.
#pragma once

#include <backquery/detail/random.hpp>
#include <backquery/detail/storage.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace backquery::detail {

/// Inverted dropout. In a training step, each output of a layer is dropped (set to 0) with probability
/// `rate`. The others are divided by 1 - rate, so that the mean stays. Queries use all nodes, unchanged. N.
/// Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15 (2014),
/// section 10.
///
/// A padded column is one sample. The mask depends on the random values, the sample index and the node alone,
/// not on blocks or threads.
template <typename Scalar>
class Dropout {
 public:
  /// @param rate  0 to below 1; rounded to a multiple of 2^-16
  explicit Dropout(double rate)
      : dropped_((std::min)(static_cast<std::uint64_t>(std::llround(rate * 0x1p16)),
                            (std::uint64_t{1} << 16) - 1)),
        kept_share_(static_cast<Scalar>(1 - static_cast<double>(dropped_) * 0x1p-16)) {}

  /// 1 - rate, for the rounded rate.
  [[nodiscard]] Scalar kept_share() const { return kept_share_; }

  /// y .*= mask / (1 - rate), for outputs or for their errors.
  /// @param first  index of the first sample
  void apply(const CounterRng& random, Index first, ColumnsMap<Scalar> y) const {
    const Scalar factors[] = {Scalar(0), 1 / kept_share_};
    for (Index column = 0; column < y.cols(); ++column) {
      Scalar* values = y.data() + column * y.outerStride();
      // 64 random bits decide for four nodes; a padded column has a multiple of four.
      const auto groups = static_cast<std::uint64_t>(y.outerStride() / 4);
      for (std::uint64_t group = 0; group < groups; ++group, values += 4) {
        std::uint64_t bits = random(static_cast<std::uint64_t>(first + column) * groups + group);
        for (int node = 0; node < 4; ++node, bits >>= 16) {
          values[node] *= factors[(bits & 0xffff) >= dropped_ ? 1 : 0];
        }
      }
    }
  }

 private:
  std::uint64_t dropped_;  // share of the nodes, in units of 2^-16
  Scalar kept_share_;
};

}  // namespace backquery::detail
