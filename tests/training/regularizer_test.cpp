/// @file
/// Dropout and batch normalization: their effect on a layer, and their gradients.
#include "catch.hpp"

#include <backquery/training/detail/evaluation.hpp>
#include <backquery/training/detail/regularizer.hpp>

#include "matrices.hpp"
#include "padded.hpp"

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

using backquery::NetworkOptions;
using backquery::Parameters;
using backquery::ThreadPool;
using backquery::Workspace;
using backquery::detail::BatchNormalization;
using backquery::detail::CounterRng;
using backquery::detail::Dropout;
using backquery::detail::Regularizer;
using Eigen::Index;

namespace {

constexpr std::uint64_t noise_seed = 7, fourth_step = 3;
constexpr Index block = backquery::detail::block_columns;

/// 0 for the nodes that are dropped, 1 / (1 - rate) for the others.
Matrix<double> mask(double rate, Index layer, Index nodes, Index samples) {
  Padded<double> ones(Matrix<double>::Ones(nodes, samples));
  const CounterRng values(CounterRng(~noise_seed, fourth_step)(0), static_cast<std::uint64_t>(layer));
  Dropout<double>(rate).apply(values, 0, ones.map());
  return ones.map();
}

Matrix<double> normalized(const Matrix<double>& z) {
  const Vector<double> mean = z.rowwise().mean();
  const Matrix<double> centered = z.colwise() - mean;
  const Vector<double> variance = centered.rowwise().squaredNorm() / static_cast<double>(z.cols());
  return (variance.array() + 1e-5).sqrt().inverse().matrix().asDiagonal() * centered;
}

struct RegularizedBatch {
  NetworkOptions options;
  bool normalizes;
  double dropout;
  Matrix<double> x, t;

  /// The definitions, with the products of Eigen and the blocks of the normalization only.
  [[nodiscard]] double loss(const Parameters<double>& parameters) const {
    Matrix<double> y = x;
    for (Index layer = 0; layer < parameters.layers(); ++layer) {
      Matrix<double> z = parameters.weights(layer) * y;
      const bool hidden = layer + 1 < parameters.layers();
      for (Index first = 0; hidden && normalizes && first < z.cols(); first += block) {
        auto part = z.middleCols(first, std::min(block, z.cols() - first));
        part = normalized(part);
      }
      z.colwise() += parameters.biases(layer);
      if (hidden) {
        y = options.hidden_activation == backquery::Activation::tanh ? Matrix<double>(z.array().tanh())
                                                                     : Matrix<double>(z.cwiseMax(0));
        if (dropout > 0) {
          y.array() *= mask(dropout, layer + 1, y.rows(), y.cols()).array();
        }
      } else {
        const Eigen::RowVectorXd sums = z.array().exp().colwise().sum().log();
        y = z.rowwise() - sums;
      }
    }
    return -(t.array() * y.array()).sum() / static_cast<double>(x.cols());
  }
};

}  // namespace

