/// @file
/// A binary file opened for reading.
#pragma once

#include <backquery/detail/check.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

namespace backquery::detail {

/// A binary file, closed by the destructor. Every error is a std::runtime_error "path: reason".
class InputFile {
 public:
  explicit InputFile(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "rb")) {
    if (file_ == nullptr) {
      fail("cannot be opened: ", std::strerror(errno));
    }
    std::setvbuf(file_, nullptr, _IONBF, 0);
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() { std::fclose(file_); }

  const std::string& path() const { return path_; }

  /// Reads `size` bytes, or fewer if the file ends. Returns the number of bytes.
  std::size_t read(void* bytes, std::size_t size) {
    const std::size_t got = std::fread(bytes, 1, size, file_);
    if (got < size && std::ferror(file_) != 0) {
      fail("cannot be read: ", std::strerror(errno));
    }
    return got;
  }

  /// The number of unread bytes. Throws for a file without a size, for example a pipe.
  std::int64_t remaining() {
    const long here = std::ftell(file_);
    if (here < 0 || std::fseek(file_, 0, SEEK_END) != 0) {
      fail("has no size, expected a regular file");
    }
    const long end = std::ftell(file_);
    if (end < here || std::fseek(file_, here, SEEK_SET) != 0) {
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
  std::FILE* file_;
};

}  // namespace backquery::detail
