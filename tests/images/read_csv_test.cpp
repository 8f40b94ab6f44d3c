#include "catch.hpp"
#include "read_text.hpp"
#include "sanitizer.hpp"
#include "temporary_folder.hpp"

#include <backquery/images/read_csv.hpp>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/resource.h>
#include <sys/stat.h>
#endif

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using backquery::LabeledImages;
using backquery::read_csv;
using backquery::ReadOptions;
using Catch::Matchers::StartsWith;

namespace {

constexpr int block_size = 1 << 18;  // of the reader

const std::string other_labels =
    "; for other labels set classes, first_label or label_column (--classes, --first-label, --label-column)";

/// The largest memory of this process so far, in bytes. 0 if it is unknown.
long peak_memory() {
#if defined(__unix__) || defined(__APPLE__)
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024;
#else
  return 0;
#endif
}

}  // namespace

TEST_CASE("a CSV written by numpy reads as the original bytes") {
  const LabeledImages images = read_csv(std::string(BACKQUERY_TEST_DATA) + "/images/images.csv", 7, 3, 4);
  std::ifstream stream(std::string(BACKQUERY_TEST_DATA) + "/images/images-idx3-ubyte", std::ios::binary);
  stream.ignore(16);
  std::string bytes(84, '\0');
  stream.read(bytes.data(), 84);
  REQUIRE(stream.gcount() == 84);
  REQUIRE(images.pixels.rows() == 12);
  REQUIRE(images.pixels.cols() == 7);
  CHECK(std::equal(bytes.begin(), bytes.end(), reinterpret_cast<const char*>(images.pixels.data())));
  CHECK(images.rows == 3);
  CHECK(images.cols == 4);
  CHECK(images.classes == 7);
}

TEST_CASE("each line of a CSV is a label and a square image") {
  const LabeledImages images = read_text("7,0,10,200,255\n3,1,2,3,4\n");
  CHECK(labels(images) == std::vector<int>{7, 3});
  CHECK(column(images, 0) == std::vector<int>{0, 10, 200, 255});
  CHECK(column(images, 1) == std::vector<int>{1, 2, 3, 4});
  CHECK(images.rows == 2);
  CHECK(images.cols == 2);
  CHECK(images.classes == 10);
}

TEST_CASE("accepted variants of a CSV read like the plain one") {
  const std::string text = GENERATE(
      as<std::string>(),                         //
      "7,0,10,200,255\n3,1,2,3,4",               // last line end missing
      "7,0,10,200,255\r\n3,1,2,3,4\r\n",         // Windows
      "7,0,10,200,255\r\n3,1,2,3,4\r",           //
      "7,0,10,200,255\n3,1,2,3,4\n\n \n\t\r\n",  // blank end
      "7,0,10,200,255\n3,1,2,3,4\n  ",           //
      "label,1x1,1x2,2x1,2x2\n7,0,10,200,255\n3,1,2,3,4\n", "label,0,1,2,3\r\n7,0,10,200,255\n3,1,2,3,4\n",
      "\"label\";\"pixels\"\n7,0,10,200,255\n3,1,2,3,4\n", "\xc3\xa9tiquette\n7,0,10,200,255\n3,1,2,3,4\n",
      "# label, pixels\n7,0,10,200,255\n3,1,2,3,4\n",
      "\xef\xbb\xbf"
      "7,0,10,200,255\n3,1,2,3,4\n",  // byte order mark
      "\xef\xbb\xbflabel,p,p,p,p\n7,0,10,200,255\n3,1,2,3,4\n", " 7, 0,10 ,\t200 , 255 \n3 ,1,2,3,4\t\r\n",
      "07,000,0010,200,255\n3,01,002,3,4\n");
  CAPTURE(text);
  const LabeledImages images = read_text(text);
  CHECK(labels(images) == std::vector<int>{7, 3});
  CHECK(column(images, 0) == std::vector<int>{0, 10, 200, 255});
  CHECK(column(images, 1) == std::vector<int>{1, 2, 3, 4});
}

TEST_CASE("every pixel value and every label is read") {
  std::string text;
  for (int value = 0; value < 256; ++value) {
    const std::string digits = std::to_string(value);
    text += digits + "," + digits + ",0," + digits + "," + digits + "\n";
  }
  const LabeledImages images = read_text(text, 256);
  REQUIRE(images.labels.size() == 256);
  for (int value = 0; value < 256; ++value) {
    CHECK(images.labels(value) == value);
    CHECK(column(images, value) == std::vector<int>{value, 0, value, value});
  }
}

