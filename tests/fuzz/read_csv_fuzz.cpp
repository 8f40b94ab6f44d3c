// Reads the bytes of the fuzzer with read_csv. The result must be a std::runtime_error that names the file,
// or a set of images that is unchanged after it is written as a plain CSV and read again. The result must not
// depend on the block size of the reader. Build and run for a minute:
//
//   clang++ -std=c++17 -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -isystem /usr/include/eigen3
//       tests/fuzz/read_csv_fuzz.cpp -o read_csv_fuzz
//   mkdir found && ./read_csv_fuzz -max_total_time=60 found tests/fuzz/corpus/csv

#include "memory_file.hpp"

#include <backquery/images/read_csv.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace {

using backquery::LabeledImages;

struct Outcome {
  LabeledImages images;
  std::string error;
};

void require(bool condition) {
  if (!condition) std::abort();
}

Outcome read(const std::string& path, Eigen::Index classes, Eigen::Index rows, Eigen::Index cols,
             std::size_t block_size) {
  Outcome outcome;
  try {
    backquery::detail::InputFile file(path);
    outcome.images = backquery::detail::CsvReader(file, classes, rows, cols, {}, block_size).read();
  } catch (const std::runtime_error& error) {
    outcome.error = error.what();
    require(outcome.error.rfind(path + ":", 0) == 0);
  }
  return outcome;
}

/// Whether the reader rejected a field that is longer than its blocks.
bool field_too_long(const Outcome& outcome) {
  return outcome.error.find(" is longer than ") != std::string::npos;
}

bool same(const LabeledImages& a, const LabeledImages& b) {
  return a.pixels.rows() == b.pixels.rows() && a.pixels.cols() == b.pixels.cols() && a.pixels == b.pixels &&
         a.labels.size() == b.labels.size() && a.labels == b.labels && a.rows == b.rows && a.cols == b.cols &&
         a.classes == b.classes;
}

std::string plain(const LabeledImages& images) {
  std::string text;
  for (Eigen::Index sample = 0; sample < images.labels.size(); ++sample) {
    text += std::to_string(images.labels(sample));
    for (Eigen::Index pixel = 0; pixel < images.pixels.rows(); ++pixel) {
      text += "," + std::to_string(images.pixels(pixel, sample));
    }
    text += "\n";
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const Eigen::Index classes = data[0] < 128 ? 10 : 256;
  const Eigen::Index rows = data[0] % 4;  // 0: the first line decides
  const Eigen::Index cols = rows == 0 ? 0 : 2;
  const MemoryFile file(data + 1, size - 1);

  const Outcome outcome = read(file.path(), classes, rows, cols, 4096);
  for (const std::size_t block_size : {std::size_t{8}, std::size_t{11}, std::size_t{64}}) {
    const Outcome other = read(file.path(), classes, rows, cols, block_size);
    require(field_too_long(other) || field_too_long(outcome) ||
            (other.error == outcome.error && same(other.images, outcome.images)));
  }
  if (!outcome.error.empty()) return 0;

  const LabeledImages& images = outcome.images;
  require(images.labels.size() > 0 && images.pixels.cols() == images.labels.size());
  require(images.rows > 0 && images.pixels.rows() == images.rows * images.cols);
  require(rows == 0 ? images.rows == images.cols : images.rows == rows && images.cols == cols);
  require(images.classes == classes && images.labels.maxCoeff() < classes);
  const std::string text = plain(images);
  const MemoryFile copy(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  require(same(backquery::read_csv(copy.path(), classes, images.rows, images.cols), images));
  return 0;
}
