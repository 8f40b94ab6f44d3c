// Who is to blame for an error? An output's error is shared among the hidden nodes: equally, in proportion to
// the weights, or simply by W' e. Then: what rule of learning the notes' W' e makes, and that it is the
// gradient of no single loss.
//
// Start it with:  cmake --build --preset mnist --target error_splitting &&
// build/mnist/examples/error_splitting
#include <algorithm>
#include <backquery/backquery.hpp>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "support/check.hpp"
#include "support/guarded.hpp"
#include "support/print.hpp"

using lesson::column;
using lesson::say;
using lesson::text;
using Network = backquery::NeuralNetwork<double>;
using backquery::ErrorPropagation;
using Eigen::Matrix2d, Eigen::Matrix3d, Eigen::MatrixXd, Eigen::Vector2d, Eigen::Vector3d, Eigen::VectorXd;

// W: row i holds the weights into output node i. e: the errors of the output nodes.
Vector2d equally(const Matrix2d&, const Vector2d& e) {
  return Vector2d::Constant(e.sum() / 2);
}
Vector2d in_proportion(const Matrix2d& w, const Vector2d& e) {
  return w.transpose() * (e.array() / w.rowwise().sum().array()).matrix();
}
Vector2d by_transpose(const Matrix2d& w, const Vector2d& e) {
  return w.transpose() * e;
}

void show(const Matrix2d& w, const Vector2d& e) {
  const auto row = [&](const char* name, const Vector2d& shares) {
    say("  ", column(name, 16), column(text(shares, 3), 18), "sum ", text(shares.sum(), 3),
        "   first : second = 1 : ", text(shares(1) / shares(0), 3));
  };
  say("W = ", text(w, 2), ", e = ", text(e, 2), ", which is ", text(e.sum(), 2), " in all");
  row("equally", equally(w, e));
  row("in proportion", in_proportion(w, e));
  row("W' e", by_transpose(w, e));
}

void near(lesson::Check& check, const std::string& what, const Vector2d& values, const Vector2d& expected) {
  check.near(what + ", first node", values(0), expected(0), 1e-12);
  check.near(what + ", second node", values(1), expected(1), 1e-12);
}

void sharing(lesson::Check& check) {
  lesson::title("Sharing an error");
  say("Two hidden nodes feed two output nodes. Output 1 is 0.8 off, over links of weight 2 and 3; output 2 "
      "is 0.5");
  say("off, over links of weight 1 and 4.");
  say("  Equally: each hidden node takes half of each error. But the link of 4 did four times what the link "
      "of 1 did.");
  say("  In proportion: node 1 takes 0.8 * 2/(2+3) + 0.5 * 1/(1+4) = 0.32 + 0.10 = 0.42.");
  say("  By W' e: leave the denominators out: 0.8 * 2 + 0.5 * 1 = 2.1. One matrix product, nothing to "
      "divide.");
  Matrix2d w;
  w << 2, 3,  //
      1, 4;
  const Vector2d e(0.8, 0.5);
  show(w, e);
  near(check, "equal shares", equally(w, e), {0.65, 0.65});
  near(check, "proportional shares", in_proportion(w, e), {0.42, 0.88});
  near(check, "W' e", by_transpose(w, e), {2.1, 4.4});
  say("Proportional shares add up to the error; those of W' e are 5 times as large, and the learning rate "
      "can");
  say("take that back. Here the two rules agree otherwise, as both denominators are 5.");
}

