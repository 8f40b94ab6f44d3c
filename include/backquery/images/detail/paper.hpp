/// @file
/// The paper of a picture: its brightness at each pixel, and whether the ink is darker.
#pragma once

#include <backquery/images/detail/plane.hpp>

#include <array>

namespace backquery::detail {

/// The medians of squares of side x side pixels. Noise and thin strokes have little effect on them.
inline GrayPlane square_medians(const GrayPlane& image, Index side) {
  GrayPlane medians(ceil_div(image.rows(), side), ceil_div(image.cols(), side));
  std::vector<float> values;
  for (Index row = 0; row < medians.rows(); ++row) {
    for (Index col = 0; col < medians.cols(); ++col) {
      const Index height = (std::min)(side, image.rows() - row * side);
      const Index width = (std::min)(side, image.cols() - col * side);
      values.clear();
      for (Index line = row * side; line < row * side + height; ++line) {
        values.insert(values.end(), &image(line, col * side), &image(line, col * side) + width);
      }
      medians(row, col) = quantile(values, 0.5);
    }
  }
  return medians;
}

/// A surface of degree 2 through the squares, for a ramp of brightness or a lamp. The least squares limit
/// residuals to their median, so that ink has little effect.
inline GrayPlane smooth_surface(const GrayPlane& squares) {
  const Index rows = squares.rows(), cols = squares.cols();
  GrayPlane v = GrayPlane::Zero(rows, cols), u = v;
  v.colwise() += Eigen::ArrayXf::LinSpaced(rows, -1, 1) * (rows > 1 ? 1.0f : 0.0f);
  u.rowwise() += Eigen::ArrayXf::LinSpaced(cols, -1, 1).transpose() * (cols > 1 ? 1.0f : 0.0f);
  // The terms are orthogonal on this grid, so that each coefficient is a projection.
  const std::array<GrayPlane, 6> terms = {
      GrayPlane::Ones(rows, cols),   u, v, u * v, u.square() - u.square().mean(),
      v.square() - v.square().mean()};
  GrayPlane surface = GrayPlane::Constant(rows, cols, sampled_median(squares));
  for (int round = 0; round < 20; ++round) {
    const float limit = 1 + sampled_median((squares - surface).abs());
    const GrayPlane limited = surface + (squares - surface).cwiseMax(-limit).cwiseMin(limit);
    surface.setZero();
    for (const GrayPlane& term : terms) {
      const float norm = term.square().sum();
      if (norm > 1e-3f) {
        surface += (limited * term).sum() / norm * term;
      }
    }
  }
  return surface;
}

/// Linear interpolation between the centers of the squares, for one row of pixels.
inline void interpolate_row(const GrayPlane& squares, Index side, Index row, std::vector<float>& line) {
  const auto place = [side](Index pixel, Index count, Index& first) {
    const float at = (static_cast<float>(pixel) + 0.5f) / static_cast<float>(side) - 0.5f;
    const float inside = std::clamp(at, 0.0f, static_cast<float>(count - 1));
    first = (std::min)(static_cast<Index>(inside), std::max<Index>(count - 2, 0));
    return inside - static_cast<float>(first);
  };
  Index top = 0, left = 0;
  const float down = place(row, squares.rows(), top);
  const Index below = (std::min)(top + 1, squares.rows() - 1);
  const Eigen::ArrayXf levels = (1 - down) * squares.row(top) + down * squares.row(below);
  for (std::size_t col = 0; col < line.size(); ++col) {
    const float right = place(static_cast<Index>(col), squares.cols(), left);
    line[col] = (1 - right) * levels(left) + right * levels((std::min)(left + 1, levels.size() - 1));
  }
}

/// Whether the ink is darker than the paper. The differences from the paper are few and large where ink is,
/// so the sum of their cubes has the sign of the ink.
/// @param surface  of the paper, for squares of side x side pixels
/// @param rest     the squares minus the surface
/// @param radius   of a window in which paper covers more than half, in squares
inline bool has_dark_ink(const GrayPlane& image, const GrayPlane& surface, const GrayPlane& rest, Index side,
                         Index radius) {
  constexpr Index step = 3;  // the medians of wide windows change little from square to square
  const GrayPlane medians = medians_around(rest, radius, step);
  std::vector<float> paper(static_cast<std::size_t>(image.cols())), local(paper.size());
  double cubes = 0;
  for (Index row = 0; row < image.rows(); ++row) {
    interpolate_row(surface, side, row, paper);
    interpolate_row(medians, step * side, row, local);
    for (std::size_t col = 0; col < paper.size(); ++col) {
      const float difference = image(row, static_cast<Index>(col)) - paper[col] - local[col];
      cubes += static_cast<double>(difference * difference * difference);
    }
  }
  return cubes <= 0;
}

/// Replaces the image by its ink: 0 for paper and about 255 for black ink on white paper. Values of the paper
/// are noise around 0. Returns whether the ink is darker than the paper.
inline bool subtract_paper(GrayPlane& image) {
  const Index shorter = (std::min)(image.rows(), image.cols());
  const Index side = std::max<Index>(shorter / 32, 1);
  const GrayPlane squares = square_medians(image, side);
  const GrayPlane surface = smooth_surface(squares);
  const GrayPlane rest = squares - surface;
  // Digits may fill the picture: ink covers less than half of a wide window, and strokes are narrower than
  // 0.3 of the picture.
  const Index radius = std::max<Index>(shorter * 3 / (20 * side), 1);
  const bool dark = has_dark_ink(image, surface, rest, side, 2 * radius);
  // The closing fills what is darker (the opening what is lighter) and narrower than its window.
  const float sign = dark ? 1.0f : -1.0f;
  const GrayPlane squares_of_paper =
      surface + largest_within(largest_within(rest, radius, sign), radius, -sign);
  std::vector<float> paper(static_cast<std::size_t>(image.cols()));
  for (Index row = 0; row < image.rows(); ++row) {
    interpolate_row(squares_of_paper, side, row, paper);
    for (Index col = 0; col < image.cols(); ++col) {
      const float level = paper[static_cast<std::size_t>(col)];
      // Dark ink reflects a share of the light that the paper reflects.
      const float scale = dark ? 255 / (std::max)(level, 64.0f) : 1.0f;
      image(row, col) = sign * (level - image(row, col)) * scale;
    }
  }
  image -= sampled_median(image);  // the closing follows the lightest squares
  return dark;
}

}  // namespace backquery::detail
