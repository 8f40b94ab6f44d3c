/// @file
/// Model files as bytes, for tests that damage them.
#pragma once

#include <backquery/detail/byte_order.hpp>
#include <backquery/detail/crc32.hpp>
#include <backquery/model/detail/format.hpp>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

/// The bytes of a file.
inline std::string read_bytes(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// The file with the number at `offset` set to `value`.
template <typename Value>
std::string with_value(std::string bytes, std::size_t offset, Value value) {
  backquery::detail::write_value(value, reinterpret_cast<unsigned char*>(&bytes.at(offset)));
  return bytes;
}

/// The file with correct length and checksum, as in a forged file.
inline std::string sealed(std::string bytes) {
  namespace model = backquery::detail::model;
  bytes = with_value(bytes, model::length_at, static_cast<std::uint64_t>(bytes.size()));
  const std::size_t checksum_at = bytes.size() - model::checksum_bytes;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  return with_value(bytes, checksum_at, backquery::detail::crc32(data, checksum_at));
}
