/// @file
/// Each finding of diagnose: samples and networks that have it, and similar ones that do not.
#include "catch.hpp"

#include <backquery/training/trainer.hpp>

#include "training_problem.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

using backquery::diagnose;
using backquery::Initializer;
using backquery::Trainer;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using namespace training_problem;

namespace {

/// Samples around one center for each class, all values within 0.2 .. 1. The class of sample i is
/// class_of(i).
template <typename ClassOf>
std::pair<Matrix<double>, std::vector<int>> clusters(Index classes, Index samples, ClassOf class_of) {
  const Matrix<double> centers = random_matrix<double>(20, classes, 0.3, 0.9, 7);
  Matrix<double> x = random_matrix<double>(20, samples, -0.1, 0.1, 8);
  std::vector<int> labels;
  for (Index i = 0; i < samples; ++i) {
    labels.push_back(static_cast<int>(class_of(i)));
    x.col(i) += centers.col(labels.back());
  }
  return {x, labels};
}

NetworkOptions regression(Activation hidden = Activation::tanh) {
  auto options = classifier();
  options.hidden_activation = hidden;
  options.output_activation = Activation::identity;
  options.loss = Loss::squared_error;
  options.initializer = Initializer::glorot;
  return options;
}

NetworkOptions deep(Activation hidden, Initializer initializer) {
  auto options = classifier();
  options.hidden_activation = hidden;
  options.initializer = initializer;
  return options;
}

/// t = sum of the inputs + 0.5
Matrix<double> sums(const Matrix<double>& x) {
  return x.colwise().sum().array() + 0.5;
}

std::string untrained(const NetworkOptions& options, const std::vector<Index>& sizes, const Matrix<double>& x,
                      const std::vector<int>& labels) {
  return diagnose(NeuralNetwork<double>(sizes, 0.1, options), matrix_source<double>(x, labels));
}

std::string untrained(const NetworkOptions& options, const Matrix<double>& x, const Matrix<double>& t) {
  const NeuralNetwork<double> net({x.rows(), 5, t.rows()}, 0.1, options);
  return diagnose(net, matrix_source<double>(x, t));
}

}  // namespace

TEST_CASE("samples of a single class, or with equal targets, are reported", "[diagnose]") {
  const auto [classes, samples] = GENERATE(std::pair<Index, Index>{3, 40}, std::pair<Index, Index>{10, 1000},
                                           std::pair<Index, Index>{1, 3});
  const auto [x, labels] = clusters(10, samples, [](Index) { return 1; });
  CHECK_THAT(untrained(classifier(), {20, 5, std::max<Index>(classes, 2)}, x, labels),
             ContainsSubstring("all " + std::to_string(samples) + " samples have the same class, 1"));
  const Matrix<double> t = Matrix<double>::Constant(2, samples, 0.1);
  CHECK_THAT(untrained(regression(), x, t),
             ContainsSubstring("all " + std::to_string(samples) + " samples have the same targets"));
  CHECK_THAT(untrained(regression(), x, t), !ContainsSubstring("nothing was learned"));  // of 0.1 + 0.1 + 0.1
  const auto [many, same] = clusters(10, 20000, [](Index) { return 4; });
  CHECK_THAT(untrained(classifier(), {20, 5, 10}, many, same),
             ContainsSubstring("all 10000 examined samples have the same class, 4"));
}

TEST_CASE("findings name labels as the file has them", "[diagnose]") {
  const auto [x, labels] = clusters(2, 40, [](Index i) { return i / 20; });
  NetworkOptions options = classifier();
  NeuralNetwork<double> net({20, 2}, 0.1, options);
  net.set_biases(0, (Vector<double>(2) << 0, 50).finished());
  CHECK_THAT(diagnose(net, matrix_source<double>(x, labels), 7),
             ContainsSubstring("the class of the last sample, 8, which 20"));
  CHECK_THAT(diagnose(net, matrix_source<double>(x, std::vector<int>(40, 0)), 7),
             ContainsSubstring("the same class, 7: "));
}

