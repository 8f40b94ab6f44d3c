/// @file
/// Scores of outputs against the targets of a regression.
///
/// | argument | shape             | meaning                                                               |
/// |----------|-------------------|-----------------------------------------------------------------------|
/// | outputs  | outputs x samples | floating point; any matrix, block, Map or expression                  |
/// | targets  | outputs x samples | the true values, of the same Scalar                                   |
///
/// Scores are computed in double. A score of several outputs is the mean of their scores, as in scikit-learn
/// with multioutput = "uniform_average". A NaN among outputs or targets makes the score NaN.
///
/// ```cpp
/// const Eigen::MatrixXf outputs = net.query(X);
/// std::cout << backquery::root_mean_squared_error(outputs, T) << ' ' << backquery::r2(outputs, T) << '\n';
/// ```
#pragma once

#include <backquery/detail/check.hpp>

#include <Eigen/Core>

#include <type_traits>

namespace backquery {

namespace detail {

/// Throws unless both have the same shape, which is not empty.
/// @return outputs - targets
template <typename Outputs, typename Targets>
Eigen::MatrixXd errors_of(const char* function, const Eigen::MatrixBase<Outputs>& outputs,
                          const Eigen::MatrixBase<Targets>& targets) {
  static_assert(std::is_floating_point_v<typename Outputs::Scalar> &&
                    std::is_same_v<typename Outputs::Scalar, typename Targets::Scalar>,
                "backquery: outputs and targets must be floating point of the same type");
  if (outputs.rows() < 1 || outputs.cols() < 1) {
    throw_invalid_argument(function, ": outputs is ", outputs.rows(), " x ", outputs.cols(),
                           ", expected at least 1 x 1");
  }
  check_shape(function, "targets", targets, outputs.rows(), outputs.cols(), ", as outputs");
  return outputs.template cast<double>() - targets.template cast<double>();
}

}  // namespace detail

/// Mean of (o - t)^2 over outputs and samples.
/// @throws std::invalid_argument for no samples, or unless targets has the shape of outputs (all scores of
/// this file)
template <typename Outputs, typename Targets>
double mean_squared_error(const Eigen::MatrixBase<Outputs>& outputs,
                          const Eigen::MatrixBase<Targets>& targets) {
  return detail::errors_of("mean_squared_error", outputs, targets).array().square().mean();
}

/// Mean over the outputs of the root of the mean of (o - t)^2 over the samples. It has the unit of the
/// targets. It weights large errors more than the mean absolute error does.
template <typename Outputs, typename Targets>
double root_mean_squared_error(const Eigen::MatrixBase<Outputs>& outputs,
                               const Eigen::MatrixBase<Targets>& targets) {
  return detail::errors_of("root_mean_squared_error", outputs, targets)
      .array()
      .square()
      .rowwise()
      .mean()
      .sqrt()
      .mean();
}

/// Mean of |o - t| over outputs and samples. It has the unit of the targets.
template <typename Outputs, typename Targets>
double mean_absolute_error(const Eigen::MatrixBase<Outputs>& outputs,
                           const Eigen::MatrixBase<Targets>& targets) {
  return detail::errors_of("mean_absolute_error", outputs, targets).cwiseAbs().mean();
}

/// The coefficient of determination R2, mean over the outputs: 1 for exact outputs, 0 for the mean of the
/// targets, negative for worse outputs.
///
///     R2 = 1 - sum (o - t)^2 / sum (t - mean t)^2
///
/// An output with constant targets counts as 1 if it is exact, else as 0.
template <typename Outputs, typename Targets>
double r2(const Eigen::MatrixBase<Outputs>& outputs, const Eigen::MatrixBase<Targets>& targets) {
  const Eigen::VectorXd errors = detail::errors_of("r2", outputs, targets).rowwise().squaredNorm();
  const Eigen::MatrixXd t = targets.template cast<double>();
  const Eigen::VectorXd deviations = (t.colwise() - t.rowwise().mean()).rowwise().squaredNorm();
  double sum = 0;
  for (Eigen::Index output = 0; output < errors.size(); ++output) {
    const double error = errors(output), deviation = deviations(output);
    sum += deviation != 0 ? 1 - error / deviation : error != 0 ? 0 : 1;
  }
  return sum / static_cast<double>(errors.size());
}

}  // namespace backquery
