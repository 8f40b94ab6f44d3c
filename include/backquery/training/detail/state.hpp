/// @file
/// The state of objects as bytes. An object lists its fields once, in visit_state(archive), for both
/// directions: a StateWriter appends them to a text, a StateReader sets them.
#pragma once

#include <backquery/detail/byte_reader.hpp>
#include <backquery/detail/byte_writer.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace backquery::detail {

/// Appends fields to a text: bool, floating-point numbers, std::optional of these, and buffers with data()
/// and size().
class StateWriter {
 public:
  static constexpr bool reads = false;

  template <typename... Fields>
  void operator()(const Fields&... fields) {
    (put(fields), ...);
  }
  /// An integer, 0 to `most`.
  template <typename Integer>
  void count(const Integer& value, std::int64_t /*most*/) {
    bytes_.put(static_cast<std::int64_t>(value));
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_.bytes; }

 private:
  template <typename Number, std::enable_if_t<std::is_arithmetic_v<Number>, int> = 0>
  void put(Number value) {
    static_assert(!std::is_integral_v<Number> || std::is_same_v<Number, bool>, "use count");
    bytes_.put(value);
  }
  template <typename Number>
  void put(const std::optional<Number>& value) {
    put(value.has_value());
    put(value.value_or(Number()));
  }
  template <typename Buffer, std::enable_if_t<!std::is_arithmetic_v<Buffer>, int> = 0>
  void put(const Buffer& buffer) {
    const auto size = static_cast<Index>(buffer.size());
    bytes_.put(static_cast<std::int64_t>(size));
    using Scalar = std::decay_t<decltype(*buffer.data())>;
    bytes_.put_values(Eigen::Map<const VectorX<Scalar>>(buffer.data(), size));
  }

  ByteWriter bytes_;
};

/// Sets the fields that a StateWriter wrote. Every integer and every size is checked, because a file can be
/// forged. A buffer must have its size before it is read.
class StateReader {
 public:
  static constexpr bool reads = true;

  /// @param bytes  must outlive the reader
  /// @param path   of the file, at the beginning of messages
  StateReader(std::string_view bytes, const std::string& path) : bytes_(bytes, path) {}

  template <typename... Fields>
  void operator()(Fields&... fields) {
    (take(fields), ...);
  }
  template <typename Integer>
  void count(Integer& value, std::int64_t most) {
    const auto found = bytes_.take<std::int64_t>("state of the training");
    if (found < 0 || found > most) {
      fail();
    }
    value = static_cast<Integer>(found);
  }
  /// Must be called after the last field.
  void finish() const {
    if (bytes_.left() != 0) {
      fail();
    }
  }
  /// @throws std::runtime_error
  [[noreturn]] void fail() const { bytes_.fail("is damaged: its state of the training is inconsistent"); }

 private:
  template <typename Number, std::enable_if_t<std::is_arithmetic_v<Number>, int> = 0>
  void take(Number& value) {
    value = bytes_.take<Number>("state of the training");
  }
  template <typename Number>
  void take(std::optional<Number>& value) {
    bool is_set = false;
    Number number{};
    take(is_set);
    take(number);
    value = is_set ? std::optional<Number>(number) : std::nullopt;
  }
  template <typename Buffer, std::enable_if_t<!std::is_arithmetic_v<Buffer>, int> = 0>
  void take(Buffer& buffer) {
    const auto size = static_cast<Index>(buffer.size());
    if (bytes_.take<std::int64_t>("state of the training") != size) {
      fail();
    }
    using Scalar = std::decay_t<decltype(*buffer.data())>;
    bytes_.take_values("state of the training", Eigen::Map<VectorX<Scalar>>(buffer.data(), size));
  }

  ByteReader bytes_;
};

}  // namespace backquery::detail
