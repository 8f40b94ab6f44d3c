/// @file
/// Gradients are compared with finite differences of the losses, also for the book's rule, which is not the
/// gradient of any loss.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>

#include "option_combinations.hpp"
#include "reference_network.hpp"
#include "tolerance.hpp"

#include <algorithm>
#include <cstring>

using backquery::Activation;
using backquery::ErrorPropagation;
using backquery::Loss;
using backquery::NetworkOptions;
using Eigen::Index;

namespace {

using Network = backquery::NeuralNetwork<double>;
using Gradients = Network::Gradients;

constexpr double followed = 1e-7;  // largest relative difference between a direction and the gradient

Gradients gradients_of(const Network& net, const Matrix<double>& x, const Matrix<double>& t) {
  Gradients gradients;
  Network::Workspace workspace;
  net.gradients(x, t, gradients, workspace);
  return gradients;
}

/// Calls use(i, difference) for each parameter i with the central difference of f(net). The step balances the
/// truncation error (step^2) and the rounding error (1e-16 / step): both are about 1e-11.
template <typename Function, typename Use>
void central_differences(Network net, const Function& f, const Use& use) {
  constexpr double step = 0x1p-17;
  for (Index i = 0; i < net.parameters().size(); ++i) {
    const double value = net.parameters()(i);
    const auto at = [&](double moved) {
      net.update_parameters([&](auto values) { values(i) = moved; });
      return f(net);
    };
    const auto above = at(value + step), below = at(value - step);
    net.update_parameters([&](auto values) { values(i) = value; });
    use(i, (above - below) / (2 * step));
  }
}

Gradients numeric_gradients(const Network& net, const Matrix<double>& x, const Matrix<double>& t) {
  Gradients gradients(net.layer_sizes(), net.options().biases);
  central_differences(
      net, [&](const Network& moved) { return moved.loss(x, t); },
      [&](Index i, double difference) { gradients.values()(i) = difference; });
  return gradients;
}

/// A network with the same parameters and other options.
Network with_options(const Network& net, const NetworkOptions& options) {
  Network other(net.layer_sizes(), net.learning_rate(), options);
  other.update_parameters([&](auto values) { values = net.parameters(); });
  return other;
}

/// Random biases, as a trained network has them.
void randomize_biases(Network& net, std::uint64_t seed) {
  for (Index layer = 0; net.options().biases && layer < net.layers(); ++layer) {
    net.set_biases(layer, random_matrix<double>(net.biases(layer).size(), 1, -0.5, 0.5, seed));
  }
}

/// The smallest distance from points without a derivative: of pre-activations of relu and leaky_relu from 0,
/// and of distances in huber from 1, where the second derivative jumps.
double distance_from_kinks(const Network& net, const Matrix<double>& x, const Matrix<double>& t) {
  const reference::Network<double> plain(net);
  double nearest = 1;
  for (Index sample = 0; sample < x.cols(); ++sample) {
    const auto pass = reference::forward<double>(plain, x.col(sample));
    for (std::size_t l = 0; l < pass.z.size(); ++l) {
      const Activation f = plain.activation(l);
      if (f == Activation::relu || f == Activation::leaky_relu) {
        nearest = std::min(nearest, pass.z[l].cwiseAbs().minCoeff());
      }
    }
    if (net.options().loss == Loss::huber) {
      const auto distances = (pass.a.back() - t.col(sample)).array().abs();
      nearest = std::min(nearest, (distances - 1).abs().minCoeff());
    }
  }
  return nearest;
}

/// A network that is differentiable near the samples x and targets t, with an output above 0.
Network smooth_network(const std::vector<Index>& sizes, NetworkOptions options, const Matrix<double>& x,
                       const Matrix<double>& t) {
  options.initializer = backquery::Initializer::he;
  for (options.seed = 1; options.seed < 1000; ++options.seed) {
    Network net(sizes, 0.1, options);
    randomize_biases(net, options.seed);
    const Matrix<double> y = net.query(x);
    if (distance_from_kinks(net, x, t) > 1e-2 && (y.array() > 0).any()) return net;
  }
  throw std::logic_error("no seed keeps its distance");
}

/// Targets in (0, 1). Optionally, each column sums to 1.
Matrix<double> targets(Index rows, Index cols, bool sum_to_one) {
  Matrix<double> t = random_matrix<double>(rows, cols, 0.05, 0.95, 7);
  if (sum_to_one) t.array().rowwise() /= t.array().colwise().sum().eval();
  return t;
}

/// Asymmetry of the Jacobian of one layer's direction; 0 if the direction is the gradient of some function:
/// the Jacobian of a gradient is symmetric, and a field with a symmetric Jacobian is a gradient.
double asymmetry(const Network& net, Index layer, const Matrix<double>& x, const Matrix<double>& t) {
  const Gradients layout(net.layer_sizes(), net.options().biases);
  const Index first = layout.weights(layer).data() - layout.values().data();
  const Index end = layer + 1 < net.layers() ? layout.weights(layer + 1).data() - layout.values().data()
                                             : layout.values().size();
  Matrix<double> jacobian(end - first, end - first);
  central_differences(
      net, [&](const Network& moved) { return Vector<double>(gradients_of(moved, x, t).values()); },
      [&](Index i, const Vector<double>& difference) {
        if (i >= first && i < end) jacobian.col(i - first) = difference.segment(first, end - first);
      });
  return (jacobian - jacobian.transpose()).norm() / jacobian.norm();
}

}  // namespace

