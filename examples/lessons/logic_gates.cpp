// AND, OR and XOR. One line can separate the yes from the no of AND and of OR, but not of XOR. Several
// classifiers together can, and a small network finds such a set by itself. Draws logic_gates.svg in the
// current folder.
//
// Start it with:  cmake --build --preset mnist --target logic_gates && build/mnist/examples/logic_gates
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

// The four questions, a column each, and what each gate answers.
const Eigen::Matrix<double, 2, 4> questions =
    (Eigen::Matrix<double, 2, 4>() << 0, 0, 1, 1, 0, 1, 0, 1).finished();
struct Gate {
  const char* name;
  std::array<int, 4> answers;
};
const std::vector<Gate> gates = {{"AND", {0, 0, 0, 1}}, {"OR", {0, 1, 1, 1}}, {"XOR", {0, 1, 1, 0}}};

bool is_separable(const Gate& gate) {
  return gate.name != gates[2].name;
}

int fires(double sum) {
  return sum > 0 ? 1 : 0;
}

// How many of a grid of lines a x1 + b x2 = c answer all four questions rightly.
int lines_that_separate(const Gate& gate) {
  int count = 0;
  for (int a = -20; a <= 20; ++a) {
    for (int b = -20; b <= 20; ++b) {
      for (int c = -45; c <= 45; ++c) {
        bool right = true;
        for (int q = 0; q < 4; ++q) {
          const double sum = a * questions(0, q) + b * questions(1, q) - (c + 0.5);
          right = right && fires(sum) == gate.answers[static_cast<std::size_t>(q)];
        }
        count += right ? 1 : 0;
      }
    }
  }
  return count;
}

void one_line(lesson::Check& check) {
  lesson::title("Try every line");
  say("A linear classifier says yes where a x1 + b x2 > c. Let us try whole a and b from -20 to 20, and c "
      "halfway");
  say("between the whole numbers from -45 to 46: 41 * 41 * 91 = 152,971 lines for each gate.");
  for (const Gate& gate : gates) {
    const int count = lines_that_separate(gate);
    say("  ", column(gate.name, 4), " separated by ", count, " of the lines");
    // By hand: an AND needs max(a, b) < c < a + b, so min(a, b) halves for each a and b from 1 to 20, which
    // sum to 20 * 21 * 41 / 6 = 2,870. An OR is an AND of the no's, so it has as many.
    check.near(std::string("lines that separate ") + gate.name, count, is_separable(gate) ? 2870 : 0, 0);
  }
  say("Not one for XOR, and no finer grid would help. XOR asks four things of a, b and c:");
  say("  no  to (0,0):  0     <= c");
  say("  yes to (0,1):  b     >  c");
  say("  yes to (1,0):  a     >  c");
  say("  no  to (1,1):  a + b <= c");
  say("Add the middle two: a + b > 2 c, and 2 c >= c as c is not negative. So a + b > c, against the last.");
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
  for (int q = 0; q < 4; ++q) t(q) = gate.answers[static_cast<std::size_t>(q)] == 1 ? 0.99 : 0.01;
  return t;
}

Network taught(std::vector<Eigen::Index> sizes, const Gate& gate, std::uint64_t seed) {
  Network net(std::move(sizes), 0.5, options(seed));
  for (int pass = 0; pass < 5000; ++pass) net.train(questions, targets(gate));
  return net;
}

double farthest(const Network& net, const Gate& gate) {
  return (net.query(questions) - targets(gate)).cwiseAbs().maxCoeff();
}

void one_neuron(lesson::Check& check) {
  lesson::title("Train one neuron");
  say("A network without hidden layer, 2-1 with a bias, is a line too. 5,000 passes with learning rate "
      "0.5:\n");
  say("  gate   (0,0)   (0,1)   (1,0)   (1,1)   farthest off");
  for (const Gate& gate : gates) {
    const Network net = taught({2, 1}, gate, 1);
    const Eigen::RowVectorXd answers = net.query(questions);
    std::string row = "  " + column(gate.name, 4);
    for (int q = 0; q < 4; ++q) row += text(answers(q), 2, 8);
    say(row, text(farthest(net, gate), 2, 15));
    check.that(std::string("one neuron learns ") + gate.name + " if and only if a line separates it",
               (farthest(net, gate) < 0.3) == is_separable(gate));
  }
  say("\nFor XOR it answers about one half to everything: the best a line can do.");
}

void several(lesson::Check& check) {
  lesson::title("Several classifiers together");
  say("XOR is OR, but not AND. Two lines look at the question, a third looks at their answers:\n");
  say("  x1 x2   OR: x1 + x2 > 0.5   AND: x1 + x2 > 1.5   OR - AND > 0.5");
  for (int q = 0; q < 4; ++q) {
    const double x1 = questions(0, q), x2 = questions(1, q);
    const int either = fires(x1 + x2 - 0.5);
    const int both = fires(x1 + x2 - 1.5);
    const int answer = fires(either - both - 0.5);
    say("   ", x1, "  ", x2, text(either, 0, 15), text(both, 0, 21), text(answer, 0, 18));
    check.near("XOR of " + text(x1, 0) + " and " + text(x2, 0), answer, x1 != x2 ? 1 : 0, 0);
  }
  say("\nThe same three lines as a network 2-2-1, each weight times 20, so that the sigmoid is nearly a "
      "step:");
  Network net({2, 2, 1}, 0.5, options(1));
  net.set_weights(0, (Eigen::Matrix2d() << 20, 20, 20, 20).finished());
  net.set_biases(0, Eigen::Vector2d(-10, -30));
  net.set_weights(1, Eigen::RowVector2d(20, -20));
  net.set_biases(1, Eigen::VectorXd::Constant(1, -10));
  say("  net.query: ", text(net.query(questions), 4));
  check.that("the network of three lines answers XOR",
             (net.query(questions) - Eigen::RowVector4d(0, 1, 1, 0)).cwiseAbs().maxCoeff() < 0.001);
}

void picture(const Network& net) {
  lesson::Plot plot("XOR: the answer of a trained 2-4-1 network", {"x1", -0.3, 1.3}, {"x2", -0.3, 1.3});
  plot.contours([&](double x1, double x2) { return net.query(Eigen::Vector2d(x1, x2))(0); },
                {0.1, 0.3, 0.5, 0.7, 0.9});
  plot.dots("yes", {0, 1}, {1, 0});
  plot.dots("no", {0, 1}, {0, 1});
  plot.write("logic_gates.svg");
  say("Where it says yes and where no is in logic_gates.svg.");
}

void small_network(lesson::Check& check) {
  lesson::title("A small network finds its own lines");
  say("2-4-1 with biases, squared error, the true gradient, learning rate 0.5, 5,000 passes, targets 0.01 "
      "and 0.99:");
  const Gate& exclusive = gates[2];
  const Network net = taught({2, 4, 1}, exclusive, 1);
  say("  seed 1:      ", text(net.query(questions), 2));
  int learned = 0;
  double worst = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const double off = farthest(taught({2, 4, 1}, exclusive, seed), exclusive);
    worst = std::max(worst, off);
    learned += off < 0.3 ? 1 : 0;
  }
  say("Other starting weights, seeds 1 to 20: ", learned, " of 20 learn it; the farthest answer is ",
      text(worst, 2), " off.");
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
