// Walking downhill by the slope: two valleys, steps that are too large, other starting points; which error to
// walk down on; two weights as a map with the path on it; and the slope by formula beside the slope by
// measurement. Draws gradient_descent_valleys.svg and gradient_descent_map.svg in the current folder.
//
// Start it with:  cmake --build --preset mnist --target gradient_descent &&
// build/mnist/examples/gradient_descent
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

// ---- One dimension: a landscape with two valleys and a hill between them ----

double landscape(double x) {
  return (x * x - 1) * (x * x - 1) + 0.3 * x;
}
double slope_at(double x) {
  return 4 * x * (x * x - 1) + 0.3;
}

// Where the slope is zero: the roots of x^3 - x + 0.075 = 0 by Viete's formula, so not by descent.
double flat_place(int k) {
  const double pi = 3.14159265358979323846;
  return 2 / std::sqrt(3.) * std::cos(std::acos(-0.1125 * std::sqrt(3.)) / 3 - 2 * pi * k / 3);
}
const double right_valley = flat_place(0), hill = flat_place(1), left_valley = flat_place(2);

std::vector<double> walk(double x, double rate, int steps) {
  std::vector<double> path{x};
  for (int i = 0; i < steps; ++i) path.push_back(x -= rate * slope_at(x));
  return path;
}

void one_valley(lesson::Check& check) {
  lesson::title("Downhill in steps");
  say("f(x) = (x^2 - 1)^2 + 0.3 x has two valleys, at x = ", text(left_valley),
      " (deep) and x = ", text(right_valley), ", and a hill at ", text(hill), ".");
  say("In fog we feel only the slope f'(x) = 4 x (x^2 - 1) + 0.3 under our feet. Step against it: x -= 0.05 "
      "f'(x).\n");
  say("  step        x     f(x)    slope    the step taken");
  const std::vector<double> path = walk(0.3, 0.05, 40);
  for (int i : {0, 1, 2, 3, 4, 6, 8, 12, 20, 40}) {
    const double x = path[static_cast<std::size_t>(i)];
    say(text(i, 0, 6), text(x, 4, 9), text(landscape(x), 4, 9), text(slope_at(x), 4, 9),
        text(-0.05 * slope_at(x), 4, 18));
  }
  say("\nWhere it gets flat, the steps get small by themselves. That is why a step in proportion to the "
      "slope stops");
  say("in the valley. Steps of a fixed 0.3 do not; they hop over it for ever:");
  double x = 0.3;
  std::string hops = "  x =";
  for (int i = 0; i < 9; ++i) {
    hops += text(x, 2, 6);
    x -= slope_at(x) > 0 ? 0.3 : -0.3;
  }
  say(hops);
  check.near("the walk's end", path.back(), right_valley, 1e-4);
  check.near("the right valley", right_valley, 0.960150, 1e-6);
  check.near("the left valley", left_valley, -1.035579, 1e-6);
  check.that("fixed steps still miss the valley by more than 0.05", std::abs(x - right_valley) > 0.05);
}

void overshoot(lesson::Check& check) {
  lesson::title("Steps that are too large");
  const double curvature = 12 * right_valley * right_valley - 4;
  say("In the right valley the slope grows by f'' = ", text(curvature, 2),
      " for each unit of x. A step lands at");
  say("(1 - rate * f'') times the old distance, so a rate above 2 / f'' = ", text(2 / curvature, 3),
      " cannot settle in it.\n");
  say("  rate    x after 1, 2, 3, 4, 5 steps from 0.8                  after 200");
  std::vector<double> ends;
  for (const double rate : {0.05, 0.2, 0.33, 0.7}) {
    const std::vector<double> path = walk(0.8, rate, 200);
    std::string row = text(rate, 2, 6) + "  ";
    for (std::size_t i = 1; i <= 5; ++i) row += std::abs(path[i]) < 1000 ? text(path[i], 3, 9) : "     away";
    ends.push_back(path.back());
    say(row, std::isfinite(ends.back()) ? text(ends.back(), 4, 16) : "   gone for ever");
  }
  say("\n0.05 walks in, 0.2 swings in from side to side, 0.33 swings for ever, and 0.7 is thrown out of the "
      "world.");
  check.near("end with rate 0.05", ends[0], right_valley, 1e-6);
  check.near("end with rate 0.2", ends[1], right_valley, 1e-6);
  check.that("rate 0.33 does not settle", std::abs(ends[2] - right_valley) > 0.05);
  check.that("rate 0.7 escapes", !std::isfinite(ends[3]));
}

