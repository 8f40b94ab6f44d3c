/// @file
/// Predicted classes and scores of outputs.
#include "catch.hpp"

#include <backquery/metrics.hpp>

#include "golden.hpp"
#include "matrices.hpp"
#include "tolerance.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using backquery::accuracy;
using backquery::confusion_matrix;
using backquery::predicted_classes;

namespace {

/// The predicted classes are 2, 0, 1, 1.
template <typename Scalar>
Matrix<Scalar> four_outputs() {
  Matrix<double> outputs(3, 4);
  outputs << 0.1, 0.9, 0.2, -3,  //
      0.2, 0.8, 0.7, -1,         //
      0.3, 0.1, 0.6, -2;
  return outputs.cast<Scalar>();
}

const std::vector<int> four_labels = {2, 0, 2, 1};  // 3 of 4 are predicted

/// A NaN made from its bits, so that the compiler cannot fold it under -ffast-math.
template <typename Scalar>
Scalar nan_from_bits() {
  Scalar value = std::numeric_limits<Scalar>::infinity();
  constexpr std::size_t lowest = backquery::detail::is_big_endian ? sizeof(Scalar) - 1 : 0;
  reinterpret_cast<unsigned char*>(&value)[lowest] = 1;  // the lowest bit of the fraction
  return value;
}

}  // namespace

TEMPLATE_TEST_CASE("accuracy is the share of columns whose largest output is in the row of the label", "",
                   EVERY_SCALAR) {
  CHECK(accuracy(four_outputs<TestType>(), four_labels) == 0.75);
  CHECK(accuracy(four_outputs<TestType>(), std::vector<int>{2, 0, 1, 1}) == 1);
  CHECK(accuracy(four_outputs<TestType>(), std::vector<int>{0, 1, 2, 2}) == 0);
}

TEMPLATE_TEST_CASE("predicted_classes returns the class of each column", "", EVERY_SCALAR) {
  const Matrix<TestType> outputs = four_outputs<TestType>();
  CHECK(predicted_classes(outputs) == Eigen::Vector4i(2, 0, 1, 1));
  CHECK(predicted_classes(TestType(2) * outputs.rightCols(2)) == Eigen::Vector2i(1, 1));
  CHECK(predicted_classes(outputs.col(0)) == Eigen::Matrix<int, 1, 1>(2));
  CHECK(predicted_classes(Eigen::Matrix<TestType, 1, 2>(TestType(0.5), TestType(0.75))) ==
        Eigen::Vector2i(0, 1));
  CHECK(predicted_classes(outputs.leftCols(0)).size() == 0);
  CHECK_THROWS_WITH(predicted_classes(Matrix<TestType>(0, 3)),
                    "backquery::predicted_classes: outputs has 0 rows, expected at least 1");
  Matrix<TestType> broken = outputs;
  broken(1, 2) = nan_from_bits<TestType>();
  CHECK(predicted_classes(broken) == Eigen::Vector4i(2, 0, -1, 1));
}

TEMPLATE_TEST_CASE("the confusion matrix has a row for each true class and a column for each predicted class",
                   "", EVERY_SCALAR) {
  const Eigen::MatrixXi counts = confusion_matrix(four_outputs<TestType>(), four_labels);
  Eigen::Matrix3i expected;
  expected << 1, 0, 0,  //
      0, 1, 0,          //
      0, 1, 1;
  CHECK(counts == expected);
}

