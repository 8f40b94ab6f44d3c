/// @file
/// Floating-point numbers of 16 bits, which files of other programs hold.
#pragma once

#include <cstdint>
#include <cstring>

namespace backquery::detail {

/// The value of an IEEE 754 binary16 number. Every value is a float.
inline float half_to_float(std::uint16_t bits) {
  const std::uint32_t exponent = bits >> 10 & 0x1fu, fraction = bits & 0x3ffu;
  // The exponents of binary32 are larger by 112. Bits are used, because -ffast-math excludes NaN and
  // infinity.
  std::uint32_t wide = (exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13;
  if (exponent == 0) {
    const float subnormal = static_cast<float>(fraction) * 0x1p-24f;
    std::memcpy(&wide, &subnormal, sizeof wide);
  }
  wide |= (bits & 0x8000u) << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

/// The value of a bfloat16 number: the upper half of a float.
inline float bfloat_to_float(std::uint16_t bits) {
  const std::uint32_t wide = std::uint32_t{bits} << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

}  // namespace backquery::detail
