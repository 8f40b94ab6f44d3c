/// @file
/// Networks and sources that a Trainer rejects.
#pragma once

#include <backquery/network/neural_network.hpp>
#include <backquery/training/sample_source.hpp>
#include <backquery/training/trainer_options.hpp>

namespace backquery::detail {

inline void check_regularization(const TrainerOptions& options, const NetworkOptions& network) {
  const bool by_gradient = network.error_propagation == ErrorPropagation::gradient;
  if (options.batch_normalization && !(network.biases && by_gradient)) {
    throw_invalid_argument(
        "Trainer::fit: options.batch_normalization is true, which needs a network with biases and "
        "ErrorPropagation::gradient");
  }
  if (options.dropout > 0 && !by_gradient) {
    throw_invalid_argument("Trainer::fit: options.dropout is ", options.dropout,
                           ", which needs a network with ErrorPropagation::gradient");
  }
}

template <typename Scalar>
void check_sources(const TrainerOptions& options, const NeuralNetwork<Scalar>& network,
                   const SampleSource<Scalar>& training, const SampleSource<Scalar>& validation) {
  const auto check = [](const char* argument, const SampleSource<Scalar>& source, Index least) {
    if (source.samples < least || (source.samples > 0 && !source.fill)) {
      throw_invalid_argument("Trainer::fit: ", argument, " has ", source.samples, " samples",
                             source.fill ? "" : " and no fill", ", expected at least ", least, " and a fill");
    }
  };
  check("training", training, 1);
  check("validation", validation, 0);
  if (options.label_smoothing > 0 && network.outputs() == 1) {
    throw_invalid_argument("Trainer::fit: options.label_smoothing is ", options.label_smoothing,
                           ", but a single output is its own mean; expected 0");
  }
  if (options.patience > 0 && validation.samples == 0) {
    throw_invalid_argument("Trainer::fit: options.patience is ", options.patience,
                           ", which waits for the validation loss, but validation has 0 samples");
  }
}

}  // namespace backquery::detail
