// Trains a classifier with Trainer: shuffled mini-batches, Adam with a one-cycle schedule, digits that are
// deformed at random, and validation after each epoch. Run it in the root folder of this repository.
#include <backquery/backquery.hpp>
#include <backquery/training/query_images.hpp>
#include <backquery/training/trainer.hpp>

#include <cstdio>
#include <exception>

int main() try {
  const auto digits = backquery::read_csv("examples/data/mnist_train_1000.csv");
  const auto test = backquery::read_csv("examples/data/mnist_test_500.csv");
  backquery::NeuralNetwork<float> net({784, 200, 10}, backquery::NetworkOptions::classifier());

  // 900 digits for training, deformed anew in every epoch, and 100 for validation.
  backquery::DeformationRanges ranges;
  ranges.degrees = 10;
  ranges.shift = 1;
  const backquery::Deformation<float> deformation(digits.rows, digits.cols, ranges, 0.01f);
  const auto deformed = backquery::image_source<float>(digits, {deformation}, 1);
  const auto training = backquery::subset(deformed, 0, 900);
  const auto validation = backquery::subset(backquery::image_source<float>(digits), 900, 100);

  backquery::TrainerOptions options;
  options.epochs = 15;
  options.batch_size = 32;
  options.optimizer.method = backquery::OptimizationMethod::adam;
  options.optimizer.learning_rate = 0.003;
  options.schedule = backquery::ScheduleOptions::one_cycle();
  options.threads = 2;  // the trained weights are the same, bit for bit, for any number
  backquery::Trainer<float> trainer(options);
  trainer.on_epoch([](const backquery::EpochRecord& record, const backquery::NeuralNetwork<float>&) {
    std::printf("epoch %2d: loss %.4f, validation accuracy %.2f\n", record.epoch, record.loss,
                *record.validation_accuracy);
    return true;  // false stops the training
  });

  const backquery::FitResult result = trainer.fit(net, training, validation);
  if (!result.finding.empty()) std::printf("%s\n", result.finding.c_str());
  const double accuracy = backquery::accuracy(backquery::query_images(net, test), test.labels);
  std::printf("accuracy on 500 test digits: %.3f\n", accuracy);
  return result.finding.empty() && accuracy > 0.85 ? 0 : 1;
} catch (const std::exception& error) {  // for example if a file is missing, or TrainingFailed
  std::fprintf(stderr, "trainer: %s\n", error.what());
  return 1;
}
