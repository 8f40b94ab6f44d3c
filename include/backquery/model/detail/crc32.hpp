/// @file
/// The checksum of model files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace backquery::detail {

/// The remainders of all bytes for the generator polynomial of IEEE 802.3, in reversed bit order.
inline constexpr std::array<std::uint32_t, 256> crc32_remainders = [] {
  std::array<std::uint32_t, 256> remainders{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0xedb88320u : 0u);
    }
    remainders[byte] = remainder;
  }
  return remainders;
}();

/// CRC-32 of IEEE 802.3, zlib and PNG. It detects every change within four consecutive bytes, and any other
/// change with a probability of 1 - 2^-32.
inline std::uint32_t crc32(const unsigned char* bytes, std::size_t size) {
  std::uint32_t remainder = 0xffffffffu;
  for (std::size_t i = 0; i < size; ++i) {
    remainder = (remainder >> 8) ^ crc32_remainders[(remainder ^ bytes[i]) & 0xffu];
  }
  return ~remainder;
}

}  // namespace backquery::detail
