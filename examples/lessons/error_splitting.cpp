// The error of an output, split among the hidden nodes: equally, in proportion to the weights, or by W' e.
// Then: the book's training rule, which uses W' e, is not the gradient of any loss.
//
// Start it with:
//
//     cmake --build --preset mnist --target error_splitting && build/mnist/examples/error_splitting
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

// W: row i has the weights into output node i. e: the errors of the output nodes.
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
  say("W = ", text(w, 2), ", e = ", text(e, 2), ", sum ", text(e.sum(), 2));
  row("equally", equally(w, e));
  row("in proportion", in_proportion(w, e));
  row("W' e", by_transpose(w, e));
}

void near(lesson::Check& check, const std::string& what, const Vector2d& values, const Vector2d& expected) {
  check.near(what + ", first node", values(0), expected(0), 1e-12);
  check.near(what + ", second node", values(1), expected(1), 1e-12);
}

void sharing(lesson::Check& check) {
  lesson::title("Splitting an error");
  say("Two hidden nodes are connected to two output nodes. Output 1 has the error 0.8 and the weights 2 and");
  say("3; output 2 has the error 0.5 and the weights 1 and 4.");
  say("  Equally: each hidden node gets half of each error. But a weight of 4 has 4 times the effect of 1.");
  say("  In proportion: node 1 gets 0.8 * 2/(2+3) + 0.5 * 1/(1+4) = 0.32 + 0.10 = 0.42.");
  say("  By W' e: without the denominators, 0.8 * 2 + 0.5 * 1 = 2.1. One matrix product, no division.");
  Matrix2d w;
  w << 2, 3,  //
      1, 4;
  const Vector2d e(0.8, 0.5);
  show(w, e);
  near(check, "equal shares", equally(w, e), {0.65, 0.65});
  near(check, "proportional shares", in_proportion(w, e), {0.42, 0.88});
  near(check, "W' e", by_transpose(w, e), {2.1, 4.4});
  say("Proportional shares add up to the error. The shares by W' e are 5 times as large, which a smaller");
  say("learning rate compensates. Otherwise both rules agree here, since both denominators are 5.");
}

void denominator(lesson::Check& check) {
  lesson::title("What changes without the denominator, and what does not");
  say("One layer further back, the errors 0.42 and 0.88 are split by weights 3, 2 (sum 5) and 1, 7 (sum 8):");
  Matrix2d w;
  w << 3, 2,  //
      1, 7;
  const Vector2d e(0.42, 0.88);
  show(w, e);
  near(check, "proportional shares, one layer back", in_proportion(w, e), {0.362, 0.938});
  near(check, "W' e, one layer back", by_transpose(w, e), {2.14, 7.0});
  say("Changed: the total, and the effect of each output. An output with large weights has a larger effect.");
  say("Kept: each single error is split in the ratio of its weights (3 : 2 and 1 : 7), a larger weight gets");
  say("a larger share, and an error of zero gives shares of zero.");

  say("\nAn advantage: weights have signs. With weights 1.00 and -0.99 the denominator is almost 0:");
  Matrix2d opposed;
  opposed << 1, -0.99,  //
      1, 1;
  const Vector2d small(0.1, 0);
  show(opposed, small);
  near(check, "proportional shares of opposed weights", in_proportion(opposed, small), {10, -9.9});
  near(check, "W' e of opposed weights", by_transpose(opposed, small), {0.1, -0.099});
  say("The proportional shares of an error of 0.1 are 10 and -9.9. W' e stays small.");
}

// ---- The training rule that uses W' e ----

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

// All 18 weights as one list: the first matrix, then the last.
VectorXd list(const Weights& w) {
  VectorXd all(18);
  all << w.ih.reshaped(), w.ho.reshaped();
  return all;
}
Weights unlist(const VectorXd& all) {
  return {all.head(9).reshaped(3, 3), all.tail(9).reshaped(3, 3)};
}

// The negative step of the 18 weights for one sample and learning rate 1. For the gradient rule it is the
// gradient.
VectorXd negative_step(const VectorXd& all, ErrorPropagation rule) {
  backquery::NetworkOptions options;
  options.error_propagation = rule;
  const Weights before = unlist(all);
  Network net({before.ih, before.ho}, 1.0, options);
  const Sample sample;
  net.train(sample.x, sample.t);
  return all - list({net.weights(0), net.weights(1)});
}

Vector3d output(const VectorXd& all) {
  const auto sigmoid = [](const Vector3d& z) -> Vector3d { return 1 / (1 + (-z).array().exp()); };
  const Weights w = unlist(all);
  return sigmoid(w.ho * sigmoid(w.ih * Sample().x));
}

double squared_error(const VectorXd& all) {
  return 0.5 * (Sample().t - output(all)).squaredNorm();
}