void other_starts(lesson::Check& check) {
  lesson::title("Other starting points");
  say("Each walk ends in the valley that its start leans to; the hill at ", text(hill),
      " is the watershed:\n");
  say("  start      end     f(end)");
  for (const double start : {-1.8, -0.9, 0.0, 0.07, 0.08, 0.5, 1.5}) {
    const double end = walk(start, 0.05, 400).back();
    say(text(start, 2, 7), text(end, 4, 9), text(landscape(end), 4, 11));
    check.near("valley reached from " + text(start, 2), end, start < hill ? left_valley : right_valley, 1e-6);
  }
  say("\nOnly the left valley is the deepest. So start from several points: for a network, several random "
      "weights.");
}

void draw_valleys() {
  std::vector<double> xs, ys;
  for (int i = -160; i <= 160; ++i) {
    xs.push_back(i / 100.);
    ys.push_back(landscape(xs.back()));
  }
  lesson::Plot plot("Two valleys: where the walk ends depends on where it starts", {"x", -1.6, 1.6},
                    {"f(x)", -0.6, 2});
  plot.line("f(x)", xs, ys);
  for (const double start : {-0.1, 0.3, 1.45}) {
    const std::vector<double> path = walk(start, 0.05, 40);
    std::vector<double> heights;
    for (const double x : path) heights.push_back(landscape(x));
    plot.dots("from " + text(start, 2), path, heights);
  }
  plot.write("gradient_descent_valleys.svg");
  say("The walks are drawn in gradient_descent_valleys.svg.");
}

// ---- Which error to walk down on ----

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
  say("\nThe plain errors cancel: 0 in all, yet two answers are wrong. The other two see it.");
  check.near("sum of errors", sum, 0, 1e-12);
  check.near("sum of |error|", sum_of_sizes, 0.2, 1e-12);
  check.near("sum of squared errors", sum_of_squares, 0.02, 1e-12);

  say("\nNow walk down on each of them: y = w x with x = 1, target 0.5, start w = 0, rate 0.2. Values of "
      "w:\n");
  double plain = 0, size = 0, square = 0;
  say("  step   error   |error|   error^2");
  for (int step = 0; step <= 20; ++step) {
    if (step <= 5 || step >= 19)
      say(text(step, 0, 6), text(plain, 2, 8), text(size, 2, 10), text(square, 4, 10));
    plain -= 0.2 * -1;                    // d(t - w)/dw = -1, wherever w is
    size -= 0.2 * (size < 0.5 ? -1 : 1);  // the slope only changes its sign
    square -= 0.2 * -2 * (0.5 - square);  // the slope shrinks as the error does
  }
  say("\nOn the plain error w runs past the target and away: there is no bottom. On |error| it hops to and "
      "fro around");
  say("the target, since the slope jumps from -1 to 1. On the squared error the steps shrink, and w "
      "settles.");
  check.near("w on the plain error after 21 steps", plain, 4.2, 1e-9);
  check.that("w on |error| still hops", std::abs(size - 0.5) > 0.05);
  check.near("w on the squared error after 21 steps", square, 0.5 * (1 - std::pow(0.6, 21)), 1e-12);
}

// ---- Two dimensions: a neuron with two weights ----

// Four questions and the answers of a teacher neuron, so that the bottom is known: the teacher's weights.
const Eigen::RowVector2d teacher(1.5, -1);
const Eigen::Matrix<double, 2, 4> inputs =
    (Eigen::Matrix<double, 2, 4>() << 1, 0.2, 1, 0.6, 0.3, 1, 1, -0.5).finished();

Network neuron(const Eigen::RowVector2d& weights) {
  backquery::NetworkOptions options;
  options.error_propagation = backquery::ErrorPropagation::gradient;
  return Network(std::vector<Network::Matrix>{weights}, 1.0, options);
}

