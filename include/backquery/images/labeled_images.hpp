/// @file
/// Images and their labels, as bytes.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/check.hpp>

#include <cstdint>
#include <utility>

namespace backquery {

namespace detail {

/// Throws std::invalid_argument unless there is an image for each label.
inline void check_labels(const char* images, Eigen::Index columns, Eigen::Index labels) {
  if (columns != labels) {
    throw_invalid_argument(images, " has ", columns, " columns, expected ", labels, ", one for each label");
  }
}

}  // namespace detail

/// A set of gray images of one size, each with its class.
///
/// | member | shape                 | values                                                           |
/// |--------|-----------------------|------------------------------------------------------------------|
/// | pixels | rows * cols x samples | 0 to pixel_max; an image in each column, row by row from the top |
/// | labels | samples, or none      | 0 to classes - 1; labels(i) belongs to pixels.col(i)             |
///
/// ```cpp
/// const backquery::LabeledImages images = backquery::read_csv("mnist_train.csv");
/// const Eigen::MatrixXf x = backquery::inputs<float>(images.block(0, 100));
/// ```
///
/// Only read_images returns sets without labels.
///
/// Bytes take a quarter of the memory of floats. inputs() scales only the images in use. Readers return sets
/// that satisfy this table. If you fill a set yourself, keep to the table.
///
/// Messages of the library count samples, pixels, rows and columns of matrices from 0, like indices, and
/// lines and columns of text files from 1, like editors.
struct LabeledImages {
  /// Pixels of an image x samples, 0 to pixel_max.
  detail::MatrixX<std::uint8_t> pixels;
  Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 1> labels;  ///< the class of each sample, 0 to classes - 1
  Eigen::Index rows = 0;                                  ///< of one image
  Eigen::Index cols = 0;                                  ///< of one image
  Eigen::Index classes = 0;                               ///< number of classes
  int pixel_max = 255;  ///< the largest possible pixel value, 1 to 255; inputs() maps it to `high`

  /// A copy of `count` images from image `first` on.
  /// @throws std::invalid_argument unless 0 <= first, 0 <= count and first + count <= samples
  LabeledImages block(Eigen::Index first, Eigen::Index count) const {
    const Eigen::Index samples = pixels.cols();
    const bool has_labels = labels.size() > 0;
    if (has_labels) {
      detail::check_labels("LabeledImages::block: pixels", samples, labels.size());
    }
    if (first < 0 || first > samples) {
      detail::throw_invalid_argument("LabeledImages::block: first is ", first, ", expected 0 to ", samples);
    }
    if (count < 0 || count > samples - first) {
      detail::throw_invalid_argument("LabeledImages::block: count is ", count, ", expected 0 to ",
                                     samples - first);
    }
    return {pixels.middleCols(first, count),
            has_labels ? labels.segment(first, count) : labels.head(0),
            rows,
            cols,
            classes,
            pixel_max};
  }

  /// Swaps rows and columns of every image.
  /// @throws std::invalid_argument unless pixels has rows * cols rows
  void transpose() {
    detail::check_rows("LabeledImages::transpose", "pixels", pixels, rows * cols, ", rows * cols");
    using Image = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Image image(rows, cols);
    for (Eigen::Index sample = 0; sample < pixels.cols(); ++sample) {
      std::uint8_t* const data = pixels.col(sample).data();
      image = Eigen::Map<const Image>(data, rows, cols);
      Eigen::Map<Image>(data, cols, rows) = image.transpose();
    }
    std::swap(rows, cols);
  }
};

namespace detail {

/// Throws std::invalid_argument unless all labels are 0 to classes - 1.
inline void check_classes(const char* function, const LabeledImages& images) {
  if (images.classes < 1) {
    throw_invalid_argument(function, ": images.classes is ", images.classes, ", expected at least 1");
  }
  for (Eigen::Index sample = 0; sample < images.labels.size(); ++sample) {
    check_label(function, sample, images.labels(sample), images.classes);
  }
}

}  // namespace detail

}  // namespace backquery
