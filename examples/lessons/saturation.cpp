// Why inputs are scaled to 0.01 .. 1.0, targets to 0.01 .. 0.99, and initial weights are neither 0 nor large:
// a sigmoid with a large pre-activation has a derivative near 0, and an input of 0 changes no weight.
//
// Start it with:
//
//     cmake --build --preset mnist --target saturation && build/mnist/examples/saturation
#include <backquery/backquery.hpp>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/check.hpp"
#include "support/guarded.hpp"
#include "support/print.hpp"

using lesson::column;
using lesson::say;
using lesson::text;
using Network = backquery::NeuralNetwork<double>;
using Eigen::Index, Eigen::MatrixXd, Eigen::RowVector2d, Eigen::Vector2d, Eigen::VectorXd;

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

Network neuron(const RowVector2d& weights, double learning_rate) {
  return Network(std::vector<Network::Matrix>{weights}, learning_rate);
}
VectorXd one(double value) {
  return VectorXd::Constant(1, value);
}

// The mean derivative o (1 - o) of the outputs of a layer; at most 0.25.
double mean_derivative(const MatrixXd& outputs) {
  return (outputs.array() * (1 - outputs.array())).mean();
}

void large_sums(lesson::Check& check) {
  lesson::title("A sigmoid with a large sum");
  say("A weight changes by L * error * derivative * input. The derivative o (1 - o) of a sigmoid:\n");
  say("    sum   output      derivative    steps are smaller by the factor");
  for (const double sum : {0., 2., 5., 10., 20.}) {
    const double o = sigmoid(sum), derivative = o * (1 - o);
    say(text(sum, 0, 7), "   ", text(o, 10), text(derivative, 10, 16), text(0.25 / derivative, 0, 20));
  }
  say("\nAt a sum of 10 a neuron with a wrong output learns 5,500 times more slowly than at 0: saturation.");
  check.near("factor at 10", 0.25 / (sigmoid(10) * (1 - sigmoid(10))),
             0.25 * (std::exp(10) + 2 + std::exp(-10)), 1e-3);
  check.near("factor at 10, from a table of e^10 = 22026.47", 0.25 / (sigmoid(10) * (1 - sigmoid(10))),
             5507.1, 0.1);
}

void zero_inputs(lesson::Check& check) {
  lesson::title("Inputs: not 0");
  say("One neuron, weights (0.5, 0.5), target 0.99, learning rate 1, one step. The first input varies:\n");
  say("  inputs          weights afterwards");
  std::vector<double> changes;
  for (const double first : {0.0, 0.01, 1.0}) {
    Network net = neuron({0.5, 0.5}, 1);
    net.train(Vector2d(first, 1), one(0.99));
    say("  ", column(text(Vector2d(first, 1), 2), 16), text(net.weights(0), 6));
    changes.push_back(net.weights(0)(0, 0) - 0.5);
  }
  say("\nThe weight of an input 0 never changes, whatever the error. For 0.01 it changes a little.");
  check.near("the change for an input 0", changes[0], 0, 0);
  const double o = sigmoid(0.5 * 0.01 + 0.5);
  check.near("the change for an input 0.01", changes[1], (0.99 - o) * o * (1 - o) * 0.01, 1e-15);
  check.that("the larger input changes its weight more", changes[2] > changes[1]);
}

// An image of 784 bytes, a fifth of them ink, as in a handwritten digit.
VectorXd byte_image() {
  VectorXd bytes(784);
  for (Index i = 0; i < bytes.size(); ++i) bytes(i) = i % 5 == 0 ? static_cast<double>(60 + i * 37 % 196) : 0;
  return bytes;
}

void large_inputs(lesson::Check& check) {
  lesson::title("Inputs: not large");
  say("784 pixels, a fifth of them ink, and 200 hidden nodes with the book's initial weights. The pixels as");
  say("bytes, 0 .. 255, and scaled to 0.01 .. 1.0 by pixel / 255 * 0.99 + 0.01:\n");
  const VectorXd bytes = byte_image();
  const VectorXd scaled = bytes.array() / 255 * 0.99 + 0.01;
  // A network without its last layer: its outputs are the hidden outputs.
  const Network hidden({784, 200}, 0.1);
  std::vector<double> means;
  say("  inputs          largest sum    mean derivative of the hidden nodes");
  for (const VectorXd& image : {bytes, scaled}) {
    means.push_back(mean_derivative(hidden.query(image)));
    const double largest = (hidden.weights(0) * image).cwiseAbs().maxCoeff();
    say("  ", column(means.size() == 1 ? "0 .. 255" : "0.01 .. 1.0", 14), text(largest, 1, 13),
        text(means.back(), 4, 19));
  }
  say("\nWith bytes nearly every hidden node is saturated before the first step.");
  check.that("bytes leave less than a tenth of the derivative", means[0] < 0.025);
  check.that("scaled inputs leave most of the derivative", means[1] > 0.2);
}

