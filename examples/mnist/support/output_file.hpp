/// @file
/// Files that are there whole or not at all.
#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace mnist {

/// Refuses a path that cannot become a file, so that a program says so before its work and not after.
/// @throws std::runtime_error naming the path
inline void require_place_for(const std::string& path) {
  const std::filesystem::path target(path);
  const std::filesystem::path folder = target.has_parent_path() ? target.parent_path() : ".";
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    throw std::runtime_error(path + ": cannot be written, there is no folder " + folder.string());
  }
  if (std::filesystem::exists(target, ignored) && !std::filesystem::is_regular_file(target, ignored)) {
    throw std::runtime_error(path + ": cannot be written, it is there and not a file");
  }
}

/// Writes the file aside, with `write` given a binary stream, and renames it when all of it is there.
/// Whatever fails, a file of that name stays as it was.
/// @throws std::runtime_error naming the path; what `write` throws passes through
template <typename Write>
void write_aside(const std::string& path, Write write) {
  require_place_for(path);
  const std::string aside = path + ".part";
  std::error_code failure;
  try {
    std::ofstream stream(aside, std::ios::binary);
    if (stream) {
      write(stream);
      stream.close();
    }
    if (!stream) {
      throw std::runtime_error(path + ": cannot be written (disk full, or no permission?)");
    }
    std::filesystem::rename(aside, path, failure);
    if (failure) {
      throw std::runtime_error(path + ": cannot be written, " + failure.message());
    }
  } catch (...) {
    std::filesystem::remove(aside, failure);
    throw;
  }
}

}  // namespace mnist
