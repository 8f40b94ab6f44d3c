/// @file
/// Batch normalization, which is folded into weights and biases after the training.
#pragma once

#include <backquery/network/parameters.hpp>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace backquery::detail {

/// Scales the pre-activations z of the hidden layers, without biases, to mean 0 and variance 1 over a block
/// of samples. Then adds the biases:
///
///     z' = (z - mean(z)) / sqrt(variance(z) + epsilon)        y = f(z' + b)
///
/// S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep network training by reducing internal
/// covariate shift" (2015), with two changes. There is no factor gamma: after relu, leaky_relu and identity
/// the weights of the next layer have the same effect. Mean and variance are computed over a block of at most
/// 64 samples, not over the batch, so that no thread waits for another thread: ghost batch normalization (E.
/// Hoffer, I. Hubara and D. Soudry, "Train longer, generalize better", 2017).
///
/// Queries use running averages of mean and variance: folded() includes them in weights and biases. Trainer
/// calls the other functions in this order: start_batch, apply and propagate for each block, finish_batch.
/// Layer 0 is the first hidden layer.
template <typename Scalar_>
class BatchNormalization {
 public:
  using Scalar = Scalar_;
  static constexpr double epsilon = 1e-5;

  /// Allocates the buffers for a batch. Blocks begin at multiples of `block_size`.
  void start_batch(const std::vector<Index>& layer_sizes, Index samples, Index block_size) {
    block_size_ = block_size;
    blocks_ = ceil_div(samples, block_size);
    start(layer_sizes);
    for (Layer& layer : layers_) {
      const auto step = static_cast<std::size_t>(layer.step);
      layer.normalized.resize(step * static_cast<std::size_t>(samples));
      for (auto* sums : {&layer.mean, &layer.variance, &layer.biases}) {
        sums->resize(step * static_cast<std::size_t>(blocks_));
      }
    }
    counts_.resize(static_cast<std::size_t>(blocks_));
  }

  /// Replaces z + b, the pre-activations of a block of samples, by z' + b. Columns and biases are padded.
  /// @param first  index of the first sample in the batch
  void apply(Index layer, Index first, Eigen::Map<const VectorX<Scalar>> b, ColumnsMap<Scalar> z) {
    Layer& here = layers_[static_cast<std::size_t>(layer)];
    const Index block = first / block_size_, step = here.step;
    counts_[static_cast<std::size_t>(block)] = z.cols();
    for (Index row = 0; row < step; row += line) {
      const auto samples = static_cast<Scalar>(z.cols());
      Values mean = Values::Zero(), variance = Values::Zero();
      for (Index k = 0; k < z.cols(); ++k) {
        mean += ConstLine(z.data() + k * step + row);
      }
      mean /= samples;
      for (Index k = 0; k < z.cols(); ++k) {
        variance += (ConstLine(z.data() + k * step + row) - mean).square();
      }
      variance /= samples;
      const Values factor = (variance + Scalar(epsilon)).rsqrt(), bias = ConstLine(b.data() + row);
      for (Index k = 0; k < z.cols(); ++k) {
        Line value(z.data() + k * step + row), normalized(here.normalized.data() + (first + k) * step + row);
        normalized = (value - mean) * factor;
        value = normalized + bias;
      }
      Line(here.mean.data() + block * step + row) = mean - bias;
      Line(here.variance.data() + block * step + row) = variance;
    }
  }

  /// Replaces the deltas with respect to z' + b by the deltas with respect to z, for the same block. Deltas
  /// are multiplied by `factor` later.
  void propagate(Index layer, Index first, Scalar factor, ColumnsMap<Scalar> d) {
    Layer& here = layers_[static_cast<std::size_t>(layer)];
    const Index block = first / block_size_, step = here.step;
    for (Index row = 0; row < step; row += line) {
      const auto samples = static_cast<Scalar>(d.cols());
      const Scalar* const normalized = here.normalized.data() + first * step + row;
      Values sum = Values::Zero(), product = Values::Zero();
      for (Index k = 0; k < d.cols(); ++k) {
        const ConstLine delta(d.data() + k * step + row);
        sum += delta;
        product += delta * ConstLine(normalized + k * step);
      }
      Line(here.biases.data() + block * step + row) = factor * sum;
      sum /= samples;
      product /= samples;
      const Values scale = (ConstLine(here.variance.data() + block * step + row) + Scalar(epsilon)).rsqrt();
      for (Index k = 0; k < d.cols(); ++k) {
        Line delta(d.data() + k * step + row);
        delta = scale * (delta - sum - ConstLine(normalized + k * step) * product);
      }
    }
  }

