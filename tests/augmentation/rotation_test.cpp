// Rotation against rotate, to the last bit, and what it refuses. No_allocation_test holds its promises on
// memory.
#include "backquery/augmentation/rotation.hpp"

#include "backquery/augmentation/rotate.hpp"

#include <Eigen/Core>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "matrices.hpp"
#include "scipy_images.hpp"

namespace {

using backquery::Rotation;
using Eigen::Dynamic;
using Eigen::Index;

template <typename Scalar>
Matrix<Scalar> random_image(Index rows, Index cols) {
  return random_matrix<Scalar>(rows, cols, 0.01, 1, 7);
}

/// The same bits, or both NaN.
template <typename A, typename B>
bool same(const A& a, const B& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         ((a.array() == b.array()) || (a.array().isNaN() && b.array().isNaN())).all();
}

/// Each column of a set as rotate turns it.
template <typename Scalar>
Matrix<Scalar> rotated_set(const Matrix<Scalar>& set, Index rows, Index cols, double degrees,
                           Scalar background) {
  Matrix<Scalar> result(set.rows(), set.cols());
  for (Index image = 0; image < set.cols(); ++image) {
    Eigen::Map<RowMajorMatrix<Scalar>>(result.col(image).data(), rows, cols) = backquery::rotate(
        Eigen::Map<const RowMajorMatrix<Scalar>>(set.col(image).data(), rows, cols), degrees, background);
  }
  return result;
}

}  // namespace

TEMPLATE_TEST_CASE("A Rotation gives what rotate gives", "[rotation]", float, double) {
  const auto background = static_cast<TestType>(0.01);
  for (const Index rows : {1, 2, 3, 8, 28}) {
    for (const Index cols : {1, 2, 5, 28, 31}) {
      const Matrix<TestType> image = random_image<TestType>(rows, cols);
      const RowMajorMatrix<TestType> row_major = image;
      // Blended everywhere; on the edge at 30 degrees; exact at quarter turns.
      for (const double degrees :
           {10., -10., 44.9, 45., 123.4, -200.7, 30., 150., 0., 90., -90., 180., 1e300}) {
        INFO(rows << " x " << cols << " at " << degrees << " degrees");
        const Rotation<TestType> turn(rows, cols, degrees, background);
        const Matrix<TestType> expected = backquery::rotate(image, degrees, background);
        CHECK(same(turn(image), expected));
        CHECK(same(turn(row_major), expected));
      }
    }
  }
}

TEMPLATE_TEST_CASE("a Rotation gives the result of scipy", "[rotation]", EVERY_SCALAR) {
  check_against_scipy<TestType>("rotate_", [](const auto& image, double degrees, TestType background) {
    return Rotation<TestType>(image.rows(), image.cols(), degrees, background)(image);
  });
}

TEMPLATE_TEST_CASE("A Rotation leaves background bit-equal to the background", "[rotation]", float, double) {
  const auto background = static_cast<TestType>(0.01);
  const Matrix<TestType> blank = Matrix<TestType>::Constant(28, 28, background);
  Matrix<TestType> dot = blank;
  dot(14, 14) = 1;
  for (const double degrees : {10., -10., 45.}) {
    const Rotation<TestType> turn(28, 28, degrees, background);
    CHECK(turn(blank) == blank);
    const Index inked = (turn(dot).array() != background).count();
    CHECK(inked >= 1);
    CHECK(inked <= 9);
  }
}

TEMPLATE_TEST_CASE("A Rotation reads nothing of weight 0, so NaN spreads as in rotate", "[rotation]", float,
                   double) {
  for (Index at = 0; at < 81; ++at) {  // the corners among them: pixels outside must not read these
    Matrix<TestType> image = random_image<TestType>(9, 9);
    image.data()[at] = std::numeric_limits<TestType>::quiet_NaN();
    for (const double degrees : {10., 30., 45., 90.}) {
      INFO("pixel " << at << " at " << degrees << " degrees");
      const auto turned = Rotation<TestType>(9, 9, degrees, TestType(0.5))(image);
      CHECK(same(turned, backquery::rotate(image, degrees, TestType(0.5))));
      CHECK(turned.array().isNaN().count() <= 9);
    }
  }
}

