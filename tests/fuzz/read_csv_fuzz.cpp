// Reads the bytes of the fuzzer with the reader of read_csv. The first two bytes choose the options. The
// result must be a std::runtime_error that names the file, or a set of images that is unchanged after it is
// written as a CSV, with the separator, quotation marks and columns that the second byte chooses, and read
// again. The result must not depend on the block size of the reader. Build and run for a minute:
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
#include <vector>

namespace {

using backquery::LabeledImages;
using backquery::detail::CsvLabels;

struct Outcome {
  LabeledImages images;
  std::string error;
};

void require(bool condition) {
  if (!condition) std::abort();
}

/// What the first byte of an input chooses.
struct Reader {
  Eigen::Index classes, rows, cols;
  backquery::ReadOptions options;
  CsvLabels labels;

  explicit Reader(unsigned byte)
      : classes(byte < 128 ? 10 : 256),
        rows(byte % 4),  // 0: the first line decides
        cols(rows == 0 ? 0 : 2),
        labels((byte & 16) != 0 ? CsvLabels::optional : CsvLabels::required) {
    static constexpr const char* columns[] = {"", "first", "last", "Q"};
    options.label_column = columns[byte / 4 % 4];
    options.pixel_max = (byte & 32) != 0 ? 16 : 255;
    options.first_label = (byte & 64) != 0 ? 1 : 0;
  }

  Outcome read(const std::string& path, std::size_t block_size) const {
    Outcome outcome;
    try {
      backquery::detail::InputFile file(path);
      backquery::detail::CsvReader reader(file, classes, rows, cols, options, labels, block_size);
      outcome.images = reader.read();
    } catch (const std::runtime_error& error) {
      outcome.error = error.what();
      require(outcome.error.rfind(path + ":", 0) == 0);
    }
    return outcome;
  }
};

/// Whether the reader rejected a field that is longer than its blocks.
bool field_too_long(const Outcome& outcome) {
  return outcome.error.find(" is longer than ") != std::string::npos;
}

/// Whether the texts are equal except for the remedy at the end, which may depend on the text in the buffer.
bool same_error(const std::string& a, const std::string& b) {
  return a == b || a.substr(0, a.rfind("; ")) == b.substr(0, b.rfind("; ")) ||
         a.substr(0, a.rfind("; ")) == b || a == b.substr(0, b.rfind("; "));
}

bool same(const LabeledImages& a, const LabeledImages& b) {
  return a.pixels.rows() == b.pixels.rows() && a.pixels.cols() == b.pixels.cols() && a.pixels == b.pixels &&
         a.labels.size() == b.labels.size() && a.labels == b.labels && a.rows == b.rows && a.cols == b.cols &&
         a.classes == b.classes && a.pixel_max == b.pixel_max;
}

/// Writes a set of images as the second byte of an input chooses, with a header.
class Writer {
 public:
  Writer(unsigned byte, int first_label) : byte_(byte), first_label_(first_label) {}

  std::string text(const LabeledImages& images) const {
    std::string text = (byte_ & 128) != 0 ? "\xef\xbb\xbf" : "";
    const bool labeled = images.labels.size() > 0;
    text += line("", labeled ? "Label" : "", std::vector<std::string>(rows(images), "p"));
    for (Eigen::Index sample = 0; sample < images.pixels.cols(); ++sample) {
      std::vector<std::string> pixels;
      for (const int pixel : images.pixels.col(sample)) pixels.push_back(number(pixel));
      text += line(number(static_cast<int>(sample)),
                   labeled ? number(images.labels(sample) + first_label_) : "", pixels);
    }
    return text;
  }

 private:
  static std::size_t rows(const LabeledImages& images) {
    return static_cast<std::size_t>(images.pixels.rows());
  }

  std::string number(int value) const {
    return std::to_string(value) + ((byte_ & 8) == 0 ? "" : value % 2 == 0 ? ".0" : "0.00e-01");
  }

  std::string line(const std::string& index, const std::string& label,
                   std::vector<std::string> fields) const {
    if (!label.empty()) fields.insert((byte_ & 16) != 0 ? fields.end() : fields.begin(), label);
    if ((byte_ & 32) != 0) fields.insert(fields.begin(), index);
    std::string line;
    const std::string quote = (byte_ & 4) != 0 ? "\"" : "";
    for (const std::string& field : fields) line += quote + field + quote + ",;\t,"[byte_ % 4];
    line.pop_back();
    return line + ((byte_ & 64) != 0 ? "\r\n" : "\n");
  }

  unsigned byte_;
  int first_label_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Reader reader(data[0]);
  const MemoryFile file(data + 2, size - 2);

  const Outcome outcome = reader.read(file.path(), 4096);
  for (const std::size_t block_size : {std::size_t{8}, std::size_t{11}, std::size_t{64}}) {
    const Outcome other = reader.read(file.path(), block_size);
    require(field_too_long(other) || field_too_long(outcome) ||
            (same_error(other.error, outcome.error) && same(other.images, outcome.images)));
  }
  if (!outcome.error.empty()) return 0;

  const LabeledImages& images = outcome.images;
  require(images.pixels.cols() > 0 && (images.labels.size() == images.pixels.cols() ||
                                       (images.labels.size() == 0 && reader.labels == CsvLabels::optional)));
  require(images.rows > 0 && images.pixels.rows() == images.rows * images.cols);
  require(reader.rows == 0 ? images.rows == images.cols
                           : images.rows == reader.rows && images.cols == reader.cols);
  require(images.classes == reader.classes && images.pixels.maxCoeff() <= images.pixel_max);
  require(images.labels.size() == 0 || images.labels.maxCoeff() < reader.classes);

  const std::string text = Writer(data[1], reader.options.first_label).text(images);
  const MemoryFile copy(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  reader.options.label_column.clear();
  reader.rows = images.rows;
  reader.cols = images.cols;
  const Outcome again = reader.read(copy.path(), std::size_t{1} << 18);
  require(again.error.empty() && same(again.images, images));
  return 0;
}
