/// @file
/// Images and what they show, as bytes.
#pragma once

#include <backquery/detail/check.hpp>

#include <Eigen/Core>

#include <cstdint>

namespace backquery {

namespace detail {

/// Refuses images that are not as many as their labels.
inline void check_labels(const char* images, Eigen::Index columns, Eigen::Index labels) {
  if (columns != labels) {
    throw_invalid_argument(images, " has ", columns, " columns, expected ", labels, ", one for each label");
  }
}

}  // namespace detail

/// A set of equally large gray images, each with its class.
///
/// | member | shape                 | values                                                        |
/// |--------|-----------------------|---------------------------------------------------------------|
/// | pixels | rows * cols x samples | 0 to 255; one image in each column, row by row from the top   |
/// | labels | samples               | 0 to classes - 1; labels(i) belongs to pixels.col(i)          |
///
/// Bytes take a quarter of the memory of floats: `inputs` scales what a network needs when it needs it. The
/// readers return sets that fit this table; who fills one by hand sees to that himself.
struct LabeledImages {
  Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic> pixels;
  Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 1> labels;
  Eigen::Index rows = 0;
  Eigen::Index cols = 0;
  Eigen::Index classes = 0;

  /// A copy of `count` images from image `first` on, e.g. `inputs<float>(images.block(0, 100))` for the first
  /// hundred of a set that would be too large as floats.
  /// @throws std::invalid_argument unless 0 <= first, 0 <= count and first + count <= samples
  LabeledImages block(Eigen::Index first, Eigen::Index count) const {
    const Eigen::Index samples = labels.size();
    detail::check_labels("LabeledImages::block: pixels", pixels.cols(), samples);
    if (first < 0 || first > samples) {
      detail::throw_invalid_argument("LabeledImages::block: first is ", first, ", expected 0 to ", samples);
    }
    if (count < 0 || count > samples - first) {
      detail::throw_invalid_argument("LabeledImages::block: count is ", count, ", expected 0 to ",
                                     samples - first);
    }
    return {pixels.middleCols(first, count), labels.segment(first, count), rows, cols, classes};
  }
};

namespace detail {

/// Refuses labels that are no class.
inline void check_classes(const char* function, const LabeledImages& images) {
  if (images.classes < 1) {
    throw_invalid_argument(function, ": images.classes is ", images.classes, ", expected at least 1");
  }
  for (Eigen::Index sample = 0; sample < images.labels.size(); ++sample) {
    const Eigen::Index label = images.labels(sample);
    if (label >= images.classes) {
      throw_invalid_argument(function, ": label ", sample, " is ", label, ", expected 0 to ",
                             images.classes - 1);
    }
  }
}

}  // namespace detail

}  // namespace backquery
