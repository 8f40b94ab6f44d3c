// The parts of a Deformation. Gaussian filter, source map and resampling are compared with numpy and scipy
// (tests/data/golden.py), random values with their definition and statistics.
#include <backquery/augmentation/detail/deformation_draw.hpp>
#include <backquery/augmentation/detail/gaussian.hpp>
#include <backquery/augmentation/detail/resampler.hpp>
#include <backquery/augmentation/rotate.hpp>

#include <Eigen/Core>
#include <cmath>
#include <cstdint>

#include "catch.hpp"
#include "deformation_reference.hpp"
#include "matrices.hpp"
#include "scipy_images.hpp"
#include "tolerance.hpp"

namespace {

using backquery::DeformationRanges;
using backquery::detail::AffineDraw;
using backquery::detail::AffineMap;
using backquery::detail::CounterRng;
using Eigen::Index;

AffineMap as_map(const Eigen::MatrixXd& m) {
  return {m(0, 0), m(0, 1), m(1, 0), m(1, 1), m(0, 2), m(1, 2)};
}

}  // namespace

TEMPLATE_TEST_CASE("the Gaussian filter gives the result of scipy", "[deformation]", EVERY_SCALAR,
                   long double) {
  for (const Golden& golden : golden_cases("augmentation", "gaussian_")) {
    CAPTURE(golden.path());
    const Matrix<TestType> field = golden("field").cast<TestType>();
    CHECK(max_difference(reference::smoothed<TestType>(field, golden.number("sigma")), golden("smoothed")) <=
          tolerance<TestType>(8, 1e-12));
  }
}

TEST_CASE("the weights of the Gaussian filter sum to 1", "[deformation]") {
  for (const double sigma : {0.3, 1., 3.1}) {
    Eigen::MatrixXd dot = Eigen::MatrixXd::Zero(31, 31);
    dot(15, 15) = 1;
    CHECK_THAT(reference::smoothed<double>(dot, sigma).sum(), Catch::Matchers::WithinAbs(1, 1e-14));
  }
}

TEST_CASE("source_map gives the matrices that numpy multiplies and inverts", "[deformation]") {
  const Golden golden("augmentation/affine");
  for (Index row = 0; row < golden("draws").rows(); ++row) {
    CAPTURE(row);
    const Eigen::RowVectorXd d = golden("draws").row(row), expected = golden("maps").row(row);
    const AffineDraw draw{d(0), d(1), d(2), d(3), d(4), d(5), d(6) != 0, d(7) != 0};
    const AffineMap map = backquery::detail::source_map(draw);
    const Eigen::RowVectorXd actual{
        {map.row_by_row, map.row_by_col, map.shift_row, map.col_by_row, map.col_by_col, map.shift_col}};
    CHECK(max_difference(actual, expected) <= 1e-14);
  }
}

TEMPLATE_TEST_CASE("resampling by a map and displacements gives the result of scipy", "[deformation]",
                   EVERY_SCALAR, long double) {
  for (const Golden& golden : golden_cases("augmentation", "warp_")) {
    CAPTURE(golden.path());
    const Matrix<TestType> image = golden("image").cast<TestType>(), down = golden("down").cast<TestType>(),
                           right = golden("right").cast<TestType>();
    const Matrix<TestType> warped = reference::warped<TestType>(
        image, as_map(golden("map")), down, right, static_cast<TestType>(golden.number("background")));
    // In float, displacements up to 30 are rounded by up to 2e-6. Neighboring pixels may differ by 1.
    CHECK(max_difference(warped, golden("warped")) <= tolerance<TestType>(32, 1e-12));
  }
}

TEMPLATE_TEST_CASE(
    "resampling treats a point on the edge as inside and one beyond as background, as rotate does",
    "[deformation]", float, double) {
  const Matrix<TestType> image = random_matrix<TestType>(5, 6, 0.5, 1, 1);
  const TestType background = TestType(0.25);
  const Matrix<TestType> none = Matrix<TestType>::Zero(5, 6);
  Matrix<TestType> down = none, right = none;
  down(4, 0) = TestType(-4), right(4, 0) = TestType(5);  // from the upper right corner
  down(0, 1) = TestType(4), right(0, 1) = TestType(4);   // from the lower right corner
  down(2, 2) = TestType(2.5);                            // just beyond the lower edge: no blending across it
  right(3, 3) = TestType(-3.0625);                       // just beyond the left edge
  const Matrix<TestType> warped = reference::warped<TestType>(image, {1, 0, 0, 1}, down, right, background);
  Matrix<TestType> expected = image;
  expected(4, 0) = image(0, 5);
  expected(0, 1) = image(4, 5);
  expected(2, 2) = background;
  expected(3, 3) = background;
  CHECK(warped == expected);

  for (const double degrees : {30., 90., -90., 180., 45.}) {
    INFO(degrees << " degrees");
    const Matrix<TestType> odd = random_matrix<TestType>(7, 13, 0.5, 1, 1),
                           still = Matrix<TestType>::Zero(7, 13);
    CHECK(max_difference(reference::warped<TestType>(odd, backquery::detail::rotation(degrees), still, still,
                                                     TestType(-1)),
                         backquery::rotate(odd, degrees, TestType(-1))) <= tolerance<TestType>(8, 1e-12));
  }
}

