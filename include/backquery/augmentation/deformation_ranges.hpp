/// @file
/// The ranges of the random deformation of images.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <string>

#include <backquery/detail/check.hpp>

namespace backquery {

/// The ranges of the uniform random values of a Deformation. The defaults leave images unchanged, bit for
/// bit.
///
/// An image is flipped, scaled, sheared, rotated and shifted, in this order and about its center. Then
/// elastic deformation moves the source point of each pixel of the result by a random displacement, in pixels
/// of the original image.
///
/// ```cpp
/// backquery::DeformationRanges ranges;
/// ranges.degrees = 15;  // advised for digits, with scale 0.15 and shift 1
/// ```
struct DeformationRanges {
  double degrees = 0;            ///< rotation by -degrees .. degrees, anticlockwise as displayed; 0 to 180
  double scale = 0;              ///< factors 1 - scale .. 1 + scale for x and for y; 0 to 1, 1 excluded
  double shear = 0;              ///< -shear .. shear columns to the right for each row down; 0 to 100
  double shift = 0;              ///< -shift .. shift pixels in x and in y; 0 to 1e6
  bool flip_horizontal = false;  ///< exchanges left and right with probability 1/2
  bool flip_vertical = false;    ///< exchanges top and bottom with probability 1/2
  /// Elastic deformation of P. Y. Simard, D. Steinkraus, J. C. Platt, "Best practices for convolutional
  /// neural networks applied to visual document analysis", ICDAR 2003: displacements in x and y, uniform in
  /// -1 .. 1 for each pixel, smoothed by a Gaussian of elastic_sigma pixels, times elastic_alpha. The
  /// Gaussian is truncated at 4 sigmas, its weights sum to 1, and displacements outside the image count as 0.
  /// Advised for digits of 28 x 28 pixels: sigma 4 to 6 and alpha 30 to 50.
  double elastic_sigma = 0;  ///< 0 to 1000; above 0 if elastic_alpha is
  double elastic_alpha = 0;  ///< in pixels; 0 to 1e6; 0: no elastic deformation
};

/// The ranges times `strength`, except for flips and elastic_sigma. A training can use it to deform images
/// less in later epochs.
/// @param strength  at least 0
inline DeformationRanges scaled(DeformationRanges ranges, double strength) {
  // A structured binding, here and in is_identity: a new field does not compile until both handle it.
  auto& [degrees, scale, shear, shift, flip_horizontal, flip_vertical, sigma, alpha] = ranges;
  for (double* range : {&degrees, &scale, &shear, &shift, &alpha}) {
    *range *= strength;
  }
  return ranges;
}

/// Whether the ranges leave every image unchanged.
inline bool is_identity(const DeformationRanges& ranges) {
  const auto& [degrees, scale, shear, shift, flip_horizontal, flip_vertical, sigma, alpha] = ranges;
  // sigma has no effect if alpha is 0.
  return degrees == 0 && scale == 0 && shear == 0 && shift == 0 && !flip_horizontal && !flip_vertical &&
         alpha == 0;
}

namespace detail {

/// Throws std::invalid_argument that names the field out of range, with `prefix` before its name.
inline void check_ranges(const std::string& prefix, const DeformationRanges& ranges) {
  const OptionCheck check{"Deformation", prefix};
  const auto check_range = [&check](const char* field, double value, double largest) {
    check(value >= 0 && value <= largest, field, value, message("0 to ", largest));
  };
  check_range("degrees", ranges.degrees, 180);
  check(ranges.scale >= 0 && ranges.scale < 1, "scale", ranges.scale, "0 to 1, 1 excluded");
  check_range("shear", ranges.shear, 100);
  check_range("shift", ranges.shift, 1e6);
  check_range("elastic_sigma", ranges.elastic_sigma, 1000);
  check_range("elastic_alpha", ranges.elastic_alpha, 1e6);
  check(ranges.elastic_alpha == 0 || ranges.elastic_sigma > 0, "elastic_sigma", ranges.elastic_sigma,
        message("more, as elastic_alpha is ", ranges.elastic_alpha));
}

}  // namespace detail
}  // namespace backquery
