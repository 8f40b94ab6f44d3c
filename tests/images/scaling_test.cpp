#include "catch.hpp"

#include <backquery/images/scaling.hpp>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include "tolerance.hpp"

using backquery::inputs;
using backquery::LabeledImages;
using backquery::targets;

namespace {

/// 256 images of 1 x 2: pixel values i and 255 - i, label i % 10.
LabeledImages every_pixel() {
  LabeledImages images;
  images.pixels.resize(2, 256);
  images.labels.resize(256);
  for (int i = 0; i < 256; ++i) {
    images.pixels(0, i) = static_cast<std::uint8_t>(i);
    images.pixels(1, i) = static_cast<std::uint8_t>(255 - i);
    images.labels(i) = static_cast<std::uint8_t>(i % 10);
  }
  images.rows = 1;
  images.cols = 2;
  images.classes = 10;
  return images;
}

}  // namespace

TEMPLATE_TEST_CASE("a pixel becomes low + pixel / 255 * (high - low)", "", EVERY_SCALAR, long double) {
  using Scalar = TestType;
  const LabeledImages images = every_pixel();
  const auto x = inputs<Scalar>(images);
  static_assert(std::is_same_v<decltype(x), const Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>>);
  const auto negative = inputs<Scalar>(images, 1, -1);
  REQUIRE(x.rows() == 2);
  REQUIRE(x.cols() == 256);
  for (int i = 0; i < 256; ++i) {
    const long double share = i / 255.0L;
    CAPTURE(i);
    // A few roundings of values up to 1.
    CHECK(std::abs(x(0, i) - (0.01L + share * 0.99L)) <= tolerance<Scalar>(2));
    CHECK(std::abs(negative(0, i) - (1 - 2 * share)) <= tolerance<Scalar>(2));
    CHECK(x(1, 255 - i) == x(0, i));
  }
  CHECK(x(0, 0) == static_cast<Scalar>(0.01L));
  CHECK(negative(0, 0) == 1);
}

TEST_CASE("the largest possible pixel value becomes the largest input") {
  LabeledImages images = every_pixel().block(0, 17);
  images.pixel_max = 16;
  const auto x = inputs<double>(images);
  CHECK(x(0, 0) == 0.01);
  CHECK(std::abs(x(0, 8) - 0.505) <= tolerance<double>(2));
  CHECK(std::abs(x(0, 16) - 1) <= tolerance<double>(2));
  CHECK(images.block(3, 2).pixel_max == 16);
  images.pixel_max = 0;
  CHECK_THROWS_WITH(inputs(images), "backquery::inputs: images.pixel_max is 0, expected 1 to 255");
  images.pixel_max = 256;
  CHECK_THROWS_WITH(inputs(images), "backquery::inputs: images.pixel_max is 256, expected 1 to 255");
}

TEST_CASE("inputs and targets have the scalar type of the levels, double by default") {
  const LabeledImages images = every_pixel();
  static_assert(std::is_same_v<decltype(inputs(images)), Eigen::MatrixXd>);
  static_assert(std::is_same_v<decltype(inputs(images, 0.0f, 1.0f)), Eigen::MatrixXf>);
  static_assert(std::is_same_v<decltype(targets(images)), Eigen::MatrixXd>);
  static_assert(std::is_same_v<decltype(targets(images, 0.0f, 1.0f)), Eigen::MatrixXf>);
  CHECK(inputs(images) == inputs<double>(images, 0.01, 1.0));
}

TEMPLATE_TEST_CASE("targets are on in the row of the label and off elsewhere", "", EVERY_SCALAR,
                   long double) {
  using Scalar = TestType;
  const LabeledImages images = every_pixel();
  const auto book = targets<Scalar>(images);
  const auto classifier = targets<Scalar>(images, 0, 1);
  REQUIRE(book.rows() == 10);
  REQUIRE(book.cols() == 256);
  for (int sample = 0; sample < 256; ++sample) {
    for (int row = 0; row < 10; ++row) {
      const bool on = row == sample % 10;
      REQUIRE(book(row, sample) == static_cast<Scalar>(on ? 0.99L : 0.01L));
      REQUIRE(classifier(row, sample) == (on ? 1 : 0));
    }
  }
}

