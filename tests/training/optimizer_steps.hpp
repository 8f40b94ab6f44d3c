/// @file
/// Parameters outside any network, and an optimizer's steps on them.
#pragma once

#include <backquery/training/optimizer.hpp>

#include "matrices.hpp"

#include <cstdint>
#include <vector>

/// Calls use(value) for each weight and bias, but not for the padding: layer by layer, the weights column by
/// column.
template <typename Scalar, typename Use>
void for_each_parameter(backquery::Parameters<Scalar>& parameters, const Use& use) {
  for (Eigen::Index layer = 0; layer < parameters.layers(); ++layer) {
    auto w = parameters.weights(layer);
    for (Eigen::Index column = 0; column < w.cols(); ++column) {
      for (Eigen::Index row = 0; row < w.rows(); ++row) use(w(row, column));
    }
    auto b = parameters.biases(layer);
    for (Eigen::Index row = 0; row < b.size(); ++row) use(b(row));
  }
}

/// Random numbers for the weights and biases, and 0 for the padding.
template <typename Scalar>
backquery::Parameters<Scalar> random_parameters(const std::vector<Eigen::Index>& layer_sizes, bool biases,
                                                std::uint64_t seed) {
  backquery::Parameters<Scalar> parameters(layer_sizes, biases);
  const Vector<Scalar> values = random_matrix<Scalar>(parameters.values().size(), 1, -1, 1, seed);
  Eigen::Index i = 0;
  for_each_parameter(parameters, [&](Scalar& value) { value = values(i++); });
  return parameters;
}

/// One optimizer's step on parameters outside any network.
template <typename Scalar>
void step(backquery::Optimizer<Scalar>& optimizer, backquery::Parameters<Scalar>& parameters,
          const backquery::Parameters<Scalar>& gradients, double rate, int threads = 1) {
  backquery::ThreadPool pool(threads);
  optimizer.step(parameters.values(), gradients, static_cast<Scalar>(rate), pool);
}

inline backquery::OptimizerOptions options_of(backquery::OptimizationMethod method, double momentum = 0,
                                              double weight_decay = 0, double clip_norm = 0) {
  backquery::OptimizerOptions options;
  options.method = method;
  options.momentum = momentum;
  options.weight_decay = weight_decay;
  options.clip_norm = clip_norm;
  return options;
}