void denominator(lesson::Check& check) {
  lesson::title("What the dropped denominator changes, and what it keeps");
  say("One layer further back the errors 0.42 and 0.88 are shared over weights 3, 2 (sum 5) and 1, 7 (sum "
      "8):");
  Matrix2d w;
  w << 3, 2,  //
      1, 7;
  const Vector2d e(0.42, 0.88);
  show(w, e);
  near(check, "proportional shares, one layer back", in_proportion(w, e), {0.362, 0.938});
  near(check, "W' e, one layer back", by_transpose(w, e), {2.14, 7.0});
  say("Changed: the total, and the say of the outputs. One with large weights is heard more than its error "
      "warrants.");
  say("Kept: each single error is still shared in the ratio of its weights (3 : 2 and 1 : 7), the larger "
      "weight");
  say("bears more, and a zero error is shared as zero.");

  say("\nAnd gained: weights have signs. With weights 1.00 and -0.99 the denominator is almost nothing:");
  Matrix2d opposed;
  opposed << 1, -0.99,  //
      1, 1;
  const Vector2d small(0.1, 0);
  show(opposed, small);
  near(check, "proportional shares of opposed weights", in_proportion(opposed, small), {10, -9.9});
  near(check, "W' e of opposed weights", by_transpose(opposed, small), {0.1, -0.099});
  say("An error of 0.1 became shares of 10 and -9.9. W' e stays small.");
}

// ---- The rule of learning that W' e makes ----

struct Sample {
  Vector3d x{0.9, 0.1, 0.8};
  Vector3d t{0.01, 0.99, 0.01};
};

struct Weights {
  Matrix3d ih;
  Matrix3d ho;
};

Weights worked_example() {
  Weights w;
  w.ih << 0.9, 0.3, 0.4, 0.2, 0.8, 0.2, 0.1, 0.5, 0.6;
  w.ho << 0.3, 0.7, 0.5, 0.6, 0.5, 0.2, 0.8, 0.1, 0.9;
  return w;
}

// All 18 weights as one list: those of the first matrix, then those of the last.
VectorXd list(const Weights& w) {
  VectorXd all(18);
  all << w.ih.reshaped(), w.ho.reshaped();
  return all;
}
Weights unlist(const VectorXd& all) {
  return {all.head(9).reshaped(3, 3), all.tail(9).reshaped(3, 3)};
}

// The step of the 18 weights for one sample and learning rate 1, with the sign turned: what a gradient would
// be.
VectorXd turned_step(const VectorXd& all, ErrorPropagation rule) {
  backquery::NetworkOptions options;
  options.error_propagation = rule;
  const Weights before = unlist(all);
  Network net({before.ih, before.ho}, 1.0, options);
  const Sample sample;
  net.train(sample.x, sample.t);
  return all - list({net.weights(0), net.weights(1)});
}

Vector3d answer(const VectorXd& all) {
  const auto sigmoid = [](const Vector3d& z) -> Vector3d { return 1 / (1 + (-z).array().exp()); };
  const Weights w = unlist(all);
  return sigmoid(w.ho * sigmoid(w.ih * Sample().x));
}

double squared_error(const VectorXd& all) {
  return 0.5 * (Sample().t - answer(all)).squaredNorm();
}

double binary_cross_entropy(const VectorXd& all) {
  const Eigen::Array3d t = Sample().t, o = answer(all);
  return -(t * o.log() + (1 - t) * (1 - o).log()).sum();
}

VectorXd moved(VectorXd all, Eigen::Index weight, double way) {
  all(weight) += way;
  return all;
}

// The slope of a loss along each weight, measured by a small step to each side.
VectorXd measured(const std::function<double(const VectorXd&)>& loss, const VectorXd& all) {
  const double h = 1e-5;
  VectorXd slopes(all.size());
  for (Eigen::Index i = 0; i < all.size(); ++i) {
    slopes(i) = (loss(moved(all, i, h)) - loss(moved(all, i, -h))) / (2 * h);
  }
  return slopes;
}

double apart(const VectorXd& a, const VectorXd& b) {
  return (a - b).norm() / b.norm();
}

