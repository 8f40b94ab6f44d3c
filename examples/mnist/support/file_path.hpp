/// @file
/// Paths from the command line.
#pragma once

#include <filesystem>
#include <string>

namespace mnist {

/// The path that a text in UTF-8 names. On Windows, a std::filesystem::path of a std::string depends on the
/// locale.
inline std::filesystem::path file_path(const std::string& text) {
#ifdef __cpp_char8_t
  return std::u8string(text.begin(), text.end());
#else
  return std::filesystem::u8path(text);
#endif
}

}  // namespace mnist
