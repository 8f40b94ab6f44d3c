/// @file
/// Scores of a network's outputs against the true labels.
///
/// Shapes and rules, the same for every score:
/// - outputs: classes x samples, any floating-point matrix, block, Map or expression; the answer for a sample
/// is
///   the row of the largest value in its column, the first of them where several are equal. A single row is a
///   yes-no question: above 0.5 the answer is class 1, else class 0.
/// - labels: samples integers from 0 to classes - 1 (0 or 1 for a single row), as an Eigen vector (column or
/// row)
///   or a std::vector.
/// - A column with a NaN in it answers nothing, and nothing is never right. This holds under -ffast-math too.
#pragma once

#include <backquery/detail/check.hpp>

#include <Eigen/Core>

#include <type_traits>
#include <vector>

namespace backquery {

namespace detail {

constexpr Eigen::Index no_answer = -1;

/// The class that a column of outputs names, or no_answer where one of them is NaN.
template <typename Column>
Eigen::Index answer(const Column& outputs) {
  using Scalar = typename Column::Scalar;
  Eigen::Index largest = 0;
  for (Eigen::Index row = 0; row < outputs.size(); ++row) {
    if (is_nan(outputs(row))) {
      return no_answer;
    }
    if (outputs(row) > outputs(largest)) {
      largest = row;
    }
  }
  return outputs.size() == 1 ? Eigen::Index(outputs(0) > Scalar(0.5)) : largest;
}

template <typename Labels>
auto plain_labels(const Eigen::DenseBase<Labels>& labels) {
  static_assert(Labels::IsVectorAtCompileTime, "backquery: labels must be a vector: one integer a sample");
  using Label = typename Labels::Scalar;
  static_assert(std::is_integral_v<Label>, "backquery: labels must be integers: write labels.cast<int>()");
  return Eigen::Matrix<Label, Eigen::Dynamic, 1>(labels.derived());
}

template <typename Label>
auto plain_labels(const std::vector<Label>& labels) {
  static_assert(std::is_integral_v<Label>, "backquery: labels must be integers: use std::vector<int>");
  static_assert(!std::is_same_v<Label, bool>, "backquery: use std::vector<int> instead of std::vector<bool>");
  using Plain = Eigen::Matrix<Label, Eigen::Dynamic, 1>;
  return Plain(Eigen::Map<const Plain>(labels.data(), static_cast<Eigen::Index>(labels.size())));
}

/// Calls score(label, answer) for each sample, in order, once all arguments are known to be right.
template <typename Scalar, typename Label, typename Score>
void for_each_answer(const char* function,
                     const Eigen::Ref<const Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>>& outputs,
                     const Eigen::Matrix<Label, Eigen::Dynamic, 1>& labels, Eigen::Index classes,
                     Score&& score) {
  if (outputs.rows() < 1 || outputs.cols() < 1) {
    throw_invalid_argument(function, ": outputs is ", outputs.rows(), " x ", outputs.cols(),
                           ", expected at least 1 x 1");
  }
  if (labels.size() != outputs.cols()) {
    throw_invalid_argument(function, ": labels has ", labels.size(), " entries, expected ", outputs.cols(),
                           ", one for each column of outputs");
  }
  for (Eigen::Index sample = 0; sample < labels.size(); ++sample) {
    const auto label = static_cast<Eigen::Index>(labels(sample));  // a huge unsigned one turns negative
    if (label < 0 || label >= classes) {
      throw_invalid_argument(function, ": label ", sample, " is ", labels(sample), ", expected 0 to ",
                             classes - 1);
    }
  }
  for (Eigen::Index sample = 0; sample < labels.size(); ++sample) {
    score(static_cast<Eigen::Index>(labels(sample)), answer(outputs.col(sample)));
  }
}

/// The columns of outputs whose answer is that of the same column of targets.
template <typename Outputs, typename Targets>
Eigen::Index count_right(const Outputs& outputs, const Targets& targets) {
  Eigen::Index right = 0;
  for (Eigen::Index sample = 0; sample < outputs.cols(); ++sample) {
    const Eigen::Index wanted = answer(targets.col(sample));
    right += wanted != no_answer && answer(outputs.col(sample)) == wanted;
  }
  return right;
}

/// How many classes that many output rows tell apart: a single one says yes or no.
inline Eigen::Index classes_of(Eigen::Index rows) {
  return rows == 1 ? 2 : rows;
}

}  // namespace detail

/// The share of samples whose answer is their label, 0 to 1: the notes' scorecard. The rules for outputs and
/// labels are those of this file.
/// @throws std::invalid_argument without samples, with another number of labels than of columns, or with a
/// label
///         that no output stands for
template <typename Outputs, typename Labels>
double accuracy(const Eigen::MatrixBase<Outputs>& outputs, const Labels& labels) {
  using Scalar = typename Outputs::Scalar;
  static_assert(std::is_floating_point_v<Scalar>,
                "backquery::accuracy: outputs must be floating point: write outputs.template cast<double>()");
  Eigen::Index right = 0;
  detail::for_each_answer<Scalar>(
      "accuracy", outputs.derived(), detail::plain_labels(labels), detail::classes_of(outputs.rows()),
      [&right](Eigen::Index label, Eigen::Index answer) { right += label == answer; });
  return static_cast<double>(right) / static_cast<double>(outputs.cols());
}

/// How often each class got each answer, classes x classes (2 x 2 for a single row of outputs): entry (i, j)
/// counts the samples of class i that were taken for class j. A sample whose outputs hold a NaN is in no
/// column, so a row sums to the samples of its class less those. The trace over the samples is the accuracy.
/// @throws std::invalid_argument as accuracy does
template <typename Outputs, typename Labels>
Eigen::MatrixXi confusion_matrix(const Eigen::MatrixBase<Outputs>& outputs, const Labels& labels) {
  using Scalar = typename Outputs::Scalar;
  static_assert(
      std::is_floating_point_v<Scalar>,
      "backquery::confusion_matrix: outputs must be floating point: write outputs.template cast<double>()");
  const Eigen::Index classes = detail::classes_of(outputs.rows());
  Eigen::MatrixXi counts = Eigen::MatrixXi::Zero(classes, classes);
  detail::for_each_answer<Scalar>("confusion_matrix", outputs.derived(), detail::plain_labels(labels),
                                  classes, [&counts](Eigen::Index label, Eigen::Index answer) {
                                    if (answer != detail::no_answer) {
                                      ++counts(label, answer);
                                    }
                                  });
  return counts;
}

}  // namespace backquery
