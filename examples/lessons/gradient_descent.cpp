// Gradient descent: two minima, steps that are too large, other starting points; three measures of the error;
// the path of two weights on a map of the loss; derivatives by formula and by measurement. Draws
// gradient_descent_valleys.svg and gradient_descent_map.svg in the current folder.
//
// Start it with:
//
//     cmake --build --preset mnist --target gradient_descent && build/mnist/examples/gradient_descent
#include <backquery/backquery.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "support/check.hpp"
#include "support/guarded.hpp"
#include "support/print.hpp"
#include "support/svg.hpp"

using lesson::column;
using lesson::say;
using lesson::text;
using Network = backquery::NeuralNetwork<double>;

// ---- One dimension: a function with two minima (valleys) and a maximum (hill) between them ----

double landscape(double x) {
  return (x * x - 1) * (x * x - 1) + 0.3 * x;
}
double derivative(double x) {
  return 4 * x * (x * x - 1) + 0.3;
}

// Zeros of the derivative: the roots of x^3 - x + 0.075 = 0 by Viete's formula, independent of the descent.
double stationary_point(int k) {
  const double pi = 3.14159265358979323846;
  return 2 / std::sqrt(3.) * std::cos(std::acos(-0.1125 * std::sqrt(3.)) / 3 - 2 * pi * k / 3);
}
const double right_valley = stationary_point(0), hill = stationary_point(1),
             left_valley = stationary_point(2);

std::vector<double> descend(double x, double rate, int steps) {
  std::vector<double> path{x};
  for (int i = 0; i < steps; ++i) path.push_back(x -= rate * derivative(x));
  return path;
}

void one_valley(lesson::Check& check) {
  lesson::title("Descent in steps");
  say("f(x) = (x^2 - 1)^2 + 0.3 x has two valleys, at x = ", text(left_valley),
      " (deep) and x = ", text(right_valley), ", and a hill at ", text(hill), ".");
  say("Each step goes against the derivative f'(x) = 4 x (x^2 - 1) + 0.3, by x -= 0.05 f'(x):\n");
  say("  step        x     f(x)    f'(x)     -0.05 f'(x)");
  const std::vector<double> path = descend(0.3, 0.05, 40);
  for (int i : {0, 1, 2, 3, 4, 6, 8, 12, 20, 40}) {
    const double x = path[static_cast<std::size_t>(i)];
    say(text(i, 0, 6), text(x, 4, 9), text(landscape(x), 4, 9), text(derivative(x), 4, 9),
        text(-0.05 * derivative(x), 4, 16));
  }
  say("\nThe derivative falls to 0 at the minimum, and so does the step. Steps of a fixed length, here 0.3,");
  say("do not end there; they alternate around it:");
  double x = 0.3;
  std::string fixed = "  x =";
  for (int i = 0; i < 9; ++i) {
    fixed += text(x, 2, 6);
    x -= derivative(x) > 0 ? 0.3 : -0.3;
  }
  say(fixed);
  check.near("end of the descent", path.back(), right_valley, 1e-4);
  check.near("the right valley", right_valley, 0.960150, 1e-6);
  check.near("the left valley", left_valley, -1.035579, 1e-6);
  check.that("fixed steps still miss the valley by more than 0.05", std::abs(x - right_valley) > 0.05);
}

