/// @file
/// Reads images in the file format of MNIST.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/images/labeled_images.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace backquery {

namespace detail {

/// The next field of an IDX header: 32 bits, the highest byte first.
inline std::uint32_t idx_field(InputFile& file, const char* name) {
  std::uint8_t bytes[4];
  if (file.read(bytes, sizeof bytes) < sizeof bytes) {
    file.fail("truncated: the file ends inside the ", name);
  }
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 |
         std::uint32_t{bytes[3]};
}

inline void check_idx_magic(InputFile& file, std::uint32_t expected, const char* kind) {
  const std::uint32_t magic = idx_field(file, "magic number");
  if (magic >> 16 == 0x1f8b) {
    file.fail("is compressed by gzip, expected it unpacked (gunzip)");
  }
  if (magic != expected) {
    file.fail("magic number is ", magic, ", expected ", expected, " (", kind, ")");
  }
}

inline std::uint32_t idx_size(InputFile& file, const char* name) {
  const std::uint32_t size = idx_field(file, name);
  if (size == 0) {
    file.fail(name, " is 0, expected at least 1");
  }
  return size;
}

/// Throws unless the file ends after `count` items of `item` bytes each. Divides, because the product of the
/// sizes in a header may exceed 64 bits.
inline void check_idx_payload(InputFile& file, std::uint64_t count, std::uint64_t item,
                              const std::string& items) {
  const std::uint64_t available = file.remaining().value();
  if (available / item < count) {
    file.fail("truncated: ", available, " bytes after the header, expected ", items);
  }
  if (available / item > count || available % item != 0) {
    file.fail("trailing bytes: ", available, " bytes after the header, expected ", items);
  }
}

}  // namespace detail

/// Reads a set of images from two files in the IDX format of MNIST, Fashion-MNIST and KMNIST. All numbers are
/// unsigned and have 32 bits, the highest byte first:
///
///     images: 2051, number of images, rows, columns, then a byte for each pixel, image by image, row by row
///     labels: 2049, number of labels, then a byte for each label
///
/// The sizes in the headers are compared with the sizes of the files before memory is allocated. Files
/// compressed by gzip are rejected: unpack them first.
///
/// ```cpp
/// const backquery::LabeledImages images =
///     backquery::read_idx("train-images-idx3-ubyte", "train-labels-idx1-ubyte");
/// ```
///
/// @param classes  number of classes, 1 to 256: labels are 0 to classes - 1
/// @throws std::invalid_argument if classes is out of range
/// @throws std::runtime_error "file: ..., expected ..." for a file that is missing, not regular, of another
///         format, truncated, too long or empty, for different counts, and for a label out of range
inline LabeledImages read_idx(const std::filesystem::path& images_path,
                              const std::filesystem::path& labels_path, Eigen::Index classes = 10) {
  if (classes < 1 || classes > 256) {
    detail::throw_invalid_argument("read_idx: classes is ", classes, ", expected 1 to 256");
  }
  detail::InputFile images_file(images_path);
  detail::check_idx_magic(images_file, 2051, "images");
  const std::uint32_t count = detail::idx_size(images_file, "number of images");
  const std::uint32_t rows = detail::idx_size(images_file, "number of rows");
  const std::uint32_t cols = detail::idx_size(images_file, "number of columns");
  detail::check_idx_payload(images_file, count, std::uint64_t{rows} * cols,
                            detail::message(count, " images of ", rows, " x ", cols));

  detail::InputFile labels_file(labels_path);
  detail::check_idx_magic(labels_file, 2049, "labels");
  const std::uint32_t labels = detail::idx_size(labels_file, "number of labels");
  detail::check_idx_payload(labels_file, labels, 1, detail::message(labels, " labels"));
  if (labels != count) {
    labels_file.fail("number of labels is ", labels, ", expected ", count, ", the number of images in ",
                     images_file.path());
  }

  LabeledImages images;
  images.rows = static_cast<Eigen::Index>(rows);
  images.cols = static_cast<Eigen::Index>(cols);
  images.classes = classes;
  images.labels.resize(static_cast<Eigen::Index>(count));
  labels_file.read_all(images.labels.data(), count);
  for (Eigen::Index sample = 0; sample < images.labels.size(); ++sample) {
    if (images.labels(sample) >= classes) {
      labels_file.fail(detail::wrong_label(sample, images.labels(sample), classes));
    }
  }
  images.pixels.resize(images.rows * images.cols, images.labels.size());
  images_file.read_all(images.pixels.data(), static_cast<std::size_t>(images.pixels.size()));
  return images;
}

}  // namespace backquery
