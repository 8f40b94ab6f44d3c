/// @file
/// The random values for one image, and the map that they define.
#pragma once

#include <cstdint>

#include <backquery/augmentation/deformation_ranges.hpp>
#include <backquery/augmentation/detail/affine_map.hpp>
#include <backquery/augmentation/detail/field.hpp>
#include <backquery/detail/random.hpp>

namespace backquery::detail {

/// The counters of the random values of an image: 0 to 7 for the members of AffineDraw, in this order, and
/// for the displacement of a pixel 8 + row * cols + col. They do not depend on the ranges. They must not
/// change, because a seed would then give other deformations. A new member must use counters from 2^32 on.
constexpr std::uint64_t first_field_counter = 8;

/// The affine part of a deformation. x points right and y down, both in pixels.
struct AffineDraw {
  double degrees = 0;
  double scale_x = 1, scale_y = 1;
  double shear = 0;
  double shift_x = 0, shift_y = 0;
  bool flip_horizontal = false, flip_vertical = false;
};

inline AffineDraw draw_affine(const DeformationRanges& ranges, const CounterRng& random) {
  const auto within = [&random](double range, std::uint64_t counter) {
    return range * uniform_symmetric(random(counter));
  };
  const auto coin = [&random](std::uint64_t counter) { return (random(counter) >> 63) != 0; };
  AffineDraw draw;
  draw.degrees = within(ranges.degrees, 0);
  draw.scale_x = 1 + within(ranges.scale, 1);
  draw.scale_y = 1 + within(ranges.scale, 2);
  draw.shear = within(ranges.shear, 3);
  draw.shift_x = within(ranges.shift, 4);
  draw.shift_y = within(ranges.shift, 5);
  draw.flip_horizontal = ranges.flip_horizontal && coin(6);
  draw.flip_vertical = ranges.flip_vertical && coin(7);
  return draw;
}

/// The map from a pixel to its source point: the inverse steps of the deformation, from the last to the
/// first. R is the map of rotation:
///     source = flip^-1 scale^-1 shear^-1 R (pixel - shift)
inline AffineMap source_map(const AffineDraw& draw) {
  AffineMap map = rotation(draw.degrees);
  map.col_by_row -= draw.shear * map.row_by_row;
  map.col_by_col -= draw.shear * map.row_by_col;
  const double x = (draw.flip_horizontal ? -1 : 1) / draw.scale_x,
               y = (draw.flip_vertical ? -1 : 1) / draw.scale_y;
  map = {y * map.row_by_row, y * map.row_by_col, x * map.col_by_row, x * map.col_by_col};
  map.shift_row = -(map.row_by_row * draw.shift_y + map.row_by_col * draw.shift_x);
  map.shift_col = -(map.col_by_row * draw.shift_y + map.col_by_col * draw.shift_x);
  return map;
}

/// Uniform displacements in -alpha .. alpha, before smoothing. One random value gives both displacements of a
/// pixel: the lower half right, the upper half down, each a signed 32-bit integer divided by 2^31.
template <typename Scalar>
void draw_fields(const CounterRng& random, const FieldShape& shape, double alpha, Scalar* down,
                 Scalar* right) {
  const auto unit = static_cast<Scalar>(alpha * 0x1p-31);
  std::uint64_t counter = first_field_counter;
  for (Eigen::Index row = 0; row < shape.rows; ++row, down += shape.stride(), right += shape.stride()) {
    for (Eigen::Index col = 0; col < shape.cols; ++col, ++counter) {
      const std::uint64_t bits = random(counter);
      down[col] = unit * static_cast<Scalar>(static_cast<std::int32_t>(bits >> 32));
      right[col] = unit * static_cast<Scalar>(static_cast<std::int32_t>(bits & 0xffffffffu));
    }
  }
}

}  // namespace backquery::detail