void overshoot(lesson::Check& check) {
  lesson::title("Steps that are too large");
  const double curvature = 12 * right_valley * right_valley - 4;
  say("At the right minimum f'' = ", text(curvature, 2),
      ". A step multiplies the distance to it by (1 - rate * f''), so");
  say("a rate above 2 / f'' = ", text(2 / curvature, 3), " does not converge.\n");
  say("  rate    x after 1, 2, 3, 4, 5 steps from 0.8                  after 200");
  std::vector<double> ends;
  for (const double rate : {0.05, 0.2, 0.33, 0.7}) {
    const std::vector<double> path = descend(0.8, rate, 200);
    std::string row = text(rate, 2, 6) + "  ";
    for (std::size_t i = 1; i <= 5; ++i) row += std::abs(path[i]) < 1000 ? text(path[i], 3, 9) : "    large";
    ends.push_back(path.back());
    say(row, std::isfinite(ends.back()) ? text(ends.back(), 4, 16) : "        infinite");
  }
  say("\n0.05 converges from one side, 0.2 from both sides in turn, 0.33 oscillates, and 0.7 diverges.");
  check.near("end with rate 0.05", ends[0], right_valley, 1e-6);
  check.near("end with rate 0.2", ends[1], right_valley, 1e-6);
  check.that("rate 0.33 does not converge", std::abs(ends[2] - right_valley) > 0.05);
  check.that("rate 0.7 diverges", !std::isfinite(ends[3]));
}

void other_starts(lesson::Check& check) {
  lesson::title("Other starting points");
  say("Each descent ends in the valley on its side of the hill, at ", text(hill), ":\n");
  say("  start      end     f(end)");
  for (const double start : {-1.8, -0.9, 0.0, 0.07, 0.08, 0.5, 1.5}) {
    const double end = descend(start, 0.05, 400).back();
    say(text(start, 2, 7), text(end, 4, 9), text(landscape(end), 4, 11));
    check.near("valley reached from " + text(start, 2), end, start < hill ? left_valley : right_valley, 1e-6);
  }
  say("\nThe left valley is deeper. So use several starting points: for a network, several seeds.");
}

void draw_valleys() {
  std::vector<double> xs, ys;
  for (int i = -160; i <= 160; ++i) {
    xs.push_back(i / 100.);
    ys.push_back(landscape(xs.back()));
  }
  lesson::Plot plot("Two valleys: the start decides where the descent ends", {"x", -1.6, 1.6},
                    {"f(x)", -0.6, 2});
  plot.line("f(x)", xs, ys);
  for (const double start : {-0.1, 0.3, 1.45}) {
    const std::vector<double> path = descend(start, 0.05, 40);
    std::vector<double> heights;
    for (const double x : path) heights.push_back(landscape(x));
    plot.dots("from " + text(start, 2), path, heights);
  }
  plot.write("gradient_descent_valleys.svg");
  say("Picture: gradient_descent_valleys.svg");
}

// ---- Three measures of the error ----

void which_error(lesson::Check& check) {
  lesson::title("Error, |error| and squared error");
  say("  output   target    error   |error|   error^2");
  double sum = 0, sum_of_sizes = 0, sum_of_squares = 0;
  const Eigen::Vector3d outputs(0.4, 0.8, 1.0), targets(0.5, 0.7, 1.0);
  for (int i = 0; i < 3; ++i) {
    const double error = targets(i) - outputs(i);
    say(text(outputs(i), 1, 8), text(targets(i), 1, 9), text(error, 1, 9), text(std::abs(error), 1, 10),
        text(error * error, 2, 10));
    sum += error;
    sum_of_sizes += std::abs(error);
    sum_of_squares += error * error;
  }
  say("  sum              ", text(std::abs(sum) < 1e-12 ? 0 : sum, 1, 7), text(sum_of_sizes, 1, 10),
      text(sum_of_squares, 2, 10));
  say("\nThe errors add up to 0, although two outputs are wrong. The other two sums show it.");
  check.near("sum of errors", sum, 0, 1e-12);
  check.near("sum of |error|", sum_of_sizes, 0.2, 1e-12);
  check.near("sum of squared errors", sum_of_squares, 0.02, 1e-12);

  say("\nDescend on each of them: y = w x with x = 1, target 0.5, first w = 0, rate 0.2. Values of w:\n");
  double plain = 0, size = 0, square = 0;
  say("  step   error   |error|   error^2");
  for (int step = 0; step <= 20; ++step) {
    if (step <= 5 || step >= 19)
      say(text(step, 0, 6), text(plain, 2, 8), text(size, 2, 10), text(square, 4, 10));
    plain -= 0.2 * -1;                    // d(t - w)/dw = -1 for every w
    size -= 0.2 * (size < 0.5 ? -1 : 1);  // the derivative has only two values
    square -= 0.2 * -2 * (0.5 - square);  // the derivative is proportional to the error
  }
  say("\nThe error itself has no minimum: w passes the target. On |error| w alternates around the target,");
  say("since the derivative jumps from -1 to 1. On the squared error the steps shrink, and w converges.");
  check.near("w on the error after 21 steps", plain, 4.2, 1e-9);
  check.that("w on |error| does not converge", std::abs(size - 0.5) > 0.05);
  check.near("w on the squared error after 21 steps", square, 0.5 * (1 - std::pow(0.6, 21)), 1e-12);
}

