// Deformation equals the composition of its parts, which deformation_parts_test compares with scipy, and does
// not depend on blocks or threads. resampling_test checks properties that all transforms share,
// no_allocation_test the allocations.
#include <backquery/augmentation/deformation.hpp>
#include <backquery/augmentation/flip.hpp>
#include <backquery/augmentation/rotate.hpp>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "deformation_reference.hpp"
#include "matrices.hpp"
#include "scipy_images.hpp"
#include "tolerance.hpp"

namespace {

using backquery::Deformation;
using backquery::DeformationRanges;
using Eigen::Index;
using reference::every_deformation;

template <typename Scalar>
Eigen::Map<const RowMajorMatrix<Scalar>> image_of(const Matrix<Scalar>& set, Index image, Index rows,
                                                  Index cols) {
  return {set.col(image).data(), rows, cols};
}

DeformationRanges rotating(double degrees) {
  DeformationRanges ranges;
  ranges.degrees = degrees;
  return ranges;
}

template <typename Scalar>
Matrix<Scalar> applied(const Deformation<Scalar>& deform, const Matrix<Scalar>& set, std::uint64_t seed,
                       std::uint64_t first_image = 0, int threads = 1) {
  Matrix<Scalar> deformed = Matrix<Scalar>::Zero(set.rows(), set.cols());
  backquery::ThreadPool pool(threads);
  deform.apply(set, std::vector<int>(static_cast<std::size_t>(set.cols())), deformed, seed, first_image,
               pool);
  return deformed;
}

}  // namespace

TEMPLATE_TEST_CASE("a Deformation equals the composition of its parts", "[deformation]", EVERY_SCALAR) {
  for (const auto& [rows, cols] : {std::pair<Index, Index>{28, 28}, {9, 33}, {1, 5}, {6, 1}}) {
    const Matrix<TestType> set = random_matrix<TestType>(rows * cols, 20, 0.01, 1, 1);
    const Matrix<TestType> deformed =
        applied(Deformation<TestType>(rows, cols, every_deformation(), TestType(0.01)), set, 5, 100);
    for (Index image = 0; image < 20; ++image) {
      INFO(rows << " x " << cols << ", image " << image);
      const Matrix<TestType> expected =
          reference::deformed<TestType>(image_of(set, image, rows, cols), every_deformation(), TestType(0.01),
                                        5, static_cast<std::uint64_t>(100 + image));
      CHECK(max_difference(image_of(deformed, image, rows, cols), expected) <= tolerance<TestType>(8, 1e-12));
    }
  }
}

TEMPLATE_TEST_CASE("a Deformation with empty ranges returns the images bit for bit", "[deformation]", float,
                   double) {
  Matrix<TestType> set = random_matrix<TestType>(28 * 28, 5, 0.01, 1, 1);
  set(0, 0) = TestType(-0.), set(5, 1) = std::numeric_limits<TestType>::denorm_min();
  set(400, 2) = std::numeric_limits<TestType>::quiet_NaN();
  const Matrix<TestType> same =
      applied(Deformation<TestType>(28, 28, DeformationRanges(), TestType(0.01)), set, 1);
  CHECK(std::memcmp(same.data(), set.data(), static_cast<std::size_t>(set.size()) * sizeof(TestType)) == 0);
}

TEMPLATE_TEST_CASE("a Deformation by degrees alone equals rotate", "[deformation]", float, double) {
  const Matrix<TestType> set = random_matrix<TestType>(11 * 14, 40, 0.01, 1, 1);
  const Matrix<TestType> rotated =
      applied(Deformation<TestType>(11, 14, rotating(180), TestType(0.01)), set, 3);
  for (Index image = 0; image < 40; ++image) {
    const double degrees =
        backquery::detail::draw_affine(rotating(180),
                                       backquery::detail::CounterRng(3, static_cast<std::uint64_t>(image)))
            .degrees;
    INFO(degrees << " degrees");
    CHECK(max_difference(image_of(rotated, image, 11, 14),
                         backquery::rotate(image_of(set, image, 11, 14), degrees, TestType(0.01))) <=
          tolerance<TestType>(8, 1e-12));
  }
}

