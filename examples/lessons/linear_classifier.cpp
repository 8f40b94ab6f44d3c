// A line that learns to separate two kinds of insects: y = A x, and each insect changes A by dA = L (E / x).
// With L = 1 every insect overrides the one before; with L = 0.5 both have an effect.
//
// Start it with:
//
//     cmake --build --preset mnist --target linear_classifier && build/mnist/examples/linear_classifier
#include <vector>

#include "support/check.hpp"
#include "support/guarded.hpp"
#include "support/print.hpp"

using lesson::say;
using lesson::text;

struct Insect {
  const char* name;
  double width;
  double target;  // height of the dividing line at this width, just beyond the length of the insect
};

// A ladybird is 3 wide and 1 long: the line should pass just above it. A caterpillar is 1 wide and 3 long:
// the line should pass just below it.
const std::vector<Insect> insects = {{"ladybird", 3.0, 1.1}, {"caterpillar", 1.0, 2.9}};

double step(double slope, double learning_rate, const Insect& insect) {
  const double y = slope * insect.width;
  const double error = insect.target - y;
  const double change = learning_rate * (error / insect.width);
  say("  ", lesson::column(insect.name, 12), "x = ", text(insect.width, 1), "   y = A x = ", text(y),
      "   E = t - y = ", text(insect.target, 1), " - ", text(y), " = ", text(error),
      "   dA = L (E / x) = ", text(change), "   A = ", text(slope + change));
  return slope + change;
}

// A after each insect, for the given number of rounds.
std::vector<double> train(double slope, double learning_rate, int rounds) {
  std::vector<double> slopes;
  for (int round = 0; round < rounds; ++round) {
    for (const Insect& insect : insects) slopes.push_back(slope = step(slope, learning_rate, insect));
  }
  return slopes;
}

int run() {
  lesson::Check check;
  const double start = 0.25;

  lesson::title("The line before training");
  say("Insects above the line y = A x are classified as caterpillars, insects below it as ladybirds.");
  say("The first A is ", text(start, 2), ". At the ladybird's width 3 the line should be at 1.1; it is at ",
      text(start * 3, 2), ".");
  say("The error is E = 1.10 - 0.75 = 0.35. From (A + dA) x = t follows the change dA = E / x.");

  lesson::title("L = 1: each step removes the whole error");
  const std::vector<double> whole = train(start, 1, 2);
  say("The last A is 2.9 / 1.0: the line through the target of the last insect alone.");
  say("A second round ends at the same A. Each sample overrides the sample before.");
  check.near("A after the ladybird, L = 1", whole[0], 0.3667, 0.00005);
  check.near("A after the caterpillar, L = 1", whole[1], 2.9, 1e-12);
  check.near("A at the end of round 2, L = 1", whole[3], 2.9, 1e-12);

  lesson::title("L = 0.5: each step removes half of the error");
  const std::vector<double> half = train(start, 0.5, 2);
  say("Both insects have an effect on A. This also reduces the effect of a single wrong measurement.");
  check.near("A after the ladybird, L = 0.5", half[0], 0.3083, 0.00005);
  check.near("A after the caterpillar, L = 0.5", half[1], 1.6042, 0.00005);

  // By hand: with a = 1.1 / 3 and b = 2.9 / 1, the two half steps are A = (A + a) / 2 and A = (A + b) / 2. A
  // round maps A to A / 4 + a / 4 + b / 2, whose fixed point is (a + 2 b) / 3.
  lesson::title("The limit of A");
  say("Many rounds with L = 0.5:");
  double slope = start;
  for (int round = 1; round <= 12; ++round) {
    for (const Insect& insect : insects) slope += 0.5 * (insect.target - slope * insect.width) / insect.width;
    if (round <= 3 || round == 12) say("  after round ", round, ": A = ", text(slope, 6));
  }
  say("The limit, computed by hand, is (1.1 / 3 + 2 * 2.9) / 3 = ", text((1.1 / 3 + 2 * 2.9) / 3, 6), ".");
  check.near("A after many rounds", slope, 2.055556, 1e-6);

  lesson::title("Are the insects classified correctly?");
  for (const double a : {start, half[1], slope}) {
    say("  A = ", text(a), ": at width 3 the line is at ", text(3 * a, 2),
        ", a ladybird is 1 long: ", 3 * a > 1 ? "below, correct" : "above, wrong", "; at width 1 it is at ",
        text(a, 2), ", a caterpillar is 3 long: ", a < 3 ? "above, correct" : "below, wrong");
  }
  check.that("the first line misclassifies the ladybird", 3 * start < 1);
  check.that("the trained line has the ladybird below and the caterpillar above", 3 * slope > 1 && slope < 3);
  return check.result();
}

int main() {
  return lesson::guarded("linear_classifier", run);
}
