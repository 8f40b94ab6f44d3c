// Trained networks for audio, control or a microcontroller: the sizes of a FixedNetwork are known at compile
// time, and query() uses no heap and throws nothing. One network is made from a NeuralNetwork, another from
// numbers in the source.
#include <array>
#include <backquery/backquery.hpp>
#include <backquery/network/fixed_network.hpp>
#include <backquery/network/make_fixed_network.hpp>
#include <cmath>
#include <iostream>

// For each layer the weights, column by column, then the biases. One hidden node computes OR, the other AND.
constexpr backquery::FixedNetwork<float, 2, 2, 1> exclusive_or({20, 20, 20, 20, -10, -30,  //
                                                                20, -20, -10},
                                                               backquery::Activation::sigmoid,
                                                               backquery::Activation::sigmoid);

int main() {
  // Train on a computer ...
  Eigen::MatrixXf x(2, 4), t(1, 4);
  x << 0, 0, 1, 1,  //
      0, 1, 0, 1;
  t << 0.01f, 0.99f, 0.99f, 0.01f;
  backquery::NetworkOptions options;
  options.biases = true;
  backquery::NeuralNetwork<float> net({2, 6, 1}, 0.5f, options);
  for (int pass = 0; pass < 5000; ++pass) net.train(x, t);

  // ... then fix the sizes. net.weights(layer) and net.biases(layer) are the numbers to print into a source
  // file.
  const auto fixed = backquery::make_fixed_network<2, 6, 1>(net);

  bool correct = true;
  std::cout << "inputs   expected   trained   from numbers\n";
  for (int sample = 0; sample < 4; ++sample) {
    const std::array<float, 2> input = {x(0, sample), x(1, sample)};
    const float expected = std::round(t(0, sample));
    const float trained = fixed.query(input)[0], by_hand = exclusive_or.query(input)[0];
    std::cout << input[0] << ' ' << input[1] << "      " << expected << "          " << trained << "  "
              << by_hand << '\n';
    correct = correct && std::round(trained) == expected && std::round(by_hand) == expected &&
              std::abs(trained - net.query(x.col(sample))(0)) < 1e-5f;
  }
  return correct ? 0 : 1;
}
