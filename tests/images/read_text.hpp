/// @file
/// Reads texts as CSV files.
#pragma once

#include "catch.hpp"
#include "temporary_folder.hpp"

#include <backquery/images/read_csv.hpp>

#include <stdexcept>
#include <string>
#include <vector>

inline backquery::LabeledImages read_text(const std::string& text, Eigen::Index classes = 10,
                                          Eigen::Index rows = 0, Eigen::Index cols = 0,
                                          const backquery::ReadOptions& options = {}) {
  TemporaryFolder folder;
  return backquery::read_csv(folder.write("digits.csv", text), classes, rows, cols, options);
}

/// The error message for the text, without the path and the colon behind it.
inline std::string error_of(const std::string& text, Eigen::Index classes = 10, Eigen::Index rows = 0,
                            Eigen::Index cols = 0, const backquery::ReadOptions& options = {}) {
  TemporaryFolder folder;
  const std::string path = folder.write("digits.csv", text);
  try {
    backquery::read_csv(path, classes, rows, cols, options);
  } catch (const std::runtime_error& error) {
    const std::string what = error.what();
    REQUIRE(what.rfind(path, 0) == 0);
    return what.substr(path.size() + 1);
  }
  return "nothing";
}

inline std::vector<int> column(const backquery::LabeledImages& images, Eigen::Index sample) {
  const Eigen::VectorXi pixels = images.pixels.col(sample).cast<int>();
  return {pixels.data(), pixels.data() + pixels.size()};
}

inline std::vector<int> labels(const backquery::LabeledImages& images) {
  return {images.labels.data(), images.labels.data() + images.labels.size()};
}

/// Checks that the text has label 7 with the pixels 0, 10, 200, 255, and label 3 with 1, 2, 3, 4.
inline void check_seven_and_three(const std::string& text, const backquery::ReadOptions& options = {}) {
  CAPTURE(text);
  const backquery::LabeledImages images = read_text(text, 10, 0, 0, options);
  CHECK(labels(images) == std::vector<int>{7, 3});
  REQUIRE(images.pixels.rows() == 4);
  CHECK(column(images, 0) == std::vector<int>{0, 10, 200, 255});
  CHECK(column(images, 1) == std::vector<int>{1, 2, 3, 4});
}
