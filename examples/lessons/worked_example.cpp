// One query, computed by hand: two nodes in two layers, then the 3-3-3 network of the book, with every vector
// in between.
//
// Start it with:
//
//     cmake --build --preset mnist --target worked_example && build/mnist/examples/worked_example
#include <backquery/backquery.hpp>
#include <cmath>
#include <vector>

#include "support/check.hpp"
#include "support/guarded.hpp"
#include "support/print.hpp"

using lesson::say;
using lesson::text;
using Network = backquery::NeuralNetwork<double>;
using Eigen::Matrix2d, Eigen::Matrix3d, Eigen::Vector2d, Eigen::Vector3d;

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

void near(lesson::Check& check, const std::string& what, const Vector3d& values, const Vector3d& expected,
          double tolerance) {
  for (int i = 0; i < 3; ++i)
    check.near(what + " " + std::to_string(i + 1), values(i), expected(i), tolerance);
}

void two_nodes(lesson::Check& check) {
  lesson::title("Two nodes in two layers");
  say("The first layer passes on the inputs 1.0 and 0.5.");
  say("Each link has a weight, w12 for the link from node 1 to node 2:");
  say("  w11 = 0.9, w12 = 0.2, w21 = 0.3, w22 = 0.8.");
  say("A node of the second layer adds up its inputs, each times the weight of its link:");
  const double x1 = 1.0 * 0.9 + 0.5 * 0.3;
  const double x2 = 1.0 * 0.2 + 0.5 * 0.8;
  say("  node 1: 1.0 * 0.9 + 0.5 * 0.3 = ", text(x1, 2));
  say("  node 2: 1.0 * 0.2 + 0.5 * 0.8 = ", text(x2, 2));
  say("The sigmoid 1 / (1 + e^-x) turns the sums into outputs:");
  say("  node 1: sigmoid(", text(x1, 2), ") = ", text(sigmoid(x1)));
  say("  node 2: sigmoid(", text(x2, 2), ") = ", text(sigmoid(x2)));
  check.near("sum of node 1", x1, 1.05, 1e-12);
  check.near("sum of node 2", x2, 0.6, 1e-12);
  check.near("output of node 1", sigmoid(x1), 0.7408, 0.00005);
  check.near("output of node 2", sigmoid(x2), 0.6457, 0.00005);

  say("\nA matrix product computes all sums at once: W x. Row i of W holds the weights into node i.");
  Matrix2d w;
  w << 0.9, 0.3,  //
      0.2, 0.8;
  const Vector2d inputs(1.0, 0.5);
  const Vector2d outputs = Network(std::vector<Network::Matrix>{w}, 0.1).query(inputs);
  say("  W = ", text(w, 1), "   x = ", text(inputs, 1), "   W x = ", text(w * inputs, 2));
  say("The library with this W: net.query(x) = ", text(outputs));
  check.near("the library's output of node 1", outputs(0), 0.7408, 0.00005);
  check.near("the library's output of node 2", outputs(1), 0.6457, 0.00005);
}

void three_layers(lesson::Check& check) {
  lesson::title("Three nodes in three layers");
  const Vector3d inputs(0.9, 0.1, 0.8);
  Matrix3d input_hidden, hidden_output;
  input_hidden << 0.9, 0.3, 0.4,  //
      0.2, 0.8, 0.2,              //
      0.1, 0.5, 0.6;
  hidden_output << 0.3, 0.7, 0.5,  //
      0.6, 0.5, 0.2,               //
      0.8, 0.1, 0.9;
  const Network net({input_hidden, hidden_output}, 0.1);
  say("I        = ", text(inputs, 1));
  say("W_ih     = ", text(input_hidden, 1));
  say("W_ho     = ", text(hidden_output, 1));

  // The first layer alone is a network too. Its outputs are the hidden outputs.
  const Network first_half(std::vector<Network::Matrix>{net.weights(0)}, 0.1);
  const Vector3d hidden_sums = net.weights(0) * inputs;
  const Vector3d hidden = first_half.query(inputs);
  const Vector3d output_sums = net.weights(1) * hidden;
  const Vector3d outputs = net.query(inputs);

  say("\nSums of the hidden layer: X_hidden = W_ih I. Its first value: 0.9*0.9 + 0.3*0.1 + 0.4*0.8 = 1.16.");
  say("X_hidden = ", text(hidden_sums, 2));
  say("Outputs of the hidden layer: O_hidden = sigmoid(X_hidden), value by value.");
  say("O_hidden = ", text(hidden, 3));
  say("\nThe hidden outputs are the inputs of the next layer: X_output = W_ho O_hidden");
  say("X_output = ", text(output_sums, 3));
  say("and O_output = sigmoid(X_output).");
  say("O_output = ", text(outputs, 3));
  say("\nA query is one matrix product and one sigmoid for each layer.");
  near(check, "sum into hidden node", hidden_sums, {1.16, 0.42, 0.62}, 1e-12);
  near(check, "output of hidden node", hidden, {0.761, 0.603, 0.650}, 0.0005);
  // The same outputs by the sigmoid of this program.
  near(check, "sigmoid of the sum into hidden node", hidden, hidden_sums.unaryExpr(&sigmoid), 1e-15);
  near(check, "sum into output node", output_sums, {0.975, 0.888, 1.254}, 0.001);
  near(check, "output of output node", outputs, {0.726, 0.708, 0.778}, 0.001);

  say("\nBy hand one continues with the rounded O_hidden = (0.761, 0.603, 0.650):");
  const auto rounded = [](const Vector3d& values) -> Vector3d {
    return (values * 1000).array().round() / 1000;
  };
  const Vector3d sums_on_paper = rounded(hidden_output * rounded(hidden));
  const Vector3d outputs_on_paper = rounded(sums_on_paper.unaryExpr(&sigmoid));
  say("X_output = ", text(sums_on_paper, 3));
  say("O_output = ", text(outputs_on_paper, 3),
      ", which differs from the exact values by one unit in the third decimal.");
  near(check, "sum into output node, on paper", sums_on_paper, {0.975, 0.888, 1.254}, 1e-12);
  near(check, "output of output node, on paper", outputs_on_paper, {0.726, 0.708, 0.778}, 1e-12);
}

int main() {
  return lesson::guarded("worked_example", [] {
    lesson::Check check;
    two_nodes(check);
    three_layers(check);
    return check.result();
  });
}