TEMPLATE_TEST_CASE("resampling keeps background bit-equal for any source points", "[deformation]", float,
                   double) {
  const TestType background = TestType(0.01);
  const Matrix<TestType> blank = Matrix<TestType>::Constant(28, 28, background);
  const Matrix<TestType> down = random_matrix<TestType>(28, 28, -3, 3, 1),
                         right = random_matrix<TestType>(28, 28, -3, 3, 2);
  for (const double far : {1., 1e5, 1e15}) {
    CHECK(reference::warped<TestType>(blank, {far, 0.1, -0.1, far, 0.3, -far}, down, right, background) ==
          blank);
  }
}

TEST_CASE("random values fill their ranges and do not leave them", "[deformation]") {
  DeformationRanges ranges;
  ranges.degrees = 15, ranges.scale = 0.2, ranges.shear = 0.3, ranges.shift = 2;
  ranges.flip_horizontal = ranges.flip_vertical = true;
  constexpr int draws = 20000;
  Eigen::ArrayXXd values(draws, 8);
  for (int i = 0; i < draws; ++i) {
    const AffineDraw d = backquery::detail::draw_affine(ranges, CounterRng(7, static_cast<std::uint64_t>(i)));
    values.row(i) << d.degrees / 15, (d.scale_x - 1) / 0.2, (d.scale_y - 1) / 0.2, d.shear / 0.3,
        d.shift_x / 2, d.shift_y / 2, d.flip_horizontal ? 1 : -1, d.flip_vertical ? 1 : -1;
  }
  // Five standard deviations of the mean of a coin flip; the mean of U(-1, 1) deviates less.
  const double bound = 5 / std::sqrt(double(draws));
  for (Index field = 0; field < 8; ++field) {
    INFO("field " << field);
    const auto v = values.col(field);
    CHECK(v.abs().maxCoeff() <= 1 + 1e-12);
    CHECK(v.maxCoeff() > 0.999);
    CHECK(v.minCoeff() < -0.999);
    CHECK(std::abs(v.mean()) < bound);
    CHECK(std::abs(v.square().mean() - (field < 6 ? 1. / 3 : 1)) < bound / 3);
    for (Index other = 0; other < field; ++other) CHECK(std::abs((v * values.col(other)).mean()) < bound);
  }
}

TEST_CASE("a range does not change the random values of the others", "[deformation]") {
  DeformationRanges one, all;
  one.shift = all.shift = 3;
  all.degrees = 15, all.scale = 0.2, all.shear = 0.3, all.flip_horizontal = true;
  const AffineDraw a = backquery::detail::draw_affine(one, CounterRng(1, 2)),
                   b = backquery::detail::draw_affine(all, CounterRng(1, 2));
  CHECK(a.shift_x == b.shift_x);
  CHECK(a.shift_y == b.shift_y);
  CHECK(a.degrees == 0);
  CHECK(a.scale_x == 1);
  CHECK_FALSE(a.flip_horizontal);
}

TEST_CASE("displacements are uniform in -alpha to alpha, and right and down are independent",
          "[deformation]") {
  const auto [down, right] = reference::drawn_fields<double>(CounterRng(3, 4), 150, 101, 36);
  const double bound = 5 / std::sqrt(150. * 101);
  for (const Matrix<double>& field : {down, right}) {
    const Eigen::ArrayXXd unit = field.array() / 36;
    CHECK(unit.abs().maxCoeff() <= 1);
    CHECK(unit.maxCoeff() > 0.999);
    CHECK(unit.minCoeff() < -0.999);
    CHECK(std::abs(unit.mean()) < bound);
    CHECK(std::abs(unit.square().mean() - 1. / 3) < bound / 3);
    CHECK(std::abs((unit.leftCols(100) * unit.rightCols(100)).mean()) < bound);
    CHECK(std::abs((unit.topRows(149) * unit.bottomRows(149)).mean()) < bound);
  }
  CHECK(std::abs((down.array() * right.array()).mean()) < bound * 36 * 36);
}

TEST_CASE("displacements are the halves of one random value for each pixel, for every scalar type",
          "[deformation]") {
  const CounterRng random(3, 4);
  const auto [down, right] = reference::drawn_fields<double>(random, 3, 5, 2);
  const auto as_fraction = [](std::uint64_t half) {
    return (half < 0x80000000u ? double(half) : double(half) - 0x1p32) * 0x1p-31;
  };
  CHECK(down(0, 0) == 2 * as_fraction(random(8) >> 32));
  CHECK(right(2, 4) == 2 * as_fraction(random(8 + 14) & 0xffffffffu));
  const auto [down_float, right_float] = reference::drawn_fields<float>(random, 3, 5, 2);
  CHECK(max_difference(down, down_float) < 2e-7);
  CHECK(max_difference(right, right_float) < 2e-7);
}
