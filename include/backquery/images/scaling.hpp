/// @file
/// From bytes to what a network trains on: inputs from pixels, targets from labels.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/images/labeled_images.hpp>

#include <Eigen/Core>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace backquery {

namespace detail {

/// Refuses two levels that are not finite, or not different: both would lose what was to be told apart.
template <typename Scalar>
void check_levels(const char* function, const char* first_name, Scalar first, const char* second_name,
                  Scalar second) {
  if (!is_finite(first)) {
    throw_invalid_argument(function, ": ", first_name, " is ", first, ", expected a finite number");
  }
  if (!is_finite(second)) {
    throw_invalid_argument(function, ": ", second_name, " is ", second, ", expected a finite number");
  }
  if (!is_finite(second - first)) {
    throw_invalid_argument(function, ": ", second_name, " - ", first_name, " is ", second - first,
                           ", expected a finite number");
  }
  if (first == second) {
    throw_invalid_argument(function, ": ", second_name, " is ", second, " as ", first_name,
                           " is, expected another value");
  }
}

/// The input of each pixel value: low + pixel / 255 * (high - low).
template <typename Scalar>
std::array<Scalar, 256> pixel_levels(Scalar low = Scalar(0.01L), Scalar high = Scalar(1)) {
  std::array<Scalar, 256> levels;
  for (std::size_t pixel = 0; pixel < levels.size(); ++pixel) {
    levels[pixel] = low + static_cast<Scalar>(pixel) / 255 * (high - low);
  }
  return levels;
}

}  // namespace detail

/// The pixels as inputs of a network, rows * cols x samples: low + pixel / 255 * (high - low). The default
/// keeps inputs off 0, where a weight would learn nothing. With low > high the images become their negatives.
/// @tparam Scalar  float, double or long double: `inputs<float>(images)`
/// @param low, high  what pixel 0 and pixel 255 become; finite and different
/// @throws std::invalid_argument if low or high is none of these
template <typename Scalar = double>
Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> inputs(const LabeledImages& images,
                                                             Scalar low = Scalar(0.01L),
                                                             Scalar high = Scalar(1)) {
  static_assert(
      std::is_floating_point_v<Scalar>,
      "backquery::inputs: Scalar must be float, double or long double; write inputs<float>(images)");
  detail::check_levels("inputs", "low", low, "high", high);
  const auto levels = detail::pixel_levels(low, high);
  return images.pixels.unaryExpr([&levels](std::uint8_t pixel) { return levels[pixel]; });
}

/// The labels as targets of a network, classes x samples: `on` in the row of the label, `off` elsewhere. The
/// default is what a sigmoid can reach; a classifier with softmax takes targets<float>(images, 0, 1).
/// @tparam Scalar  float, double or long double: `targets<float>(images)`
/// @param off, on  finite and different
/// @throws std::invalid_argument if off or on is none of these, or a label is not below images.classes
template <typename Scalar = double>
Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> targets(const LabeledImages& images,
                                                              Scalar off = Scalar(0.01L),
                                                              Scalar on = Scalar(0.99L)) {
  static_assert(
      std::is_floating_point_v<Scalar>,
      "backquery::targets: Scalar must be float, double or long double; write targets<float>(images)");
  detail::check_levels("targets", "off", off, "on", on);
  detail::check_classes("targets", images);
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
  Matrix result = Matrix::Constant(images.classes, images.labels.size(), off);
  for (Eigen::Index sample = 0; sample < images.labels.size(); ++sample) {
    result(images.labels(sample), sample) = on;
  }
  return result;
}

}  // namespace backquery