TEST_CASE("rows and cols give the shape of images that are not square") {
  const LabeledImages images = read_text("1,1,2,3,4,5,6\n", 10, 2, 3);
  CHECK(column(images, 0) == std::vector<int>{1, 2, 3, 4, 5, 6});
  CHECK(images.rows == 2);
  CHECK(images.cols == 3);
}

TEST_CASE("a block may end anywhere in a CSV") {
  // Spaces before the first label move the rest of the file, byte by byte, across the end of the first block.
  const std::string lines = "7,0,10,200,255\r\n3,0,0,0,0\n 12 , 1, 22 ,0,0\r\n11,100,101,102,103";
  for (int before = 0; before <= static_cast<int>(lines.size()) + 4; ++before) {
    const std::string indent(static_cast<std::size_t>(block_size - before), ' ');
    for (const char* end : {"", "\n", "\r\n", "\r\n\r\n"}) {
      CAPTURE(before, end);
      const LabeledImages images = read_text(indent + lines + end, 20);
      REQUIRE(labels(images) == std::vector<int>{7, 3, 12, 11});
      REQUIRE(column(images, 0) == std::vector<int>{0, 10, 200, 255});
      REQUIRE(column(images, 1) == std::vector<int>{0, 0, 0, 0});
      REQUIRE(column(images, 2) == std::vector<int>{1, 22, 0, 0});
      REQUIRE(column(images, 3) == std::vector<int>{100, 101, 102, 103});
    }
  }
}

TEST_CASE("a block may end anywhere in a header") {
  for (int before = 0; before < 6; ++before) {
    const std::string header(static_cast<std::size_t>(block_size - before), 'x');
    CAPTURE(before);
    CHECK(labels(read_text(header + "\r\n4,1\n")) == std::vector<int>{4});
    CHECK(error_of(header) == "2:1: no image, expected label,pixel,pixel,...");
  }
}

TEST_CASE("an image may be larger than a block") {
  const Eigen::Index side = 600;
  std::string image = "5";
  for (Eigen::Index i = 0; i < side * side; ++i) image += "," + std::to_string(i % 256);
  const LabeledImages images = read_text(image + "\n" + image + "\n");
  REQUIRE(images.rows == side);
  REQUIRE(images.pixels.cols() == 2);
  for (Eigen::Index i = 0; i < side * side; ++i) {
    if (images.pixels(i, 0) != i % 256 || images.pixels(i, 1) != i % 256) FAIL("pixel " << i << " is wrong");
  }
}

#if defined(__unix__) || defined(__APPLE__)
TEST_CASE("a CSV may be read from a pipe") {
  TemporaryFolder folder;
  const std::string path = folder.file("pipe");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  std::thread writer([&path] {
    std::ofstream stream(path);
    for (int i = 0; i < 1000; ++i) stream << i % 10 << ",1,2,3,4\n" << std::flush;
  });
  const LabeledImages images = read_csv(path);
  writer.join();
  CHECK(images.labels.size() == 1000);
  CHECK(images.labels(999) == 9);
}
#endif

