/// @file
/// Makes images like those of MNIST: the digit in 20 x 20, its center of mass in the middle of 28 x 28.
#pragma once

#include <backquery/images/detail/ink_groups.hpp>

#include <iterator>
#include <utility>

namespace backquery::detail {

/// The ink of one digit: 0 for paper, 1 for full ink.
struct DigitInk {
  GrayPlane values;
  InkBox box;  // of the values, in the picture
};

/// The means of the plane over rows x cols equal rectangles, whose sides need not be whole pixels.
inline GrayPlane area_averages(const GrayPlane& plane, Index rows, Index cols) {
  // W x plane x W', where W(i, j) is the share of pixel j in the interval i.
  const auto weights = [](Index from, Index to) {
    GrayPlane shares = GrayPlane::Zero(to, from);
    const double length = static_cast<double>(from) / static_cast<double>(to);
    for (Index i = 0; i < to; ++i) {
      const double first = static_cast<double>(i) * length, last = first + length;
      for (auto j = static_cast<Index>(first); j < from && static_cast<double>(j) < last; ++j) {
        const double covered =
            (std::min)(last, static_cast<double>(j + 1)) - (std::max)(first, static_cast<double>(j));
        shares(i, j) = static_cast<float>((std::max)(covered, 0.0) / length);
      }
    }
    return shares;
  };
  const GrayPlane down = weights(plane.rows(), rows), across = weights(plane.cols(), cols);
  GrayPlane lines = GrayPlane::Zero(rows, plane.cols()), result = GrayPlane::Zero(rows, cols);
  for (Index row = 0; row < rows; ++row) {
    for (Index from = 0; from < plane.rows(); ++from) {
      if (down(row, from) > 0) {
        lines.row(row) += down(row, from) * plane.row(from);
      }
    }
    for (Index col = 0; col < cols; ++col) {
      result(row, col) = (lines.row(row) * across.row(col)).sum();
    }
  }
  return result;
}

/// The ink of a group, with the soft edges of its strokes and without other ink near it.
/// @param floor  values of the ink below it are noise
inline DigitInk digit_ink(const GrayPlane& ink, const Plane<std::int32_t>& labels, const InkGroup& group,
                          float floor) {
  const Index margin = 1 + group.box.longer_side() / 40;
  const InkBox box = {std::max<Index>(group.box.top - margin, 0), std::max<Index>(group.box.left - margin, 0),
                      (std::min)(group.box.bottom + margin, ink.rows() - 1),
                      (std::min)(group.box.right + margin, ink.cols() - 1)};
  GrayPlane mask = GrayPlane::Zero(box.height(), box.width());
  std::vector<float> strengths;
  for (Index row = 0; row < mask.rows(); ++row) {
    for (Index col = 0; col < mask.cols(); ++col) {
      const std::int32_t label = labels(box.top + row, box.left + col) - 1;
      if (std::find(group.components.begin(), group.components.end(), label) != group.components.end()) {
        mask(row, col) = 1;
        strengths.push_back(ink(box.top + row, box.left + col));
      }
    }
  }
  // The value of full ink. The edges of strokes are weaker.
  const float full = (std::max)(quantile(strengths, 0.8), 1.0f);
  const GrayPlane values = ink.block(box.top, box.left, box.height(), box.width());
  mask = largest_within(mask, margin, 1.0f);
  return {(values < floor).select(0.0f, mask * (values / full).cwiseMax(0.0f).cwiseMin(1.0f)), box};
}

/// Removes rows and columns without ink at the edges.
inline void crop(DigitInk& digit, float least) {
  InkBox ink;
  for (Index row = 0; row < digit.values.rows(); ++row) {
    for (Index col = 0; col < digit.values.cols(); ++col) {
      if (digit.values(row, col) > least) {
        ink.include({row, col, row, col});
      }
    }
  }
  if (ink.bottom < 0) {
    return;
  }
  digit.values = digit.values.block(ink.top, ink.left, ink.height(), ink.width()).eval();
  digit.box = {digit.box.top + ink.top, digit.box.left + ink.left, digit.box.top + ink.bottom,
               digit.box.left + ink.right};
}

/// The mean width of the strokes: their area divided by half of their perimeter.
inline double stroke_width(const GrayPlane& ink) {
  double area = 0, edges = 0;
  for (Index row = 0; row < ink.rows(); ++row) {
    for (Index col = 0; col < ink.cols(); ++col) {
      const auto at = [&ink](Index y, Index x) {
        return y >= 0 && x >= 0 && y < ink.rows() && x < ink.cols() ? static_cast<double>(ink(y, x)) : 0.0;
      };
      area += at(row, col);
      edges += std::abs(at(row, col) - at(row - 1, col)) + std::abs(at(row, col) - at(row, col - 1));
      edges += row + 1 == ink.rows() ? at(row, col) : 0;
      edges += col + 1 == ink.cols() ? at(row, col) : 0;
    }
  }
  constexpr double pi = 3.14159265358979;
  return edges > 0 ? area / (edges * pi / 4 / 2) : 0;  // edges of a slanted line count in both directions
}

/// The ink as a plane of 80 pixels or a little more, whose strokes are wider by 2 * radius.
inline GrayPlane widened(const GrayPlane& ink, Index rows, Index cols, Index radius) {
  const GrayPlane thin = area_averages(ink, rows, cols);
  GrayPlane wide = GrayPlane::Zero(rows + 2 * radius, cols + 2 * radius);
  wide.block(radius, radius, rows, cols) = thin;
  wide = largest_within(wide, radius, 1.0f);
  std::vector<float> strokes;  // thinner than a pixel: weaker than full ink
  std::copy_if(wide.data(), wide.data() + wide.size(), std::back_inserter(strokes),
               [](float value) { return value > 0.05f; });
  return strokes.empty() ? wide : GrayPlane((wide / quantile(strokes, 0.3)).cwiseMin(1.0f));
}

/// The digit in a box of 20 x 20 pixels, with its proportions. Strokes of a fine pen, which would vanish,
/// become as wide as thin strokes of MNIST.
inline GrayPlane fitted(const GrayPlane& ink) {
  constexpr Index side = 20, fine = 4;  // fine pixels for each pixel, to widen strokes
  constexpr double thinnest = 1.3, widened_to = 1.6;
  const auto fit = [](const GrayPlane& plane, Index longer) {
    const double scale =
        static_cast<double>(longer) / static_cast<double>((std::max)(plane.rows(), plane.cols()));
    const auto size = [scale](Index length) {
      return std::max<Index>(std::lround(scale * static_cast<double>(length)), 1);
    };
    return std::pair(size(plane.rows()), size(plane.cols()));
  };
  const auto [rows, cols] = fit(ink, side);
  const double scale = static_cast<double>(side) / static_cast<double>((std::max)(ink.rows(), ink.cols()));
  const double width = scale * stroke_width(ink);
  if (width >= thinnest || scale >= 1) {
    return area_averages(ink, rows, cols);
  }
  const auto radius = std::max<Index>(std::lround(fine * (widened_to - width) / 2), 1);
  const auto [fine_rows, fine_cols] = fit(ink, fine * side);
  const GrayPlane wide = widened(ink, fine_rows, fine_cols, radius);
  const auto [wide_rows, wide_cols] = fit(wide, side);
  return area_averages(wide, wide_rows, wide_cols);
}

/// The digit in 28 x 28 pixels, row by row: 0 for paper, 255 for full ink.
inline void write_digit(const GrayPlane& digit, std::uint8_t* pixels) {
  constexpr Index side = 28;
  const float mass = (std::max)(digit.sum(), 1e-6f);
  // The first row and column that place the center of mass nearest to pixel 14 and all of the digit inside.
  const auto place = [mass](const Eigen::ArrayXf& sums) {
    const float center =
        (sums * Eigen::ArrayXf::LinSpaced(sums.size(), 0, static_cast<float>(sums.size() - 1))).sum() / mass;
    return std::clamp<Index>(std::lround(14 - center), 0, side - sums.size());
  };
  const Index top = place(digit.rowwise().sum()), left = place(digit.colwise().sum().transpose());
  std::fill(pixels, pixels + side * side, std::uint8_t{0});
  for (Index row = 0; row < digit.rows(); ++row) {
    for (Index col = 0; col < digit.cols(); ++col) {
      pixels[(top + row) * side + left + col] =
          static_cast<std::uint8_t>(std::lround(255 * std::clamp(digit(row, col), 0.0f, 1.0f)));
    }
  }
}

}  // namespace backquery::detail
