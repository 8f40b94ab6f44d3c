/// @file
/// Files compressed by gzip: GzipFile in read_csv, read_idx and read_images.
#include "catch.hpp"
#include "temporary_folder.hpp"

#include <backquery/images/gzip.hpp>

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/stat.h>
#endif

using backquery::GzipFile;
using backquery::LabeledImages;

namespace {

/// "7,0,1,2,3\n1,4,5,6,255\n" as GNU gzip wrote it, with the name two.csv.
const unsigned char gnu_file[] = {
    0x1f, 0x8b, 0x08, 0x08, 0xa3, 0xa9, 0x07, 0x6b, 0x02, 0x03, 0x74, 0x77, 0x6f, 0x2e, 0x63, 0x73, 0x76,
    0x00, 0x33, 0xd7, 0x31, 0xd0, 0x31, 0xd4, 0x31, 0xd2, 0x31, 0xe6, 0x32, 0xd4, 0x31, 0xd1, 0x31, 0xd5,
    0x31, 0xd3, 0x31, 0x32, 0x35, 0xe5, 0x02, 0x00, 0x88, 0x3a, 0xd3, 0x2e, 0x16, 0x00, 0x00, 0x00};

/// One member, as gzip writes it.
std::string compressed(std::string bytes) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) ==
          Z_OK);
  std::string result(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

/// 32-bit numbers, the highest byte first.
std::string header(std::initializer_list<std::uint32_t> fields) {
  std::string bytes;
  for (const std::uint32_t field : fields) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(field >> shift & 0xff);
  }
  return bytes;
}

const std::string two_lines = "7,0,1,2,3\n1,4,5,6,255\n";
const std::string two_images = header({2051, 2, 2, 3}) + "abcdefABCDEF";
const std::string two_labels = header({2049, 2}) + "\x03\x09";

/// The result of read_csv, as CSV, or the error message without the folder.
std::string read(const std::string& bytes) {
  const TemporaryFolder folder;
  const std::string path = folder.write("file.gz", bytes);
  try {
    const LabeledImages images = backquery::read_csv(GzipFile(path));
    std::string text;
    for (Eigen::Index sample = 0; sample < images.labels.size(); ++sample) {
      text += std::to_string(images.labels(sample));
      for (const int pixel : images.pixels.col(sample)) text += "," + std::to_string(pixel);
      text += "\n";
    }
    return text;
  } catch (const std::runtime_error& error) {
    return std::string(error.what()).substr(folder.path().size() + 1);
  }
}

/// The error message of read_idx, without the folder.
std::string idx_error(const std::string& images, const std::string& labels) {
  const TemporaryFolder folder;
  const std::string images_path = folder.write("images", images),
                    labels_path = folder.write("labels", labels);
  try {
    backquery::read_idx(GzipFile(images_path), GzipFile(labels_path));
  } catch (const std::runtime_error& error) {
    return std::string(error.what()).substr(folder.path().size() + 1);
  }
  return "nothing";
}

}  // namespace

TEST_CASE("read_csv reads a file that GNU gzip compressed, and the same file uncompressed") {
  CHECK(read(std::string(std::begin(gnu_file), std::end(gnu_file))) == two_lines);
  CHECK(read(compressed(two_lines)) == two_lines);
  CHECK(read(two_lines) == two_lines);
}

TEST_CASE("members of a gzip file are read as one file wherever they meet") {
  for (std::size_t cut = 0; cut <= two_lines.size(); ++cut) {
    CHECK(read(compressed(two_lines.substr(0, cut)) + compressed(two_lines.substr(cut))) == two_lines);
  }
  std::string text, members;
  for (int line = 0; line < 3000; ++line) {  // members meet at every position of the block of 64 KiB
    text += two_lines;
    members += compressed(two_lines) + compressed("");
  }
  CHECK((read(members) == text));
}

TEST_CASE("a gzip file truncated at any byte is rejected") {
  const std::string whole = compressed(two_lines);
  for (std::size_t size = 2; size < whole.size(); ++size) {
    CHECK(read(whole.substr(0, size)) ==
          "file.gz: truncated: the file ends inside the data compressed by gzip");
  }
  CHECK(read(whole + whole.substr(0, 15)) ==
        "file.gz: truncated: the file ends inside the data compressed by gzip");
}

