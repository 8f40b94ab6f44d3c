/// @file
/// A binary file opened for reading.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/check.hpp>
#include <backquery/detail/file_path.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

namespace backquery::detail {

/// A binary file, closed by the destructor. Every error is a std::runtime_error "path: reason". A derived
/// class decodes the bytes.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path) : path_(path_text(path)) {
    int error = 0;
    retry_while_in_use([&] {
#ifdef _WIN32
      file_.reset(::_wfopen(path.c_str(), L"rb"));
#else
      file_.reset(std::fopen(path.c_str(), "rb"));
#endif
      error = errno;
      std::error_code ignored;
      return file_ != nullptr || error != EACCES || std::filesystem::is_directory(path, ignored);
    });
    if (file_ == nullptr) {
      fail("cannot be opened: ", std::strerror(error));
    }
    std::setvbuf(file_.get(), nullptr, _IONBF, 0);
  }
  InputFile(InputFile&&) noexcept = default;
  virtual ~InputFile() = default;

  /// The path for messages.
  const std::string& path() const {
    return path_;
  }

  /// Reads `size` bytes, or fewer if the file ends. Returns the number of bytes.
  std::size_t read(void* bytes, std::size_t size) {
    const std::size_t taken = (std::min)(size, peeked_.size());
    std::copy_n(peeked_.begin(), taken, static_cast<char*>(bytes));
    peeked_.erase(0, taken);
    return taken + read_next(static_cast<char*>(bytes) + taken, size - taken);
  }

  /// The next `size` bytes, or fewer if the file ends. They stay unread.
  const std::string& peek(std::size_t size) {
    const std::size_t had = peeked_.size();
    if (had < size) {
      peeked_.resize(size);
      peeked_.resize(had + read_next(&peeked_[had], size - had));
    }
    return peeked_;
  }

  /// Reads `size` bytes, which remaining() has counted.
  void read_all(void* bytes, std::size_t size) {
    if (read(bytes, size) < size) {
      fail("became shorter while it was read");
    }
  }

  /// Skips bytes of a regular file. remaining() must have counted them.
  void skip(std::uint64_t size) {
    const std::uint64_t taken = std::min<std::uint64_t>(size, peeked_.size());
    peeked_.erase(0, static_cast<std::size_t>(taken));
    if (seek(static_cast<std::int64_t>(size - taken), SEEK_CUR) < 0) {
      fail("cannot be read: ", std::strerror(errno));
    }
  }

  /// The number of unread bytes; empty if it is unknown until they are read, as for a pipe.
  std::optional<std::uint64_t> remaining() {
    const auto next = size_of_next();
    return next ? std::optional(peeked_.size() + *next) : std::nullopt;
  }

  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    throw std::runtime_error(message(path_, ": ", parts...));
  }

 protected:
  /// Reads bytes behind the peeked ones. Returns the number of bytes.
  virtual std::size_t read_next(void* bytes, std::size_t size) {
    const std::size_t got = std::fread(bytes, 1, size, file_.get());
    if (got < size && std::ferror(file_.get()) != 0) {
      fail("cannot be read: ", std::strerror(errno));
    }
    return got;
  }

  /// The number of bytes behind the peeked ones; empty if it is unknown.
  virtual std::optional<std::uint64_t> size_of_next() {
    const auto here = seek(0, SEEK_CUR);
    const auto end = here < 0 ? -1 : seek(0, SEEK_END);
    if (end < here || here < 0 || seek(here, SEEK_SET) != here) {
      return std::nullopt;
    }
    return static_cast<std::uint64_t>(end - here);
  }

 private:
  /// Returns the new position, or -1. `long` has 32 bits on Windows, which is too few for its files.
#ifdef _WIN32
  std::int64_t seek(std::int64_t offset, int origin) {
    return ::_fseeki64(file_.get(), offset, origin) == 0 ? ::_ftelli64(file_.get()) : -1;
  }
#else
  std::int64_t seek(const std::int64_t offset, int origin) {
    return ::fseeko(file_.get(), static_cast<off_t>(offset), origin) == 0 ? ::ftello(file_.get()) : -1;
  }
#endif

  std::string path_, peeked_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
};

}  // namespace backquery::detail
