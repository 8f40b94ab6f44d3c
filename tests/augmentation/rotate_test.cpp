// rotate against scipy.ndimage.rotate (tests/data/augmentation) and against exact permutations.
// resampling_test checks the common properties of transforms.
#include <backquery/augmentation/rotate.hpp>

#include <Eigen/Core>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "matrices.hpp"
#include "scipy_images.hpp"

namespace {

using Eigen::Index;

// Different values, none exact in binary.
template <typename Scalar>
Matrix<Scalar> numbered(Index rows, Index cols) {
  Matrix<Scalar> image(rows, cols);
  for (Index i = 0; i < image.size(); ++i) image.data()[i] = static_cast<Scalar>(i + 1) / 10;
  return image;
}

// A quarter turn of a square, anticlockwise: the last column becomes the first row.
template <typename Scalar>
Matrix<Scalar> quarter_turn(const Matrix<Scalar>& image) {
  return image.transpose().colwise().reverse();
}

// An independent implementation of rotate for one pixel, in long double, with one rotation matrix and no
// quadrants.
long double pixel_of_plain_rotation(const Eigen::MatrixXd& image, double degrees, double background, Index i,
                                    Index j) {
  const long double angle = degrees * 3.14159265358979323846264338327950288L / 180, c = std::cos(angle),
                    s = std::sin(angle);
  const long double center_row = static_cast<long double>(image.rows() - 1) / 2;
  const long double center_col = static_cast<long double>(image.cols() - 1) / 2;
  const long double y = center_row + c * (i - center_row) + s * (j - center_col);
  const long double x = center_col - s * (i - center_row) + c * (j - center_col);
  if (y < 0 || y > image.rows() - 1 || x < 0 || x > image.cols() - 1) return background;
  long double sum = 0;
  for (Index row = 0; row < image.rows(); ++row) {
    for (Index col = 0; col < image.cols(); ++col) {
      const long double weight_row = 1 - std::abs(y - row), weight_col = 1 - std::abs(x - col);
      if (weight_row > 0 && weight_col > 0) sum += weight_row * weight_col * image(row, col);
    }
  }
  return sum;
}

}  // namespace

TEMPLATE_TEST_CASE("rotate gives the result of scipy", "[rotate]", EVERY_SCALAR, long double) {
  check_against_scipy<TestType>("rotate_", [](const auto& image, double degrees, TestType background) {
    return backquery::rotate(image, degrees, background);
  });
}

TEST_CASE("rotate follows its formula at angles and sizes without golden data", "[rotate]") {
  for (const double degrees : {1., 44.9, 45.1, 89.5, -135.2, 91., 179., -269.7, 300.4}) {
    for (const Index rows : {2, 3, 6}) {
      const Eigen::MatrixXd image = numbered<double>(rows, 5);
      const auto rotated = backquery::rotate(image, degrees, 0.25);
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < 5; ++j) {
          INFO(degrees << " degrees, " << rows << " rows, pixel " << i << ", " << j);
          const auto expected = static_cast<double>(pixel_of_plain_rotation(image, degrees, 0.25, i, j));
          CHECK_THAT(rotated(i, j), Catch::Matchers::WithinAbs(expected, 1e-12));
        }
      }
    }
  }
}

TEMPLATE_TEST_CASE("rotate rotates anticlockwise as displayed", "[rotate]", float, double) {
  Matrix<TestType> image(2, 2), turned(2, 2);
  image << 1, 2,  //
      3, 4;
  turned << 2, 4,  //
      1, 3;
  CHECK(backquery::rotate(image, 90, 0) == turned);
}

TEMPLATE_TEST_CASE("rotate by multiples of 90 degrees moves the pixels of a square exactly", "[rotate]",
                   EVERY_SCALAR, long double) {
  for (const Index size : {1, 2, 5, 28}) {
    const Matrix<TestType> image = numbered<TestType>(size, size);
    Matrix<TestType> expected = image;
    for (int quarter = 0; quarter < 8; ++quarter) {
      INFO(size << " x " << size << ", " << quarter << " quarters");
      CHECK(backquery::rotate(image, 90 * quarter, TestType(0.3)) == expected);
      CHECK(backquery::rotate(image, 90 * quarter - 720, TestType(0.3)) == expected);
      CHECK(backquery::rotate(image, 90 * quarter + 360e9, TestType(0.3)) == expected);
      expected = quarter_turn(expected);
    }
  }
}