TEST_CASE("samples with a rare second class or target are not reported as a single class", "[diagnose]") {
  const Index samples = GENERATE(129, 1000, 5000);
  const auto [x, labels] = clusters(2, samples, [&](Index i) { return i == samples / 3 + 1 ? 1 : 0; });
  CHECK_THAT(untrained(classifier(), {20, 5, 2}, x, labels), !ContainsSubstring("samples have the same"));
  Matrix<double> t = Matrix<double>::Constant(1, samples, 22.1);
  t(samples / 2 + 1) = 22.2;
  CHECK_THAT(untrained(regression(), x, t), !ContainsSubstring("samples have the same"));
}

TEST_CASE("inputs that are the same in all samples are reported", "[diagnose]") {
  const double value = GENERATE(0.01, 0.5, 300.);
  const Problem<double> problem(40);
  const Matrix<double> alike = Matrix<double>::Constant(6, 40, value);
  const std::string named = "the inputs are the same in all 40 examined samples";
  CHECK_THAT(untrained(classifier(), alike, problem.t), ContainsSubstring(named));
  CHECK_THAT(untrained(regression(), alike, sums(problem.x)), ContainsSubstring(named));
  Matrix<double> one_differs = alike;
  one_differs(3, 17) += 0.1;
  CHECK_THAT(untrained(classifier(), one_differs, problem.t), !ContainsSubstring("the same"));
}

TEST_CASE("inputs below a tenth of the range of pixels are reported, even if the network learned",
          "[diagnose]") {
  const double largest_pixel = GENERATE(1, 8, 16, 25);
  const Matrix<double> bright = random_matrix<double>(6, 300, 0, 1, 3);
  const Matrix<double> x = 0.01 + 0.99 / 255 * largest_pixel * bright.array();
  Matrix<double> t = Matrix<double>::Zero(2, 300);
  for (Index i = 0; i < 300; ++i) t(bright(0, i) > 0.5 ? 1 : 0, i) = 1;
  NeuralNetwork<double> net({6, 5, 2}, classifier());
  const auto named = ContainsSubstring("no input exceeds 0.");
  CHECK_THAT(diagnose(net, matrix_source<double>(x, t)), named);
  auto options = adam(60, 0.1);
  CHECK_THAT(Trainer<double>(options).fit(net, matrix_source<double>(x, t)).finding, named);
  const Matrix<double> wide = 0.01 + 0.99 * bright.array(), centered = 0.1 * bright.array() - 0.05;
  CHECK_THAT(diagnose(net, matrix_source<double>(wide, t)), !named);
  CHECK_THAT(diagnose(net, matrix_source<double>(centered, t)), !named);
}

TEST_CASE("samples that are sorted by class are reported, with the class of the last sample", "[diagnose]") {
  const Index classes = GENERATE(2, 3, 10), samples = 60 * classes;
  const bool descending = GENERATE(false, true);
  const auto [x, labels] =
      clusters(classes, samples, [&](Index i) { return descending ? classes - 1 - i / 60 : i / 60; });
  auto options = classifier();
  options.initializer = Initializer::glorot;
  NeuralNetwork<double> net({20, 10, classes}, 0.5, options);
  Matrix<double> t = Matrix<double>::Zero(classes, samples);
  for (Index i = 0; i < samples; ++i) t(labels[static_cast<std::size_t>(i)], i) = 1;
  net.train(x, t);
  CHECK_THAT(
      diagnose(net, matrix_source<double>(x, labels)),
      StartsWith("the samples are sorted by class: ") && ContainsSubstring("--shuffle") &&
          ContainsSubstring("the class of the last sample, " + std::to_string(descending ? 0 : classes - 1)));
  // Trainer shuffles the samples.
  NeuralNetwork<double> zero({20, 10, classes}, 0.5, options);
  zero.update_parameters([](auto parameters) { parameters.setZero(); });
  CHECK_THAT(Trainer<double>(adam(1, 1e-9)).fit(zero, matrix_source<double>(x, labels)).finding,
             ContainsSubstring("nothing was learned") && !ContainsSubstring("sorted"));
  CHECK(Trainer<double>(adam(30, 0.01)).fit(net, matrix_source<double>(x, labels)).finding.empty());
  CHECK(diagnose(net, matrix_source<double>(x, labels)).empty());
}

