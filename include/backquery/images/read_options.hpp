/// @file
/// Options for files of images that differ from MNIST.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/images/labeled_images.hpp>

#include <string>

namespace backquery {

/// Options of read_csv, read_idx and read_images for files that differ from MNIST. The readers find none of
/// these options in the file, except the label column in the header of a CSV.
///
/// | data set                    | label_column | first_label | transpose | pixel_max |
/// |-----------------------------|--------------|-------------|-----------|-----------|
/// | MNIST, Fashion-MNIST, KMNIST|              |             |           |           |
/// | OpenML mnist_784 (header)   |              |             |           |           |
/// | UCI optdigits               | "last"       |             |           | 16        |
/// | EMNIST letters, 26 classes  |              | 1           | true      |           |
/// | EMNIST, other sets          |              |             | true      |           |
///
/// ```cpp
/// backquery::ReadOptions options;
/// options.label_column = "last";
/// options.pixel_max = 16;
/// const backquery::LabeledImages digits = backquery::read_csv("optdigits.tra", 10, 0, 0, options);
/// ```
struct ReadOptions {
  /// The column of the labels in a CSV: "first", "last", or a name in the header, which is compared without
  /// regard to case. Empty: the column that the header names label, class, target, digit or y, else the
  /// first. It must be empty for IDX files, which have no columns.
  std::string label_column;
  int first_label = 0;     ///< the label of the first class in the file, 0 to 255; subtracted from each label
  bool transpose = false;  ///< swap rows and columns of each image: the file has its pixels column by column
  int pixel_max = 255;     ///< largest possible pixel value, 1 to 255; a larger one in the file is an error
};

namespace detail {

/// Throws std::invalid_argument unless classes, first_label and pixel_max are in range.
inline void check_read_options(const char* function, Eigen::Index classes, const ReadOptions& options) {
  if (classes < 1 || classes > 256) {
    throw_invalid_argument(function, ": classes is ", classes, ", expected 1 to 256");
  }
  const OptionCheck check{function};
  check(options.first_label >= 0 && options.first_label <= 255, "first_label", options.first_label,
        "0 to 255");
  check(options.pixel_max >= 1 && options.pixel_max <= 255, "pixel_max", options.pixel_max, "1 to 255");
}

}  // namespace detail

}  // namespace backquery
