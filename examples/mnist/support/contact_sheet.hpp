/// @file
/// A picture of the digits that were found in pictures, the inputs of the network, and the predictions.
#pragma once

#include <algorithm>
#include <array>
#include <backquery/images/digits_from_image.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "picture_file.hpp"
#include "portraits.hpp"

namespace mnist {

/// The predictions for the digits of one picture.
struct Predictions {
  Eigen::VectorXi digits;
  Eigen::VectorXf probabilities;
};

/// Stacks pictures: each with boxes around its digits and, below it, a tile for each digit.
class ContactSheet {
 public:
  void add(const Photo& photo, const backquery::FoundDigits& found, const Predictions& predictions) {
    add_photo(photo, found);
    const auto count = static_cast<Index>(found.boxes.size());
    for (Index first = 0; first < count; first += tiles_in_row) {
      const Index top = sheet_.height + margin;
      extend(tile + 2 * margin);
      for (Index i = first; i < std::min(first + tiles_in_row, count); ++i) {
        const Index left = margin + (i - first) * (2 * tile + margin);
        draw_seen(found.images.pixels.col(i), top, left);
        draw_number(predictions.digits(i), top + margin, left + tile + margin / 2,
                    predictions.probabilities(i) < 0.5f ? 150 : 0);
        draw_bar(predictions.probabilities(i), top, left + tile + margin / 2);
      }
    }
    extend(margin);
  }

  const Picture& picture() const { return sheet_; }

 private:
  static constexpr Index zoom = 2, tile = 28 * zoom, margin = 8, tiles_in_row = 6;
  static constexpr Index width = margin + tiles_in_row * (2 * tile + margin);

  void extend(Index rows) {
    sheet_.height += static_cast<int>(rows);
    sheet_.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(sheet_.height), 255);
  }

  void put(Index row, Index col, int gray) {
    if (row >= 0 && col >= 0 && row < sheet_.height && col < width) {
      sheet_.pixels[static_cast<std::size_t>(row * width + col)] = static_cast<unsigned char>(gray);
    }
  }

  /// The picture, reduced to the width of the sheet, and boxes with a black and a white line.
  void add_photo(const Photo& photo, const backquery::FoundDigits& found) {
    const Index side = std::max<Index>((photo.cols + width - 2 * margin - 1) / (width - 2 * margin), 1);
    const Index top = sheet_.height + margin;
    const auto reduced = backquery::detail::reduced(photo.pixels.data(), photo.rows, photo.cols, side);
    extend(reduced.rows() + margin);
    for (Index row = 0; row < reduced.rows(); ++row) {
      for (Index col = 0; col < reduced.cols(); ++col) {
        put(top + row, margin + col, static_cast<int>(reduced(row, col)));
      }
    }
    for (const backquery::ImageBox& box : found.boxes) {
      for (const Index distance : {2, 3}) {
        const Index first_row = top + box.top / side - distance,
                    first_col = margin + box.left / side - distance;
        const Index last_row = top + (box.top + box.rows) / side + distance;
        const Index last_col = margin + (box.left + box.cols) / side + distance;
        const int gray = distance == 2 ? 255 : 0;
        for (Index row = first_row; row <= last_row; ++row) {
          put(row, first_col, gray);
          put(row, last_col, gray);
        }
        for (Index col = first_col; col <= last_col; ++col) {
          put(first_row, col, gray);
          put(last_row, col, gray);
        }
      }
    }
  }

  template <typename Pixels>
  void draw_seen(const Pixels& pixels, Index top, Index left) {
    for (Index row = 0; row < tile; ++row) {
      for (Index col = 0; col < tile; ++col) {
        put(top + row, left + col, 255 - pixels(row / zoom * 28 + col / zoom));
      }
    }
    for (Index i = -1; i <= tile; ++i) {
      put(top - 1, left + i, 128);
      put(top + tile, left + i, 128);
      put(top + i, left - 1, 128);
      put(top + i, left + tile, 128);
    }
  }

  void draw_number(int number, Index top, Index left, int gray) {
    // A line of 3 pixels is an octal digit.
    static constexpr std::array<unsigned, 10> shapes = {075557, 026227, 071747, 071717, 055711,
                                                        074717, 074757, 071111, 075757, 075717};
    constexpr Index size = 8;
    const std::string text = std::to_string(number);
    const Index scale = text.size() > 1 ? size / 2 : size;
    for (const char letter : text) {
      const unsigned shape = shapes[static_cast<std::size_t>(letter - '0')];
      for (Index row = 0; row < 5 * scale; ++row) {
        for (Index col = 0; col < 3 * scale; ++col) {
          if ((shape >> (14 - row / scale * 3 - col / scale) & 1u) != 0) {
            put(top + row, left + col, gray);
          }
        }
      }
      left += 4 * scale;
    }
  }

  /// The probability as the length of a bar.
  void draw_bar(float probability, Index top, Index left) {
    constexpr Index length = 40, height = 4;
    for (Index row = 0; row < height; ++row) {
      for (Index col = 0; col < length; ++col) {
        const bool is_full = static_cast<float>(col) < probability * static_cast<float>(length);
        put(top + row, left + col, is_full ? 0 : 210);
      }
    }
  }

  Picture sheet_{static_cast<int>(width), 0, {}};
};

}  // namespace mnist
