/// @file
/// Parts of an HTML page as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "../../lessons/support/escaped.hpp"

namespace mnist {

using lesson::escaped;

/// `<tag attributes>content</tag>`.
/// @param start    the name of the element, and its attributes: `td class="correct"`
/// @param content  HTML
inline std::string element(const std::string& start, const std::string& content) {
  return '<' + start + '>' + content + "</" + start.substr(0, start.find(' ')) + '>';
}

/// An element that contains plain text.
inline std::string text_element(const std::string& start, const std::string& text) {
  return element(start, escaped(text));
}

/// The bytes in base64 (RFC 4648, section 4).
inline std::string base64(const std::string& bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      group = group << 8 | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += i + j > bytes.size() ? '=' : digits[group >> (18 - 6 * j) & 63];
    }
  }
  return text;
}

}  // namespace mnist