TEST_CASE("gradients with dropout, batch normalization and smoothed labels equal finite differences") {
  const bool normalizes = GENERATE(false, true);
  const double dropout = GENERATE(0.0, 0.3);
  NetworkOptions options = NetworkOptions::classifier();
  options.hidden_activation = GENERATE(backquery::Activation::tanh, backquery::Activation::relu);
  constexpr Index samples = 300;  // five blocks, in two chunks
  Matrix<double> t = Matrix<double>::Zero(4, samples);
  for (Index k = 0; k < samples; ++k) {
    t(k % 4, k) = 1;
  }
  t = 0.9 * t.array() + 0.1 * 0.25;
  const RegularizedBatch problem{options, normalizes, dropout, random_matrix<double>(6, samples, -1, 1, 1),
                                 t};

  Parameters<double> parameters({6, 9, 7, 4}, true);
  for (Index layer = 0; layer < parameters.layers(); ++layer) {
    parameters.weights(layer) = random_matrix<double>(parameters.weights(layer).rows(),
                                                      parameters.weights(layer).cols(), -0.8, 0.8, 2);
    parameters.biases(layer) = random_matrix<double>(parameters.biases(layer).size(), 1, -0.5, 0.5, 3);
  }
  Parameters<double> gradients = parameters;
  Workspace<double> workspace;
  Regularizer<double> regularizer(normalizes, dropout, noise_seed);
  ThreadPool pool;
  backquery::detail::SampleBatch<double> batch;
  batch.x = problem.x;
  batch.t = problem.t;
  batch.labels.assign(samples, 0);
  const double loss = backquery::detail::regularized_gradients<double>(
                          {parameters, options, nullptr}, regularizer, fourth_step, batch, gradients,
                          workspace, pool, [](Index, Index) {})
                          .loss;
  CHECK(relative_difference(Vector<double>::Constant(1, loss),
                            Vector<double>::Constant(1, problem.loss(parameters))) <= 1e-14);

  Vector<double> differences(parameters.values().size());
  for (Index i = 0; i < differences.size(); ++i) {
    constexpr double width = 0x1p-17;
    double& value = parameters.values()(i);
    const double kept = value;
    value = kept + width;
    const double above = problem.loss(parameters);
    value = kept - width;
    differences(i) = (above - problem.loss(parameters)) / (2 * width);
    value = kept;
  }
  CAPTURE(relative_difference(gradients.values(), differences));
  CHECK(relative_difference(gradients.values(), differences) <= 1e-7);
}

TEST_CASE("dropout drops the given share of the nodes and keeps the mean") {
  const double rate = GENERATE(0.0, 0.2, 0.5, 0.999);
  const Matrix<double> m = mask(rate, 1, 203, 500);
  const auto nodes = static_cast<double>(m.size());
  const auto dropped = static_cast<double>((m.array() == 0).count());
  CHECK(std::abs(dropped / nodes - rate) <= 5 * std::sqrt(rate * (1 - rate) / nodes) + 0x1p-17);
  CHECK(((m.array() == 0) || (m.array() - 1 / (1 - rate)).abs() <= 1e-2 / (1 - rate)).all());
  CHECK((rate == 0 || std::abs(m.mean() - 1) <= 5 * std::sqrt(rate / (1 - rate) / nodes)));
}

TEST_CASE("the dropout mask depends on seed, step, layer, sample and node, and not on the block") {
  const auto drop = [](std::uint64_t of_seed, std::uint64_t of_step, Index layer, Index first, Index count) {
    Regularizer<double> regularizer(false, 0.5, of_seed);
    regularizer.start_batch({2, 40, 40, 3}, 20, block, of_step);
    Padded<double> ones(Matrix<double>::Ones(40, count));
    regularizer.stage(first).after_activation(layer, ones.map());
    return Matrix<double>(ones.map());
  };
  const Matrix<double> all = drop(1, 1, 1, 0, 20);
  CHECK(drop(1, 1, 1, 0, 20) == all);
  CHECK(drop(1, 1, 1, 7, 13) == all.rightCols(13));
  CHECK(drop(2, 1, 1, 0, 20) != all);
  CHECK(drop(1, 2, 1, 0, 20) != all);
  CHECK(drop(1, 1, 2, 0, 20) != all);
  CHECK(all.col(0) != all.col(1));
}