TEST_CASE("under the gradient rule every layer follows the loss", "[gradients]") {
  const bool sum_to_one = GENERATE(true, false);
  const auto sizes = GENERATE(std::vector<Index>{4, 5, 3}, std::vector<Index>{4, 5, 4, 3},
                              std::vector<Index>{4, 5, 3, 4, 3});
  const Matrix<double> x = random_matrix<double>(4, 3, -1, 1, 6), t = targets(3, 3, sum_to_one);
  auto combinations = gradient_combinations();
  for (auto& options : layer_combinations(sizes.size() - 1)) {
    options.error_propagation = ErrorPropagation::gradient;
    combinations.push_back(options);
  }
  for (const NetworkOptions& options : combinations) {
    CAPTURE(description(options), sizes.size(), sum_to_one);
    const Network net = smooth_network(sizes, options, x, t);
    const Gradients actual = gradients_of(net, x, t), expected = numeric_gradients(net, x, t);
    for (Index layer = 0; layer < net.layers(); ++layer) {
      CAPTURE(layer);
      CHECK(relative_difference(actual.weights(layer), expected.weights(layer)) <= followed);
      if (options.biases) {
        CHECK(relative_difference(actual.biases(layer), expected.biases(layer)) <= followed);
      }
    }
    CHECK(relative_difference(actual.values(), expected.values()) <= followed);
  }
}

TEST_CASE("the input gradients follow the loss, under both rules", "[gradients]") {
  const bool many = GENERATE(false, true);  // 300 samples are more than one chunk
  const Index samples = many ? 300 : 3;
  const Matrix<double> x = random_matrix<double>(4, samples, -1, 1, 6), t = targets(3, samples, true);
  const auto combinations = many ? layer_combinations(3) : all_combinations();
  for (const NetworkOptions& options : combinations) {
    CAPTURE(description(options), samples);
    const Network net =
        many ? Network({4, 5, 4, 3}, 0.1, options) : smooth_network({4, 5, 4, 3}, options, x, t);
    const Matrix<double> actual = net.input_gradients(x, t);
    const std::vector<Index> some = many ? std::vector<Index>{0, 99, 256, 299} : std::vector<Index>{0, 1, 2};
    Matrix<double> numeric(4, Index(some.size()));
    constexpr double step = 0x1p-17;
    for (std::size_t i = 0; i < some.size(); ++i) {
      const auto loss_at = [&](Index input, double change) {
        Vector<double> moved = x.col(some[i]);
        moved(input) += change;
        return net.loss(moved, t.col(some[i])) / static_cast<double>(samples);
      };
      for (Index input = 0; input < 4; ++input) {
        numeric(input, Index(i)) = (loss_at(input, step) - loss_at(input, -step)) / (2 * step);
      }
    }
    CHECK(relative_difference(actual(Eigen::all, some), numeric) <= followed);
    CHECK(max_difference(net.input_gradients(x.col(1), t.col(1)) / static_cast<double>(samples),
                         actual.col(1)) <= 1e-14);
  }
}

