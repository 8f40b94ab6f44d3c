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
    batch.labels.pop_back();
  };
  check_fails(Trainer<double>(), source, {},
              "backquery::Trainer::fit: training.fill: labels has 39 entries, expected 40");
}