  /// Sets the gradients of the biases of the hidden layers, and updates the running averages.
  void finish_batch(Parameters<Scalar>& gradients) {
    // The averages cover about 100 batches, and fewer at the start, so that the first weights soon have no
    // effect.
    const auto momentum = [](Index batches) {
      return (std::max)(Scalar(0.01), Scalar(10) / static_cast<Scalar>(batches + 10));
    };
    const Index all = std::accumulate(counts_.begin(), counts_.end(), Index(0));
    // A block of one sample adds no degree of freedom to the variance.
    const auto samples = static_cast<Scalar>(all), freedom = static_cast<Scalar>(all - blocks_);
    const Scalar for_mean = momentum(batches_++);
    const Scalar for_variance = freedom > 0 ? momentum(batches_with_variance_++) : Scalar(0);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      Layer& layer = layers_[l];
      Scalar* const bias_gradients = gradients.biases(static_cast<Index>(l)).data();
      for (Index row = 0; row < layer.step; row += line) {
        Values mean = Values::Zero(), variance = Values::Zero(), biases = Values::Zero();
        for (Index block = 0; block < blocks_; ++block) {
          const Index at = block * layer.step + row;
          const auto count = static_cast<Scalar>(counts_[static_cast<std::size_t>(block)]);
          mean += count / samples * ConstLine(layer.mean.data() + at);
          variance += count / (std::max)(freedom, Scalar(1)) * ConstLine(layer.variance.data() + at);
          biases += ConstLine(layer.biases.data() + at);
        }
        Line running_mean(layer.running_mean.data() + row),
            running_variance(layer.running_variance.data() + row);
        running_mean += for_mean * (mean - running_mean);
        running_variance += for_variance * (variance - running_variance);
        Line(bias_gradients + row) = biases;
      }
    }
  }

  /// Parameters that include the normalization, with s = sqrt(variance + epsilon): W / s and b - mean / s.
  [[nodiscard]] Parameters<Scalar> folded(const Parameters<Scalar>& parameters) const {
    Parameters<Scalar> result = parameters;
    for (Index l = 0; batches_ > 0 && l + 1 < parameters.layers(); ++l) {
      const Layer& layer = layers_[static_cast<std::size_t>(l)];
      const Index nodes = parameters.biases(l).size();
      using Vector = Eigen::Map<const Eigen::Array<Scalar, Eigen::Dynamic, 1>>;
      const Vector mean(layer.running_mean.data(), nodes), variance(layer.running_variance.data(), nodes);
      const Eigen::Array<Scalar, Eigen::Dynamic, 1> factor = (variance + Scalar(epsilon)).rsqrt();
      result.weights(l).array().colwise() *= factor;
      result.biases(l).array() -= mean * factor;
    }
    return result;
  }

  /// Everything that the next batches depend on.
  /// @param most_batches  an upper limit of the number of batches so far
  template <typename Archive>
  void visit_state(Archive& archive, const std::vector<Index>& layer_sizes, Index most_batches) {
    start(layer_sizes);
    archive.count(batches_, most_batches);
    archive.count(batches_with_variance_, most_batches);
    for (Layer& layer : layers_) {
      archive(layer.running_mean, layer.running_variance);
    }
  }

 private:
  static constexpr Index line = padded<Scalar>(1);
  using Values = Eigen::Array<Scalar, line, 1>;
  using Line = Eigen::Map<Values>;
  using ConstLine = Eigen::Map<const Values>;

  struct Layer {
    Index step = 0;                     // distance of columns
    LineVector<Scalar> normalized;      // z', one column per sample
    LineVector<Scalar> mean, variance;  // of z, one column per block
    LineVector<Scalar> biases;          // gradients of the biases, one column per block
    LineVector<Scalar> running_mean, running_variance;
  };

  /// Allocates the running averages, before the first batch.
  void start(const std::vector<Index>& layer_sizes) {
    layers_.resize(layer_sizes.size() - 2);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      layers_[l].step = padded<Scalar>(layer_sizes[l + 1]);
      const auto step = static_cast<std::size_t>(layers_[l].step);
      layers_[l].running_mean.resize(step);
      layers_[l].running_variance.resize(step, Scalar(1));
    }
  }

  std::vector<Layer> layers_;  // hidden layers
  std::vector<Index> counts_;  // samples in each block
  Index block_size_ = 1, blocks_ = 0;
  Index batches_ = 0, batches_with_variance_ = 0;
};

}  // namespace backquery::detail
