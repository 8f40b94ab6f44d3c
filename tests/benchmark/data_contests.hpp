/// @file
/// Reading MNIST and tables, and rotating and deforming images.
#pragma once

#include "contest.hpp"
#include "digits.hpp"

#include <backquery/augmentation/deformation.hpp>
#include <backquery/augmentation/rotate.hpp>
#include <backquery/augmentation/rotation.hpp>
#include <backquery/detail/random.hpp>
#include <backquery/tables/read_table.hpp>

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

namespace bench {

/// Reads a whole file into fresh memory: a lower bound for every reader.
inline void read_whole(const std::string& path) {
  const std::size_t size = std::filesystem::file_size(path);
  const std::unique_ptr<char[]> buffer(new char[size]);  // make_unique would write zeros first
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

/// A table of 20 columns of numbers with 6 digits, -1000 to 1000; written by the first call.
inline std::string table_file(const std::filesystem::path& folder, Index lines) {
  const std::filesystem::path path = folder / ("benchmark_table_" + std::to_string(lines) + ".csv");
  if (std::filesystem::exists(path)) return path.string();
  const std::filesystem::path part = path.string() + ".part";
  std::ofstream file(part, std::ios::binary);
  backquery::detail::RandomEngine engine(1);
  std::string line = "x0";
  for (int column = 1; column < 20; ++column) line.append(",x").append(std::to_string(column));
  for (Index i = 0; i <= lines; ++i) {
    file << line << '\n';
    line.clear();
    for (int column = 0; column < 20; ++column) {
      char number[32];
      std::snprintf(number, sizeof number, "%.6g,", 1000 * backquery::detail::uniform_symmetric(engine()));
      line += number;
    }
    line.pop_back();
  }
  if (!file.flush()) throw std::runtime_error("cannot write " + part.string());
  file.close();
  std::filesystem::rename(part, path);
  return path.string();
}

/// @param folder  for the file of the table, which compare.py gives to numpy and pandas
inline void run_table_contest(const Session& session, const std::filesystem::path& folder, Index lines) {
  if (!session.wants("read_table")) return;
  const std::string path = table_file(folder, lines);
  session.run(
      {"read_table, 20 columns",
       "lines",
       static_cast<double>(lines),
       {{"backquery", [&] { keep(static_cast<double>(backquery::read_table<double>(path).samples())); }},
        {"reading alone", [&] { read_whole(path); }}}});
}

using RowMajorImage = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline void run_rotation_contest(const Session& session, const Digits& digits, Index count) {
  const auto samples = digit_samples<float>(digits.training, 0, count);
  const Index rows = digits.training.rows, cols = digits.training.cols;
  Eigen::MatrixXf rotated(samples.x.rows(), samples.x.cols());
  const auto each = [&](auto rotate) {
    return [&, rotate] {
      for (Index i = 0; i < samples.x.cols(); ++i) {
        rotate(samples.x.col(i), rotated.col(i));
      }
    };
  };
  const backquery::Rotation<float> rotation(rows, cols, 10);
  session.run({"rotate by 10 degrees",
               "images",
               static_cast<double>(samples.x.cols()),
               {{"backquery, prepared", each([&](const auto& x, auto result) { rotation.apply(x, result); })},
                {"backquery, prepared, a set at once", [&] { rotation.apply(samples.x, rotated); }},
                {"backquery, rotate", each([=](const auto& x, auto result) {
                   Eigen::Map<RowMajorImage>(result.data(), rows, cols) =
                       backquery::rotate(Eigen::Map<const RowMajorImage>(x.data(), rows, cols), 10);
                 })}}});
  keep(rotated.sum());
}

/// A typical augmentation for training; contestants.py uses the same ranges.
inline void run_deformation_contest(const Session& session, const Digits& digits, Index count) {
  const auto samples = digit_samples<float>(digits.training, 0, count);
  backquery::DeformationRanges ranges;
  ranges.degrees = 15;
  ranges.scale = 0.15;
  ranges.shift = 1;
  ranges.elastic_sigma = 5;
  ranges.elastic_alpha = 36;
  const backquery::Deformation<float> deformation(digits.training.rows, digits.training.cols, ranges);
  const backquery::LabeledImages images = digits.training.block(0, samples.x.cols());
  Eigen::MatrixXf deformed(samples.x.rows(), samples.x.cols());
  session.run({"elastic and affine deformation",
               "images",
               static_cast<double>(samples.x.cols()),
               {{"backquery", [&] { deformation.apply(samples.x, images.labels, deformed, 1, 0); }}}});
  keep(deformed.sum());
}

}  // namespace bench