TEST_CASE("samples that are sorted by a rare class, or by target, are reported", "[diagnose]") {
  const bool in_order = GENERATE(true, false);
  const auto index = [&](Index i) { return in_order ? i : i * 377 % 1000; };
  const auto [x, labels] = clusters(2, 1000, [&](Index i) { return index(i) < 940 ? 0 : 1; });
  NeuralNetwork<double> net({20, 2}, 0.1, classifier());
  net.set_biases(0, (Vector<double>(2) << 0, 50).finished());  // always predicts class 1
  const std::string by_class = diagnose(net, matrix_source<double>(x, labels));
  CHECK(in_order == (by_class.find("sorted by class: 64 of 64 neighbors") != std::string::npos));
  CHECK(in_order ==
        (by_class.find("128 of 128 predictions are the class of the last sample, 1") != std::string::npos));
  Matrix<double> t(2, 1000);
  for (Index i = 0; i < 1000; ++i) t.col(i) << double(index(i)) / 1000, 0.5;
  const std::string by_target = untrained(regression(), x, t);
  CHECK(in_order == (by_target.find("sorted by target: the squared differences") != std::string::npos));
  CHECK_THAT(untrained(regression(), x, Matrix<double>(1e200 * t)), !ContainsSubstring("sorted"));
}

TEST_CASE("samples in a random or alternating order are not reported as sorted", "[diagnose]") {
  const Matrix<double> random = random_matrix<double>(1, 600, 0, 3, 5);
  const bool alternating = GENERATE(false, true);
  const auto [x, labels] =
      clusters(3, 600, [&](Index i) { return alternating ? i % 3 : static_cast<Index>(random(i)); });
  NeuralNetwork<double> net({20, 5, 3}, classifier());
  net.update_parameters([](auto parameters) { parameters.setZero(); });
  CHECK_THAT(diagnose(net, matrix_source<double>(x, labels)),
             ContainsSubstring("nothing was learned") && !ContainsSubstring("sorted"));
  const auto [pairs, some_alike] = clusters(10, 600, [](Index i) { return 2 * i / 3 % 10; });
  CHECK_THAT(untrained(classifier(), {20, 5, 10}, pairs, some_alike), !ContainsSubstring("sorted"));
  const auto few = clusters(2, 6, [](Index i) { return i / 3; });
  CHECK_THAT(untrained(NetworkOptions(), {20, 5, 2}, few.first, few.second), !ContainsSubstring("sorted"));
  // Four samples of AND are in this order by chance.
  Matrix<double> corners(2, 4);
  corners << 0, 0, 1, 1, 0, 1, 0, 1;
  CHECK(untrained(classifier(), {2, 3, 2}, corners, {0, 0, 0, 1}).empty());
}

TEST_CASE("inputs and targets that are not scaled are reported with their row", "[diagnose]") {
  const double size = GENERATE(30., 400., 1e6);
  Matrix<double> x = random_matrix<double>(6, 200, 0.2, 1, 4);
  const Matrix<double> t = sums(x);
  x.row(4) *= size;
  const auto options = regression(GENERATE(Activation::tanh, Activation::relu));
  CHECK_THAT(untrained(options, x, t), StartsWith("the inputs are not scaled: the largest is ") &&
                                           ContainsSubstring("in row 4 of x") &&
                                           !ContainsSubstring("passes no gradient"));
  Matrix<double> two(2, 200);
  two << t, size * t;
  x.row(4) /= size;
  CHECK_THAT(untrained(options, x, two), ContainsSubstring("the targets are not scaled: the largest is ") &&
                                             ContainsSubstring("in row 1 of t") &&
                                             !ContainsSubstring("the inputs are not scaled"));
}

