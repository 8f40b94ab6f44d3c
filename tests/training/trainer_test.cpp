/// @file
/// Training by mini-batches: steps, order of the samples, evaluation and early end.
#include "catch.hpp"

#include <backquery/metrics.hpp>
#include <backquery/training/trainer.hpp>

#include "tolerance.hpp"
#include "training_problem.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

using backquery::EpochRecord;
using backquery::Trainer;
using namespace training_problem;

TEMPLATE_TEST_CASE("one batch of all samples takes the step of their gradient", "[trainer]", float, double) {
  const Problem<TestType> problem(20);
  const auto book = GENERATE(false, true);  // its rule is the gradient of no loss
  NeuralNetwork<TestType> net({6, 5, 3}, TestType(1), book ? NetworkOptions() : classifier()), expected = net;
  TrainerOptions options;
  options.epochs = 1;
  options.batch_size = 100;
  options.optimizer.learning_rate = 0.5;
  const auto history = Trainer<TestType>(options).fit(net, problem.source()).history;

  typename NeuralNetwork<TestType>::Gradients gradients;
  backquery::Workspace<TestType> workspace;
  const TestType loss = expected.gradients(problem.x, problem.t, gradients, workspace);
  expected.step(gradients, TestType(0.5));
  // The order of the samples differs.
  CHECK(max_difference(net.parameters(), expected.parameters()) <= tolerance<TestType>(8, 1e-14));
  REQUIRE(history.size() == 1);
  CHECK(history[0].epoch == 1);
  CHECK(history[0].loss == Approx(loss));
  CHECK(history[0].learning_rate == 0.5);
  CHECK(history[0].seconds > 0);
  CHECK_FALSE(history[0].validation_loss.has_value());
}

TEST_CASE("steps on images with a background are the steps of their gradients", "[trainer]") {
  const Matrix<double> x = random_images<double>(100, 20, 0.01, 1);
  Matrix<double> t = Matrix<double>::Zero(3, 20);
  for (Index i = 0; i < 20; ++i) t(i % 3, i) = 1;
  NeuralNetwork<double> net({100, 5, 3}, 1., classifier()), expected = net;
  TrainerOptions options;
  options.epochs = 10;
  options.batch_size = 20;
  options.optimizer.learning_rate = 0.5;
  Trainer<double>(options).fit(net, matrix_source<double>(x, t));

  NeuralNetwork<double>::Gradients gradients;
  backquery::Workspace<double> workspace;
  for (int step = 0; step < 10; ++step) {
    expected.gradients(x, t, gradients, workspace);
    expected.step(gradients, 0.5);
  }
  CHECK(max_difference(net.parameters(), expected.parameters()) <= 1e-12);
}

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

TEST_CASE("every epoch takes each sample once, in an order that depends on the seed", "[trainer]") {
  const Problem<double> problem(50);
  const auto orders = [&](std::uint64_t seed) {
    std::vector<std::vector<Index>> taken(3);
    std::vector<std::size_t> sizes;
    auto source = problem.source();
    source.fill = [&, plain = source.fill](const std::vector<Index>& indices, int epoch, auto& batch) {
      if (epoch > 0) {
        auto& of_epoch = taken[static_cast<std::size_t>(epoch - 1)];
        of_epoch.insert(of_epoch.end(), indices.begin(), indices.end());
        sizes.push_back(indices.size());
      }
      plain(indices, epoch, batch);
    };
    NeuralNetwork<double> net({6, 5, 3}, 1., classifier());
    auto options = adam(3, 0.01);
    options.batch_size = 16;
    options.seed = seed;
    Trainer<double>(options).fit(net, source);
    CHECK(sizes == std::vector<std::size_t>{16, 16, 16, 2, 16, 16, 16, 2, 16, 16, 16, 2});
    return taken;
  };
  const auto first = orders(1);
  std::vector<Index> all(50);
  for (Index i = 0; i < 50; ++i) all[static_cast<std::size_t>(i)] = i;
  for (auto order : first) {
    CHECK(order != all);
    std::sort(order.begin(), order.end());
    CHECK(order == all);
  }
  CHECK(first[0] != first[1]);
  CHECK(first[1] != first[2]);
  CHECK(orders(1) == first);
  CHECK(orders(2)[0] != first[0]);
}

