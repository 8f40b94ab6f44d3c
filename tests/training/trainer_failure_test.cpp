/// @file
/// Diverging trainings, and samples that do not suit the network, give a message and leave the network
/// unchanged.
#include "catch.hpp"

#include <backquery/training/trainer.hpp>

#include "training_problem.hpp"

#include <limits>
#include <stdexcept>
#include <vector>

using backquery::Samples;
using backquery::Trainer;
using backquery::TrainingFailed;
using Catch::Matchers::ContainsSubstring;
using namespace training_problem;
using Indices = std::vector<Index>;

namespace {

/// Checks that a fit throws this message and leaves the network as it was.
template <typename Message>
void check_fails(const Trainer<double>& trainer, const SampleSource<double>& training,
                 const SampleSource<double>& validation, const Message& message,
                 const NetworkOptions& options = classifier()) {
  NeuralNetwork<double> net({6, 5, 3}, options);
  const NeuralNetwork<double> before = net;
  CHECK_THROWS_WITH(trainer.fit(net, training, validation), message);
  CHECK(same_parameters(net, before));
}

}  // namespace

TEST_CASE("a training loss that is not finite ends the training", "[trainer]") {
  const Problem<double> problem(40);
  NetworkOptions linear;
  linear.hidden_activation = linear.output_activation = Activation::identity;
  TrainerOptions options;
  options.optimizer.learning_rate = 1e200;
  check_fails(Trainer<double>(options), problem.source(), {},
              ContainsSubstring("in epoch") && ContainsSubstring("learning rate, up to 1e+200"), linear);
  NeuralNetwork<double> net({6, 5, 3}, linear);
  CHECK_THROWS_AS(Trainer<double>(options).fit(net, problem.source()), TrainingFailed);
}

TEST_CASE("a validation loss that is not finite ends the training", "[trainer]") {
  const Problem<double> problem(40);
  Matrix<double> far = problem.t;
  far(0) = 1e300;
  NetworkOptions linear;
  linear.output_activation = Activation::identity;
  check_fails(Trainer<double>(), problem.source(), matrix_source<double>(problem.x, far),
              ContainsSubstring("the validation loss became infinite in epoch 1"), linear);
}

TEST_CASE("a training that ends far above the loss of the mean of its targets fails", "[trainer]") {
  const double size[13] = {9, 12, 11, 0.3, 0.55, 6.3, 70, 3.8, 9, 400, 18, 350, 12};
  Matrix<double> x = random_matrix<double>(13, 506, 0.5, 1.5, 1);
  for (Index i = 0; i < 13; ++i) x.row(i) *= size[i];
  Matrix<double> t = 22 + 6 * (x.row(5).array() - 6.3) - 0.7 * (x.row(12).array() - 12);
  auto options = NetworkOptions::classifier();
  options.output_activation = Activation::identity;
  options.loss = GENERATE(Loss::squared_error, Loss::huber);
  TrainerOptions trainer;
  trainer.epochs = 20;
  NeuralNetwork<double> net({13, 100, 1}, options);
  const NeuralNetwork<double> before = net;
  SECTION("for any learning rate that is too large") {
    trainer.optimizer.learning_rate = GENERATE(0.1, 0.01, 0.001);
    options.loss = Loss::squared_error;
    const Index outputs = GENERATE(1, 3);
    t = t.replicate(outputs, 1).eval();
    net = NeuralNetwork<double>({13, 100, outputs}, options);
    const NeuralNetwork<double> initial = net;
    CHECK_THROWS_AS(Trainer<double>(trainer).fit(net, matrix_source<double>(x, t)), TrainingFailed);
    CHECK(same_parameters(net, initial));
  }
  SECTION("and names the learning rate, and inputs and targets that are not scaled") {
    trainer.epochs = 2;
    trainer.optimizer.learning_rate = 1e-30;  // the loss stays as it is
    CHECK_THROWS_WITH(Trainer<double>(trainer).fit(net, matrix_source<double>(1e3 * x, t)),
                      ContainsSubstring("backquery::Trainer::fit: the loss ended above 100 times the loss of "
                                        "the mean of the targets: is the learning rate, up to 1e-30") &&
                          ContainsSubstring("the inputs are not scaled: the largest is ") &&
                          ContainsSubstring("in row 9 of x") &&
                          ContainsSubstring("the targets are not scaled"));
    CHECK(same_parameters(net, before));
  }
  SECTION("but not on the way to targets far from 0") {
    for (Index i = 0; i < 13; ++i) x.row(i) = x.row(i).array() / size[i] - 1;
    t = 100 + (t.array() - t.mean()) / 10;
    CHECK_FALSE(Trainer<double>(adam(1, 1e-4)).fit(net, matrix_source<double>(x, t)).finding.empty());
    CHECK_FALSE(same_parameters(net, before));
  }
  SECTION("but not with scaled inputs and targets") {
    for (Index i = 0; i < 13; ++i) x.row(i) = x.row(i).array() / size[i] - 1;
    t = (t.array() - t.mean()) / 10;
    const auto result = Trainer<double>(adam(30, 0.01)).fit(net, matrix_source<double>(x, t));
    CHECK(*result.history.back().r2 > 0.9);
    CHECK(result.finding.empty());
  }
}