TEST_CASE("inputs and targets that are not scaled are reported if little was learned", "[diagnose]") {
  auto options = regression();
  options.biases = false;
  NeuralNetwork<double> net({1, 1}, 0.1, options);
  const Matrix<double> x = random_matrix<double>(1, 300, -1, 1, 3);
  const double size = GENERATE(0.001, 1., 100.);
  const bool little = GENERATE(false, true);
  net.set_weights(0, Matrix<double>::Constant(1, 1, little ? 0.03 : 0.1));  // errors of 0.94 and 0.81
  const std::string of_inputs = diagnose(net, matrix_source<double>(size * x, Matrix<double>(size * x)));
  const std::string named = "the inputs are not scaled: the largest is ";
  CHECK((little && size != 1) == (of_inputs.find(named) == 0));
  CHECK((little && size != 1) == (of_inputs.find("\nthe targets are not scaled: ") != std::string::npos));
  CHECK((little && size != 1) != of_inputs.empty());
}

TEST_CASE("a row of small targets that is not learned is reported", "[diagnose]") {
  const Matrix<double> x = random_matrix<double>(2, 300, -1, 1, 3);
  auto options = regression();
  NeuralNetwork<double> net({2, 3}, 0.1, options);
  const double size = GENERATE(5., 20., 1e4);
  const Vector<double> sizes = (Vector<double>(3) << 1, size, 0).finished();
  Matrix<double> weights(3, 2), t(3, 300);
  weights << 1, 0, 0, 1, 0, 0;
  t = (sizes.asDiagonal() * weights * x).array() + 0.3;  // the last row is constant
  net.set_biases(0, Vector<double>::Constant(3, 0.2));
  net.set_weights(0, 0.9 * sizes.asDiagonal() * weights);
  CHECK(diagnose(net, matrix_source<double>(x, t)).empty());
  weights(0, 0) = 0;
  net.set_weights(0, 0.9 * sizes.asDiagonal() * weights);
  const std::string finding = diagnose(net, matrix_source<double>(x, t));
  CHECK((size > 10) == (finding.find("row 0 of the targets is not learned") == 0));
  CHECK((size > 10) != finding.empty());
  const double largest = t.cwiseAbs().maxCoeff();
  net.update_parameters([&](auto parameters) { parameters /= largest; });
  CHECK(
      diagnose(net, matrix_source<double>(x, Matrix<double>(t / largest))).empty());  // as of an autoencoder
}

TEST_CASE("imbalanced classes are reported if nothing was learned", "[diagnose]") {
  const Index rare = GENERATE(8, 3);  // 1 of 8, 1 of 3
  const auto [x, labels] = clusters(2, 240, [&](Index i) { return i % rare == 1 ? 1 : 0; });
  NeuralNetwork<double> net({20, 5, 2}, classifier()), zero = net;
  zero.update_parameters([](auto parameters) { parameters.setZero(); });
  const auto source = matrix_source<double>(x, labels);
  const std::string finding = diagnose(zero, source);
  CHECK_THAT(finding, ContainsSubstring("nothing was learned"));
  CHECK((rare == 8) == (finding.find("the classes are imbalanced: ") != std::string::npos));
  CHECK(Trainer<double>(adam(40, 0.02)).fit(net, source).finding.empty());
}

TEST_CASE("a regression that learns has no finding, also if its inputs are not scaled", "[diagnose]") {
  Matrix<double> x = random_matrix<double>(6, 200, -1, 1, 4);
  const double size = GENERATE(1., 30.);
  x.row(0) *= size;
  const Matrix<double> t = x.row(0) / size - x.row(3);
  NeuralNetwork<double> net({6, 10, 1}, regression());
  const auto result = Trainer<double>(adam(100, 0.01)).fit(net, matrix_source<double>(x, t));
  CHECK(*result.history.back().r2 > 0.5);
  CHECK(result.finding.empty());
}

