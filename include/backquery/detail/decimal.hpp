/// @file
/// Decimal numbers in a text, rounded correctly to floating point, independent of the locale.
#pragma once

#include <backquery/detail/byte_order.hpp>
#include <backquery/detail/check.hpp>
#include <backquery/detail/lowest_bit.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <locale>
#include <sstream>
#include <string>
#include <system_error>
#include <type_traits>

namespace backquery::detail {

/// 10^0, 10^1 and so on, exact in a binary format of 64 digits. double holds the first 23 exactly, float the
/// first 11.
inline constexpr long double exact_powers[] = {
    1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,  1e10L, 1e11L, 1e12L, 1e13L,
    1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
inline constexpr double exact_double_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// Eight characters of a text, of which the first has the lowest byte. Digits are 0 to 9.
struct EightCharacters {
  std::uint64_t values;  // character - '0'
  // 0x80 in the byte of each character that is no digit; wrong behind a byte above 0xb9
  std::uint64_t others;

  explicit EightCharacters(std::uint64_t text)
      : values(text ^ 0x3030303030303030u),
        others(((values + 0x7676767676767676u) | values) & 0x8080808080808080u) {}

  /// The index of the first flag; 8 if there is none.
  static unsigned first(std::uint64_t flags) {
    return flags == 0 ? 8 : static_cast<unsigned>(lowest_bit(flags)) / 8;
  }

  /// The integer of eight digits.
  static std::uint64_t integer(std::uint64_t digits) {
    digits = digits * 10 + (digits >> 8);  // pairs, in every second byte
    return (((digits & 0x000000ff000000ffu) * 0x000f424000000064u) +
            (((digits >> 16) & 0x000000ff000000ffu) * 0x0000271000000001u)) >>
           32;
  }
};

inline std::uint64_t eight_bytes(const char* text) {
  return read_value<std::uint64_t>(reinterpret_cast<const unsigned char*>(text));
}

/// Computes the correctly rounded float of a number from its correctly rounded double.
/// @return false if the double does not determine the float
inline bool round_to_float(double value, float& rounded) {
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const double magnitude = value < 0 ? -value : value;
  if ((bits & 0x1fffffffu) == 0x10000000u || (magnitude < 0x1p-126 && magnitude != 0) ||
      magnitude > static_cast<double>((std::numeric_limits<float>::max)())) {
    return false;  // halfway between two floats, or outside the normal range
  }
  rounded = static_cast<float>(value);
  return true;
}

inline constexpr double exact_signs[] = {1, -1};

/// Reads a number of at most eight characters, seven digits and perhaps a point, with or without a minus
/// sign. There is no branch that depends on the length or the sign of a number, because both are random in a
/// table.
/// @param text   9 bytes must be readable
/// @return the end of the number, or null for any other number. The caller checks the next character, which
///         may be a digit.
template <typename Scalar>
EIGEN_ALWAYS_INLINE const char* read_plain_decimal(const char* text, char point, Scalar& value) {
  using Wide = std::conditional_t<(std::numeric_limits<Scalar>::digits > 53), Scalar, double>;
  const std::uint64_t sign = *text == '-' ? 1 : 0;
  const std::uint64_t at = eight_bytes(text), behind = eight_bytes(text + 1);  // independent loads
  const EightCharacters next(at ^ ((at ^ behind) & (0 - sign)));
  text += sign;
  if (next.others == 0) return nullptr;
  unsigned count = EightCharacters::first(next.others), length = count, places = 0;
  std::uint64_t digits = next.values;
  if (text[count] == point) {
    const std::uint64_t below = ((next.others & (0 - next.others)) >> 7) - 1;  // the bytes before the point
    digits = (digits & below) | ((digits >> 8) & ~below);
    length = EightCharacters::first(next.others & (next.others - 1));
    places = length - 1 - count;
    count = length - 1;
  }
  if (count == 0) return nullptr;
  const std::uint64_t integer = EightCharacters::integer(digits << (64 - 8 * count));
  const Wide wide = static_cast<Wide>(static_cast<std::int64_t>(integer)) /
                    static_cast<Wide>(exact_signs[sign] * exact_double_powers[places]);
  if constexpr (std::is_same_v<Wide, Scalar>) {
    value = wide;
  } else if (!round_to_float(wide, value)) {
    return nullptr;
  }
  return text + length;
}

/// Reads a number by a stream, where the standard library has no std::from_chars for floating point.
/// @param text      a decimal number with a point
/// @param is_small  whether it is less than 1
/// @return infinity for an overflow; 0 or the smallest numbers for an underflow
template <typename Scalar>
Scalar decimal_by_stream(const std::string& text, bool is_small) {
  std::istringstream stream(text);
  stream.imbue(std::locale::classic());
  Scalar value{};
  stream >> value;
  return !stream.fail() || is_small ? value : std::numeric_limits<Scalar>::infinity();
}

template <typename Scalar>
Scalar decimal_by_library(const std::string& text, bool is_small) {
#ifdef __cpp_lib_to_chars
  if constexpr (!std::is_same_v<Scalar, long double>) {  // GCC 12 for Windows rounds it to double
    Scalar value{};
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec == std::errc()) return value;
  }
#endif
  return decimal_by_stream<Scalar>(text, is_small);
}

/// A number at the start of a text: a sign, digits, perhaps with a point and an exponent. Any other character
/// ends the number, for example a NUL.
class Decimal {
 public:
  /// @param text  8 bytes behind its end must be readable
  Decimal(const char* text, char point) : begin_(text), point_(point) {
    negative_ = *text == '-';
    if (*text == '-' || *text == '+') ++text;
    const char* const first = text;
    text = read_digits(text);
    std::ptrdiff_t digits = text - first;
    if (*text == point) {
      const char* const fraction = text + 1;
      text = read_digits(fraction);
      places_ = text - fraction;
      digits += places_;
    }
    is_number_ = digits > 0;
    is_short_ = digits <= 19;  // the integer fits into 64 bits
    end_ = text;
    if (is_number_ && (*text == 'e' || *text == 'E')) read_exponent(text + 1);
  }

