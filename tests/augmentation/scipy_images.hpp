/// @file
/// Images beside those that scipy made of the same.
#pragma once

#include "catch.hpp"
#include "golden.hpp"
#include "matrices.hpp"

#include <Eigen/Core>
#include <string>

/// Largest absolute difference allowed from scipy and from the formulas, for levels between 0 and 1.
template <typename Scalar>
constexpr double tolerance = sizeof(Scalar) == sizeof(float) ? 1e-6 : 1e-12;

/// Compares alter(image, amount, background) with what scipy made, as the files stem_args.txt, stem_image.txt
/// and stem_`altered`.txt of tests/data have them.
template <typename Scalar, typename Alter>
void check_against_scipy(const std::string& stem, const std::string& altered, const Alter& alter) {
  const std::string path = BACKQUERY_TEST_DATA "/" + stem;
  const Eigen::MatrixXd args = read_matrix(path + "_args.txt"), image = read_matrix(path + "_image.txt"),
                        expected = read_matrix(path + "_" + altered + ".txt");
  INFO(stem << ": " << image.rows() << " x " << image.cols() << " by " << args(0));
  const auto result = alter(image.cast<Scalar>(), args(0), static_cast<Scalar>(args(1)));
  CHECK(max_difference(result, expected) <= tolerance<Scalar>);
}
