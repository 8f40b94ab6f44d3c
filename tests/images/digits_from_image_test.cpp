#include "catch.hpp"
#include "pages.hpp"

#include <backquery/images/digits_from_image.hpp>
#include <backquery/images/read_csv.hpp>

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using backquery::digit_from_image;
using backquery::digits_from_image;
using backquery::FoundDigits;
using pages::Page;
using pages::PagePrinter;
using pages::Paper;

namespace {

using Bytes = Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 1>;

const backquery::LabeledImages& sample_digits() {
  static const auto digits =
      backquery::read_csv(std::string(BACKQUERY_TEST_DATA) + "/../../examples/data/mnist_test_500.csv")
          .block(0, 60);
  return digits;
}

/// The cosine of the angle between two images: 1 if they are equal.
double similarity(const Bytes& a, const Bytes& b) {
  return a.cast<double>().normalized().dot(b.cast<double>().normalized());
}

Page noisy_paper(Eigen::Index rows, Eigen::Index cols) {
  backquery::LabeledImages blank = sample_digits().block(0, 1);
  blank.pixels.setZero();
  return PagePrinter(blank, 1).page_with(0, Paper::ruled, rows, cols);
}

using Picture = Eigen::Array<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Picture white_paper(Eigen::Index rows, Eigen::Index cols) {
  return Picture::Constant(rows, cols, 255);
}

FoundDigits digits_of(const Picture& picture) {
  return digits_from_image(Eigen::Map<const Bytes>(picture.data(), picture.size()), picture.rows(),
                           picture.cols());
}

/// A picture of strokes of `width` pixels that form a T, 0 on 255, with a square of `side` pixels around it.
Page letter_t(Eigen::Index side, Eigen::Index width) {
  Picture picture = white_paper(2 * side, 2 * side);
  picture.block(side / 2, side / 2, width, side).setZero();
  picture.block(side / 2, side - width / 2, side, width).setZero();
  return {2 * side, 2 * side, Eigen::Map<Bytes>(picture.data(), picture.size()), true};
}

}  // namespace

TEST_CASE("an image of MNIST, or its negative, becomes the same image") {
  const auto& digits = sample_digits();
  for (Eigen::Index i = 0; i < digits.labels.size(); ++i) {
    const Bytes image = digits.pixels.col(i);
    const Bytes negative = 255 - image.array();
    const FoundDigits found = digit_from_image(image, 28, 28), dark = digit_from_image(negative, 28, 28);
    CAPTURE(i);
    CHECK(similarity(found.images.pixels.col(0), image) > 0.98);
    CHECK(similarity(dark.images.pixels.col(0), image) > 0.98);
    CHECK_FALSE(found.dark_ink);
    CHECK(dark.dark_ink);
    CHECK(found.images.rows * found.images.cols == 784);
  }
}

TEST_CASE("a digit on a page with noise, uneven light and lines becomes its image of MNIST") {
  const auto& digits = sample_digits();
  for (const Paper paper : {Paper::plain, Paper::ruled, Paper::squared}) {
    PagePrinter printer(digits, 5);
    double sum = 0;
    for (Eigen::Index i = 0; i < digits.labels.size(); ++i) {
      const Page page = printer.page_with(i, paper);
      const FoundDigits found = digit_from_image(page.pixels, page.rows, page.cols);
      REQUIRE(found.boxes.size() == 1);
      CHECK(found.dark_ink == page.dark_ink);
      const double similar = similarity(found.images.pixels.col(0), digits.pixels.col(i));
      CAPTURE(i, static_cast<int>(paper));
      CHECK(similar > 0.6);
      sum += similar;
    }
    CHECK(sum / static_cast<double>(digits.labels.size()) > 0.91);
  }
}

