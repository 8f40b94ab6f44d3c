/// @file
/// Floating-point numbers of 16 bits, which files of other programs hold.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace backquery::detail {

/// The value of an IEEE 754 binary16 number. Every value is a float.
inline float half_to_float(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1f;
  const auto fraction = static_cast<float>(bits & 0x3ff);
  float value = std::ldexp(fraction, -24);
  if (exponent == 0x1f) {
    value = fraction > 0 ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
  } else if (exponent > 0) {
    value = std::ldexp(fraction + 1024, exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -value : value;
}

/// The value of a bfloat16 number: the upper half of a float.
inline float bfloat_to_float(std::uint16_t bits) {
  const std::uint32_t wide = std::uint32_t{bits} << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

}  // namespace backquery::detail
