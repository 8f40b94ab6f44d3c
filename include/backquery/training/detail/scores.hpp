/// @file
/// Loss, accuracy, root mean squared error and R2 of the predictions of an epoch.
#pragma once

#include <backquery/network/activation.hpp>
#include <backquery/network/loss.hpp>
#include <backquery/training/detail/sample_batch.hpp>

#include <cstddef>
#include <optional>

namespace backquery::detail {

/// Decides whether samples have classes, from all batches so far. See EpochRecord::accuracy.
template <typename Scalar>
class ClassTargets {
 public:
  void add(const SampleBatch<Scalar>& batch, Activation output) {
    if (batch.has_labels || output == Activation::softmax) {
      have_classes_ = true;
    }
    const auto& t = batch.t;
    for (Index column = 0; column < t.cols() && !have_classes_ && consistent_; ++column) {
      const int label = batch.labels[static_cast<std::size_t>(column)];
      for (Index row = 0; row < t.rows(); ++row) {
        add(t(row, column), t.rows() == 1 ? label == 1 : row == label);
      }
    }
  }

  [[nodiscard]] bool name_classes() const {
    return have_classes_ || (consistent_ && on_ && off_ && *off_ < *on_);
  }

  template <typename Archive>
  void visit_state(Archive& archive) {
    archive(on_, off_, have_classes_, consistent_);
  }

 private:
  void add(Scalar target, bool is_on) {
    std::optional<Scalar>& level = is_on ? on_ : off_;
    consistent_ &= target == level.value_or(target);
    level = target;
  }

  std::optional<Scalar> on_, off_;  // of the targets so far
  bool have_classes_ = false, consistent_ = true;
};

/// The results of one batch.
template <typename Scalar>
struct BatchResult {
  Scalar loss;                     // mean over the samples
  LossSum<Scalar> weight;          // sum of the weights of the samples
  Index correct;                   // number of correct predictions
  VectorX<double> squared_errors;  // sum over the samples, for each output
};

/// The scores of an epoch.
struct Score {
  double loss;
  std::optional<double> accuracy, root_mean_squared_error, r2;
};

/// Sums of the results of batches.
template <typename Scalar>
class ScoreSums {
 public:
  void add(const BatchResult<Scalar>& result, const MatrixX<Scalar>& t) {
    if (samples_ == 0) {
      start(t.rows());
    }
    loss_ += LossSum<Scalar>(result.loss) * result.weight;
    weight_ += result.weight;
    correct_ += result.correct;
    squared_errors_ += result.squared_errors;
    for (Index column = 0; column < t.cols(); ++column) {  // B. P. Welford, Technometrics 4 (1962)
      const double share = 1 / static_cast<double>(++samples_);
      for (Index row = 0; row < t.rows(); ++row) {
        const auto target = static_cast<double>(t(row, column));
        const double deviation = target - mean_(row);
        mean_(row) += share * deviation;
        squared_deviations_(row) += deviation * (target - mean_(row));
      }
    }
  }

  /// @param source      name of the source, in the message
  /// @param of_classes  whether the samples have classes
  /// @throws std::invalid_argument if all weights are 0
  [[nodiscard]] Score score(const char* source, bool of_classes) const {
    if (weight_ == 0) {
      throw_invalid_argument(source, " has weights that are all 0, expected at least one above 0");
    }
    const auto samples = static_cast<double>(samples_);
    const auto loss = static_cast<double>(loss_ / weight_);
    if (of_classes) {
      return {loss, static_cast<double>(correct_) / samples, {}, {}};
    }
    return {loss, {}, (squared_errors_ / samples).cwiseSqrt().mean(), r2()};
  }

  /// @param most_samples  an upper limit of the number of samples so far
  template <typename Archive>
  void visit_state(Archive& archive, Index outputs, Index most_samples) {
    if (samples_ == 0) {
      start(outputs);
    }
    archive.count(samples_, most_samples);
    archive.count(correct_, most_samples);
    archive(loss_, weight_, squared_errors_, mean_, squared_deviations_);
  }

 private:
  void start(Index outputs) {
    squared_errors_ = mean_ = squared_deviations_ = VectorX<double>::Zero(outputs);
  }

  /// R2 = 1 - sum (t - o)^2 / sum (t - mean(t))^2
  [[nodiscard]] double r2() const {
    double sum = 0;
    for (Index output = 0; output < mean_.size(); ++output) {
      const double error = squared_errors_(output), deviation = squared_deviations_(output);
      sum += deviation > 0 ? 1 - error / deviation : error > 0 ? 0 : 1;
    }
    return sum / static_cast<double>(mean_.size());
  }

  Index samples_ = 0, correct_ = 0;
  LossSum<Scalar> loss_ = 0, weight_ = 0;
  VectorX<double> squared_errors_, mean_, squared_deviations_;  // of each output
};

}  // namespace backquery::detail
