// AND, OR and XOR. For AND and OR, one line can separate the inputs with output 1 from the inputs with output
// 0, but not for XOR. Several classifiers together can do this, and a small network learns these classifiers.
// Draws logic_gates.svg in the current folder.
//
// Start it with:
//
//     cmake --build --preset mnist --target logic_gates && build/mnist/examples/logic_gates
#include <algorithm>
#include <array>
#include <backquery/backquery.hpp>
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

// The four inputs, one in each column, and the outputs of each gate.
const Eigen::Matrix<double, 2, 4> questions =
    (Eigen::Matrix<double, 2, 4>() << 0, 0, 1, 1, 0, 1, 0, 1).finished();
struct Gate {
  const char* name;
  std::array<int, 4> outputs;
};
const std::vector<Gate> gates = {{"AND", {0, 0, 0, 1}}, {"OR", {0, 1, 1, 1}}, {"XOR", {0, 1, 1, 0}}};

bool is_separable(const Gate& gate) {
  return gate.name != gates[2].name;
}

int fires(double sum) {
  return sum > 0 ? 1 : 0;
}

// Number of lines a x1 + b x2 = c, of a grid of lines, that give the correct output for all four inputs.
int lines_that_separate(const Gate& gate) {
  int count = 0;
  for (int a = -20; a <= 20; ++a) {
    for (int b = -20; b <= 20; ++b) {
      for (int c = -45; c <= 45; ++c) {
        bool correct = true;
        for (int q = 0; q < 4; ++q) {
          const double sum = a * questions(0, q) + b * questions(1, q) - (c + 0.5);
          correct = correct && fires(sum) == gate.outputs[static_cast<std::size_t>(q)];
        }
        count += correct ? 1 : 0;
      }
    }
  }
  return count;
}

void one_line(lesson::Check& check) {
  lesson::title("Try every line");
  say("A linear classifier gives 1 where a x1 + b x2 > c. Try all integers a and b from -20 to 20, and all");
  say("c halfway between two integers from -45 to 46: 41 * 41 * 91 = 152,971 lines for each gate.");
  for (const Gate& gate : gates) {
    const int count = lines_that_separate(gate);
    say("  ", column(gate.name, 4), " separated by ", count, " of the lines");
    // By hand: AND needs max(a, b) < c < a + b, so there are min(a, b) values of c for each a and b from 1 to
    // 20, 20 * 21 * 41 / 6 = 2,870 in all. OR is AND with all values negated, so it has as many.
    check.near(std::string("lines that separate ") + gate.name, count, is_separable(gate) ? 2870 : 0, 0);
  }
  say("No line separates XOR, and a finer grid would not help. XOR makes four conditions on a, b and c:");
  say("  0 for (0,0):  0     <= c");
  say("  1 for (0,1):  b     >  c");
  say("  1 for (1,0):  a     >  c");
  say("  0 for (1,1):  a + b <= c");
  say("The two in the middle give a + b > 2 c, and 2 c >= c since c is not negative. So a + b > c, which\n"
      "contradicts the last condition.");
}

backquery::NetworkOptions options(std::uint64_t seed) {
  backquery::NetworkOptions chosen;
  chosen.biases = true;  // the bias is the -c of the line
  chosen.error_propagation = backquery::ErrorPropagation::gradient;
  chosen.seed = seed;
  return chosen;
}

// The targets 0.01 and 0.99: the sigmoid never reaches 0 or 1.
Eigen::RowVector4d targets(const Gate& gate) {
  Eigen::RowVector4d t;
  for (int q = 0; q < 4; ++q) t(q) = gate.outputs[static_cast<std::size_t>(q)] == 1 ? 0.99 : 0.01;
  return t;
}

Network train(std::vector<Eigen::Index> sizes, const Gate& gate, std::uint64_t seed) {
  Network net(std::move(sizes), 0.5, options(seed));
  for (int pass = 0; pass < 5000; ++pass) net.train(questions, targets(gate));
  return net;
}

double largest_error(const Network& net, const Gate& gate) {
  return (net.query(questions) - targets(gate)).cwiseAbs().maxCoeff();
}

