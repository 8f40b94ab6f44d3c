#include "catch.hpp"
#include "temporary_folder.hpp"

#include <backquery/images/read_csv.hpp>
#include <backquery/images/read_idx.hpp>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/stat.h>
#endif

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <thread>

using backquery::LabeledImages;
using backquery::read_idx;
using Catch::Matchers::StartsWith;

namespace {

/// 32-bit numbers, the highest byte first.
std::string header(std::initializer_list<std::uint32_t> fields) {
  std::string bytes;
  for (const std::uint32_t field : fields) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(field >> shift & 0xff);
  }
  return bytes;
}

const std::string two_images = header({2051, 2, 2, 3}) + "abcdefABCDEF";
const std::string two_labels = header({2049, 2}) + "\x03\x09";

/// The error message for the files, without their folder.
std::string error_of(const std::string& images, const std::string& labels, Eigen::Index classes = 10,
                     const backquery::ReadOptions& options = {}) {
  TemporaryFolder folder;
  const std::string images_path = folder.write("images", images);
  const std::string labels_path = folder.write("labels", labels);
  try {
    read_idx(images_path, labels_path, classes, options);
  } catch (const std::runtime_error& error) {
    std::string what = error.what();
    for (auto at = what.find(folder.path()); at != std::string::npos; at = what.find(folder.path())) {
      what.erase(at, folder.path().size() + 1);
    }
    return what;
  }
  return "nothing";
}

}  // namespace

TEST_CASE("IDX files written by numpy hold the same images as its CSV") {
  const std::string folder = std::string(BACKQUERY_TEST_DATA) + "/images";
  const LabeledImages idx = read_idx(folder + "/images-idx3-ubyte", folder + "/labels-idx1-ubyte", 7);
  const LabeledImages csv = backquery::read_csv(folder + "/images.csv", 7, 3, 4);
  CHECK(idx.pixels == csv.pixels);
  CHECK(idx.labels == csv.labels);
  CHECK(idx.rows == 3);
  CHECK(idx.cols == 4);
  CHECK(idx.classes == 7);
}

TEST_CASE("each column holds an image of an IDX file row by row") {
  TemporaryFolder folder;
  const LabeledImages images =
      read_idx(folder.write("images", two_images), folder.write("labels", two_labels));
  REQUIRE(images.pixels.rows() == 6);
  REQUIRE(images.pixels.cols() == 2);
  CHECK(std::string(images.pixels.data(), images.pixels.data() + 12) == "abcdefABCDEF");
  CHECK(images.labels(0) == 3);
  CHECK(images.labels(1) == 9);
  CHECK(images.rows == 2);
  CHECK(images.cols == 3);
  CHECK(images.classes == 10);
}

TEST_CASE("an IDX file may use all 256 classes") {
  CHECK(error_of(two_images, header({2049, 2}) + std::string("\x00\xff", 2), 256) == "nothing");
}

TEST_CASE("a wrong magic number of an IDX file is reported") {
  CHECK(error_of(two_labels, two_labels) == "images: magic number is 2049, expected 2051 (images)");
  CHECK(error_of(two_images, two_images) == "labels: magic number is 2051, expected 2049 (labels)");
  CHECK(error_of(header({3331, 2}), two_labels) == "images: magic number is 3331, expected 2051 (images)");
  CHECK(error_of("\x7f\x45\x4c\x46", two_labels) ==
        "images: magic number is 2135247942, expected 2051 (images)");
}

TEST_CASE("a text in place of an IDX file is reported as such") {
  const std::string remedy = "is a text, expected an IDX file: read a CSV by read_csv";
  const std::string text = GENERATE(as<std::string>(), "7,0,0,0,0\n", "label,pixel0\r\n",
                                    "\xef\xbb\xbf\"7\";0\n", "\t7\t0\t", "# \xc3\xa4\n7 0", "2051");
  CHECK(error_of(text, two_labels) == "images: " + remedy);
  CHECK(error_of(two_images, text) == "labels: " + remedy);
  CHECK(error_of(text + std::string(1000, '7'), two_labels) == "images: " + remedy);
}

