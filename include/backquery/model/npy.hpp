/// @file
/// Matrices in the file format of NumPy.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/detail/replace_file.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/model/detail/npy_header.hpp>
#include <backquery/model/detail/npy_values.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <string>
#include <type_traits>
#include <vector>

namespace backquery {

namespace detail::npy {

/// The file up to the first value: version 1.0, C order, padded to whole 64-byte lines as numpy.save does.
/// @param shape  "(3, 4)" or "(3,)"
template <typename Value>
std::string opening(const std::string& shape) {
  const char kind = std::is_same_v<Value, bool>       ? 'b'
                    : std::is_floating_point_v<Value> ? 'f'
                    : std::is_signed_v<Value>         ? 'i'
                                                      : 'u';
  std::string text(magic);
  text.append({1, 0, 0, 0}).append("{'descr': '").append(1, sizeof(Value) == 1 ? '|' : '<').append(1, kind);
  text.append(message(sizeof(Value), "', 'fortran_order': False, 'shape': ", shape, ", }"));
  text.append(line_bytes - 1 - text.size() % line_bytes, ' ').append(1, '\n');
  const std::size_t length = text.size() - 10;  // fits into one byte
  text[8] = static_cast<char>(length);
  return text;
}

}  // namespace detail::npy

/// Reads the array of an .npy file, which numpy.save writes: format versions 1.0 to 3.0, C or Fortran order,
/// both byte orders, and values of the types float16, float32, float64, bool, and signed and unsigned
/// integers of 8 to 64 bits. Each value is rounded to Scalar. NaN and infinity are read as they are.
///
/// ```cpp
/// #include <backquery/model/npy.hpp>
/// const auto wih = backquery::read_npy<float>("wih.npy");  // numpy.save("wih.npy", wih)
/// const auto who = backquery::read_npy<float>("who.npy");
/// const backquery::NeuralNetwork<float> network({wih, who}, 0.1f);
/// ```
///
/// Damaged and forged files are safe to read: the size of the array is compared with the size of the file
/// before memory is allocated. The file must be a regular file.
///
/// @tparam Scalar  float, double or long double
/// @param path     of the file
/// @return a matrix with the rows and columns of the array; an array of one dimension is a column, an array
///         without dimensions a matrix of one value
/// @throws std::runtime_error "path: reason" for a file that is missing, truncated, too long or of another
///         format, such as .npz; for more than two dimensions; for complex numbers, text, dates, objects and
///         structured arrays; and for a float64 beyond the range of Scalar
template <typename Scalar = double>
[[nodiscard]] detail::MatrixX<Scalar> read_npy(const std::filesystem::path& path) {
  static_assert(std::is_floating_point_v<Scalar>,
                "backquery: read_npy<Scalar> reads float, double or long double; convert with .cast<int>()");
  detail::InputFile file(path);
  const detail::npy::Header header = detail::npy::read_header(file);
  return detail::npy::Values<Scalar>(file, header).read();
}

/// Writes a matrix as an .npy file, which numpy.load reads: format version 1.0, C order, little-endian. A
/// type that is a column at compile time, such as Eigen::VectorXf, becomes an array of one dimension. Every
/// value is exact. The file is replaced as by `save`.
///
/// ```cpp
/// #include <backquery/model/npy.hpp>
/// backquery::write_npy("outputs.npy", net.query(X));
/// ```
///
/// @param path    of the file, in an existing folder
/// @param matrix  of float, double, bool or integers of at most 64 bits
/// @throws std::runtime_error "path: cannot be saved: reason"; the old file is unchanged
template <typename M>
void write_npy(const std::filesystem::path& path, const Eigen::MatrixBase<M>& matrix) {
  using Value = typename M::Scalar;
  static_assert(std::is_arithmetic_v<Value> && !std::is_same_v<Value, long double>,
                "backquery: write_npy writes float, double, bool and integers; convert with .cast<double>()");
  const typename M::PlainObject& values = matrix.derived();  // a copy of an expression
  constexpr bool is_column = M::ColsAtCompileTime == 1;
  const std::string opening =
      detail::npy::opening<Value>(is_column ? detail::message("(", values.rows(), ",)")
                                            : detail::message("(", values.rows(), ", ", values.cols(), ")"));
  detail::ReplacementFile file(path);
  file.write(opening.data(), opening.size());
  std::vector<unsigned char> row(static_cast<std::size_t>(values.cols()) * sizeof(Value));
  for (Index i = 0; i < values.rows(); ++i) {
    unsigned char* to = row.data();
    for (Index j = 0; j < values.cols(); ++j, to += sizeof(Value)) {
      const Value value = values(i, j);
      std::memcpy(to, &value, sizeof(Value));
      if constexpr (detail::is_big_endian) {
        std::reverse(to, to + sizeof(Value));
      }
    }
    file.write(row.data(), row.size());
  }
  file.commit();
}

}  // namespace backquery
