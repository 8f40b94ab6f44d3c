/// @file
/// Findings about networks that have learned nothing; findings_test.cpp has the causes.
#include "catch.hpp"

#include <backquery/training/trainer.hpp>

#include "training_problem.hpp"

#include <cmath>
#include <string>
#include <vector>

using backquery::diagnose;
using backquery::Trainer;
using Catch::Matchers::ContainsSubstring;
using namespace training_problem;

TEST_CASE("fit reports a classifier that has learned nothing, and keeps its training", "[trainer]") {
  const Problem<double> problem(40);
  const Matrix<double> unrelated = random_matrix<double>(6, 40, -1, 1, 9);
  NeuralNetwork<double> net({6, 5, 3}, classifier());
  const NeuralNetwork<double> before = net;
  const auto source = matrix_source<double>(unrelated, problem.t);
  const auto result = Trainer<double>(adam(5, 1e-5)).fit(net, source);
  CHECK(result.history.size() == 5);
  CHECK_FALSE(same_parameters(net, before));
  CHECK_THAT(result.finding, ContainsSubstring("nothing was learned: ") &&
                                 ContainsSubstring(" of 40 predictions are correct") &&
                                 ContainsSubstring("learning rate") && ContainsSubstring("scaled"));
  CHECK(result.finding == diagnose(net, source));
}

TEST_CASE("a regression is compared with the mean of its targets, for any number of outputs", "[trainer]") {
  const Index outputs = GENERATE(1, 2, 3);
  const auto loss = GENERATE(Loss::squared_error, Loss::huber);
  const Problem<double> problem(200);
  NeuralNetwork<double> net({6, 10, outputs}, options_with(loss, Activation::identity));
  Matrix<double> t = problem.x.topRows(outputs) + 0.5 * problem.x.bottomRows(outputs);
  const auto source = matrix_source<double>(problem.x, t);
  CHECK_THAT(diagnose(net, source), ContainsSubstring("nothing was learned from 128 examined samples") &&
                                        ContainsSubstring("the mean " + std::string(name(loss)) + " is ") &&
                                        ContainsSubstring("the mean of the targets") &&
                                        ContainsSubstring("learning rate"));
  CHECK(Trainer<double>(adam(60, 0.01)).fit(net, source).finding.empty());
  net.update_parameters([](auto parameters) { parameters.setZero(); });
  CHECK_THAT(diagnose(net, source), ContainsSubstring("nothing was learned"));
}

TEST_CASE("one outlier of the targets does not hide what a huber network has learned", "[trainer]") {
  const Problem<double> problem(120);
  NeuralNetwork<double> net({6, 10, 1}, options_with(Loss::huber, Activation::identity));
  Matrix<double> t = problem.x.row(0);
  t(50) = 1e4;
  CHECK(Trainer<double>(adam(60, 0.01)).fit(net, matrix_source<double>(problem.x, t)).finding.empty());
}

TEST_CASE("a network whose hidden nodes have died has learned nothing", "[trainer]") {
  const Problem<double> problem(40);
  auto options = classifier();
  options.hidden_activation = Activation::relu;
  NeuralNetwork<double> net({6, 5, 3}, options);
  net.set_biases(0, Vector<double>::Constant(5, -1000));
  CHECK_FALSE(Trainer<double>(adam(60, 0.01)).fit(net, problem.source()).finding.empty());
}

TEST_CASE("a trained classifier has no finding, whatever its loss and output activation", "[trainer]") {
  auto options = classifier();
  if (GENERATE(false, true)) {
    options.output_activation = GENERATE(Activation::sigmoid, Activation::tanh);
    options.loss = Loss::squared_error;
  }
  const Problem<double> problem(1200);
  std::vector<int> labels;
  for (Index i = 0; i < 1200; ++i) labels.push_back(problem.t(0, i) == 1 ? 0 : problem.t(1, i) == 1 ? 1 : 2);
  const auto source = matrix_source<double>(problem.x, labels);
  NeuralNetwork<double> net({6, 20, 3}, options);
  CHECK_FALSE(diagnose(net, source).empty());  // untrained
  CHECK(Trainer<double>(adam(20, 0.02)).fit(net, source).finding.empty());
  CHECK(diagnose(net, backquery::subset(source, 100, 100)).empty());
}

TEST_CASE("diagnose takes samples from the whole source, also if it is sorted by class", "[trainer]") {
  const Index samples = 3000;
  Matrix<double> x(6, samples);
  std::vector<int> labels;
  for (Index i = 0; i < samples; ++i) {
    labels.push_back(static_cast<int>(i / 1000));
    x.col(i).setConstant(static_cast<double>(labels.back() - 1));
  }
  NeuralNetwork<double> net({6, 5, 3}, classifier());
  auto result = Trainer<double>(adam(5, 0.02)).fit(net, matrix_source<double>(x, labels));
  CHECK(result.finding.empty());
  net.update_parameters([](auto parameters) { parameters.setZero(); });
  CHECK_THAT(
      diagnose(net, matrix_source<double>(x, labels)),
      ContainsSubstring("43 of 128 predictions are correct, and the most frequent class alone has 43"));
}

