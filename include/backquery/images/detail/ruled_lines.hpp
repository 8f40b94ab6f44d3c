/// @file
/// Removes the lines of ruled and squared paper.
#pragma once

#include <backquery/images/detail/plane.hpp>

namespace backquery::detail {

/// Lines that cross the picture, straight and all in one direction, nearly horizontal.
///
/// A line covers more than half of its length with values that are no ink, whereas digits cover less, so the
/// median along the line tells. Lines are removed from the paper, and ink that crosses a line is kept: where
/// it is stronger than the line, or where there is ink on both sides of the line.
class RuledLines {
 public:
  RuledLines(GrayPlane& ink, float noise) : ink_(ink), noise_(noise) {}

  void remove() {
    find_slope();
    const std::vector<float> medians = medians_along();
    const auto rows = static_cast<Index>(medians.size());
    const float least = (std::max)(4.0f, 0.5f * noise_);
    const Index thickest = std::max<Index>(4, rows / 40);
    for (Index row = 0; row < rows;) {
      const Index first = row;
      float strength = 0;
      for (; row < rows && medians[static_cast<std::size_t>(row)] > least; ++row) {
        strength = (std::max)(strength, medians[static_cast<std::size_t>(row)]);
      }
      if (row > first && row - first <= thickest) {
        remove_line(first - 1, row, strength);  // with the soft edges of the line
      }
      row += row == first ? 1 : 0;
    }
  }

 private:
  Index offset(Index col) const {
    return static_cast<Index>(std::lround(slope_ * static_cast<double>(col - ink_.cols() / 2)));
  }

  /// The slope, up to 0.12 (7 degrees), whose sums along the lines differ most from line to line.
  void find_slope() {
    constexpr Index samples = 64;
    const float limit = 40 + 3 * noise_;  // of ink, whose sums differ too
    const Index rows = ink_.rows(), cols = ink_.cols(), count = (std::min)(samples, cols);
    Plane<float> sampled(count, rows);
    for (Index i = 0; i < count; ++i) {
      sampled.row(i) = ((ink_.col(i * cols / count).transpose().max)(-limit).min)(limit);
    }
    double best = -1;
    const Index steps = (12 * cols + 99) / 100;
    Eigen::ArrayXf sums(rows);
    for (Index step = 0; step <= 2 * steps; ++step) {
      const double slope = static_cast<double>((step + 1) / 2 * (step % 2 == 0 ? 1 : -1)) /
                           static_cast<double>(cols);  // 0 first: it wins in a tie
      sums.setZero();
      for (Index i = 0; i < count; ++i) {
        const auto shift =
            static_cast<Index>(std::lround(slope * static_cast<double>(i * cols / count - cols / 2)));
        const Index kept = rows - std::abs(shift);
        if (kept > 0) {
          sums.segment(std::max<Index>(-shift, 0), kept) +=
              sampled.row(i).segment(std::max<Index>(shift, 0), kept).transpose();
        }
      }
      const double contrast = (sums.tail(rows - 1) - sums.head(rows - 1)).square().sum();
      if (contrast > best * 1.001) {
        best = contrast;
        slope_ = slope;
      }
    }
  }

  /// The medians along parallels of the lines, without what is wider than lines.
  std::vector<float> medians_along() const {
    const Index rows = ink_.rows(), cols = ink_.cols();
    std::vector<float> medians(static_cast<std::size_t>(rows)), values;
    for (Index row = 0; row < rows; ++row) {
      values.clear();
      for (Index col = 0; col < cols; ++col) {
        const Index at = row + offset(col);
        if (at >= 0 && at < rows) {
          values.push_back(ink_(at, col));
        }
      }
      medians[static_cast<std::size_t>(row)] = values.empty() ? 0.0f : quantile(values, 0.5);
    }
    std::vector<float> levels(medians);
    const Index radius = std::max<Index>(10, rows / 20);
    for (Index row = 0; row < rows; ++row) {
      const Index first = std::max<Index>(row - radius, 0), last = (std::min)(row + radius + 1, rows);
      values.assign(medians.begin() + first, medians.begin() + last);
      levels[static_cast<std::size_t>(row)] -= quantile(values, 0.5);
    }
    return levels;
  }

  /// @param above, below  the rows beside the line
  void remove_line(Index above, Index below, float strength) {
    const Index rows = ink_.rows(), cols = ink_.cols();
    const Index reach = below - above;  // strokes cross the line at up to 45 degrees
    for (Index col = 0; col < cols; ++col) {
      const Index shift = offset(col);
      const auto at = [&](Index row, Index other) {
        const Index inside = std::clamp(other, Index{0}, cols - 1);
        const Index place = row + offset(inside);
        return place < 0 || place >= rows ? 0.0f : ink_(place, inside);
      };
      float crossing = 0;
      for (Index step = -reach; step <= reach; ++step) {
        crossing = (std::max)(crossing, (std::min)(at(above - 1, col - step), at(below + 1, col + step)));
      }
      for (Index row = std::max<Index>(above + shift, 0); row <= (std::min)(below + shift, rows - 1); ++row) {
        float& value = ink_(row, col);
        value = value > 1.5f * strength + 3 * noise_ ? value : (std::min)(value, crossing);
      }
    }
  }

  GrayPlane& ink_;
  float noise_;
  double slope_ = 0;  // rows for each column
};

/// Removes lines from top to bottom and from left to right.
inline void remove_lines(GrayPlane& ink, float noise) {
  if ((std::min)(ink.rows(), ink.cols()) < 60) {
    return;  // a stroke could cross such a picture
  }
  RuledLines(ink, noise).remove();
  ink = ink.transpose().eval();
  RuledLines(ink, noise).remove();
  ink = ink.transpose().eval();
}

}  // namespace backquery::detail
