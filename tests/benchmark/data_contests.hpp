/// @file
/// Reading MNIST and turning its images.
#pragma once

#include "contest.hpp"
#include "digits.hpp"

#include <backquery/augmentation/rotate.hpp>
#if __has_include(<backquery/augmentation/rotation.hpp>)
#include <backquery/augmentation/rotation.hpp>
#define BENCHMARK_WITH_ROTATION
#endif

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// Reads a file whole into memory that was never touched: what no reader can beat.
inline void read_whole(const std::string& path) {
  const std::size_t size = std::filesystem::file_size(path);
  const std::unique_ptr<char[]> buffer(new char[size]);  // not make_unique, which would write zeros first
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file || std::fread(buffer.get(), 1, size, file.get()) != size) {
    throw std::runtime_error("cannot read " + path);
  }
  keep(buffer[size / 2]);
}

inline void run_reading_contests(const Session& session, const std::filesystem::path& mnist) {
  constexpr double images = 60000;
  if (session.wants("read_csv")) {
    const std::string csv = csv_file(mnist, "train");
    session.run({"read_csv",
                 "images",
                 images,
                 {{"backquery", [&] { keep(backquery::read_csv(csv).labels(0)); }},
                  {"reading alone", [&] { read_whole(csv); }}}});
  }
  session.run({"read_idx",
               "images",
               images,
               {{"backquery", [&] { keep(read_set(mnist, "train").labels(0)); }},
                {"reading alone", [&] {
                   read_whole(images_file(mnist, "train"));
                   read_whole(labels_file(mnist, "train"));
                 }}}});
}

using RowMajorImage = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Each column, an image row by row, turned into the same column of `turned`.
inline void rotate_each(const Eigen::MatrixXf& images, Index rows, double degrees, Eigen::MatrixXf& turned) {
  const Index cols = images.rows() / rows;
  for (Index i = 0; i < images.cols(); ++i) {
    const Eigen::Map<const RowMajorImage> image(images.col(i).data(), rows, cols);
    Eigen::Map<RowMajorImage>(turned.col(i).data(), rows, cols) = backquery::rotate(image, degrees, 0.01f);
  }
}

inline void run_rotation_contest(const Session& session, const Digits& digits, Index count) {
  const auto samples = digit_samples<float>(digits.training, 0, count);
  const Index rows = digits.training.rows;
  Eigen::MatrixXf turned(samples.x.rows(), samples.x.cols());
  Contest contest{"rotate by 10 degrees", "images", static_cast<double>(samples.x.cols()), {}};
#ifdef BENCHMARK_WITH_ROTATION
  const backquery::Rotation<float> rotation(rows, digits.training.cols, 10, 0.01f);
  contest.contestants.push_back({"backquery, prepared", [&] { rotation(samples.x, turned); }});
#endif
  contest.contestants.push_back({"backquery, one by one", [&] { rotate_each(samples.x, rows, 10, turned); }});
  session.run(contest);
  keep(turned.sum());
}

}  // namespace bench