TEST_CASE("there is no finding if the samples are not sufficient", "[trainer]") {
  const Problem<double> problem(40);
  const Matrix<double> unrelated = random_matrix<double>(6, 40, -1, 1, 9);
  const NeuralNetwork<double> net({6, 5, 3});
  const auto source = matrix_source<double>(unrelated, problem.t);
  CHECK_FALSE(diagnose(net, source).empty());
  CHECK(diagnose(net, backquery::subset(source, 0, 29)).empty());
  CHECK(diagnose(net, backquery::subset(source, 0, 1)).empty());
  CHECK(diagnose(net, backquery::subset(source, 0, 0)).empty());
  CHECK(diagnose(net, {}).empty());
}

TEST_CASE("a classifier with one output is diagnosed as well", "[trainer]") {
  const Problem<double> problem(200);
  NeuralNetwork<double> net({6, 5, 1}, options_with(Loss::binary_cross_entropy, Activation::sigmoid));
  const Matrix<double> t = problem.t.row(0);
  const auto source = matrix_source<double>(problem.x, t);
  CHECK_FALSE(Trainer<double>(adam(1, 1e-9)).fit(net, source).finding.empty());
  CHECK(Trainer<double>(adam(30, 0.02)).fit(net, source).finding.empty());
}

TEST_CASE("a classifier that predicts the correct classes has no finding, whatever its error", "[trainer]") {
  const Problem<double> problem(60);
  NeuralNetwork<double> net({3, 3}, options_with(Loss::squared_error, Activation::identity));
  const double factor = GENERATE(1, 5, 1000);
  net.set_weights(0, Matrix<double>(factor * Matrix<double>::Identity(3, 3)));
  CHECK(diagnose(net, matrix_source<double>(problem.t, problem.t)).empty());
  CHECK_NOTHROW(Trainer<double>(adam(1, 1e-9)).fit(net, matrix_source<double>(problem.t, problem.t)));
}

TEST_CASE(
    "nothing is learned if chance explains the correct predictions and the error is 0.95 times the constant "
    "one, unless a class has half of the samples",
    "[trainer]") {
  const Index others = GENERATE(1, 2);  // of 3 samples, 1 or 2 have the class 0
  Matrix<double> t = Matrix<double>::Zero(3, 300);
  for (Index i = 0; i < 300; ++i) t(i % 3 < others ? 1 + i % 2 : 0, i) = 1;
  // A fifth of the way from the mean to the targets, and too large in row 0, so that class 0 is predicted.
  const Vector<double> mean = t.rowwise().mean();
  Matrix<double> x = (0.2 * t).colwise() + 0.8 * mean;
  x.row(0).array() += 0.55 * std::sqrt((t.colwise() - mean).squaredNorm() / 300);
  auto options = classifier();
  options.output_activation = Activation::identity;
  options.loss = Loss::squared_error;
  NeuralNetwork<double> net({3, 3}, options);
  net.set_weights(0, Matrix<double>::Identity(3, 3));
  const std::string finding = diagnose(net, matrix_source<double>(x, t));
  if (others == 2) {
    CHECK_THAT(finding, ContainsSubstring("nothing was learned"));
  } else {
    CHECK(finding.empty());
  }
}

TEST_CASE("nothing is learned if neither correct predictions nor error are better than for a constant",
          "[trainer]") {
  const auto nothing = [](double samples, double correct, double most_frequent, double error) {
    const backquery::detail::Comparison c{samples, correct, most_frequent, error, 1};
    return c.no_better_than_constant() && c.correct_by_chance();
  };
  CHECK(nothing(1000, 100, 100, 0.991));
  CHECK_FALSE(nothing(1000, 100, 100, 0.989));
  CHECK(nothing(1000, 128, 100, 0.991));  // at most 100 plus three standard deviations of 9.5
  CHECK_FALSE(nothing(1000, 129, 100, 0.991));
  CHECK_FALSE(nothing(1000, 129, 100, 4.5));
  CHECK(nothing(1000, 997, 995, 1.1));  // at most half of the other samples
  CHECK_FALSE(nothing(1000, 998, 995, 1.1));
  CHECK_FALSE(nothing(20, 16, 10, 1.1));
  CHECK_FALSE(nothing(100, 100, 100, 1));  // all samples of one class
  CHECK_FALSE(backquery::detail::Comparison{10, 5, 5, 0.5, 0}.no_better_than_constant());  // equal targets
}
