/// @file
/// Appends numbers, enumerators and texts to the bytes of a file.
#pragma once

#include <backquery/detail/byte_order.hpp>
#include <backquery/detail/enum_names.hpp>
#include <backquery/detail/storage.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace backquery::detail {

/// A buffer to which values are appended. ByteReader reads them in the same order.
struct ByteWriter {
  std::string bytes;

  /// Appends a number, little-endian; an enumerator as its file_id and bool as 0 or 1, in 4 bytes each.
  template <typename Value>
  void put(Value value) {
    if constexpr (std::is_enum_v<Value>) {
      put(find_entry(value)->file_id);
    } else if constexpr (std::is_same_v<Value, bool>) {
      put(std::uint32_t{value});
    } else {
      bytes.resize(bytes.size() + sizeof value);
      overwrite(bytes.size() - sizeof value, value);
    }
  }

  /// Appends the values of a matrix, column by column.
  template <typename Values>
  void put_values(const Values& values) {
    bytes.reserve(bytes.size() + static_cast<std::size_t>(values.size()) * sizeof(typename Values::Scalar));
    for (Index column = 0; column < values.cols(); ++column) {
      for (Index row = 0; row < values.rows(); ++row) {
        put(values(row, column));
      }
    }
  }

  /// Appends the length of a text in 8 bytes, then the text.
  void put_text(std::string_view text) {
    put(std::uint64_t{text.size()});
    bytes += text;
  }

  /// Replaces the number at an offset.
  template <typename Value>
  void overwrite(std::size_t offset, Value value) {
    write_value(value, reinterpret_cast<unsigned char*>(&bytes[offset]));
  }
};

}  // namespace backquery::detail
