/// @file
/// Sources of images: a CSV file, an IDX file with its label file beside it, or the bundled sample of MNIST.
#pragma once

#include <backquery/backquery.hpp>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace mnist {

using Network = backquery::NeuralNetwork<float>;
using Matrix = Network::Matrix;
using Index = Eigen::Index;

/// The folder of the bundled sample: an absolute path, defined by the build.
inline const std::string sample_folder = BACKQUERY_EXAMPLE_DATA;
inline const std::string training_sample = sample_folder + "/mnist_train_1000.csv";
inline const std::string test_sample = sample_folder + "/mnist_test_500.csv";

/// The label file that belongs to an IDX image file: train-images-idx3-ubyte -> train-labels-idx1-ubyte.
/// @throws std::runtime_error if the file name does not contain "images"
inline std::string label_path(const std::string& images_path) {
  const std::filesystem::path path(images_path);
  std::string file = path.filename().string();
  const auto images = file.rfind("images");
  if (images == std::string::npos) {
    throw std::runtime_error(images_path +
                             ": the name of its label file is unknown; expected a name such as "
                             "train-images-idx3-ubyte, whose labels are in train-labels-idx1-ubyte");
  }
  file.replace(images, 6, "labels");
  const auto dimensions = file.find("idx3");
  if (dimensions != std::string::npos) {
    file.replace(dimensions, 4, "idx1");
  }
  return (path.parent_path() / file).string();
}

/// Reads an IDX image file and the label file beside it.
inline backquery::LabeledImages read_idx_pair(const std::string& images_path, Index classes) {
  const std::string labels = label_path(images_path);
  if (!std::filesystem::exists(labels)) {
    throw std::runtime_error(labels + ": not found; expected the labels of " + images_path);
  }
  return backquery::read_idx(images_path, labels, classes);
}

/// Reads a CSV or an IDX image file. The first bytes of the file determine the format.
inline backquery::LabeledImages read_digits(const std::string& path, Index classes = 10) {
  if (!std::filesystem::exists(path)) {
    const bool bundled = path == training_sample || path == test_sample;
    throw std::runtime_error(
        path + ": not found" +
        (bundled ? "; the bundled sample is in the source folder, which has moved: name files by "
                   "--train and --test, or build again"
                 : ""));
  }
  unsigned char start[4] = {255, 255, 255, 255};
  if (std::filesystem::is_regular_file(path)) {  // a pipe can be read only once: it is read as CSV
    std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(start), sizeof start);
  }
  if (start[0] == 0x1f && start[1] == 0x8b) {
    throw std::runtime_error(path + ": is compressed; unpack it first, for example by gzip -d");
  }
  if (start[0] == 0 && start[1] == 0 && start[3] == 1) {
    throw std::runtime_error(path +
                             ": is a label file; expected the image file, its labels are found beside it");
  }
  const bool idx = start[0] == 0 && start[1] == 0;  // no text begins with zeros
  return idx ? read_idx_pair(path, classes) : backquery::read_csv(path, classes);
}

/// Reads a set of the original MNIST files, "train" or "t10k".
/// @throws std::runtime_error that says how to download them, if they are missing
inline backquery::LabeledImages read_mnist(const std::string& folder, const std::string& set) {
  const std::string images = folder + "/" + set + "-images-idx3-ubyte";
  if (!std::filesystem::exists(images)) {
    throw std::runtime_error(
        images +
        ": not found; download MNIST by `cmake -P cmake/fetch_mnist.cmake`, name its folder by "
        "--mnist, or use the bundled sample by --quick");
  }
  return read_idx_pair(images, 10);
}

}  // namespace mnist
