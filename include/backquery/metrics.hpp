/// @file
/// Predicted classes of a network, and scores against the true labels.
///
/// | argument | shape             | meaning                                                               |
/// |----------|-------------------|-----------------------------------------------------------------------|
/// | outputs  | classes x samples | floating point; any matrix, block, Map or expression                  |
/// | labels   | samples           | the true classes, integers from 0; an Eigen vector or a std::vector   |
///
/// The predicted class of a sample is the row of the largest value in its column; of equal values, the first
/// counts. A network with one output has two classes: the prediction is 1 if the output is above 0.5,
/// otherwise 0. A column that contains a NaN has no predicted class and never counts as correct, also under
/// -ffast-math.
#pragma once

#include <backquery/detail/check.hpp>

#include <Eigen/Core>

#include <type_traits>

namespace backquery {

namespace detail {

constexpr int no_class = -1;

/// The predicted class of one column of outputs; no_class if one of them is NaN.
template <typename Column>
int predicted_class(const Column& outputs) {
  using Scalar = typename Column::Scalar;
  int largest = 0;
  for (int row = 0; row < outputs.size(); ++row) {
    if (is_nan(outputs(row))) {
      return no_class;
    }
    if (outputs(row) > outputs(largest)) {
      largest = row;
    }
  }
  return outputs.size() == 1 ? int(outputs(0) > Scalar(0.5)) : largest;
}

/// The number of classes of a network with `rows` outputs.
inline Eigen::Index classes_of(Eigen::Index rows) {
  return rows == 1 ? 2 : rows;
}

/// The labels as int.
/// @param function  its name begins the message
/// @throws std::invalid_argument unless there is at least one sample, and each sample has a label from 0 to
/// classes - 1
template <typename Labels>
Eigen::VectorXi checked_labels(const char* function, Eigen::Index rows, Eigen::Index cols,
                               const Labels& labels) {
  static_assert(std::is_integral_v<std::decay_t<decltype(labels[0])>>,
                "backquery: labels must be integers: write labels.cast<int>(), or use std::vector<int>");
  if (rows < 1 || cols < 1) {
    throw_invalid_argument(function, ": outputs is ", rows, " x ", cols, ", expected at least 1 x 1");
  }
  check_entries(function, "labels", labels, cols, ", one for each column of outputs");
  Eigen::VectorXi checked(cols);
  for (Eigen::Index sample = 0; sample < cols; ++sample) {
    const auto label = labels.begin()[sample];
    check_label(function, sample, label, classes_of(rows));
    checked(sample) = static_cast<int>(label);
  }
  return checked;
}

}  // namespace detail

/// The predicted class of each column of outputs, by the rule at the top of this file. It is -1 for a column
/// that contains a NaN. Outputs without columns give an empty vector.
///
/// ```cpp
/// const Eigen::VectorXi digits = backquery::predicted_classes(net.query(X));
/// ```
///
/// @throws std::invalid_argument if outputs has no rows
template <typename Outputs>
Eigen::VectorXi predicted_classes(const Eigen::MatrixBase<Outputs>& outputs) {
  using Scalar = typename Outputs::Scalar;
  static_assert(std::is_floating_point_v<Scalar>,
                "backquery: outputs must be floating point: write outputs.template cast<double>()");
  if (outputs.rows() < 1) {
    detail::throw_invalid_argument("predicted_classes: outputs has 0 rows, expected at least 1");
  }
  const Eigen::Ref<const detail::MatrixX<Scalar>> values(outputs.derived());
  Eigen::VectorXi classes(values.cols());
  for (Eigen::Index sample = 0; sample < values.cols(); ++sample) {
    classes(sample) = detail::predicted_class(values.col(sample));
  }
  return classes;
}

/// Share of the samples whose predicted class is their label, 0 to 1. The book calls this share performance.
/// @throws std::invalid_argument for no samples, unless there is one label for each column, or for a label
/// that is not a class of the outputs
template <typename Outputs, typename Labels>
double accuracy(const Eigen::MatrixBase<Outputs>& outputs, const Labels& labels) {
  const Eigen::VectorXi classes = detail::checked_labels("accuracy", outputs.rows(), outputs.cols(), labels);
  const auto correct = (predicted_classes(outputs).array() == classes.array()).count();
  return static_cast<double>(correct) / static_cast<double>(outputs.cols());
}

/// Counts by true and predicted class, classes x classes (2 x 2 for a single row of outputs). Entry (i, j) is
/// the number of samples of class i with the predicted class j. A sample whose outputs contain a NaN is not
/// counted. The trace divided by the number of samples is the accuracy.
/// @throws std::invalid_argument as accuracy
template <typename Outputs, typename Labels>
Eigen::MatrixXi confusion_matrix(const Eigen::MatrixBase<Outputs>& outputs, const Labels& labels) {
  const Eigen::VectorXi truth =
      detail::checked_labels("confusion_matrix", outputs.rows(), outputs.cols(), labels);
  const Eigen::VectorXi predicted = predicted_classes(outputs);
  const Eigen::Index classes = detail::classes_of(outputs.rows());
  Eigen::MatrixXi counts = Eigen::MatrixXi::Zero(classes, classes);
  for (Eigen::Index sample = 0; sample < truth.size(); ++sample) {
    if (predicted(sample) != detail::no_class) {
      ++counts(truth(sample), predicted(sample));
    }
  }
  return counts;
}

}  // namespace backquery