TEST_CASE("an error in a CSV is reported with its line and column") {
  const std::string good = "7,0,10,200,255\n";
  CHECK(error_of("") == "1:1: no image, expected label,pixel,pixel,...");
  CHECK(error_of("\n \n") == "3:1: no image, expected label,pixel,pixel,...");
  CHECK(error_of("label,pixel0\n") == "2:1: no image, expected label,pixel,pixel,...");

  CHECK(error_of(good + "3,1,2,3\n") == "2:8: 3 pixels, expected 4 (2 x 2)");
  CHECK(error_of(good + "3\n") == "2:2: 0 pixels, expected 4 (2 x 2)");
  CHECK(error_of(good + "3,1,2,3,4,5\n") == "2:11: more than 4 pixels, expected 4 (2 x 2)");
  CHECK(error_of(good + "3,1,2,3,4,\n") == "2:11: more than 4 pixels, expected 4 (2 x 2)");
  CHECK(error_of("3,0,0\n", 10, 2, 2) == "1:6: 2 pixels, expected 4 (2 x 2)");
  CHECK(error_of("3,0,0,0,0,0,0,0,0\n", 10, 2, 2) == "1:11: more than 4 pixels, expected 4 (2 x 2)");
  CHECK(error_of("3,0,0\n") ==
        "1:6: 2 pixels, expected a square number of them (for another shape give rows and cols)");
  CHECK(error_of("3\n") ==
        "1:2: 0 pixels, expected a square number of them (for another shape give rows and cols)");

  CHECK(error_of(good + "3,1,cat,3,4\n") == "2:5: pixel 1 is \"cat\", expected a whole number from 0 to 255");
  CHECK(error_of(good + "3,1,256,3,4\n") == "2:5: pixel 1 is \"256\", expected a whole number from 0 to 255");
  CHECK(error_of(good + "3,1, -1,3,4\n") == "2:6: pixel 1 is \"-1\", expected a whole number from 0 to 255");
  CHECK(error_of(good + "3,1,2,3,0.5\n") ==
        "2:9: pixel 3 is \"0.5\", expected a whole number from 0 to 255; if the pixels are scaled, multiply "
        "them by "
        "255 and round");
  CHECK(error_of(good + "3,1,,3,4\n") == "2:5: pixel 1 is \"\", expected a whole number from 0 to 255");
  CHECK(error_of(good + "3,1,2,3,\n") == "2:9: pixel 3 is \"\", expected a whole number from 0 to 255");
  CHECK(error_of(good + "10,1,2,3,4\n") ==
        "2:1: label is \"10\", expected a whole number from 0 to 9" + other_labels);
  CHECK(error_of(good + ",1,2,3,4\n") == "2:1: label is \"\", expected a whole number from 0 to 9");
  CHECK(error_of(good + "label,1,2,3,4\n") == "2:1: label is \"label\", expected a whole number from 0 to 9");
  CHECK(error_of("2,0\n", 2) == "1:1: label is \"2\", expected a whole number from 0 to 1" + other_labels);
  CHECK(error_of("\xef\xbb\xbf"
                 "x,0\n-1,0\n") == "2:1: label is \"-1\", expected a whole number from 0 to 9");
  CHECK(error_of("\xef\xbb\xbf"
                 "1,-1\n") == "1:3: pixel 0 is \"-1\", expected a whole number from 0 to 255");
  CHECK(error_of("-1,0\n") == "1:1: label is \"-1\", expected a whole number from 0 to 9");

  CHECK(error_of(good + "\n" + good) ==
        "2:1: blank line, expected label,pixel,pixel,... (only the end of the file may be blank)");
  CHECK(error_of(good + "\n \n" + good) ==
        "2:1: blank line, expected label,pixel,pixel,... (only the end of the file may be blank)");
  CHECK(error_of("\n" + good) ==
        "1:1: blank line, expected label,pixel,pixel,... (only the end of the file may be blank)");
}

TEST_CASE("a field that is not entirely a number is rejected") {
  const std::string field = GENERATE(as<std::string>(), "1 2", "+1", "1e", "0x1", ".", "12;13", "'1'", "\"1",
                                     "1\"", "\"\"", "\"1\"2", "1\r5", "1.5", "1e-1", "1.0.0", "--1",
                                     "99999999999999999999", "4294967296", "nan", "\v1");
  CAPTURE(field);
  CHECK_THAT(error_of("3,1," + field + ",3,4\n"), StartsWith("1:5: pixel 1 is \""));
  CHECK_THAT(error_of("3,1,2,3," + field + "\n4,1,2,3,4"), StartsWith("1:9: pixel 3 is \""));
}

TEST_CASE("messages show unprintable bytes by their code") {
  using namespace std::string_literals;
  CHECK(error_of("3,1,\0002,3,4\n"s) == "1:5: pixel 1 is \"\\x002\", expected a whole number from 0 to 255");
  CHECK(error_of("3,1,2,3,4\0\n"s) == "1:9: pixel 3 is \"4\\x00\", expected a whole number from 0 to 255");
  CHECK(error_of("3,1,2,3,4\n\0"s) == "2:1: label is \"\\x00\", expected a whole number from 0 to 9");
  CHECK(error_of("label\x03\n"s) == "1:6: the header holds byte 3, expected text");
  CHECK_THAT(error_of("3," + std::string(100, 'a') + "\n"),
             StartsWith("1:3: pixel 0 is \"aaaaaaaaaaaaaaaaaaaa...\", expected"));
}