void one_neuron(lesson::Check& check) {
  lesson::title("Train one neuron");
  say("A network without a hidden layer, 2-1 with a bias, is a line too. 5,000 passes, learning rate 0.5:\n");
  say("  gate   (0,0)   (0,1)   (1,0)   (1,1)   largest error");
  for (const Gate& gate : gates) {
    const Network net = train({2, 1}, gate, 1);
    const Eigen::RowVectorXd outputs = net.query(questions);
    std::string row = "  " + column(gate.name, 4);
    for (int q = 0; q < 4; ++q) row += text(outputs(q), 2, 8);
    say(row, text(largest_error(net, gate), 2, 15));
    check.that(std::string("one neuron learns ") + gate.name + " if and only if a line separates it",
               (largest_error(net, gate) < 0.3) == is_separable(gate));
  }
  say("\nFor XOR all outputs are about one half: the best that a line can do.");
}

void several(lesson::Check& check) {
  lesson::title("Several classifiers together");
  say("XOR is OR without AND. Two lines classify the inputs, a third one classifies their outputs:\n");
  say("  x1 x2   OR: x1 + x2 > 0.5   AND: x1 + x2 > 1.5   OR - AND > 0.5");
  for (int q = 0; q < 4; ++q) {
    const double x1 = questions(0, q), x2 = questions(1, q);
    const int either = fires(x1 + x2 - 0.5);
    const int both = fires(x1 + x2 - 1.5);
    const int output = fires(either - both - 0.5);
    say("   ", x1, "  ", x2, text(either, 0, 15), text(both, 0, 21), text(output, 0, 18));
    check.near("XOR of " + text(x1, 0) + " and " + text(x2, 0), output, x1 != x2 ? 1 : 0, 0);
  }
  say("\nThe same three lines as a 2-2-1 network. Weights times 20 make the sigmoid almost a step:");
  Network net({2, 2, 1}, 0.5, options(1));
  net.set_weights(0, (Eigen::Matrix2d() << 20, 20, 20, 20).finished());
  net.set_biases(0, Eigen::Vector2d(-10, -30));
  net.set_weights(1, Eigen::RowVector2d(20, -20));
  net.set_biases(1, Eigen::VectorXd::Constant(1, -10));
  say("  net.query: ", text(net.query(questions), 4));
  check.that("the network of three lines computes XOR",
             (net.query(questions) - Eigen::RowVector4d(0, 1, 1, 0)).cwiseAbs().maxCoeff() < 0.001);
}

void picture(const Network& net) {
  lesson::Plot plot("XOR: the output of a trained 2-4-1 network", {"x1", -0.3, 1.3}, {"x2", -0.3, 1.3});
  plot.contours([&](double x1, double x2) { return net.query(Eigen::Vector2d(x1, x2))(0); },
                {0.1, 0.3, 0.5, 0.7, 0.9});
  plot.dots("1", {0, 1}, {1, 0});
  plot.dots("0", {0, 1}, {0, 1});
  plot.write("logic_gates.svg");
  say("Picture of its output: logic_gates.svg");
}

void small_network(lesson::Check& check) {
  lesson::title("A small network learns the lines");
  say("2-4-1, biases, squared error, gradient rule, learning rate 0.5, 5,000 passes, targets 0.01 and 0.99:");
  const Gate& exclusive = gates[2];
  const Network net = train({2, 4, 1}, exclusive, 1);
  say("  seed 1:      ", text(net.query(questions), 2));
  int learned = 0;
  double worst = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const double error = largest_error(train({2, 4, 1}, exclusive, seed), exclusive);
    worst = std::max(worst, error);
    learned += error < 0.3 ? 1 : 0;
  }
  say("Other initial weights, seeds 1 to 20: ", learned, " of 20 learn XOR; the largest error is ",
      text(worst, 2), ".");
  check.near("networks that learn XOR, of 20", learned, 20, 0);
  picture(net);
}

int main() {
  return lesson::guarded("logic_gates", [] {
    lesson::Check check;
    one_line(check);
    one_neuron(check);
    several(check);
    small_network(check);
    return check.result();
  });
}
