/// @file
/// Trainer with several threads; the build under ThreadSanitizer looks for races.
#include "catch.hpp"

#include <backquery/training/trainer.hpp>

#include "training_problem.hpp"

#include <vector>

using backquery::Trainer;
using namespace training_problem;

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
    const auto history = Trainer<TestType>(options).fit(net, problem.source(), validation.source());
    losses.push_back(*history.back().validation_loss);
    trained.push_back(net);
  }
  CHECK(same_parameters(trained[0], trained[1]));
  CHECK(same_parameters(trained[0], trained[2]));
  CHECK(losses[0] == losses[1]);
  CHECK(losses[0] == losses[2]);
}