TEMPLATE_TEST_CASE("a Deformation by flips alone moves pixels exactly, and each flip is equally frequent",
                   "[deformation]", float, double) {
  DeformationRanges ranges;
  ranges.flip_horizontal = ranges.flip_vertical = true;
  const Matrix<TestType> image = random_matrix<TestType>(6, 7, 0.01, 1, 1);
  const RowMajorMatrix<TestType> by_row = image;
  const Matrix<TestType> set = Eigen::Map<const Vector<TestType>>(by_row.data(), 42).replicate(1, 4000);
  const Matrix<TestType> flipped = applied(Deformation<TestType>(6, 7, ranges, TestType(0.01)), set, 1);
  const std::vector<Matrix<TestType>> ways = {image, backquery::flip_horizontal(image),
                                              backquery::flip_vertical(image),
                                              backquery::flip_vertical(backquery::flip_horizontal(image))};
  std::vector<int> counts(4);
  for (Index i = 0; i < 4000; ++i) {
    for (std::size_t way = 0; way < 4; ++way) counts[way] += image_of(flipped, i, 6, 7) == ways[way];
  }
  for (const int count : counts) CHECK(std::abs(count - 1000) < 5 * 28);  // standard deviation 27.4
  CHECK(counts[0] + counts[1] + counts[2] + counts[3] == 4000);
}

TEMPLATE_TEST_CASE("a Deformation gives the same bits on any number of threads and in any blocks",
                   "[deformation]", float, double) {
  const Matrix<TestType> set = random_matrix<TestType>(13 * 17, 101, 0.01, 1, 1);
  const Deformation<TestType> deform(13, 17, every_deformation(), TestType(0.01));
  const Matrix<TestType> expected = applied(deform, set, 9, 1000);
  const Matrix<TestType> large = set.replicate(1, 10);  // for all threads to get a share
  const Matrix<TestType> large_expected = applied(deform, large, 9, 1000);
  CHECK(large_expected.leftCols(101) == expected);
  for (const int threads : {2, 3, 8}) CHECK(applied(deform, large, 9, 1000, threads) == large_expected);
  for (const Index block : {1, 2, 7, 16, 50}) {
    for (Index first = 0; first < 101; first += block) {
      const Index count = std::min<Index>(block, 101 - first);
      CHECK(applied<TestType>(deform, set.middleCols(first, count), 9,
                              1000 + static_cast<std::uint64_t>(first),
                              2) == expected.middleCols(first, count));
    }
  }
}

TEST_CASE("a Deformation deforms each image and each seed differently", "[deformation]") {
  const Eigen::MatrixXd set = random_matrix<double>(28 * 28, 1, 0.01, 1, 1).replicate(1, 3);
  const Deformation<> deform(28, 28, every_deformation(), 0.01);
  const Eigen::MatrixXd first = applied(deform, set, 1), again = applied(deform, set, 1),
                        other = applied(deform, set, 2);
  CHECK(first == again);
  CHECK(first.col(0) != first.col(1));
  CHECK(first.col(1) != first.col(2));
  for (Index image = 0; image < 3; ++image) {
    for (Index before = 0; before < 3; ++before) CHECK(first.col(image) != other.col(before));
  }
  CHECK(applied(deform, set, 1, 1).col(0) == first.col(1));
}

TEST_CASE("a Deformation uses the ranges of the class of each image", "[deformation]") {
  const Eigen::MatrixXd set = random_matrix<double>(28 * 28, 6, 0.01, 1, 1);
  DeformationRanges elastic, coarse;
  elastic.elastic_sigma = 4, elastic.elastic_alpha = 30;
  coarse.elastic_sigma = 8, coarse.elastic_alpha = 60;
  const std::vector<DeformationRanges> ranges = {elastic, DeformationRanges(), rotating(15), coarse};
  const Deformation<> by_class(28, 28, ranges, 0.01);
  const std::vector<int> labels = {2, 1, 0, 3, 2, 0};
  Eigen::MatrixXd deformed(28 * 28, 6), with_vector(28 * 28, 6);
  by_class.apply(set, labels, deformed, 4, 0);
  for (Index image = 0; image < 6; ++image) {
    INFO("image " << image);
    const Deformation<> one(28, 28, ranges[static_cast<std::size_t>(labels[static_cast<std::size_t>(image)])],
                            0.01);
    CHECK(applied(one, set, 4).col(image) == deformed.col(image));
  }
  CHECK(deformed.col(1) == set.col(1));
  CHECK(deformed.col(0) != set.col(0));
  by_class.apply(set, Eigen::Map<const Eigen::VectorXi>(labels.data(), 6).cast<std::uint8_t>().eval(),
                 with_vector, 4, 0);
  CHECK(with_vector == deformed);
}

