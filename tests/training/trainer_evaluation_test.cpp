/// @file
/// The records of a Trainer after each epoch, and the end of a training.
#include "catch.hpp"

#include <backquery/metrics.hpp>
#include <backquery/training/trainer.hpp>

#include "training_problem.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

using backquery::EpochRecord;
using backquery::Trainer;
using namespace training_problem;

TEST_CASE("the accuracy of an epoch is the accuracy of the outputs before each step", "[trainer]") {
  const Problem<double> problem(300);
  NeuralNetwork<double> net({6, 5, 3}, 1., classifier());
  std::vector<int> labels(300);
  for (Index i = 0; i < 300; ++i) problem.t.col(i).maxCoeff(&labels[static_cast<std::size_t>(i)]);
  const auto accuracy = [&] { return backquery::accuracy(net.query(problem.x), labels); };
  TrainerOptions options;
  options.epochs = 1;
  options.threads = GENERATE(1, 2);
  SECTION("of all samples in one step") {
    const double before = accuracy();
    options.batch_size = 300;
    options.optimizer.learning_rate = 1;
    options.label_smoothing = 0.1;
    CHECK(Trainer<double>(options).fit(net, problem.source()).history[0].accuracy == before);
    CHECK(accuracy() != before);
  }
  SECTION("of batches with negligible steps") {
    const double before = accuracy();
    options.batch_size = GENERATE(7, 64, 128);
    options.optimizer.learning_rate = 1e-12;
    CHECK(Trainer<double>(options).fit(net, problem.source()).history[0].accuracy == before);
  }
}

TEST_CASE("a trainer learns, and evaluates samples that are not used for training", "[trainer]") {
  const bool regularized = GENERATE(false, true);
  const Problem<float> training(1500), validation(4300, 2);  // more than one chunk
  NeuralNetwork<float> net({6, 30, 3}, 1.f, classifier());
  auto options = adam(30, 0.01);
  options.optimizer.learning_rate = 0.02;
  options.schedule = backquery::ScheduleOptions::one_cycle();
  options.batch_normalization = regularized;
  options.dropout = regularized ? 0.05 : 0;
  const auto [history, finding] = Trainer<float>(options).fit(net, training.source(), validation.source());
  CHECK(finding.empty());
  REQUIRE(history.size() == 30);
  CHECK(history.back().loss < history.front().loss / (regularized ? 3 : 4));
  CHECK(*history.back().validation_accuracy > 0.95);
  const auto labels = backquery::predicted_classes(validation.t);
  CHECK(*history.back().validation_accuracy == backquery::accuracy(net.query(validation.x), labels));
  CHECK(*history.back().validation_loss == Approx(net.loss(validation.x, validation.t)));
  CHECK(history[5].learning_rate > history.back().learning_rate);
}

TEST_CASE("early stopping returns the network with the smallest validation loss", "[trainer]") {
  const Problem<double> training(12), validation(300, 2);  // few samples are soon overfitted
  NeuralNetwork<double> net({6, 40, 3}, 1., classifier());
  auto options = adam(400, 0.02);
  options.patience = 5;
  std::vector<double> losses;
  Trainer<double> trainer(options);
  trainer.on_epoch([&](const EpochRecord& record, const NeuralNetwork<double>& now) {
    CHECK(now.loss(validation.x, validation.t) == Approx(*record.validation_loss));
    losses.push_back(*record.validation_loss);
    return true;
  });
  const auto history = trainer.fit(net, training.source(), validation.source()).history;
  REQUIRE(history.size() < 400);
  REQUIRE(losses.size() == history.size());
  const auto best = std::min_element(losses.begin(), losses.end());
  CHECK(losses.end() - best == 6);
  CHECK(net.loss(validation.x, validation.t) == Approx(*best));
}

TEST_CASE("every callback is called after every epoch until one returns false", "[trainer]") {
  const Problem<double> problem(40);
  NeuralNetwork<double> net({6, 5, 3}, 1., classifier());
  const NeuralNetwork<double> before = net;
  Trainer<double> trainer(adam(10, 0.01));
  std::vector<int> calls;
  trainer.on_epoch([&](const EpochRecord& record, const NeuralNetwork<double>& now) {
    calls.push_back(record.epoch);
    CHECK_FALSE(same_parameters(now, before));
    CHECK(same_parameters(net, before));
    return record.epoch < 3;
  });
  trainer.on_epoch([&](const EpochRecord& record, const auto&) {
    calls.push_back(-record.epoch);
    return true;
  });
  CHECK(trainer.fit(net, problem.source()).history.size() == 3);
  CHECK(calls == std::vector<int>{1, -1, 2, -2, 3, -3});
  CHECK_FALSE(same_parameters(net, before));
}
