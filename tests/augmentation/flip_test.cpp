// flip_horizontal and flip_vertical: exact permutations.
#include <backquery/augmentation/flip.hpp>

#include <Eigen/Core>
#include <cstdint>

#include "catch.hpp"
#include "matrices.hpp"

namespace {

template <typename Scalar>
Matrix<Scalar> letter() {
  Matrix<Scalar> image(3, 2);
  image << 1, 2,  //
      3, 4,       //
      5, 6;
  return image;
}

}  // namespace

TEMPLATE_TEST_CASE("flip_horizontal exchanges left and right", "[flip]", float, double, std::uint8_t) {
  Matrix<TestType> expected(3, 2);
  expected << 2, 1,  //
      4, 3,          //
      6, 5;
  CHECK(backquery::flip_horizontal(letter<TestType>()) == expected);
}

TEMPLATE_TEST_CASE("flip_vertical exchanges top and bottom", "[flip]", float, double, std::uint8_t) {
  Matrix<TestType> expected(3, 2);
  expected << 5, 6,  //
      3, 4,          //
      1, 2;
  CHECK(backquery::flip_vertical(letter<TestType>()) == expected);
}

TEST_CASE("flips take any storage order and may assign to their argument", "[flip]") {
  const Matrix<double> image = Matrix<double>::Random(5, 7);
  const RowMajorMatrix<double> row_major = image;
  CHECK(backquery::flip_horizontal(row_major) == backquery::flip_horizontal(image));
  CHECK(backquery::flip_vertical(row_major.block(1, 2, 3, 4)) ==
        backquery::flip_vertical(image.block(1, 2, 3, 4)));
  Matrix<double> flipped = image;
  flipped = backquery::flip_horizontal(flipped);
  CHECK(flipped != image);
  flipped = backquery::flip_horizontal(flipped);
  CHECK(flipped == image);
  flipped = backquery::flip_vertical(backquery::flip_horizontal(image));
  CHECK(flipped == image.reverse());
}

TEST_CASE("a flip of an empty image is empty", "[flip]") {
  CHECK(backquery::flip_horizontal(Eigen::MatrixXf(0, 4)).cols() == 4);
  CHECK(backquery::flip_vertical(Eigen::MatrixXf(3, 0)).rows() == 3);
}
