/// @file
/// The data of the contests: the digits of MNIST, all or the bundled sample, and dense random inputs.
#pragma once

#include <backquery/images/labeled_images.hpp>
#include <backquery/images/read_csv.hpp>
#include <backquery/images/read_idx.hpp>
#include <backquery/images/scaling.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace bench {

using Eigen::Index;

struct Digits {
  backquery::LabeledImages training, test;
  bool all = false;  ///< true for MNIST, false for the bundled sample
};

inline std::string images_file(const std::filesystem::path& mnist, const std::string& set) {
  return (mnist / (set + "-images-idx3-ubyte")).string();
}
inline std::string labels_file(const std::filesystem::path& mnist, const std::string& set) {
  return (mnist / (set + "-labels-idx1-ubyte")).string();
}

inline backquery::LabeledImages read_set(const std::filesystem::path& mnist, const std::string& set) {
  return backquery::read_idx(images_file(mnist, set), labels_file(mnist, set));
}

inline Digits bundled_digits(const std::filesystem::path& folder) {
  return {backquery::read_csv((folder / "mnist_train_1000.csv").string()),
          backquery::read_csv((folder / "mnist_test_500.csv").string()), false};
}

/// MNIST if its files exist, else the bundled sample.
inline Digits load_digits(const std::filesystem::path& mnist, const std::filesystem::path& bundled) {
  if (!std::filesystem::exists(images_file(mnist, "train"))) return bundled_digits(bundled);
  return {read_set(mnist, "train"), read_set(mnist, "t10k"), true};
}

/// The CSV file of a set, beside its IDX files; written by the first call.
inline std::string csv_file(const std::filesystem::path& mnist, const std::string& set) {
  const std::filesystem::path path = mnist / ("benchmark_" + set + ".csv");
  if (std::filesystem::exists(path)) return path.string();
  const backquery::LabeledImages images = read_set(mnist, set);
  std::string lines;
  for (Index image = 0; image < images.labels.size(); ++image) {
    lines += std::to_string(images.labels(image));
    for (const int pixel : images.pixels.col(image)) lines.append(",").append(std::to_string(pixel));
    lines += '\n';
  }
  const std::filesystem::path part = path.string() + ".part";
  if (!(std::ofstream(part, std::ios::binary) << lines).flush()) {
    throw std::runtime_error("cannot write " + part.string());
  }
  std::filesystem::rename(part, path);
  return path.string();
}

/// One column is one sample.
template <typename Scalar>
struct Samples {
  std::string name;
  Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic> x, t;
};

template <typename Scalar>
Samples<Scalar> digit_samples(const backquery::LabeledImages& images, Index first, Index count) {
  const auto block = images.block(first, std::min(count, images.labels.size() - first));
  return {"MNIST", backquery::inputs<Scalar>(block), backquery::targets<Scalar>(block)};
}

/// Random inputs in the range of MNIST, without a common background.
template <typename Scalar>
Samples<Scalar> dense_samples(Index inputs, Index outputs, Index count) {
  Samples<Scalar> samples{"dense", {}, {}};
  samples.x.setRandom(inputs, count);
  samples.x.array() = Scalar(0.505) + Scalar(0.495) * samples.x.array();
  samples.t.setConstant(outputs, count, Scalar(0.01));
  for (Index sample = 0; sample < count; ++sample) samples.t(sample % outputs, sample) = Scalar(0.99);
  return samples;
}

}  // namespace bench
