/// @file
/// Reads the golden matrices of tests/data: one matrix a file, "rows cols" first, then the rows.
#pragma once

#include <Eigen/Core>
#include <fstream>
#include <stdexcept>
#include <string>

/// The matrix in the named file; throws std::runtime_error if the file is missing, short, or goes on after
/// the last value.
inline Eigen::MatrixXd read_matrix(const std::string& path) {
  std::ifstream file(path);
  Eigen::Index rows = 0, cols = 0;
  if (!(file >> rows >> cols) || rows < 0 || cols < 0) throw std::runtime_error(path + ": no matrix");
  Eigen::MatrixXd matrix(rows, cols);
  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index j = 0; j < cols; ++j) {
      if (!(file >> matrix(i, j))) throw std::runtime_error(path + ": too few values");
    }
  }
  if (!(file >> std::ws).eof()) throw std::runtime_error(path + ": more values than its first line says");
  return matrix;
}

/// The matrix `name` of tests/data/golden, made by make_golden.py there.
inline Eigen::MatrixXd read_golden(const std::string& name) {
  return read_matrix(std::string(BACKQUERY_TEST_DATA) + "/golden/" + name + ".txt");
}
