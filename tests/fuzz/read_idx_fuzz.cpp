// Reads two files of the fuzzer with read_idx. The first byte chooses the options. The second byte is the
// size of the label file, which follows; the rest is the image file. The result must be a std::runtime_error
// that names one of the files, or a set of images that contains every byte of both. Build and run for a
// minute:
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
#include <optional>
#include <stdexcept>
#include <string>

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

/// A file whose size is known, or unknown as for a pipe.
struct File : backquery::detail::InputFile {
  bool has_size;

  File(const std::string& path, bool with_size) : InputFile(path), has_size(with_size) {}
  std::optional<std::uint64_t> size_of_next() override {
    return has_size ? InputFile::size_of_next() : std::nullopt;
  }
};

/// Compares the images with the bytes of the two files.
void check(const backquery::LabeledImages& images, const backquery::ReadOptions& options,
           const std::uint8_t* labels, const std::uint8_t* pixels) {
  const Eigen::Index rows = images.rows, cols = images.cols;
  for (Eigen::Index sample = 0; sample < images.labels.size(); ++sample) {
    require(images.labels(sample) + options.first_label == labels[sample]);
    for (Eigen::Index pixel = 0; pixel < rows * cols; ++pixel) {
      const Eigen::Index in_file = options.transpose ? pixel % cols * rows + pixel / cols : pixel;
      require(images.pixels(pixel, sample) == pixels[sample * rows * cols + in_file]);
    }
  }
  require(images.pixel_max == options.pixel_max && images.pixels.maxCoeff() <= options.pixel_max);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Eigen::Index classes = (data[0] & 1) != 0 ? 256 : 10;
  backquery::ReadOptions options;
  options.first_label = (data[0] & 2) != 0 ? 1 : 0;
  options.transpose = (data[0] & 4) != 0;
  options.pixel_max = (data[0] & 8) != 0 ? 100 : 255;
  const bool have_sizes = (data[0] & 16) == 0;

  const std::size_t labels_size = std::min<std::size_t>(data[1], size - 2);
  const std::size_t images_size = size - 2 - labels_size;
  const std::uint8_t* const labels_bytes = data + 2;
  const std::uint8_t* const images_bytes = labels_bytes + labels_size;
  const MemoryFile labels_file(labels_bytes, labels_size);
  const MemoryFile images_file(images_bytes, images_size);
  try {
    const auto images = backquery::read_idx(File(images_file.path(), have_sizes),
                                            File(labels_file.path(), have_sizes), classes, options);
    require(images.labels.size() > 0 && images.pixels.cols() == images.labels.size());
    require(images.rows > 0 && images.pixels.rows() == images.rows * images.cols);
    require(images.classes == classes && images.labels.maxCoeff() < classes);
    require(static_cast<std::size_t>(images.labels.size()) + 8 == labels_size);
    require(static_cast<std::size_t>(images.pixels.size()) + 16 == images_size);
    check(images, options, labels_bytes + 8, images_bytes + 16);
  } catch (const std::runtime_error& error) {
    const std::string what = error.what();
    require(what.rfind(images_file.path() + ": ", 0) == 0 || what.rfind(labels_file.path() + ": ", 0) == 0);
  }
  return 0;
}
