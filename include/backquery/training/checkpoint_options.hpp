/// @file
/// Options of the checkpoints of a training.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/check.hpp>

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace backquery {

/// Options of Trainer::set_checkpoint. A checkpoint is a file with everything that the rest of a training
/// depends on. A training that is killed at any moment and continued ends with the same bits as a training
/// that was not killed, and checkpoints do not change the result.
struct CheckpointOptions {
  /// The file, in an existing folder. It has the complete old or new checkpoint at all times. It is for one
  /// training only. `load` of the file gives the network of the checkpoint.
  std::filesystem::path path;

  /// Batches, counted over all epochs, between two checkpoints. 0: a checkpoint after each epoch. The last
  /// one is saved at the end of the training.
  Index every_batches = 0;

  /// Whether to continue the training of the file, if it exists. false: the file must not exist, so
  /// that a forgotten `resume` does not destroy a checkpoint.
  bool resume = false;

  /// Names and values of further data that determines the result, such as the ranges of a deformation. A
  /// checkpoint with other values is rejected. The options of the training, the network and the samples are
  /// compared without an entry here.
  std::vector<std::pair<std::string, std::string>> recipe = {};

  /// Called after each batch. If it returns true, a checkpoint is saved, and fit throws TrainingStopped. It
  /// may return a variable that a signal handler sets. Unset: the training is never stopped.
  std::function<bool()> stop = {};
};

/// Thrown after CheckpointOptions::stop has returned true. The file has a checkpoint, from which the training
/// can continue.
class TrainingStopped : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

namespace detail {

inline void check_checkpoint(const CheckpointOptions& options) {
  if (options.path.empty()) {
    throw_invalid_argument("Trainer::set_checkpoint: options.path is empty, expected the path of a file");
  }
  const OptionCheck check{"Trainer::set_checkpoint"};
  check(options.every_batches >= 0, "every_batches", options.every_batches, "at least 0");
}

}  // namespace detail

}  // namespace backquery
