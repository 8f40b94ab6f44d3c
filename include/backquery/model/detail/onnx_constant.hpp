/// @file
/// The constants of an ONNX model: weights, biases, and arguments of operators.
#pragma once

#include <backquery/detail/byte_order.hpp>
#include <backquery/detail/half_float.hpp>
#include <backquery/model/detail/onnx_external.hpp>
#include <backquery/model/detail/onnx_messages.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace backquery::detail::onnx {

struct Float16 {
  std::uint16_t bits;
};
struct BFloat16 {
  std::uint16_t bits;
};

/// Returns use(value), where the value has the type of the elements of an ONNX tensor.
template <typename Use>
auto visit_type(std::int64_t type, const Use& use) {
  // NOLINTBEGIN(bugprone-branch-clone): the branches have different types
  switch (type) {
    case 1:
      return use(float());
    case 2:
    case 9:
      return use(std::uint8_t());  // 9: bool
    case 3:
      return use(std::int8_t());
    case 4:
      return use(std::uint16_t());
    case 5:
      return use(std::int16_t());
    case 6:
      return use(std::int32_t());
    case 7:
      return use(std::int64_t());
    case 10:
      return use(Float16());
    case 11:
      return use(double());
    case 12:
      return use(std::uint32_t());
    case 13:
      return use(std::uint64_t());
    case 16:
      return use(BFloat16());
    default:
      reject("has a tensor of element type ", type, ", expected a type of numbers (1 to 7, 9 to 13 or 16)");
  }
  // NOLINTEND(bugprone-branch-clone)
}

constexpr std::int64_t type_float = 1, type_int64 = 7, type_double = 11;

/// Whether the elements are floating-point numbers.
constexpr bool is_floating(std::int64_t type) {
  return type == type_float || type == type_double || type == 10 || type == 16;
}

inline std::size_t bytes_of_type(std::int64_t type) {
  return visit_type(type, [](auto value) { return sizeof value; });
}

/// The element in these bytes, as a float, a double or an integer.
template <typename Element>
auto read_element(const unsigned char* bytes) {
  if constexpr (std::is_same_v<Element, Float16>) {
    return half_to_float(read_value<std::uint16_t>(bytes));
  } else if constexpr (std::is_same_v<Element, BFloat16>) {
    return bfloat_to_float(read_value<std::uint16_t>(bytes));
  } else {
    return read_value<Element>(bytes);
  }
}

/// A tensor of known values. Copies are cheap, because they share the elements.
struct Constant {
  std::int64_t type = type_float;
  std::vector<std::int64_t> dims;
  const unsigned char* bytes = nullptr;  // row-major, numbers little-endian; in the file or in `owned`
  OwnedBytes owned;
  std::size_t size = 0;     // number of elements
  bool transposed = false;  // a matrix whose rows are stored as columns; dims are those after the transpose

  /// Reads elements in the order of storage.
  template <typename Scalar>
  void read(std::size_t first, std::size_t count, Scalar* values) const {
    if (count == 0) {
      return;  // memcpy rejects null
    }
    visit_type(type, [&](auto element) {
      using Element = decltype(element);
      const unsigned char* from = bytes + first * sizeof(Element);
      if constexpr (std::is_same_v<Element, Scalar> && !is_big_endian) {
        std::memcpy(values, from, count * sizeof(Element));
      } else {
        for (std::size_t i = 0; i < count; ++i) {
          // An int8 is a number here. NOLINTNEXTLINE(bugprone-signed-char-misuse)
          values[i] = static_cast<Scalar>(read_element<Element>(from + i * sizeof(Element)));
        }
      }
    });
  }
  /// All elements, row by row. For small tensors.
  template <typename Scalar>
  [[nodiscard]] std::vector<Scalar> values() const {
    std::vector<Scalar> stored(size);
    read(0, size, stored.data());
    if (!transposed) {
      return stored;
    }
    const auto rows = static_cast<std::size_t>(dims[0]), cols = static_cast<std::size_t>(dims[1]);
    std::vector<Scalar> result(size);
    for (std::size_t i = 0; i < size; ++i) {
      result[i] = stored[(i % cols) * rows + i / cols];
    }
    return result;
  }
};