TEMPLATE_TEST_CASE("A Rotation turns a set of images as one after the other", "[rotation]", float, double) {
  const Matrix<TestType> set = random_matrix<TestType>(7 * 9, 150, 0.01, 1, 3);
  const Rotation<TestType> turn(7, 9, 25, TestType(0.01));
  const Matrix<TestType> expected = rotated_set<TestType>(set, 7, 9, 25, TestType(0.01));
  for (const int threads : {1, 2, 3, 8}) {
    INFO(threads << " threads");
    Matrix<TestType> turned = Matrix<TestType>::Zero(7 * 9, 150);
    backquery::ThreadPool pool(threads);
    turn.apply(set, turned, pool);
    CHECK(turned == expected);
  }
}

TEMPLATE_TEST_CASE("A Rotation takes blocks, maps, expressions and single columns", "[rotation]", float,
                   double) {
  const Matrix<TestType> set = random_matrix<TestType>(30, 6, 0.01, 1, 3);
  const Rotation<TestType> turn(5, 6, -20, TestType(0.01));
  const Matrix<TestType> expected = rotated_set<TestType>(set, 5, 6, -20, TestType(0.01));

  Matrix<TestType> thirds = Matrix<TestType>::Zero(30, 18);  // every third column
  turn.apply(set, Eigen::Map<Matrix<TestType>, 0, Eigen::OuterStride<>>(thirds.data() + 30, 30, 6,
                                                                        Eigen::OuterStride<>(90)));
  CHECK(thirds.col(1) == expected.col(0));
  CHECK(thirds.col(16) == expected.col(5));
  CHECK(thirds.col(0).isZero(0));
  CHECK(thirds.col(2).isZero(0));

  Matrix<TestType> turned = Matrix<TestType>::Zero(30, 6);
  turn.apply(set.leftCols(2), turned.rightCols(2));
  CHECK(turned.rightCols(2) == expected.leftCols(2));
  CHECK(turned.leftCols(4).isZero(0));
  turn.apply(RowMajorMatrix<TestType>(set), turned);
  CHECK(turned == expected);
  turned.setZero();
  turn.apply(TestType(2) * set - set, turned);
  CHECK(turned == rotated_set<TestType>(TestType(2) * set - set, 5, 6, -20, TestType(0.01)));
  Matrix<TestType> halves(30, 12);  // in one matrix, but apart
  halves.leftCols(6) = set;
  turn.apply(halves.leftCols(6), halves.rightCols(6));
  CHECK(halves.rightCols(6) == expected);
  Vector<TestType> column(30);
  turn.apply(set.col(3), column);
  CHECK(column == expected.col(3));
}

TEMPLATE_TEST_CASE("A Rotation of one image takes any storage order, block, map and expression", "[rotation]",
                   float, double) {
  const auto background = static_cast<TestType>(0.01);
  const Matrix<TestType> image = random_image<TestType>(6, 9);
  const Matrix<TestType> expected = backquery::rotate(image, 25, background);
  const RowMajorMatrix<TestType> row_major = image;
  const Rotation<TestType> turn(6, 9, 25, background);

  Matrix<TestType> frame = Matrix<TestType>::Zero(10, 20), turned(6, 9);
  frame.block(3, 5, 6, 9) = image;
  CHECK(turn(frame.block(3, 5, 6, 9)) == expected);
  CHECK(turn(row_major.transpose().transpose()) == expected);
  CHECK(turn(TestType(1) * image) == expected);
  CHECK(turn(Eigen::Matrix<TestType, 6, 9>(image)) == expected);
  turn(image, turned);
  CHECK(turned == expected);
  turned.setZero();
  turn(row_major, turned);
  CHECK(turned == expected);
  frame.setZero();
  turn(image, frame.block(1, 2, 6, 9));
  CHECK(frame.block(1, 2, 6, 9) == expected);
  CHECK((frame.array() != 0).count() == (expected.array() != 0).count());
  RowMajorMatrix<TestType> spread = RowMajorMatrix<TestType>::Zero(6, 18);  // every other column
  turn(row_major,
       Eigen::Map<RowMajorMatrix<TestType>, 0, Eigen::Stride<Dynamic, 2>>(spread.data(), 6, 9, {18, 2}));
  CHECK(spread(0, 8) == expected(0, 4));
  CHECK(spread(5, 16) == expected(5, 8));
  CHECK(spread.col(1).isZero(0));
}

