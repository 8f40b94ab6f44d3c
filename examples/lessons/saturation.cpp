// Why inputs go to 0.01 .. 1.0, targets to 0.01 .. 0.99, and starting weights neither to 0 nor to large
// values: a sigmoid that is pushed far out has no slope left to learn by, and a signal of 0 teaches nothing.
//
// Start it with:  cmake --build --preset mnist --target saturation && build/mnist/examples/saturation
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

// How much slope the answers of a layer have left: the mean of o (1 - o), which is 0.25 at best.
double mean_slope(const MatrixXd& outputs) {
  return (outputs.array() * (1 - outputs.array())).mean();
}

void far_out(lesson::Check& check) {
  lesson::title("A sigmoid far out");
  say("A weight moves by  L * error * slope * input. The slope o (1 - o) of a sigmoid, by the sum it got:\n");
  say("    sum   output           slope    steps as small as this many times less");
  for (const double sum : {0., 2., 5., 10., 20.}) {
    const double o = sigmoid(sum), slope = o * (1 - o);
    say(text(sum, 0, 7), "   ", text(o, 10), text(slope, 10, 16), text(0.25 / slope, 0, 20));
  }
  say("\nAt 10 a neuron that is utterly wrong learns 5,500 times more slowly than at 0. That is saturation.");
  check.near("slope lost at 10", 0.25 / (sigmoid(10) * (1 - sigmoid(10))),
             0.25 * (std::exp(10) + 2 + std::exp(-10)), 1e-3);
  check.near("slope lost at 10, from a table of e^10 = 22026.47", 0.25 / (sigmoid(10) * (1 - sigmoid(10))),
             5507.1, 0.1);
}

void zero_inputs(lesson::Check& check) {
  lesson::title("Inputs: not 0");
  say("One neuron, weights (0.5, 0.5), target 0.99, learning rate 1, one step. Only the first input "
      "differs:\n");
  say("  inputs          weights afterwards");
  std::vector<double> moved;
  for (const double first : {0.0, 0.01, 1.0}) {
    Network net = neuron({0.5, 0.5}, 1);
    net.train(Vector2d(first, 1), one(0.99));
    say("  ", column(text(Vector2d(first, 1), 2), 16), text(net.weights(0), 6));
    moved.push_back(net.weights(0)(0, 0) - 0.5);
  }
  say("\nThe weight of an input 0 does not move, whatever the error. At 0.01 it does: little, but every "
      "time.");
  check.near("the move for an input 0", moved[0], 0, 0);
  const double o = sigmoid(0.5 * 0.01 + 0.5);
  check.near("the move for an input 0.01", moved[1], (0.99 - o) * o * (1 - o) * 0.01, 1e-15);
  check.that("the larger input moves its weight more", moved[2] > moved[1]);
}

// An image of 784 bytes, a fifth of them ink, as in a handwritten digit.
VectorXd byte_image() {
  VectorXd bytes(784);
  for (Index i = 0; i < bytes.size(); ++i) bytes(i) = i % 5 == 0 ? static_cast<double>(60 + i * 37 % 196) : 0;
  return bytes;
}

void large_inputs(lesson::Check& check) {
  lesson::title("Inputs: not large");
  say("784 pixels, a fifth of them ink, into 200 hidden nodes with the notes' starting weights. The pixels "
      "as bytes");
  say("0 .. 255, and the same scaled to 0.01 .. 1.0 by pixel / 255 * 0.99 + 0.01:\n");
  const VectorXd bytes = byte_image();
  const VectorXd scaled = bytes.array() / 255 * 0.99 + 0.01;
  // Without its last layer the network is input to hidden only: its answers are the hidden outputs.
  const Network hidden({784, 200}, 0.1);
  std::vector<double> slopes;
  say("  inputs          largest sum    mean slope of the hidden nodes");
  for (const VectorXd& image : {bytes, scaled}) {
    slopes.push_back(mean_slope(hidden.query(image)));
    const double largest = (hidden.weights(0) * image).cwiseAbs().maxCoeff();
    say("  ", column(slopes.size() == 1 ? "0 .. 255" : "0.01 .. 1.0", 14), text(largest, 1, 13),
        text(slopes.back(), 4, 19));
  }
  say("\nWith bytes nearly every hidden node starts saturated, before it has seen a single error.");
  check.that("bytes leave less than a tenth of the slope", slopes[0] < 0.025);
  check.that("scaled inputs leave most of the slope", slopes[1] > 0.2);
}

