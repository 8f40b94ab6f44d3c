/// @file
/// Sources of samples: matrices, images, subsets and transformed sources.
#include "catch.hpp"

#include <backquery/training/sample_source.hpp>

#include "matrices.hpp"

#include <memory>
#include <utility>
#include <vector>

using backquery::Deformation;
using backquery::DeformationRanges;
using backquery::image_source;
using backquery::LabeledImages;
using backquery::matrix_source;
using backquery::Samples;
using backquery::SampleSource;
using backquery::subset;
using backquery::transform;
using Eigen::Index;
using Indices = std::vector<Index>;

namespace {

/// 9 x 9 pixels each, of classes 0 and 1 by turns.
LabeledImages random_digits(Index count) {
  LabeledImages images;
  images.rows = images.cols = 9;
  images.classes = 2;
  images.pixels.setRandom(81, count);
  images.labels.resize(count);
  for (Index i = 0; i < count; ++i) images.labels(i) = i % 2 == 1 ? 1 : 0;
  return images;
}

Samples<double> made(const SampleSource<double>& source, const Indices& indices, int epoch = 1) {
  Samples<double> batch;
  source.fill(indices, epoch, batch);
  return batch;
}

}  // namespace

TEST_CASE("a matrix source owns its inputs, and its targets or labels", "[trainer]") {
  Matrix<double> x = random_matrix<double>(2, 4, 0, 1, 1), t = random_matrix<double>(3, 4, 0, 1, 2);
  const Matrix<double> given_x = x, given_t = t;
  const auto with_targets = matrix_source<double>(x, t);
  const auto with_labels = matrix_source<double>(std::move(x), std::vector<int>{5, 6, 7, 8});
  t.setZero();
  CHECK(with_targets.samples == 4);
  CHECK(with_labels.samples == 4);
  auto batch = made(with_targets, {3, 1});
  CHECK(batch.x.col(0) == given_x.col(3));
  CHECK(batch.x.col(1) == given_x.col(1));
  CHECK(batch.t.col(0) == given_t.col(3));
  CHECK(batch.t.col(1) == given_t.col(1));
  CHECK(batch.labels.empty());
  batch = made(with_labels, {3, 1});
  CHECK(batch.x.col(0) == given_x.col(3));
  CHECK(batch.labels == std::vector<int>{8, 6});
  CHECK_THROWS_WITH(matrix_source<double>(given_x, Matrix<double>(3, 5)),
                    "backquery::matrix_source: t has 5 columns, expected 4");
  CHECK_THROWS_WITH(matrix_source<double>(given_x, std::vector<int>{1}),
                    "backquery::matrix_source: labels has 1 entries, expected 4, one for each column of x");
}

TEST_CASE("an image source makes inputs and labels of the requested images", "[trainer]") {
  auto images = std::make_shared<LabeledImages>(random_digits(3));
  images->pixel_max = 250;
  const Matrix<double> x = backquery::inputs<double>(*images);
  const auto shared = image_source<double>(images);
  const auto own = image_source<double>(*images);
  images->pixels.setZero();  // the first source shares them
  CHECK(own.samples == 3);
  const auto batch = made(own, {2, 0});
  CHECK(batch.x.col(0) == x.col(2));
  CHECK(batch.x.col(1) == x.col(0));
  CHECK(batch.labels == std::vector<int>{0, 0});
  CHECK(made(own, {1}).labels == std::vector<int>{1});
  CHECK(made(shared, {1}).x == Matrix<double>::Constant(81, 1, 0.01));
}

TEST_CASE("a batch of the same size is filled without an allocation for its inputs", "[trainer]") {
  const LabeledImages images = random_digits(4);
  const Matrix<double> x = backquery::inputs<double>(images);
  for (const auto& source :
       {image_source<double>(images), matrix_source<double>(x, std::vector<int>{0, 1, 0, 1})}) {
    Samples<double> batch = made(source, {0, 1});
    const double* memory = batch.x.data();
    batch.labels.clear();
    source.fill({3, 2}, 1, batch);
    CHECK(batch.x.data() == memory);
    CHECK(batch.x.col(0) == x.col(3));
  }
}

TEST_CASE("transform changes the inputs of training epochs by index and epoch", "[trainer]") {
  const Matrix<double> x = random_matrix<double>(2, 4, 0, 1, 1), t = random_matrix<double>(1, 4, 0, 1, 2);
  const auto shifted = [](Matrix<double>& inputs, const Indices& indices, int epoch) {
    for (Index k = 0; k < inputs.cols(); ++k) {
      inputs.col(k).array() += static_cast<double>(10 * indices[static_cast<std::size_t>(k)] + epoch);
    }
  };
  const auto source = transform(matrix_source<double>(x, t), shifted);
  CHECK(source.samples == 4);
  const auto batch = made(source, {3, 1}, 2);
  CHECK(batch.x.col(0) == Vector<double>(x.col(3).array() + 32));
  CHECK(batch.x.col(1) == Vector<double>(x.col(1).array() + 12));
  CHECK(batch.t.col(0) == t.col(3));
  CHECK(made(source, {3, 1}, 0).x.col(0) == x.col(3));  // samples that are only evaluated
  CHECK(made(transform(source, shifted), {0}, 1).x == Matrix<double>(x.col(0).array() + 1 + 1));
  CHECK(made(subset(source, 2, 2), {1}, 1).x == Matrix<double>(x.col(3).array() + 31));
  CHECK_FALSE(transform(SampleSource<double>{3, nullptr}, shifted).fill);
}

