/// @file
/// Inputs of a network from pixels, and targets from labels.
#pragma once

#include <backquery/detail/background_level.hpp>
#include <backquery/detail/check.hpp>
#include <backquery/images/labeled_images.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace backquery {

namespace detail {

/// Throws std::invalid_argument unless both levels are finite and different.
template <typename Scalar>
void check_levels(const char* function, const char* first_name, Scalar first, const char* second_name,
                  Scalar second) {
  check_finite(function, first_name, first);
  check_finite(function, second_name, second);
  check_finite(function, message(second_name, " - ", first_name).c_str(), second - first);
  if (first == second) {
    throw_invalid_argument(function, ": ", second_name, " is ", second, " as ", first_name,
                           " is, expected another value");
  }
}

/// The input of each pixel value: low + pixel / images.pixel_max * (high - low).
template <typename Scalar>
std::array<Scalar, 256> pixel_levels(const char* function, const LabeledImages& images,
                                     Scalar low = background_level<Scalar>, Scalar high = Scalar(1)) {
  if (images.pixel_max < 1 || images.pixel_max > 255) {
    throw_invalid_argument(function, ": images.pixel_max is ", images.pixel_max, ", expected 1 to 255");
  }
  const auto largest = static_cast<Scalar>(images.pixel_max);
  std::array<Scalar, 256> levels;
  for (std::size_t pixel = 0; pixel < levels.size(); ++pixel) {
    levels[pixel] = low + static_cast<Scalar>(pixel) / largest * (high - low);
  }
  return levels;
}

}  // namespace detail

/// The pixels as inputs of a network, rows * cols x samples: low + pixel / pixel_max * (high - low).
/// @tparam Scalar  float, double or long double: `inputs<float>(images)`
/// @param low, high  inputs for the pixel values 0 and images.pixel_max; finite and different. low is 0.01
///        by default, because weights of an input 0 are not trained. With low > high the images become
///        negatives.
/// @throws std::invalid_argument if low or high is not finite or both are equal, or images.pixel_max is not
///         1 to 255
template <typename Scalar = double>
detail::MatrixX<Scalar> inputs(const LabeledImages& images, Scalar low = background_level<Scalar>,
                               Scalar high = Scalar(1)) {
  static_assert(
      std::is_floating_point_v<Scalar>,
      "backquery::inputs: Scalar must be float, double or long double; write inputs<float>(images)");
  detail::check_levels("inputs", "low", low, "high", high);
  const auto levels = detail::pixel_levels("inputs", images, low, high);
  return images.pixels.unaryExpr([&levels](std::uint8_t pixel) { return levels[pixel]; });
}

/// The labels as targets of a network, classes x samples: `on` in the row of the label, `off` elsewhere.
/// @tparam Scalar  float, double or long double: `targets<float>(images)`
/// @param off, on  finite and different. The defaults are for a sigmoid; for softmax use 0 and 1.
/// @throws std::invalid_argument if off or on is not finite, both are equal, or a label is not below
///         images.classes
template <typename Scalar = double>
detail::MatrixX<Scalar> targets(const LabeledImages& images, Scalar off = Scalar(0.01L),
                                Scalar on = Scalar(0.99L)) {
  static_assert(
      std::is_floating_point_v<Scalar>,
      "backquery::targets: Scalar must be float, double or long double; write targets<float>(images)");
  detail::check_levels("targets", "off", off, "on", on);
  detail::check_classes("targets", images);
  using Matrix = detail::MatrixX<Scalar>;
  Matrix result = Matrix::Constant(images.classes, images.labels.size(), off);
  for (Eigen::Index sample = 0; sample < images.labels.size(); ++sample) {
    result(images.labels(sample), sample) = on;
  }
  return result;
}

}  // namespace backquery
