/// @file
/// How far an image may be deformed.
#pragma once

#include <string>

#include <backquery/detail/check.hpp>

namespace backquery {

/// What a Deformation draws from, evenly. As it stands, an image comes back unchanged, bit for bit.
///
/// An image is flipped, enlarged or shrunk, sheared, turned and shifted, in this order and about its center;
/// and each pixel of what comes out is taken from a place that is moved by its own displacement, in pixels of
/// the image as it was.
struct DeformationRanges {
  double degrees = 0;            ///< turned by -degrees .. degrees, anticlockwise as displayed; 0 to 180
  double scale = 0;              ///< in x and y apart by 1 - scale .. 1 + scale; 0 to 1, 1 excluded
  double shear = 0;              ///< by -shear .. shear columns to the right for each row down; 0 to 100
  double shift = 0;              ///< in x and y apart by -shift .. shift pixels; 0 to 1e6
  bool flip_horizontal = false;  ///< left and right exchanged, or not, by a coin for each image
  bool flip_vertical = false;    ///< top and bottom exchanged likewise
  /// Elastic deformation of P. Y. Simard, D. Steinkraus, J. C. Platt, "Best practices for convolutional
  /// neural networks applied to visual document analysis", ICDAR 2003: displacements in x and y, drawn from
  /// -1 .. 1 for each pixel, smoothed by a Gaussian of elastic_sigma pixels, times elastic_alpha. The
  /// Gaussian ends at 4 sigmas, its weights sum to 1, and outside the image it meets zeros. For digits of 28
  /// x 28 pixels, sigma 4 to 6 and alpha 30 to 50.
  double elastic_sigma = 0;  ///< 0 to 1000; above 0 if elastic_alpha is
  double elastic_alpha = 0;  ///< in pixels; 0 to 1e6; 0 is none
};

/// The ranges times `strength`; whether images are flipped, and how smoothly they are displaced, stays. A
/// training may end with images that are deformed less than those that it began with.
/// @param strength  at least 0
inline DeformationRanges scaled(const DeformationRanges& ranges, double strength) {
  // Taken apart whole here and in is_identity, so that a new field does not compile before it has its place.
  const auto& [degrees, scale, shear, shift, flip_horizontal, flip_vertical, sigma, alpha] = ranges;
  return {degrees * strength,
          scale * strength,
          shear * strength,
          shift * strength,
          flip_horizontal,
          flip_vertical,
          sigma,
          alpha * strength};
}

/// Whether every image comes back as it was.
inline bool is_identity(const DeformationRanges& ranges) {
  const auto& [degrees, scale, shear, shift, flip_horizontal, flip_vertical, sigma, alpha] = ranges;
  static_cast<void>(sigma);  // of no displacement
  return degrees == 0 && scale == 0 && shear == 0 && shift == 0 && !flip_horizontal && !flip_vertical &&
         alpha == 0;
}

namespace detail {

/// Throws std::invalid_argument naming the field that is outside its range; `of` comes before its name.
inline void check_ranges(const std::string& of, const DeformationRanges& ranges) {
  const auto require = [&of](const char* field, double value, double largest) {
    if (!is_finite(value) || !(value >= 0 && value <= largest)) {
      throw_invalid_argument("Deformation: ", of + field, " is ", value, ", expected 0 to ", largest);
    }
  };
  require("degrees", ranges.degrees, 180);
  if (!is_finite(ranges.scale) || !(ranges.scale >= 0 && ranges.scale < 1)) {
    throw_invalid_argument("Deformation: ", of + "scale", " is ", ranges.scale,
                           ", expected 0 to 1, 1 excluded");
  }
  require("shear", ranges.shear, 100);
  require("shift", ranges.shift, 1e6);
  require("elastic_sigma", ranges.elastic_sigma, 1000);
  require("elastic_alpha", ranges.elastic_alpha, 1e6);
  if (ranges.elastic_alpha > 0 && !(ranges.elastic_sigma > 0)) {
    throw_invalid_argument("Deformation: ", of + "elastic_sigma", " is ", ranges.elastic_sigma,
                           ", expected more, as elastic_alpha is ", ranges.elastic_alpha);
  }
}

}  // namespace detail
}  // namespace backquery
