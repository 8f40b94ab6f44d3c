/// @file
/// Samples made of images when they are needed.
#include "catch.hpp"

#include <backquery/training/sample_source.hpp>

#include "matrices.hpp"

using Eigen::Index;

namespace {

/// 9 x 9 pixels each, all of one class.
backquery::LabeledImages random_digits(Index count) {
  backquery::LabeledImages images;
  images.rows = images.cols = 9;
  images.classes = 2;
  images.pixels.setRandom(81, count);
  images.labels.setZero(count);
  return images;
}

}  // namespace

TEST_CASE("images become samples when they are needed", "[trainer]") {
  backquery::LabeledImages images;
  images.rows = images.cols = 2;
  images.classes = 3;
  images.pixels.resize(4, 3);
  images.pixels << 0, 255, 51, 102, 0, 255, 255, 51, 0, 0, 102, 51;
  images.labels.resize(3);
  images.labels << 2, 0, 1;
  const auto source = backquery::image_source<double>(images, 0., 1.);
  CHECK(source.samples == 3);
  Matrix<double> x, t;
  source.fill(1, {2, 0}, x, t);
  const Matrix<double> all_x = backquery::inputs<double>(images),
                       all_t = backquery::targets<double>(images, 0., 1.);
  CHECK(x.col(0) == all_x.col(2));
  CHECK(x.col(1) == all_x.col(0));
  CHECK(t.col(0) == all_t.col(2));
  CHECK(t.col(1) == all_t.col(0));
}

TEST_CASE("each image is deformed by a draw of its own in every epoch, whatever the order", "[trainer]") {
  const backquery::LabeledImages images = random_digits(4);
  backquery::DeformationRanges ranges;
  ranges.degrees = 30;
  const backquery::Deformation<double> deformation(9, 9, ranges, 0.01);
  const auto source = backquery::image_source<double>(images, 0., 1., deformation, 7);
  Matrix<double> x, turned_round, second, plain, t;
  source.fill(1, {0, 1, 2, 3}, x, t);
  source.fill(1, {3, 2, 1, 0}, turned_round, t);
  source.fill(2, {0, 1, 2, 3}, second, t);
  source.fill(0, {0, 1, 2, 3}, plain, t);
  CHECK(plain == backquery::inputs<double>(images));
  for (Index i = 0; i < 4; ++i) {
    CHECK(x.col(i) == turned_round.col(3 - i));
    CHECK(x.col(i) != second.col(i));
    CHECK(x.col(i) != plain.col(i));
  }
  const auto other = backquery::image_source<double>(images, 0., 1., deformation, 8);
  other.fill(1, {0, 1, 2, 3}, second, t);
  CHECK(x != second);
}

TEST_CASE("every epoch may have a deformation of its own, and the last serves those behind it", "[trainer]") {
  const backquery::LabeledImages images = random_digits(3);
  backquery::DeformationRanges ranges;
  ranges.shift = 3;
  using Deformations = std::vector<backquery::Deformation<double>>;
  const backquery::Deformation<double> strong(9, 9, ranges, 0.01),
      weak(9, 9, backquery::scaled(ranges, 0.25), 0.01), still(9, 9, backquery::scaled(ranges, 0), 0.01);
  const auto samples = [&](const Deformations& by_epoch, int epoch) {
    Matrix<double> x, t;
    backquery::image_source<double>(images, 0., 1., by_epoch, 7).fill(epoch, {0, 1, 2}, x, t);
    return x;
  };
  const Deformations by_epoch{strong, weak, still};
  CHECK(samples(by_epoch, 1) == samples({strong}, 1));
  CHECK(samples(by_epoch, 2) == samples({weak}, 2));
  CHECK(samples(by_epoch, 2) != samples({strong}, 2));
  CHECK(samples(by_epoch, 3) == backquery::inputs<double>(images));
  CHECK(samples(by_epoch, 9) == backquery::inputs<double>(images));
  CHECK_THROWS_WITH(backquery::image_source<double>(images, 0., 1., Deformations(), 7),
                    "backquery::image_source: by_epoch is empty, expected at least one deformation");
  const backquery::Deformation<double> other(27, 3, ranges, 0.01);  // as many pixels
  CHECK_THROWS_WITH(backquery::image_source<double>(images, 0., 1., Deformations{strong, other}, 7),
                    "backquery::image_source: a deformation is for 27 x 3 pixels, but the images have 9 x 9");
  backquery::LabeledImages of_three = images;
  of_three.classes = 3;
  const backquery::Deformation<double> of_two(9, 9, std::vector<backquery::DeformationRanges>(2, ranges),
                                              0.01);
  CHECK_NOTHROW(backquery::image_source<double>(images, 0., 1., of_two, 7));
  CHECK_THROWS_WITH(backquery::image_source<double>(of_three, 0., 1., Deformations{strong, of_two}, 7),
                    "backquery::image_source: a deformation has ranges for 2 classes, but the images have 3");
}

TEST_CASE("a source refuses images without labels, and levels that tell nothing apart", "[trainer]") {
  backquery::LabeledImages images = random_digits(3);
  CHECK_THROWS_WITH(backquery::image_source<double>(images, 1., 1.),
                    "backquery::image_source: on is 1 as off is, expected another value");
  const backquery::LabeledImages none;
  CHECK(backquery::image_source<double>(none, 0., 1.).samples == 0);
  images.labels(2) = 10;
  CHECK_THROWS_WITH(backquery::image_source<double>(images, 0., 1.),
                    "backquery::image_source: label 2 is 10, expected 0 to 1");
  images.pixels.conservativeResize(Eigen::NoChange, 2);
  const std::string refusal =
      "backquery::image_source: images.pixels has 2 columns, expected 3, one for each label";
  CHECK_THROWS_WITH(backquery::image_source<double>(images, 0., 1.), refusal);
  const backquery::Deformation<double> still(9, 9, backquery::DeformationRanges(), 0.01);
  CHECK_THROWS_WITH(backquery::image_source<double>(images, 0., 1., still, 7), refusal);
}

TEST_CASE("a subset has the samples of its source", "[trainer]") {
  const Matrix<double> x = random_matrix<double>(2, 10, 0, 1, 1), t = random_matrix<double>(1, 10, 0, 1, 2);
  const auto all = backquery::matrix_source<double>(x, t);
  const auto some = backquery::subset(all, 6, 3);
  CHECK(some.samples == 3);
  Matrix<double> some_x, some_t;
  some.fill(0, {2, 0}, some_x, some_t);
  CHECK(some_x.col(0) == x.col(8));
  CHECK(some_t.col(1) == t.col(6));
  CHECK(backquery::subset(all, 10, 0).samples == 0);
  CHECK_FALSE(backquery::subset(backquery::SampleSource<double>{10, nullptr}, 6, 3).fill);
  CHECK_THROWS_WITH(backquery::subset(all, 6, 5),
                    "backquery::subset: first is 6 and count is 5, but the source has 10 samples");
  CHECK_THROWS_WITH(backquery::subset(all, -1, 5),
                    "backquery::subset: first is -1 and count is 5, but the source has 10 samples");
}
