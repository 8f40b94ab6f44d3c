/// @file
/// Parts of the readers of IDX files.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/file_kind.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/images/labeled_images.hpp>
#include <backquery/images/read_options.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace backquery::detail {

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
  const std::string start = file.peek(file_kind_bytes);
  const std::uint32_t magic = idx_field(file, "magic number");
  if (magic == expected) {
    return;
  }
  const char* remedy = foreign_format(start);
  if (remedy != nullptr && start[0] != 0) {  // an IDX file begins with 0
    file.fail(remedy);
  }
  if (is_text(start)) {
    file.fail("is a text, expected an IDX file: read a CSV by read_csv");
  }
  file.fail("magic number is ", magic, ", expected ", expected, " (", kind, ")");
}

inline std::uint32_t idx_size(InputFile& file, const char* name) {
  const std::uint32_t size = idx_field(file, name);
  if (size == 0) {
    file.fail(name, " is 0, expected at least 1");
  }
  return size;
}

/// The bytes after an IDX header: `count` items of `item` bytes each, to the end of the file.
class IdxPayload {
 public:
  using Bytes = MatrixX<std::uint8_t>;

  /// Throws if the size of the file is known and wrong. The comparison divides, because the product of the
  /// sizes in a header may exceed 64 bits.
  IdxPayload(InputFile& file, std::uint64_t count, std::uint64_t item, std::string items)
      : file_(file), expected_(" bytes after the header, expected " + std::move(items)) {
    const auto available = file.remaining();
    if (available && *available / item < count) {
      file.fail("truncated: ", *available, expected_);
    }
    if (available && (*available / item > count || *available % item != 0)) {
      file.fail("trailing bytes: ", *available, expected_);
    }
    constexpr auto most = static_cast<std::uint64_t>((std::numeric_limits<Eigen::Index>::max)());
    if (count > most / item) {
      file.fail("more than ", most, expected_, ", which does not fit into memory");
    }
    size_ = static_cast<Eigen::Index>(count * item);
    step_ = available ? size_ : Eigen::Index{1} << 20;
  }

  /// The bytes as one row. If the size of the file is unknown, memory is allocated for the bytes that arrive,
  /// not for the sizes in the header.
  Bytes read() {
    Bytes bytes;
    while (bytes.size() < size_) {
      const Eigen::Index held = bytes.size();
      bytes.conservativeResize(1, held + (std::min)(size_ - held, (std::max)(held, step_)));
      const auto space = static_cast<std::size_t>(bytes.size() - held);
      const std::size_t got = file_.read(bytes.data() + held, space);
      if (got < space) {
        file_.fail("truncated: ", static_cast<std::size_t>(held) + got, expected_);
      }
    }
    if (!file_.peek(1).empty()) {
      file_.fail("trailing bytes: more than ", size_, expected_);
    }
    return bytes;
  }

 private:
  InputFile& file_;
  std::string expected_;
  Eigen::Index size_ = 0;
  Eigen::Index step_ = 0;  // the smallest number of bytes to allocate
};

/// An IDX file of images whose header has been read.
struct IdxImages {
  InputFile& file;
  std::uint32_t count, rows, cols;
  IdxPayload payload;

  explicit IdxImages(InputFile& opened)
      : file((check_idx_magic(opened, 2051, "images"), opened)),
        count(idx_size(file, "number of images")),
        rows(idx_size(file, "number of rows")),
        cols(idx_size(file, "number of columns")),
        payload(file, count, std::uint64_t{rows} * cols, message(count, " images of ", rows, " x ", cols)) {}

  /// Reads everything but the labels and the number of classes.
  void read(const ReadOptions& options, LabeledImages& images) {
    images.pixels = payload.read();
    images.rows = static_cast<Eigen::Index>(rows);  // the payload has checked that their product fits
    images.cols = static_cast<Eigen::Index>(cols);
    images.pixels.resize(images.rows * images.cols, static_cast<Eigen::Index>(count));  // keeps the values
    images.pixel_max = options.pixel_max;
    check_pixels(images);
    if (options.transpose) {
      images.transpose();
    }
  }

 private:
  void check_pixels(const LabeledImages& images) const {
    for (Eigen::Index sample = 0; images.pixel_max < 255 && sample < images.pixels.cols(); ++sample) {
      Eigen::Index pixel;
      const int largest = images.pixels.col(sample).maxCoeff(&pixel);
      if (largest > images.pixel_max) {
        file.fail("image ", sample, " has pixel ", pixel, " = ", largest, ", expected 0 to ",
                  images.pixel_max, " (pixel_max)");
      }
    }
  }
};

/// Subtracts options.first_label from the labels of a file. The message about a label out of range names the
/// arguments with which all labels would be in range.
inline void subtract_first_label(const InputFile& file, Eigen::Index classes, const ReadOptions& options,
                                 IdxPayload::Bytes& labels) {
  const int first = options.first_label;
  for (Eigen::Index sample = 0; sample < labels.size(); ++sample) {
    const int label = labels(sample);
    if (label < first || label - first >= classes) {
      const int smallest = labels.minCoeff(), largest = labels.maxCoeff();
      const int suggested = smallest == 1 ? 1 : 0;
      file.fail("label ", sample, " is ", label, ", expected ", first, " to ", first + classes - 1,
                "; labels from ", smallest, " to ", largest, " need classes ", largest - suggested + 1,
                " and first_label ", suggested, "; images of EMNIST also need transpose");
    }
  }
  labels.array() -= static_cast<std::uint8_t>(first);
}

/// Reads the file of the labels, then the images.
inline LabeledImages read_idx_pair(IdxImages& opened, InputFile& labels_file, Eigen::Index classes,
                                   const ReadOptions& options) {
  check_idx_magic(labels_file, 2049, "labels");
  const std::uint32_t count = idx_size(labels_file, "number of labels");
  IdxPayload payload(labels_file, count, 1, message(count, " labels"));
  if (count != opened.count) {
    labels_file.fail("number of labels is ", count, ", expected ", opened.count, ", the number of images in ",
                     opened.file.path());
  }
  auto labels = payload.read();
  subtract_first_label(labels_file, classes, options, labels);
  LabeledImages images;
  images.classes = classes;
  images.labels = labels.transpose();
  opened.read(options, images);
  return images;
}

}  // namespace backquery::detail
