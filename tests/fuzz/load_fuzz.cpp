// Loads the bytes of the fuzzer, once unchanged and once with a correct magic, version, length and checksum,
// because most inputs fail these checks. The result must be a std::runtime_error that names the file, or a
// network that is saved as the same bytes if the file has the present version. Build and run for a minute:
//
//   clang++ -std=c++17 -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -isystem /usr/include/eigen3
//       tests/fuzz/load_fuzz.cpp -o load_fuzz
//   mkdir found && ./load_fuzz -max_total_time=60 found tests/data/model

#include "memory_file.hpp"

#include <backquery/model/load.hpp>
#include <backquery/model/save.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace model = backquery::detail::model;
using Bytes = std::vector<unsigned char>;

void require(bool condition) {
  if (!condition) std::abort();
}

template <typename Scalar>
void check_load(const std::string& path, const Bytes& bytes) {
  try {
    backquery::Sections sections;
    const auto network = backquery::load<Scalar>(path, sections);
    const std::string saved = model::to_bytes(network, sections);
    if (bytes[model::version_at] == 1) {  // saved as the present version
      const MemoryFile file(reinterpret_cast<const std::uint8_t*>(saved.data()), saved.size());
      require(model::to_bytes(backquery::load<Scalar>(file.path())) == saved);
    } else {
      require(std::equal(bytes.begin(), bytes.end(), saved.begin(), saved.end(),
                         [](unsigned char a, char b) { return a == static_cast<unsigned char>(b); }));
    }
  } catch (const std::runtime_error& error) {
    require(std::string(error.what()).rfind(path + ": ", 0) == 0);
  }
}

void check(const Bytes& bytes) {
  const MemoryFile file(bytes.data(), bytes.size());
  check_load<float>(file.path(), bytes);
  check_load<double>(file.path(), bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, data + size);
  check(bytes);
  if (size < model::opening_bytes + model::checksum_bytes) return 0;
  std::copy(std::begin(model::magic), std::end(model::magic), bytes.begin());
  const std::uint32_t version = bytes[model::version_at] == 1 ? 1 : model::version;
  backquery::detail::write_value(version, &bytes[model::version_at]);
  backquery::detail::write_value(static_cast<std::uint64_t>(size), &bytes[model::length_at]);
  const std::size_t checksum_at = size - model::checksum_bytes;
  backquery::detail::write_value(backquery::detail::crc32(bytes.data(), checksum_at), &bytes[checksum_at]);
  check(bytes);
  return 0;
}