// ---- Two dimensions: a neuron with two weights ----

// Four inputs and, as targets, the outputs of a neuron with known weights, at which the loss is 0.
const Eigen::RowVector2d known_weights(1.5, -1);
const Eigen::Matrix<double, 2, 4> inputs =
    (Eigen::Matrix<double, 2, 4>() << 1, 0.2, 1, 0.6, 0.3, 1, 1, -0.5).finished();

Network neuron(const Eigen::RowVector2d& weights) {
  backquery::NetworkOptions options;
  options.error_propagation = backquery::ErrorPropagation::gradient;
  return Network(std::vector<Network::Matrix>{weights}, 1.0, options);
}

void two_weights(lesson::Check& check) {
  lesson::title("Two weights: a map of the loss");
  const Network::Matrix targets = neuron(known_weights).query(inputs);
  say("A neuron with two weights is trained on four inputs to give the outputs of a neuron with w = (1.5,");
  say("-1). net.gradients() computes the derivative of the loss by w1 and by w2. Rate 10, from (-2, 2):\n");
  say("  step        w1        w2         loss      dE/dw1      dE/dw2");
  Network net = neuron({-2, 2});
  Network::Gradients gradients;
  Network::Workspace workspace;
  std::vector<double> w1, w2;
  double loss = 0;
  for (int step = 0; step <= 300; ++step) {
    loss = net.gradients(inputs, targets, gradients, workspace);
    const Eigen::RowVector2d w = net.weights(0), dw = gradients.weights(0);
    w1.push_back(w(0));
    w2.push_back(w(1));
    if (step <= 3 || step == 10 || step == 30 || step == 100 || step == 300) {
      say(text(step, 0, 6), text(w(0), 4, 10), text(w(1), 4, 10), text(loss, 8, 13), text(dw(0), 6, 12),
          text(dw(1), 6, 12));
    }
    net.step(gradients, 10);
  }
  say("\nThe weights converge to (1.5, -1). The path in gradient_descent_map.svg crosses the lines of equal");
  say("loss at right angles; it is slow along the valley.");
  check.near("w1 at the end", w1.back(), known_weights(0), 0.001);
  check.near("w2 at the end", w2.back(), known_weights(1), 0.001);
  check.near("loss at the end", loss, 0, 1e-7);

  lesson::Plot plot("Loss of a neuron with two weights", {"w1", -3, 4}, {"w2", -3, 3});
  plot.contours(
      [&](double a, double b) {
        return neuron({a, b}).loss(inputs, targets);
      },
      {0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12});
  plot.line("path", w1, w2);
  plot.dots("each step", w1, w2);
  plot.dots("known weights", {known_weights(0)}, {known_weights(1)});
  plot.write("gradient_descent_map.svg");
}

// ---- The derivative by formula and by measurement ----

