/// @file
/// Trainer on a deep network, compared with the matrix products of the same layers.
#pragma once

#include "contest.hpp"
#include "digits.hpp"

#include <backquery/training/trainer.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace bench {

inline const std::vector<Index> deep_layers{784, 1500, 1000, 500, 10};

/// An epoch of Trainer: for each batch the gradients of 128 samples and a step of Adam.
inline Contestant epoch_by(int threads, const Samples<float>& samples,
                           const std::vector<Index>& layers = deep_layers, bool normalize = false) {
  backquery::TrainerOptions options;
  options.epochs = 1;
  options.threads = threads;
  options.batch_normalization = normalize;
  options.optimizer.method = backquery::OptimizationMethod::adam;
  options.optimizer.learning_rate = 1e-4;
  const auto trainer = std::make_shared<const backquery::Trainer<float>>(options);
  const auto network = std::make_shared<backquery::NeuralNetwork<float>>(
      layers, 1.0f, backquery::NetworkOptions::classifier());
  const std::string name = "backquery, " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
  const auto source = backquery::matrix_source<float>(samples.x, samples.t);
  return {name, [=] { keep(trainer->fit(*network, source).history.back().loss); }};
}

/// Only the matrix products of the forward and the backward pass: a lower bound of the time of a step with
/// Eigen's products.
class EigenProducts {
 public:
  explicit EigenProducts(Index samples) {
    for (std::size_t l = 0; l < deep_layers.size(); ++l) {
      values_.push_back(Eigen::MatrixXf::Random(deep_layers[l], samples));
      errors_.push_back(Eigen::MatrixXf::Random(deep_layers[l], samples));
      if (l > 0) weights_.push_back(Eigen::MatrixXf::Random(deep_layers[l], deep_layers[l - 1]));
    }
    gradients_ = weights_;
  }

  void run() {
    for (std::size_t l = 0; l < weights_.size(); ++l) {
      values_[l + 1].noalias() = weights_[l] * values_[l];
      gradients_[l].noalias() = errors_[l + 1] * values_[l].transpose();
      if (l > 0) errors_[l].noalias() = weights_[l].transpose() * errors_[l + 1];
    }
    keep(gradients_.back()(0));
  }

 private:
  std::vector<Eigen::MatrixXf> weights_, gradients_, values_, errors_;
};

inline void run_training_contests(const Session& session, Index count) {
  constexpr Index batch_size = 128;
  const auto samples = dense_samples<float>(784, 10, count / batch_size * batch_size);
  const auto products = std::make_shared<EigenProducts>(batch_size);
  const Contestant eigen{"Eigen's products alone", [=, &samples] {
                           for (Index first = 0; first < samples.x.cols(); first += batch_size)
                             products->run();
                         }};
  const auto amount = static_cast<double>(samples.x.cols());
  session.run({"Trainer, 784-1500-1000-500-10", "samples", amount, {epoch_by(1, samples), eigen}});
  session.run({"Trainer, 784-1500-1000-500-10, 2 threads",
               "samples",
               amount,
               {epoch_by(2, samples), epoch_by(1, samples)}});
  // The networks of rungs 4 and 7 of mnist_ladder, which contestants.py trains with PyTorch.
  for (const int threads : {1, 2}) {
    const std::string end = threads == 1 ? "" : ", 2 threads";
    session.run(
        {"Trainer, 784-800-10" + end, "samples", amount, {epoch_by(threads, samples, {784, 800, 10})}});
    session.run({"Trainer, 784-1500-1000-500-10, batch normalization" + end,
                 "samples",
                 amount,
                 {epoch_by(threads, samples, deep_layers, true)}});
  }
}

}  // namespace bench
