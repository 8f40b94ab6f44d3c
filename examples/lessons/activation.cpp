// The activation of a neuron: a step function, and the sigmoid, a smooth step whose derivative makes learning
// possible. Prints both as a table and draws activation.svg in the current folder.
//
// Start it with:
//
//     cmake --build --preset mnist --target activation && build/mnist/examples/activation
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
double derivative(double x) {
  return sigmoid(x) * (1 - sigmoid(x));
}

void table(lesson::Check& check) {
  lesson::title("Step and sigmoid");
  say("A neuron adds up its inputs. Its output is large only if the sum is large enough.");
  say("The simplest rule is a step: 0 below a threshold, 1 from there on.");
  say("The sigmoid y = 1 / (1 + e^-x) is a smooth step. Its derivative y (1 - y) needs no further e^x.\n");
  say("      x   step   sigmoid   derivative");
  for (int x = -6; x <= 6; ++x) {
    say(text(x, 0, 7), text(step(x), 0, 7), text(sigmoid(x), 4, 10), text(derivative(x), 4, 13));
  }
  say("\nThe derivative of the step is 0 at all x but one, so it never shows in which direction to change a");
  say("weight. The derivative of the sigmoid is above 0 at every x. It is largest in the middle, 1/4, and");
  say("almost 0 at +-6: a neuron with a large sum learns slowly.");
  // Expected values: a table of the logistic function.
  check.near("sigmoid(0)", sigmoid(0), 0.5, 1e-15);
  check.near("sigmoid(1)", sigmoid(1), 0.731058578630, 1e-12);
  check.near("sigmoid(-3)", sigmoid(-3), 0.047425873178, 1e-12);
  check.near("sigmoid(6)", sigmoid(6), 0.997527376843, 1e-12);
  check.near("derivative(0)", derivative(0), 0.25, 1e-15);
  check.near("derivative(6)", derivative(6), 0.002466509291, 1e-12);
}

void measured_derivative(lesson::Check& check) {
  lesson::title("Is y (1 - y) the derivative? A measurement");
  say("Take two points close to x on both sides and divide the difference of y by the difference of x:\n");
  say("      x   y (1 - y)     measured");
  const double h = 1e-5;
  for (const double x : {-4., -1., 0., 2.}) {
    const double measured = (sigmoid(x + h) - sigmoid(x - h)) / (2 * h);
    say(text(x, 0, 7), text(derivative(x), 8, 12), text(measured, 8, 13));
    check.near("measured derivative at " + text(x, 0), measured, derivative(x), 1e-9);
  }
}

void neuron(lesson::Check& check) {
  lesson::title("The same neuron in the library");
  say("A network with one input, one output and the weight 1 computes the sigmoid:\n");
  say("      x   sigmoid   neuron.query(x)");
  using Network = backquery::NeuralNetwork<double>;
  const Network neuron(std::vector<Network::Matrix>{Network::Matrix::Ones(1, 1)}, 0.1);
  for (const double x : {-2., 0., 0.5, 3.}) {
    const double output = neuron.query(Network::Vector::Constant(1, x))(0);
    say(text(x, 1, 7), text(sigmoid(x), 6, 10), text(output, 6, 18));
    check.near("the neuron's output for " + text(x, 1), output, sigmoid(x), 1e-15);
  }
}

void picture() {
  std::vector<double> xs, steps, sigmoids, derivatives;
  for (int i = -600; i <= 600; ++i) {
    const double x = i / 100.;
    xs.push_back(x);
    steps.push_back(step(x));
    sigmoids.push_back(sigmoid(x));
    derivatives.push_back(derivative(x));
  }
  lesson::Plot plot("A step, the sigmoid, and its derivative", {"sum of the inputs x", -6, 6},
                    {"output", -0.1, 1.1});
  plot.line("step", xs, steps);
  plot.line("sigmoid y", xs, sigmoids);
  plot.line("derivative y (1 - y)", xs, derivatives);
  plot.write("activation.svg");
  say("\nPicture: activation.svg");
}

int main() {
  return lesson::guarded("activation", [] {
    lesson::Check check;
    table(check);
    measured_derivative(check);
    neuron(check);
    picture();
    return check.result();
  });
}
