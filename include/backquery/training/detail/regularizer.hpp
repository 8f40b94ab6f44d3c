/// @file
/// Operations on hidden layers during a training: batch normalization and dropout.
#pragma once

#include <backquery/training/detail/batch_normalization.hpp>
#include <backquery/training/detail/dropout.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace backquery::detail {

/// Batch normalization before the activation and dropout after it, if the options ask for them.
template <typename Scalar>
class Regularizer {
 public:
  Regularizer(bool batch_normalization, double dropout, std::uint64_t seed) : seed_(seed) {
    if (batch_normalization) {
      normalization_.emplace();
    }
    if (dropout > 0) {
      dropout_.emplace(dropout);
    }
  }

  /// Must be called before each batch. Each `step` drops different nodes.
  void start_batch(const std::vector<Index>& layer_sizes, Index samples, Index block_size,
                   std::uint64_t step) {
    if (normalization_) {
      normalization_->start_batch(layer_sizes, samples, block_size);
    }
    step_ = step;
  }

  /// The stage of a Pass for one block of samples, on any thread.
  struct Stage {
    Regularizer& regularizer;
    Index first;  // index of the first sample in the batch

    void before_activation(Index layer, Eigen::Map<const VectorX<Scalar>> b, ColumnsMap<Scalar> z) const {
      if (regularizer.normalization_) {
        regularizer.normalization_->apply(layer, first, b, z);
      }
    }
    void after_activation(Index layer, ColumnsMap<Scalar> y) const {
      if (regularizer.dropout_) {
        regularizer.dropout_->apply(regularizer.random(layer), first, y);
      }
    }
    [[nodiscard]] Scalar kept_share() const {
      return regularizer.dropout_ ? regularizer.dropout_->kept_share() : Scalar(1);
    }
    void before_derivative(Index layer, ColumnsMap<Scalar> e) const { after_activation(layer, e); }
    void after_derivative(Index layer, ColumnsMap<Scalar> d, Scalar factor) const {
      if (regularizer.normalization_) {
        regularizer.normalization_->propagate(layer, first, factor, d);
      }
    }
  };
  [[nodiscard]] Stage stage(Index first) { return {*this, first}; }

  /// Must be called after each batch, when all blocks have ended.
  void finish_batch(Parameters<Scalar>& gradients) {
    if (normalization_) {
      normalization_->finish_batch(gradients);
    }
  }

  /// The parameters for queries.
  [[nodiscard]] Parameters<Scalar> folded(const Parameters<Scalar>& parameters) const {
    return normalization_ ? normalization_->folded(parameters) : parameters;
  }

  /// Everything that the next batches depend on; dropout depends on the seed and the step alone.
  /// @param most_batches  an upper limit of the number of batches so far
  template <typename Archive>
  void visit_state(Archive& archive, const std::vector<Index>& layer_sizes, Index most_batches) {
    if (normalization_) {
      normalization_->visit_state(archive, layer_sizes, most_batches);
    }
  }

 private:
  /// The stream of random values, which differs from the streams that deform images, also for equal seeds.
  [[nodiscard]] CounterRng random(Index layer) const {
    return {CounterRng(~seed_, step_)(0), static_cast<std::uint64_t>(layer) + 1};
  }

  std::optional<BatchNormalization<Scalar>> normalization_;
  std::optional<Dropout<Scalar>> dropout_;
  std::uint64_t seed_, step_ = 0;
};

}  // namespace backquery::detail
