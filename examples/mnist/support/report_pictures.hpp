/// @file
/// Pictures of a training report: images, weights, and portraits, as PNG inside the page.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "digits.hpp"
#include "html.hpp"
#include "portraits.hpp"

namespace mnist {

struct ImageSize {
  Index rows, cols;
};

inline std::string image_element(const Picture& picture, const std::string& alt, const char* css_class) {
  return "<img class=\"" + std::string(css_class) + "\" alt=\"" + escaped(alt) + "\" width=\"" +
         std::to_string(picture.width) + "\" height=\"" + std::to_string(picture.height) +
         "\" src=\"data:image/png;base64," + base64(encode_png("report", picture)) + "\">";
}

/// A picture whose pixels are the means of square blocks, so that the longer side has at most `most` pixels.
/// @param write  write(pixel, mean) sets the channels of a pixel
template <typename Values, typename Write>
Picture reduced_picture(const Values& values, ImageSize size, Index most, int channels, Write write) {
  const Index side = (std::max(size.rows, size.cols) + most - 1) / most;
  const Index rows = (size.rows + side - 1) / side, cols = (size.cols + side - 1) / side;
  Picture picture{static_cast<int>(cols), static_cast<int>(rows), {}, channels};
  picture.pixels.resize(static_cast<std::size_t>(rows * cols * channels));
  for (Index row = 0; row < rows; ++row) {
    for (Index col = 0; col < cols; ++col) {
      const Index bottom = std::min((row + 1) * side, size.rows),
                  right = std::min((col + 1) * side, size.cols);
      float sum = 0;
      for (Index y = row * side; y < bottom; ++y) {
        for (Index x = col * side; x < right; ++x) {
          sum += values(y * size.cols + x);
        }
      }
      write(&picture.pixels[static_cast<std::size_t>((row * cols + col) * channels)],
            sum / static_cast<float>((bottom - row * side) * (right - col * side)));
    }
  }
  return picture;
}

/// 0 to 255; 0 for NaN.
inline unsigned char byte_of(float share) {
  return share > 0 ? static_cast<unsigned char>(std::min(share, 1.0f) * 255.0f + 0.5f)
                   : static_cast<unsigned char>(0);
}

/// Dark on white.
/// @param ink  0 to 1, row by row
template <typename Values>
std::string ink_picture(const Values& ink, ImageSize size, const std::string& alt) {
  const Picture picture = reduced_picture(ink, size, 64, 1, [](unsigned char* pixel, float mean) {
    *pixel = static_cast<unsigned char>(255 - byte_of(mean));
  });
  return image_element(picture, alt, "ink");
}

/// Positive weights are blue, negative ones orange, 0 is transparent. A weight of +-scale has the full color.
template <typename Values>
std::string weight_picture(const Values& weights, ImageSize size, float scale) {
  const Picture picture = reduced_picture(weights, size, 32, 4, [scale](unsigned char* pixel, float mean) {
    static constexpr unsigned char colors[2][3] = {{240, 124, 27}, {47, 129, 247}};
    std::copy_n(colors[mean > 0 ? 1 : 0], 3, pixel);
    pixel[3] =
        static_cast<unsigned char>(byte_of(std::abs(mean) / scale) / 8 * 8);  // 32 levels: smaller files
  });
  return image_element(picture, "", "weights");
}

/// The nodes of the first layer, at most `most`. If there is a next layer, the nodes with the largest weights
/// to the next layer come first.
inline std::vector<Index> shown_units(const Network& network, std::size_t most) {
  std::vector<Index> units(static_cast<std::size_t>(network.layer_sizes()[1]));
  std::iota(units.begin(), units.end(), Index(0));
  if (network.layer_sizes().size() > 2) {
    const Eigen::VectorXf effect = network.weights(1).colwise().norm().transpose();
    std::stable_sort(units.begin(), units.end(), [&](Index a, Index b) { return effect(a) > effect(b); });
  }
  units.resize(std::min(units.size(), most));
  return units;
}

/// The absolute value that 99 % of the weights of the units do not exceed; above 0.
inline float weight_scale(const Network& network, const std::vector<Index>& units) {
  const auto weights = network.weights(0);
  std::vector<float> sizes;
  for (const Index unit : units) {
    for (Index input = 0; input < weights.cols(); ++input) {
      sizes.push_back(std::abs(weights(unit, input)));
    }
  }
  const auto place = sizes.begin() + static_cast<std::ptrdiff_t>((sizes.size() - 1) * 99 / 100);
  std::nth_element(sizes.begin(), place, sizes.end());
  return *place > 0 ? *place : 1;
}

/// The section about the weights of the first layer, without its heading.
inline std::string unit_pictures(const Network& network, ImageSize size) {
  const bool has_hidden = network.layer_sizes().size() > 2;
  const Index all = network.layer_sizes()[1];
  const std::vector<Index> units = shown_units(network, 100);
  const float scale = weight_scale(network, units);
  std::string pictures;
  for (const Index unit : units) {
    pictures += weight_picture(network.weights(0).row(unit), size, scale) + '\n';
  }
  const std::string count = std::to_string(units.size()), kind = has_hidden ? "hidden nodes" : "output nodes";
  char ends[2][32];
  std::snprintf(ends[0], sizeof ends[0], "-%.3g", static_cast<double>(scale));
  std::snprintf(ends[1], sizeof ends[1], "+%.3g", static_cast<double>(scale));
  const std::string order = !has_hidden ? std::string()
                            : units.size() < static_cast<std::size_t>(all)
                                ? ": the " + count + " of " + std::to_string(all) +
                                      " with the largest weights to the next layer, the largest first"
                                : ", the largest weights to the next layer first";
  return text_element("p class=\"note\"", "Each picture has the weights from the pixels to one of the " +
                                              kind + order +
                                              ". Ink on blue pixels raises the output of the node, ink on "
                                              "orange pixels lowers the output.") +
         element("figure", element("div class=\"units\" role=\"img\" aria-label=\"Weights of " + count + ' ' +
                                       kind + " as pictures\"",
                                   pictures) +
                               element("figcaption class=\"legend\"",
                                       escaped(ends[0]) + "<span></span>" + escaped(ends[1]))) +
         '\n';
}

/// The section about backquery, without its heading.
/// @param first_label  the label of the first class
inline std::string portrait_pictures(const Network& network, ImageSize size, int first_label) {
  constexpr Index most = 100;
  std::string reason;
  const std::optional<Matrix> found = portraits_if_any(network, reason);
  if (!found) {
    return text_element("p", "This network has no portraits: " + reason + '.');
  }
  const Matrix& all = *found;
  const Eigen::VectorXi predicted = backquery::predicted_classes(network.query(all));
  std::string items;
  for (Index digit = 0; digit < std::min(all.cols(), most); ++digit) {
    const std::string label = std::to_string(first_label + digit);
    std::string caption = element("strong", label);
    if (!all.col(digit).allFinite()) {
      caption += "<br>not finite";
    } else if (all.cols() > 1 && predicted(digit) != digit) {
      caption += "<br>predicted " + std::to_string(first_label + predicted(digit));
    }
    items += element("li", element("figure", ink_picture(all.col(digit), size, "Portrait of label " + label) +
                                                 element("figcaption", caption))) +
             '\n';
  }
  const std::string some = all.cols() > most ? "The first " + std::to_string(most) + " labels. " : "";
  return text_element("p class=\"note\"", some +
                                              "The network is queried backwards: the outputs for one label "
                                              "are passed back to the pixels, layer by layer. If the network "
                                              "predicts another label for the portrait, the caption has this "
                                              "label; backquery is not an exact inverse.") +
         element("ul class=\"pictures portraits\"", items) + '\n';
}

}  // namespace mnist
