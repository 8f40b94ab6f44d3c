/// @file
/// Scaling of inputs and targets to a common range.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/check.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace backquery {

/// Scales each feature (an input, or a target) by numbers that are computed from training samples: to mean 0
/// and deviation 1, or to a range.
///
/// | call                                 | center  | scale                             | base |
/// |--------------------------------------|---------|-----------------------------------|------|
/// | `Standardizer(x)`                    | mean    | 1 / deviation                     | 0    |
/// | `Standardizer::to_range(x, low, high)` | minimum | (high - low) / (maximum - minimum) | low  |
///
///     apply:  y = (x - center) scale + base          undo:  x = (y - base) / scale + center
///
/// The deviation is the square root of the mean squared distance from the mean, over all n samples (not n -
/// 1), as in scikit-learn.
///
/// After the training, the scaling becomes a part of the network, which then takes raw inputs and gives raw
/// outputs:
///
/// ```cpp
/// #include <backquery/network/fold.hpp>
/// #include <backquery/tables/standardizer.hpp>
/// const backquery::Standardizer<float> of_x(X), of_t(T);  // X, T: the training samples
/// const auto options = backquery::NetworkOptions::regression();  // with biases, which take the offsets
/// backquery::NeuralNetwork<float> network({X.rows(), 20, T.rows()}, 0.01f, options);
/// network.train(of_x.apply(X), of_t.apply(T));
/// network = backquery::fold_inputs(network, of_x.scale(), of_x.offset());
/// network = backquery::fold_outputs(network, of_t.undo_scale(), of_t.undo_offset());
/// std::cout << network.query(X);  // in the units of T
/// ```
///
/// Errors count features from 0, and name them if the constructor gets their names.
///
/// @tparam Scalar_  float, double or long double. Means and deviations are computed in double at least.
template <typename Scalar_ = double>
class Standardizer {
  static_assert(std::is_floating_point_v<Scalar_>,
                "backquery: Standardizer<Scalar> needs float, double or long double");

 public:
  using Scalar = Scalar_;                  ///< the type of all values
  using Matrix = detail::MatrixX<Scalar>;  ///< a column-major matrix
  using Vector = detail::VectorX<Scalar>;  ///< a column vector

  /// Scales to mean 0 and deviation 1.
  /// @param x      features x samples; finite. No feature is equal in all samples
  /// @param names  of the features, for messages; empty, or one for each
  /// @throws std::invalid_argument for a feature that is constant, for NaN and infinity, and for values that
  ///         are too far apart or too close together for Scalar
  template <typename X>
  explicit Standardizer(const Eigen::MatrixBase<X>& x, const std::vector<std::string>& names = {})
      : Standardizer("Standardizer", x.derived(), names, [](const Statistics& of) {
          return Scaling{of.mean, 1 / of.deviation, 0};
        }) {
    check_scalar<X>();
  }

  /// Scales the smallest value of each feature to low and the largest to high.
  /// @param low, high  finite; low < high
  /// @throws std::invalid_argument as the constructor
  template <typename X>
  static Standardizer to_range(const Eigen::MatrixBase<X>& x, Scalar low = Scalar(0), Scalar high = Scalar(1),
                               const std::vector<std::string>& names = {}) {
    check_scalar<X>();
    constexpr const char* where = "Standardizer::to_range";
    detail::check_finite(where, "low", low);
    detail::check_finite(where, "high", high);
    detail::check_finite(where, "high - low", high - low);
    if (!(low < high)) {
      detail::throw_invalid_argument(where, ": low is ", low, ", expected less than high, ", high);
    }
    return {where, x.derived(), names, [low, high](const Statistics& of) {
              return Scaling{of.minimum, (Wide(high) - Wide(low)) / (of.maximum - of.minimum), low};
            }};
  }

  /// The number of features.
  Index features() const { return center_.size(); }

  /// The scaled samples.
  /// @param x  features x samples; need not be the samples of the constructor
  /// @throws std::invalid_argument if the number of rows is not features()
  template <typename X>
  Matrix apply(const Eigen::MatrixBase<X>& x) const {
    check_scalar<X>();
    detail::check_rows("Standardizer::apply", "x", x, features());
    Matrix y = x.colwise() - center_;
    y.array().colwise() *= scale_.array();
    y.array() += base_;
    return y;
  }

  /// The samples before apply, up to rounding: for outputs of a network, values in the units of the targets.
  /// @param y  features x samples
  /// @throws std::invalid_argument if the number of rows is not features()
  template <typename Y>
  Matrix undo(const Eigen::MatrixBase<Y>& y) const {
    check_scalar<Y>();
    detail::check_rows("Standardizer::undo", "y", y, features());
    Matrix x = y.array() - base_;
    x.array().colwise() *= undo_scale_.array();
    x.colwise() += center_;
    return x;
  }

