/// @file
/// Numbers in files: little-endian on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

namespace backquery::detail {

/// The unsigned integer with the bits of a value.
template <typename Value>
using BitsOf = std::conditional_t<
    sizeof(Value) == 1, std::uint8_t,
    std::conditional_t<sizeof(Value) == 2, std::uint16_t,
                       std::conditional_t<sizeof(Value) == 4, std::uint32_t, std::uint64_t>>>;

/// The unsigned integer in these bytes, the lowest byte first. GCC compiles an expression without
/// a loop to one load.
template <typename Bits, std::size_t... Byte>
constexpr Bits joined_bytes(const unsigned char* bytes, std::index_sequence<Byte...>) {
  return static_cast<Bits>(((static_cast<std::uint64_t>(bytes[Byte]) << (8 * Byte)) | ...));
}

/// The integer or floating-point number in these bytes, the lowest byte first.
template <typename Value>
Value read_value(const unsigned char* bytes) {
  static_assert(std::is_arithmetic_v<Value> && sizeof(Value) <= 8);
  const auto bits = joined_bytes<BitsOf<Value>>(bytes, std::make_index_sequence<sizeof(Value)>());
  Value value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// Writes the number to these bytes, the lowest byte first.
template <typename Value>
void write_value(Value value, unsigned char* bytes) {
  static_assert(std::is_arithmetic_v<Value> && sizeof(Value) <= 8);
  BitsOf<Value> bits;
  std::memcpy(&bits, &value, sizeof bits);
  for (std::size_t i = 0; i < sizeof bits; ++i) {
    bytes[i] = static_cast<unsigned char>(bits >> (8 * i));
  }
}

}  // namespace backquery::detail
