/// @file
/// Targets that a Trainer makes: from labels, and by label smoothing.
#include "catch.hpp"

#include <backquery/metrics.hpp>
#include <backquery/training/trainer.hpp>

#include "enumerators.hpp"
#include "training_problem.hpp"

#include <utility>
#include <vector>

using backquery::Trainer;
using namespace training_problem;

namespace {

/// The targets of the other classes and of the class of the label, from the comment of SampleSource.
std::pair<double, double> usual_targets(Activation activation) {
  if (activation == Activation::sigmoid) return {0.01, 0.99};
  if (activation == Activation::tanh) return {-0.98, 0.98};
  if (activation == Activation::scaled_tanh) return {-0.98 * 1.7159, 0.98 * 1.7159};
  return {0, 1};
}

}  // namespace

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

TEMPLATE_TEST_CASE("labels give the same training as the targets of the output activation", "[trainer]",
                   float, double) {
  using Scalar = TestType;
  const Activation activation = GENERATE(from_range(enumerators<Activation>()));
  CAPTURE(backquery::name(activation));
  const auto [off, on] = usual_targets(activation);
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
