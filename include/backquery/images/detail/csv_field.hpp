/// @file
/// Parsing and quoting of the fields of a CSV file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace backquery::detail {

constexpr bool is_csv_space(char c) {
  return c == ' ' || c == '\t';
}

/// The value 0 to 9 of a digit; more than 9 for any other character.
constexpr unsigned csv_digit(char c) {
  return static_cast<unsigned>(c) - unsigned{'0'};
}

/// Reads up to `largest` pixels of one to three digits, 0 to pixel_max, each followed by a comma. Stops at
/// any other field, for example at the last one or a wrong one. A NUL ends the text, and 7 bytes after it
/// must be readable.
/// @return the number of pixels; the cursor is behind the last comma
inline std::size_t read_plain_pixels(const char*& cursor, std::uint8_t* pixels, std::size_t largest,
                                     unsigned pixel_max) {
  const char* c = cursor;
  std::size_t count = 0;
  while (count < largest) {
    if (largest - count >= 4 && std::memcmp(c, "0,0,0,0,", 8) == 0) {  // most of an image is background
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
    if (value > pixel_max || c[digits] != ',') break;
    pixels[count++] = static_cast<std::uint8_t>(value);
    c += digits + 1;
  }
  cursor = c;
  return count;
}

/// The first characters of the text, in quotation marks. Unprintable bytes are written as \xNN.
inline std::string quoted(const char* begin, const char* end) {
  constexpr std::ptrdiff_t longest = 20;
  static constexpr char hex[] = "0123456789abcdef";
  std::string result = "\"";
  for (const char* c = begin; c != end && c != begin + longest; ++c) {
    const auto byte = static_cast<unsigned char>(*c);
    if (byte >= ' ' && byte < 0x7f) {
      result += *c;
    } else {
      result.append("\\x").append(1, hex[byte >> 4]).append(1, hex[byte & 15]);
    }
  }
  return result + (end - begin > longest ? "...\"" : "\"");
}

}  // namespace backquery::detail
