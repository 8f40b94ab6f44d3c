/// @file
/// A careful implementation with Eigen, with which the benchmark compares: row-major weights, noalias(), no
/// temporaries, and buffers that are kept from call to call. It has the book's rule, sigmoid, no biases and
/// no argument checks.
///
///     y_l = f(W_l y_(l-1))      e_L = t - y_L      e_(l-1) = W_l' e_l
///     W_l += rate (e_l . y_l . (1 - y_l)) y_(l-1)'
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <utility>
#include <vector>

namespace bench {

template <typename Scalar>
class PlainNetwork {
 public:
  using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
  using Weights = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  PlainNetwork(std::vector<Weights> weights, Scalar learning_rate)
      : weights_(std::move(weights)),
        gradients_(weights_),
        values_(weights_.size()),
        errors_(weights_.size()),
        batch_values_(weights_.size()),
        batch_errors_(weights_.size()),
        learning_rate_(learning_rate) {}

  std::size_t layers() const { return weights_.size(); }
  Weights& weights(std::size_t layer) { return weights_[layer]; }
  const Weights& weights(std::size_t layer) const { return weights_[layer]; }
  /// The result of compute_gradients: the negative mean step.
  const Weights& gradients(std::size_t layer) const { return gradients_[layer]; }

  const Vector& query(const Eigen::Ref<const Vector>& x) {
    forward(x, values_);
    return values_.back();
  }

  const Matrix& query_batch(const Eigen::Ref<const Matrix>& x) {
    forward(x, batch_values_);
    return batch_values_.back();
  }

  void train(const Eigen::Ref<const Vector>& x, const Eigen::Ref<const Vector>& t) {
    forward(x, values_);
    errors_.back() = t - values_.back();
    for (std::size_t layer = layers() - 1; layer > 0; --layer) {
      propagate_error(layer, values_, errors_, learning_rate_);
      weights_[layer].noalias() += errors_[layer] * values_[layer - 1].transpose();
    }
    propagate_error(0, values_, errors_, learning_rate_);
    weights_[0].noalias() += errors_[0] * x.transpose();
  }

  void compute_gradients(const Eigen::Ref<const Matrix>& x, const Eigen::Ref<const Matrix>& t) {
    const Scalar share = Scalar(1) / static_cast<Scalar>(x.cols());
    forward(x, batch_values_);
    batch_errors_.back() = batch_values_.back() - t;
    for (std::size_t layer = layers() - 1; layer > 0; --layer) {
      propagate_error(layer, batch_values_, batch_errors_, share);
      gradients_[layer].noalias() = batch_errors_[layer] * batch_values_[layer - 1].transpose();
    }
    propagate_error(0, batch_values_, batch_errors_, share);
    gradients_[0].noalias() = batch_errors_[0] * x.transpose();
  }

 private:
  template <typename X, typename Values>
  void forward(const X& x, std::vector<Values>& values) const {
    values[0].noalias() = weights_[0] * x;
    values[0] = values[0].array().logistic();
    for (std::size_t layer = 1; layer < layers(); ++layer) {
      values[layer].noalias() = weights_[layer] * values[layer - 1];
      values[layer] = values[layer].array().logistic();
    }
  }

  /// e_(l-1) = W_l' e_l, then e_l = factor * e_l . f'
  template <typename Values>
  void propagate_error(std::size_t layer, const std::vector<Values>& values, std::vector<Values>& errors,
                       Scalar factor) const {
    if (layer > 0) errors[layer - 1].noalias() = weights_[layer].transpose() * errors[layer];
    errors[layer].array() *= factor * values[layer].array() * (Scalar(1) - values[layer].array());
  }

  std::vector<Weights> weights_;
  std::vector<Weights> gradients_;
  std::vector<Vector> values_, errors_;
  std::vector<Matrix> batch_values_, batch_errors_;
  Scalar learning_rate_;
};

}  // namespace bench
