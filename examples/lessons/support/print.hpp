/// @file
/// Printed text of a lesson: lines with numbers, vectors and matrices.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>

namespace lesson {

/// A number with this number of decimals, padded on the left to the width.
inline std::string text(double value, int decimals = 4, int width = 0) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(decimals) << std::setw(width) << value;
  return out.str();
}

/// A vector as "(0.76, 0.60)", a matrix as "(0.9, 0.3; 0.2, 0.8)": rows between semicolons.
template <typename Derived>
std::string text(const Eigen::MatrixBase<Derived>& values, int decimals = 4) {
  const bool is_vector = values.cols() == 1 || values.rows() == 1;
  std::string whole = "(";
  for (Eigen::Index row = 0; row < values.rows(); ++row) {
    for (Eigen::Index col = 0; col < values.cols(); ++col) {
      if (row + col > 0) whole += col == 0 && !is_vector ? "; " : ", ";
      whole += text(static_cast<double>(values(row, col)), decimals);
    }
  }
  return whole + ")";
}

/// Text padded on the right to the width of a column.
inline std::string column(const std::string& words, std::size_t width) {
  return words.size() < width ? words + std::string(width - words.size(), ' ') : words;
}

/// One line.
template <typename... Parts>
void say(const Parts&... parts) {
  ((std::cout << parts), ...);
  std::cout << '\n';
}

/// The title of a section, underlined.
inline void title(const std::string& words) {
  say('\n', words, '\n', std::string(words.size(), '-'));
}

}  // namespace lesson
