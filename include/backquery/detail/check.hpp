/// @file
/// Error messages, argument validation, and tests for NaN and infinity that survive -ffast-math.
#pragma once

#include <backquery/detail/storage.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace backquery::detail {

/// One part of a message: text, or a number. A part is a view of its text, so that a message of many parts
/// compiles to little code.
struct MessagePart {
  std::variant<std::string_view, long long, unsigned long long, long double> value;

  MessagePart(const char* text) : value(std::string_view(text)) {}
  MessagePart(std::string_view text) : value(text) {}
  MessagePart(const std::string& text) : value(std::string_view(text)) {}
  template <typename Number, typename = std::enable_if_t<std::is_arithmetic_v<Number>>>
  MessagePart(Number number) {
    if constexpr (std::is_floating_point_v<Number>) {
      value = static_cast<long double>(number);
    } else if constexpr (std::is_unsigned_v<Number>) {
      value = static_cast<unsigned long long>(number);
    } else {
      value = static_cast<long long>(number);
    }
  }
};

/// Joins the parts. Floating-point numbers are formatted by %g.
inline std::string join(std::initializer_list<MessagePart> parts) {
  std::string whole;
  for (const MessagePart& part : parts) {
    if (const auto* text = std::get_if<std::string_view>(&part.value)) {
      whole += *text;
    } else if (const auto* real = std::get_if<long double>(&part.value)) {
      char digits[64];
      std::snprintf(digits, sizeof digits, "%Lg", *real);
      whole += digits;
    } else if (const auto* integer = std::get_if<long long>(&part.value)) {
      whole += std::to_string(*integer);
    } else {
      whole += std::to_string(std::get<unsigned long long>(part.value));
    }
  }
  return whole;
}

template <typename... Parts>
std::string message(const Parts&... parts) {
  return join({parts...});
}

/// Throws std::invalid_argument with "backquery::" and the parts. The first part names the function. Indices
/// of samples, pixels, rows and columns in messages start at 0. With -fno-exceptions a call does not compile.
template <typename... Parts>
[[noreturn]] void throw_invalid_argument(const Parts&... parts) {
#ifdef __cpp_exceptions
  throw std::invalid_argument(join({"backquery::", parts...}));
#else
  static_assert(sizeof...(parts) == 0, "backquery: this function needs exceptions to report misuse");
#endif
}

#if defined(__BYTE_ORDER__) && defined(__ORDER_BIG_ENDIAN__)
constexpr bool is_big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
#else
constexpr bool is_big_endian = false;
#endif

/// Whether the value is neither NaN nor infinite, decided by its exponent bits. Under -ffast-math,
/// std::isfinite is always true.
template <typename Scalar>
bool is_finite(const Scalar& value) {
  static_assert(std::is_floating_point_v<Scalar>);
  constexpr int digits = std::numeric_limits<Scalar>::digits;
  if constexpr (digits == 24) {  // binary32
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return (bits & 0x7f800000u) != 0x7f800000u;
  } else if constexpr (digits == 53 || digits == 106) {  // binary64, or the first of a pair of binary64
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return (bits & 0x7ff0000000000000u) != 0x7ff0000000000000u;
  } else {  // x87 extended (64 digits) and binary128 (113): 15 exponent bits at the top of the used bytes
    static_assert(digits == 113 || (digits == 64 && !is_big_endian),
                  "backquery: unknown floating-point format");
    constexpr int top = is_big_endian ? 0 : digits == 64 ? 8 : 14;
    std::uint16_t bits;
    std::memcpy(&bits, reinterpret_cast<const char*>(&value) + top, sizeof bits);
    return (bits & 0x7fffu) != 0x7fffu;
  }
}

/// Whether the value is NaN: its bits differ from finite numbers and from both infinities. Under -ffast-math,
/// std::isnan is always false.
template <typename Scalar>
bool is_nan(const Scalar& value) {
  // x87 extended has padding. The second number of a pair has no effect.
  constexpr int digits = std::numeric_limits<Scalar>::digits;
  constexpr std::size_t bytes = digits == 64 ? 10 : digits == 106 ? 8 : sizeof(Scalar);
  const auto equals = [&value](Scalar other) {
    return std::memcmp(&value, &other, bytes) == 0;  // NOLINT(bugprone-suspicious-memory-comparison)
  };
  constexpr Scalar infinity = std::numeric_limits<Scalar>::infinity();
  return !is_finite(value) && !equals(infinity) && !equals(-infinity);
}

/// @param which  text after the expected number, which describes the rows
template <typename X>
void check_rows(const char* where, const char* argument, const X& x, Index rows, const char* which = "") {
  if (x.rows() != rows) {
    throw_invalid_argument(where, ": ", argument, " has ", x.rows(), " rows, expected ", rows, which,
                           x.rows() == 1 && x.cols() == rows ? "; pass a column: .transpose()" : "");
  }
}

