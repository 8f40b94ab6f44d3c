/// @file
/// Batch normalization, of which nothing is left when the training is over.
#pragma once

#include <backquery/detail/storage.hpp>
#include <backquery/network/parameters.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace backquery {

/// The weighted sums z of the hidden layers are brought to mean 0 and variance 1 over some samples, before
/// the biases are added:
///
///     z' = (z - mean(z)) / sqrt(variance(z) + epsilon)        y = f(z' + b)
///
/// S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep network training by reducing internal
/// covariate shift" (2015), with two changes. There is no factor gamma: behind relu, leaky_relu and identity
/// the next layer's weights do its work. And mean and variance are those of a block of at most 64 samples,
/// not of the whole batch, so that no thread waits for another: ghost batch normalization (E. Hoffer, I.
/// Hubara and D. Soudry, "Train longer, generalize better", 2017).
///
/// For queries, running averages of mean and variance stand in, and become part of the weights and biases:
/// folded(). Trainer calls the others in this order: start_batch, apply and propagate for each block,
/// finish_batch.
template <typename Scalar_>
class BatchNormalization {
 public:
  using Scalar = Scalar_;
  static constexpr double epsilon = 1e-5;

  /// Makes room for a batch of so many samples, in blocks that begin at multiples of `block_size`.
  void start_batch(const std::vector<Index>& layer_sizes, Index samples, Index block_size) {
    block_size_ = block_size;
    blocks_ = detail::ceil_div(samples, block_size);
    layers_.resize(layer_sizes.size() - 2);
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      Layer& layer = layers_[l];
      layer.step = detail::padded<Scalar>(layer_sizes[l + 1]);
      const auto step = static_cast<std::size_t>(layer.step);
      layer.normalized.resize(step * static_cast<std::size_t>(samples));
      for (auto* sums : {&layer.mean, &layer.variance, &layer.biases}) {
        sums->resize(step * static_cast<std::size_t>(blocks_));
      }
      layer.running_mean.resize(step);
      layer.running_variance.resize(step, Scalar(1));
    }
    counts_.resize(static_cast<std::size_t>(blocks_));
  }

  /// From z + b, as a layer's sums are, to z' + b: a block of samples, of which the first has this number in
  /// the batch. Columns and biases are padded.
  void apply(Index layer, Index first, Eigen::Map<const detail::VectorX<Scalar>> b,
             detail::ColumnsMap<Scalar> z) {
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

  /// From the delta in z' + b to that in z, of the same block; `rate` is what deltas are yet to be multiplied
  /// by.
  void propagate(Index layer, Index first, Scalar rate, detail::ColumnsMap<Scalar> d) {
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
      Line(here.biases.data() + block * step + row) = rate * sum;
      sum /= samples;
      product /= samples;
      const Values factor = (ConstLine(here.variance.data() + block * step + row) + Scalar(epsilon)).rsqrt();
      for (Index k = 0; k < d.cols(); ++k) {
        Line delta(d.data() + k * step + row);
        delta = factor * (delta - sum - ConstLine(normalized + k * step) * product);
      }
    }
  }

  /// Sets the gradients of the hidden layers' biases, and takes the batch into the running averages.
  void finish_batch(Parameters<Scalar>& gradients) {
    // The averages look back on 100 batches, or on a tenth of those there were: the first weights are soon
    // forgotten.
    const auto momentum = [](Index batches) {
      return std::max(Scalar(0.01), Scalar(10) / static_cast<Scalar>(batches + 10));
    };
    Scalar samples = 0, freedom = 0;  // a lone sample tells nothing of the variance
    for (const Index count : counts_) {
      samples += static_cast<Scalar>(count);
      freedom += static_cast<Scalar>(count - 1);
    }
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
          variance += count / std::max(freedom, Scalar(1)) * ConstLine(layer.variance.data() + at);
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

  /// The network that needs no normalization: W / sqrt(variance + epsilon), b - mean / sqrt(variance +
  /// epsilon).
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

 private:
  static constexpr Index line = detail::padded<Scalar>(1);
  using Values = Eigen::Array<Scalar, line, 1>;
  using Line = Eigen::Map<Values>;
  using ConstLine = Eigen::Map<const Values>;

  struct Layer {
    Index step = 0;                             // from column to column
    detail::LineVector<Scalar> normalized;      // z', a column a sample
    detail::LineVector<Scalar> mean, variance;  // of z, a column a block
    detail::LineVector<Scalar> biases;          // their gradient, a column a block
    detail::LineVector<Scalar> running_mean, running_variance;
  };

  std::vector<Layer> layers_;  // the hidden ones
  std::vector<Index> counts_;  // samples in each block
  Index block_size_ = 1, blocks_ = 0;
  Index batches_ = 0, batches_with_variance_ = 0;
};

}  // namespace backquery