TEST_CASE("under the book's rule the last matrix follows the squared error, the one before it cross-entropy",
          "[gradients]") {
  const auto sizes = GENERATE(std::vector<Index>{4, 5, 3}, std::vector<Index>{4, 5, 4, 3},
                              std::vector<Index>{4, 5, 3, 4, 3});
  NetworkOptions book, squared, cross_entropy;
  book.biases = squared.biases = cross_entropy.biases = GENERATE(false, true);
  squared.error_propagation = cross_entropy.error_propagation = ErrorPropagation::gradient;
  cross_entropy.loss = Loss::binary_cross_entropy;
  CAPTURE(sizes.size(), book.biases);
  Network net(sizes, 0.1, book);
  randomize_biases(net, 3);

  const Matrix<double> x = random_matrix<double>(4, 3, 0.01, 1, 6), t = targets(3, 3, false);
  const Gradients direction = gradients_of(net, x, t);
  const Gradients of_squared = numeric_gradients(with_options(net, squared), x, t);
  const Gradients of_cross_entropy = numeric_gradients(with_options(net, cross_entropy), x, t);
  const Index last = net.layers() - 1;
  CHECK(relative_difference(direction.weights(last), of_squared.weights(last)) <= followed);
  CHECK(relative_difference(direction.weights(last - 1), of_cross_entropy.weights(last - 1)) <= followed);
  if (book.biases) {
    CHECK(relative_difference(direction.biases(last), of_squared.biases(last)) <= followed);
    CHECK(relative_difference(direction.biases(last - 1), of_cross_entropy.biases(last - 1)) <= followed);
  }
  // With exchanged losses there is no agreement: the rule is not the gradient of any loss.
  CHECK(relative_difference(direction.weights(last), of_cross_entropy.weights(last)) > 0.1);
  CHECK(relative_difference(direction.weights(last - 1), of_squared.weights(last - 1)) > 0.1);
}

TEST_CASE("under the book's rule the matrices before the last two follow no loss at all", "[gradients]") {
  const auto sizes = GENERATE(std::vector<Index>{3, 4, 3, 2}, std::vector<Index>{3, 4, 3, 4, 2});
  NetworkOptions options;
  options.biases = true;
  options.initializer = backquery::Initializer::normal_fan_in;
  Network net(sizes, 0.1, options);
  randomize_biases(net, 3);
  const Matrix<double> x = random_matrix<double>(3, 2, 0.01, 1, 6), t = targets(2, 2, false);
  for (Index layer = 0; layer < net.layers(); ++layer) {
    CAPTURE(sizes.size(), layer);
    if (layer < net.layers() - 2) {
      CHECK(asymmetry(net, layer, x, t) > 1e-3);
    } else {
      CHECK(asymmetry(net, layer, x, t) <= followed);
    }
  }
}

TEMPLATE_TEST_CASE("gradients are means over the columns, come with the loss, and replace old values",
                   "[gradients]", EVERY_SCALAR) {
  using Net = backquery::NeuralNetwork<TestType>;
  for (const NetworkOptions& options : all_combinations()) {
    CAPTURE(description(options));
    const Net net({5, 4, 6, 3}, TestType(0.1), options);
    const reference::Network<TestType> plain(net);
    const Matrix<TestType> x = random_matrix<TestType>(5, 6, 0.01, 1, 3),
                           t = random_matrix<TestType>(3, 6, 0.1, 0.9, 4);
    typename Net::Gradients expected(net.layer_sizes(), options.biases);
    for (Index sample = 0; sample < x.cols(); ++sample) {
      const auto pass = reference::forward<TestType>(plain, x.col(sample));
      const auto d = reference::deltas<TestType>(plain, pass, t.col(sample));
      for (std::size_t l = 0; l < d.size(); ++l) {
        expected.weights(static_cast<Index>(l)) += d[l] * pass.a[l].transpose() / TestType(6);
        if (options.biases) expected.biases(static_cast<Index>(l)) += d[l] / TestType(6);
      }
    }
    typename Net::Gradients actual;
    typename Net::Workspace workspace;
    net.gradients(x.leftCols(2), t.leftCols(2), actual, workspace);
    const auto loss = net.gradients(x, t, actual, workspace);
    CHECK(max_difference(actual.values(), expected.values()) <= tolerance<TestType>());
    CHECK_THAT(static_cast<double>(loss),
               Catch::Matchers::WithinRel(static_cast<double>(net.loss(x, t)), tolerance<TestType>()));
  }
}

