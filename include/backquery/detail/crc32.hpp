/// @file
/// The checksum of files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace backquery::detail {

/// Table k has the remainders of all bytes followed by k bytes of 0, for the generator polynomial of
/// IEEE 802.3 in reversed bit order.
inline constexpr std::array<std::array<std::uint32_t, 256>, 16> crc32_remainders = [] {
  std::array<std::array<std::uint32_t, 256>, 16> remainders{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0xedb88320u : 0u);
    }
    remainders[0][byte] = remainder;
  }
  for (std::size_t zeros = 1; zeros < remainders.size(); ++zeros) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = remainders[zeros - 1][byte];
      remainders[zeros][byte] = (before >> 8) ^ remainders[0][before & 0xffu];
    }
  }
  return remainders;
}();

/// The remainder after these bytes. The remainder before is added (modulo 2) to the first four.
template <std::size_t... Byte>
std::uint32_t crc32_step(std::uint32_t before, const unsigned char* bytes, std::index_sequence<Byte...>) {
  const auto sum = [&](std::size_t i) { return bytes[i] ^ (i < 4 ? (before >> (8 * i)) & 0xffu : 0u); };
  return (crc32_remainders[sizeof...(Byte) - 1 - Byte][sum(Byte)] ^ ...);
}

/// CRC-32 of IEEE 802.3, zlib and PNG. It detects every change within four consecutive bytes, and any other
/// change with a probability of 1 - 2^-32. Sixteen bytes are taken at a time: M. Kounavis and F. Berry,
/// "Novel table lookup-based algorithms for high-performance CRC generation" (2008).
inline std::uint32_t crc32(const unsigned char* bytes, std::size_t size) {
  constexpr std::size_t step = crc32_remainders.size();
  std::uint32_t remainder = 0xffffffffu;
  for (; size >= step; bytes += step, size -= step) {
    remainder = crc32_step(remainder, bytes, std::make_index_sequence<step>());
  }
  for (; size > 0; ++bytes, --size) {
    remainder = (remainder >> 8) ^ crc32_remainders[0][(remainder ^ *bytes) & 0xffu];
  }
  return ~remainder;
}

}  // namespace backquery::detail
