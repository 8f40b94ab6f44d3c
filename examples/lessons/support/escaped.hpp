/// @file
/// Text for HTML and SVG.
#pragma once

#include <string>

namespace lesson {

/// Text for the content or an attribute of an element. Control characters that HTML and XML forbid become
/// U+FFFD.
inline std::string escaped(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    switch (letter) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += (code < 0x20 && letter != '\n' && letter != '\t') || code == 0x7f ? std::string("&#xFFFD;")
                                                                                    : std::string(1, letter);
    }
  }
  return result;
}

}  // namespace lesson