TEST_CASE("outputs may be any floating-point expression") {
  const Matrix<double> outputs = four_outputs<double>();
  const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> row_major = outputs;
  Matrix<double> larger = Matrix<double>::Constant(5, 6, 100);
  larger.block(1, 1, 3, 4) = outputs;
  const Eigen::Matrix<double, 3, 4> fixed = outputs;
  const Eigen::Map<const Matrix<double>, 0, Eigen::OuterStride<>> map(&larger(1, 1), 3, 4,
                                                                      Eigen::OuterStride<>(5));
  CHECK(accuracy(row_major, four_labels) == 0.75);
  CHECK(accuracy(larger.block(1, 1, 3, 4), four_labels) == 0.75);
  CHECK(accuracy(fixed, four_labels) == 0.75);
  CHECK(accuracy(map, four_labels) == 0.75);
  CHECK(accuracy(2 * outputs, four_labels) == 0.75);
  CHECK(accuracy(Eigen::Matrix3d::Identity() * outputs, four_labels) == 0.75);
  CHECK(accuracy(outputs.transpose().transpose(), four_labels) == 0.75);
  CHECK(accuracy(outputs.col(0), std::vector<int>{2}) == 1);
  CHECK(confusion_matrix(larger.block(1, 1, 3, 4), four_labels) == confusion_matrix(outputs, four_labels));
  CHECK(confusion_matrix(row_major, four_labels) == confusion_matrix(outputs, four_labels));
}

TEMPLATE_TEST_CASE("labels may be any vector of integers", "", signed char, std::uint8_t, short, int,
                   unsigned, long, std::uint64_t) {
  const Matrix<double> outputs = four_outputs<double>();
  const std::vector<TestType> labels(four_labels.begin(), four_labels.end());
  using Column = Eigen::Matrix<TestType, Eigen::Dynamic, 1>;
  const Column column = Eigen::Map<const Column>(labels.data(), 4);
  const Eigen::Matrix<TestType, 1, Eigen::Dynamic> row = column.transpose();
  CHECK(accuracy(outputs, labels) == 0.75);
  CHECK(accuracy(outputs, column) == 0.75);
  CHECK(accuracy(outputs, row) == 0.75);
  CHECK(accuracy(outputs, column.array()) == 0.75);
  CHECK(accuracy(outputs, column.reverse().reverse()) == 0.75);
  CHECK(accuracy(outputs.leftCols(2), column.head(2)) == 1);
  CHECK(confusion_matrix(outputs, row) == confusion_matrix(outputs, four_labels));
}

TEST_CASE("the first of equal outputs is the predicted class") {
  const Eigen::MatrixXd outputs = Eigen::MatrixXd::Constant(4, 2, 0.5);
  CHECK(accuracy(outputs, std::vector<int>{0, 0}) == 1);
  CHECK(accuracy((Eigen::Vector3d() << 0, 1, 1).finished(), std::vector<int>{1}) == 1);
}

TEST_CASE("a single row of outputs predicts class 1 above 0.5 and class 0 otherwise") {
  const Eigen::RowVector4d outputs(0.49, 0.5, 0.51, 1e300);
  const std::vector<int> labels = {0, 1, 1, 0};
  CHECK(accuracy(outputs, labels) == 0.5);
  Eigen::Matrix2i expected;
  expected << 1, 1,  //
      1, 1;
  CHECK(confusion_matrix(outputs, labels) == expected);
  CHECK(confusion_matrix(outputs, std::vector<int>{0, 0, 1, 1}) == 2 * Eigen::Matrix2i::Identity());
  CHECK(accuracy(outputs, std::vector<int>{0, 0, 1, 1}) == 1);
  CHECK_THROWS_WITH(accuracy(outputs, std::vector<int>{0, 0, 2, 1}),
                    "backquery::accuracy: label 2 is 2, expected 0 to 1");
}

TEMPLATE_TEST_CASE("a column that contains a NaN is not correct whatever its label", "", EVERY_SCALAR) {
  const TestType nan = nan_from_bits<TestType>();
  for (int row = 0; row < 3; ++row) {
    Matrix<TestType> outputs = four_outputs<TestType>();
    outputs(row, 0) = nan;
    outputs(row, 3) = -nan;
    CAPTURE(row);
    for (int label = 0; label < 3; ++label) {
      CHECK(accuracy(outputs, std::vector<int>{label, 0, 1, label}) == 0.5);
    }
    Eigen::Matrix3i expected;
    expected << 1, 0, 0,  //
        0, 0, 0,          //
        0, 1, 0;
    CHECK(confusion_matrix(outputs, four_labels) == expected);
  }
  const Eigen::Matrix<TestType, 1, 2> single(nan, 1);
  CHECK(accuracy(single, std::vector<int>{0, 1}) == 0.5);
  CHECK(accuracy(single, std::vector<int>{1, 1}) == 0.5);
  CHECK(confusion_matrix(single, std::vector<int>{0, 1}).sum() == 1);
}

