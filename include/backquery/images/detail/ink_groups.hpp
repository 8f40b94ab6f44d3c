/// @file
/// Which connected parts of the ink are one digit, and the order of the digits.
#pragma once

#include <backquery/images/detail/ink_components.hpp>

#include <iterator>
#include <numeric>
#include <tuple>

namespace backquery::detail {

/// The parts of one digit.
struct InkGroup {
  InkBox box;
  Index area = 0;
  std::vector<std::int32_t> components;  // indices

  void include(const InkGroup& other) {
    box.include(other.box);
    area += other.area;
    components.insert(components.end(), other.components.begin(), other.components.end());
  }
};

/// The distance between two intervals; negative: minus the length of their intersection.
inline Index interval_gap(Index first, Index last, Index other_first, Index other_last) {
  return (std::max)(first, other_first) - (std::min)(last, other_last) - 1;
}

/// The height of a usual digit: half of the ink is in parts that are as high or higher.
inline Index usual_height(const std::vector<InkGroup>& groups) {
  std::vector<std::pair<Index, Index>> heights;
  Index all = 0, sum = 0;
  for (const InkGroup& group : groups) {
    heights.emplace_back(group.box.longer_side(), group.area);
    all += group.area;
  }
  std::sort(heights.begin(), heights.end());
  for (const auto& [height, area] : heights) {
    sum += area;
    if (2 * sum >= all) {
      return height;
    }
  }
  return 0;
}

/// The distance of two boxes; 0 or less if they intersect.
inline Index box_gap(const InkBox& a, const InkBox& b) {
  return (std::max)(interval_gap(a.left, a.right, b.left, b.right),
                    interval_gap(a.top, a.bottom, b.top, b.bottom));
}

/// Whether two parts are strokes of one digit: one lies above the other, or is too low for a digit, and both
/// are near.
inline bool belong_together(const InkBox& a, const InkBox& b, Index usual) {
  const Index across = interval_gap(a.left, a.right, b.left, b.right);
  const Index larger = (std::max)(a.longer_side(), b.longer_side());
  InkBox both = a;
  both.include(b);
  const bool is_above = 2 * -across >= (std::min)(a.width(), b.width());
  const bool is_low = 5 * (std::min)(a.height(), b.height()) <= 2 * larger;
  return (is_above || is_low) && 5 * box_gap(a, b) <= larger &&
         4 * both.height() <= 5 * (std::max)(usual, larger);
}

/// Joins the strokes of digits, the nearest ones first. Each round joins each group with at most one other.
inline void join_strokes(std::vector<InkGroup>& groups) {
  struct Pair {
    Index gap;
    std::size_t first, second;
  };
  constexpr int most_rounds = 32;  // bounds the time for specks all over the picture; digits have few strokes
  std::vector<Pair> pairs;
  for (int round = 0; round < most_rounds && (round == 0 || !pairs.empty()); ++round) {
    const Index usual = usual_height(groups);
    pairs.clear();
    for (std::size_t i = 0; i < groups.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (belong_together(groups[i].box, groups[j].box, usual)) {
          pairs.push_back({box_gap(groups[i].box, groups[j].box), j, i});
        }
      }
    }
    std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
      return std::tie(a.gap, a.first, a.second) < std::tie(b.gap, b.first, b.second);
    });
    std::vector<bool> is_joined(groups.size());  // with another group, whose box became larger
    for (const Pair& pair : pairs) {
      if (!is_joined[pair.first] && !is_joined[pair.second]) {
        groups[pair.first].include(groups[pair.second]);
        groups[pair.second].area = 0;
        is_joined[pair.first] = is_joined[pair.second] = true;
      }
    }
    groups.erase(
        std::remove_if(groups.begin(), groups.end(), [](const InkGroup& group) { return group.area == 0; }),
        groups.end());
  }
}

/// Sorts groups into lines of writing from top to bottom, each from left to right. A line may slope: a digit
/// continues the line whose last digit it overlaps most in height.
inline void sort_in_reading_order(std::vector<InkGroup>& groups) {
  std::sort(groups.begin(), groups.end(),
            [](const InkGroup& a, const InkGroup& b) { return a.box.left < b.box.left; });
  std::vector<std::vector<InkGroup>> lines;
  for (InkGroup& group : groups) {
    std::vector<InkGroup>* best = nullptr;
    double most = 0.3;
    for (auto& line : lines) {
      const InkBox& last = line.back().box;
      const Index overlap = -interval_gap(last.top, last.bottom, group.box.top, group.box.bottom);
      const double share =
          static_cast<double>(overlap) / static_cast<double>((std::min)(last.height(), group.box.height()));
      if (share > most) {
        most = share;
        best = &line;
      }
    }
    if (best == nullptr) {
      best = &lines.emplace_back();
    }
    best->push_back(std::move(group));
  }
  const auto middle = [](const std::vector<InkGroup>& line) {
    return std::accumulate(line.begin(), line.end(), 0.0,
                           [](double sum, const InkGroup& group) {
                             return sum + static_cast<double>(group.box.top + group.box.bottom);
                           }) /
           static_cast<double>(line.size());
  };
  std::sort(lines.begin(), lines.end(),
            [&middle](const auto& a, const auto& b) { return middle(a) < middle(b); });
  groups.clear();
  for (auto& line : lines) {
    std::move(line.begin(), line.end(), std::back_inserter(groups));
  }
}

/// The digits of a picture from the parts of its ink. Specks are dropped, and so are parts that touch the
/// edge of the picture and are longer than digits: shadows, the edge of the paper.
inline std::vector<InkGroup> group_components(const std::vector<InkComponent>& components, Index rows,
                                              Index cols) {
  constexpr std::size_t most = 2000;  // bounds the time for pictures without digits
  const Index least = std::max<Index>(5, (std::min)(rows, cols) / 100);
  std::vector<InkGroup> groups;
  for (std::size_t i = 0; i < components.size(); ++i) {
    if (components[i].area > least) {
      groups.push_back({components[i].box, components[i].area, {static_cast<std::int32_t>(i)}});
    }
  }
  if (groups.size() > most) {
    std::nth_element(groups.begin(), groups.begin() + most, groups.end(),
                     [](const InkGroup& a, const InkGroup& b) { return a.area > b.area; });
    groups.resize(most);
  }
  const auto drop = [&groups](const auto& is_dropped) {
    if (!std::all_of(groups.begin(), groups.end(), is_dropped)) {
      groups.erase(std::remove_if(groups.begin(), groups.end(), is_dropped), groups.end());
    }
  };
  drop([&](const InkGroup& group) {
    const InkBox& box = group.box;
    const bool touches = box.top == 0 || box.left == 0 || box.bottom == rows - 1 || box.right == cols - 1;
    return touches && (2 * box.height() > rows || 2 * box.width() > cols);
  });
  join_strokes(groups);
  const Index usual = usual_height(groups);
  drop([&](const InkGroup& group) { return 3 * group.box.longer_side() < usual; });
  groups.erase(std::remove_if(groups.begin(), groups.end(),
                              [least](const InkGroup& group) { return group.box.longer_side() < least; }),
               groups.end());
  sort_in_reading_order(groups);
  return groups;
}

}  // namespace backquery::detail
