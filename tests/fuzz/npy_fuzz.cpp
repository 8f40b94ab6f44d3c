// Reads the bytes of the fuzzer as an .npy file. The result must be a std::runtime_error that names the file,
// or a matrix no larger than the file. Writing and reading it again must give the same bits, and reading it
// as float the rounded values. Build and run for a minute:
//
//   clang++ -std=c++17 -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -isystem /usr/include/eigen3
//       tests/fuzz/npy_fuzz.cpp -o npy_fuzz
//   mkdir found && ./npy_fuzz -max_total_time=60 found tests/data/npy

#include "memory_file.hpp"

#include <backquery/model/npy.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>

namespace {

using backquery::detail::MatrixX;

void require(bool condition) {
  if (!condition) std::abort();
}

template <typename Scalar>
std::optional<MatrixX<Scalar>> read(const std::string& path) {
  try {
    return backquery::read_npy<Scalar>(path);
  } catch (const std::runtime_error& error) {
    require(std::string(error.what()).rfind(path + ": ", 0) == 0);
    return std::nullopt;
  }
}

/// Whether all bits are equal, also of NaN.
template <typename Scalar>
bool same(const MatrixX<Scalar>& a, const MatrixX<Scalar>& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         (a.size() == 0 ||
          std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(Scalar)) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFile file(data, size);
  const auto matrix = read<double>(file.path());
  const auto rounded = read<float>(file.path());
  if (!matrix) {
    require(!rounded);
    return 0;
  }
  require(static_cast<std::size_t>(matrix->size()) < size);
  for (Eigen::Index i = 0; rounded && i < matrix->size(); ++i) {
    const double value = matrix->data()[i], error = std::abs(rounded->data()[i] - value);
    require(!std::isfinite(value) || error <= 0x1p-24 * std::abs(value) + 0x1p-149);
  }

  using backquery::detail::message;
  std::string bytes =
      backquery::detail::npy::opening<double>(message("(", matrix->cols(), ", ", matrix->rows(), ")"));
  const char* values = reinterpret_cast<const char*>(matrix->data());
  bytes.append(values, static_cast<std::size_t>(matrix->size()) * sizeof(double));
  const MemoryFile copy(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  const auto transposed = read<double>(copy.path());
  require(transposed && same<double>(transposed->transpose(), *matrix));
  return 0;
}
