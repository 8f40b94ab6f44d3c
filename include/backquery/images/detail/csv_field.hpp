/// @file
/// Parsing of the fields of a CSV file of images.
#pragma once

#include <backquery/detail/csv_text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace backquery::detail {

/// The fast path of the reader, for pixels written as one to three digits.
struct PlainPixels {
  char separator;
  unsigned pixel_max;
  char four_zeros[8];  // and their separators

  PlainPixels(char separator_, int pixel_max_)
      : separator(separator_), pixel_max(static_cast<unsigned>(pixel_max_)) {
    for (std::size_t i = 0; i < sizeof four_zeros; i += 2) {
      four_zeros[i] = '0';
      four_zeros[i + 1] = separator;
    }
  }

  /// Reads up to `largest` pixels of one to three digits, 0 to pixel_max, each followed by a separator. Stops
  /// at any other field, for example at the last one or a wrong one. A NUL ends the text, and 7 bytes after
  /// it must be readable.
  /// @return the number of pixels; the cursor is behind the last separator
  std::size_t read(const char*& cursor, std::uint8_t* pixels, std::size_t largest) const {
    const char sep = separator;  // copies, because a pixel could alias a member
    const unsigned most = pixel_max;
    std::uint64_t zeros;
    std::memcpy(&zeros, four_zeros, sizeof zeros);
    const char* c = cursor;
    std::size_t count = 0;
    while (count < largest) {
      std::uint64_t next;
      std::memcpy(&next, c, sizeof next);
      if (next == zeros && largest - count >= 4) {  // most of an image is background
        std::memset(pixels + count, 0, 4);
        count += 4;
        c += 8;
        continue;
      }
      unsigned value = csv_digit(*c);
      if (value > 9) break;
      int digits = 1;
      for (; digits < 3 && csv_digit(c[digits]) <= 9; ++digits) {
        value = value * 10 + csv_digit(c[digits]);
      }
      if (value > most || c[digits] != sep) break;
      pixels[count++] = static_cast<std::uint8_t>(value);
      c += digits + 1;
    }
    cursor = c;
    return count;
  }
};

/// An unsigned number at the start of a text: digits, perhaps with a decimal point and an exponent. Any other
/// character ends the number, for example a NUL.
class CsvNumber {
 public:
  /// A value that is too large for a label or a pixel.
  static constexpr unsigned too_large = 100000;

  explicit CsvNumber(const char* text) : begin_(text), end_(text) {
    while (csv_digit(*end_) <= 9) ++end_;
    point_ = end_;
    if (*end_ == '.') {
      ++end_;
      while (csv_digit(*end_) <= 9) ++end_;
    }
    digits_end_ = end_;
    if (is_number() && (*end_ == 'e' || *end_ == 'E')) {
      read_exponent();
    }
  }

  /// At least one digit before or behind the point.
  bool is_number() const { return digits_end_ - begin_ > (point_ == digits_end_ ? 0 : 1); }

  const char* end() const { return end_; }

  /// The value, at most too_large.
  /// @return whether it is whole
  bool whole(unsigned& value) const {
    value = 0;
    std::ptrdiff_t power = point_ - begin_ + exponent_;  // 1 + the power of ten of the next digit
    for (const char* c = begin_; c != digits_end_; ++c) {
      if (c == point_) continue;
      const unsigned digit = csv_digit(*c);
      if (--power < 0 && digit != 0) return false;
      if (power >= 0) value = (std::min)(value * 10 + digit, too_large);
    }
    for (; power > 0 && value != 0 && value != too_large; --power) value = (std::min)(value * 10, too_large);
    return true;
  }

 private:
  void read_exponent() {
    const char* c = end_ + 1;
    const bool negative = *c == '-';
    if (*c == '-' || *c == '+') ++c;
    if (csv_digit(*c) > 9) return;
    for (; csv_digit(*c) <= 9; ++c) {
      exponent_ =
          std::min<std::ptrdiff_t>(exponent_ * 10 + static_cast<std::ptrdiff_t>(csv_digit(*c)), too_large);
    }
    if (negative) exponent_ = -exponent_;
    end_ = c;
  }

  const char *begin_, *end_;
  const char *point_, *digits_end_;
  std::ptrdiff_t exponent_ = 0;
};

/// A number in a field, perhaps in quotation marks, with the blanks around it.
class CsvField {
 public:
  CsvField(const char* text, char separator)
      : begin_(behind_blanks(text, separator)),
        in_quotes_(*begin_ == '"'),
        number_(in_quotes_ ? behind_blanks(begin_ + 1, separator) : begin_),
        end_(behind_blanks(number_.end(), separator)),
        is_closed_(!in_quotes_ || *end_ == '"') {
    if (in_quotes_ && is_closed_) end_ = behind_blanks(end_ + 1, separator);
  }

  bool is_number() const { return number_.is_number() && is_closed_; }

  /// The value, at most CsvNumber::too_large.
  /// @return whether it is a whole number
  bool whole(unsigned& value) const { return is_number() && number_.whole(value); }

  const char* end() const { return end_; }

 private:
  static const char* behind_blanks(const char* c, char separator) {
    while (is_csv_blank(*c, separator)) ++c;
    return c;
  }

  const char* begin_;
  bool in_quotes_;
  CsvNumber number_;
  const char* end_;
  bool is_closed_;  // no quotation mark is missing
};

}  // namespace backquery::detail