TEST_CASE("the message about a file of another format in place of an IDX file has the remedy") {
  CHECK(error_of("\x1f\x8b\x08\x08 and more", two_labels) ==
        "images: is compressed by gzip: unpack it (gunzip), or read GzipFile(path) of "
        "backquery/images/gzip.hpp");
  CHECK_THAT(error_of(two_images, "\x1f\x8b\x08\x08"),
             StartsWith("labels: is compressed by gzip: unpack it"));
  CHECK_THAT(error_of("PK\x03\x04 and more", two_labels), StartsWith("images: is a ZIP archive"));
  CHECK_THAT(error_of("<!DOCTYPE html>", two_labels), StartsWith("images: is HTML"));
  CHECK_THAT(error_of(two_images, "\x93NUMPY"), StartsWith("labels: is a NumPy array"));
}

TEST_CASE("an IDX file truncated at any byte is rejected") {
  CHECK(error_of("", two_labels) == "images: truncated: the file ends inside the magic number");
  CHECK(error_of(two_images.substr(0, 7), two_labels) ==
        "images: truncated: the file ends inside the number of images");
  CHECK(error_of(two_images.substr(0, 8), two_labels) ==
        "images: truncated: the file ends inside the number of rows");
  CHECK(error_of(two_images.substr(0, 15), two_labels) ==
        "images: truncated: the file ends inside the number of columns");
  CHECK(error_of(two_images.substr(0, 16), two_labels) ==
        "images: truncated: 0 bytes after the header, expected 2 images of 2 x 3");
  CHECK(error_of(two_images, two_labels.substr(0, 5)) ==
        "labels: truncated: the file ends inside the number of labels");
  CHECK(error_of(two_images, two_labels.substr(0, 9)) ==
        "labels: truncated: 1 bytes after the header, expected 2 labels");
  for (std::size_t size = 0; size < two_images.size(); ++size) {
    CHECK_THAT(error_of(two_images.substr(0, size), two_labels), StartsWith("images: truncated: "));
  }
  for (std::size_t size = 0; size < two_labels.size(); ++size) {
    CHECK_THAT(error_of(two_images, two_labels.substr(0, size)), StartsWith("labels: truncated: "));
  }
}

TEST_CASE("bytes after the last item of an IDX file are rejected") {
  CHECK(error_of(two_images + "x", two_labels) ==
        "images: trailing bytes: 13 bytes after the header, expected 2 images of 2 x 3");
  CHECK(error_of(two_images + "abcdef", two_labels) ==
        "images: trailing bytes: 18 bytes after the header, expected 2 images of 2 x 3");
  CHECK(error_of(two_images, two_labels + "\x01") ==
        "labels: trailing bytes: 3 bytes after the header, expected 2 labels");
}

TEST_CASE("IDX files with different counts are rejected") {
  CHECK(error_of(two_images, header({2049, 3}) + "\x01\x02\x03") ==
        "labels: number of labels is 3, expected 2, the number of images in images");
  CHECK(error_of(two_images, header({2049, 1}) + "\x01") ==
        "labels: number of labels is 1, expected 2, the number of images in images");
}

TEST_CASE("an IDX file with a size of zero is rejected") {
  CHECK(error_of(header({2051, 0, 2, 3}), header({2049, 0})) ==
        "images: number of images is 0, expected at least 1");
  CHECK(error_of(header({2051, 2, 0, 3}), two_labels) == "images: number of rows is 0, expected at least 1");
  CHECK(error_of(header({2051, 2, 2, 0}), two_labels) ==
        "images: number of columns is 0, expected at least 1");
  CHECK(error_of(two_images, header({2049, 0})) == "labels: number of labels is 0, expected at least 1");
}

