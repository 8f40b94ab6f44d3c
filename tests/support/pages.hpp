/// @file
/// Pictures of pages with digits, to measure how well digits are found and recognized.
#pragma once

#include <algorithm>
#include <backquery/detail/random.hpp>
#include <backquery/images/labeled_images.hpp>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace pages {

using Index = Eigen::Index;

enum class Paper { plain, ruled, squared };

/// A gray picture, row by row from the top.
struct Page {
  Index rows = 0, cols = 0;
  Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 1> pixels;
  bool dark_ink = true;
};

/// Draws pages: digits of a set, enlarged, in dark ink on light paper or the reverse, under uneven light,
/// with noise of a camera.
class PagePrinter {
 public:
  PagePrinter(const backquery::LabeledImages& digits, std::uint64_t seed) : digits_(digits), random_(seed) {}

  /// One digit at a random place, 2 to 6 times as large.
  Page page_with(Index digit, Paper paper, Index rows = 200, Index cols = 300) {
    start(rows, cols);
    const double scale = uniform(2, std::min(6.0, static_cast<double>(std::min(rows, cols)) / 28));
    const double side = 28 * scale;
    draw(digit, scale, uniform(0, static_cast<double>(rows) - side),
         uniform(0, static_cast<double>(cols) - side));
    return finish(paper);
  }

  /// Digits in one or two lines, from left to right.
  Page page_with(const std::vector<Index>& digits, Index lines, Paper paper) {
    const double scale = uniform(1.5, 4);
    const auto in_line = static_cast<std::size_t>((static_cast<Index>(digits.size()) + lines - 1) / lines);
    start(static_cast<Index>(scale * (40.0 * static_cast<double>(lines) + 12)),
          static_cast<Index>(scale * (34.0 * static_cast<double>(in_line) + 12)));
    for (std::size_t first = 0, line = 0; first < digits.size(); first += in_line, ++line) {
      double left = scale * uniform(4, 10);
      for (std::size_t i = first; i < std::min(first + in_line, digits.size()); ++i) {
        const double size = scale * uniform(0.85, 1.15);
        const auto [from, to] = columns_of(digits[i]);
        const double top = scale * (8 + 40.0 * static_cast<double>(line) + uniform(-2, 2));
        draw(digits[i], size, top, left - size * static_cast<double>(from));
        left += size * static_cast<double>(to - from) + scale * uniform(3, 10);
      }
    }
    return finish(paper);
  }

 private:
  double uniform(double low, double high) {
    return low + (high - low) * (backquery::detail::uniform_symmetric(random_()) + 1) / 2;
  }

  void start(Index rows, Index cols) { ink_.setZero(rows, cols); }

  /// The first column with ink, and the one behind the last.
  std::pair<Index, Index> columns_of(Index digit) const {
    Index from = digits_.cols, to = 0;
    for (Index pixel = 0; pixel < digits_.pixels.rows(); ++pixel) {
      if (digits_.pixels(pixel, digit) > 0) {
        from = std::min(from, pixel % digits_.cols);
        to = std::max(to, pixel % digits_.cols + 1);
      }
    }
    return {from, to};
  }

  double pixel(Index digit, Index row, Index col) const {
    const bool inside = row >= 0 && col >= 0 && row < digits_.rows && col < digits_.cols;
    return inside ? digits_.pixels(row * digits_.cols + col, digit) / 255.0 : 0.0;
  }

  /// Enlarges by linear interpolation.
  void draw(Index digit, double scale, double top, double left) {
    const auto last = [scale](double start, Index size) {
      return static_cast<Index>(std::ceil(start + scale * static_cast<double>(size)));
    };
    for (Index row = std::max<Index>(static_cast<Index>(top), 0);
         row < std::min(last(top, digits_.rows), ink_.rows()); ++row) {
      const double y = (static_cast<double>(row) + 0.5 - top) / scale - 0.5;
      const auto above = static_cast<Index>(std::floor(y));
      for (Index col = std::max<Index>(static_cast<Index>(left), 0);
           col < std::min(last(left, digits_.cols), ink_.cols()); ++col) {
        const double x = (static_cast<double>(col) + 0.5 - left) / scale - 0.5;
        const auto before = static_cast<Index>(std::floor(x));
        const double down = y - std::floor(y), across = x - std::floor(x);
        const double upper =
            (1 - across) * pixel(digit, above, before) + across * pixel(digit, above, before + 1);
        const double lower =
            (1 - across) * pixel(digit, above + 1, before) + across * pixel(digit, above + 1, before + 1);
        ink_(row, col) = std::max(ink_(row, col), (1 - down) * upper + down * lower);
      }
    }
  }

  /// Lines of 1 or 2 pixels, in any direction up to 2 degrees from the rows (or columns).
  void rule(bool vertical) {
    const double distance = uniform(16, 40), width = uniform(1, 2), strength = uniform(0.2, 0.5);
    const double slope = std::tan(uniform(-2, 2) * 3.14159265358979 / 180), start = uniform(0, distance);
    for (Index row = 0; row < ink_.rows(); ++row) {
      for (Index col = 0; col < ink_.cols(); ++col) {
        const auto along = static_cast<double>(vertical ? row : col);
        const auto across = static_cast<double>(vertical ? col : row);
        const double at = across + slope * along - start;
        const double from_line = std::abs(at - distance * std::round(at / distance));
        const double covered = std::clamp(width / 2 + 0.5 - from_line, 0.0, 1.0);
        ink_(row, col) = std::max(ink_(row, col), covered * strength);
      }
    }
  }

  /// Brightness = light x reflectance + noise.
  Page finish(Paper paper) {
    if (paper != Paper::plain) {
      rule(false);
    }
    if (paper == Paper::squared) {
      rule(true);
    }
    Page page{ink_.rows(), ink_.cols(), {}, uniform(0, 1) < 0.5};
    page.pixels.resize(page.rows * page.cols);
    const double bright = uniform(190, 250), dark = uniform(10, 80), ramp = uniform(0, 0.5);
    const double angle = uniform(0, 2 * 3.14159265358979), noise = uniform(2, 12);
    for (Index row = 0; row < page.rows; ++row) {
      for (Index col = 0; col < page.cols; ++col) {
        const double y = static_cast<double>(row) / static_cast<double>(page.rows) - 0.5;
        const double x = static_cast<double>(col) / static_cast<double>(page.cols) - 0.5;
        const double light = 1 - ramp * (0.5 + (std::cos(angle) * x + std::sin(angle) * y) / std::sqrt(2.0));
        const double ink = page.dark_ink ? ink_(row, col) : 1 - ink_(row, col);
        const double value = light * (bright + (dark - bright) * ink) + noise * normal();
        page.pixels(row * page.cols + col) =
            static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
      }
    }
    return page;
  }

  /// Nearly normal, with mean 0 and variance 1: a sum of uniform numbers.
  double normal() { return uniform(-1, 1) + uniform(-1, 1) + uniform(-1, 1); }

  const backquery::LabeledImages& digits_;
  backquery::detail::RandomEngine random_;
  Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> ink_;
};

}  // namespace pages
