/// @file
/// How the library refuses: the texts of exceptions, and checks for NaN and infinity that survive
/// -ffast-math.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace backquery::detail {

inline std::string text(const char* value) {
  return value;
}
inline std::string text(const std::string& value) {
  return value;
}

/// A number as a message shows it: integers whole, floating point as short as %g gives it.
template <typename Number, typename = std::enable_if_t<std::is_arithmetic_v<Number>>>
std::string text(Number value) {
  if constexpr (std::is_integral_v<Number>) {
    return std::to_string(value);
  } else {
    char digits[64];
    std::snprintf(digits, sizeof digits, "%Lg", static_cast<long double>(value));
    return digits;
  }
}

template <typename... Parts>
std::string message(const Parts&... parts) {
  std::string whole;
  (whole.append(text(parts)), ...);
  return whole;
}

/// Throws std::invalid_argument with "backquery::" and the parts; the first part names the function.
template <typename... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  throw std::invalid_argument(message("backquery::", parts...));
}

/// Whether the value is neither NaN nor infinite, read from its exponent bits: std::isfinite is folded to
/// true under -ffast-math.
template <typename Scalar>
bool is_finite(const Scalar& value) {
  static_assert(std::is_floating_point_v<Scalar>);
  constexpr int digits = std::numeric_limits<Scalar>::digits;
  if constexpr (digits == 24) {  // binary32
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return (bits & 0x7f800000u) != 0x7f800000u;
  } else if constexpr (digits == 53 || digits == 106) {  // binary64, or the leading one of a pair of them
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return (bits & 0x7ff0000000000000u) != 0x7ff0000000000000u;
  } else {  // x87 extended (64 digits) and binary128 (113): 15 exponent bits at the top of the used bytes
    static_assert(digits == 64 || digits == 113, "backquery: unknown floating-point format");
    constexpr int top = digits == 64 ? 8 : 14;
    std::uint16_t bits;  // both formats exist on little-endian machines only
    std::memcpy(&bits, reinterpret_cast<const char*>(&value) + top, sizeof bits);
    return (bits & 0x7fffu) != 0x7fffu;
  }
}

/// Whether the value is NaN, read from its bits: an infinity has an all-zero fraction. std::isnan is folded
/// to false under -ffast-math.
template <typename Scalar>
bool is_nan(const Scalar& value) {
  if (is_finite(value)) {
    return false;
  }
  constexpr int digits = std::numeric_limits<Scalar>::digits;
  if constexpr (digits == 24) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return (bits << 9) != 0;
  } else if constexpr (digits == 53 || digits == 106) {
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return (bits << 12) != 0;
  } else if constexpr (digits == 64) {  // the leading one of the fraction is explicit
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return (bits << 1) != 0;
  } else {
    std::uint64_t bits[2];
    std::memcpy(bits, &value, sizeof bits);
    return bits[0] != 0 || (bits[1] << 16) != 0;
  }
}

}  // namespace backquery::detail
