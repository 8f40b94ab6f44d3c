/// @file
/// Training by mini-batches: steps, order of the samples, and results.
#include "catch.hpp"

#include <backquery/training/trainer.hpp>

#include "tolerance.hpp"
#include "training_problem.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

using backquery::Trainer;
using namespace training_problem;

TEMPLATE_TEST_CASE("one batch of all samples takes the step of their gradient", "[trainer]", float, double) {
  const Problem<TestType> problem(20);
  const auto book = GENERATE(false, true);  // its rule is not the gradient of any loss
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

TEMPLATE_TEST_CASE("the weights, and the validation loss, do not depend on the number of threads",
                   "[trainer]", float, double) {
  const Problem<TestType> problem(300), validation(1700, 2);
  const bool regularized = GENERATE(false, true);
  std::vector<NeuralNetwork<TestType>> trained;
  std::vector<double> losses;
  for (const int threads : {1, 2, 3}) {
    NeuralNetwork<TestType> net({6, 80, 40, 3}, TestType(1), classifier());
    auto options = adam(3, 0.01);
    options.batch_size = 130;
    options.threads = threads;
    options.batch_normalization = regularized;
    options.dropout = regularized ? 0.2 : 0;
    const auto history = Trainer<TestType>(options).fit(net, problem.source(), validation.source()).history;
    losses.push_back(*history.back().validation_loss);
    trained.push_back(net);
  }
  CHECK(same_parameters(trained[0], trained[1]));
  CHECK(same_parameters(trained[0], trained[2]));
  CHECK(losses[0] == losses[1]);
  CHECK(losses[0] == losses[2]);
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

TEST_CASE("the network after training is no worse than the normalized network", "[trainer]") {
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

TEST_CASE("weights updated tile by tile equal weights updated all at once", "[trainer]") {
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

TEST_CASE("the learning rate defaults to the optimizer's usual rate", "[trainer]") {
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
