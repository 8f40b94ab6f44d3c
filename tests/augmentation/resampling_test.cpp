// Common properties of rotate, scale, Rotation and Deformation.
#include <backquery/augmentation/deformation.hpp>
#include <backquery/augmentation/rotate.hpp>
#include <backquery/augmentation/rotation.hpp>
#include <backquery/augmentation/scale.hpp>

#include <Eigen/Core>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "deformation_reference.hpp"
#include "matrices.hpp"

namespace {

using Eigen::Dynamic;
using Eigen::Index;

// Each transforms one image of any size.
template <typename Scalar_>
struct Rotate {
  using Scalar = Scalar_;
  template <typename Image>
  auto operator()(const Image& image, Scalar background) const {
    return backquery::rotate(image, 25, background);
  }
};
template <typename Scalar_>
struct Scale {
  using Scalar = Scalar_;
  template <typename Image>
  auto operator()(const Image& image, Scalar background) const {
    return backquery::scale(image, 1.25, background);
  }
};
template <typename Scalar_>
struct RotationCall {
  using Scalar = Scalar_;
  template <typename Image>
  auto operator()(const Image& image, Scalar background) const {
    return backquery::Rotation<Scalar>(image.rows(), image.cols(), 30, background)(image);
  }
};
template <typename Scalar_>
struct DeformationCall {
  using Scalar = Scalar_;
  template <typename Image>
  auto operator()(const Image& image, Scalar background) const {
    const backquery::Deformation<Scalar> deformation(image.rows(), image.cols(),
                                                     reference::every_deformation(), background);
    return deformation(image, 5, 3);
  }
};

// Each transforms sets of images of one size.
template <typename Scalar_>
struct RotationOfSets {
  using Scalar = Scalar_;
  static constexpr const char* name = "Rotation";
  RotationOfSets(Index rows, Index cols) : transform(rows, cols, 25) {}
  template <typename... Arguments>
  void apply(Arguments&&... arguments) const {
    transform.apply(arguments...);
  }
  template <typename Image>
  auto one(const Image& image, std::uint64_t) const {
    return transform(image);
  }
  backquery::Rotation<Scalar> transform;
};
template <typename Scalar_>
struct DeformationOfSets {
  using Scalar = Scalar_;
  static constexpr const char* name = "Deformation";
  DeformationOfSets(Index rows, Index cols) : transform(rows, cols, reference::every_deformation()) {}
  template <typename Inputs, typename Outputs, typename... Pool>
  void apply(const Inputs& inputs, Outputs&& outputs, Pool&... pool) const {
    const Eigen::VectorXi labels = Eigen::VectorXi::Zero(inputs.cols());
    transform.apply(inputs, labels, outputs, 5, 0, pool...);
  }
  template <typename Image>
  auto one(const Image& image, std::uint64_t index) const {
    return transform(image, 5, index);
  }
  backquery::Deformation<Scalar> transform;
};

using OneImage = std::tuple<Rotate<float>, Rotate<double>, Scale<float>, Scale<double>, RotationCall<float>,
                            RotationCall<double>, DeformationCall<float>, DeformationCall<double>>;
using Sets = std::tuple<RotationOfSets<float>, RotationOfSets<double>, DeformationOfSets<float>,
                        DeformationOfSets<double>>;

/// The set, transformed image by image.
template <typename Transform, typename Scalar = typename Transform::Scalar>
Matrix<Scalar> one_by_one(const Transform& transform, const Matrix<Scalar>& set) {
  const Index rows = transform.transform.rows(), cols = transform.transform.cols();
  Matrix<Scalar> result(set.rows(), set.cols());
  for (Index i = 0; i < set.cols(); ++i) {
    Eigen::Map<RowMajorMatrix<Scalar>>(result.col(i).data(), rows, cols) =
        transform.one(Eigen::Map<const RowMajorMatrix<Scalar>>(set.col(i).data(), rows, cols),
                      static_cast<std::uint64_t>(i));
  }
  return result;
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("resampling keeps background bit-equal", "[resampling]", OneImage) {
  using Scalar = typename TestType::Scalar;
  const auto background = static_cast<Scalar>(0.01);
  const Matrix<Scalar> blank = Matrix<Scalar>::Constant(28, 28, background);
  CHECK(TestType()(blank, background) == blank);
  Matrix<Scalar> dot = blank;
  dot(14, 14) = 1;
  const Index changed = (TestType()(dot, background).array() != background).count();
  CHECK(changed >= 1);
  CHECK(changed <= 9);
}

TEMPLATE_LIST_TEST_CASE("resampling spreads a NaN pixel only to the results that depend on it",
                        "[resampling]", OneImage) {
  using Scalar = typename TestType::Scalar;
  const Matrix<Scalar> image = random_matrix<Scalar>(9, 9, 0.01, 1, 7);
  const Matrix<Scalar> expected = TestType()(image, Scalar(0.5));
  Index spread = 0;
  for (Index at = 0; at < image.size(); ++at) {
    INFO("pixel " << at);
    Matrix<Scalar> other = image;
    other(at) = Scalar(1e6);
    const Matrix<Scalar> changed = TestType()(other, Scalar(0.5));
    other(at) = std::numeric_limits<Scalar>::quiet_NaN();
    const Matrix<Scalar> with_nan = TestType()(other, Scalar(0.5));
    spread += with_nan.array().isNaN().count();
    CHECK((with_nan.array().isNaN() == (changed.array() != expected.array())).all());
  }
  CHECK(spread > 81);
}

TEMPLATE_LIST_TEST_CASE("resampling takes any storage order, block, map and expression", "[resampling]",
                        OneImage) {
  using Scalar = typename TestType::Scalar;
  const auto transformed = [](const auto& image) -> Matrix<Scalar> {
    return TestType()(image, Scalar(0.01));
  };
  const Matrix<Scalar> image = random_matrix<Scalar>(6, 9, 0.01, 1, 7);
  const Matrix<Scalar> expected = transformed(image);
  const RowMajorMatrix<Scalar> row_major = image;
  CHECK(transformed(row_major) == expected);
  Matrix<Scalar> frame = Matrix<Scalar>::Zero(10, 20);
  frame.block(3, 5, 6, 9) = image;
  CHECK(transformed(frame.block(3, 5, 6, 9)) == expected);
  CHECK(transformed(Scalar(1) * image) == expected);
  const Matrix<Scalar> transposed = image.transpose();
  CHECK(transformed(transposed.transpose()) == expected);
  Matrix<Scalar> spread = Matrix<Scalar>::Zero(18, 9);  // every other row, at an inner stride of two
  Eigen::Map<Matrix<Scalar>, 0, Eigen::Stride<Dynamic, 2>> strided(spread.data(), 6, 9, {18, 2});
  strided = image;
  CHECK(transformed(strided) == expected);
  CHECK(transformed(Eigen::Matrix<Scalar, 6, 9>(image)) == expected);
  const Matrix<Scalar> row = image.row(2);
  CHECK(transformed(Eigen::Matrix<Scalar, 1, Dynamic>(row)) == transformed(row));
  const Matrix<Scalar> column = image.col(4);
  CHECK(transformed(Vector<Scalar>(column)) == transformed(column));
  Matrix<Scalar> in_place = image;
  in_place = transformed(in_place);
  CHECK(in_place == expected);
}

TEMPLATE_LIST_TEST_CASE("resampling an empty image gives an empty image", "[resampling]", OneImage) {
  using Scalar = typename TestType::Scalar;
  CHECK(TestType()(Matrix<Scalar>(0, 4), Scalar(0.01)).cols() == 4);
  CHECK(TestType()(Matrix<Scalar>(3, 0), Scalar(0.01)).rows() == 3);
  CHECK(TestType()(Matrix<Scalar>(0, 0), Scalar(0.01)).size() == 0);
}

TEMPLATE_LIST_TEST_CASE("apply gives the results of a call for each image, on any number of threads",
                        "[resampling]", Sets) {
  using Scalar = typename TestType::Scalar;
  for (const auto& [rows, cols] : std::vector<std::pair<Index, Index>>{{7, 9}, {28, 28}, {1, 5}, {6, 1}}) {
    INFO(rows << " x " << cols);
    const Matrix<Scalar> set = random_matrix<Scalar>(rows * cols, 150, 0.01, 1, 3);
    const TestType transform(rows, cols);
    const Matrix<Scalar> expected = one_by_one(transform, set);
    Matrix<Scalar> result(set.rows(), 150);
    transform.apply(set, result);
    CHECK(result == expected);
    for (const int threads : {1, 2, 3, 8}) {
      INFO(threads << " threads");
      backquery::ThreadPool pool(threads);
      result.setZero();
      transform.apply(set, result, pool);
      CHECK(result == expected);
    }
  }
}

TEMPLATE_LIST_TEST_CASE("apply takes blocks, maps, expressions and single columns", "[resampling]", Sets) {
  using Scalar = typename TestType::Scalar;
  const Matrix<Scalar> set = random_matrix<Scalar>(30, 6, 0.01, 1, 3);
  const TestType transform(5, 6);
  const Matrix<Scalar> expected = one_by_one(transform, set);
  Matrix<Scalar> thirds = Matrix<Scalar>::Zero(30, 18);  // every third column
  transform.apply(set, Eigen::Map<Matrix<Scalar>, 0, Eigen::OuterStride<>>(thirds.data() + 30, 30, 6,
                                                                           Eigen::OuterStride<>(90)));
  CHECK(thirds.col(1) == expected.col(0));
  CHECK(thirds.col(16) == expected.col(5));
  CHECK(thirds.col(0).isZero(0));
  CHECK(thirds.col(2).isZero(0));
  Matrix<Scalar> result = Matrix<Scalar>::Zero(30, 6);
  transform.apply(set.leftCols(2), result.rightCols(2));
  CHECK(result.rightCols(2) == expected.leftCols(2));
  CHECK(result.leftCols(4).isZero(0));
  transform.apply(RowMajorMatrix<Scalar>(set), result);
  CHECK(result == expected);
  result.setZero();
  transform.apply(Scalar(1) * set, result);
  CHECK(result == expected);
  Matrix<Scalar> halves(30, 12);  // in one matrix, but not overlapping
  halves.leftCols(6) = set;
  transform.apply(halves.leftCols(6), halves.rightCols(6));
  CHECK(halves.rightCols(6) == expected);
  Vector<Scalar> column(30);
  transform.apply(set.col(0), column);
  CHECK(column == expected.col(0));
}

TEMPLATE_LIST_TEST_CASE(
    "a transform can be copied, used by several threads, and applied to sets without images", "[resampling]",
    Sets) {
  using Scalar = typename TestType::Scalar;
  const Matrix<Scalar> set = random_matrix<Scalar>(784, 100, 0.01, 1, 3);
  TestType transform(3, 3);
  {
    const TestType other(28, 28);
    transform = other;
  }
  CHECK(transform.transform.rows() == 28);
  CHECK(transform.transform.cols() == 28);
  const Matrix<Scalar> expected = one_by_one(TestType(28, 28), set);
  std::vector<Matrix<Scalar>> results(4, Matrix<Scalar>::Zero(784, 100));
  std::vector<std::thread> threads;
  for (auto& result : results) threads.emplace_back([&] { transform.apply(set, result); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : results) CHECK(result == expected);
  Matrix<Scalar> none(784, 0), of_none(784, 0), no_pixels(0, 3), of_no_pixels(0, 3);
  CHECK_NOTHROW(transform.apply(none, of_none));
  CHECK_NOTHROW(TestType(0, 4).apply(no_pixels, of_no_pixels));
}

TEMPLATE_LIST_TEST_CASE("apply rejects sets of another size and overlapping memory", "[resampling]", Sets) {
  using Scalar = typename TestType::Scalar;
  const TestType transform(28, 27);
  Matrix<Scalar> set(756, 3), other(756, 2);
  const std::string prefix = std::string("backquery::") + TestType::name;
  CHECK_THROWS_WITH(transform.one(Matrix<Scalar>(27, 28), 0),
                    prefix + ": image is 27 x 28, expected 28 x 27");
  CHECK_THROWS_WITH(transform.apply(Matrix<Scalar>(784, 3), set),
                    prefix + "::apply: inputs is 784 x 3, expected 756 x 3");
  CHECK_THROWS_WITH(transform.apply(set, other), prefix + "::apply: outputs is 756 x 2, expected 756 x 3");
  CHECK_THROWS_WITH(transform.apply(set, set),
                    prefix + "::apply: outputs lies where inputs does, expected memory of its own");
  CHECK_THROWS_AS(transform.apply(set.leftCols(2), set.rightCols(2)), std::invalid_argument);
  CHECK_THROWS_AS(transform.apply(set.rightCols(2), set.leftCols(2)), std::invalid_argument);
}
