/// @file
/// Options and results of a Trainer.
#pragma once

#include <backquery/training/optimization_methods.hpp>
#include <backquery/training/schedule.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace backquery {

/// Options of a Trainer. The learning rate is optimizer.learning_rate. The learning rate of the network is
/// for NeuralNetwork::train only.
struct TrainerOptions {
  int epochs = 10;         ///< passes over the samples, at least 1
  Index batch_size = 128;  ///< samples per step, at least 1; the last batch of an epoch may have fewer

  ScheduleOptions schedule;    ///< factor of the learning rate, over all steps of all epochs
  OptimizerOptions optimizer;  ///< the method and its learning rate

  /// Label smoothing s, 0 to below 1; 0.1 is usual. The targets t become (1 - s) t + s mean(t), column by
  /// column. Label smoothing needs more than one output. C. Szegedy et al., "Rethinking the Inception
  /// architecture for computer vision" (2016), section 7.
  double label_smoothing = 0;

  /// Probability, 0 to below 1, that a node of a hidden layer is dropped, sampled anew for each sample. 0.5
  /// is usual for few samples, 0 to 0.1 for samples that are deformed in every epoch. Dropout needs
  /// ErrorPropagation::gradient. N. Srivastava et al., "Dropout: a simple way to prevent neural networks from
  /// overfitting", JMLR 15 (2014).
  double dropout = 0;

  /// Normalizes the pre-activations of every hidden layer over blocks of 64 samples. After the training, the
  /// normalization is folded into weights and biases. It helps deep networks with relu, leaky_relu or
  /// identity. With sigmoid and tanh, it keeps the nodes near the middle of their range. It needs biases,
  /// ErrorPropagation::gradient and a batch_size of at least 2. A multiple of 64 is advised: a last block of
  /// 2 samples is normalized to -1 and 1, and a single sample to 0, so that hidden weights learn nothing from
  /// these samples. At the start, only the directions of the weights have an effect, so the training of a
  /// trained network starts anew.
  bool batch_normalization = false;

  /// Early stopping: training ends after this number of epochs without a smaller validation loss, and gives
  /// the network with the smallest validation loss. 0: all epochs are trained, and the last network is the
  /// result.
  int patience = 0;

  std::uint64_t seed = 0;  ///< for the order of the samples and for dropout
  /// Total number of threads of one fit, at least 1. The result does not depend on the number of threads, bit
  /// for bit. With more than one thread, the next batch is prepared during the step on the current batch.
  int threads = 1;
};

/// Results of one epoch.
struct EpochRecord {
  int epoch = 0;  ///< 1 for the first epoch
  /// Mean loss of the training samples in their steps: with the parameters before the step, augmentation,
  /// dropout, normalization by blocks and smoothed targets. The validation loss includes none of these.
  double loss = 0;
  double accuracy = 0;       ///< accuracy of the training samples, from the outputs that give the loss
  double learning_rate = 0;  ///< learning rate of the last step
  double seconds = 0;        ///< time of training and validation, without callbacks

  std::optional<double> validation_loss;  ///< mean over the validation samples; unset if there are none
  /// Share of the validation samples with a correct predicted class (see metrics.hpp). For samples with
  /// targets, the class of the largest target is correct.
  std::optional<double> validation_accuracy;
};

/// Result of a training.
struct FitResult {
  std::vector<EpochRecord> history;  ///< one record for each epoch
  /// A message for the user if the trained classifier learned nothing, else empty; see diagnose.
  std::string finding;
};

namespace detail {

inline void check_trainer(const TrainerOptions& options) {
  const OptionCheck check{"Trainer"};
  check(options.epochs >= 1, "epochs", options.epochs, "at least 1");
  check(options.batch_size >= 1, "batch_size", options.batch_size, "at least 1");
  check.share("label_smoothing", options.label_smoothing);
  check.share("dropout", options.dropout);
  check(!options.batch_normalization || options.batch_size >= 2, "batch_size", options.batch_size,
        "at least 2 for batch_normalization");
  check(options.patience >= 0, "patience", options.patience, "at least 0");
  check(options.threads >= 1, "threads", options.threads, "at least 1");
}

}  // namespace detail

}  // namespace backquery