TEMPLATE_TEST_CASE("rotate by half a turn moves the pixels of any image exactly", "[rotate]", float, double) {
  for (const Index cols : {1, 4, 9}) {
    const Matrix<TestType> image = numbered<TestType>(5, cols);
    CHECK(backquery::rotate(image, 180, TestType(0.01)) == image.reverse());
    CHECK(backquery::rotate(image, 360, TestType(0.01)) == image);
    CHECK(backquery::rotate(image, 0, TestType(0.01)) == image);
    CHECK(backquery::rotate(image, -0.0, TestType(0.01)) == image);
  }
}

TEST_CASE("rotate keeps points that fall on the edge at 30 degrees", "[rotate]") {
  // sin 30 = 1/2: in the middle row, the source points of pixels 2k columns from the center lie k rows from
  // it.
  for (const Index k : {1, 2, 7, 50}) {
    const Eigen::MatrixXd image = numbered<double>(2 * k + 1, 4 * k + 1);
    const Eigen::MatrixXd tall = image.transpose();
    for (const int degrees : {30, 150, 210, 330, -30}) {
      INFO("k = " << k << " at " << degrees << " degrees");
      const auto rotated = backquery::rotate(image, degrees, -100);
      CHECK(rotated(k, 0) > 0);
      CHECK(rotated(k, 4 * k) > 0);
      const auto upright = backquery::rotate(tall, degrees + 90 * 2, -100);
      CHECK(upright(0, k) > 0);
      CHECK(upright(4 * k, k) > 0);
    }
  }
}

TEST_CASE("rotate reduces huge angles exactly", "[rotate]") {
  const Eigen::MatrixXd image = numbered<double>(6, 7);
  CHECK(backquery::rotate(image, 10 + 360e9, 0.5) == backquery::rotate(image, 10, 0.5));
  CHECK(backquery::rotate(image, 1e300, 0.5) == backquery::rotate(image, std::fmod(1e300, 360), 0.5));
  CHECK(backquery::rotate(image, -1e300, 0.5) == backquery::rotate(image, std::fmod(-1e300, 360), 0.5));
}

TEST_CASE("rotate of one row or one column keeps the pixels near the middle", "[rotate]") {
  const Eigen::MatrixXd row = numbered<double>(1, 7);
  const Eigen::MatrixXd rotated = backquery::rotate(row, 20, 0.5);
  Eigen::MatrixXd expected = Eigen::MatrixXd::Constant(1, 7, 0.5);
  expected(3) = row(3);
  CHECK(rotated == expected);
  CHECK(backquery::rotate(row.transpose(), 20, 0.5) == expected.transpose());
  CHECK(backquery::rotate(numbered<double>(1, 1), 33, 0.5) == numbered<double>(1, 1));
}

TEST_CASE("rotate rotates an image that is a column of the network's inputs", "[rotate]") {
  using PixelsByRow = RowMajorMatrix<float>;
  const Matrix<float> digit = numbered<float>(28, 28);
  Eigen::MatrixXf inputs(784, 3);
  for (Index i = 0; i < 28; ++i) {
    for (Index j = 0; j < 28; ++j) inputs.row(28 * i + j).setConstant(digit(i, j));
  }
  Eigen::VectorXf x = inputs.col(1), turned(784);
  Eigen::Map<PixelsByRow>(turned.data(), 28, 28) =
      backquery::rotate(Eigen::Map<const PixelsByRow>(x.data(), 28, 28), 10, 0.01f);
  const Matrix<float> expected = backquery::rotate(digit, 10, 0.01f);
  for (Index i = 0; i < 28; ++i) {
    for (Index j = 0; j < 28; ++j) CHECK(turned(28 * i + j) == expected(i, j));
  }
}

TEST_CASE("rotate rejects angles and backgrounds that are not finite", "[rotate]") {
  const Eigen::MatrixXd image = numbered<double>(3, 3);
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(backquery::rotate(image, infinity, 0.01), std::invalid_argument);
  CHECK_THROWS_AS(backquery::rotate(image, -infinity, 0.01), std::invalid_argument);
  CHECK_THROWS_WITH(backquery::rotate(image, nan, 0.01),
                    "backquery::rotate: degrees is nan, expected a finite number");
  CHECK_THROWS_WITH(backquery::rotate(image, 10, infinity),
                    "backquery::rotate: background is inf, expected a finite number");
  CHECK_THROWS_AS(backquery::rotate(Eigen::MatrixXd(0, 0), 10, nan), std::invalid_argument);
}