TEST_CASE("sizes in an IDX header that overflow are rejected before memory is taken") {
  constexpr std::uint32_t most = 0xffffffff;
  CHECK(error_of(header({2051, most, most, most}) + "abc", two_labels) ==
        "images: truncated: 3 bytes after the header, expected 4294967295 images of 4294967295 x 4294967295");
  // 2^31 * 2^31 * 4 = 2^64 would overflow to 0.
  CHECK(error_of(header({2051, 0x80000000, 0x80000000, 4}), two_labels) ==
        "images: truncated: 0 bytes after the header, expected 2147483648 images of 2147483648 x 4");
  CHECK(error_of(two_images, header({2049, most}) + "abc") ==
        "labels: truncated: 3 bytes after the header, expected 4294967295 labels");
}

TEST_CASE("a label of an IDX file out of range is rejected with the arguments that fit the file") {
  const std::string transpose = "; images of EMNIST also need transpose";
  CHECK(error_of(two_images, header({2049, 2}) + "\x03\x0a") ==
        "labels: label 1 is 10, expected 0 to 9; labels from 3 to 10 need classes 11 and first_label 0" +
            transpose);
  CHECK(error_of(two_images, two_labels, 3) ==
        "labels: label 0 is 3, expected 0 to 2; labels from 3 to 9 need classes 10 and first_label 0" +
            transpose);
  CHECK(error_of(two_images, header({2049, 2}) + "\xff\x01", 255) ==
        "labels: label 0 is 255, expected 0 to 254; labels from 1 to 255 need classes 255 and first_label 1" +
            transpose);
  backquery::ReadOptions from_one;
  from_one.first_label = 1;
  CHECK(error_of(two_images, header({2049, 2}) + std::string("\x1a\x00", 2), 26, from_one) ==
        "labels: label 1 is 0, expected 1 to 26; labels from 0 to 26 need classes 27 and first_label 0" +
            transpose);
}

TEST_CASE("first_label is subtracted from the labels of an IDX file, as for the letters of EMNIST") {
  TemporaryFolder folder;
  backquery::ReadOptions options;
  options.first_label = 1;
  const auto letters = read_idx(folder.write("images", two_images),
                                folder.write("labels", header({2049, 2}) + "\x01\x1a"), 26, options);
  CHECK(letters.labels(0) == 0);
  CHECK(letters.labels(1) == 25);
  CHECK(letters.classes == 26);
}

TEST_CASE("transpose swaps rows and columns of the images of an IDX file") {
  TemporaryFolder folder;
  backquery::ReadOptions options;
  options.transpose = true;
  const LabeledImages images =
      read_idx(folder.write("images", two_images), folder.write("labels", two_labels), 10, options);
  CHECK(images.rows == 3);
  CHECK(images.cols == 2);
  CHECK(std::string(images.pixels.data(), images.pixels.data() + 12) == "adbecfADBECF");
}

TEST_CASE("a pixel of an IDX file above pixel_max is rejected") {
  backquery::ReadOptions options;
  options.pixel_max = 'f';
  CHECK(error_of(two_images, two_labels, 10, options) == "nothing");
  options.pixel_max = 'e';
  CHECK(error_of(two_images, two_labels, 10, options) ==
        "images: image 0 has pixel 5 = 102, expected 0 to 101 (pixel_max)");
}

TEST_CASE("read_idx opens files whose names are not ASCII and names them in UTF-8") {
  const TemporaryFolder folder;
  const std::filesystem::path images = std::filesystem::path(folder.path()) / u"Bilder-\u00e4\u6570";
  const std::filesystem::path missing = std::filesystem::path(folder.path()) / u"\u00e4";
  std::ofstream(images, std::ios::binary) << two_images;
  CHECK(read_idx(images, folder.write("labels", two_labels)).labels.size() == 2);
  CHECK_THROWS_WITH(read_idx(images, images),
                    Catch::Matchers::ContainsSubstring("Bilder-\xc3\xa4\xe6\x95\xb0: magic number is 2051"));
  CHECK_THROWS_WITH(read_idx(missing, images),
                    Catch::Matchers::ContainsSubstring("\xc3\xa4: cannot be opened: "));
}

