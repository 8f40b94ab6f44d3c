/// @file
/// A small plot as SVG, a file or a part of an HTML page: two axes with ticks, lines, points with error bars,
/// contours, and a legend.
///
///     lesson::Plot plot("Sigmoid", {"x", -6, 6}, {"y", 0, 1});
///     plot.line("sigmoid", xs, ys);
///     plot.write("sigmoid.svg");
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "escaped.hpp"

namespace lesson {

struct Axis {
  std::string label;
  double low;
  double high;               ///< above low
  bool logarithmic = false;  ///< then low is above 0, and a tick stands at 1, 2 and 5 of each power of ten
  std::vector<std::string> names = {};  ///< names at 0, 1, 2, ... in place of numbers
  bool whole = false;                   ///< ticks at whole numbers only
  int parts = 6;                        ///< approximate number of intervals between ticks

  /// The position of the value between low (0) and high (1).
  double share(double value) const {
    if (logarithmic) return std::log(value / low) / std::log(high / low);
    return (value - low) / (high - low);
  }

  /// The values that get a tick: 1, 2 or 5 times a power of ten apart.
  std::vector<double> ticks() const {
    std::vector<double> values;
    if (!names.empty()) {
      for (std::size_t i = 0; i < names.size(); ++i) values.push_back(static_cast<double>(i));
    } else if (logarithmic) {
      for (double power = std::pow(10, std::floor(std::log10(low))); power <= high; power *= 10) {
        for (const double digit : {1., 2., 5.}) values.push_back(digit * power);
      }
    } else {
      const double rough = std::max((high - low) / parts, whole ? 1. : 0.);
      const double power = std::pow(10, std::floor(std::log10(rough)));
      const double step = power * (rough < 1.5 * power   ? 1
                                   : rough < 3.5 * power ? 2
                                   : rough < 7.5 * power ? 5
                                                         : 10);
      for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i)
        values.push_back(i * step);
    }
    const auto outside = [&](double value) { return share(value) < -1e-9 || share(value) > 1 + 1e-9; };
    values.erase(std::remove_if(values.begin(), values.end(), outside), values.end());
    return values;
  }
};

/// Sizes (in pixels) and colors of a plot.
struct PlotLook {
  double width = 760, height = 440, left = 80, top = 44, inner_width = 490, inner_height = 336;
  std::string ink = "black", frame = "black", grid = "#ddd", background = "white";
  bool legend = true;
  bool cut = true;  ///< at the frame; the page then must not have another element with id "frame"
  /// The palette of Okabe and Ito: readers with any color vision can distinguish the colors.
  std::vector<std::string> palette = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};
};

class Plot {
 public:
  Plot(std::string title, Axis x, Axis y, PlotLook look = {})
      : title_(std::move(title)), x_(std::move(x)), y_(std::move(y)), look_(std::move(look)) {}

  /// A line through the points. A line with an empty name is not in the legend.
  /// @param dots    whether the points are marked
  /// @param dashed  whether the line has gaps, in which a line below is visible
  void line(const std::string& name, const std::vector<double>& xs, const std::vector<double>& ys,
            bool dots = false, bool dashed = false) {
    const std::string color = next_color(name);
    body_ << "<polyline fill=\"none\" stroke=\"" << color << "\" stroke-width=\"2\"";
    body_ << (dashed ? " stroke-dasharray=\"6 4\" points=\"" : " points=\"");
    for (std::size_t i = 0; i < xs.size(); ++i) body_ << across(xs[i]) << ',' << down(ys[i]) << ' ';
    body_ << "\"/>\n";
    if (dots) circles(xs, ys);
  }

  /// Points without a line.
  void dots(const std::string& name, const std::vector<double>& xs, const std::vector<double>& ys) {
    next_color(name);
    circles(xs, ys);
  }

