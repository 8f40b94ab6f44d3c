/// @file
/// The checksum of files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace backquery::detail {

/// Table k has the remainders of all bytes with k bytes of 0 behind them, for the generator polynomial of
/// IEEE 802.3 in reversed bit order.
inline constexpr std::array<std::array<std::uint32_t, 256>, 8> crc32_remainders = [] {
  std::array<std::array<std::uint32_t, 256>, 8> remainders{};
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

/// CRC-32 of IEEE 802.3, zlib and PNG. It detects every change within four consecutive bytes, and any other
/// change with a probability of 1 - 2^-32. Eight bytes are taken at a time: M. Kounavis and F. Berry, "Novel
/// table lookup-based algorithms for high-performance CRC generation" (2008).
inline std::uint32_t crc32(const unsigned char* bytes, std::size_t size) {
  const auto& table = crc32_remainders;
  std::uint32_t remainder = 0xffffffffu;
  for (; size >= 8; bytes += 8, size -= 8) {
    const auto mixed = [&](std::size_t i) {  // the remainder meets the first four bytes
      return bytes[i] ^ ((remainder >> (8 * i)) & 0xffu);
    };
    remainder = table[7][mixed(0)] ^ table[6][mixed(1)] ^ table[5][mixed(2)] ^ table[4][mixed(3)] ^
                table[3][bytes[4]] ^ table[2][bytes[5]] ^ table[1][bytes[6]] ^ table[0][bytes[7]];
  }
  for (; size > 0; ++bytes, --size) {
    remainder = (remainder >> 8) ^ table[0][(remainder ^ *bytes) & 0xffu];
  }
  return ~remainder;
}

}  // namespace backquery::detail
