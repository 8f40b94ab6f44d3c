/// @file
/// Predicted classes, and scores of a classifier against the true labels.
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

#include <algorithm>
#include <cmath>
#include <limits>
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

namespace detail {

/// Numbers of samples for each class.
struct ClassCounts {
  Eigen::VectorXd correct, predicted, labeled;

  template <typename Outputs, typename Labels>
  ClassCounts(const char* function, const Eigen::MatrixBase<Outputs>& outputs, const Labels& labels) {
    const Eigen::VectorXi truth = checked_labels(function, outputs.rows(), outputs.cols(), labels);
    const Eigen::VectorXi classes = predicted_classes(outputs);
    correct = predicted = labeled = Eigen::VectorXd::Zero(classes_of(outputs.rows()));
    for (Eigen::Index sample = 0; sample < truth.size(); ++sample) {
      labeled(truth(sample)) += 1;
      if (classes(sample) != no_class) {
        predicted(classes(sample)) += 1;
        correct(truth(sample)) += classes(sample) == truth(sample) ? 1 : 0;
      }
    }
  }
};

/// Quotients of the entries, 0 where the denominator is 0.
inline Eigen::VectorXd quotients(const Eigen::VectorXd& numerators, const Eigen::VectorXd& denominators) {
  return (denominators.array() > 0).select(numerators.array() / (denominators.array().max)(1.0), 0).matrix();
}

}  // namespace detail

/// For each class, the share of correct predictions among the samples that are predicted as this class; 0 if
/// there is none. A network with one output has two classes: precision(outputs, labels)(1) is for the
/// positive one. The mean of the result is the "macro" average of scikit-learn.
/// @throws std::invalid_argument as accuracy
template <typename Outputs, typename Labels>
Eigen::VectorXd precision(const Eigen::MatrixBase<Outputs>& outputs, const Labels& labels) {
  const detail::ClassCounts counts("precision", outputs, labels);
  return detail::quotients(counts.correct, counts.predicted);
}

/// For each class, the share of correct predictions among the samples with this label; 0 if there is none.
/// @throws std::invalid_argument as accuracy
template <typename Outputs, typename Labels>
Eigen::VectorXd recall(const Eigen::MatrixBase<Outputs>& outputs, const Labels& labels) {
  const detail::ClassCounts counts("recall", outputs, labels);
  return detail::quotients(counts.correct, counts.labeled);
}

/// For each class, the harmonic mean of precision and recall: 2 correct / (predicted + labeled); 0 for a
/// class that is neither predicted nor a label.
/// @throws std::invalid_argument as accuracy
template <typename Outputs, typename Labels>
Eigen::VectorXd f1_score(const Eigen::MatrixBase<Outputs>& outputs, const Labels& labels) {
  const detail::ClassCounts counts("f1_score", outputs, labels);
  return detail::quotients(2 * counts.correct, counts.predicted + counts.labeled);
}

/// Mean over the samples of -log p, where p is the output of the label's class: the cross-entropy of a
/// softmax network. With one output, p is the output for class 1, and 1 minus the output for class 0. A p
/// below 2.2e-16 counts as 2.2e-16, so that the result is finite. A NaN among the outputs makes it NaN.
/// @param outputs  probabilities, 0 to 1; with several outputs, each column sums to 1
/// @throws std::invalid_argument as accuracy, for an output outside 0 to 1, or for a column of several
/// outputs whose sum differs from 1 by more than 1e-3
template <typename Outputs, typename Labels>
double log_loss(const Eigen::MatrixBase<Outputs>& outputs, const Labels& labels) {
  const Eigen::VectorXi truth = detail::checked_labels("log_loss", outputs.rows(), outputs.cols(), labels);
  const Eigen::MatrixXd p = outputs.template cast<double>();
  double sum = 0;
  for (Eigen::Index sample = 0; sample < p.cols(); ++sample) {
    for (Eigen::Index row = 0; row < p.rows(); ++row) {
      if (p(row, sample) < 0 || p(row, sample) > 1) {
        detail::throw_invalid_argument("log_loss: outputs(", row, ", ", sample, ") is ", p(row, sample),
                                       ", expected a probability, 0 to 1");
      }
    }
    const double total = p.col(sample).sum();
    if (p.rows() > 1 && std::abs(total - 1) > 1e-3) {
      detail::throw_invalid_argument("log_loss: column ", sample, " of outputs sums to ", total,
                                     ", expected 1, as the outputs of softmax");
    }
    const double of_label = p.rows() > 1         ? p(truth(sample), sample)
                            : truth(sample) == 1 ? p(0, sample)
                                                 : 1 - p(0, sample);
    sum -= of_label < std::numeric_limits<double>::epsilon()
               ? std::log(std::numeric_limits<double>::epsilon())
               : std::log(of_label);
  }
  return sum / static_cast<double>(p.cols());
}

/// Share of the samples whose label is among the k classes with the largest outputs. Of equal outputs, the
/// first counts as the larger one, as for predicted_classes: k = 1 gives the accuracy. A sample whose outputs
/// contain a NaN does not count as correct.
/// @param k  1 to the number of classes
/// @throws std::invalid_argument as accuracy, and for other k
template <typename Outputs, typename Labels>
double top_k_accuracy(const Eigen::MatrixBase<Outputs>& outputs, const Labels& labels, Eigen::Index k) {
  const Eigen::VectorXi truth =
      detail::checked_labels("top_k_accuracy", outputs.rows(), outputs.cols(), labels);
  const Eigen::VectorXi predicted = predicted_classes(outputs);
  const Eigen::Index classes = detail::classes_of(outputs.rows());
  if (k < 1 || k > classes) {
    detail::throw_invalid_argument("top_k_accuracy: k is ", k, ", expected 1 to ", classes);
  }
  const Eigen::Ref<const detail::MatrixX<typename Outputs::Scalar>> values(outputs.derived());
  Eigen::Index correct = 0;
  for (Eigen::Index sample = 0; sample < truth.size(); ++sample) {
    if (predicted(sample) == detail::no_class) {
      continue;
    }
    if (values.rows() == 1) {  // two classes
      correct += k == 2 || predicted(sample) == truth(sample) ? 1 : 0;
      continue;
    }
    const Eigen::Index label = truth(sample);
    const auto output = values(label, sample);
    const Eigen::Index larger = (values.col(sample).array() > output).count() +
                                (values.col(sample).head(label).array() == output).count();
    correct += larger < k ? 1 : 0;
  }
  return static_cast<double>(correct) / static_cast<double>(truth.size());
}

}  // namespace backquery