TEST_CASE("an endless line of a CSV is rejected without taking memory for it") {
  TemporaryFolder folder;
  const auto error_of_line = [&folder](const std::string& start, const std::string& rest, Eigen::Index side) {
    const std::string path = folder.file("digits.csv");
    std::ofstream stream(path);
    stream << start;
    std::string block;
    while (block.size() < 1 << 20) block += rest;
    for (int i = 0; i < 64; ++i) stream << block;
    stream.close();
    REQUIRE(stream);
    [[maybe_unused]] const long before = peak_memory();
    CHECK_THROWS_AS(read_csv(path, 10, side, side), std::runtime_error);
#ifndef UNDER_SANITIZER                          // AddressSanitizer keeps freed memory
    CHECK(peak_memory() - before < (48 << 20));  // the largest image, while its vector grows
#endif
    try {
      read_csv(path, 10, side, side);
      return std::string("nothing");
    } catch (const std::runtime_error& error) {
      return std::string(error.what()).substr(path.size() + 1);
    }
  };
  CHECK(error_of_line("7,", "0", 0) ==
        "1:3: pixel 0 is longer than 262144 characters, expected a whole number from 0 to 255");
  CHECK(error_of_line("7,", " ", 0) ==
        "1:3: pixel 0 is longer than 262144 characters, expected a whole number from 0 to 255");
  CHECK(error_of_line("7", "0", 0) ==
        "1:1: the first field is longer than 262144 characters, expected a number and a separator");
  CHECK(error_of_line("label", "x", 0) ==
        "1:16777217: the header is too long, expected at most 16777216 characters");
  CHECK(error_of_line("7", ",0", 0) == "1:33554435: more than 16777216 pixels, expected at most that many");
  CHECK(error_of_line("7", ",0", 28) == "1:1571: more than 784 pixels, expected 784 (28 x 28)");
}

TEST_CASE("a CSV that cannot be opened or read is reported with its name") {
  TemporaryFolder folder;
  CHECK_THROWS_AS(read_csv(folder.file("missing.csv")), std::runtime_error);
  CHECK_THROWS_WITH(read_csv(folder.file("missing.csv")),
                    folder.file("missing.csv") + ": cannot be opened: No such file or directory");
  CHECK_THROWS_AS(read_csv(folder.path()), std::runtime_error);
  CHECK_THROWS_WITH(read_csv(folder.path()), StartsWith(folder.path() + ": cannot be "));
#ifdef __linux__
  CHECK_THROWS_WITH(read_csv(folder.path()), folder.path() + ": cannot be read: Is a directory");
  CHECK_THROWS_AS(read_csv("/proc/self/mem"), std::runtime_error);  // can be opened, but not read at 0
  CHECK_THROWS_WITH(read_csv("/proc/self/mem"), "/proc/self/mem: cannot be read: Input/output error");
#endif
}

TEST_CASE("read_csv rejects wrong arguments before it opens the file") {
  CHECK_THROWS_AS(read_csv("missing", 0), std::invalid_argument);
  CHECK_THROWS_WITH(read_csv("missing", 0), "backquery::read_csv: classes is 0, expected 1 to 256");
  CHECK_THROWS_WITH(read_csv("missing", 257), "backquery::read_csv: classes is 257, expected 1 to 256");
  ReadOptions options;
  options.first_label = -1;
  CHECK_THROWS_WITH(read_csv("missing", 10, 0, 0, options),
                    "backquery::read_csv: options.first_label is -1, expected 0 to 255");
  options = {};
  options.pixel_max = 256;
  CHECK_THROWS_WITH(read_csv("missing", 10, 0, 0, options),
                    "backquery::read_csv: options.pixel_max is 256, expected 1 to 255");
  CHECK_THROWS_AS(read_csv("missing", 10, 28, 0), std::invalid_argument);
  CHECK_THROWS_WITH(read_csv("missing", 10, 28),
                    "backquery::read_csv: rows x cols is 28 x 0, expected both at least 1, or both 0");
  CHECK_THROWS_WITH(read_csv("missing", 10, -1, 28),
                    "backquery::read_csv: rows x cols is -1 x 28, expected both at least 1, or both 0");
  CHECK_THROWS_WITH(read_csv("missing", 10, -28, -28),
                    "backquery::read_csv: rows x cols is -28 x -28, expected both at least 1, or both 0");
  CHECK_THROWS_WITH(read_csv("missing", 10, 4097, 4096),
                    "backquery::read_csv: rows x cols is 4097 x 4096, expected at most 16777216 pixels");
  CHECK_THROWS_AS(read_csv("missing", 10, std::numeric_limits<Eigen::Index>::max() / 2, 8),
                  std::invalid_argument);
}
