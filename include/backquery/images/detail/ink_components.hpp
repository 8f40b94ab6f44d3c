/// @file
/// The connected parts of the ink.
#pragma once

#include <backquery/images/detail/plane.hpp>

#include <array>
#include <optional>
#include <utility>

namespace backquery::detail {

/// Rows top to bottom and columns left to right, including the last ones.
struct InkBox {
  Index top = 0, left = 0, bottom = -1, right = -1;

  Index height() const { return bottom - top + 1; }
  Index width() const { return right - left + 1; }
  Index longer_side() const { return (std::max)(height(), width()); }
  void include(const InkBox& other) {
    const bool empty = bottom < top;
    *this = empty ? other
                  : InkBox{(std::min)(top, other.top), (std::min)(left, other.left),
                           (std::max)(bottom, other.bottom), (std::max)(right, other.right)};
  }
};

/// A connected part of the ink.
struct InkComponent {
  InkBox box;
  Index area = 0;       // in pixels
  float strongest = 0;  // value of the blurred ink
};

/// Values of the blurred ink: a stroke has pixels above `strong` and ends where values are below `weak`.
struct InkThresholds {
  float weak, strong;
};

/// The value that separates the values best into two classes: N. Otsu, "A threshold selection method from
/// gray-level histograms", IEEE Trans. SMC 9 (1979). Values are 0 to 255.
inline float otsu_threshold(const std::array<double, 256>& counts) {
  double all = 0, sum = 0;
  for (std::size_t value = 0; value < counts.size(); ++value) {
    all += counts[value];
    sum += counts[value] * static_cast<double>(value);
  }
  double below = 0, sum_below = 0, best = -1;
  std::size_t threshold = 0;
  for (std::size_t value = 0; value + 1 < counts.size(); ++value) {
    below += counts[value];
    sum_below += counts[value] * static_cast<double>(value);
    if (below == 0 || below == all) {
      continue;
    }
    // The variance between the classes, times all^2.
    const double difference = sum_below * all - sum * below;
    const double variance = difference * difference / (below * (all - below));
    if (variance > best) {
      best = variance;
      threshold = value;
    }
  }
  return static_cast<float>(threshold) + 0.5f;
}

/// The thresholds of a picture; empty if no value is above the noise, so that there is no ink.
/// @param noise  standard deviation before the blur, which divides it by 2.7
inline std::optional<InkThresholds> ink_thresholds(const GrayPlane& blurred_ink, float noise) {
  // Paper covers most of the picture, so Otsu's threshold of all values would divide the paper. Without the
  // values of the paper, it separates strokes from shadows and traces of lines.
  const float least = (std::max)(10.0f, 2 * noise);
  std::array<double, 256> counts = {};
  for (Index i = 0; i < blurred_ink.size(); ++i) {
    const float value = blurred_ink.data()[i];
    if (value >= least) {
      ++counts[static_cast<std::size_t>((std::min)(value, 255.0f))];
    }
  }
  if (std::all_of(counts.begin(), counts.end(), [](double count) { return count == 0; })) {
    return std::nullopt;
  }
  const float strong = (std::max)(otsu_threshold(counts), least);
  return InkThresholds{(std::max)(strong / 2, least), strong};
}

/// Connected parts, 8 neighbors. `labels` gets the index of the component of each pixel, plus 1; 0 is paper.
class ComponentSearch {
 public:
  ComponentSearch(const GrayPlane& ink, InkThresholds thresholds, Plane<std::int32_t>& labels)
      : ink_(ink), thresholds_(thresholds), labels_(labels) {}

  std::vector<InkComponent> run() {
    labels_.setZero(ink_.rows(), ink_.cols());
    for (Index row = 0; row < ink_.rows(); ++row) {
      for (Index col = 0; col < ink_.cols(); ++col) {
        if (labels_(row, col) == 0 && ink_(row, col) >= thresholds_.strong) {
          components_.push_back(fill(row, col));
        }
      }
    }
    return std::move(components_);
  }

 private:
  InkComponent fill(Index row, Index col) {
    InkComponent component;
    component.box = {row, col, row, col};
    take(row, col);
    while (!open_.empty()) {
      const auto [y, x] = open_.back();
      open_.pop_back();
      ++component.area;
      component.box.include({y, x, y, x});
      component.strongest = (std::max)(component.strongest, ink_(y, x));
      for (Index near_y = std::max<Index>(y - 1, 0); near_y <= (std::min)(y + 1, ink_.rows() - 1); ++near_y) {
        for (Index near_x = std::max<Index>(x - 1, 0); near_x <= (std::min)(x + 1, ink_.cols() - 1);
             ++near_x) {
          if (labels_(near_y, near_x) == 0 && ink_(near_y, near_x) >= thresholds_.weak) {
            take(near_y, near_x);
          }
        }
      }
    }
    return component;
  }

  void take(Index row, Index col) {
    labels_(row, col) = static_cast<std::int32_t>(components_.size()) + 1;
    open_.emplace_back(row, col);
  }

  const GrayPlane& ink_;
  InkThresholds thresholds_;
  Plane<std::int32_t>& labels_;
  std::vector<InkComponent> components_;
  std::vector<std::pair<Index, Index>> open_;  // pixels whose neighbors are not yet examined
};

}  // namespace backquery::detail