void two_weights(lesson::Check& check) {
  lesson::title("Two weights: a landscape with a map");
  const Network::Matrix targets = neuron(teacher).query(inputs);
  say("A neuron with two weights is to answer four questions as a teacher with w = (1.5, -1) does. Its loss "
      "is a");
  say("landscape over w1 and w2, and net.gradients() is the slope in both directions. Rate 10, from (-2, "
      "2):\n");
  say("  step        w1        w2         loss      dE/dw1      dE/dw2");
  Network net = neuron({-2, 2});
  Network::Gradients gradients;
  Network::Workspace workspace;
  std::vector<double> w1, w2;
  double loss = 0;
  for (int step = 0; step <= 300; ++step) {
    loss = net.gradients(inputs, targets, gradients, workspace);
    const Eigen::RowVector2d w = net.weights(0), slope = gradients.weights(0);
    w1.push_back(w(0));
    w2.push_back(w(1));
    if (step <= 3 || step == 10 || step == 30 || step == 100 || step == 300) {
      say(text(step, 0, 6), text(w(0), 4, 10), text(w(1), 4, 10), text(loss, 8, 13), text(slope(0), 6, 12),
          text(slope(1), 6, 12));
    }
    net.step(gradients, 10);
  }
  say("\nIt arrives at the teacher's weights. The path is drawn on the map in gradient_descent_map.svg: "
      "always");
  say("straight across the lines of equal loss, so along the valley it goes slowly.");
  check.near("w1 at the end", w1.back(), teacher(0), 0.001);
  check.near("w2 at the end", w2.back(), teacher(1), 0.001);
  check.near("loss at the end", loss, 0, 1e-7);

  lesson::Plot plot("Loss of a neuron with two weights", {"w1", -3, 4}, {"w2", -3, 3});
  plot.contours(
      [&](double a, double b) {
        return neuron({a, b}).loss(inputs, targets);
      },
      {0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12});
  plot.line("the path", w1, w2);
  plot.dots("each step", w1, w2);
  plot.dots("the teacher", {teacher(0)}, {teacher(1)});
  plot.write("gradient_descent_map.svg");
}

// ---- The slope by formula and by measurement ----

void slope_by_hand(lesson::Check& check) {
  lesson::title("One slope by hand");
  say("Hidden outputs 0.4 and 0.5 reach an output node over weights 2.0 and 3.0; its error is e = t - o = "
      "0.8.");
  say("Chain rule for E = 1/2 e^2:  dE/dw1 = -e * o (1 - o) * h1, with o = sigmoid(2.0*0.4 + 3.0*0.5) = "
      "sigmoid(2.3).");
  const double o = 1 / (1 + std::exp(-2.3));
  const double slope = -0.8 * o * (1 - o) * 0.4;
  say("  o = ", text(o, 3), ",  dE/dw1 = -0.8 * ", text(o, 3), " * ", text(1 - o, 3),
      " * 0.4 = ", text(slope, 4));
  say("With learning rate 0.1, w1 goes from 2.0 to ", text(2 - 0.1 * slope, 5), ".");
  check.near("dE/dw1 by hand", slope, -0.0265, 0.00005);
  check.near("w1 after the step", 2 - 0.1 * slope, 2.00265, 0.000005);

  Network net = neuron({2, 3});
  net.set_learning_rate(0.1);
  net.train(Eigen::Vector2d(0.4, 0.5), Eigen::VectorXd::Constant(1, o + 0.8));
  say("The library's train makes it ", text(net.weights(0)(0, 0), 5), ".");
  check.near("w1 after the library's step", net.weights(0)(0, 0), 2.00265, 0.000005);
}

void analytic_and_numeric(lesson::Check& check) {
  lesson::title("Every slope, by formula and by measurement");
  say("The 3 x 3 x 3 network of the worked example, target (0.01, 0.99, 0.01). By formula: net.gradients(), "
      "one");
  say("sweep for all 18 weights. By measurement: move a weight by +-0.00001 and see how the loss changes.\n");
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

  // The loss, from the query alone: 1/2 |t - o|^2.
  const auto loss_with = [&](Eigen::Index layer, Eigen::Index row, Eigen::Index col, double way) {
    Network changed = net;
    Network::Matrix w = net.weights(layer);
    w(row, col) += way;
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
        check.near("measured slope of " + name, measured, formula, 1e-9);
      }
    }
  }
  say("\nAll 18 agree. Measuring costs two queries for each weight; the formula costs about two queries in "
      "all.");
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
    slope_by_hand(check);
    analytic_and_numeric(check);
    return check.result();
  });
}
