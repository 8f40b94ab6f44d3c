/// @file
/// Losses, one struct for each.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/enum_names.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/network/activation.hpp>

#include <cmath>
#include <optional>
#include <type_traits>

namespace backquery {

/// The distance of the outputs o = f(z) from the targets t, summed over the output nodes.
///
/// | name                 | loss                              | output          | targets | d loss / dz     |
/// |----------------------|-----------------------------------|-----------------|---------|-----------------|
/// | squared_error        | 1/2 sum (t - o)^2                 | any but softmax | range   | (o - t) f'(z)   |
/// | binary_cross_entropy | -sum t log o + (1 - t) log(1 - o) | sigmoid         | [0, 1]  | o - t           |
/// | cross_entropy        | -sum t log o                      | softmax         | >= 0    | o sum(t) - t    |
/// | huber                | sum h(t - o)                      | any but softmax | range   | h'(o - t) f'(z) |
///
/// range: the closed range of the output activation, because no output reaches a target outside it. An
/// activation without bounds, such as identity, allows any target.
///
/// h(r) is r^2 / 2 for |r| <= 1, else |r| - 1/2, which limits the effect of outliers (Huber, 1964).
enum class Loss { squared_error, binary_cross_entropy, cross_entropy, huber };

namespace detail {

/// The type of sums of many losses: at least the precision of double.
template <typename Scalar>
using LossSum = std::common_type_t<Scalar, double>;

namespace losses {

/// Properties of a loss whose struct does not state them. A struct also has
///
///     value(o, t)       the loss of one sample
///     error(o, t, e)    e <- -d loss / do; an array holds the nodes of one sample
///
/// A loss that is fused with its output activation has value(z, t) instead, which is exact even if an output
/// is rounded to 0 or 1, and its error(o, t, e) sets e <- -d loss / dz.
struct Defaults {
  /// The output activation that the loss needs; empty: any elementwise activation.
  static constexpr std::optional<Activation> fused_with{};
  /// Whether ErrorPropagation::split_by_weights is allowed with the loss.
  static constexpr bool can_split = false;
  /// A description of the targets that `allows` accepts; null: those in the range of the output activation.
  static constexpr const char* expected_targets = nullptr;
  static constexpr auto allows = [](auto) { return true; };
};

struct SquaredError : Defaults {
  static constexpr EnumEntry<Loss> entry{Loss::squared_error, "squared_error", 0};
  static constexpr bool can_split = true;
  static constexpr auto value = [](auto o, auto t) { return (t - o).square().sum() / 2; };
  static constexpr auto error = [](auto o, auto t, auto e) { e = t - o; };
};

/// value = sum max(z, 0) - z t + log(1 + exp(-|z|))
struct BinaryCrossEntropy : Defaults {
  static constexpr EnumEntry<Loss> entry{Loss::binary_cross_entropy, "binary_cross_entropy", 1};
  static constexpr std::optional<Activation> fused_with = Activation::sigmoid;
  static constexpr const char* expected_targets = "0 to 1";
  static constexpr auto allows = [](auto t) { return t >= 0 && t <= 1; };
  static constexpr auto value = [](auto z, auto t) {
    return ((z.max)(0) - z * t + (-z.abs()).exp().log1p()).sum();
  };
  static constexpr auto error = [](auto o, auto t, auto e) { e = t - o; };
};

/// value = sum t (m + log(sum exp(z - m)) - z),  m = max z
struct CrossEntropy : Defaults {
  static constexpr EnumEntry<Loss> entry{Loss::cross_entropy, "cross_entropy", 2};
  static constexpr std::optional<Activation> fused_with = Activation::softmax;
  static constexpr const char* expected_targets = "at least 0";
  static constexpr auto allows = [](auto t) { return t >= 0; };
  static constexpr auto value = [](auto z, auto t) {
    const auto largest = z.maxCoeff(), log_sum = largest + std::log((z - largest).exp().sum());
    return (t * (log_sum - z)).sum();
  };
  static constexpr auto error = [](auto o, auto t, auto e) { e = t - o * t.sum(); };
};

struct Huber : Defaults {
  static constexpr EnumEntry<Loss> entry{Loss::huber, "huber", 3};
  static constexpr auto value = [](auto o, auto t) {
    const auto r = (t - o).abs();
    return (r <= 1).select(0.5f * r.square(), r - 0.5f).sum();
  };
  static constexpr auto error = [](auto o, auto t, auto e) {
    e = t - o;
    e = (e > 1).select(1, (e < -1).select(-1, e));  // NaN stays NaN
  };
};

}  // namespace losses

template <>
struct EnumTable<Loss>
    : StructTable<losses::SquaredError, losses::BinaryCrossEntropy, losses::CrossEntropy, losses::Huber> {
  static constexpr const char* kind = "loss";
};

/// Whether the loss is fused: output_error contains the derivative of the output activation, and sample_loss
/// takes z.
constexpr bool is_fused(Loss loss) {
  return visit(loss, [](auto described) { return described.fused_with.has_value(); });
}

/// The loss of one sample of n targets t. The first values are the pre-activations z if is_fused, else the
/// outputs o.
template <typename Scalar>
Scalar sample_loss(Loss loss, const Scalar* values, const Scalar* t, Index n) {
  using Column = Eigen::Map<const Eigen::Array<Scalar, Eigen::Dynamic, 1>>;
  return visit(loss, [&](auto described) { return described.value(Column(values, n), Column(t, n)); });
}

/// The error of the output layer: e = -d loss / dz if is_fused, else e = -d loss / do.
template <typename Scalar>
void output_error(Loss loss, ConstColumnsMap<Scalar> o, ConstColumnsMap<Scalar> t, ColumnsMap<Scalar> e) {
  visit(loss, [&](auto described) {
    for (Index sample = 0; sample < e.cols(); ++sample) {
      described.error(array_of(o, sample), array_of(t, sample), array_of(e, sample));
    }
  });
}

/// Throws for targets outside the closed range of the output activation.
template <typename Scalar>
void check_range(const char* where, Activation output, const Strided<const Scalar>& t) {
  const ActivationRange range = range_of(output);
  const auto low = static_cast<Scalar>(range.low), high = static_cast<Scalar>(range.high);
  check_values<Scalar>(
      where, "t", t, [low, high](Scalar value) { return value >= low && value <= high; },
      [&] {
        return message(is_finite(high) ? message(low, " to ", high) : message("at least ", low),
                       ", the range of output_activation ", name(output),
                       "; scale the targets, or use output_activation identity");
      });
}

/// Throws for targets that are not finite, that the loss does not allow, or that the outputs cannot reach.
template <typename Scalar>
void check_targets(const char* where, Loss loss, Activation output, const Strided<const Scalar>& t) {
  check_finite<Scalar>(where, "t", t);
  visit(loss, [&](auto described) {
    if constexpr (described.expected_targets != nullptr) {
      check_values<Scalar>(
          where, "t", t, [&](Scalar value) { return described.allows(value); },
          [&] { return message(described.expected_targets, " for ", described.entry.name); });
    } else {
      check_range<Scalar>(where, output, t);
    }
  });
}

}  // namespace detail

}  // namespace backquery
