/// @file
/// How the library refuses: the texts of exceptions, and checks for NaN and infinity that survive
/// -ffast-math.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace backquery::detail {

/// One part of a message: text, or a number as a message shows it, integers whole and floating point as short
/// as %g gives it.
struct MessagePart {
  std::string text;

  MessagePart(const char* value) : text(value) {}
  MessagePart(const std::string& value) : text(value) {}
  template <typename Number, typename = std::enable_if_t<std::is_arithmetic_v<Number>>>
  MessagePart(Number value) {
    if constexpr (std::is_integral_v<Number>) {
      text = std::to_string(value);
    } else {
      char digits[64];
      std::snprintf(digits, sizeof digits, "%Lg", static_cast<long double>(value));
      text = digits;
    }
  }
};

inline std::string join(std::initializer_list<MessagePart> parts) {
  std::string whole;
  for (const MessagePart& part : parts) {
    whole += part.text;
  }
  return whole;
}

// Parts come by value, so that literals of different lengths share one instantiation: messages cost more to
// compile than to make.

template <typename... Parts>
std::string message(Parts... parts) {
  return join({parts...});
}

/// Throws std::invalid_argument with "backquery::" and the parts; the first part names the function. Without
/// exceptions (-fno-exceptions) it may stand in a header, but not be called.
template <typename... Parts>
[[noreturn]] void throw_invalid_argument(Parts... parts) {
#ifdef __cpp_exceptions
  throw std::invalid_argument(join({"backquery::", parts...}));
#else
  static_assert(sizeof...(parts) == 0, "backquery: what is called here needs exceptions to report misuse");
#endif
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
