// A training loop of your own: gradients() computes the mean gradient of a mini-batch, step() subtracts it
// from the weights. This loop adds shuffling, a falling rate and a limit on the norm of the gradients.
#include <algorithm>
#include <backquery/backquery.hpp>
#include <cmath>
#include <iostream>
#include <numeric>
#include <random>
#include <vector>

int main() {
  // One period of the sine, 200 points: one column is one sample.
  const Eigen::RowVectorXd x = Eigen::RowVectorXd::LinSpaced(200, -3.14, 3.14);
  const Eigen::RowVectorXd t = x.array().sin();

  using Network = backquery::NeuralNetwork<double>;
  backquery::NetworkOptions options;
  options.hidden_activation = backquery::Activation::tanh;
  options.output_activation = backquery::Activation::identity;
  options.initializer = backquery::Initializer::glorot;
  options.error_propagation = backquery::ErrorPropagation::gradient;
  options.biases = true;
  Network net({1, 20, 1}, 0.1, options);

  Network::Gradients gradients;  // gradients and workspace keep their memory from step to step
  Network::Workspace workspace;
  std::vector<int> order(200);
  std::iota(order.begin(), order.end(), 0);
  std::mt19937 random(1);

  constexpr int epochs = 1500, batch = 20;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const double rate = 0.4 * (1 - static_cast<double>(epoch) / epochs);
    std::shuffle(order.begin(), order.end(), random);
    for (int first = 0; first < 200; first += batch) {
      const std::vector<int> chosen(order.begin() + first, order.begin() + first + batch);
      net.gradients(x(Eigen::all, chosen), t(Eigen::all, chosen), gradients, workspace);
      const double length = gradients.values().matrix().norm();
      net.step(gradients, rate / std::max(1.0, length));
    }
    if (epoch % 250 == 249) std::cout << "epoch " << epoch + 1 << ": loss " << net.loss(x, t) << '\n';
  }

  const double largest_error = (net.query(x) - t).cwiseAbs().maxCoeff();
  std::cout << "largest error on the curve: " << largest_error << '\n';
  return largest_error < 0.1 ? 0 : 1;
}