void targets(lesson::Check& check) {
  lesson::title("Targets: not 0 and 1");
  say("A sigmoid is 1 only for an infinite sum. The weight of a neuron with the input 1 and learning rate");
  say("1, trained on the target 1 or 0.99:\n");
  say("     steps   target 1    target 0.99");
  Network to_one(std::vector<MatrixXd>{MatrixXd::Zero(1, 1)}, 1);
  Network to_099 = to_one;
  std::vector<double> weights_to_one;
  for (int step = 1; step <= 1000000; ++step) {
    to_one.train(one(1), one(1));
    to_099.train(one(1), one(0.99));
    if (step == 1000 || step == 10000 || step == 100000 || step == 1000000) {
      say(text(step, 0, 10), text(to_one.weights(0)(0, 0), 3, 11), text(to_099.weights(0)(0, 0), 3, 15));
      weights_to_one.push_back(to_one.weights(0)(0, 0));
    }
  }
  say("\nFor the target 0.99 the weight converges to ln(0.99 / 0.01) = 4.595, whose sigmoid is 0.99.");
  say("For the target 1 it grows without limit, and the neuron saturates.");
  check.near("limit of the weight for 0.99", to_099.weights(0)(0, 0), 4.59512, 0.00001);
  // For large w, 1 - o is e^-w and a step adds e^-2w: w = ln(2 n) / 2, so ten times the steps add ln(10) / 2.
  check.near("increase for ten times the steps", weights_to_one[3] - weights_to_one[2], std::log(10.) / 2,
             0.01);

  say("\nFor the same reason backquery() rejects the target 1:");
  try {
    (void)to_099.backquery(one(1));
    check.that("backquery rejects the target 1", false);
  } catch (const std::invalid_argument& error) {
    say("  ", error.what());
    check.that("the message names backquery",
               std::string(error.what()).find("backquery") != std::string::npos);
  }
}

// ---- Initial weights ----

const Eigen::Matrix<double, 2, 4> inputs =
    (Eigen::Matrix<double, 2, 4>() << 0.01, 0.01, 1, 1, 0.01, 1, 0.01, 1).finished();
const Eigen::RowVector4d exclusive_or(0.01, 0.99, 0.99, 0.01);

double loss_after(Network net, int passes) {
  for (int pass = 0; pass < passes; ++pass) net.train(inputs, exclusive_or);
  return net.loss(inputs, exclusive_or);
}

void equal_weights(lesson::Check& check) {
  lesson::title("Weights: not 0, and not all equal");
  say("A 2-3-1 network learns XOR. If all weights are 0, the hidden nodes get the error W' e = 0, and the");
  say("first matrix does not change. W_ih, row by row, and W_ho, after some passes:\n");
  for (const double start : {0., 0.3}) {
    Network net({MatrixXd::Constant(3, 2, start), MatrixXd::Constant(1, 3, start)}, 0.5);
    net.train(inputs.col(0), exclusive_or.col(0));
    const MatrixXd after_one = net.weights(0);
    say("  all ", text(start, 1), ", one step:    W_ih ", text(after_one, 3), "  W_ho ",
        text(net.weights(1), 3));
    for (int pass = 0; pass < 1000; ++pass) net.train(inputs, exclusive_or);
    const MatrixXd w = net.weights(0);
    say("           1,000 passes: W_ih ", text(w, 3), "  W_ho ", text(net.weights(1), 3));
    if (start == 0)
      check.near("change of W_ih in the first step from 0", after_one.cwiseAbs().maxCoeff(), 0, 0);
    // Not exactly 0: vector and scalar instructions of the processor round the rows differently in the last
    // bits.
    check.near("largest difference between hidden nodes", (w.rowwise() - w.row(0)).cwiseAbs().maxCoeff(), 0,
               1e-9);
  }
  say("\nEqual nodes get equal errors and stay equal: three hidden nodes compute the same as one. Initial");
  say("weights must differ, so they are sampled at random.");
}

void large_weights(lesson::Check& check) {
  lesson::title("Weights: not large");
  say("A sum of n inputs grows like sqrt(n), so weights should shrink like 1 / sqrt(n). Mean derivative of");
  say("200 nodes for n inputs of 0.5, weights sampled from -1 .. 1 and from -1/sqrt(n) .. 1/sqrt(n):\n");
  say("       n   -1 .. 1   -1/sqrt(n) .. 1/sqrt(n)");
  double wide = 0, narrow = 0;
  for (const Index n : {4, 100, 784}) {
    backquery::NetworkOptions options;
    options.initializer = backquery::Initializer::uniform_fan_in;
    Network net({n, 200}, 0.1, options);
    const VectorXd x = VectorXd::Constant(n, 0.5);
    narrow = mean_derivative(net.query(x));
    net.set_weights(0, MatrixXd(net.weights(0) * std::sqrt(static_cast<double>(n))));
    wide = mean_derivative(net.query(x));
    say(text(static_cast<double>(n), 0, 8), text(wide, 4, 10), text(narrow, 4, 14));
  }
  check.that("wide weights saturate nodes of 784 inputs", wide < 0.1);
  check.that("narrow weights do not", narrow > 0.23);

  say("\nThe effect on training: a 2-6-1 network with the usual initial weights, and with weights 30 times");
  say("and 1/1000 times as large. Loss on XOR after 2,000 passes, learning rate 0.5, mean of 10 seeds:\n");
  std::vector<double> losses;
  for (const double factor : {0.001, 1., 30.}) {
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      backquery::NetworkOptions options;
      options.biases = true;
      options.seed = seed;
      Network net({2, 6, 1}, 0.5, options);
      for (Index layer = 0; layer < net.layers(); ++layer)
        net.set_weights(layer, MatrixXd(net.weights(layer) * factor));
      sum += loss_after(net, 2000) / 10;
    }
    losses.push_back(sum);
    say("  weights times ", text(factor, 3, 7), ":   loss ", text(sum, 5));
  }
  say("\nWith tiny weights the nodes are nearly equal, with large ones saturated. Both slow the training.");
  check.that("tiny initial weights end with a larger loss", losses[0] > 2 * losses[1]);
  check.that("large initial weights end with a larger loss", losses[2] > 2 * losses[1]);
}

int main() {
  return lesson::guarded("saturation", [] {
    lesson::Check check;
    large_sums(check);
    zero_inputs(check);
    large_inputs(check);
    targets(check);
    equal_weights(check);
    large_weights(check);
    return check.result();
  });
}