void targets(lesson::Check& check) {
  lesson::title("Targets: not 0 and 1");
  say("A sigmoid gives 1 only for an infinite sum. A neuron with one input 1 and learning rate 1 tries to "
      "reach it");
  say("all the same; how large its weight becomes after that many steps:\n");
  say("     steps   target 1    target 0.99");
  Network greedy(std::vector<MatrixXd>{MatrixXd::Zero(1, 1)}, 1);
  Network modest = greedy;
  std::vector<double> greedy_weights;
  for (int step = 1; step <= 1000000; ++step) {
    greedy.train(one(1), one(1));
    modest.train(one(1), one(0.99));
    if (step == 1000 || step == 10000 || step == 100000 || step == 1000000) {
      say(text(step, 0, 10), text(greedy.weights(0)(0, 0), 3, 11), text(modest.weights(0)(0, 0), 3, 15));
      greedy_weights.push_back(greedy.weights(0)(0, 0));
    }
  }
  say("\nThe target 0.99 has a place to rest: the sum whose sigmoid is 0.99, ln(0.99 / 0.01) = 4.595. The "
      "target 1 has");
  say("none: the weight grows for ever, and drives its own neuron into saturation.");
  check.near("weight at rest for 0.99", modest.weights(0)(0, 0), 4.59512, 0.00001);
  // Far out 1 - o is e^-w, and dw = e^-2w for a step: w = ln(2 n) / 2, so ten times the steps add ln(10) / 2.
  check.near("what ten times the steps add", greedy_weights[3] - greedy_weights[2], std::log(10.) / 2, 0.01);

  say("\nFor the same reason a network cannot be asked backwards what a 1.0 looks like. The library "
      "answers:");
  try {
    (void)modest.backquery(one(1));
    check.that("backquery refuses the target 1", false);
  } catch (const std::invalid_argument& refusal) {
    say("  ", refusal.what());
    check.that("the refusal names backquery",
               std::string(refusal.what()).find("backquery") != std::string::npos);
  }
}

// ---- Starting weights ----

const Eigen::Matrix<double, 2, 4> questions =
    (Eigen::Matrix<double, 2, 4>() << 0.01, 0.01, 1, 1, 0.01, 1, 0.01, 1).finished();
const Eigen::RowVector4d exclusive_or(0.01, 0.99, 0.99, 0.01);

double error_after(Network net, int passes) {
  for (int pass = 0; pass < passes; ++pass) net.train(questions, exclusive_or);
  return net.loss(questions, exclusive_or);
}

void equal_weights(lesson::Check& check) {
  lesson::title("Weights: not 0, and not all equal");
  say("A network 2-3-1 learns XOR. If all weights start at 0, the hidden nodes get the error W' e = 0: the "
      "first");
  say("matrix does not move. W_ih, row by row, and W_ho, after some passes:\n");
  for (const double start : {0., 0.3}) {
    Network net({MatrixXd::Constant(3, 2, start), MatrixXd::Constant(1, 3, start)}, 0.5);
    net.train(questions.col(0), exclusive_or.col(0));
    const MatrixXd after_one = net.weights(0);
    say("  all ", text(start, 1), ", one step:    W_ih ", text(after_one, 3), "  W_ho ",
        text(net.weights(1), 3));
    for (int pass = 0; pass < 1000; ++pass) net.train(questions, exclusive_or);
    const MatrixXd w = net.weights(0);
    say("           1,000 passes: W_ih ", text(w, 3), "  W_ho ", text(net.weights(1), 3));
    if (start == 0)
      check.near("how far W_ih moved in the first step from 0", after_one.cwiseAbs().maxCoeff(), 0, 0);
    // Not exactly 0: the processor's wide and narrow instructions round the rows differently in the last
    // bits.
    check.near("how far the hidden nodes came apart", (w.rowwise() - w.row(0)).cwiseAbs().maxCoeff(), 0,
               1e-9);
  }
  say("\nEqual nodes get equal errors and stay equal for ever: three hidden nodes do the work of one. "
      "Starting weights");
  say("must differ, so they are drawn at random.");
}

void large_weights(lesson::Check& check) {
  lesson::title("Weights: not large");
  say("A sum of n inputs grows like the square root of n, so weights should shrink like 1 / sqrt(n). Mean "
      "slope of");
  say("200 nodes for n inputs of 0.5, weights drawn from -1 .. 1 and from -1/sqrt(n) .. 1/sqrt(n):\n");
  say("       n   -1 .. 1   -1/sqrt(n) .. 1/sqrt(n)");
  double wide = 0, narrow = 0;
  for (const Index n : {4, 100, 784}) {
    backquery::NetworkOptions options;
    options.initializer = backquery::Initializer::uniform_fan_in;
    Network net({n, 200}, 0.1, options);
    const VectorXd x = VectorXd::Constant(n, 0.5);
    narrow = mean_slope(net.query(x));
    net.set_weights(0, MatrixXd(net.weights(0) * std::sqrt(static_cast<double>(n))));
    wide = mean_slope(net.query(x));
    say(text(static_cast<double>(n), 0, 8), text(wide, 4, 10), text(narrow, 4, 14));
  }
  check.that("wide weights saturate 784 inputs", wide < 0.1);
  check.that("narrow weights do not", narrow > 0.23);

  say("\nWhat it costs: a network 2-6-1 with the usual weights, the same 30 times and 1/1000 as large. Loss "
      "on XOR after");
  say("2,000 passes, learning rate 0.5, mean of 10 seeds:\n");
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
      sum += error_after(net, 2000) / 10;
    }
    losses.push_back(sum);
    say("  weights times ", text(factor, 3, 7), ":   loss ", text(sum, 5));
  }
  say("\nTiny weights start from near-equal nodes, large ones from saturated nodes. Both learn more slowly "
      "or not at all.");
  check.that("tiny weights learn worse than the usual ones", losses[0] > 2 * losses[1]);
  check.that("large weights learn worse than the usual ones", losses[2] > 2 * losses[1]);
}

int main() {
  return lesson::guarded("saturation", [] {
    lesson::Check check;
    far_out(check);
    zero_inputs(check);
    large_inputs(check);
    targets(check);
    equal_weights(check);
    large_weights(check);
    return check.result();
  });
}
