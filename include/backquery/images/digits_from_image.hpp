/// @file
/// Finds handwritten digits in a picture, and makes images of them like those of MNIST.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/check.hpp>
#include <backquery/images/detail/digit_normalization.hpp>
#include <backquery/images/detail/ink_groups.hpp>
#include <backquery/images/detail/paper.hpp>
#include <backquery/images/detail/ruled_lines.hpp>
#include <backquery/images/labeled_images.hpp>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace backquery {

/// A rectangle of a picture, in pixels.
struct ImageBox {
  Eigen::Index top = 0;   ///< the first row
  Eigen::Index left = 0;  ///< the first column
  Eigen::Index rows = 0;  ///< number of rows
  Eigen::Index cols = 0;  ///< number of columns
};

/// Digits that were found in a picture.
struct FoundDigits {
  LabeledImages images;         ///< 28 x 28 pixels, 0 for paper and 255 for ink, without labels
  std::vector<ImageBox> boxes;  ///< boxes[i] surrounds the digit of images.pixels.col(i)
  bool dark_ink = true;         ///< whether the ink is darker than the paper
};

namespace detail {

/// The pixels of a picture, row by row.
using PicturePixels = Eigen::Ref<const Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 1>>;

/// A picture from which the paper was removed, and the parts of the ink that are digits.
struct DigitSearch {
  Index side = 1;  // pixels of the picture in a row of a pixel below
  bool dark_ink = true;
  GrayPlane ink;
  float floor = 0;
  Plane<std::int32_t> labels;
  std::vector<InkGroup> groups;
};

/// @throws std::runtime_error if there is no digit
inline DigitSearch search_digits(const char* function, const PicturePixels& pixels, Index rows, Index cols) {
  constexpr Index most = 4000000;  // pixels; larger pictures are reduced
  if (rows < 1 || cols < 1) {
    throw_invalid_argument(function, ": the image has ", rows, " rows and ", cols,
                           " columns, expected at least 1");
  }
  if (rows > (std::numeric_limits<Index>::max)() / cols) {
    throw_invalid_argument(function, ": the image has ", rows, " rows and ", cols,
                           " columns, more pixels than memory can hold");
  }
  check_rows(function, "pixels", pixels, rows * cols, ", rows * cols");
  DigitSearch search;
  while (ceil_div(rows, search.side) * ceil_div(cols, search.side) > most) {
    ++search.side;
  }
  search.ink = reduced(pixels.data(), rows, cols, search.side);
  search.dark_ink = subtract_paper(search.ink);
  const float noise = noise_of(search.ink);
  remove_lines(search.ink, noise);
  const GrayPlane soft = blurred(search.ink);
  if (const auto thresholds = ink_thresholds(soft, noise)) {
    const auto components = ComponentSearch(soft, *thresholds, search.labels).run();
    search.groups = group_components(components, search.ink.rows(), search.ink.cols());
    search.floor = (std::min)(noise, thresholds->weak);
  }
  if (search.groups.empty()) {
    throw std::runtime_error(
        message("backquery::", function, ": the image of ", rows, " x ", cols,
                " has no ink, expected strokes that are darker or lighter than the paper"));
  }
  return search;
}

/// Makes the images of the groups.
inline FoundDigits normalized_digits(const DigitSearch& search, const std::vector<InkGroup>& groups,
                                     Index rows, Index cols) {
  FoundDigits found;
  found.dark_ink = search.dark_ink;
  constexpr Index side = 28;
  found.images.rows = found.images.cols = side;
  found.images.classes = 10;
  found.images.pixels.resize(side * side, static_cast<Index>(groups.size()));
  for (std::size_t i = 0; i < groups.size(); ++i) {
    DigitInk digit = digit_ink(search.ink, search.labels, groups[i], search.floor);
    // Soft edges of larger digits lie outside their strokes.
    crop(digit, digit.box.longer_side() > 24 ? 0.3f : 0.1f);
    write_digit(fitted(digit.values), found.images.pixels.col(static_cast<Index>(i)).data());
    const Index top = digit.box.top * search.side, left = digit.box.left * search.side;
    found.boxes.push_back({top, left, (std::min)(digit.box.height() * search.side, rows - top),
                           (std::min)(digit.box.width() * search.side, cols - left)});
  }
  return found;
}

/// The largest group, and its neighbors: if the picture has one digit, they are strokes of it.
inline InkGroup single_digit(const std::vector<InkGroup>& groups) {
  const auto largest = std::max_element(groups.begin(), groups.end(),
                                        [](const InkGroup& a, const InkGroup& b) { return a.area < b.area; });
  InkGroup digit = *largest;
  for (auto other = groups.begin(); other != groups.end(); ++other) {
    if (other != largest && 2 * box_gap(other->box, largest->box) <= largest->box.longer_side()) {
      digit.include(*other);
    }
  }
  return digit;
}

}  // namespace detail

