/// @file
/// A binary file opened for reading.
#pragma once

#include <backquery/detail/check.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

namespace backquery::detail {

/// A binary file, closed by the destructor. Every error is a std::runtime_error "path: reason".
class InputFile {
 public:
  explicit InputFile(const std::string& path)
      : path_(path), file_(std::fopen(path.c_str(), "rb"), &std::fclose) {
    if (file_ == nullptr) {
      fail("cannot be opened: ", std::strerror(errno));
    }
    std::setvbuf(file_.get(), nullptr, _IONBF, 0);
  }

  const std::string& path() const { return path_; }

  /// Reads `size` bytes, or fewer if the file ends. Returns the number of bytes.
  std::size_t read(void* bytes, std::size_t size) {
    const std::size_t got = std::fread(bytes, 1, size, file_.get());
    if (got < size && std::ferror(file_.get()) != 0) {
      fail("cannot be read: ", std::strerror(errno));
    }
    return got;
  }

  /// Reads `size` bytes, which remaining() has counted.
  void read_all(void* bytes, std::size_t size) {
    if (read(bytes, size) < size) {
      fail("became shorter while it was read");
    }
  }

  /// The number of unread bytes. Throws for a file without a size, for example a pipe.
  std::int64_t remaining() {
    const long here = std::ftell(file_.get());
    const bool is_at_end = here >= 0 && std::fseek(file_.get(), 0, SEEK_END) == 0;
    const long end = is_at_end ? std::ftell(file_.get()) : -1;
    if (end < here || here < 0 || std::fseek(file_.get(), here, SEEK_SET) != 0) {
      fail("has no size, expected a regular file");
    }
    return end - here;
  }

  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw std::runtime_error(message(path_, ": ", parts...));
  }

 private:
  std::string path_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

}  // namespace backquery::detail