void which_loss(lesson::Check& check) {
  lesson::title("Which loss does the notes' rule descend?");
  say("The rule: e_o = t - o, W_ho += L (e_o . o . (1 - o)) h', and with e_h = W_ho' e_o the same for W_ih.");
  say("Take the 3 x 3 x 3 example, the target (0.01, 0.99, 0.01), one step, and compare each matrix's step "
      "with");
  say("the measured slope of two losses. Relative difference:\n");
  const VectorXd all = list(worked_example());
  const VectorXd step = turned_step(all, ErrorPropagation::split_by_weights);
  const VectorXd squared = measured(squared_error, all), entropy = measured(binary_cross_entropy, all);
  say("  matrix   1/2 |t - o|^2   binary cross-entropy");
  const double first_squared = apart(step.head(9), squared.head(9)),
               first_entropy = apart(step.head(9), entropy.head(9));
  const double last_squared = apart(step.tail(9), squared.tail(9)),
               last_entropy = apart(step.tail(9), entropy.tail(9));
  const auto cell = [](double value) {
    return value < 1e-7 ? std::string("         same") : text(value, 3, 13);
  };
  say("  W_ih    ", cell(first_squared), cell(first_entropy));
  say("  W_ho    ", cell(last_squared), cell(last_entropy));
  say("\nThe last matrix follows the squared error. The first follows another loss, binary cross-entropy: on "
      "the way");
  say("back e_o is not multiplied by the slope o (1 - o) of the output nodes, as the chain rule would.");
  check.that("the last matrix follows the squared error", last_squared < 1e-7);
  check.that("the first matrix follows binary cross-entropy", first_entropy < 1e-7);
  check.that("the last matrix does not follow binary cross-entropy", last_entropy > 0.1);
  check.that("the first matrix does not follow the squared error", first_squared > 0.1);
  const VectorXd gradient = turned_step(all, ErrorPropagation::gradient);
  say("With ErrorPropagation::gradient both follow the squared error: relative difference below 1e-7.");
  check.that("with the gradient rule all weights follow the squared error", apart(gradient, squared) < 1e-7);
}

// d(turned step of weight a) / d(weight b), for all a and b.
MatrixXd cross_slopes(const VectorXd& all, ErrorPropagation rule) {
  const double h = 1e-5;
  MatrixXd slopes(all.size(), all.size());
  for (Eigen::Index b = 0; b < all.size(); ++b) {
    slopes.col(b) = (turned_step(moved(all, b, h), rule) - turned_step(moved(all, b, -h), rule)) / (2 * h);
  }
  return slopes;
}

void no_loss_at_all(lesson::Check& check) {
  lesson::title("Might it be some third loss?");
  say("No. If the steps were slopes dE/da and dE/db of one E, then d(dE/da)/db = d(dE/db)/da: it does not "
      "matter");
  say("which weight is moved first. Measure both sides for a = W_ih(1,1) and b = W_ho(1,1):\n");
  const VectorXd all = list(worked_example());
  const Eigen::Index a = 0, b = 9;
  say("  rule               d(step a)/db   d(step b)/da   largest gap of all pairs");
  for (const ErrorPropagation rule : {ErrorPropagation::split_by_weights, ErrorPropagation::gradient}) {
    const bool notes = rule == ErrorPropagation::split_by_weights;
    const MatrixXd slopes = cross_slopes(all, rule);
    const double gap = (slopes - slopes.transpose()).cwiseAbs().maxCoeff() / slopes.cwiseAbs().maxCoeff();
    say("  ", column(notes ? "split_by_weights" : "gradient", 16), text(slopes(a, b), 6, 15),
        text(slopes(b, a), 6, 15), notes ? text(100 * gap, 0, 13) + " % of the largest" : "         none");
    if (notes) check.that("the notes' rule is no gradient", gap > 0.1);
    if (!notes) check.that("the gradient rule is one", gap < 1e-8);
  }
  say("\nSo the notes' rule is a recipe, not the slope of any one loss. It learns well all the same: both "
      "matrices");
  say("go downhill, each on its own hill, and both hills have their bottom at o = t.");
}

int main() {
  return lesson::guarded("error_splitting", [] {
    lesson::Check check;
    sharing(check);
    denominator(check);
    which_loss(check);
    no_loss_at_all(check);
    return check.result();
  });
}
