#include "catch.hpp"
#include "temporary_folder.hpp"

#include <backquery/images/read_images.hpp>

#include <stdexcept>
#include <string>

using backquery::LabeledImages;
using backquery::read_images;

namespace {

std::string pixels_of(const LabeledImages& images) {
  std::string text;
  for (Eigen::Index image = 0; image < images.pixels.cols(); ++image) {
    for (const int pixel : images.pixels.col(image)) text += std::to_string(pixel) + " ";
  }
  return text;
}

const std::string idx_images(
    "\0\0\x08\x03\0\0\0\x02\0\0\0\x02\0\0\0\x03"
    "abcdefABCDEF",
    28);

}  // namespace

TEST_CASE("read_images reads a CSV without labels, with a header or without") {
  const TemporaryFolder folder;
  for (const std::string header : {"", "pixel0,pixel1,pixel2,pixel3\n", ",a,b,c,d\n"}) {
    const std::string index = header[0] == ',' ? "8," : "";
    const auto images =
        read_images(folder.write("test.csv", header + index + "1,2,3,4\n" + index + "5,6,7,255\n"), 3);
    CAPTURE(header);
    CHECK(pixels_of(images) == "1 2 3 4 5 6 7 255 ");
    CHECK(images.labels.size() == 0);
    CHECK(images.rows == 2);
    CHECK(images.cols == 2);
    CHECK(images.classes == 3);
    CHECK(pixels_of(images.block(1, 1)) == "5 6 7 255 ");
  }
}

TEST_CASE("read_images reads the labels of a CSV whose label column is named") {
  const TemporaryFolder folder;
  const auto named = read_images(folder.write("train.csv", "a,b,c,d,label\n1,2,3,4,9\n"));
  CHECK(pixels_of(named) == "1 2 3 4 ");
  REQUIRE(named.labels.size() == 1);
  CHECK(named.labels(0) == 9);
  backquery::ReadOptions options;
  options.label_column = "first";
  const auto first = read_images(folder.write("train.csv", "9,1,2,3,4\n"), 10, 0, 0, options);
  CHECK(pixels_of(first) == "1 2 3 4 ");
  CHECK(first.labels(0) == 9);
}

TEST_CASE("read_images accepts the shape and the options of read_csv") {
  const TemporaryFolder folder;
  const std::string path = folder.write("test.csv", "1,2,3,4,5,6\n");
  backquery::ReadOptions options;
  options.transpose = true;
  options.pixel_max = 6;
  const auto images = read_images(path, 10, 2, 3, options);
  CHECK(pixels_of(images) == "1 4 2 5 3 6 ");
  CHECK(images.rows == 3);
  CHECK(images.cols == 2);
  CHECK(images.pixel_max == 6);
  CHECK_THROWS_WITH(read_images(path),
                    Catch::Matchers::ContainsSubstring("6 pixels, expected a square number"));
  CHECK_THROWS_WITH(read_images("missing", 0), "backquery::read_images: classes is 0, expected 1 to 256");
  CHECK_THROWS_WITH(read_images("missing"), Catch::Matchers::StartsWith("missing: cannot be opened: "));
}

TEST_CASE("read_images reads the images file of an IDX pair") {
  const TemporaryFolder folder;
  const std::string path = folder.write("images-idx3-ubyte", idx_images);
  const auto images = read_images(path, 26);
  CHECK(std::string(images.pixels.data(), images.pixels.data() + images.pixels.size()) == "abcdefABCDEF");
  CHECK(images.pixels.cols() == 2);
  CHECK(images.labels.size() == 0);
  CHECK(images.classes == 26);
  CHECK(read_images(path, 10, 2, 3).rows == 2);
  CHECK_THROWS_WITH(read_images(path, 10, 3, 2), path + ": has images of 2 x 3, expected 3 x 2");
  CHECK_THROWS_WITH(read_images(folder.write("labels", std::string("\0\0\x08\x01\0\0\0\x01\x07", 9))),
                    Catch::Matchers::EndsWith("labels: magic number is 2049, expected 2051 (images)"));
  backquery::ReadOptions options;
  options.label_column = "last";
  CHECK_THROWS_AS(read_images(path, 10, 0, 0, options), std::invalid_argument);
}