TEMPLATE_TEST_CASE("gradients have the same bits on any number of threads", "[gradients][threads]", float,
                   double) {
  using Net = backquery::NeuralNetwork<TestType>;
  const bool book = GENERATE(true, false);
  // Several blocks of samples and of columns of the gradient, and batches that no block divides.
  const Net net({130, 6, 5}, TestType(0.1), book ? NetworkOptions() : NetworkOptions::classifier());
  const Matrix<TestType> x = random_matrix<TestType>(130, 1300, 0.01, 1, 3),
                         t = random_matrix<TestType>(5, 1300, 0.1, 0.9, 4);
  typename Net::Gradients alone, together;
  typename Net::Workspace workspace;
  for (Index samples = 1; samples <= 1300; samples += samples < 9 ? 1 : samples < 300 ? 13 : 499) {
    const auto some_x = x.leftCols(samples), some_t = t.leftCols(samples);
    const auto loss = net.gradients(some_x, some_t, alone, workspace);
    for (const int threads : {2, 3, 4, 7}) {
      CAPTURE(samples, threads);
      backquery::ThreadPool pool(threads);
      CHECK(net.gradients(some_x, some_t, together, workspace, pool) == loss);
      const auto bytes = static_cast<std::size_t>(alone.values().size()) * sizeof(TestType);
      CHECK(std::memcmp(alone.values().data(), together.values().data(), bytes) == 0);
    }
  }
}

TEST_CASE("gradients of a long batch are the mean of the gradients of its parts", "[gradients]") {
  const Network net({9, 6, 5}, 0.1, NetworkOptions::classifier());
  const Matrix<double> x = random_matrix<double>(9, 1300, 0.01, 1, 3), t = targets(5, 1300, false);
  const RowMajorMatrix<double> row_major_x = x, row_major_t = t;
  Gradients mean(net.layer_sizes(), true), whole;
  Network::Workspace workspace;
  double mean_loss = 0;
  for (Index first = 0; first < 1300; first += 13) {
    mean_loss += net.gradients(x.middleCols(first, 13), t.middleCols(first, 13), whole, workspace) / 100;
    mean.values() += whole.values() / 100;
  }
  CHECK_THAT(net.gradients(x, t, whole, workspace), Catch::Matchers::WithinRel(mean_loss, 1e-13));
  CHECK(max_difference(whole.values(), mean.values()) <= 1e-15);
  CHECK_THAT(net.gradients(row_major_x, row_major_t, whole, workspace),
             Catch::Matchers::WithinRel(mean_loss, 1e-13));
  CHECK(max_difference(whole.values(), mean.values()) <= 1e-15);
}

TEST_CASE("gradients are the same for samples in any kind of matrix", "[gradients]") {
  const Network net({7, 5, 3}, 0.1);
  const Matrix<double> x = random_matrix<double>(7, 9, 0.01, 1, 2), t = targets(3, 9, false);
  const Gradients expected = gradients_of(net, x, t);
  const RowMajorMatrix<double> row_major_x = x, row_major_t = t;
  Gradients gradients;
  Network::Workspace workspace;
  const double loss = net.gradients(row_major_x, row_major_t, gradients, workspace);
  CHECK(max_difference(gradients.values(), expected.values()) <= 1e-15);
  CHECK_THAT(net.loss(row_major_x, row_major_t), Catch::Matchers::WithinRel(loss, 1e-14));
  net.gradients(2 * x - x, 2 * t - t, gradients, workspace);
  CHECK(max_difference(gradients.values(), expected.values()) <= 1e-15);
  CHECK_THAT(net.loss(2 * x - x, 2 * t - t), Catch::Matchers::WithinRel(loss, 1e-14));
}

TEMPLATE_TEST_CASE("a step subtracts rate times the gradients", "[gradients]", EVERY_SCALAR) {
  using Net = backquery::NeuralNetwork<TestType>;
  Net net({7, 5, 3}, TestType(0.1), NetworkOptions::classifier());
  const Vector<TestType> before = net.parameters();
  typename Net::Gradients gradients(net.layer_sizes(), true);
  for (Index layer = 0; layer < 2; ++layer) {
    gradients.weights(layer).setConstant(TestType(0.5));
    gradients.biases(layer).setConstant(TestType(0.25));
  }
  net.step(gradients, TestType(0.5));
  CHECK(max_difference(net.parameters(), before - TestType(0.5) * gradients.values()) <=
        tolerance<TestType>(1));
  CHECK(net.biases(1) == Vector<TestType>::Constant(3, TestType(-0.125)));
}