TEST_CASE("a wrong bit of a gzip file is an error or changes no data") {
  const std::string whole = compressed(two_lines);
  int unused = 0;
  for (std::size_t bit = 80; bit < 8 * whole.size(); ++bit) {  // after the header, which has no checksum
    std::string wrong = whole;
    wrong[bit / 8] = static_cast<char>(wrong[bit / 8] ^ (1 << bit % 8));
    const std::string result = read(wrong);
    CAPTURE(bit, result);
    CHECK((result == two_lines || result.rfind("file.gz: ", 0) == 0));
    unused += result == two_lines ? 1 : 0;
  }
  CHECK(unused < 8);  // the compressed bits end inside a byte
  std::string wrong_sum = whole;
  wrong_sum[whole.size() - 8] ^= 1;
  CHECK(read(wrong_sum) == "file.gz: damaged: the data compressed by gzip have an incorrect data check");
}

TEST_CASE("bytes behind a gzip file are rejected") {
  for (const std::string& rest :
       {std::string("x"), std::string("\x1f"), std::string("\x1f\x8c "), std::string(600, '\0')}) {
    CHECK(read(compressed(two_lines) + rest) == "file.gz: trailing bytes after the data compressed by gzip");
  }
}

TEST_CASE("lines and columns in messages about a gzip file are those of its text") {
  CHECK(read(compressed("7,0,1,2,3\n1,4,x,6,7\n")) ==
        "file.gz:2:5: pixel 1 is \"x\", expected a whole number from 0 to 255");
}

TEST_CASE("read_idx reads compressed and uncompressed files alike") {
  const TemporaryFolder folder;
  const std::string files[] = {
      folder.write("images", two_images), folder.write("images.gz", compressed(two_images)),
      folder.write("labels", two_labels), folder.write("labels.gz", compressed(two_labels))};
  for (const int images : {0, 1}) {
    for (const int labels : {2, 3}) {
      const LabeledImages read = backquery::read_idx(GzipFile(files[images]), GzipFile(files[labels]));
      CHECK(std::string(read.pixels.data(), read.pixels.data() + read.pixels.size()) == "abcdefABCDEF");
      CHECK(read.pixels.cols() == 2);
      CHECK(read.labels(1) == 9);
    }
  }
}

TEST_CASE("read_images reads compressed files of both formats") {
  const TemporaryFolder folder;
  CHECK(backquery::read_images(GzipFile(folder.write("csv.gz", compressed("1,2,3,4\n")))).pixels(3) == 4);
  CHECK(backquery::read_images(GzipFile(folder.write("idx.gz", compressed(two_images)))).pixels.cols() == 2);
}

TEST_CASE("wrong sizes in the header of a compressed IDX file are rejected before memory is allocated") {
  const std::string labels = compressed(two_labels);
  CHECK(idx_error(compressed(two_images), labels) == "nothing");
  CHECK(idx_error(compressed(two_images.substr(0, 20)), labels) ==
        "images: truncated: 4 bytes after the header, expected 2 images of 2 x 3");
  CHECK(idx_error(compressed(two_images + "x"), labels) ==
        "images: trailing bytes: more than 12 bytes after the header, expected 2 images of 2 x 3");
  CHECK(idx_error(compressed(two_images), compressed(two_labels + "\x01")) ==
        "labels: trailing bytes: more than 2 bytes after the header, expected 2 labels");
  constexpr std::uint32_t most = 0xffffffff;
  CHECK_THAT(idx_error(compressed(header({2051, most, most, most}) + "abc"),
                       compressed(header({2049, most}) + "abc")),
             Catch::Matchers::ContainsSubstring(
                 "4294967295 images of 4294967295 x 4294967295, which does not fit into memory"));
  // 2^59 bytes, which no system allocates; more than a 32-bit index can count
  CHECK_THAT(
      idx_error(compressed(header({2051, 2, 1u << 29, 1u << 29}) + "abc"), labels),
      Catch::Matchers::StartsWith(sizeof(Eigen::Index) > 4 ? "images: truncated: 3 bytes after"
                                                           : "images: more than 2147483647 bytes after") &&
          Catch::Matchers::ContainsSubstring("2 images of 536870912 x 536870912"));
}

TEST_CASE("a missing gzip file is reported with its name") {
  CHECK_THROWS_WITH(GzipFile("none/missing.gz"),
                    Catch::Matchers::StartsWith("none/missing.gz: cannot be opened: "));
}

#if defined(__unix__) || defined(__APPLE__)
TEST_CASE("a gzip file may be a pipe, for both formats") {
  const TemporaryFolder folder;
  const std::string pipe = folder.file("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  std::thread csv_writer([&] { std::ofstream(pipe) << compressed(two_lines); });
  CHECK(backquery::read_csv(GzipFile(pipe)).labels.size() == 2);
  csv_writer.join();
  std::thread idx_writer([&] { std::ofstream(pipe) << compressed(two_images); });
  CHECK(backquery::read_idx(GzipFile(pipe), GzipFile(folder.write("labels", two_labels))).labels.size() == 2);
  idx_writer.join();
}
#endif
