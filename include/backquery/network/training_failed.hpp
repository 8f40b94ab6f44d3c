/// @file
/// The exception of a training that diverges.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/check.hpp>

#include <stdexcept>
#include <string>

namespace backquery {

/// Thrown if a training diverges: a value becomes NaN or infinite, a weight of NeuralNetwork::train leaves
/// the range of float, or the loss of a Trainer ends far above the loss of a constant prediction. The message
/// names probable causes. Trainer::fit leaves its network unchanged; a callback can copy the network of each
/// epoch. NeuralNetwork::train documents which steps it has applied.
class TrainingFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

/// @param what  the event, in words
/// @param rate  the learning rate, in words
[[noreturn]] inline void throw_training_failed(const char* where, const std::string& what,
                                               const std::string& rate) {
  throw TrainingFailed(message("backquery::", where, ": ", what, ": is the learning rate, ", rate,
                               ", too large? Are the inputs scaled, to 0.01 .. 1 for pixels?"));
}

}  // namespace detail

}  // namespace backquery