TEST_CASE("each image has its own random deformation in every epoch, in any order", "[trainer]") {
  const LabeledImages images = random_digits(4);
  DeformationRanges ranges;
  ranges.degrees = 30;
  const Deformation<double> deformation(9, 9, ranges, 0.01);
  const auto source = image_source<double>(images, {deformation}, 7);
  const auto first = made(source, {0, 1, 2, 3}), reversed = made(source, {3, 2, 1, 0});
  const auto second = made(source, {0, 1, 2, 3}, 2), plain = made(source, {0, 1, 2, 3}, 0);
  CHECK(plain.x == backquery::inputs<double>(images));
  for (Index i = 0; i < 4; ++i) {
    CHECK(first.x.col(i) == reversed.x.col(3 - i));
    CHECK(first.x.col(i) != second.x.col(i));
    CHECK(first.x.col(i) != plain.x.col(i));
  }
  CHECK(first.x != made(image_source<double>(images, {deformation}, 8), {0, 1, 2, 3}).x);
}

TEST_CASE("every epoch can have its own deformation, and later epochs use the last one", "[trainer]") {
  const LabeledImages images = random_digits(3);
  DeformationRanges ranges;
  ranges.shift = 3;
  using Deformations = std::vector<Deformation<double>>;
  const Deformation<double> strong(9, 9, ranges, 0.01), weak(9, 9, backquery::scaled(ranges, 0.25), 0.01),
      none(9, 9, backquery::scaled(ranges, 0), 0.01);
  const auto samples = [&](const Deformations& by_epoch, int epoch) {
    return made(image_source<double>(images, by_epoch, 7), {0, 1, 2}, epoch).x;
  };
  const Deformations by_epoch{strong, weak, none};
  CHECK(samples(by_epoch, 1) == samples({strong}, 1));
  CHECK(samples(by_epoch, 2) == samples({weak}, 2));
  CHECK(samples(by_epoch, 2) != samples({strong}, 2));
  CHECK(samples(by_epoch, 3) == backquery::inputs<double>(images));
  CHECK(samples(by_epoch, 9) == backquery::inputs<double>(images));
}

TEST_CASE("an image is deformed by the ranges of its class, also in a subset", "[trainer]") {
  const LabeledImages images = random_digits(6);
  DeformationRanges none, shifted;
  shifted.shift = 3;
  const Deformation<double> by_class(9, 9, std::vector<DeformationRanges>{none, shifted}, 0.01);
  const auto x = made(subset(image_source<double>(images, {by_class}, 7), 1, 4), {0, 1, 2, 3}).x;
  const Matrix<double> plain = backquery::inputs<double>(images);
  CHECK(x.col(0) != plain.col(1));  // of class 1
  CHECK(x.col(1) == plain.col(2));
  CHECK(x.col(2) != plain.col(3));
  CHECK(x.col(3) == plain.col(4));
}

TEST_CASE("an image source rejects deformations that do not suit the images", "[trainer]") {
  LabeledImages images = random_digits(3);
  const DeformationRanges ranges;
  const Deformation<double> fits(9, 9, ranges, 0.01), other(27, 3, ranges, 0.01);  // as many pixels
  CHECK_THROWS_WITH(image_source<double>(images, std::vector<Deformation<double>>(), 7),
                    "backquery::image_source: by_epoch is empty, expected at least one deformation");
  CHECK_THROWS_WITH(image_source<double>(images, {fits, other}, 7),
                    "backquery::image_source: a deformation is for 27 x 3 pixels, but the images have 9 x 9");
  const Deformation<double> of_two(9, 9, std::vector<DeformationRanges>(2, ranges), 0.01);
  CHECK_NOTHROW(image_source<double>(images, {of_two}, 7));
  images.classes = 3;
  CHECK_THROWS_WITH(image_source<double>(images, {fits, of_two}, 7),
                    "backquery::image_source: a deformation has ranges for 2 classes, but the images have 3");
}

TEST_CASE("an image source rejects missing images and labels that are no class", "[trainer]") {
  CHECK_THROWS_WITH(image_source<double>(std::shared_ptr<const LabeledImages>()),
                    "backquery::image_source: images is null, expected images");
  CHECK(image_source<double>(LabeledImages()).samples == 0);
  LabeledImages images = random_digits(3);
  images.labels(2) = 10;
  CHECK_THROWS_WITH(image_source<double>(images), "backquery::image_source: label 2 is 10, expected 0 to 1");
  images.pixels.conservativeResize(Eigen::NoChange, 2);
  const auto* message =
      "backquery::image_source: images.pixels has 2 columns, expected 3, one for each label";
  CHECK_THROWS_WITH(image_source<double>(images), message);
  const Deformation<double> fits(9, 9, DeformationRanges(), 0.01);
  CHECK_THROWS_WITH(image_source<double>(images, {fits}, 7), message);
}

TEST_CASE("a subset has consecutive samples of its source", "[trainer]") {
  const Matrix<double> x = random_matrix<double>(2, 10, 0, 1, 1), t = random_matrix<double>(1, 10, 0, 1, 2);
  const auto all = matrix_source<double>(x, t);
  const auto some = subset(all, 6, 3);
  CHECK(some.samples == 3);
  const auto batch = made(some, {2, 0}, 0);
  CHECK(batch.x.col(0) == x.col(8));
  CHECK(batch.t.col(1) == t.col(6));
  CHECK(subset(all, 10, 0).samples == 0);
  CHECK_FALSE(subset(SampleSource<double>{10, nullptr}, 6, 3).fill);
  CHECK_THROWS_WITH(subset(all, 6, 5),
                    "backquery::subset: first is 6 and count is 5, but the source has 10 samples");
  CHECK_THROWS_WITH(subset(all, -1, 5),
                    "backquery::subset: first is -1 and count is 5, but the source has 10 samples");
}