TEMPLATE_TEST_CASE("infinite outputs are ordered like all other outputs", "", EVERY_SCALAR) {
  const TestType infinity = std::numeric_limits<TestType>::infinity();
  Matrix<TestType> outputs(3, 2);
  outputs << -infinity, 1,  //
      -1, infinity,         //
      -2, 2;
  CHECK(accuracy(outputs, std::vector<int>{1, 1}) == 1);
}

TEST_CASE("accuracy and confusion_matrix reject outputs and labels that cannot be scored") {
  const Matrix<double> outputs = four_outputs<double>();
  CHECK_THROWS_AS(accuracy(outputs, std::vector<int>{0, 1, 2}), std::invalid_argument);
  CHECK_THROWS_WITH(accuracy(outputs, std::vector<int>{0, 1, 2}),
                    "backquery::accuracy: labels has 3 entries, expected 4, one for each column of outputs");
  CHECK_THROWS_WITH(accuracy(outputs, std::vector<int>{0, 1, 2, 3}),
                    "backquery::accuracy: label 3 is 3, expected 0 to 2");
  CHECK_THROWS_WITH(accuracy(outputs, std::vector<int>{0, -1, 2, 0}),
                    "backquery::accuracy: label 1 is -1, expected 0 to 2");
  CHECK_THROWS_WITH(accuracy(outputs, std::vector<std::uint64_t>{0, 1, ~std::uint64_t{0}, 0}),
                    "backquery::accuracy: label 2 is 18446744073709551615, expected 0 to 2");
  CHECK_THROWS_WITH(accuracy(Matrix<float>(3, 0), std::vector<int>{}),
                    "backquery::accuracy: outputs is 3 x 0, expected at least 1 x 1");
  CHECK_THROWS_WITH(accuracy(Matrix<float>(0, 3), std::vector<int>{0, 0, 0}),
                    "backquery::accuracy: outputs is 0 x 3, expected at least 1 x 1");

  CHECK_THROWS_AS(confusion_matrix(outputs, std::vector<int>{0, 1, 2, 3}), std::invalid_argument);
  CHECK_THROWS_WITH(confusion_matrix(outputs, std::vector<int>{0, 1, 2, 3}),
                    "backquery::confusion_matrix: label 3 is 3, expected 0 to 2");
  CHECK_THROWS_WITH(confusion_matrix(Matrix<float>(3, 0), std::vector<int>{}),
                    "backquery::confusion_matrix: outputs is 3 x 0, expected at least 1 x 1");
}

namespace {

/// The labels of a golden case, a row of numbers.
std::vector<int> labels_of(const Golden& golden) {
  const Eigen::VectorXi labels = golden("labels").reshaped().cast<int>();
  return {labels.begin(), labels.end()};
}

}  // namespace

TEST_CASE("scores of a classifier equal the scores of scikit-learn", "[golden]") {
  constexpr double bound = 1e-12;
  for (const Golden& golden : Golden("metrics/classification").cases()) {
    CAPTURE(golden.path());
    const Eigen::MatrixXd& outputs = golden("outputs");
    const auto labels = labels_of(golden);
    const auto expected = [&](const char* name) { return golden(name).transpose(); };
    CHECK(max_difference(backquery::precision(outputs, labels), expected("precision")) <= bound);
    CHECK(max_difference(backquery::recall(outputs, labels), expected("recall")) <= bound);
    CHECK(max_difference(backquery::f1_score(outputs, labels), expected("f1_score")) <= bound);
    CHECK(std::abs(backquery::log_loss(outputs, labels) - golden.number("log_loss")) <= bound);
    const Eigen::Index classes = std::max<Eigen::Index>(outputs.rows(), 2);
    for (Eigen::Index k = 1; k < classes; ++k) {
      CHECK(std::abs(backquery::top_k_accuracy(outputs, labels, k) -
                     golden.number("top_" + std::to_string(k))) <= bound);
    }
    CHECK(backquery::top_k_accuracy(outputs, labels, 1) == accuracy(outputs, labels));
    CHECK(backquery::top_k_accuracy(outputs, labels, classes) == 1);
  }
}

