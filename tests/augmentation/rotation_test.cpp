// Rotation against rotate. resampling_test checks the common properties of transforms.
#include <backquery/augmentation/deformation.hpp>
#include <backquery/augmentation/rotate.hpp>
#include <backquery/augmentation/rotation.hpp>
#include <backquery/augmentation/scale.hpp>
#include <backquery/images/scaling.hpp>

#include <Eigen/Core>
#include <cstdint>
#include <limits>
#include <stdexcept>

#include "catch.hpp"
#include "matrices.hpp"
#include "tolerance.hpp"

using backquery::Rotation;
using Eigen::Index;

#ifdef __FP_FAST_FMA  // the compiler may fuse other products and sums in each of two functions
constexpr double fused_roundings = 80;
#else
constexpr double fused_roundings = 0;
#endif

TEMPLATE_TEST_CASE("a Rotation gives the results of rotate", "[rotation]", EVERY_SCALAR) {
  const auto background = static_cast<TestType>(0.01);
  for (const Index rows : {1, 2, 3, 8, 28}) {
    for (const Index cols : {1, 2, 5, 28, 31, 60}) {
      const auto image = random_matrix<TestType>(rows, cols, 0.01, 1, 7);
      // Points on lines through pixel centers: some at 30 degrees, all at quarter turns.
      for (const double degrees :
           {10., -10., 44.9, 45., 123.4, -200.7, 30., 150., 0., 90., -90., 180., 1e300}) {
        INFO(rows << " x " << cols << " at " << degrees << " degrees");
        const Rotation<TestType> rotation(rows, cols, degrees, background);
        CHECK(max_difference(rotation(image), backquery::rotate(image, degrees, background)) <=
              tolerance<TestType>(fused_roundings));
      }
    }
  }
}

TEST_CASE("the default background of transforms is the input that inputs() makes from a pixel 0",
          "[rotation]") {
  backquery::LabeledImages blank;
  blank.pixels.setZero(24, 1);
  blank.labels.setZero(1);
  blank.rows = 4, blank.cols = 6, blank.classes = 1;
  const Eigen::MatrixXd image = backquery::inputs(blank).reshaped(4, 6);
  CHECK(Rotation<>(4, 6, 33)(image) == image);
  CHECK(backquery::rotate(image, 33) == image);
  CHECK(backquery::scale(image, 0.5) == image);
  backquery::DeformationRanges ranges;
  ranges.shift = 5;
  CHECK(backquery::Deformation<>(4, 6, ranges)(image, 1, 0) == image);
}

TEST_CASE("a Rotation rejects sizes, angles and backgrounds out of range", "[rotation]") {
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(Rotation<>(-1, 28, 10), "backquery::Rotation: rows is -1, expected 0 to 2147483647");
  if (sizeof(Index) > sizeof(std::int32_t)) {  // otherwise no Index is larger
    CHECK_THROWS_WITH(Rotation<>(28, static_cast<Index>(std::int64_t{1} << 40), 10),
                      "backquery::Rotation: cols is 1099511627776, expected 0 to 2147483647");
  }
  CHECK_THROWS_WITH(Rotation<>(65536, 32768, 10),
                    "backquery::Rotation: rows x cols is 65536 x 32768, expected at most 2147483647 pixels");
  CHECK_THROWS_WITH(Rotation<>(28, 28, nan), "backquery::Rotation: degrees is nan, expected a finite number");
  CHECK_THROWS_WITH(Rotation<>(28, 28, 10, -infinity),
                    "backquery::Rotation: background is -inf, expected a finite number");
  CHECK_THROWS_AS(Rotation<float>(0, 0, infinity), std::invalid_argument);
}
