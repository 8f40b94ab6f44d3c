// scale against scipy.ndimage.affine_transform (tests/data/augmentation) and in exact cases. resampling_test
// checks the common properties of transforms.
#include <backquery/augmentation/scale.hpp>

#include <Eigen/Core>
#include <limits>
#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "matrices.hpp"
#include "scipy_images.hpp"

TEMPLATE_TEST_CASE("scale gives the result of scipy", "[scale]", EVERY_SCALAR, long double) {
  check_against_scipy<TestType>("scale_", [](const auto& image, double factor, TestType background) {
    return backquery::scale(image, factor, background);
  });
}

TEMPLATE_TEST_CASE("scale by 1 is the image itself", "[scale]", float, double) {
  const auto image = random_matrix<TestType>(5, 8, -1, 1, 7);
  CHECK(backquery::scale(image, 1, TestType(0.01)) == image);
}

TEST_CASE("scale by more than 1 enlarges, and by less than 1 shrinks", "[scale]") {
  Eigen::MatrixXd image = Eigen::MatrixXd::Zero(9, 9);
  image.block(3, 3, 3, 3).setOnes();
  CHECK(backquery::scale(image, 2, 0).sum() > 2 * image.sum());
  CHECK(backquery::scale(image, 0.5, 0).sum() < image.sum() / 2);
  // Every second pixel about the center, and background outside the image.
  const auto numbers = random_matrix<double>(9, 9, -1, 1, 7);
  const auto halved = backquery::scale(numbers, 0.5, 3);
  CHECK(halved.block(2, 2, 5, 5) == numbers(Eigen::seqN(0, 5, 2), Eigen::seqN(0, 5, 2)));
  CHECK((halved.array() == 3).count() == 81 - 25);
}

TEST_CASE("scale by extreme factors fills the image with the middle pixel, or shrinks it to this pixel",
          "[scale]") {
  const auto image = random_matrix<double>(3, 3, -1, 1, 7);
  CHECK(backquery::scale(image, 1e300, 0.5).isApproxToConstant(image(1, 1), 1e-15));
  Eigen::MatrixXd dot = Eigen::MatrixXd::Constant(3, 3, 0.5);
  dot(1, 1) = image(1, 1);
  CHECK(backquery::scale(image, 1e-300, 0.5) == dot);
  CHECK(backquery::scale(image, std::numeric_limits<double>::denorm_min(), 0.5) == dot);
}

TEST_CASE("scale rejects factors that are not above 0 and finite, and backgrounds that are not finite",
          "[scale]") {
  const auto image = random_matrix<double>(3, 3, -1, 1, 7);
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(backquery::scale(image, 0, 0.01),
                    "backquery::scale: factor is 0, expected a finite number > 0");
  CHECK_THROWS_AS(backquery::scale(image, -1.5, 0.01), std::invalid_argument);
  CHECK_THROWS_AS(backquery::scale(image, nan, 0.01), std::invalid_argument);
  CHECK_THROWS_AS(backquery::scale(image, infinity, 0.01), std::invalid_argument);
  CHECK_THROWS_WITH(backquery::scale(image, 2, nan),
                    "backquery::scale: background is nan, expected a finite number");
}