TEST_CASE("scores of a regression equal the scores of scikit-learn", "[golden]") {
  constexpr double bound = 1e-12;
  for (const Golden& golden : Golden("metrics/regression").cases()) {
    CAPTURE(golden.path());
    const Eigen::MatrixXd &o = golden("outputs"), &t = golden("targets");
    const auto error_of = [&](double score, const char* name) {
      return std::abs(score - golden.number(name));
    };
    CHECK(error_of(backquery::mean_squared_error(o, t), "mean_squared_error") <= bound);
    CHECK(error_of(backquery::root_mean_squared_error(o, t), "root_mean_squared_error") <= bound);
    CHECK(error_of(backquery::mean_absolute_error(o, t), "mean_absolute_error") <= bound);
    CHECK(error_of(backquery::r2(o, t), "r2") <= bound);
  }
}

TEST_CASE("a constant target has an R2 of 1 for exact outputs and of 0 for others") {
  const Eigen::RowVector3d constant(2, 2, 2), other(2, 2, 3);
  CHECK(backquery::r2(constant, constant) == 1);
  CHECK(backquery::r2(other, constant) == 0);
  CHECK(backquery::r2(other, other) == 1);
  CHECK(backquery::r2(constant, other) < 0);
}

TEST_CASE("a column with a NaN is in no prediction, but counts as a sample of its class") {
  Eigen::MatrixXd outputs = four_outputs<double>();
  outputs(0, 1) = nan_from_bits<double>();  // label 0, predicted 0 before
  CHECK(backquery::precision(outputs, four_labels) == Eigen::Vector3d(0, 0.5, 1));
  CHECK(backquery::recall(outputs, four_labels) == Eigen::Vector3d(0, 1, 0.5));
  CHECK(backquery::top_k_accuracy(outputs, four_labels, 3) == 0.75);
}

TEST_CASE("scores throw for wrong shapes, outputs that are no probabilities, and a k beyond the classes") {
  const Eigen::MatrixXd outputs = four_outputs<double>();
  CHECK_THROWS_WITH(backquery::r2(outputs, outputs.topRows(2)),
                    "backquery::r2: targets has 2 rows, expected 3, as outputs");
  CHECK_THROWS_WITH(backquery::mean_squared_error(outputs.leftCols(0), outputs.leftCols(0)),
                    "backquery::mean_squared_error: outputs is 3 x 0, expected at least 1 x 1");
  CHECK_THROWS_WITH(backquery::precision(outputs, std::vector<int>{0, 1, 2}),
                    "backquery::precision: labels has 3 entries, expected 4, one for each column of outputs");
  CHECK_THROWS_WITH(
      backquery::log_loss(outputs, four_labels),
      "backquery::log_loss: column 0 of outputs sums to 0.6, expected 1, as the outputs of softmax");
  CHECK_THROWS_WITH(backquery::log_loss(outputs.rightCols(1), std::vector<int>{1}),
                    "backquery::log_loss: outputs(0, 0) is -3, expected a probability, 0 to 1");
  CHECK(backquery::log_loss(Eigen::Vector2d(1, 0), std::vector<int>{1}) < 36.05);
  for (const Eigen::Index k : {0, 4}) {
    CHECK_THROWS_WITH(backquery::top_k_accuracy(outputs, four_labels, k),
                      "backquery::top_k_accuracy: k is " + std::to_string(k) + ", expected 1 to 3");
  }
}
