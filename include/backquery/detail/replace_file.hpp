/// @file
/// Atomic replacement of a file: its path holds a complete file at all times.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/check.hpp>
#include <backquery/detail/file_path.hpp>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>
#elif defined(__unix__) || defined(__APPLE__)
#include <fcntl.h>
#include <unistd.h>
#endif

namespace backquery::detail {

/// Creates a file for writing. Returns null, with errno, if the name exists, even as a folder.
inline std::FILE* create_file(const std::filesystem::path& path) {
#ifdef _WIN32  // its fopen has no "x"
  const int file = ::_wopen(path.c_str(), _O_CREAT | _O_EXCL | _O_WRONLY | _O_BINARY, _S_IREAD | _S_IWRITE);
  return file < 0 ? nullptr : ::_wfdopen(file, L"wb");
#else
  return std::fopen(path.c_str(), "wbx");
#endif
}

/// Waits until the file is on the disk, where the system allows it.
inline bool flush_to_disk(std::FILE* file) {
#ifdef _WIN32
  return std::fflush(file) == 0 && ::_commit(::_fileno(file)) == 0;
#elif defined(__unix__) || defined(__APPLE__)
  return std::fflush(file) == 0 && ::fsync(::fileno(file)) == 0;
#else
  return std::fflush(file) == 0;
#endif
}

/// Waits until the name of a renamed file is on the disk, where the system allows it. Returns false, with
/// errno, for an error of the disk.
inline bool flush_folder_to_disk(const std::filesystem::path& folder) {
#if defined(__unix__) || defined(__APPLE__)
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return errno == EACCES;  // a folder that can be written but not read
  }
  const bool flushed =
      ::fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP;  // some network drives
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return flushed;
#else
  static_cast<void>(folder);
  return true;
#endif
}

/// A temporary name for the file at `path`; `number` is 0 to temporary_names - 1.
constexpr int temporary_names = 100;
inline std::filesystem::path temporary_name(std::filesystem::path path, int number) {
  return path += message(".", number, ".tmp");
}

/// Removes the temporary files that killed programs left behind. No other program may be saving to `path`.
inline void remove_temporary_files(const std::filesystem::path& path) {
  for (int number = 0; number < temporary_names; ++number) {
    const std::filesystem::path name = temporary_name(path, number);
    std::error_code ignored;
    if (std::filesystem::is_regular_file(name, ignored)) {
      std::filesystem::remove(name, ignored);
    }
  }
}

/// A new file with a unique name in the folder of `path`. commit() renames it to `path`. Without commit(),
/// the destructor removes it. Every error is a std::runtime_error "path: cannot be saved: reason".
class ReplacementFile {
 public:
  explicit ReplacementFile(const std::filesystem::path& path) : path_(path) {
    std::error_code ignored;  // a rename would replace a folder or a device
    if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored)) {
      fail("expected a regular file or none");
    }
    create();
    keep_permissions();  // before the file has content, which may be private
  }
  ~ReplacementFile() {
    file_.reset();
    if (!in_place_) {
      std::error_code ignored;
      std::filesystem::remove(name_, ignored);
    }
  }

  void write(const void* bytes, std::size_t size) { check(std::fwrite(bytes, 1, size, file_.get()) == size); }

  /// Waits until the file is on the disk, then renames it and waits for the new name. After a power failure,
  /// the path has the complete old or new file; after the call, the new one.
  void commit() {
    check(keep_permissions());
    check(flush_to_disk(file_.get()));  // else the rename could be on the disk before the content
    check(std::fclose(file_.release()) == 0);
    std::error_code error;
    retry_while_in_use([&] {
      std::filesystem::rename(name_, path_, error);  // std::rename may fail if the file exists
      return !error;
    });
    check(error);
    in_place_ = true;
    check(flush_folder_to_disk(path_.parent_path()));
  }

 private:
  /// Creates the temporary file under the first free name: running or killed programs may have used others.
  void create() {
    for (int number = 0; file_ == nullptr && number < temporary_names; ++number) {
      name_ = temporary_name(path_, number);
      file_.reset(create_file(name_));
      // Windows denies access to a name that is a folder or is being deleted.
      if (file_ == nullptr && errno != EEXIST && errno != EACCES) {
        fail(std::strerror(errno));
      }
    }
    if (file_ == nullptr) {
      fail(errno == EEXIST
               ? message(temporary_names, " temporary files exist, delete them: ", path_text(path_),
                         ".0.tmp to .", temporary_names - 1, ".tmp")
               : std::strerror(errno));
    }
  }

  /// Copies the permissions of the file at `path`, if there is one. Permissions on Windows only state that a
  /// file must not be replaced.
  std::error_code keep_permissions() const {
    std::error_code error;
#ifndef _WIN32
    const std::filesystem::file_status old = std::filesystem::status(path_, error);
    error.clear();
    if (std::filesystem::exists(old)) {
      std::filesystem::permissions(name_, old.permissions() & std::filesystem::perms::all, error);
    }
#endif
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
    throw std::runtime_error(message(path_text(path_), ": cannot be saved: ", why));
  }

  std::filesystem::path path_, name_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
  bool in_place_ = false;
};

}  // namespace backquery::detail