TEST_CASE("it learns, and evaluates samples that it was not trained on", "[trainer]") {
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

TEST_CASE("the network after training is no worse than the normalized one", "[trainer]") {
  const Problem<float> problem(1280);
  NeuralNetwork<float> net({6, 30, 20, 3}, 1.f, NetworkOptions::classifier());
  auto options = adam(8, 0.02);                                // 40 steps
  options.schedule = backquery::ScheduleOptions::one_cycle();  // the last steps are small
  options.batch_size = 256;
  options.batch_normalization = true;
  const auto history = Trainer<float>(options).fit(net, problem.source()).history;
  CHECK(history.back().loss < 0.5 * history.front().loss);
  CHECK(net.loss(problem.x, problem.t) < 1.02 * history.back().loss);  // without the noise of blocks
}

TEST_CASE("without hidden layers normalization and dropout change nothing", "[trainer]") {
  const Problem<double> problem(100);
  NeuralNetwork<double> plain({6, 3}, 1., classifier()), regularized = plain;
  auto options = adam(3, 0.1);
  Trainer<double>(options).fit(plain, problem.source());
  options.batch_normalization = true;
  options.dropout = 0.5;
  Trainer<double>(options).fit(regularized, problem.source());
  CHECK(same_parameters(plain, regularized));
}

TEST_CASE("XOR is learned from every one of 20 seeds", "[trainer]") {
  Matrix<double> x(2, 4), t(1, 4);
  x << 0, 0, 1, 1, 0, 1, 0, 1;
  t << 0, 1, 1, 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    NetworkOptions network;
    network.hidden_activation = Activation::tanh;
    network.loss = Loss::binary_cross_entropy;
    network.error_propagation = backquery::ErrorPropagation::gradient;
    network.biases = true;
    network.seed = seed;
    NeuralNetwork<double> net({2, 4, 1}, 1., network);
    auto options = adam(1000, 0.05);
    options.batch_size = 4;
    Trainer<double>(options).fit(net, matrix_source<double>(x, t));
    const Matrix<double> y = net.query(x);
    CHECK(max_difference(y, t) < 0.1);
  }
}