TEST_CASE("a Deformation rejects ranges out of range and names the field", "[deformation]") {
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  const auto check = [](double DeformationRanges::*field, double value, const std::string& complaint) {
    DeformationRanges ranges;
    ranges.elastic_sigma = 5;
    ranges.*field = value;
    CHECK_THROWS_WITH(Deformation<>(28, 28, ranges, 0.01), "backquery::Deformation: " + complaint);
    CHECK_THROWS_WITH(Deformation<>(28, 28, std::vector<DeformationRanges>{{}, ranges}, 0.01),
                      "backquery::Deformation: ranges[1]." + complaint);
  };
  check(&DeformationRanges::degrees, -1, "degrees is -1, expected 0 to 180");
  check(&DeformationRanges::degrees, 181, "degrees is 181, expected 0 to 180");
  check(&DeformationRanges::degrees, nan, "degrees is nan, expected 0 to 180");
  check(&DeformationRanges::scale, -0.1, "scale is -0.1, expected 0 to 1, 1 excluded");
  check(&DeformationRanges::scale, 1, "scale is 1, expected 0 to 1, 1 excluded");
  check(&DeformationRanges::shear, 101, "shear is 101, expected 0 to 100");
  check(&DeformationRanges::shift, infinity, "shift is inf, expected 0 to 1e+06");
  check(&DeformationRanges::elastic_sigma, 1001, "elastic_sigma is 1001, expected 0 to 1000");
  check(&DeformationRanges::elastic_alpha, -2, "elastic_alpha is -2, expected 0 to 1e+06");
  DeformationRanges ranges;
  ranges.elastic_alpha = 36;
  CHECK_THROWS_WITH(Deformation<>(28, 28, ranges, 0.01),
                    "backquery::Deformation: elastic_sigma is 0, expected more, as elastic_alpha is 36");
  CHECK_THROWS_WITH(Deformation<>(28, 28, std::vector<DeformationRanges>(), 0.01),
                    "backquery::Deformation: ranges is empty, expected one, or one for each class");
  CHECK_THROWS_WITH(Deformation<>(28, 28, DeformationRanges(), nan),
                    "backquery::Deformation: background is nan, expected a finite number");
  CHECK_THROWS_WITH(Deformation<>(-1, 28, DeformationRanges(), 0.01),
                    "backquery::Deformation: rows is -1, expected 0 to 2147483647");
  CHECK_THROWS_WITH(
      Deformation<>(65536, 32768, DeformationRanges(), 0.01),
      "backquery::Deformation: rows x cols is 65536 x 32768, expected at most 2147483647 pixels");
}

TEST_CASE("a Deformation rejects labels and indices that do not fit", "[deformation]") {
  const Deformation<> deform(28, 27, std::vector<DeformationRanges>(10));
  Eigen::MatrixXd set = random_matrix<double>(756, 3, 0.01, 1, 1), result(756, 3);
  const std::vector<int> labels = {0, 9, 1};
  CHECK_NOTHROW(deform.apply(set, labels, result, 1, 0));
  CHECK_THROWS_WITH(
      deform.apply(set, labels, result, 1, std::vector<Index>{4, 5}),
      "backquery::Deformation::apply: indices has 2 entries, expected 3, one for each column of inputs");
  CHECK_THROWS_WITH(
      deform.apply(set, std::vector<int>(2), result, 1, 0),
      "backquery::Deformation::apply: labels has 2 entries, expected 3, one for each column of inputs");
  CHECK_THROWS_AS(deform.apply(set, std::vector<int>(4), result, 1, 0), std::invalid_argument);
  CHECK_THROWS_WITH(deform.apply(set, std::vector<int>{0, 1, 10}, result, 1, 0),
                    "backquery::Deformation::apply: label 2 is 10, expected 0 to 9");
  CHECK_THROWS_WITH(deform.apply(set, std::vector<int>{0, -1, 1}, result, 1, 0),
                    "backquery::Deformation::apply: label 1 is -1, expected 0 to 9");
  CHECK_THROWS_WITH(deform(Eigen::MatrixXd(28, 27), 1, 0, 10),
                    "backquery::Deformation: label 0 is 10, expected 0 to 9");
}

TEST_CASE("a Deformation whose ranges are {} changes nothing", "[deformation]") {
  const Eigen::MatrixXf image = random_matrix<float>(28, 28, 0.01, 1, 1);
  const Deformation<float> deform(28, 28, {}, 0.01f);
  CHECK(deform.ranges().size() == 1);
  CHECK(deform(image, 1, 0) == image);
}

TEST_CASE("scaled() multiplies all ranges except flips and sigma", "[deformation]") {
  backquery::DeformationRanges ranges;
  ranges.degrees = 15;
  ranges.scale = 0.2;
  ranges.shear = 0.3;
  ranges.shift = 2;
  ranges.flip_vertical = true;
  ranges.elastic_sigma = 5;
  ranges.elastic_alpha = 36;
  const auto half = backquery::scaled(ranges, 0.5);
  CHECK(half.degrees == 7.5);
  CHECK(half.scale == 0.1);
  CHECK(half.shear == 0.15);
  CHECK(half.shift == 1);
  CHECK_FALSE(half.flip_horizontal);
  CHECK(half.flip_vertical);
  CHECK(half.elastic_sigma == 5);
  CHECK(half.elastic_alpha == 18);
}
