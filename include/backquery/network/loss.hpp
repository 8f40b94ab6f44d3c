/// @file
/// Losses, computed from the weighted sums z so that no log(0) and no overflow can happen.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/network/activation.hpp>

#include <Eigen/Core>

#include <cmath>
#include <type_traits>

namespace backquery {

/// How far the outputs o = f(z) are from the targets t, summed over the output nodes.
///
/// | name                 | loss                              | output          | targets | d loss / dz   |
/// |----------------------|-----------------------------------|-----------------|---------|---------------|
/// | squared_error        | 1/2 sum (t - o)^2                 | any but softmax | any     | (o - t) f'(z) |
/// | binary_cross_entropy | -sum t log o + (1 - t) log(1 - o) | sigmoid         | [0, 1]  | o - t         |
/// | cross_entropy        | -sum t log o                      | softmax         | >= 0    | o sum(t) - t  |
enum class Loss { squared_error, binary_cross_entropy, cross_entropy };

template <>
struct detail::EnumNames<Loss> {
  static constexpr const char* kind = "loss";
  static constexpr std::string_view values[] = {"squared_error", "binary_cross_entropy", "cross_entropy"};
};

namespace detail {

/// Sums of many losses are kept in at least double.
template <typename Scalar>
using LossSum = std::common_type_t<Scalar, double>;

/// The loss of one sample of n targets t. `values` are the outputs o for squared_error, and the weighted sums
/// z for the others, which are exact where o has already been rounded to 0 or 1:
///
///     binary_cross_entropy   sum max(z, 0) - z t + log(1 + exp(-|z|))
///     cross_entropy          sum t (m + log(sum exp(z - m)) - z),   m = max z
template <typename Scalar>
Scalar sample_loss(Loss loss, const Scalar* values, const Scalar* t, Index n) {
  using Column = Eigen::Map<const Eigen::Array<Scalar, Eigen::Dynamic, 1>>;
  const Column targets(t, n);
  if (loss == Loss::squared_error) {
    return (targets - Column(values, n)).square().sum() / Scalar(2);
  }
  const Column z(values, n);
  if (loss == Loss::binary_cross_entropy) {
    return (z.max(Scalar(0)) - z * targets + (-z.abs()).exp().log1p()).sum();
  }
  const Scalar largest = z.maxCoeff();
  const Scalar log_sum = largest + std::log((z - largest).exp().sum());
  return (targets * (log_sum - z)).sum();
}

/// The error of the output layer, e = -d loss / do for squared_error and e = -d loss / dz for the others,
/// where the slope of the output is contained in it already.
template <typename Scalar>
void output_error(Loss loss, ConstColumnsMap<Scalar> o, ConstColumnsMap<Scalar> t, ColumnsMap<Scalar> e) {
  if (loss == Loss::cross_entropy) {
    for (Index column = 0; column < o.cols(); ++column) {
      e.col(column) = t.col(column) - o.col(column) * t.col(column).sum();
    }
  } else {
    e = t - o;
  }
}

/// Throws for targets that are not finite, or outside the range that the loss allows.
template <typename Scalar>
void check_targets(const char* where, Loss loss, const Strided<const Scalar>& t) {
  check_finite<Scalar>(where, "t", t);
  if (loss == Loss::squared_error) {
    return;
  }
  const bool binary = loss == Loss::binary_cross_entropy;
  check_values<Scalar>(
      t, [binary](Scalar value) { return value >= Scalar(0) && !(binary && value > Scalar(1)); },
      [&](Index row, Index column) {
        throw_invalid_argument(where, ": t(", row, ", ", column, ") is ", t(row, column), ", expected ",
                               binary ? "0 to 1 for binary_cross_entropy" : "at least 0 for cross_entropy");
      });
}

}  // namespace detail

}  // namespace backquery
