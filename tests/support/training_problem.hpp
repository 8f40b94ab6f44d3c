/// @file
/// A small problem of three classes for the tests of Trainer, and training options that solve it.
#pragma once

#include <backquery/training/trainer.hpp>

#include "matrices.hpp"

#include <cstdint>

namespace training_problem {

using backquery::Activation;
using backquery::Index;
using backquery::Loss;
using backquery::matrix_source;
using backquery::NetworkOptions;
using backquery::NeuralNetwork;
using backquery::OptimizationMethod;
using backquery::SampleSource;
using backquery::TrainerOptions;

inline NetworkOptions classifier() {
  NetworkOptions options;
  options.hidden_activation = Activation::tanh;
  options.output_activation = Activation::softmax;
  options.loss = Loss::cross_entropy;
  options.error_propagation = backquery::ErrorPropagation::gradient;
  options.biases = true;
  return options;
}

/// The options of `classifier` with another loss and output activation.
inline NetworkOptions options_with(Loss loss, Activation output) {
  auto options = classifier();
  options.loss = loss;
  options.output_activation = output;
  return options;
}

/// The class of a sample is the range of the mean of its inputs: below -0.15, below 0.15, or above.
template <typename Scalar>
struct Problem {
  Matrix<Scalar> x, t;
  explicit Problem(Index samples, std::uint64_t seed = 1)
      : x(random_matrix<Scalar>(6, samples, -1, 1, seed)) {
    t = Matrix<Scalar>::Zero(3, samples);
    for (Index i = 0; i < samples; ++i) {
      const Scalar mean = x.col(i).mean();
      t(mean < Scalar(-0.15) ? 0 : mean < Scalar(0.15) ? 1 : 2, i) = 1;
    }
  }
  [[nodiscard]] SampleSource<Scalar> source() const { return matrix_source<Scalar>(x, t); }
};

inline TrainerOptions adam(int epochs, double rate) {
  TrainerOptions options;
  options.epochs = epochs;
  options.batch_size = 32;
  options.optimizer.method = OptimizationMethod::adam;
  options.optimizer.learning_rate = rate;
  return options;
}

template <typename Scalar>
bool same_parameters(const NeuralNetwork<Scalar>& a, const NeuralNetwork<Scalar>& b) {
  return a.parameters() == b.parameters();
}

}  // namespace training_problem
