/// @file
/// Weights of samples: gradients of the weighted mean loss, sums over batches, and rejected weights.
#include "catch.hpp"

#include <backquery/training/trainer.hpp>

#include "tolerance.hpp"
#include "training_problem.hpp"

#include <cstddef>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace {

using namespace training_problem;
using backquery::balanced_weights;
using backquery::Trainer;
using backquery::weigh;

/// The mean loss with weights, from the losses of single samples.
double weighted_loss(const NeuralNetwork<double>& net, const Problem<double>& problem,
                     const std::vector<double>& weights) {
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto sample = static_cast<Index>(i);
    sum += weights[i] * net.loss(problem.x.col(sample), problem.t.col(sample));
    total += weights[i];
  }
  return sum / total;
}

/// A tenth of the weights are 0.
std::vector<double> some_weights(std::size_t count) {
  std::vector<double> weights;
  for (std::size_t i = 0; i < count; ++i)
    weights.push_back(i % 10 == 3 ? 0 : 0.5 + static_cast<double>(i % 7));
  return weights;
}

TrainerOptions one_step(double rate, Index batch_size = 1000) {
  TrainerOptions options;
  options.epochs = 1;
  options.batch_size = batch_size;
  options.optimizer.learning_rate = rate;
  return options;
}

}  // namespace

TEST_CASE("a step with weights follows the gradient of the weighted mean loss", "[trainer]") {
  const Problem<double> problem(300);  // more than one chunk of the gradients
  const auto weights = some_weights(300);
  auto options = classifier();
  options.hidden_activation = backquery::Activation::tanh;
  const NeuralNetwork<double> start({6, 5, 3}, 1., options);
  auto trained = start;
  const auto history = Trainer<double>(one_step(1)).fit(trained, weigh(problem.source(), weights)).history;
  CHECK(history[0].loss == Approx(weighted_loss(start, problem, weights)).epsilon(1e-13));

  constexpr double step = 0x1p-17;
  auto moved = start;
  double largest = 0;
  for (Index i = 0; i < start.parameters().size(); ++i) {
    const double value = start.parameters()(i);
    const auto loss_at = [&](double other) {
      moved.update_parameters([&](auto values) { values(i) = other; });
      return weighted_loss(moved, problem, weights);
    };
    const double numeric = (loss_at(value + step) - loss_at(value - step)) / (2 * step);
    moved.update_parameters([&](auto values) { values(i) = value; });
    largest = std::max(largest, std::abs(value - trained.parameters()(i) - numeric));
  }
  CHECK(largest <= 1e-9);
}

TEST_CASE("whole weights give the results of repeated samples, for both rules of errors", "[trainer]") {
  const bool book = GENERATE(false, true);
  const Problem<double> problem(12);
  std::vector<double> weights;
  std::vector<Index> repeated;
  for (Index i = 0; i < 12; ++i) {
    weights.push_back(static_cast<double>(i % 4));
    repeated.insert(repeated.end(), static_cast<std::size_t>(i % 4), i);
  }
  const Matrix<double> x = problem.x(Eigen::all, repeated), t = problem.t(Eigen::all, repeated);
  NeuralNetwork<double> weighted({6, 5, 3}, 1., book ? NetworkOptions() : classifier()), expected = weighted;
  const auto result = Trainer<double>(one_step(0.5))
                          .fit(weighted, weigh(problem.source(), weights), weigh(problem.source(), weights));
  const auto other =
      Trainer<double>(one_step(0.5))
          .fit(expected, backquery::matrix_source<double>(x, t), backquery::matrix_source<double>(x, t));
  CHECK(max_difference(weighted.parameters(), expected.parameters()) <= 1e-14);
  CHECK(result.history[0].loss == Approx(other.history[0].loss).epsilon(1e-13));
  CHECK(*result.history[0].validation_loss == Approx(*other.history[0].validation_loss).epsilon(1e-13));
}

TEST_CASE("only the ratios of the weights count, and a batch of weight 0 changes nothing", "[trainer]") {
  const Problem<double> problem(20);
  const NeuralNetwork<double> start({6, 5, 3}, 1., classifier());
  auto plain = start, equal = start, one = start, alone = start;
  Trainer<double>(one_step(0.5, 7)).fit(plain, problem.source());
  Trainer<double>(one_step(0.5, 7)).fit(equal, weigh(problem.source(), std::vector<double>(20, 8)));
  CHECK(max_difference(equal.parameters(), plain.parameters()) <= 1e-14);

  std::vector<double> weights(20, 0);
  weights[4] = 3;
  const auto history = Trainer<double>(one_step(0.5, 1)).fit(one, weigh(problem.source(), weights)).history;
  Trainer<double>(one_step(0.5)).fit(alone, subset(problem.source(), 4, 1));
  CHECK(max_difference(one.parameters(), alone.parameters()) <= 1e-15);
  CHECK(history[0].loss == start.loss(problem.x.col(4), problem.t.col(4)));
}

