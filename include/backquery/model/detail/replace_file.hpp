/// @file
/// Atomic replacement of a file: its path holds a complete file at all times.
#pragma once

#include <backquery/detail/check.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

namespace backquery::detail {

/// A new file with a unique name in the folder of `path`. commit() renames it to `path`. Without commit(),
/// the destructor removes it. Every error is a std::runtime_error "path: cannot be saved: reason".
class ReplacementFile {
 public:
  explicit ReplacementFile(const std::string& path) : path_(path) {
    std::error_code ignored;  // a rename would replace a folder or a device
    if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored)) {
      fail("expected a regular file or none");
    }
    // "x" fails if the file exists: concurrent and killed programs have used other names.
    for (unsigned number = 0; file_ == nullptr; ++number) {
      name_ = message(path, ".", number, ".tmp");
      file_.reset(std::fopen(name_.c_str(), "wbx"));
      if (file_ == nullptr && errno != EEXIST) {
        fail(std::strerror(errno));
      }
    }
    keep_permissions();  // before the file has content, which may be private
  }
  ~ReplacementFile() {
    file_.reset();
    if (!in_place_) {
      std::remove(name_.c_str());
    }
  }

  void write(const void* bytes, std::size_t size) { check(std::fwrite(bytes, 1, size, file_.get()) == size); }

  /// Waits until the file is on the disk, then renames it.
  void commit() {
    check(std::fflush(file_.get()) == 0);
    check(keep_permissions());
#if defined(__unix__) || defined(__APPLE__)
    check(::fsync(::fileno(file_.get())) == 0);  // else the rename could be on the disk before the content
#endif
    check(std::fclose(file_.release()) == 0);
    std::error_code error;
    std::filesystem::rename(name_, path_, error);  // std::rename may fail if the file exists
    check(error);
    in_place_ = true;
  }

 private:
  /// Copies the permissions of the file at `path`, if there is one.
  std::error_code keep_permissions() const {
    std::error_code error;
    const std::filesystem::file_status old = std::filesystem::status(path_, error);
    error.clear();
    if (std::filesystem::exists(old)) {
      std::filesystem::permissions(name_, old.permissions() & std::filesystem::perms::all, error);
    }
    return error;
  }

  void check(bool success) const {
    if (!success) {
      fail(std::strerror(errno));
    }
  }
  void check(const std::error_code& error) const {
    if (error) {
      fail(error.message());
    }
  }
  [[noreturn]] void fail(const std::string& why) const {
    throw std::runtime_error(message(path_, ": cannot be saved: ", why));
  }

  std::string path_, name_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
  bool in_place_ = false;
};

}  // namespace backquery::detail