  /// Points, each with a bar from y - spread to y + spread; joined by a line unless the x axis has names.
  void points(const std::string& name, const std::vector<double>& xs, const std::vector<double>& ys,
              const std::vector<double>& spreads) {
    if (x_.names.empty()) {
      line(name, xs, ys);
    } else {
      next_color(name);
    }
    circles(xs, ys);
    for (std::size_t i = 0; i < xs.size(); ++i) {
      bar(across(xs[i]), down(ys[i] - spreads[i]), down(ys[i] + spreads[i]));
    }
  }

  /// The lines on which f(x, y) equals each of the levels, computed by marching squares on a grid of cells x
  /// cells. The lowest level is darkest.
  void contours(const std::function<double(double, double)>& f, const std::vector<double>& levels,
                int cells = 120) {
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const double light =
          levels.size() < 2 ? 0 : static_cast<double>(i) / static_cast<double>(levels.size() - 1);
      const std::string color = mix(light);
      std::ostringstream name;
      name << "level " << levels[i];
      legend_.push_back({name.str(), color});
      body_ << "<path fill=\"none\" stroke=\"" << color << "\" d=\"" << contour(f, levels[i], cells)
            << "\"/>\n";
    }
  }

  /// The picture as an element of HTML or SVG.
  /// @param description  the text for screen readers
  std::string svg(const std::string& description = "") const {
    std::ostringstream out;
    out << "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" << look_.width << "\" height=\""
        << look_.height << "\" viewBox=\"0 0 " << look_.width << ' ' << look_.height
        << "\" font-family=\"sans-serif\" font-size=\"13\"";
    if (!description.empty()) out << " role=\"img\" aria-label=\"" << escaped(description) << '"';
    out << ">\n";
    if (!look_.background.empty())
      out << "<rect width=\"100%\" height=\"100%\" fill=\"" << look_.background << "\"/>\n";
    if (!title_.empty())
      out << label(look_.left + look_.inner_width / 2, look_.top - 18, title_, "middle", "font-size=\"16\"");
    out << axes();
    if (look_.cut) {
      out << "<clipPath id=\"frame\"><rect x=\"" << look_.left << "\" y=\"" << look_.top << "\" width=\""
          << look_.inner_width << "\" height=\"" << look_.inner_height << "\"/></clipPath>\n";
    }
    out << (look_.cut ? "<g clip-path=\"url(#frame)\">\n" : "<g>\n") << body_.str() << "</g>\n";
    if (look_.legend) out << legend();
    out << "</svg>\n";
    return out.str();
  }

  /// Writes the picture. Throws std::runtime_error if the file cannot be written.
  void write(const std::string& path) const {
    std::ofstream file(path);
    file << svg();
    if (!file.flush()) throw std::runtime_error(path + ": cannot be written");
  }

 private:
  struct Entry {
    std::string name;
    std::string color;
  };

  double across(double x) const { return look_.left + look_.inner_width * x_.share(x); }
  double down(double y) const { return look_.top + look_.inner_height * (1 - y_.share(y)); }

  std::string next_color(const std::string& name) {
    color_ = look_.palette[lines_++ % look_.palette.size()];
    if (!name.empty()) legend_.push_back({name, color_});
    return color_;
  }

  /// From dark blue (0) to light gray (1).
  static std::string mix(double light) {
    std::ostringstream color;
    color << "rgb(" << std::lround(20 + 170 * light) << ',' << std::lround(50 + 145 * light) << ','
          << std::lround(110 + 95 * light) << ')';
    return color.str();
  }

  void circles(const std::vector<double>& xs, const std::vector<double>& ys) {
    for (std::size_t i = 0; i < xs.size(); ++i) {
      body_ << "<circle r=\"4\" fill=\"" << color_ << "\" cx=\"" << across(xs[i]) << "\" cy=\"" << down(ys[i])
            << "\"/>\n";
    }
  }

  void bar(double x, double low, double high) {
    body_ << "<path fill=\"none\" stroke-width=\"1.5\" stroke=\"" << color_ << "\" d=\"M" << x << ' ' << low
          << 'V' << high << 'M' << x - 5 << ' ' << low << "h10M" << x - 5 << ' ' << high << "h10\"/>\n";
  }

  std::string contour(const std::function<double(double, double)>& f, double level, int cells) const {
    const auto at = [cells](const Axis& axis, double i) {
      return axis.low + (axis.high - axis.low) * i / cells;
    };
    const auto height_at = [&](double i, double j) { return f(at(x_, i), at(y_, j)) - level; };
    std::ostringstream path;
    for (int i = 0; i < cells; ++i) {
      for (int j = 0; j < cells; ++j) {
        // Goes around the cell, back to its first corner. If two neighboring corners have different signs,
        // the line crosses the edge between them.
        const std::array<std::pair<double, double>, 5> corners{
            {{i, j}, {i + 1, j}, {i + 1, j + 1}, {i, j + 1}, {i, j}}};
        int crossings = 0;
        for (std::size_t c = 0; c + 1 < corners.size(); ++c) {
          const auto [i1, j1] = corners[c];
          const auto [i2, j2] = corners[c + 1];
          const double first = height_at(i1, j1), second = height_at(i2, j2);
          if ((first < 0) == (second < 0)) continue;
          const double share = first / (first - second);
          path << (crossings++ % 2 == 0 ? 'M' : 'L') << across(at(x_, i1 + share * (i2 - i1))) << ' '
               << down(at(y_, j1 + share * (j2 - j1)));
        }
      }
    }
    return path.str();
  }

  std::string axes() const {
    std::ostringstream out;
    const double left = look_.left, top = look_.top, bottom = top + look_.inner_height;
    for (const double x : x_.ticks()) {
      out << "<path stroke=\"" << look_.grid << "\" d=\"M" << across(x) << ' ' << top << "V" << bottom
          << "\"/>\n"
          << label(across(x), bottom + 18, tick(x_, x), "middle");
    }
    for (const double y : y_.ticks()) {
      out << "<path stroke=\"" << look_.grid << "\" d=\"M" << left << ' ' << down(y) << "h"
          << look_.inner_width << "\"/>\n"
          << label(left - 7, down(y) + 4, tick(y_, y), "end");
    }
    out << "<rect fill=\"none\" stroke=\"" << look_.frame << "\" x=\"" << left << "\" y=\"" << top
        << "\" width=\"" << look_.inner_width << "\" height=\"" << look_.inner_height << "\"/>\n"
        << label(left + look_.inner_width / 2, bottom + 42, x_.label, "middle")
        << label(0, 0, y_.label, "middle",
                 "transform=\"translate(22 " + std::to_string(top + look_.inner_height / 2) +
                     ") rotate(-90)\"");
    return out.str();
  }

  std::string legend() const {
    std::ostringstream out;
    const double left = look_.left + look_.inner_width + 14;
    for (std::size_t i = 0; i < legend_.size(); ++i) {
      const double y = look_.top + 10 + 21 * static_cast<double>(i);
      out << "<line stroke-width=\"3\" stroke=\"" << legend_[i].color << "\" x1=\"" << left << "\" x2=\""
          << left + 22 << "\" y1=\"" << y << "\" y2=\"" << y << "\"/>\n"
          << label(left + 28, y + 4, legend_[i].name, "start");
    }
    return out.str();
  }

  static std::string tick(const Axis& axis, double value) {
    if (!axis.names.empty()) return axis.names[static_cast<std::size_t>(value)];
    std::ostringstream out;
    out << (std::abs(value) < 1e-12 * (axis.high - axis.low) ? 0. : value);
    return out.str();
  }

  std::string label(double x, double y, const std::string& words, const char* anchor,
                    const std::string& more = "") const {
    if (words.empty()) return {};
    std::ostringstream out;
    out << "<text fill=\"" << look_.ink << "\" text-anchor=\"" << anchor << "\" x=\"" << x << "\" y=\"" << y
        << "\" " << more << '>' << escaped(words) << "</text>\n";
    return out.str();
  }

  std::string title_;
  Axis x_;
  Axis y_;
  PlotLook look_;
  std::ostringstream body_;
  std::vector<Entry> legend_;
  std::string color_;
  std::size_t lines_ = 0;
};

}  // namespace lesson
