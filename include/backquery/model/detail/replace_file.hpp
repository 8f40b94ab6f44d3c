/// @file
/// Writing a file so that its path always holds a whole one.
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

/// A new file beside `path`, of a name that nobody else has. Complete, it takes the place of `path`;
/// otherwise it goes with the object. Every error is a std::runtime_error "path: cannot be saved: why".
class ReplacementFile {
 public:
  explicit ReplacementFile(const std::string& path) : path_(path) {
    if (is_special()) {  // a folder, or /dev/null, which the rename would take away from everybody
      fail("expected a regular file or none");
    }
    // "x" creates the file or fails: whoever else saves to this path, now or killed before, has another name.
    for (unsigned number = 0; file_ == nullptr; ++number) {
      name_ = message(path, ".", number, ".tmp");
      file_ = std::fopen(name_.c_str(), "wbx");
      if (file_ == nullptr && errno != EEXIST) {
        fail(std::strerror(errno));
      }
    }
    keep_permissions();  // before a byte is in it that not everybody may read
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

  /// Brings the file to the disk, then to its place.
  void commit() {
    check(std::fflush(file_) == 0);
    settle();
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
  /// Gives the file the permissions of the one that it replaces.
  bool keep_permissions() {
    struct stat old {};
    return ::stat(path_.c_str(), &old) != 0 || ::fchmod(::fileno(file_), old.st_mode & 0777) == 0;
  }
  /// Waits until the disk has the file: a rename may reach the disk before the bytes do.
  void settle() {
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
  void settle() {}
  void rename() {  // std::rename need not replace a file
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
