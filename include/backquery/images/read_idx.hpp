/// @file
/// Reads images in the file format of MNIST.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/images/detail/idx_file.hpp>
#include <backquery/images/labeled_images.hpp>
#include <backquery/images/read_options.hpp>

#include <filesystem>

namespace backquery {

namespace detail {

inline void check_idx_arguments(const char* function, Eigen::Index classes, const ReadOptions& options) {
  check_read_options(function, classes, options);
  if (!options.label_column.empty()) {
    throw_invalid_argument(function, ": options.label_column is \"", options.label_column,
                           "\", expected none, because an IDX file has no columns");
  }
}

}  // namespace detail

/// Reads an opened pair of files, for example of `GzipFile`.
inline LabeledImages read_idx(detail::InputFile&& images_file, detail::InputFile&& labels_file,
                              Eigen::Index classes = 10, const ReadOptions& options = {}) {
  detail::check_idx_arguments("read_idx", classes, options);
  detail::IdxImages opened(images_file);
  return detail::read_idx_pair(opened, labels_file, classes, options);
}

/// Reads a set of images from two files in the IDX format of MNIST, Fashion-MNIST, KMNIST and EMNIST. All
/// numbers are unsigned and have 32 bits, the highest byte first:
///
///     images: 2051, number of images, rows, columns, then a byte for each pixel, image by image, row by row
///     labels: 2049, number of labels, then a byte for each label
///
/// The sizes in the headers are compared with the sizes of the files before memory is allocated. A file may
/// be a pipe; then memory is allocated for the bytes that arrive. For files compressed by gzip see GzipFile.
///
/// ```cpp
/// const backquery::LabeledImages images =
///     backquery::read_idx("train-images-idx3-ubyte", "train-labels-idx1-ubyte");
/// ```
///
/// @param classes  number of classes, 1 to 256
/// @param options  differences from MNIST; label_column must be empty
/// @throws std::invalid_argument if classes or an option is out of range
/// @throws std::runtime_error "file: ..., expected ..." for a file that is missing, of another format,
///         truncated, too long or empty, for different counts, and for a label or pixel out of range
inline LabeledImages read_idx(const std::filesystem::path& images_path,
                              const std::filesystem::path& labels_path, Eigen::Index classes = 10,
                              const ReadOptions& options = {}) {
  detail::check_idx_arguments("read_idx", classes, options);
  detail::InputFile images_file(images_path);
  detail::IdxImages opened(images_file);  // reads the header before the other file is opened
  detail::InputFile labels_file(labels_path);
  return detail::read_idx_pair(opened, labels_file, classes, options);
}

}  // namespace backquery
