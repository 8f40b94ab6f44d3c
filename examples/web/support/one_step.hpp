/// @file
/// One query and one training step of a small network, with every vector in between.
#pragma once

#include <backquery/backquery.hpp>
#include <string>
#include <vector>

namespace web {

/// Passes to `give`, in this order: the sums and the outputs of the hidden layer; the sums and the outputs of
/// the output layer; the errors of the output layer and of the hidden layer; the changes of both weight
/// matrices; both new weight matrices; the outputs with the new weights; their errors; the loss before
/// and after.
/// @param sizes    inputs, hidden nodes and outputs
/// @param weights  both matrices, one after the other, each row by row
template <typename Give>
void one_step(const std::vector<Eigen::Index>& sizes, const double* weights, const double* inputs,
              const double* targets, double learning_rate, const std::string& activation, const Give& give) {
  using Network = backquery::NeuralNetwork<double>;
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  if (sizes.size() != 3) {
    throw std::invalid_argument("workedExample: the network has " + std::to_string(sizes.size()) +
                                " layers of nodes, expected 3: inputs, hidden nodes, outputs");
  }
  backquery::NetworkOptions options;
  options.hidden_activation = options.output_activation =
      backquery::from_name<backquery::Activation>(activation);
  const Eigen::Map<const Eigen::VectorXd> x(inputs, sizes[0]), t(targets, sizes[2]);
  const Eigen::Map<const RowMajor> hidden_weights(weights, sizes[1], sizes[0]);
  const Eigen::Map<const RowMajor> output_weights(weights + sizes[1] * sizes[0], sizes[2], sizes[1]);
  Network network(std::vector<RowMajor>{hidden_weights, output_weights}, learning_rate, options);

  // The first layer alone is a network, too. Its outputs are the hidden outputs.
  const Eigen::VectorXd hidden =
      Network(std::vector<RowMajor>{hidden_weights}, learning_rate, options).query(x);
  const Eigen::VectorXd outputs = network.query(x);
  const Eigen::VectorXd output_errors = t - outputs;
  give(Eigen::VectorXd(hidden_weights * x));
  give(hidden);
  give(Eigen::VectorXd(output_weights * hidden));
  give(outputs);
  give(output_errors);
  give(Eigen::VectorXd(output_weights.transpose() * output_errors));
  const double loss = network.loss(x, t);
  network.train(x, t);
  give(RowMajor(network.weights(0) - hidden_weights));
  give(RowMajor(network.weights(1) - output_weights));
  give(RowMajor(network.weights(0)));
  give(RowMajor(network.weights(1)));
  const Eigen::VectorXd new_outputs = network.query(x);
  give(new_outputs);
  give(Eigen::VectorXd(t - new_outputs));
  give(Eigen::VectorXd(Eigen::Vector2d(loss, network.loss(x, t))));
}

}  // namespace web
