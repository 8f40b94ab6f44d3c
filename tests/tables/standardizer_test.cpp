/// @file
/// Standardizers, compared with arithmetic by hand.
#include "catch.hpp"

#include <backquery/tables/standardizer.hpp>

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

template <typename Scalar>
using MatrixOf = backquery::detail::MatrixX<Scalar>;

template <typename Make>
std::string misuse_of_standardizer(const Make& make) {
  try {
    make();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing";
}

}  // namespace

TEMPLATE_TEST_CASE("a standardizer scales to mean 0 and deviation 1, and to a range", "[standardizer]",
                   EVERY_SCALAR) {
  using Matrix = MatrixOf<TestType>;
  const Matrix x =
      (Matrix(2, 4) << 2, 4, 4, 6, -1, 3, -1, 3).finished();  // means 4, 1; deviations sqrt(2), 2
  const backquery::Standardizer<TestType> standardizer(x);
  const auto root = std::sqrt(TestType(2));
  const Matrix expected = (Matrix(2, 4) << -root, 0, 0, root, -1, 1, -1, 1).finished();
  const TestType tolerance = 4 * std::numeric_limits<TestType>::epsilon();
  CHECK(standardizer.features() == 2);
  CHECK(standardizer.apply(x).isApprox(expected, tolerance));
  CHECK(standardizer.undo(expected).isApprox(x, tolerance));
  const Matrix other = (Matrix(2, 1) << 8, 0).finished();
  CHECK(standardizer.apply(other).isApprox((Matrix(2, 1) << 2 * root, -0.5).finished(), tolerance));

  const auto range = backquery::Standardizer<TestType>::to_range(x, TestType(-1), TestType(3));
  const Matrix in_range = (Matrix(2, 4) << -1, 1, 1, 3, -1, 3, -1, 3).finished();
  CHECK(range.apply(x).isApprox(in_range, tolerance));
  CHECK(range.undo(in_range).isApprox(x, tolerance));
  for (const auto& scaling : {standardizer, range}) {
    const Matrix y = scaling.apply(x);
    CHECK(y.isApprox((scaling.scale().asDiagonal() * x).colwise() + scaling.offset(), tolerance));
    CHECK(x.isApprox((scaling.undo_scale().asDiagonal() * y).colwise() + scaling.undo_offset(), tolerance));
  }
}

TEST_CASE("a standardizer is exact for values far from 0 and for huge and tiny values") {
  Eigen::MatrixXd x(3, 4);
  x.row(0) << 1e9 + 1, 1e9 + 3, 1e9 + 1, 1e9 + 3;
  x.row(1) << 1e200, 3e200, 1e200, 3e200;
  x.row(2) << 1e-200, 3e-200, 1e-200, 3e-200;
  const Eigen::RowVector4d expected(-1, 1, -1, 1);
  CHECK((backquery::Standardizer<double>(x).apply(x).rowwise() - expected).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("features that are constant are rejected by name") {
  Eigen::MatrixXf x = Eigen::MatrixXf::Random(3, 5);
  x.row(1).setConstant(0.1f);
  CHECK(misuse_of_standardizer([&] { backquery::Standardizer<float>{x}; }) ==
        "backquery::Standardizer: feature 1 is 0.1 in every sample, expected different values; leave it out");
  const std::vector<std::string> names{"rooms", "age", "tax"};
  CHECK(misuse_of_standardizer([&] { backquery::Standardizer<float>(x, names); }) ==
        "backquery::Standardizer: feature 1 (\"age\") is 0.1 in every sample, expected different values; "
        "leave it "
        "out");
  CHECK(misuse_of_standardizer([&] { backquery::Standardizer<float>::to_range(x, 0, 1, names); }) ==
        "backquery::Standardizer::to_range: feature 1 (\"age\") is 0.1 in every sample, expected different "
        "values; "
        "leave it out");
  CHECK(misuse_of_standardizer([&] {
          backquery::Standardizer<float>(x.leftCols(1), names);
        }).find("feature 0 (\"rooms\")") != std::string::npos);
}

TEST_CASE("a standardizer rejects samples that it cannot scale") {
  using Standardizer = backquery::Standardizer<float>;
  Eigen::MatrixXf x = Eigen::MatrixXf::Random(2, 5);
  CHECK(misuse_of_standardizer([&] { Standardizer(x).apply(x.topRows(1)); }) ==
        "backquery::Standardizer::apply: x has 1 rows, expected 2");
  CHECK(misuse_of_standardizer([&] { Standardizer(x).undo(x.topRows(1)); }) ==
        "backquery::Standardizer::undo: y has 1 rows, expected 2");
  CHECK(misuse_of_standardizer([&] { Standardizer{Eigen::MatrixXf(2, 0)}; }) ==
        "backquery::Standardizer: x is 2 x 0, expected features x samples, both at least 1");
  CHECK(misuse_of_standardizer([&] { Standardizer(x, {"a"}); }) ==
        "backquery::Standardizer: names has 1 entries, expected 2, one for each row of x");
  CHECK(misuse_of_standardizer([&] { Standardizer::to_range(x, 1, 1); }) ==
        "backquery::Standardizer::to_range: low is 1, expected less than high, 1");
  x(1, 2) = std::numeric_limits<float>::denorm_min();
  x.row(1) = x.row(1).unaryExpr([&](float value) { return value == x(1, 2) ? value : 0; });
  CHECK(misuse_of_standardizer([&] { Standardizer{x}; }).find("feature 1 is 0 to") != std::string::npos);
  x(0, 3) = std::numeric_limits<float>::quiet_NaN();
  CHECK(misuse_of_standardizer([&] { Standardizer{x}; }) ==
        "backquery::Standardizer: x(0, 3) is nan, expected a finite number");
}
