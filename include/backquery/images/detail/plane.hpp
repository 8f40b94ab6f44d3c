/// @file
/// Gray images as planes of numbers, and filters for the search for digits.
#pragma once

#include <backquery/detail/storage.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace backquery::detail {

/// An image, row by row.
template <typename Value>
using Plane = Eigen::Array<Value, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using GrayPlane = Plane<float>;

/// The quantile for `share`, 0 to 1: this share of the values is smaller. Reorders the values, which must not
/// be empty.
inline float quantile(std::vector<float>& values, double share) {
  const auto rank = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

/// The median of at most about 100,000 values of the plane.
inline float sampled_median(const GrayPlane& plane) {
  // A step that is no divisor of a usual width samples all columns.
  const Index step = plane.size() < 100000 ? 1 : plane.size() / 100000 * 2 + 1;
  std::vector<float> values;
  for (Index i = 0; i < plane.size(); i += step) {
    values.push_back(plane.data()[i]);
  }
  return quantile(values, 0.5);
}

/// The means of squares of side x side pixels; the squares at the right and at the bottom may be smaller.
inline GrayPlane reduced(const std::uint8_t* pixels, Index rows, Index cols, Index side) {
  GrayPlane sums = GrayPlane::Zero(ceil_div(rows, side), ceil_div(cols, side));
  for (Index row = 0; row < rows; ++row) {
    float* const sum = &sums(row / side, 0);
    const std::uint8_t* const line = pixels + row * cols;
    if (side == 1) {
      std::copy(line, line + cols, sum);
      continue;
    }
    for (Index col = 0; col < cols; ++col) {
      sum[col / side] += static_cast<float>(line[col]);
    }
  }
  for (Index row = 0; side > 1 && row < sums.rows(); ++row) {
    const Index height = (std::min)(side, rows - row * side);
    for (Index col = 0; col < sums.cols(); ++col) {
      sums(row, col) /= static_cast<float>(height * (std::min)(side, cols - col * side));
    }
  }
  return sums;
}

/// The plane blurred by 1/4, 1/2, 1/4 in both directions. The value of a point outside is the value of the
/// nearest point.
inline GrayPlane blurred(const GrayPlane& plane) {
  GrayPlane result(plane.rows(), plane.cols());
  std::vector<float> sums(static_cast<std::size_t>(plane.cols()) + 2);
  for (Index row = 0; row < plane.rows(); ++row) {
    const float* const line = &plane(row, 0);
    const float* const above = &plane(std::max<Index>(row - 1, 0), 0);
    const float* const below = &plane((std::min)(row + 1, plane.rows() - 1), 0);
    for (std::size_t col = 0; col + 2 < sums.size(); ++col) {
      sums[col + 1] = above[col] + 2 * line[col] + below[col];
    }
    sums.front() = sums[1];
    sums.back() = sums[sums.size() - 2];
    for (std::size_t col = 0; col + 2 < sums.size(); ++col) {
      result(row, static_cast<Index>(col)) = (sums[col] + 2 * sums[col + 1] + sums[col + 2]) / 16;
    }
  }
  return result;
}

/// The largest value within `radius` rows and columns. With sign = -1, the smallest value.
inline GrayPlane largest_within(const GrayPlane& plane, Index radius, float sign) {
  GrayPlane along(plane.rows(), plane.cols()), result(plane.rows(), plane.cols());
  for (Index col = 0; col < plane.cols(); ++col) {
    const Index first = std::max<Index>(col - radius, 0);
    const Index count = (std::min)(col + radius, plane.cols() - 1) - first + 1;
    along.col(col) = (sign * plane.middleCols(first, count)).rowwise().maxCoeff();
  }
  for (Index row = 0; row < plane.rows(); ++row) {
    const Index first = std::max<Index>(row - radius, 0);
    const Index count = (std::min)(row + radius, plane.rows() - 1) - first + 1;
    result.row(row) = sign * along.middleRows(first, count).colwise().maxCoeff();
  }
  return result;
}

/// The medians within `radius` rows and columns of the middles of squares of step x step pixels.
inline GrayPlane medians_around(const GrayPlane& plane, Index radius, Index step) {
  GrayPlane result(ceil_div(plane.rows(), step), ceil_div(plane.cols(), step));
  const auto window = [=](Index square, Index length) {
    const Index middle = square * step + step / 2;
    return std::pair(std::max<Index>(middle - radius, 0), (std::min)(middle + radius, length - 1));
  };
  std::vector<float> values;
  for (Index row = 0; row < result.rows(); ++row) {
    const auto [top, bottom] = window(row, plane.rows());
    for (Index col = 0; col < result.cols(); ++col) {
      const auto [left, right] = window(col, plane.cols());
      values.clear();
      for (Index line = top; line <= bottom; ++line) {
        values.insert(values.end(), &plane(line, 0) + left, &plane(line, 0) + right + 1);
      }
      result(row, col) = quantile(values, 0.5);
    }
  }
  return result;
}

/// The standard deviation of noise that differs from pixel to pixel. The mask is 0 for planes, edges and
/// ridges in most directions: J. Immerkaer, "Fast noise variance estimation", CVIU 64 (1996). The median
/// ignores the pixels of strokes.
inline float noise_of(const GrayPlane& plane) {
  std::vector<float> responses;
  const Index step = 1 + plane.size() / 200000;
  for (Index row = 1; row + 1 < plane.rows(); ++row) {
    for (Index col = 1 + row % step; col + 1 < plane.cols(); col += step) {
      const auto corners = plane(row - 1, col - 1) + plane(row - 1, col + 1) + plane(row + 1, col - 1) +
                           plane(row + 1, col + 1);
      const auto sides =
          plane(row - 1, col) + plane(row + 1, col) + plane(row, col - 1) + plane(row, col + 1);
      responses.push_back(std::abs(corners - 2 * sides + 4 * plane(row, col)));
    }
  }
  return responses.empty() ? 0.0f : quantile(responses, 0.5) / (6 * 0.6745f);
}

}  // namespace backquery::detail