TEST_CASE("a layer of saturated or dead nodes is reported", "[diagnose]") {
  const auto hidden = GENERATE(Activation::sigmoid, Activation::tanh, Activation::relu, Activation::elu);
  const Problem<double> problem(200);
  NeuralNetwork<double> net({6, 5, 4, 3}, 0.1, deep(hidden, Initializer::glorot));
  CHECK_THAT(diagnose(net, problem.source()), !ContainsSubstring("passes no gradient"));
  const Index layer = GENERATE(0, 1);
  net.set_biases(layer, Vector<double>::Constant(layer == 0 ? 5 : 4, -50));
  CHECK_THAT(diagnose(net, problem.source()),
             ContainsSubstring("layer " + std::to_string(layer) + " passes no gradient: 100 %") &&
                 ContainsSubstring(std::string(name(hidden)) + " is flat"));
}

TEST_CASE("saturated outputs pass a gradient if the loss is fused with their activation", "[diagnose]") {
  const Problem<double> problem(200);
  auto options = classifier();
  options.output_activation = Activation::sigmoid;
  options.loss = GENERATE(Loss::binary_cross_entropy, Loss::squared_error);
  NeuralNetwork<double> net({6, 5, 3}, 0.1, options);
  net.set_biases(1, Vector<double>::Constant(3, 50));
  const bool named = diagnose(net, problem.source()).find("layer 1 passes no gradient") != std::string::npos;
  CHECK(named == (options.loss == Loss::squared_error));
}

TEST_CASE("vanishing gradients of deep sigmoid networks are reported", "[diagnose]") {
  const Index hidden_layers = GENERATE(8, 20, 40);
  const auto initializer = GENERATE(Initializer::glorot, Initializer::normal_fan_out);
  const Problem<double> problem(200);
  std::vector<Index> sizes(static_cast<std::size_t>(hidden_layers), 20);
  sizes.insert(sizes.begin(), 6);
  const auto named = ContainsSubstring("the gradients vanish: in the first of " +
                                       std::to_string(hidden_layers + 1) + " layers");
  sizes.push_back(3);
  NeuralNetwork<double> net(sizes, 0.1, deep(Activation::sigmoid, initializer));
  CHECK_THAT(Trainer<double>(adam(3, 0.001)).fit(net, problem.source()).finding, named);
  NetworkOptions
      book;  // its rule does not follow the gradient, but the outputs depend on the inputs as little
  book.initializer = initializer;
  NeuralNetwork<double> of_book(sizes, 0.1, book);
  CHECK_THAT(diagnose(of_book, problem.source()), named);
  of_book.set_weights(0, 1e3 * of_book.weights(0));
  CHECK_THAT(diagnose(of_book, problem.source()), named && ContainsSubstring("layer 0 passes no gradient"));
  sizes.back() = 1;
  NeuralNetwork<double> one(sizes, 0.1, [] {
    auto options = regression(Activation::sigmoid);
    options.biases = false;
    return options;
  }());
  CHECK_THAT(
      Trainer<double>(adam(3, 0.001)).fit(one, matrix_source<double>(problem.x, sums(problem.x))).finding,
      named);
}

TEST_CASE("gradients of networks that can learn are not reported as vanishing", "[diagnose]") {
  const Problem<double> problem(200);
  const auto silent = [&](const NetworkOptions& options, Index hidden_layers) {
    std::vector<Index> sizes(static_cast<std::size_t>(hidden_layers), 30);
    sizes.insert(sizes.begin(), 6);
    sizes.push_back(3);
    CHECK_THAT(diagnose(NeuralNetwork<double>(sizes, 0.1, options), problem.source()),
               !ContainsSubstring("vanish"));
  };
  silent(NetworkOptions::classifier(), 40);
  silent(deep(Activation::tanh, Initializer::glorot), 20);
  silent(deep(Activation::elu, Initializer::he), 20);
  silent(deep(Activation::sigmoid, Initializer::glorot), 1);
  silent(deep(Activation::sigmoid, Initializer::glorot), 3);
  silent(NetworkOptions(), 1);
}

TEST_CASE("weights that are not finite are reported", "[diagnose]") {
  const Problem<double> problem(40);
  NeuralNetwork<double> net({6, 5, 3}, classifier());
  const double value =
      GENERATE(std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN());
  net.update_parameters([&](auto parameters) { parameters(7) = value; });
  CHECK_THAT(diagnose(net, problem.source()), ContainsSubstring("a weight is NaN or infinite"));
}
