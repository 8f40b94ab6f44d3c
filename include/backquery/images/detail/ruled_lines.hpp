/// @file
/// Removes the lines of ruled and squared paper.
#pragma once

#include <backquery/images/detail/plane.hpp>

namespace backquery::detail {

/// Straight lines in one direction, nearly horizontal, that cross nearly the whole picture, or at least four
/// at equal distances that cross more than half of it. Strokes of digits are shorter, so the values along
/// the lines distinguish both.
///
/// Lines are removed from the paper, and ink that crosses a line is kept: where it is stronger than the line,
/// or where there is ink on both sides of the line.
class RuledLines {
 public:
  RuledLines(GrayPlane& ink, float noise) : ink_(ink), noise_(noise) {}

  void remove() {
    find_slope();
    std::vector<Line> lines = lines_in(levels_along(0.5));
    if (!are_regular(lines)) {
      lines = lines_in(levels_along(0.12));
    }
    for (const Line& line : lines) {
      remove_line(line.first - 1, line.last + 1, line.strength);  // with the soft edges of the line
    }
  }

 private:
  /// Rows in the middle column.
  struct Line {
    Index first, last;
    float strength;
  };

  /// Neighboring rows that are stronger than the paper, unless they are thicker than lines.
  std::vector<Line> lines_in(const std::vector<float>& levels) const {
    const auto rows = static_cast<Index>(levels.size());
    const float least = (std::max)(4.0f, 0.5f * noise_);
    std::vector<Line> lines;
    for (Index row = 0; row < rows; ++row) {
      const float level = levels[static_cast<std::size_t>(row)];
      if (level <= least) {
        continue;
      }
      if (lines.empty() || lines.back().last + 1 < row) {
        lines.push_back({row, row, level});
      }
      lines.back().last = row;
      lines.back().strength = (std::max)(lines.back().strength, level);
    }
    const Index thickest = std::max<Index>(4, rows / 40);
    lines.erase(std::remove_if(lines.begin(), lines.end(),
                               [thickest](const Line& line) { return line.last - line.first >= thickest; }),
                lines.end());
    return lines;
  }

  /// Whether there are four lines or more, and their distances are multiples of the smallest one.
  static bool are_regular(const std::vector<Line>& lines) {
    std::vector<double> distances;
    for (std::size_t i = 1; i < lines.size(); ++i) {
      distances.push_back(
          static_cast<double>(lines[i].first + lines[i].last - lines[i - 1].first - lines[i - 1].last) / 2);
    }
    if (distances.size() < 3) {
      return false;
    }
    const double unit = *std::min_element(distances.begin(), distances.end());
    return std::all_of(distances.begin(), distances.end(), [unit](double distance) {
      return std::abs(distance / unit - std::round(distance / unit)) < 0.2;
    });
  }

  Index offset(Index col) const {
    const Index from_middle = col - ink_.cols() / 2;
    return std::lround(slope_ * static_cast<double>(from_middle));
  }

  /// The slope, up to 0.12 (7 degrees), whose sums along the lines differ most from line to line.
  void find_slope() {
    constexpr Index samples = 64;
    const float limit = 40 + 3 * noise_;  // of ink, whose sums differ too
    const Index rows = ink_.rows(), cols = ink_.cols(), count = (std::min)(samples, cols);
    Plane<float> sampled(count, rows);
    for (Index i = 0; i < count; ++i) {
      sampled.row(i) = ink_.col(i * cols / count).transpose().cwiseMax(-limit).cwiseMin(limit);
    }
    float best = -1;
    const Index steps = (12 * cols + 99) / 100;
    Eigen::ArrayXf sums(rows);
    for (Index step = 0; step <= 2 * steps; ++step) {
      const Index rise = (step + 1) / 2 * (step % 2 == 0 ? 1 : -1);  // of the whole line; 0 first
      const double slope = static_cast<double>(rise) / static_cast<double>(cols);
      sums.setZero();
      for (Index i = 0; i < count; ++i) {
        const Index from_middle = i * cols / count - cols / 2;
        const Index shift = std::lround(slope * static_cast<double>(from_middle));
        const Index kept = rows - std::abs(shift);
        if (kept > 0) {
          sums.segment(std::max<Index>(-shift, 0), kept) +=
              sampled.row(i).segment(std::max<Index>(shift, 0), kept).transpose();
        }
      }
      const float contrast = (sums.tail(rows - 1) - sums.head(rows - 1)).square().sum();
      if (contrast > best * 1.001f) {
        best = contrast;
        slope_ = slope;
      }
    }
  }

  /// The quantile for `share` of the values along each parallel of the lines, minus the usual quantile of the
  /// parallels near it.
  std::vector<float> levels_along(double share) const {
    const Index rows = ink_.rows(), cols = ink_.cols();
    std::vector<float> along(static_cast<std::size_t>(rows)), values;
    for (Index row = 0; row < rows; ++row) {
      values.clear();
      for (Index col = 0; col < cols; ++col) {
        const Index at = row + offset(col);
        if (at >= 0 && at < rows) {
          values.push_back(ink_(at, col));
        }
      }
      const bool is_short = 2 * static_cast<Index>(values.size()) < cols;  // in a corner
      along[static_cast<std::size_t>(row)] = is_short ? 0.0f : quantile(values, share);
    }
    std::vector<float> levels(along);
    const Index radius = std::max<Index>(10, rows / 20);
    for (Index row = 0; row < rows; ++row) {
      const Index first = std::max<Index>(row - radius, 0), last = (std::min)(row + radius + 1, rows);
      values.assign(along.begin() + first, along.begin() + last);
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