/// Finds the handwritten digits of a picture, such as a photo of a page, and makes images of them like those
/// of MNIST.
///
/// ```cpp
/// // Gray values of a picture, row by row, from a decoder such as stb_image:
/// const Eigen::Index rows = 200, cols = 300;
/// Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 1> pixels(rows * cols);
/// const backquery::FoundDigits found = backquery::digits_from_image(pixels, rows, cols);
/// const Eigen::VectorXi digits =
///     backquery::predicted_classes(net.query(backquery::inputs<float>(found.images)));
/// ```
///
/// The digits are in reading order: lines from top to bottom, each from left to right; a line may slope.
///
/// | step                                | effect                                                        |
/// |-------------------------------------|---------------------------------------------------------------|
/// | the paper is subtracted             | light may be uneven, and ink darker or lighter than the paper |
/// | straight lines are removed          | the paper may be ruled or squared                             |
/// | parts are found by Otsu's threshold | noise and specks are dropped                                  |
/// | neighboring parts are joined        | strokes may be broken; digits that touch are not divided      |
/// | each digit is normalized            | images are like those of MNIST                                |
///
/// The paper is a surface of degree 2 and a morphological closing. Lines are removed if they slope by at most
/// 7 degrees and cross nearly the whole picture, or more than half of it in equal distances. Normalization is
/// the method of MNIST (Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits"):
/// area averaging fits the digit into 20 x 20 pixels and keeps its proportions, and its center of mass is
/// placed on pixel (14, 14) of 28 x 28. Strokes thinner than 1.3 pixels are widened.
///
/// Pictures of more than 4,000,000 pixels are reduced by a whole factor first. The memory used is about 20
/// bytes for each pixel of the reduced picture.
///
/// @param pixels  gray values, rows * cols, row by row from the top; `Eigen::Map` passes a pointer. Advised:
///        digits at least 28 pixels high, and a contrast of ink and paper of at least 10 and of 2 standard
///        deviations of the noise
/// @param rows, cols  size of the picture, at least 1
/// @throws std::invalid_argument if rows or cols is less than 1, or the number of pixels is not rows * cols
/// @throws std::runtime_error if no digit is found: the picture has no ink
inline FoundDigits digits_from_image(const detail::PicturePixels& pixels, Eigen::Index rows,
                                     Eigen::Index cols) {
  const detail::DigitSearch search = detail::search_digits("digits_from_image", pixels, rows, cols);
  return detail::normalized_digits(search, search.groups, rows, cols);
}

/// As digits_from_image, for a picture of one digit: parts near the largest part belong to the digit, and all
/// others are specks. `images` and `boxes` of the result have one entry.
///
/// ```cpp
/// const Eigen::Index rows = 280, cols = 280;
/// Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 1> pixels(rows * cols);
/// const backquery::LabeledImages digit = backquery::digit_from_image(pixels, rows, cols).images;
/// x = backquery::inputs<float>(digit).col(0);
/// ```
inline FoundDigits digit_from_image(const detail::PicturePixels& pixels, Eigen::Index rows,
                                    Eigen::Index cols) {
  const detail::DigitSearch search = detail::search_digits("digit_from_image", pixels, rows, cols);
  return detail::normalized_digits(search, {detail::single_digit(search.groups)}, rows, cols);
}

}  // namespace backquery