TEST_CASE("the digits of a page are found in reading order, with their boxes") {
  const auto& digits = sample_digits();
  PagePrinter printer(digits, 7);
  const std::vector<Eigen::Index> expected = {3, 14, 15, 9, 26, 5, 35, 8, 9};
  for (const Eigen::Index lines : {1, 2, 3}) {
    const Page page = printer.page_with(expected, lines, Paper::plain);
    const FoundDigits found = digits_from_image(page.pixels, page.rows, page.cols);
    CAPTURE(lines);
    REQUIRE(found.boxes.size() == expected.size());
    CHECK(found.images.labels.size() == 0);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto image = static_cast<Eigen::Index>(i);
      CHECK(similarity(found.images.pixels.col(image), digits.pixels.col(expected[i])) > 0.65);
      const backquery::ImageBox& box = found.boxes[i];
      CHECK(box.top >= 0);
      CHECK(box.left + box.cols <= page.cols);
      CHECK((i % 3 == 0 || lines < 3 || box.left > found.boxes[i - 1].left));
    }
  }
}

TEST_CASE("a large picture is reduced, and a fine pen becomes as wide as strokes of MNIST") {
  const Page page = letter_t(1200, 20);  // 5,760,000 pixels; strokes of 1/60 of the height
  const FoundDigits found = digit_from_image(page.pixels, page.rows, page.cols);
  CHECK(std::abs(found.boxes[0].top - 600) <= 8);
  CHECK(std::abs(found.boxes[0].rows - 1200) <= 16);
  const Bytes image = found.images.pixels.col(0);
  CHECK(image.maxCoeff() > 200);
  CHECK(image.cast<int>().sum() > 255 * 40);  // 20 x 20 pixels at full ink are 400
}

TEST_CASE("a straight stroke that is longer than half of the picture is no ruled line") {
  Picture one = white_paper(100, 80);
  one.block(10, 40, 80, 3).setZero();
  const FoundDigits found = digits_of(one);
  REQUIRE(found.boxes.size() == 1);
  CHECK(std::abs(found.boxes[0].rows - 80) <= 2);
}

TEST_CASE("the number of rounds that join strokes is bounded, also for a picture full of specks") {
  // The first part is wide, and joins one neighbor in each round.
  std::vector<backquery::detail::InkGroup> parts = {{{0, 0, 9, 29}, 300, {0}}};
  for (std::int32_t i = 1; i <= 300; ++i) {
    const Eigen::Index left = 20 + 12 * i;
    parts.push_back({{0, left, 9, left + 9}, 100, {i}});
  }
  backquery::detail::join_strokes(parts);
  CHECK(parts.size() == 301 - 32);
  CHECK(parts[0].components.size() == 33);
}

TEST_CASE("a picture without ink is rejected") {
  for (const Eigen::Index size : {1, 2, 28, 150}) {
    const Bytes white = Bytes::Constant(size * size, 255);
    CHECK_THROWS_WITH(digit_from_image(white, size, size),
                      "backquery::digit_from_image: the image of " + std::to_string(size) + " x " +
                          std::to_string(size) +
                          " has no ink, expected strokes that are darker or lighter than the paper");
  }
  const Page ruled = noisy_paper(200, 300);
  CHECK_THROWS_AS(digits_from_image(ruled.pixels, 200, 300), std::runtime_error);
}

TEST_CASE("wrong sizes of a picture are rejected") {
  const Bytes pixels = Bytes::Zero(12);
  CHECK_THROWS_WITH(digits_from_image(pixels, 3, 5),
                    "backquery::digits_from_image: pixels has 12 rows, expected 15, rows * cols");
  CHECK_THROWS_WITH(digit_from_image(pixels, 0, 12),
                    "backquery::digit_from_image: the image has 0 rows and 12 columns, expected at least 1");
  const Eigen::Index many = (std::numeric_limits<Eigen::Index>::max)() / 4 + 1;  // times 8, it overflows to 0
  CHECK_THROWS_WITH(digit_from_image(Bytes(), many, 8),
                    Catch::Matchers::ContainsSubstring("more pixels than memory can hold"));
}
