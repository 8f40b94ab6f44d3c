/// @file
/// The values of NumPy's .npy files.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/half_float.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/model/detail/npy_header.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace backquery::detail::npy {

/// IEEE 754 binary16.
struct Half {
  std::uint16_t bits;

  operator float() const { return half_to_float(bits); }
};

/// One byte, 0 for false.
struct BoolByte {
  std::uint8_t byte;

  operator float() const { return byte != 0 ? 1.0f : 0.0f; }
};

/// The matrix of a file whose header has been read.
template <typename Scalar>
class Values {
 public:
  Values(InputFile& file, const Header& header)
      : file_(file), descr_(*header.descr), fortran_order_(*header.fortran_order) {
    const auto& shape = *header.shape;
    if (shape.size() > 2) {
      file_.fail("has ", shape.size(), " dimensions, expected at most 2; save array.reshape(len(array), -1)");
    }
    rows_ = shape.empty() ? 1 : static_cast<Index>(shape[0]);
    cols_ = shape.size() < 2 ? 1 : static_cast<Index>(shape[1]);
  }

  MatrixX<Scalar> read() {
    static constexpr struct {
      std::string_view kind_and_bytes;
      void (Values::*read)();
    } types[] = {
        {"f2", &Values::read_as<Half>},          {"f4", &Values::read_as<float>},
        {"f8", &Values::read_as<double>},        {"i1", &Values::read_as<std::int8_t>},
        {"i2", &Values::read_as<std::int16_t>},  {"i4", &Values::read_as<std::int32_t>},
        {"i8", &Values::read_as<std::int64_t>},  {"u1", &Values::read_as<std::uint8_t>},
        {"u2", &Values::read_as<std::uint16_t>}, {"u4", &Values::read_as<std::uint32_t>},
        {"u8", &Values::read_as<std::uint64_t>}, {"b1", &Values::read_as<BoolByte>},
    };
    const bool has_order = descr_.find_first_of("<>=|") == 0;
    const auto name = std::string_view(descr_).substr(has_order ? 1 : 0);
    for (const auto& type : types) {
      if (type.kind_and_bytes == name) {
        (this->*type.read)();
        return std::move(matrix_);
      }
    }
    fail_for_type(name.empty() ? ' ' : name[0]);
  }

 private:
  [[noreturn]] void fail_for_type(char kind) const {
    static constexpr struct {
      char kind;
      const char* content_and_remedy;
    } others[] = {
        {'f', "long double values; save array.astype(\"float64\")"},
        {'c', "complex numbers; save array.real and array.imag in two files"},
        {'O', "Python objects; save array.astype(\"float64\"), or each array of a list in a file of its own"},
        {'U', "text; save array.astype(\"float64\")"},
        {'S', "text; save array.astype(\"float64\")"},
        {'M', "dates; save array.astype(\"int64\")"},
        {'m', "durations; save array.astype(\"int64\")"},
        {'V', "raw bytes; save array.astype(\"float32\")"},
    };
    for (const auto& other : others) {
      if (other.kind == kind) {
        file_.fail("holds values of type '", descr_, "', expected real numbers: these are ",
                   other.content_and_remedy);
      }
    }
    file_.fail("holds values of the unknown type '", descr_, "', expected real numbers");
  }

  /// Throws unless the values are exactly the rest of the file.
  void check_length(std::size_t bytes) const {
    const auto left = file_.remaining();
    if (!left) {
      file_.fail("has no size, expected a regular file");
    }
    const auto rows = static_cast<std::uint64_t>(rows_), cols = static_cast<std::uint64_t>(cols_);
    const std::uint64_t held = *left / bytes;
    const bool longer = rows == 0 || cols == 0 || cols <= held / rows;
    if (!longer || rows * cols * bytes != *left) {
      file_.fail(longer ? "goes on after its end: it has " : "is cut short: it has ", *left,
                 " bytes of values, expected ", rows, " x ", cols, " values of ", bytes, " bytes");
    }
  }

  template <typename Stored>
  void read_as() {
    check_length(sizeof(Stored));
    matrix_.resize(rows_, cols_);
    // A view whose column-major order is the order of the file.
    Strided<Scalar> view = fortran_order_ ? Strided<Scalar>(matrix_.data(), rows_, cols_, {rows_, 1})
                                          : Strided<Scalar>(matrix_.data(), cols_, rows_, {1, rows_});
    std::vector<unsigned char> bytes(std::size_t{1} << 16);
    Index row = 0, column = 0;
    for (Index left = view.size(); left > 0;) {
      const Index count = (std::min)(left, static_cast<Index>(bytes.size() / sizeof(Stored)));
      file_.read_all(bytes.data(), static_cast<std::size_t>(count) * sizeof(Stored));
      for (Index i = 0; i < count; ++i) {
        view(row, column) = to_scalar<Stored>(&bytes[static_cast<std::size_t>(i) * sizeof(Stored)]);
        if (++row == view.rows()) {
          row = 0;
          ++column;
        }
      }
      left -= count;
    }
  }

  template <typename Stored>
  Scalar to_scalar(unsigned char* bytes) const {
    if (descr_[0] == (is_big_endian ? '<' : '>')) {
      std::reverse(bytes, bytes + sizeof(Stored));
    }
    Stored stored;
    std::memcpy(&stored, bytes, sizeof stored);
    const auto value = static_cast<Scalar>(stored);
    if constexpr (std::is_same_v<Stored, double> && sizeof(Scalar) < sizeof(double)) {
      if (is_finite(stored) && !is_finite(value)) {
        file_.fail("holds ", stored, ", which is beyond the range of float; read it as double");
      }
    }
    return value;
  }

  InputFile& file_;
  std::string descr_;
  bool fortran_order_;
  Index rows_, cols_;
  MatrixX<Scalar> matrix_;
};

}  // namespace backquery::detail::npy
