/// @file
/// Atomic replacement of a file: its path holds a complete file at all times.
#pragma once

#include <backquery/detail/check.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/stat.h>
#include <unistd.h>
#else
#include <filesystem>
#include <system_error>
#endif

namespace backquery::detail {

/// A new file with a unique name in the folder of `path`. commit() renames it to `path`. Without commit(),
/// the destructor removes it. Every error is a std::runtime_error "path: cannot be saved: reason".
class ReplacementFile {
 public:
  explicit ReplacementFile(const std::string& path) : path_(path) {
    if (is_special()) {  // a folder, or a device, which a rename would replace
      fail("expected a regular file or none");
    }
    // "x" fails if the file exists: concurrent and killed programs have used other names.
    for (unsigned number = 0; file_ == nullptr; ++number) {
      name_ = message(path, ".", number, ".tmp");
      file_ = std::fopen(name_.c_str(), "wbx");
      if (file_ == nullptr && errno != EEXIST) {
        fail(std::strerror(errno));
      }
    }
    keep_permissions();  // before the file has content, which may be private
  }
  ReplacementFile(const ReplacementFile&) = delete;
  ReplacementFile& operator=(const ReplacementFile&) = delete;
  ~ReplacementFile() {
    if (file_ != nullptr) {
      std::fclose(file_);
    }
    if (!in_place_) {
      std::remove(name_.c_str());
    }
  }

  void write(const void* bytes, std::size_t size) { check(std::fwrite(bytes, 1, size, file_) == size); }

  /// Waits until the file is on the disk, then renames it.
  void commit() {
    check(std::fflush(file_) == 0);
    flush_to_disk();
    std::FILE* const file = file_;
    file_ = nullptr;
    check(std::fclose(file) == 0);
    rename();
    in_place_ = true;
  }

 private:
#if defined(__unix__) || defined(__APPLE__)
  bool is_special() const {
    struct stat old {};
    return ::stat(path_.c_str(), &old) == 0 && !S_ISREG(old.st_mode);
  }
  /// Copies the permissions of the file at `path`, if there is one.
  bool keep_permissions() {
    struct stat old {};
    return ::stat(path_.c_str(), &old) != 0 || ::fchmod(::fileno(file_), old.st_mode & 0777) == 0;
  }
  /// Writes the content to the disk. Otherwise the rename could be on the disk before the content.
  void flush_to_disk() {
    check(keep_permissions());
    check(::fsync(::fileno(file_)) == 0);
  }
  void rename() {
    check(std::rename(name_.c_str(), path_.c_str()) == 0);
  }
#else
  bool is_special() const {
    std::error_code ignored;
    return std::filesystem::exists(path_, ignored) && !std::filesystem::is_regular_file(path_, ignored);
  }
  bool keep_permissions() {
    return true;
  }
  void flush_to_disk() {}
  void rename() {  // std::rename may fail if the file exists
    std::error_code error;
    std::filesystem::rename(name_, path_, error);
    if (error) {
      fail(error.message());
    }
  }
#endif

  void check(bool success) const {
    if (!success) {
      fail(std::strerror(errno));
    }
  }
  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error(message(path_, ": cannot be saved: ", why));
  }

  std::string path_, name_;
  std::FILE* file_ = nullptr;
  bool in_place_ = false;
};

}  // namespace backquery::detail