template <typename X>
void check_shape(const char* where, const char* argument, const X& x, Index rows, Index columns,
                 const char* which = "") {
  check_rows(where, argument, x, rows, which);
  if (x.cols() != columns) {
    throw_invalid_argument(where, ": ", argument, " has ", x.cols(), " columns, expected ", columns);
  }
}

/// @param which  text after the expected number, which describes the entries
template <typename List>
void check_entries(const char* where, const char* argument, const List& list, Index entries,
                   const char* which = "") {
  if (static_cast<Index>(list.size()) != entries) {
    throw_invalid_argument(where, ": ", argument, " has ", list.size(), " entries, expected ", entries,
                           which);
  }
}

template <typename Number, typename = std::enable_if_t<std::is_floating_point_v<Number>>>
void check_finite(const char* where, const char* argument, Number value) {
  if (!is_finite(value)) {
    throw_invalid_argument(where, ": ", argument, " is ", value, ", expected a finite number");
  }
}

template <typename Scalar>
void check_rate(const char* where, const char* argument, Scalar value) {
  if (!is_finite(value) || !(value > Scalar(0))) {
    throw_invalid_argument(where, ": ", argument, " is ", value, ", expected a finite number > 0");
  }
}

/// Checks the numeric options of a class.
struct OptionCheck {
  const char* where;
  std::string prefix = "options.";  // before the name of an option

  /// Throws unless the option is finite and valid.
  template <typename Number>
  void operator()(bool valid, const char* option, Number value, const std::string& expected) const {
    if (!is_finite(static_cast<double>(value)) || !valid) {
      throw_invalid_argument(where, ": ", prefix, option, " is ", value, ", expected ", expected);
    }
  }
  template <typename Number>
  void share(const char* option, Number value) const {
    operator()(value >= 0 && value < 1, option, value, "0 to below 1");
  }
};

/// A message about a label outside 0 to classes - 1.
template <typename Label>
std::string wrong_label(Index sample, Label label, Index classes) {
  return message("label ", sample, " is ", label, ", expected 0 to ", classes - 1);
}

/// Throws std::invalid_argument unless the label is 0 to classes - 1.
template <typename Label>
void check_label(const char* where, Index sample, Label label, Index classes) {
  const auto value = static_cast<Index>(label);  // a huge unsigned label becomes negative
  if (value < 0 || value >= classes) {
    throw_invalid_argument(where, ": ", wrong_label(sample, label, classes));
  }
}

/// Whether all n values are allowed.
template <typename Scalar, typename Allowed>
bool all_allowed(const Scalar* values, Index n, const Allowed& allowed) {
  constexpr Index block = 64;  // the compiler vectorizes blocks of a constant length without an early exit
  const Index whole = n / block * block;
  int bad = 0;
  for (Index first = 0; first < whole; first += block) {
    for (Index i = first; i < first + block; ++i) {
      bad |= static_cast<int>(!allowed(values[i]));
    }
  }
  for (Index i = whole; i < n; ++i) {
    bad |= static_cast<int>(!allowed(values[i]));
  }
  return bad == 0;
}

template <typename Scalar>
bool all_finite(const Scalar* values, Index n) {
  return all_allowed(values, n, [](Scalar value) { return is_finite(value); });
}

/// The text of a value that is not allowed: with all digits if it would be allowed with six.
template <typename Scalar, typename Allowed>
std::string wrong_value(Scalar value, const Allowed& allowed) {
  std::string text = message(value);
  if (!allowed(static_cast<Scalar>(std::strtold(text.c_str(), nullptr)))) {
    return text;
  }
  char digits[64];
  std::snprintf(digits, sizeof digits, "%.*Lg", std::numeric_limits<Scalar>::max_digits10,
                static_cast<long double>(value));
  return digits;
}

/// Throws for the first value, in column order, that is not allowed.
/// @param expected  expected() describes the allowed values
template <typename Scalar, typename Allowed, typename Expected>
void check_values(const char* where, const char* argument, const Strided<const Scalar>& m,
                  const Allowed& allowed, const Expected& expected) {
  for (Index column = 0; column < m.cols(); ++column) {
    const Scalar* value = m.data() + column * m.outerStride();
    const bool passed = m.innerStride() == 1 && all_allowed(value, m.rows(), allowed);
    for (Index row = 0; !passed && row < m.rows(); ++row) {
      if (!allowed(value[row * m.innerStride()])) {
        throw_invalid_argument(where, ": ", argument, "(", row, ", ", column, ") is ",
                               wrong_value(m(row, column), allowed), ", expected ", expected());
      }
    }
  }
}

template <typename Scalar>
void check_finite(const char* where, const char* argument, const Strided<const Scalar>& m) {
  check_values<Scalar>(
      where, argument, m, [](Scalar value) { return is_finite(value); }, [] { return "a finite number"; });
}

}  // namespace backquery::detail
