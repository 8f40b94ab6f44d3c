// Reads two files of the fuzzer with read_idx. The first byte is the size of the label file, which follows;
// the rest is the image file. The result must be a std::runtime_error that names one of the files, or a set
// of images that contains every byte of both. Build and run for a minute:
//
//   clang++ -std=c++17 -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -isystem /usr/include/eigen3
//       tests/fuzz/read_idx_fuzz.cpp -o read_idx_fuzz
//   mkdir found && ./read_idx_fuzz -max_total_time=60 found tests/fuzz/corpus/idx

#include "memory_file.hpp"

#include <backquery/images/read_idx.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t labels_size = std::min<std::size_t>(data[0], size - 1);
  const std::size_t images_size = size - 1 - labels_size;
  const std::uint8_t* const labels_bytes = data + 1;
  const std::uint8_t* const images_bytes = labels_bytes + labels_size;
  const MemoryFile labels_file(labels_bytes, labels_size);
  const MemoryFile images_file(images_bytes, images_size);
  try {
    const auto images = backquery::read_idx(images_file.path(), labels_file.path());
    const auto samples = static_cast<std::size_t>(images.labels.size());
    const auto pixels = static_cast<std::size_t>(images.pixels.size());
    require(samples > 0 && images.pixels.cols() == images.labels.size());
    require(images.rows > 0 && images.pixels.rows() == images.rows * images.cols);
    require(images.classes == 10 && images.labels.maxCoeff() < 10);
    require(samples + 8 == labels_size && pixels + 16 == images_size);
    require(std::memcmp(images.labels.data(), labels_bytes + 8, samples) == 0);
    require(std::memcmp(images.pixels.data(), images_bytes + 16, pixels) == 0);
  } catch (const std::runtime_error& error) {
    const std::string what = error.what();
    require(what.rfind(images_file.path() + ": ", 0) == 0 || what.rfind(labels_file.path() + ": ", 0) == 0);
  }
  return 0;
}
