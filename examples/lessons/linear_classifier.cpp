// A line that learns to tell two insects apart: y = A x, and after each insect A moves by dA = L (E / x).
// With L = 1 every insect wipes out what the one before taught; with L = 0.5 both have a say.
//
// Start it with:  cmake --build --preset mnist --target linear_classifier &&
// build/mnist/examples/linear_classifier
#include <vector>

#include "support/check.hpp"
#include "support/guarded.hpp"
#include "support/print.hpp"

using lesson::say;
using lesson::text;

struct Insect {
  const char* name;
  double width;
  double target;  // where the dividing line should run at this width: just past the insect's length
};

// Ladybirds are wide and short: 3 wide, 1 long, so the line should pass just above them.
// Caterpillars are thin and long: 1 wide, 3 long, so the line should pass just below them.
const std::vector<Insect> insects = {{"ladybird", 3.0, 1.1}, {"caterpillar", 1.0, 2.9}};

double shown(double slope, double learning_rate, const Insect& insect) {
  const double y = slope * insect.width;
  const double error = insect.target - y;
  const double change = learning_rate * (error / insect.width);
  say("  ", lesson::column(insect.name, 12), "x = ", text(insect.width, 1), "   y = A x = ", text(y),
      "   E = t - y = ", text(insect.target, 1), " - ", text(y), " = ", text(error),
      "   dA = L (E / x) = ", text(change), "   A = ", text(slope + change));
  return slope + change;
}

// A after each insect of the given number of rounds.
std::vector<double> taught(double slope, double learning_rate, int rounds) {
  std::vector<double> slopes;
  for (int round = 0; round < rounds; ++round) {
    for (const Insect& insect : insects) slopes.push_back(slope = shown(slope, learning_rate, insect));
  }
  return slopes;
}

int run() {
  lesson::Check check;
  const double start = 0.25;

  lesson::title("The line before it learns");
  say("Insects above the line y = A x are to be caterpillars, those below ladybirds.");
  say("We start with A = ", text(start, 2), ". A ladybird 3 wide is to have the line at 1.1; it is at ",
      text(start * 3, 2), ".");
  say("The error is E = 1.10 - 0.75 = 0.35. How must A change? (A + dA) x = t gives dA = E / x.");

  lesson::title("L = 1: go all the way each time");
  const std::vector<double> whole = taught(start, 1, 2);
  say("The last A is 2.9 / 1.0: the line through the last example alone. The ladybird is forgotten.");
  say("A second round ends at the same place. Each sample overrides the last.");
  check.near("A after the ladybird, L = 1", whole[0], 0.3667, 0.00005);
  check.near("A after the caterpillar, L = 1", whole[1], 2.9, 1e-12);
  check.near("A at the end of round 2, L = 1", whole[3], 2.9, 1e-12);

  lesson::title("L = 0.5: go half of the way");
  const std::vector<double> half = taught(start, 0.5, 2);
  say("A kept something of both examples. That also protects it from a single wrong measurement.");
  check.near("A after the ladybird, L = 0.5", half[0], 0.3083, 0.00005);
  check.near("A after the caterpillar, L = 0.5", half[1], 1.6042, 0.00005);

  // By hand: with a = 1.1 / 3 and b = 2.9 / 1, half of the way each time ends at A = (A + a) / 2, then
  // A = (A + b) / 2, so a round maps A to A / 4 + a / 4 + b / 2, which rests at (a + 2 b) / 3.
  lesson::title("Where it settles");
  say("Many rounds with L = 0.5:");
  double slope = start;
  for (int round = 1; round <= 12; ++round) {
    for (const Insect& insect : insects) slope += 0.5 * (insect.target - slope * insect.width) / insect.width;
    if (round <= 3 || round == 12) say("  after round ", round, ": A = ", text(slope, 6));
  }
  say("Worked out by hand it must rest at (1.1 / 3 + 2 * 2.9) / 3 = ", text((1.1 / 3 + 2 * 2.9) / 3, 6), ".");
  check.near("A after many rounds", slope, 2.055556, 1e-6);

  lesson::title("Does it tell the insects apart?");
  for (const double a : {start, half[1], slope}) {
    say("  A = ", text(a), ": at width 3 the line is at ", text(3 * a, 2),
        ", a ladybird is 1 long: ", 3 * a > 1 ? "below, right" : "above, wrong", "; at width 1 it is at ",
        text(a, 2), ", a caterpillar is 3 long: ", a < 3 ? "above, right" : "below, wrong");
  }
  check.that("the first line got the ladybird wrong", 3 * start < 1);
  check.that("the taught line puts the ladybird below and the caterpillar above", 3 * slope > 1 && slope < 3);
  return check.result();
}

int main() {
  return lesson::guarded("linear_classifier", run);
}