TEST_CASE("a batch is normalized in blocks, and folded parameters contain the running averages") {
  // One hidden layer of identity: its output is z' + b.
  const Matrix<double> x = random_matrix<double>(5, 100, -1, 3, 1);
  Parameters<double> parameters({5, 6, 2}, true);
  parameters.weights(0) = random_matrix<double>(6, 5, -2, 2, 2);
  parameters.biases(0) = random_matrix<double>(6, 1, -1, 1, 3);
  const Matrix<double> z = parameters.weights(0) * x;

  BatchNormalization<double> normalization;
  Parameters<double> gradients = parameters;
  CHECK(normalization.folded(parameters).values() == parameters.values());  // before any batch
  for (int batch = 0; batch < 3; ++batch) {
    normalization.start_batch({5, 6, 2}, 100, block);
    for (Index first = 0; first < 100; first += block) {
      const Index count = std::min(block, 100 - first);
      Padded<double> part(z.middleCols(first, count).colwise() + Vector<double>(parameters.biases(0)));
      normalization.apply(0, first, std::as_const(parameters).biases(0), part.map());
      const Matrix<double> expected =
          normalized(z.middleCols(first, count)).colwise() + Vector<double>(parameters.biases(0));
      CHECK(max_difference(part.map(), expected) <= 1e-14);
      CHECK(part.padding_is_zero());
      normalization.propagate(0, first, 1, part.map());
    }
    normalization.finish_batch(gradients);
  }
  // Means over all samples. The variance within the blocks has one degree of freedom less in each.
  const Vector<double> mean = z.rowwise().mean();
  Vector<double> variance = Vector<double>::Zero(6);
  for (Index first = 0; first < 100; first += block) {
    const Matrix<double> part = z.middleCols(first, std::min(block, 100 - first));
    variance += (part.colwise() - Vector<double>(part.rowwise().mean())).rowwise().squaredNorm() / 98;
  }
  const Vector<double> factor = (variance.array() + 1e-5).rsqrt();
  const Parameters<double> folded = normalization.folded(parameters);
  const Matrix<double> expected_weights = factor.asDiagonal() * Matrix<double>(parameters.weights(0));
  const Vector<double> expected_biases = Vector<double>(parameters.biases(0)) - factor.cwiseProduct(mean);
  CHECK(max_difference(folded.weights(0), expected_weights) <= 1e-14);
  CHECK(max_difference(folded.biases(0), expected_biases) <= 1e-14);
  CHECK(folded.weights(1) == parameters.weights(1));
  CHECK(folded.biases(1) == parameters.biases(1));
}

TEST_CASE("a block of one sample has no variance and changes no running variance") {
  BatchNormalization<double> normalization;
  Parameters<double> parameters({1, 3, 2}, true), gradients = parameters;
  normalization.start_batch({1, 3, 2}, 1, block);
  Padded<double> z(Matrix<double>::Constant(3, 1, 5));
  normalization.apply(0, 0, std::as_const(parameters).biases(0), z.map());
  CHECK(z.map().isZero(0));
  Padded<double> delta(Matrix<double>::Constant(3, 1, 2));
  normalization.propagate(0, 0, 0.5, delta.map());
  CHECK(delta.map().isZero(0));
  normalization.finish_batch(gradients);
  CHECK(gradients.biases(0) == Vector<double>::Constant(3, 1));

  // 64 samples with variance 4 and then a single one leave the unbiased variance 4 (64 / 63).
  BatchNormalization<double> both;
  for (const Index samples : {block, Index{1}}) {
    both.start_batch({1, 3, 2}, samples, block);
    Matrix<double> sums(3, samples);
    for (Index k = 0; k < samples; ++k) sums.col(k).setConstant(k % 2 == 0 ? 2 : -2);
    Padded<double> some(sums);
    both.apply(0, 0, std::as_const(parameters).biases(0), some.map());
    both.propagate(0, 0, 1, some.map());
    both.finish_batch(gradients);
  }
  parameters.weights(0).setOnes();
  CHECK(both.folded(parameters).weights(0)(2, 0) == Approx(1 / std::sqrt(4. * 64 / 63 + 1e-5)));
}

TEST_CASE("the running averages forget the first weights") {
  BatchNormalization<double> normalization;
  Parameters<double> parameters({1, 3, 2}, true), gradients = parameters;
  for (int batch = 0; batch < 100; ++batch) {
    normalization.start_batch({1, 3, 2}, 2, block);
    Matrix<double> z = Matrix<double>::Constant(3, 2, batch < 50 ? 100 : 0);
    z.col(0).array() += 1;
    z.col(1).array() -= 1;
    Padded<double> sums(z);
    normalization.apply(0, 0, std::as_const(parameters).biases(0), sums.map());
    normalization.propagate(0, 0, 1, sums.map());
    normalization.finish_batch(gradients);
  }
  // An equal average over all batches would give 50 / sqrt(2).
  CHECK(std::abs(normalization.folded(parameters).biases(0)(1)) < 1);
}