TEST_CASE("A Rotation keeps its size and may be copied", "[rotation]") {
  const Eigen::MatrixXd image = random_image<double>(4, 6);
  Rotation<> turn(3, 3, 0, 0.5);
  {
    const Rotation<> other(4, 6, 33, 0.01);
    turn = other;
  }
  CHECK(turn.rows() == 4);
  CHECK(turn.cols() == 6);
  CHECK(turn(image) == backquery::rotate(image, 33, 0.01));
}

TEST_CASE("A Rotation of nothing gives nothing", "[rotation]") {
  CHECK(Rotation<>(0, 4, 10, 0.01)(Eigen::MatrixXd(0, 4)).size() == 0);
  CHECK(Rotation<>(3, 0, 10, 0.01)(Eigen::MatrixXd(3, 0)).rows() == 3);
  Eigen::MatrixXd none(784, 0), turned(784, 0);
  backquery::ThreadPool pool(2);
  CHECK_NOTHROW(Rotation<>(28, 28, 10, 0.01).apply(none, turned, pool));
}

TEST_CASE("Threads use one Rotation at the same time", "[rotation]") {
  const Rotation<> turn(28, 28, 10, 0.01);
  const Eigen::MatrixXd image = random_image<double>(28, 28);
  const Eigen::MatrixXd expected = turn(image);
  std::vector<Eigen::MatrixXd> turned(4);
  std::vector<std::thread> threads;
  for (Eigen::MatrixXd& result : turned) threads.emplace_back([&] { result = turn(image); });
  for (std::thread& thread : threads) thread.join();
  for (const Eigen::MatrixXd& result : turned) CHECK(result == expected);
}

TEST_CASE("A Rotation refuses sizes, angles and backgrounds that make no sense", "[rotation]") {
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(Rotation<>(-1, 28, 10, 0.01),
                    "backquery::Rotation: rows is -1, expected 0 to 2147483647");
  CHECK_THROWS_WITH(Rotation<>(28, Index(1) << 40, 10, 0.01),
                    "backquery::Rotation: cols is 1099511627776, expected 0 to 2147483647");
  CHECK_THROWS_WITH(Rotation<>(28, 28, nan, 0.01),
                    "backquery::Rotation: degrees is nan, expected a finite number");
  CHECK_THROWS_WITH(Rotation<>(28, 28, 10, -infinity),
                    "backquery::Rotation: background is -inf, expected a finite number");
  CHECK_THROWS_AS(Rotation<float>(0, 0, infinity, 0.01f), std::invalid_argument);
}

TEST_CASE("A Rotation refuses images of another size and memory that is not apart", "[rotation]") {
  const Rotation<> turn(28, 27, 10, 0.01);
  Eigen::MatrixXd image(28, 27), set(756, 3), other(756, 2);
  CHECK_THROWS_WITH(turn(Eigen::MatrixXd(27, 28)), "backquery::Rotation: image is 27 x 28, expected 28 x 27");
  CHECK_THROWS_WITH(turn(image, Eigen::MatrixXd(28, 28)),
                    "backquery::Rotation: turned is 28 x 28, expected 28 x 27");
  CHECK_THROWS_WITH(turn(image, image),
                    "backquery::Rotation: turned lies where image does, expected memory of its own");
  CHECK_THROWS_WITH(turn.apply(Eigen::MatrixXd(784, 3), set),
                    "backquery::Rotation::apply: inputs is 784 x 3, expected 756 x 3");
  CHECK_THROWS_WITH(turn.apply(set, other),
                    "backquery::Rotation::apply: outputs is 756 x 2, expected 756 x 3");
  CHECK_THROWS_WITH(turn.apply(set, set),
                    "backquery::Rotation::apply: outputs lies where inputs does, expected memory of its own");
  CHECK_THROWS_AS(turn.apply(set.leftCols(2), set.rightCols(2)), std::invalid_argument);
  CHECK_THROWS_AS(turn.apply(set.rightCols(2), set.leftCols(2)), std::invalid_argument);
}
