/// @file
/// Sources of images: a CSV file, an IDX file with its label file beside it, or the bundled sample of MNIST.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>

#ifdef BACKQUERY_EXAMPLE_GZIP  // defined by the build, if there is zlib
#include <backquery/images/gzip.hpp>
#endif

#include "file_path.hpp"

namespace mnist {

using Network = backquery::NeuralNetwork<float>;
using Matrix = Network::Matrix;
using Index = Eigen::Index;

/// The folder of the bundled sample: an absolute path, defined by the build.
inline const std::string sample_folder = BACKQUERY_EXAMPLE_DATA;
inline const std::string training_sample = sample_folder + "/mnist_train_1000.csv";
inline const std::string test_sample = sample_folder + "/mnist_test_500.csv";

#ifdef BACKQUERY_EXAMPLE_GZIP
using ImageFile = backquery::GzipFile;
#else
using ImageFile = backquery::detail::InputFile;
#endif

/// Whether a file must have labels.
enum class Labels { required, optional };

/// The end of a message about an IDX image file whose labels are not found.
inline const std::string without_labels =
    "; for images without labels, mnist_train has --predict with --test";

/// Opens a file.
/// @throws std::runtime_error if it is compressed and this program has no zlib
inline ImageFile open_images(const std::string& path) {
  ImageFile file(file_path(path));
  if (file.peek(2).compare(0, 2, "\x1f\x8b") == 0) {
    throw std::runtime_error(path +
                             ": is compressed by gzip, and this program was built without zlib; unpack it by "
                             "gzip -d, or build again with zlib (Debian: apt-get install zlib1g-dev)");
  }
  return file;
}

/// The name of a file in its folder.
inline std::string file_name(const std::string& path) {
  return backquery::detail::path_text(file_path(path).filename());
}

/// The label file that belongs to an IDX image file: train-images-idx3-ubyte -> train-labels-idx1-ubyte.
/// Either file may be compressed.
/// @throws std::runtime_error if the file name does not contain "images"
inline std::string label_path(const std::string& images_path) {
  std::string file = file_name(images_path);
  const auto images = file.rfind("images");
  if (images == std::string::npos) {
    throw std::runtime_error(images_path +
                             ": the name of its label file is unknown; expected a name such as "
                             "train-images-idx3-ubyte, whose labels are in train-labels-idx1-ubyte" +
                             without_labels);
  }
  file.replace(images, 6, "labels");
  const auto dimensions = file.find("idx3");
  if (dimensions != std::string::npos) {
    file.replace(dimensions, 4, "idx1");
  }
  const std::filesystem::path labels = file_path(images_path).parent_path() / file_path(file);
  auto other = labels;
  if (labels.extension() == ".gz") {
    other.replace_extension();
  } else {
    other += ".gz";
  }
  const bool other_exists = !std::filesystem::exists(labels) && std::filesystem::exists(other);
  return backquery::detail::path_text(other_exists ? other : labels);
}

/// Reads an IDX image file, which may be a pipe, and the label file beside it.
inline backquery::LabeledImages read_idx_pair(ImageFile&& images, Index classes,
                                              const backquery::ReadOptions& options = {}) {
  const std::string labels = label_path(images.path());
  if (!std::filesystem::exists(file_path(labels))) {
    throw std::runtime_error(labels + ": not found; expected the labels of " + images.path() +
                             without_labels);
  }
  return backquery::read_idx(std::move(images), open_images(labels), classes, options);
}

/// Whether the images of a CSV have no labels: the first line without the index is a square image.
inline bool is_unlabeled(ImageFile& csv) {
  const auto columns =
      backquery::detail::CsvHeader(csv, {}, backquery::detail::CsvLabels::optional).columns();
  const std::string text = csv.peek(std::size_t{1} << 20).substr(columns.start);
  const std::string line = text.substr(0, text.find('\n'));
  const auto first = line.find_first_of(",;\t");
  if (first == std::string::npos) {
    return false;
  }
  const auto separators = std::count(line.begin(), line.end(), line[first]);
  const auto values = separators + 1 - static_cast<std::ptrdiff_t>(columns.index);
  const auto side = std::lround(std::sqrt(static_cast<double>(values)));
  return side * side == values;
}

/// Reads a CSV or an IDX image file, compressed by gzip or not. The first bytes of the file determine the
/// format. If labels are optional and missing, the result has none.
inline backquery::LabeledImages read_digits(const std::string& path, Index classes = 10,
                                            const backquery::ReadOptions& options = {},
                                            Labels labels = Labels::required) {
  if (!std::filesystem::exists(file_path(path))) {
    const bool bundled = path == training_sample || path == test_sample;
    throw std::runtime_error(
        path + ": not found" +
        (bundled ? "; the bundled sample is in the source folder, which has moved: name files by "
                   "--train and --test, or build again"
                 : ""));
  }
  ImageFile file = open_images(path);
  const std::string start(file.peek(4));
  if (start.compare(0, 4, std::string("\0\0\x08\x01", 4)) == 0) {
    throw std::runtime_error(path +
                             ": is a label file; expected the image file, its labels are found beside it");
  }
  const bool idx = start.compare(0, 2, std::string(2, '\0')) == 0;  // text never begins with zero bytes
  if (labels == Labels::optional) {
    const bool unlabeled = idx ? file_name(path).find("images") == std::string::npos ||
                                     !std::filesystem::exists(file_path(label_path(path)))
                               : is_unlabeled(file);
    if (unlabeled) {
      backquery::ReadOptions without_label = options;
      without_label.label_column.clear();
      return backquery::read_images(std::move(file), classes, 0, 0, without_label);
    }
  }
  return idx ? read_idx_pair(std::move(file), classes, options)
             : backquery::read_csv(std::move(file), classes, 0, 0, options);
}

/// Reads a set of the original MNIST files, "train" or "t10k".
/// @throws std::runtime_error that says how to download them, if they are missing
inline backquery::LabeledImages read_mnist(const std::string& folder, const std::string& set) {
  const std::string images = folder + "/" + set + "-images-idx3-ubyte";
  if (!std::filesystem::exists(file_path(images))) {
    throw std::runtime_error(
        images +
        ": not found; download MNIST by `cmake -P cmake/fetch_mnist.cmake`, name its folder by "
        "--mnist, or use the bundled sample by --quick");
  }
  return read_idx_pair(open_images(images), 10);
}

}  // namespace mnist