/// "2 x 3"; "a single number" without dimensions. Sizes that are not known are N.
inline std::string dims_text(const std::vector<std::int64_t>& dims) {
  std::string text;
  for (const std::int64_t size : dims) {
    text += (text.empty() ? "" : " x ") + (size < 0 ? std::string("N") : std::to_string(size));
  }
  return text.empty() ? "a single number" : text;
}

/// The largest number of dimensions of a value.
constexpr std::size_t most_dims = 8;

/// The number of elements of a tensor. It fits into memory together with the size of an element.
inline std::size_t count_elements(const TensorMessage& tensor) {
  constexpr std::size_t most = (std::numeric_limits<std::size_t>::max)() / 16;
  std::size_t count = 1;
  bool valid = tensor.dims.size() <= most_dims;
  for (const std::int64_t size : tensor.dims) {
    valid =
        valid && size >= 0 && static_cast<std::uint64_t>(size) <= most / (std::max<std::size_t>)(count, 1);
    count *= valid ? static_cast<std::size_t>(size) : 0;
  }
  if (!valid) {
    reject("has the tensor ", quoted(tensor.name), " of dimensions ", dims_text(tensor.dims),
           ", which are negative, too large or more than ", most_dims);
  }
  return count;
}

/// The data of a tensor that are in the model itself, in one piece if they are contiguous.
inline std::vector<std::string_view> data_chunks(const TensorMessage& tensor) {
  if (tensor.raw) {
    return {*tensor.raw};
  }
  return tensor.type == type_float    ? tensor.floats
         : tensor.type == type_double ? tensor.doubles
                                      : std::vector<std::string_view>();
}

/// Whether the elements are stored as integers of variable length.
inline bool has_integers(const TensorMessage& tensor) {
  return !tensor.raw && tensor.type != type_float && tensor.type != type_double;
}

/// Joins the data of a tensor.
inline OwnedBytes joined(const TensorMessage& tensor, const std::vector<std::string_view>& chunks,
                         std::size_t size, std::size_t element_bytes) {
  OwnedBytes bytes = allocate(size);
  unsigned char* to = bytes.get();
  for (const std::string_view chunk : chunks) {
    to = std::copy(chunk.begin(), chunk.end(), to);
  }
  if (has_integers(tensor)) {
    for (const std::int64_t value : tensor.integers) {
      unsigned char whole[sizeof value];
      write_value(value, whole);
      to = std::copy_n(whole, element_bytes, to);
    }
  }
  return bytes;
}

/// Decodes a tensor. Its data must have the size that its dimensions state.
inline Constant constant_of(const TensorMessage& tensor, Sources& sources) {
  Constant result{tensor.type, tensor.dims, nullptr, nullptr, count_elements(tensor), false};
  const std::size_t element_bytes = bytes_of_type(tensor.type);
  const std::size_t expected = result.size * element_bytes;
  if (tensor.is_external) {
    result.owned = read_external(sources, tensor, expected);
    result.bytes = result.owned.get();
    return result;
  }
  const std::vector<std::string_view> chunks = data_chunks(tensor);
  std::size_t found = has_integers(tensor) ? tensor.integers.size() * element_bytes : 0;
  for (const std::string_view chunk : chunks) {
    found += chunk.size();
  }
  if (found != expected) {
    reject("has the tensor ", quoted(tensor.name), " with ", found, " bytes of data, expected ", expected,
           " for its dimensions, ", dims_text(tensor.dims));
  }
  if (chunks.size() == 1) {
    result.bytes = reinterpret_cast<const unsigned char*>(chunks[0].data());
  } else {
    result.owned = joined(tensor, chunks, expected, element_bytes);
    result.bytes = result.owned.get();
  }
  return result;
}

/// A list of integers, or a single one.
inline Constant constant_of(const std::vector<std::int64_t>& values, std::vector<std::int64_t> dims) {
  Constant result{type_int64, std::move(dims), nullptr, allocate(8 * values.size()), values.size(), false};
  for (std::size_t i = 0; i < values.size(); ++i) {
    write_value(values[i], result.owned.get() + 8 * i);
  }
  result.bytes = result.owned.get();
  return result;
}

}  // namespace backquery::detail::onnx