double binary_cross_entropy(const VectorXd& all) {
  const Eigen::Array3d t = Sample().t, o = output(all);
  return -(t * o.log() + (1 - t) * (1 - o).log()).sum();
}

VectorXd moved(VectorXd all, Eigen::Index weight, double way) {
  all(weight) += way;
  return all;
}

// The derivative of a loss by each weight, measured as a central difference.
VectorXd measured(const std::function<double(const VectorXd&)>& loss, const VectorXd& all) {
  const double h = 1e-5;
  VectorXd derivatives(all.size());
  for (Eigen::Index i = 0; i < all.size(); ++i) {
    derivatives(i) = (loss(moved(all, i, h)) - loss(moved(all, i, -h))) / (2 * h);
  }
  return derivatives;
}

double relative_difference(const VectorXd& a, const VectorXd& b) {
  return (a - b).norm() / b.norm();
}

void which_loss(lesson::Check& check) {
  lesson::title("Which loss does the book's rule descend?");
  say("The rule: e_o = t - o, W_ho += L (e_o . o . (1 - o)) h', and with e_h = W_ho' e_o likewise for W_ih.");
  say("Make one step of the 3-3-3 network with the target (0.01, 0.99, 0.01), and compare the step of each");
  say("matrix with the measured derivatives of two losses. Relative difference:\n");
  const VectorXd all = list(worked_example());
  const VectorXd step = negative_step(all, ErrorPropagation::split_by_weights);
  const VectorXd squared = measured(squared_error, all), entropy = measured(binary_cross_entropy, all);
  say("  matrix   1/2 |t - o|^2   binary cross-entropy");
  const double first_squared = relative_difference(step.head(9), squared.head(9)),
               first_entropy = relative_difference(step.head(9), entropy.head(9));
  const double last_squared = relative_difference(step.tail(9), squared.tail(9)),
               last_entropy = relative_difference(step.tail(9), entropy.tail(9));
  const auto cell = [](double value) {
    return value < 1e-7 ? std::string("         none") : text(value, 3, 13);
  };
  say("  W_ih    ", cell(first_squared), cell(first_entropy));
  say("  W_ho    ", cell(last_squared), cell(last_entropy));
  say("\nThe last matrix follows the squared error. The first follows another loss, binary cross-entropy:");
  say("the chain rule multiplies e_o by the derivative o (1 - o) of the output nodes, this rule does not.");
  check.that("the last matrix follows the squared error", last_squared < 1e-7);
  check.that("the first matrix follows binary cross-entropy", first_entropy < 1e-7);
  check.that("the last matrix does not follow binary cross-entropy", last_entropy > 0.1);
  check.that("the first matrix does not follow the squared error", first_squared > 0.1);
  const VectorXd gradient = negative_step(all, ErrorPropagation::gradient);
  say("With ErrorPropagation::gradient both matrices follow the squared error: difference below 1e-7.");
  check.that("with the gradient rule all weights follow the squared error",
             relative_difference(gradient, squared) < 1e-7);
}

// d(negative step of weight a) / d(weight b), for all a and b.
MatrixXd cross_derivatives(const VectorXd& all, ErrorPropagation rule) {
  const double h = 1e-5;
  MatrixXd derivatives(all.size(), all.size());
  for (Eigen::Index b = 0; b < all.size(); ++b) {
    derivatives.col(b) =
        (negative_step(moved(all, b, h), rule) - negative_step(moved(all, b, -h), rule)) / (2 * h);
  }
  return derivatives;
}

void no_loss_at_all(lesson::Check& check) {
  lesson::title("Does the rule follow a third loss?");
  say("No. If the steps were derivatives dE/da and dE/db of one E, then d(dE/da)/db = d(dE/db)/da: the");
  say("order of the two does not matter. Measure both sides for a = W_ih(1,1) and b = W_ho(1,1):\n");
  const VectorXd all = list(worked_example());
  const Eigen::Index a = 0, b = 9;
  say("  rule               d(step a)/db   d(step b)/da   largest gap of all pairs");
  for (const ErrorPropagation rule : {ErrorPropagation::split_by_weights, ErrorPropagation::gradient}) {
    const bool book = rule == ErrorPropagation::split_by_weights;
    const MatrixXd d = cross_derivatives(all, rule);
    const double gap = (d - d.transpose()).cwiseAbs().maxCoeff() / d.cwiseAbs().maxCoeff();
    say("  ", column(book ? "split_by_weights" : "gradient", 16), text(d(a, b), 6, 15), text(d(b, a), 6, 15),
        book ? text(100 * gap, 0, 13) + " % of the largest" : "         none");
    if (book) check.that("the book's rule is no gradient", gap > 0.1);
    if (!book) check.that("the gradient rule is one", gap < 1e-8);
  }
  say("\nSo the book's rule is not the gradient of any loss. It works nevertheless: each matrix descends");
  say("a loss of its own, and both losses have their minimum at o = t.");
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
