/// @file
/// What a training does to hidden layers beside what queries do.
#pragma once

#include <backquery/detail/random.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/detail/thread_pool.hpp>
#include <backquery/network/detail/batch.hpp>
#include <backquery/network/parameters.hpp>
#include <backquery/network/workspace.hpp>
#include <backquery/training/detail/batch_normalization.hpp>
#include <backquery/training/detail/dropout.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

namespace backquery::detail {

/// Batch normalization between the weighted sums and the activation, and dropout behind it, each where it is
/// wanted.
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

  /// Before a batch; `step` decides who rests.
  void start_batch(const std::vector<Index>& layer_sizes, Index samples, Index block_size,
                   std::uint64_t step) {
    if (normalization_) {
      normalization_->start_batch(layer_sizes, samples, block_size);
    }
    step_ = step;
  }

  /// For one block of samples, on any thread.
  struct Stage {
    Regularizer& regularizer;
    Index first;  // number in the batch

    void before_activation(Index layer, Eigen::Map<const VectorX<Scalar>> b, ColumnsMap<Scalar> z) const {
      if (regularizer.normalization_) {
        regularizer.normalization_->apply(layer, first, b, z);
      }
    }
    void after_activation(Index layer, ColumnsMap<Scalar> y) const {
      if (regularizer.dropout_) {
        regularizer.dropout_->apply(regularizer.words(layer), first, y);
      }
    }
    /// From the error of y to the delta of z, where multiply_by_derivative() goes from e to e .* f'(z).
    template <typename Derivative>
    void error_to_delta(Index layer, ColumnsMap<Scalar> y, ColumnsMap<Scalar> e, Scalar rate,
                        const Derivative& multiply_by_derivative) const {
      if (regularizer.dropout_) {
        regularizer.dropout_->propagate(regularizer.words(layer), first, y, e, multiply_by_derivative);
      } else {
        multiply_by_derivative();
      }
      if (regularizer.normalization_) {
        regularizer.normalization_->propagate(layer, first, rate, e);
      }
    }
  };
  [[nodiscard]] Stage stage(Index first) { return {*this, first}; }

  /// After it, when all threads are done.
  void finish_batch(Parameters<Scalar>& gradients) {
    if (normalization_) {
      normalization_->finish_batch(gradients);
    }
  }

  /// The parameters by which queries go.
  [[nodiscard]] Parameters<Scalar> folded(const Parameters<Scalar>& parameters) const {
    return normalization_ ? normalization_->folded(parameters) : parameters;
  }

 private:
  [[nodiscard]] CounterRng words(Index layer) const {
    // Not the words that deform images, should they have the same seed.
    return {CounterRng(~seed_, step_)(0), static_cast<std::uint64_t>(layer) + 1};
  }

  std::optional<BatchNormalization<Scalar>> normalization_;
  std::optional<Dropout<Scalar>> dropout_;
  std::uint64_t seed_, step_ = 0;
};

}  // namespace backquery::detail
