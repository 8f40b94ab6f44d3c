/// @file
/// Dropout: nodes that rest in some steps.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/random.hpp>
#include <backquery/detail/storage.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace backquery {

/// Inverted dropout. In a step of the training each output of a layer is 0 with probability `rate`, and the
/// others are divided by 1 - rate, so that the mean stays; queries use all nodes as they are. N. Srivastava
/// et al., "Dropout: a simple way to prevent neural networks from overfitting", JMLR 15 (2014), section 10.
///
/// Columns are samples, padded; who rests depends on the words, the sample's number and the node alone.
template <typename Scalar>
class Dropout {
 public:
  /// @param rate  0 to below 1; taken as a multiple of 2^-16
  /// @throws std::invalid_argument for another rate
  explicit Dropout(double rate)
      : resting_(std::min(static_cast<std::uint64_t>(std::llround(checked(rate) * 0x1p16)),
                          (std::uint64_t{1} << 16) - 1)),
        working_share_(static_cast<Scalar>(1 - static_cast<double>(resting_) * 0x1p-16)) {}

  /// y .= mask / (1 - rate). `first` is the number of the first sample.
  void apply(const detail::CounterRng& words, Index first, detail::ColumnsMap<Scalar> y) const {
    const Scalar factors[] = {Scalar(0), 1 / working_share_};
    for (Index column = 0; column < y.cols(); ++column) {
      Scalar* values = y.data() + column * y.outerStride();
      // A word decides for four nodes; columns have whole lines of them.
      const auto groups = static_cast<std::uint64_t>(y.outerStride() / 4);
      for (std::uint64_t group = 0; group < groups; ++group, values += 4) {
        std::uint64_t word = words(static_cast<std::uint64_t>(first + column) * groups + group);
        for (int node = 0; node < 4; ++node, word >>= 16) {
          values[node] *= factors[(word & 0xffff) >= resting_ ? 1 : 0];
        }
      }
    }
  }

  /// From the error of what apply made to that of what it was given, e .= mask / (1 - rate), by way of
  /// `multiply_by_derivative`, to which the outputs of nodes that worked are f(z) again.
  template <typename Derivative>
  void propagate(const detail::CounterRng& words, Index first, detail::ColumnsMap<Scalar> y,
                 detail::ColumnsMap<Scalar> e, const Derivative& multiply_by_derivative) const {
    apply(words, first, e);
    y *= working_share_;
    multiply_by_derivative();
    y *= 1 / working_share_;
  }

 private:
  static double checked(double rate) {
    if (!detail::is_finite(rate) || !(rate >= 0 && rate < 1)) {
      detail::throw_invalid_argument("Dropout: rate is ", rate, ", expected 0 to below 1");
    }
    return rate;
  }

  std::uint64_t resting_;  // share of the nodes, in units of 2^-16
  Scalar working_share_;
};

}  // namespace backquery
