/// @file
/// Checkpoints of a Trainer: a stopped and resumed training ends with the same bits as an undisturbed one.
#include "checkpoint_training.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

using backquery::EpochRecord;
using namespace training_problem;

namespace {

/// Everything of a history but the seconds.
auto epoch_results(const FitResult& result) {
  std::vector<
      std::tuple<int, double, std::optional<double>, std::optional<double>, std::optional<double>, double,
                 std::optional<double>, std::optional<double>, std::optional<double>, std::optional<double>>>
      all;
  for (const EpochRecord& record : result.history) {
    const auto& [epoch, loss, accuracy, error, r2, rate, seconds, validation_loss, validation_accuracy,
                 validation_error, validation_r2] = record;
    CHECK(seconds > 0);
    all.emplace_back(epoch, loss, accuracy, error, r2, rate, validation_loss, validation_accuracy,
                     validation_error, validation_r2);
  }
  return all;
}

}  // namespace

TEMPLATE_TEST_CASE("a training that is stopped after any batch and resumed ends with the same bits",
                   "[checkpoint]", float, double) {
  const auto variant = GENERATE(0u, 1u, 2u, 3u);
  const bool regression = GENERATE(false, true);
  CAPTURE(variant, regression);
  std::size_t epochs = 3;
  for (int stop = 1; stop <= 3 * static_cast<int>(epochs); ++stop) {
    CAPTURE(stop);
    CheckpointedTraining<TestType> training;
    if (regression) {
      training.start = {{6, 5, 4, 3}, TestType(1), options_with(Loss::squared_error, Activation::identity)};
      training.problem.t(0, 7) = TestType(0.5);  // without this target, the targets would name classes
    }
    checkpoint_variants[variant](training.options);
    const auto expected = training.fit_without_checkpoint();
    const auto trained = training.net;
    epochs = expected.history.size();  // fewer with early stopping
    CHECK(training.is_stopped_after(stop));
    training.options.threads = 2;  // the number of threads may change
    const auto result = training.resume();
    CHECK(same_parameters(training.net, trained));
    CHECK(epoch_results(result) == epoch_results(expected));
    CHECK(result.finding == expected.finding);
  }
}

TEST_CASE("early stopping, a callback and many interruptions do not change the result", "[checkpoint]") {
  CheckpointedTraining<double> training;
  checkpoint_variants[1](training.options);
  training.options.epochs = 100;
  const auto expected = training.fit_without_checkpoint();
  REQUIRE(expected.history.size() < 100);
  const auto trained = training.net;
  int fits = 0;
  training.checkpoint.every_batches = 2;  // no effect on where it is stopped
  training.checkpoint.resume = true;
  while (training.is_stopped_after(1)) ++fits;
  CHECK(fits == static_cast<int>(expected.history.size()) * 3);
  CHECK(same_parameters(training.net, trained));
  CHECK(epoch_results(training.resume()) == epoch_results(expected));  // of a complete training
  CHECK(same_parameters(training.net, trained));
  CHECK_THROWS_WITH(
      [&] {
        std::filesystem::remove(training.checkpoint.path);
        training.fit(4);
      }(),
      training.checkpoint.path.string() + ": has the checkpoint of a training that was stopped in epoch 2");
}

TEST_CASE("resume does not continue a training that a callback ended", "[checkpoint]") {
  CheckpointedTraining<double> training;
  training.checkpoint.resume = true;
  int calls = 0;
  for (const int expected_calls : {2, 2}) {
    Trainer<double> trainer(training.options);
    trainer.set_checkpoint(training.checkpoint);
    trainer.on_epoch([&calls](const EpochRecord& record, const auto&) { return ++calls, record.epoch < 2; });
    training.net = training.start;
    CHECK(trainer.fit(training.net, training.problem.source()).history.size() == 2);
    CHECK(calls == expected_calls);
    CHECK_FALSE(same_parameters(training.net, training.start));
  }
}

TEST_CASE("checkpoints are saved after each epoch, or after a number of batches", "[checkpoint]") {
  for (const Index every : {Index(0), Index(1), Index(2), Index(100)}) {
    CAPTURE(every);
    CheckpointedTraining<float> training;
    training.checkpoint.every_batches = every;
    int batch = 0, saved = 0, last_saved = 0;
    const std::string path = training.checkpoint.path.string();
    training.checkpoint.stop = [&] {
      if (std::filesystem::exists(path)) {
        ++saved;
        last_saved = batch;
        std::filesystem::remove(path);
      }
      ++batch;
      return false;
    };
    Trainer<float> trainer(training.options);
    trainer.set_checkpoint(training.checkpoint);
    trainer.fit(training.net, training.problem.source());
    CHECK(saved == (every == 0 ? 2 : every == 1 ? 8 : every == 2 ? 4 : 0));
    CHECK(last_saved == (every == 0 ? 6 : every == 1 || every == 2 ? 8 : 0));
    CHECK(std::filesystem::exists(path));  // at the end
  }
}

TEST_CASE("load of a checkpoint gives the network of its batch", "[checkpoint]") {
  for (const unsigned variant : {0u, 3u}) {
    CheckpointedTraining<float> training;
    checkpoint_variants[variant](training.options);
    training.options.epochs = 1;  // the shape constant does not depend on the number of epochs
    training.options.schedule = {};
    training.fit();
    auto loaded = backquery::load<float>(training.checkpoint.path);
    CHECK(same_parameters(loaded, training.net));
    CHECK(loaded.options().loss == Loss::cross_entropy);
  }
}
