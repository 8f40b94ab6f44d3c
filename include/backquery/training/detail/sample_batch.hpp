/// @file
/// The samples of a batch, checked against the network that uses them.
#pragma once

#include <backquery/detail/thread_pool.hpp>
#include <backquery/metrics.hpp>
#include <backquery/network/neural_network.hpp>
#include <backquery/training/sample_source.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace backquery::detail {

/// Targets of classes, outputs x samples: levels.high in the row of the label and levels.low elsewhere. A
/// single output has levels.high for class 1.
template <typename Scalar>
MatrixX<Scalar> class_targets(const std::vector<int>& labels, Index outputs, const ActivationRange& levels) {
  const auto off = static_cast<Scalar>(levels.low), on = static_cast<Scalar>(levels.high);
  MatrixX<Scalar> t = MatrixX<Scalar>::Constant(outputs, static_cast<Index>(labels.size()), off);
  for (Index i = 0; i < t.cols(); ++i) {
    const int label = labels[static_cast<std::size_t>(i)];
    const int row = outputs > 1 ? label : label - 1;  // a single output is for class 1
    if (row >= 0) {
      t(row, i) = on;
    }
  }
  return t;
}

/// Samples with both labels and targets. Targets are made from labels, or labels from the largest targets.
template <typename Scalar>
struct SampleBatch : Samples<Scalar> {
  std::vector<Index> indices;
  bool has_labels = false;  // whether the source gave labels

  /// Loads the samples with the indices of the batch from the source, in blocks that are tasks of the pool.
  /// @param name  name of the source, at the beginning of messages
  /// @throws std::invalid_argument for samples that do not suit the network
  void fill(const std::string& name, const SampleSource<Scalar>& source, int epoch,
            const NeuralNetwork<Scalar>& network, ThreadPool& pool) {
    const auto count = static_cast<Index>(indices.size());
    this->x.resize(network.inputs(), count);
    this->t.resize(network.outputs(), count);
    this->labels.resize(indices.size());
    this->weights.assign(indices.size(), Scalar(1));
    std::atomic<bool> any_has_labels{false}, any_has_weights{false};
    pool.run(ceil_div(count, most_source_samples), [&](Index block) {
      const Index first = block * most_source_samples, size = (std::min)(most_source_samples, count - first);
      SampleBatch part;
      part.indices.assign(indices.begin() + first, indices.begin() + first + size);
      part.load(name + ".fill", source, epoch, network);
      this->x.middleCols(first, size) = part.x;
      this->t.middleCols(first, size) = part.t;
      std::copy(part.labels.begin(), part.labels.end(), this->labels.begin() + first);
      if (part.has_labels) {
        any_has_labels = true;
      }
      if (!part.weights.empty()) {
        std::copy(part.weights.begin(), part.weights.end(), this->weights.begin() + first);
        any_has_weights = true;
      }
    });
    has_labels = any_has_labels;
    if (!any_has_weights) {
      this->weights.clear();
    }
  }

  [[nodiscard]] LossSum<Scalar> total_weight() const {
    return this->weights.empty()
               ? static_cast<LossSum<Scalar>>(this->x.cols())
               : std::accumulate(this->weights.begin(), this->weights.end(), LossSum<Scalar>(0));
  }

  /// Loads the samples in the calling thread alone.
  void fill(const std::string& name, const SampleSource<Scalar>& source, int epoch,
            const NeuralNetwork<Scalar>& network) {
    ThreadPool caller;
    fill(name, source, epoch, network, caller);
  }

 private:
  void load(const std::string& place, const SampleSource<Scalar>& source, int epoch,
            const NeuralNetwork<Scalar>& network) {
    const auto count = static_cast<Index>(indices.size());
    source.fill(indices, epoch, *this);
    check_shape(place.c_str(), "x", this->x, network.inputs(), count, ", the network's inputs");
    has_labels = !this->labels.empty();
    if (has_labels) {
      check_labels(place, classes_of(network.outputs()));
      this->t = class_targets<Scalar>(this->labels, network.outputs(),
                                      target_levels(network.options().output_activation));
    }
    check_shape(place.c_str(), "t", this->t, network.outputs(), count, ", the network's outputs");
    check_columns(place, network);
    check_weights(place);
    if (!has_labels) {
      for (Index column = 0; column < count; ++column) {
        this->labels.push_back(predicted_class(this->t.col(column)));
      }
    }
  }

  void check_weights(const std::string& place) const {
    if (this->weights.empty()) {
      return;
    }
    check_entries(place.c_str(), "weights", this->weights, static_cast<Index>(indices.size()));
    for (std::size_t i = 0; i < indices.size(); ++i) {
      if (!is_finite(this->weights[i]) || this->weights[i] < 0) {
        throw_invalid_argument(place, " of sample ", indices[i], ": the weight is ", this->weights[i],
                               ", expected a finite number, at least 0");
      }
    }
  }

  void check_labels(const std::string& place, Index classes) const {
    check_entries(place.c_str(), "labels", this->labels, static_cast<Index>(indices.size()));
    for (std::size_t i = 0; i < indices.size(); ++i) {
      if (this->labels[i] < 0 || this->labels[i] >= classes) {
        throw_invalid_argument(place, " of sample ", indices[i], ": the label is ", this->labels[i],
                               ", expected 0 to ", classes - 1, ", the network's classes");
      }
    }
  }

  void check_columns(const std::string& place, const NeuralNetwork<Scalar>& network) const {
    const auto check = [&](const std::string& where, Index first, Index columns) {
      check_finite<Scalar>(where.c_str(), "x", strided(this->x.middleCols(first, columns)));
      check_targets<Scalar>(where.c_str(), network.options().loss, network.options().output_activation,
                            strided(this->t.middleCols(first, columns)));
    };
    try {
      check(place, 0, this->x.cols());
    } catch (const std::invalid_argument&) {  // name the sample: its column in the batch is not its index
      for (Index column = 0; column < this->x.cols(); ++column) {
        check(place + " of sample " + std::to_string(indices[static_cast<std::size_t>(column)]), column, 1);
      }
      throw;
    }
  }
};

}  // namespace backquery::detail
