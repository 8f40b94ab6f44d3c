// Trains a network by Trainer with everything that a checkpoint has: Adam, a schedule, dropout, batch
// normalization, early stopping.
//
//     checkpoint_training EPOCHS MODEL               writes the trained network to MODEL
//     checkpoint_training EPOCHS MODEL CHECKPOINT    continues the training of the checkpoint, if it exists
#include <backquery/model/save.hpp>
#include <backquery/training/trainer.hpp>

#include <Eigen/Core>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>

namespace {

void train(int epochs, const char* model, const char* checkpoint) {
  Eigen::MatrixXf x(6, 250), t(2, 250);
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    const backquery::detail::CounterRng random(1, static_cast<std::uint64_t>(i));
    x(i) = static_cast<float>(backquery::detail::uniform_symmetric(random(0)));
  }
  for (Eigen::Index i = 0; i < x.cols(); ++i) {
    t.col(i) = Eigen::Vector2f::Unit(x.col(i).sum() > 0 ? 1 : 0);
  }
  const auto samples = backquery::matrix_source<float>(x, t);

  backquery::TrainerOptions options;
  options.epochs = epochs;
  options.batch_size = 64;
  options.optimizer.method = backquery::OptimizationMethod::adam;
  options.optimizer.learning_rate = 0.01;
  options.schedule = backquery::ScheduleOptions::one_cycle();
  options.dropout = 0.2;
  options.batch_normalization = true;
  options.patience = epochs;
  options.threads = 2;
  backquery::Trainer<float> trainer(options);
  if (checkpoint != nullptr) {
    backquery::CheckpointOptions checkpoints;
    checkpoints.path = checkpoint;
    checkpoints.every_batches = 2;
    checkpoints.resume = true;
    trainer.set_checkpoint(checkpoints);
  }
  backquery::NeuralNetwork<float> network({6, 20, 10, 2}, backquery::NetworkOptions::classifier());
  trainer.fit(network, subset(samples, 0, 200), subset(samples, 200, 50));
  backquery::save(network, model);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    train(std::atoi(argv[1]), argv[2], argc > 3 ? argv[3] : nullptr);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "checkpoint_training: " << error.what() << '\n';
    return 1;
  }
}