TEST_CASE("a subset keeps the weights of its samples, and weigh replaces earlier weights", "[trainer]") {
  const Problem<double> problem(6);
  const auto weighted = subset(weigh(problem.source(), std::vector<double>{0, 1, 2, 3, 4, 5}), 2, 3);
  backquery::Samples<double> batch;
  weighted.fill({2, 0}, 1, batch);
  CHECK(batch.weights == std::vector<double>{4, 2});
  batch = {};
  weigh(weighted, std::vector<double>{7, 8, 9}).fill({2, 0}, 1, batch);
  CHECK(batch.weights == std::vector<double>{9, 7});
}

TEST_CASE("balanced weights give every class the same share", "[trainer]") {
  // compute_sample_weight("balanced", labels) of scikit-learn
  const std::vector<int> labels = {0, 0, 0, 3, 3, 1};
  const std::vector<double> expected = {6. / 9, 6. / 9, 6. / 9, 1, 1, 2};
  CHECK(balanced_weights<double>(labels) == expected);
  CHECK(balanced_weights<double>(Eigen::Map<const Eigen::VectorXi>(labels.data(), 6)) == expected);
  CHECK(balanced_weights<float>(std::vector<int>()).empty());
  CHECK_THROWS_WITH(balanced_weights<double>(std::vector<int>{1, -1}),
                    "backquery::balanced_weights: labels[1] is -1, expected at least 0");
}

TEST_CASE("weights that are negative, not finite, all 0 or too few are rejected", "[trainer]") {
  const Problem<double> problem(3);
  CHECK_THROWS_WITH(weigh(problem.source(), std::vector<double>{1, 2}),
                    "backquery::weigh: weights has 2 entries, expected 3, one for each sample");
  CHECK_THROWS_WITH(weigh(problem.source(), std::vector<double>{1, -2, 1}),
                    "backquery::weigh: weights[1] is -2, expected a finite number, at least 0");
  CHECK_THROWS_AS(weigh(problem.source(), {1, 2, std::numeric_limits<double>::quiet_NaN()}),
                  std::invalid_argument);
  NeuralNetwork<double> net({6, 5, 3}, 1., classifier());
  const auto before = net;
  const auto message = [&](const SampleSource<double>& training, const SampleSource<double>& validation) {
    try {
      Trainer<double>(one_step(0.5)).fit(net, training, validation);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const auto zeros = weigh(problem.source(), std::vector<double>(3, 0));
  CHECK(message(zeros, {}) ==
        "backquery::Trainer::fit: training has weights that are all 0, expected at least one above 0");
  CHECK(message(problem.source(), zeros) ==
        "backquery::Trainer::fit: validation has weights that are all 0, expected at least one above 0");
  auto own = problem.source();
  own.fill = [fill = own.fill](const auto& indices, int epoch, auto& batch) {
    fill(indices, epoch, batch);
    batch.weights.assign(indices.size(), -1.);
  };
  CHECK(message(own, {}).find("the weight is -1, expected a finite number, at least 0") != std::string::npos);
  CHECK(same_parameters(net, before));
}

TEST_CASE("a training with weights is not compared with predictions of the most frequent class",
          "[trainer]") {
  // The inputs say nothing, so that balanced weights lead to predictions of all classes, half of them wrong.
  const Index samples = 400;
  std::vector<int> labels(static_cast<std::size_t>(samples), 0);
  for (std::size_t i = 0; i < labels.size(); i += 10) labels[i] = 1;
  const Matrix<double> x = random_matrix<double>(6, samples, -1, 1, 3);
  const auto plain = backquery::matrix_source<double>(x, labels);
  NeuralNetwork<double> net({6, 5, 2}, 1., classifier()), weighted = net;
  CHECK(Trainer<double>(one_step(0.01)).fit(net, plain).finding.find("nothing was learned") !=
        std::string::npos);
  CHECK(
      Trainer<double>(one_step(0.01)).fit(weighted, weigh(plain, balanced_weights<double>(labels))).finding ==
      "");
}