TEST_CASE("rare labels with a cross-entropy, and equal targets, are not reported as diverged", "[trainer]") {
  const Problem<double> problem(120);
  auto options = classifier();
  const bool rare = GENERATE(false, true);
  options.output_activation = rare ? Activation::sigmoid : Activation::identity;
  options.loss = rare ? Loss::binary_cross_entropy : Loss::squared_error;
  Matrix<double> t = Matrix<double>::Zero(2, 120);
  if (rare) t.col(70).setOnes();
  if (!rare) t.colwise() = Vector<double>{{0.1, 22.1}};
  NeuralNetwork<double> net({6, 5, 2}, options);
  net.set_biases(1, Vector<double>::Constant(2, 50));  // the worst predictions
  CHECK_NOTHROW(Trainer<double>(adam(1, 1e-9)).fit(net, matrix_source<double>(problem.x, t)));
}

TEST_CASE("exceptions of callbacks and sources pass through fit", "[trainer]") {
  const Problem<double> problem(40);
  Trainer<double> trainer;
  trainer.on_epoch([](const auto&, const auto&) -> bool { throw std::runtime_error("no paper"); });
  check_fails(trainer, problem.source(), {}, "no paper");

  auto source = problem.source();
  source.fill = [plain = source.fill](const Indices& indices, int epoch, Samples<double>& batch) {
    if (epoch == 2) throw std::runtime_error("no more samples");
    plain(indices, epoch, batch);
  };
  check_fails(Trainer<double>(), source, {}, "no more samples");
}

TEST_CASE("samples that do not have the sizes of the network are rejected", "[trainer]") {
  const Problem<double> problem(40);
  const Matrix<double> wide = Matrix<double>::Zero(7, 40), tall = Matrix<double>::Zero(4, 40);
  check_fails(Trainer<double>(), matrix_source<double>(wide, problem.t), {},
              "backquery::Trainer::fit: training.fill: x has 7 rows, expected 6, the network's inputs");
  check_fails(Trainer<double>(), matrix_source<double>(problem.x, tall), {},
              "backquery::Trainer::fit: training.fill: t has 4 rows, expected 3, the network's outputs");
}

TEST_CASE("a batch of a wrong size, made during the training, is rejected", "[trainer]") {
  const Problem<double> problem(40);
  TrainerOptions options;
  options.batch_size = 10;
  options.threads = GENERATE(1, 2);
  auto source = problem.source();
  source.fill = [plain = source.fill](const Indices& indices, int epoch, Samples<double>& batch) {
    plain(indices, epoch, batch);
    if (epoch == 2) batch.x.conservativeResize(6, 11);
  };
  check_fails(Trainer<double>(options), source, {}, ContainsSubstring("x has 11 columns, expected 10"));
}

TEST_CASE(
    "values that are not finite, and targets that the loss does not allow, are rejected with their sample "
    "index",
    "[trainer]") {
  const Problem<double> problem(40);
  auto x = problem.x;
  x(2, 17) = std::numeric_limits<double>::quiet_NaN();
  check_fails(Trainer<double>(), matrix_source<double>(x, problem.t), {},
              ContainsSubstring("training.fill of sample 17: x(2, 0) is nan, expected a finite number"));
  auto t = problem.t;
  t(1, 23) = -1;
  check_fails(Trainer<double>(), problem.source(), matrix_source<double>(problem.x, t),
              ContainsSubstring("validation.fill of sample 23: t(1, 0) is -1, expected at least 0"));
  t(1, 23) = 81;
  check_fails(Trainer<double>(), matrix_source<double>(problem.x, t), {},
              ContainsSubstring("training.fill of sample 23: t(1, 0) is 81, expected 0 to 1, the range of "
                                "output_activation sigmoid"),
              NetworkOptions());
}

TEST_CASE("labels that are no class of the network are rejected with their sample index", "[trainer]") {
  const Problem<double> problem(40);
  std::vector<int> labels(40, 2);
  labels[17] = 3;
  check_fails(Trainer<double>(), matrix_source<double>(problem.x, labels), {},
              "backquery::Trainer::fit: training.fill of sample 17: the label is 3, expected 0 to 2, the "
              "network's classes");
  labels[17] = -1;
  check_fails(Trainer<double>(), problem.source(), matrix_source<double>(problem.x, labels),
              ContainsSubstring("validation.fill of sample 17: the label is -1, expected 0 to 2"));
  auto source = matrix_source<double>(problem.x, std::vector<int>(40, 2));
  source.fill = [plain = source.fill](const Indices& indices, int epoch, Samples<double>& batch) {
    plain(indices, epoch, batch);
    batch.labels.pop_back();  // one in each block of 16 samples
  };
  check_fails(Trainer<double>(), source, {},
              "backquery::Trainer::fit: training.fill: labels has 15 entries, expected 16");
}
