/// @file
/// The records of a Trainer after each epoch, and the end of a training.
#include "catch.hpp"

#include <backquery/metrics.hpp>
#include <backquery/training/trainer.hpp>

#include "training_problem.hpp"

#include <algorithm>
#include <cmath>
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

TEST_CASE("a regression has a root mean squared error and R2 in place of an accuracy", "[trainer]") {
  Matrix<double> x(1, 4), t(2, 4);
  x << 1, 2, 3, 4;
  t << 2, 4, 6, 9,  // predicted 2 4 6 8: errors 0 0 0 1, deviations from the mean -3.25 -1.25 0.75 3.75
      1, 1, 1, 1;   // predicted 1 2 3 4: errors 0 1 2 3, no deviations
  const auto loss = GENERATE(Loss::squared_error, Loss::huber);
  NeuralNetwork<double> net({1, 2}, 1., options_with(loss, Activation::identity));
  net.set_weights(0, Vector<double>{{2, 1}});
  auto options = adam(1, 1e-12);
  options.batch_size = GENERATE(1, 3, 4);
  options.threads = GENERATE(1, 2);
  const auto source = matrix_source<double>(x, t);
  const EpochRecord record = Trainer<double>(options).fit(net, source, source).history[0];
  CHECK_FALSE(record.accuracy.has_value());
  CHECK_FALSE(record.validation_accuracy.has_value());
  // The mean over both outputs, as sklearn.metrics.root_mean_squared_error and r2_score.
  CHECK(*record.root_mean_squared_error == Approx((std::sqrt(1 / 4.) + std::sqrt(14 / 4.)) / 2));
  CHECK(*record.r2 == Approx((1 - 1 / 26.75 + 0) / 2));
  CHECK(*record.validation_root_mean_squared_error == Approx(*record.root_mean_squared_error));
  CHECK(*record.validation_r2 == Approx(*record.r2));
}

TEST_CASE("R2 is 1 for perfect predictions and 0 for the mean, also if the targets are far from 0",
          "[trainer]") {
  Matrix<double> x(1, 3), t(1, 3);
  x << -1, 0, 1;
  t << 1e6 - 1, 1e6, 1e6 + 1;
  NeuralNetwork<double> net({1, 1}, 1., options_with(Loss::squared_error, Activation::identity));
  const double weight = GENERATE(1, 0, -1);
  net.set_weights(0, Vector<double>{{weight}});
  net.set_biases(0, Vector<double>{{1e6}});
  const auto record = Trainer<double>(adam(1, 1e-12)).fit(net, matrix_source<double>(x, t)).history[0];
  CHECK(*record.r2 == Approx(weight == 1 ? 1 : weight == 0 ? 0 : -3).margin(1e-6));
}

TEST_CASE("targets name classes if they are two values that mark one output of each sample", "[trainer]") {
  const auto options = [](Activation output) {
    auto network = classifier();
    network.output_activation = output;
    network.loss = output == Activation::softmax ? Loss::cross_entropy : Loss::squared_error;
    return network;
  };
  const auto has_accuracy = [&](Activation output, const Matrix<double>& t) {
    NeuralNetwork<double> net({6, t.rows()}, 1., options(output));
    const auto source = matrix_source<double>(random_matrix<double>(6, t.cols(), -1, 1, 1), t);
    auto trainer = adam(2, 1e-6);
    trainer.batch_size = 2;
    trainer.label_smoothing = t.rows() > 1 ? 0.1 : 0;
    const EpochRecord record = Trainer<double>(trainer).fit(net, source, source).history.back();
    CHECK(record.accuracy.has_value() == record.validation_accuracy.has_value());
    CHECK(record.accuracy.has_value() != record.r2.has_value());
    CHECK(record.r2.has_value() == record.root_mean_squared_error.has_value());
    return record.accuracy.has_value();
  };
  constexpr auto any = Activation::identity;
  CHECK(has_accuracy(any, Matrix<double>{{0, 1, 1, 0, 1}}));
  CHECK(has_accuracy(any, Matrix<double>{{0.01, 0.99, 0.99}}));
  CHECK(has_accuracy(any, Matrix<double>{{-1, 1, -1}}));
  CHECK_FALSE(has_accuracy(any, Matrix<double>{{0, 1, 0.5}}));
  CHECK_FALSE(has_accuracy(any, Matrix<double>{{0, 1, 2}}));
  CHECK_FALSE(has_accuracy(any, Matrix<double>{{3, 7, 3}}));
  CHECK_FALSE(has_accuracy(any, Matrix<double>{{0.1, 0.4, 0.1}}));
  CHECK_FALSE(has_accuracy(any, Matrix<double>{{1, 1, 1}}));
  CHECK(has_accuracy(any, Matrix<double>{{0.1, 0.1, 0.9}, {0.9, 0.9, 0.1}, {0.1, 0.1, 0.1}}));
  CHECK_FALSE(has_accuracy(any, Matrix<double>{{0, 0, 1}, {1, 0.9, 0}}));
  CHECK_FALSE(has_accuracy(any, Matrix<double>{{0, 0, 1}, {1, 1, 1}}));  // two labels
  CHECK_FALSE(has_accuracy(any, Matrix<double>{{0, 0, 1}, {1, 0, 0}}));  // no label
  CHECK(has_accuracy(Activation::softmax, Matrix<double>{{0.3, 0.2, 0.9}, {0.7, 0.8, 0.1}}));
}

TEST_CASE("validation samples of one class have an accuracy, with labels or the targets of the training",
          "[trainer]") {
  const Problem<double> problem(40);
  NeuralNetwork<double> net({6, 1}, 1., options_with(Loss::binary_cross_entropy, Activation::sigmoid));
  const auto evaluated = [&](const auto& training, const auto& validation) {
    const auto record = Trainer<double>(adam(1, 1e-6))
                            .fit(net, matrix_source<double>(problem.x, training),
                                 matrix_source<double>(problem.x, validation))
                            .history[0];
    CHECK(record.accuracy.has_value());
    return record.validation_accuracy.has_value();
  };
  const Matrix<double> t = problem.t.row(0), same = Matrix<double>::Ones(1, 40);
  CHECK(evaluated(t, same));
  CHECK_FALSE(evaluated(t, Matrix<double>(0.5 * same)));
  CHECK(evaluated(std::vector<int>(40, 1), std::vector<int>(40, 0)));
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
