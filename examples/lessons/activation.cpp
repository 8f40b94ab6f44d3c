// What a neuron does with its sum: a step that fires or not, and the sigmoid that does the same smoothly, so
// that it has a slope to learn by. Prints both as a table and draws activation.svg in the current folder.
//
// Start it with:  cmake --build --preset mnist --target activation && build/mnist/examples/activation
#include <backquery/backquery.hpp>
#include <cmath>
#include <vector>

#include "support/check.hpp"
#include "support/guarded.hpp"
#include "support/print.hpp"
#include "support/svg.hpp"

using lesson::say;
using lesson::text;

double step(double x) {
  return x < 0 ? 0 : 1;
}
double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}
double slope(double x) {
  return sigmoid(x) * (1 - sigmoid(x));
}

void table(lesson::Check& check) {
  lesson::title("Step and sigmoid");
  say("A neuron adds up what comes in and answers only if the sum is large enough.");
  say("The bluntest rule is a step: 0 below the threshold, 1 from there on.");
  say("The sigmoid 1 / (1 + e^-x) is a soft step. Its slope is y (1 - y): no new e^x is needed.\n");
  say("      x   step   sigmoid    slope");
  for (int x = -6; x <= 6; ++x) {
    say(text(x, 0, 7), text(step(x), 0, 7), text(sigmoid(x), 4, 10), text(slope(x), 4, 9));
  }
  say("\nRead down the columns: the step tells nothing until it jumps; its slope is 0 everywhere else, so");
  say("nothing says which way to turn a weight. The sigmoid leans toward the answer at every x.");
  say("The slope is greatest in the middle, 1/4, and almost gone at +-6: far out, a neuron learns slowly.");
  // From any table of the logistic function.
  check.near("sigmoid(0)", sigmoid(0), 0.5, 1e-15);
  check.near("sigmoid(1)", sigmoid(1), 0.731058578630, 1e-12);
  check.near("sigmoid(-3)", sigmoid(-3), 0.047425873178, 1e-12);
  check.near("sigmoid(6)", sigmoid(6), 0.997527376843, 1e-12);
  check.near("slope(0)", slope(0), 0.25, 1e-15);
  check.near("slope(6)", slope(6), 0.002466509291, 1e-12);
}

void measured_slope(lesson::Check& check) {
  lesson::title("Is y (1 - y) the slope? Measure it");
  say("Go a little to the left and to the right, and divide the rise by the way:\n");
  say("      x   y (1 - y)     measured");
  const double h = 1e-5;
  for (const double x : {-4., -1., 0., 2.}) {
    const double measured = (sigmoid(x + h) - sigmoid(x - h)) / (2 * h);
    say(text(x, 0, 7), text(slope(x), 8, 12), text(measured, 8, 13));
    check.near("measured slope at " + text(x, 0), measured, slope(x), 1e-9);
  }
}

void neuron(lesson::Check& check) {
  lesson::title("The same neuron in the library");
  say("A network with one weight of 1, from one input to one output, is the sigmoid and nothing else:\n");
  say("      x   sigmoid   neuron.query(x)");
  using Network = backquery::NeuralNetwork<double>;
  const Network neuron(std::vector<Network::Matrix>{Network::Matrix::Ones(1, 1)}, 0.1);
  for (const double x : {-2., 0., 0.5, 3.}) {
    const double answer = neuron.query(Network::Vector::Constant(1, x))(0);
    say(text(x, 1, 7), text(sigmoid(x), 6, 10), text(answer, 6, 18));
    check.near("the neuron's answer to " + text(x, 1), answer, sigmoid(x), 1e-15);
  }
}

void picture() {
  std::vector<double> xs, steps, sigmoids, slopes;
  for (int i = -600; i <= 600; ++i) {
    const double x = i / 100.;
    xs.push_back(x);
    steps.push_back(step(x));
    sigmoids.push_back(sigmoid(x));
    slopes.push_back(slope(x));
  }
  lesson::Plot plot("A step, the sigmoid, and its slope", {"sum of the inputs x", -6, 6},
                    {"output", -0.1, 1.1});
  plot.line("step", xs, steps);
  plot.line("sigmoid y", xs, sigmoids);
  plot.line("its slope y (1 - y)", xs, slopes);
  plot.write("activation.svg");
  say("\nThe picture of it is in activation.svg.");
}

int main() {
  return lesson::guarded("activation", [] {
    lesson::Check check;
    table(check);
    measured_slope(check);
    neuron(check);
    picture();
    return check.result();
  });
}
