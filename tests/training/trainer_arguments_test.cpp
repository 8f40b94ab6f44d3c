/// @file
/// Options and sources that a Trainer rejects.
#include "catch.hpp"

#include <backquery/training/trainer.hpp>

#include "training_problem.hpp"

#include <limits>
#include <stdexcept>
#include <string>

using backquery::Trainer;
using Catch::Matchers::ContainsSubstring;
using namespace training_problem;

namespace {

/// The message of the exception that options with this change cause.
template <typename Change>
std::string rejection(const Change& change) {
  TrainerOptions options;
  change(options);
  try {
    Trainer<double> trainer(options);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing";
}

}  // namespace

TEST_CASE("a trainer rejects options out of range", "[trainer]") {
  CHECK(rejection([](auto& o) { o.epochs = 0; }) ==
        "backquery::Trainer: options.epochs is 0, expected at least 1");
  CHECK(rejection([](auto& o) { o.batch_size = 0; }) ==
        "backquery::Trainer: options.batch_size is 0, expected at least 1");
  CHECK(rejection([](auto& o) {
          o.batch_size = 1;
          o.batch_normalization = true;
        }) == "backquery::Trainer: options.batch_size is 1, expected at least 2 for batch_normalization");
  CHECK(rejection([](auto& o) { o.patience = -1; }) ==
        "backquery::Trainer: options.patience is -1, expected at least 0");
  CHECK(rejection([](auto& o) { o.threads = 0; }) ==
        "backquery::Trainer: options.threads is 0, expected at least 1");
  for (const double s : {-0.1, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THAT(rejection([s](auto& o) { o.label_smoothing = s; }),
               ContainsSubstring("options.label_smoothing is") && ContainsSubstring("expected 0 to below 1"));
    CHECK_THAT(rejection([s](auto& o) { o.dropout = s; }),
               ContainsSubstring("options.dropout is") && ContainsSubstring("expected 0 to below 1"));
  }
  CHECK_THAT(rejection([](auto& o) { o.optimizer.momentum = 2; }), ContainsSubstring("momentum is 2"));
  CHECK_THAT(rejection([](auto& o) { o.optimizer.beta1 = 1; }), ContainsSubstring("beta1 is 1"));
}

TEST_CASE("a trainer rejects learning rates that its scalar type cannot hold", "[trainer]") {
  CHECK_THAT(rejection([](auto& o) { o.optimizer.learning_rate = -1; }),
             ContainsSubstring("learning_rate is -1"));
  TrainerOptions tiny;
  tiny.optimizer.learning_rate = 1e-60;
  CHECK_THROWS_WITH(Trainer<float>(tiny),
                    ContainsSubstring("learning_rate is 1e-60") && ContainsSubstring("Scalar can hold"));
  TrainerOptions to_nothing;
  to_nothing.optimizer.learning_rate = 0.5;
  to_nothing.schedule.shape = backquery::ScheduleShape::exponential;
  to_nothing.schedule.final_factor = 1e-50;
  CHECK_THROWS_WITH(Trainer<float>(to_nothing), ContainsSubstring("falls to, or starts from, 5e-51") &&
                                                    ContainsSubstring("Scalar can hold"));
  CHECK_NOTHROW(Trainer<double>(to_nothing));
}

TEST_CASE("fit rejects missing samples, and options without the samples that they need", "[trainer]") {
  NeuralNetwork<double> net({6, 5, 3}, classifier()), single({6, 5, 1});
  CHECK_THROWS_WITH(
      Trainer<double>().fit(net, {}),
      "backquery::Trainer::fit: training has 0 samples and no fill, expected at least 1 and a fill");
  const Problem<double> problem(10);
  CHECK_THROWS_WITH(
      Trainer<double>().fit(net, problem.source(), {5, nullptr}),
      "backquery::Trainer::fit: validation has 5 samples and no fill, expected at least 0 and a fill");
  TrainerOptions smooth;
  smooth.label_smoothing = 0.1;
  CHECK_THROWS_WITH(Trainer<double>(smooth).fit(single, problem.source()),
                    ContainsSubstring("options.label_smoothing is 0.1, but a single output"));
  auto patient = adam(1, 0.1);
  patient.patience = 1;
  CHECK_THROWS_WITH(
      Trainer<double>(patient).fit(net, problem.source()),
      ContainsSubstring("options.patience is 1") && ContainsSubstring("validation has 0 samples"));
}

TEST_CASE("fit rejects normalization and dropout for networks that do not suit them", "[trainer]") {
  const Problem<double> problem(10);
  auto normalized = adam(1, 0.1), dropping = adam(1, 0.1);
  normalized.batch_normalization = true;
  dropping.dropout = 0.5;
  auto without_biases = classifier();
  without_biases.biases = false;
  NetworkOptions by_the_book;
  by_the_book.biases = true;
  for (const auto& options : {without_biases, by_the_book}) {
    NeuralNetwork<double> net({6, 5, 3}, options);
    CHECK_THROWS_WITH(Trainer<double>(normalized).fit(net, problem.source()),
                      ContainsSubstring("options.batch_normalization is true, which needs"));
  }
  NeuralNetwork<double> net({6, 5, 3}, by_the_book);
  CHECK_THROWS_WITH(Trainer<double>(dropping).fit(net, problem.source()),
                    ContainsSubstring("options.dropout is 0.5, which needs"));
}