  /// apply(x) is scale() . x + offset(), up to rounding: `fold_inputs(net, scale(), offset())`.
  const Vector& scale() const { return scale_; }
  const Vector& offset() const { return offset_; }  ///< see scale()

  /// undo(y) is undo_scale() . y + undo_offset(), up to rounding: `fold_outputs(net, undo_scale(),
  /// undo_offset())`.
  const Vector& undo_scale() const { return undo_scale_; }
  const Vector& undo_offset() const { return undo_offset_; }  ///< see undo_scale()

 private:
  using Wide = std::common_type_t<Scalar, double>;
  using WideVector = Eigen::Array<Wide, Eigen::Dynamic, 1>;
  using Samples = Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>;

  struct Statistics {
    Wide minimum, maximum, mean, deviation;  // of one feature
  };
  struct Scaling {
    Wide center, scale;
    Scalar base;
  };

  template <typename X>
  static constexpr void check_scalar() {
    static_assert(std::is_same_v<typename X::Scalar, Scalar>,
                  "backquery: Standardizer<Scalar> takes matrices of Scalar; convert with .cast<Scalar>()");
  }

  template <typename Choose>
  Standardizer(const char* where, const Samples& x, const std::vector<std::string>& names, Choose choose)
      : center_(x.rows()),
        scale_(x.rows()),
        offset_(x.rows()),
        undo_scale_(x.rows()),
        undo_offset_(x.rows()) {
    if (x.size() == 0) {
      detail::throw_invalid_argument(where, ": x is ", x.rows(), " x ", x.cols(),
                                     ", expected features x samples, both at least 1");
    }
    if (!names.empty()) detail::check_entries(where, "names", names, x.rows(), ", one for each row of x");
    detail::check_finite<Scalar>(where, "x", detail::strided(x));
    const std::vector<Statistics> all = statistics(x);
    for (Index i = 0; i < x.rows(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const std::string name = names.empty() ? detail::message("feature ", i)
                                             : detail::message("feature ", i, " (\"", names[at], "\")");
      if (all[at].minimum == all[at].maximum) {
        detail::throw_invalid_argument(where, ": ", name, " is ", all[at].minimum,
                                       " in every sample, expected different values; leave it out");
      }
      set(i, choose(all[at]));
      for (const Scalar value : {center_(i), scale_(i), offset_(i), undo_scale_(i), undo_offset_(i)}) {
        if (detail::is_finite(value)) continue;
        detail::throw_invalid_argument(where, ": ", name, " is ", all[at].minimum, " to ", all[at].maximum,
                                       ", expected a range that the type can divide by");
      }
    }
  }

  /// Distances from the minimum in units of the range neither overflow nor underflow when they are squared.
  static std::vector<Statistics> statistics(const Samples& x) {
    WideVector minimum = x.col(0).template cast<Wide>(), maximum = minimum;
    for (Index sample = 1; sample < x.cols(); ++sample) {
      minimum = (minimum.min)(x.col(sample).template cast<Wide>().array());
      maximum = (maximum.max)(x.col(sample).template cast<Wide>().array());
    }
    const WideVector range = maximum - minimum;
    const auto unit = [&](Index sample) {
      return (x.col(sample).template cast<Wide>().array() - minimum) / range;
    };
    const auto count = static_cast<Wide>(x.cols());
    WideVector mean = WideVector::Zero(x.rows()), square = mean;
    for (Index sample = 0; sample < x.cols(); ++sample) mean += unit(sample);
    mean /= count;
    for (Index sample = 0; sample < x.cols(); ++sample) square += (unit(sample) - mean).square();
    std::vector<Statistics> all;
    for (Index i = 0; i < x.rows(); ++i) {
      all.push_back(
          {minimum(i), maximum(i), minimum(i) + range(i) * mean(i), range(i) * std::sqrt(square(i) / count)});
    }
    return all;
  }

  /// The offsets are computed from rounded values, so that they suit apply and undo.
  void set(Index feature, const Scaling& scaling) {
    base_ = scaling.base;
    center_(feature) = static_cast<Scalar>(scaling.center);
    scale_(feature) = static_cast<Scalar>(scaling.scale);
    undo_scale_(feature) = static_cast<Scalar>(1 / scaling.scale);
    const auto base = static_cast<Wide>(base_), center = static_cast<Wide>(center_(feature));
    offset_(feature) = static_cast<Scalar>(base - center * static_cast<Wide>(scale_(feature)));
    undo_offset_(feature) = static_cast<Scalar>(center - base * static_cast<Wide>(undo_scale_(feature)));
  }

  Vector center_, scale_, offset_, undo_scale_, undo_offset_;
  Scalar base_ = 0;
};

}  // namespace backquery
