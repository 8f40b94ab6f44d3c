/// @file
/// Tensors of an ONNX model that are stored in a file beside it.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/model/detail/onnx_messages.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

namespace backquery::detail::onnx {

/// Bytes that belong to no file buffer. They are not initialized.
using OwnedBytes = std::shared_ptr<unsigned char[]>;

inline OwnedBytes allocate(std::size_t size) {
  return OwnedBytes(new unsigned char[size]);
}

/// The path for a text in UTF-8.
inline std::filesystem::path path_of(std::string_view text) {
#ifdef __cpp_char8_t
  return {std::u8string(text.begin(), text.end())};
#else
  return std::filesystem::u8path(text.begin(), text.end());
#endif
}

/// The number that the entry of an external tensor states.
inline std::uint64_t external_number(const TensorMessage& tensor, std::string_view key,
                                     std::uint64_t otherwise) {
  for (const auto& [entry, text] : tensor.external) {
    if (entry != key) {
      continue;
    }
    std::uint64_t number = 0;
    bool valid = !text.empty() && text.size() <= 19;  // 19 digits do not overflow
    for (const char digit : text) {
      valid = valid && digit >= '0' && digit <= '9';
      number = 10 * number + static_cast<std::uint64_t>(digit - '0');
    }
    if (!valid) {
      reject("the external data of tensor ", quoted(tensor.name), " have the ", key, " ", quoted(text),
             ", expected a whole number");
    }
    return number;
  }
  return otherwise;
}

/// The file of an external tensor. It must be in the folder of the model or below it: a model from elsewhere
/// must not read other files, neither by a path nor by a symbolic link.
inline std::filesystem::path external_path(const std::filesystem::path& folder, const TensorMessage& tensor) {
  namespace fs = std::filesystem;
  std::string_view location;
  for (const auto& [key, value] : tensor.external) {
    location = key == "location" ? value : location;
  }
  const auto fail = [&](std::string_view reason) {
    reject("the external data of tensor ", quoted(tensor.name), " are in ", quoted(location), ", ", reason);
  };
  if (location.empty() || location.find('\0') != location.npos) {
    fail("expected the name of a file");
  }
  const fs::path relative = path_of(location);
  if (relative.has_root_path() || std::find(relative.begin(), relative.end(), "..") != relative.end()) {
    fail("expected a file in the folder of the model");
  }
  std::error_code error;
  const fs::path base = fs::canonical(folder.empty() ? fs::path(".") : folder, error);
  fs::path file = error ? fs::path() : fs::canonical(folder / relative, error);
  if (error) {
    fail("which cannot be opened: " + error.message());
  }
  if (std::mismatch(base.begin(), base.end(), file.begin(), file.end()).first != base.end()) {
    fail("a symbolic link to a file outside the folder of the model");
  }
  if (!fs::is_regular_file(file, error)) {
    fail("expected a regular file");
  }
  return file;
}

/// The bytes from which a network is imported. A small file must not result in a large network: the
/// external tensors in a file must not be larger together than the file, and the bytes of converted constants
/// are limited.
struct Sources {
  std::filesystem::path folder;  // of the model
  std::uint64_t bytes = 0;       // of the model and of the external tensors read so far
  std::uint64_t converted = 0;   // bytes of constants that were converted
  std::map<std::filesystem::path, std::uint64_t> used;  // bytes of external files read so far
};

/// Reads `size` bytes of an external tensor. Memory is allocated after the length of the file is checked.
inline OwnedBytes read_external(Sources& sources, const TensorMessage& tensor, std::size_t size) {
  const std::uint64_t offset = external_number(tensor, "offset", 0);
  const std::uint64_t length = external_number(tensor, "length", size);
  if (length != size) {
    reject("the external data of tensor ", quoted(tensor.name), " have the length ", length, ", expected ",
           size, " for its dimensions");
  }
  const std::filesystem::path path = external_path(sources.folder, tensor);
  InputFile file(path);
  const std::uint64_t there = file.remaining().value_or(0);
  std::uint64_t& used = sources.used[path];
  used += size;
  if (offset > there || size > there - offset || used > there) {
    reject("the external data of tensor ", quoted(tensor.name), " are ", size, " bytes from byte ", offset,
           " on, and ", used, " with the tensors before it, but ", file.path(), " has ", there, " bytes");
  }
  sources.bytes += size;
  file.skip(offset);
  OwnedBytes bytes = allocate(size);
  file.read_all(bytes.get(), size);
  return bytes;
}

}  // namespace backquery::detail::onnx
