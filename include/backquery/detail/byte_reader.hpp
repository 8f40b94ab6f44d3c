/// @file
/// Reads numbers, enumerators and texts from the bytes of a file.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/byte_order.hpp>
#include <backquery/detail/check.hpp>
#include <backquery/detail/enum_names.hpp>
#include <backquery/detail/storage.hpp>

#include <cstdint>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace backquery::detail {

/// Reads the values that a ByteWriter appended, in the same order. Every read is checked, because a file can
/// be damaged or forged.
class ByteReader {
 public:
  /// @param bytes  must outlive the reader
  /// @param path   of the file, at the beginning of messages
  ByteReader(std::string_view bytes, std::string path) : left_(bytes), path_(std::move(path)) {}

  /// The number of unread bytes.
  [[nodiscard]] std::size_t left() const { return left_.size(); }

  /// The next number; an enumerator is given by its file_id.
  /// @param subject  the name of the value in messages
  /// @throws std::runtime_error if the bytes end, or for a number that no value has
  template <typename Value>
  Value take(const char* subject) {
    if constexpr (std::is_enum_v<Value>) {
      const auto number = take<std::uint32_t>(subject);
      for (const auto& entry : EnumTable<Value>::entries) {
        if (entry.file_id == number) {
          return entry.value;
        }
      }
      fail("has ", subject, " number ", number, ", expected 0 to ", std::size(EnumTable<Value>::entries) - 1);
    } else if constexpr (std::is_same_v<Value, bool>) {
      const auto number = take<std::uint32_t>(subject);
      if (number > 1) {
        fail("has ", subject, " ", number, ", expected 0 or 1");
      }
      return number == 1;
    } else {
      return read_value<Value>(next(subject, sizeof(Value)));
    }
  }

  /// Reads values for all elements of a matrix or Map, column by column.
  template <typename Values>
  void take_values(const char* subject, Values&& values) {
    using Value = typename std::decay_t<Values>::Scalar;
    if (static_cast<std::uint64_t>(values.size()) > left() / sizeof(Value)) {
      fail_at_end(subject);
    }
    const unsigned char* from = next(subject, static_cast<std::size_t>(values.size()) * sizeof(Value));
    for (Index column = 0; column < values.cols(); ++column) {
      for (Index row = 0; row < values.rows(); ++row, from += sizeof(Value)) {
        values(row, column) = read_value<Value>(from);
      }
    }
  }

  /// Reads a length of 8 bytes and a text of this length.
  std::string_view take_text(const char* subject) {
    const auto length = take<std::uint64_t>(subject);
    if (length > left()) {
      fail_at_end(subject);
    }
    const std::string_view text = left_.substr(0, static_cast<std::size_t>(length));
    left_.remove_prefix(text.size());
    return text;
  }

  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw std::runtime_error(message(path_, ": ", parts...));
  }

 private:
  const unsigned char* next(const char* subject, std::size_t size) {
    if (size > left()) {
      fail_at_end(subject);
    }
    const auto* bytes = reinterpret_cast<const unsigned char*>(left_.data());
    left_.remove_prefix(size);
    return bytes;
  }

  [[noreturn]] void fail_at_end(const char* subject) const {
    fail("is damaged: it ends within the field '", subject, "'");
  }

  std::string_view left_;
  std::string path_;
};

}  // namespace backquery::detail