TEST_CASE("inputs() and targets() of an empty set are empty") {
  LabeledImages none = every_pixel().block(0, 0);
  CHECK(inputs(none).rows() == 2);
  CHECK(inputs(none).cols() == 0);
  CHECK(targets(none).rows() == 10);
  CHECK(targets(none).cols() == 0);
}

TEST_CASE("levels that are not finite or not different are rejected") {
  const LabeledImages images = every_pixel();
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  constexpr double largest = std::numeric_limits<double>::max();
  CHECK_THROWS_AS(inputs(images, nan, 1.0), std::invalid_argument);
  CHECK_THROWS_WITH(inputs(images, nan, 1.0), "backquery::inputs: low is nan, expected a finite number");
  CHECK_THROWS_WITH(inputs(images, 0.0, infinity),
                    "backquery::inputs: high is inf, expected a finite number");
  CHECK_THROWS_WITH(inputs(images, -largest, largest),
                    "backquery::inputs: high - low is inf, expected a finite number");
  CHECK_THROWS_WITH(inputs(images, 0.5, 0.5),
                    "backquery::inputs: high is 0.5 as low is, expected another value");
  CHECK_THROWS_WITH(targets(images, -infinity, 1.0),
                    "backquery::targets: off is -inf, expected a finite number");
  CHECK_THROWS_WITH(targets(images, 0.0, nan), "backquery::targets: on is nan, expected a finite number");
  CHECK_THROWS_WITH(targets(images, 1.0, 1.0),
                    "backquery::targets: on is 1 as off is, expected another value");
}

TEST_CASE("targets rejects labels out of range") {
  LabeledImages images = every_pixel();
  images.classes = 9;
  CHECK_THROWS_AS(targets(images), std::invalid_argument);
  CHECK_THROWS_WITH(targets(images), "backquery::targets: label 9 is 9, expected 0 to 8");
  images.classes = 0;
  CHECK_THROWS_WITH(targets(images), "backquery::targets: images.classes is 0, expected at least 1");
}

TEST_CASE("a block of images is a copy of a range of them") {
  const LabeledImages images = every_pixel();
  const LabeledImages block = images.block(250, 6);
  CHECK(block.pixels == images.pixels.rightCols(6));
  CHECK(block.labels == images.labels.tail(6));
  CHECK(block.rows == 1);
  CHECK(block.cols == 2);
  CHECK(block.classes == 10);
  CHECK(inputs<float>(block) == inputs<float>(images).rightCols(6));
  CHECK(images.block(256, 0).labels.size() == 0);
}

TEST_CASE("a transposition swaps rows and columns, and rejects pixels of another shape") {
  LabeledImages images;
  images.pixels.resize(6, 2);
  images.pixels << 1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 12;
  images.rows = 2, images.cols = 3;
  const LabeledImages before = images;
  images.transpose();
  CHECK(images.rows == 3);
  CHECK(images.cols == 2);
  CHECK(images.pixels.col(1).cast<int>() == (Eigen::VectorXi(6) << 7, 10, 8, 11, 9, 12).finished());
  images.transpose();
  CHECK(images.pixels == before.pixels);
  images.rows = 3;
  CHECK_THROWS_WITH(images.transpose(),
                    "backquery::LabeledImages::transpose: pixels has 6 rows, expected 9, rows * cols");
}

TEST_CASE("a block beyond the images is rejected") {
  LabeledImages images = every_pixel();
  CHECK_THROWS_AS(images.block(-1, 1), std::invalid_argument);
  CHECK_THROWS_WITH(images.block(-1, 1), "backquery::LabeledImages::block: first is -1, expected 0 to 256");
  CHECK_THROWS_WITH(images.block(257, 0), "backquery::LabeledImages::block: first is 257, expected 0 to 256");
  CHECK_THROWS_WITH(images.block(250, 7), "backquery::LabeledImages::block: count is 7, expected 0 to 6");
  CHECK_THROWS_WITH(images.block(0, -1), "backquery::LabeledImages::block: count is -1, expected 0 to 256");
  images.labels.conservativeResize(255);
  CHECK_THROWS_WITH(
      images.block(0, 1),
      "backquery::LabeledImages::block: pixels has 256 columns, expected 255, one for each label");
}
