/// @file
/// Output files. Each is written beside its place and renamed when it is complete, so that a failure leaves
/// an older file of the same name as it was.
#pragma once

#include <algorithm>
#include <backquery/detail/replace_file.hpp>
#include <cctype>
#include <stdexcept>
#include <string>

#include "file_path.hpp"

namespace mnist {

/// @param path  in UTF-8
class OutputFile : public backquery::detail::ReplacementFile {
 public:
  explicit OutputFile(const std::string& path) : ReplacementFile(file_path(path)) {}
};

/// Checks before the work that a file can be written.
/// @throws std::runtime_error that names the path, if no file can be written there
inline void require_writable(const std::string& path) {
  OutputFile probe(path);  // removed by its destructor
}

/// Checks before the work that a file can be written, and that its name has the given ending.
/// @throws std::invalid_argument that names the option
inline void require_writable(const std::string& option, const std::string& path, const std::string& ending) {
  std::string end = path.substr(path.size() - std::min(ending.size(), path.size()));
  std::transform(end.begin(), end.end(), end.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  if (end != ending) {
    throw std::invalid_argument(option + ": is '" + path + "', expected a name that ends in " + ending);
  }
  require_writable(path);
}

inline void require_writable_png(const std::string& option, const std::string& path) {
  require_writable(option, path, ".png");
}

}  // namespace mnist