  bool is_number() const { return is_number_; }
  const char* end() const { return end_; }

  /// @return whether the number is in the range of Scalar
  template <typename Scalar>
  bool read(Scalar& value) const {
    if (is_short_ && read_exactly(value)) return true;
    std::string text(begin_ + (*begin_ == '+' ? 1 : 0), end_);
    const std::size_t point = text.find(point_);
    if (point != std::string::npos) text[point] = '.';
    const std::size_t first = text.find_first_not_of("-0.");
    const std::ptrdiff_t size =
        static_cast<std::ptrdiff_t>((std::min)(text.find_first_of(".eE"), text.size())) -
        static_cast<std::ptrdiff_t>((std::min)(first, text.size()));
    value = decimal_by_library<Scalar>(text, size + exponent_ < 0);
    return is_finite(value);
  }

 private:
  static constexpr std::ptrdiff_t largest_exponent = 1000000;

  const char* read_digits(const char* text) {
    static constexpr std::uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    for (;;) {
      const EightCharacters next(eight_bytes(text));
      const unsigned count = EightCharacters::first(next.others);
      if (count == 0) return text;
      integer_ = integer_ * powers[count] + EightCharacters::integer(next.values << (64 - 8 * count));
      text += count;
      if (count < 8) return text;
    }
  }

  void read_exponent(const char* text) {
    const bool negative = *text == '-';
    if (*text == '-' || *text == '+') ++text;
    if (*text < '0' || *text > '9') return;
    for (; *text >= '0' && *text <= '9'; ++text) {
      if (exponent_ < largest_exponent) exponent_ = exponent_ * 10 + (*text - '0');
    }
    if (negative) exponent_ = -exponent_;
    end_ = text;
  }

  /// W. D. Clinger, "How to read floating point numbers accurately", PLDI 1990: one operation of two exact
  /// numbers is rounded correctly.
  template <typename Scalar>
  bool read_exactly(Scalar& value) const {
    using Wide = std::conditional_t<(std::numeric_limits<Scalar>::digits > 53), Scalar, double>;
    constexpr int bits = std::numeric_limits<Wide>::digits;
    constexpr std::ptrdiff_t most = bits >= 64 ? 27 : 22;
    const std::ptrdiff_t power = exponent_ - places_;
    if (power > most || power < -most) return false;
    if constexpr (bits < 64) {
      if (integer_ > std::uint64_t{1} << bits) return false;
    }
    Wide wide = static_cast<Wide>(integer_);
    const Wide factor = static_cast<Wide>(exact_powers[power < 0 ? -power : power]);
    wide = power < 0 ? wide / factor : wide * factor;
    if (negative_) wide = -wide;
    if constexpr (std::is_same_v<Wide, Scalar>) {
      value = wide;
      return true;
    } else {
      return round_to_float(wide, value);
    }
  }

  const char *begin_, *end_;
  char point_;
  bool negative_, is_number_, is_short_;
  std::uint64_t integer_ = 0;  // of all digits, if is_short_
  std::ptrdiff_t places_ = 0, exponent_ = 0;
};

}  // namespace backquery::detail