TEST_CASE("the size of an IDX file of more than 2 GiB is checked") {
  const TemporaryFolder folder;
  const std::string labels = folder.write("labels", two_labels);
  const std::string images = folder.write("images", two_images);
  constexpr std::uintmax_t size = (std::uintmax_t{5} << 30) + 16;
  std::error_code error;
  std::filesystem::resize_file(images, size, error);  // a hole, not 5 GiB on the disk
  if (error) {
    WARN("skipped: no file of 5 GiB can be made here");
    return;
  }
  CHECK_THROWS_WITH(
      read_idx(images, labels),
      images + ": trailing bytes: 5368709120 bytes after the header, expected 2 images of 2 x 3");
}

TEST_CASE("IDX files that cannot be opened or read are reported with their names") {
  TemporaryFolder folder;
  const std::string images = folder.write("images", two_images);
  const std::string labels = folder.write("labels", two_labels);
  const std::string missing = folder.file("missing");
  CHECK_THROWS_AS(read_idx(missing, labels), std::runtime_error);
  CHECK_THROWS_WITH(read_idx(missing, labels), missing + ": cannot be opened: No such file or directory");
  CHECK_THROWS_WITH(read_idx(images, missing), missing + ": cannot be opened: No such file or directory");
  const auto names_folder = StartsWith(folder.path() + ": cannot be ");
  CHECK_THROWS_WITH(read_idx(folder.path(), labels), names_folder);
  CHECK_THROWS_WITH(read_idx(images, folder.path()), names_folder);
}

#if defined(__unix__) || defined(__APPLE__)
TEST_CASE("an IDX file may be a pipe") {
  TemporaryFolder folder;
  const std::string pipe = folder.file("pipe"), labels_pipe = folder.file("labels_pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  REQUIRE(mkfifo(labels_pipe.c_str(), 0600) == 0);
  const auto read = [&](const std::string& images, const std::string& labels) {
    std::thread images_writer([&] { std::ofstream(pipe) << images; });
    std::thread labels_writer([&] { std::ofstream(labels_pipe) << labels; });
    std::string error = "nothing";
    try {
      const LabeledImages result = read_idx(pipe, labels_pipe);
      CHECK(std::string(result.pixels.data(), result.pixels.data() + 12) == "abcdefABCDEF");
      CHECK(result.labels(1) == 9);
    } catch (const std::runtime_error& wrong) {
      error = wrong.what();
    }
    images_writer.join();
    labels_writer.join();
    return error;
  };
  CHECK(read(two_images, two_labels) == "nothing");
  CHECK(read(two_images.substr(0, 20), two_labels) ==
        pipe + ": truncated: 4 bytes after the header, expected 2 images of 2 x 3");
  CHECK(read(two_images + "x", two_labels) ==
        pipe + ": trailing bytes: more than 12 bytes after the header, expected 2 images of 2 x 3");
  CHECK(read(two_images, two_labels + "x") ==
        labels_pipe + ": trailing bytes: more than 2 bytes after the header, expected 2 labels");
}
#endif

TEST_CASE("read_idx rejects wrong arguments before it opens the files") {
  CHECK_THROWS_AS(read_idx("missing", "missing", 0), std::invalid_argument);
  CHECK_THROWS_WITH(read_idx("missing", "missing", 0),
                    "backquery::read_idx: classes is 0, expected 1 to 256");
  CHECK_THROWS_WITH(read_idx("missing", "missing", 257),
                    "backquery::read_idx: classes is 257, expected 1 to 256");
  backquery::ReadOptions options;
  options.label_column = "last";
  CHECK_THROWS_WITH(read_idx("missing", "missing", 10, options),
                    "backquery::read_idx: options.label_column is \"last\", expected none, because an IDX "
                    "file has no columns");
  options.label_column = "";
  options.pixel_max = 256;
  CHECK_THROWS_WITH(read_idx("missing", "missing", 10, options),
                    "backquery::read_idx: options.pixel_max is 256, expected 1 to 255");
}