void derivative_by_hand(lesson::Check& check) {
  lesson::title("One derivative by hand");
  say("An output node has the inputs h = (0.4, 0.5), the weights (2.0, 3.0) and the error e = t - o = 0.8.");
  say("Chain rule for E = 1/2 e^2:  dE/dw1 = -e * o (1 - o) * h1, with o = sigmoid(2.0*0.4 + 3.0*0.5).");
  const double o = 1 / (1 + std::exp(-2.3));
  const double dw1 = -0.8 * o * (1 - o) * 0.4;
  say("  o = ", text(o, 3), ",  dE/dw1 = -0.8 * ", text(o, 3), " * ", text(1 - o, 3),
      " * 0.4 = ", text(dw1, 4));
  say("With learning rate 0.1, w1 changes from 2.0 to ", text(2 - 0.1 * dw1, 5), ".");
  check.near("dE/dw1 by hand", dw1, -0.0265, 0.00005);
  check.near("w1 after the step", 2 - 0.1 * dw1, 2.00265, 0.000005);

  Network net = neuron({2, 3});
  net.set_learning_rate(0.1);
  net.train(Eigen::Vector2d(0.4, 0.5), Eigen::VectorXd::Constant(1, o - 0.8));
  say("No sigmoid reaches the target o + 0.8 = ", text(o + 0.8, 3), ", and net.train() rejects it.");
  say("For e = -0.8 the step has the other sign: net.train() gives ", text(net.weights(0)(0, 0), 5), ".");
  check.near("w1 after the library's step for e = -0.8", net.weights(0)(0, 0), 1.99735, 0.000005);
}

void analytic_and_numeric(lesson::Check& check) {
  lesson::title("Every derivative, by formula and by measurement");
  say("The 3-3-3 network of the worked example, target (0.01, 0.99, 0.01). By formula: net.gradients()");
  say("computes all 18 derivatives. By measurement: change a weight by +-0.00001 and compare the losses.\n");
  Eigen::Matrix3d ih, ho;
  ih << 0.9, 0.3, 0.4, 0.2, 0.8, 0.2, 0.1, 0.5, 0.6;
  ho << 0.3, 0.7, 0.5, 0.6, 0.5, 0.2, 0.8, 0.1, 0.9;
  backquery::NetworkOptions options;
  options.error_propagation = backquery::ErrorPropagation::gradient;
  const Network net({ih, ho}, 0.1, options);
  const Eigen::Vector3d x(0.9, 0.1, 0.8), t(0.01, 0.99, 0.01);
  Network::Gradients gradients;
  Network::Workspace workspace;
  net.gradients(x, t, gradients, workspace);

  // The loss by query() alone: 1/2 |t - o|^2.
  const auto loss_with = [&](Eigen::Index layer, Eigen::Index row, Eigen::Index col, double change) {
    Network changed = net;
    Network::Matrix w = net.weights(layer);
    w(row, col) += change;
    changed.set_weights(layer, w);
    return 0.5 * (t - changed.query(x)).squaredNorm();
  };
  say("  weight        by formula      measured");
  for (Eigen::Index layer = 0; layer < 2; ++layer) {
    for (Eigen::Index row = 0; row < 3; ++row) {
      for (Eigen::Index col = 0; col < 3; ++col) {
        const double h = 1e-5;
        const double measured = (loss_with(layer, row, col, h) - loss_with(layer, row, col, -h)) / (2 * h);
        const double formula = gradients.weights(layer)(row, col);
        const std::string name = (layer == 0 ? "W_ih(" : "W_ho(") + text(double(row + 1), 0) + "," +
                                 text(double(col + 1), 0) + ")";
        if (row == col) say("  ", column(name, 10), text(formula, 8, 14), text(measured, 8, 14));
        check.near("measured derivative by " + name, measured, formula, 1e-9);
      }
    }
  }
  say("\nAll 18 agree. The measurement takes two queries for each weight, the formula about two in all.");
}

int main() {
  return lesson::guarded("gradient_descent", [] {
    lesson::Check check;
    one_valley(check);
    overshoot(check);
    other_starts(check);
    draw_valleys();
    which_error(check);
    two_weights(check);
    derivative_by_hand(check);
    analytic_and_numeric(check);
    return check.result();
  });
}