TEST_CASE("label smoothing moves the targets toward their mean", "[trainer]") {
  const Problem<double> problem(20);
  NeuralNetwork<double> smoothed({6, 5, 3}, 1., classifier()), expected = smoothed;
  TrainerOptions options;
  options.epochs = 3;
  options.label_smoothing = 0.3;
  Trainer<double>(options).fit(smoothed, problem.source());

  const Matrix<double> by_hand = (problem.t.array() * 0.7 + 0.1).matrix();  // a third of 0.3 for each class
  options.label_smoothing = 0;
  Trainer<double>(options).fit(expected, matrix_source<double>(problem.x, by_hand));
  CHECK(max_difference(smoothed.parameters(), expected.parameters()) <= 1e-14);
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

TEST_CASE("weights are the same if they are updated tile by tile or all at once", "[trainer]") {
  const Problem<double> problem(700);
  const auto trained = [&](double clip_norm, Index batch_size, bool normalizes) {
    NeuralNetwork<double> net({6, 70, 5, 3}, 1., classifier());
    auto options = adam(3, 0.01);
    options.batch_size = batch_size;
    options.batch_normalization = normalizes;
    options.optimizer.clip_norm = clip_norm;
    Trainer<double>(options).fit(net, problem.source());
    return net;
  };
  for (const Index batch_size : {100, 600}) {
    for (const bool normalizes : {false, true}) {
      CAPTURE(batch_size, normalizes);
      // Clipping waits for all gradients; no norm here is as large as 1e30.
      CHECK(same_parameters(trained(0, batch_size, normalizes), trained(1e30, batch_size, normalizes)));
    }
  }
}

TEST_CASE("the learning rate defaults to the optimizer's usual one", "[trainer]") {
  using backquery::OptimizationMethod;
  const Problem<double> problem(30);
  const backquery::ScheduleOptions cosine{backquery::ScheduleShape::cosine};
  const auto rate_of = [&](OptimizationMethod method, double momentum) {
    NeuralNetwork<double> net({6, 5, 3}, 1., classifier());
    TrainerOptions options;
    options.epochs = 1;
    options.optimizer.method = method;
    options.optimizer.momentum = momentum;
    options.schedule = cosine;
    return Trainer<double>(options).fit(net, problem.source()).history.back().learning_rate;
  };
  CHECK(rate_of(OptimizationMethod::sgd, 0) == 0.1);
  CHECK(rate_of(OptimizationMethod::sgd, 0.9) == Approx(0.01));
  CHECK(rate_of(OptimizationMethod::rmsprop, 0) == 0.001);
  CHECK(rate_of(OptimizationMethod::rmsprop, 0.9) == Approx(0.0001));
  CHECK(rate_of(OptimizationMethod::adam, 0) == 0.001);
}

TEST_CASE("views of the network stay valid, and the batch size has no upper limit", "[trainer]") {
  const Problem<double> problem(30);
  NeuralNetwork<double> net({6, 5, 3}, 1., classifier());
  const auto weights = net.weights(0);
  const Matrix<double> before = weights;
  auto options = adam(2, 0.01);
  options.batch_size = std::numeric_limits<Index>::max();
  const auto history = Trainer<double>(options).fit(net, problem.source()).history;
  CHECK(history.back().loss > 0);
  CHECK(history.back().learning_rate == 0.01);
  CHECK(weights == net.weights(0));
  CHECK(weights != before);
}

TEMPLATE_TEST_CASE("labels train as the targets of the output activation do", "[trainer]", float, double) {
  using Scalar = TestType;
  const auto [activation, off, on] =
      GENERATE(table<Activation, double, double>({{Activation::softmax, 0, 1},
                                                  {Activation::sigmoid, 0.01, 0.99},
                                                  {Activation::tanh, -0.98, 0.98},
                                                  {Activation::scaled_tanh, -0.98 * 1.7159, 0.98 * 1.7159},
                                                  {Activation::identity, 0, 1},
                                                  {Activation::relu, 0, 1},
                                                  {Activation::leaky_relu, 0, 1}}));
  auto network = classifier();
  network.output_activation = activation;
  if (activation != Activation::softmax) network.loss = Loss::squared_error;
  const Index outputs = activation == Activation::softmax ? 3 : GENERATE(1, 3);
  NeuralNetwork<Scalar> by_labels({6, 5, outputs}, network), by_targets = by_labels;
  const Problem<Scalar> problem(50);
  std::vector<int> labels;
  Matrix<Scalar> t = Matrix<Scalar>::Constant(outputs, 50, Scalar(off));
  for (Index i = 0; i < 50; ++i) {
    labels.push_back(static_cast<int>(i % (outputs == 1 ? 2 : 3)));
    if (outputs == 3) t(labels.back(), i) = Scalar(on);
    if (outputs == 1 && labels.back() == 1) t(0, i) = Scalar(on);
  }
  const Trainer<Scalar> trainer(adam(2, 0.01));
  const auto expected = matrix_source<Scalar>(problem.x, t);
  const auto given = matrix_source<Scalar>(problem.x, labels);
  const auto wanted = trainer.fit(by_targets, expected, expected).history.back();
  const auto actual = trainer.fit(by_labels, given, given).history.back();
  CHECK(max_difference(by_labels.parameters(), by_targets.parameters()) <= 1e-6);
  CHECK(actual.accuracy == wanted.accuracy);
  CHECK(*actual.validation_accuracy == backquery::accuracy(by_labels.query(problem.x), labels));
  CHECK(*actual.validation_loss == Approx(by_labels.loss(problem.x, t)));
}
