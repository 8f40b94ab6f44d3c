/// @file
/// A plain implementation of the network, one sample at a time, with which tests compare the library. It
/// follows the equations and shares no code with the library.
#pragma once

#include <backquery/network/neural_network.hpp>

#include "matrices.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace reference {

using backquery::Activation;
using backquery::ErrorPropagation;
using backquery::Loss;
using backquery::NeuralNetwork;

// Loops, because expressions of Eigen would take most of the time to compile a test.

/// f(z) of an elementwise activation
template <typename Scalar>
Scalar activate(Activation f, Scalar z) {
  switch (f) {
    case Activation::identity:
      return z;
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-z));
    case Activation::tanh:
      return std::tanh(z);
    case Activation::scaled_tanh:
      return Scalar(1.7159L) * std::tanh(2 * z / 3);
    case Activation::relu:
      return z > 0 ? z : Scalar(0);
    case Activation::leaky_relu:
      return z > 0 ? z : Scalar(0.01L) * z;
    case Activation::elu:
      return z > 0 ? z : std::exp(z) - 1;
    case Activation::softplus:
      return std::log(1 + std::exp(z));
    case Activation::softmax:
      break;
  }
  throw std::logic_error("reference::activate");
}

/// f(z) of a layer
template <typename Scalar>
Vector<Scalar> activate(Activation f, const Vector<Scalar>& z) {
  Vector<Scalar> y(z.size());
  if (f != Activation::softmax) {
    for (Eigen::Index i = 0; i < z.size(); ++i) y(i) = activate(f, z(i));
    return y;
  }
  const Scalar largest = *std::max_element(z.data(), z.data() + z.size());
  Scalar sum = 0;
  for (Eigen::Index i = 0; i < z.size(); ++i) sum += y(i) = std::exp(z(i) - largest);
  for (Eigen::Index i = 0; i < z.size(); ++i) y(i) /= sum;
  return y;
}

/// f'(z) of an elementwise activation
template <typename Scalar>
Scalar derivative(Activation f, Scalar z) {
  switch (f) {
    case Activation::identity:
      return 1;
    case Activation::sigmoid:
      return 1 / ((1 + std::exp(-z)) * (1 + std::exp(z)));
    case Activation::tanh:
      return 1 / (std::cosh(z) * std::cosh(z));
    case Activation::scaled_tanh: {
      const Scalar c = std::cosh(2 * z / 3);
      return Scalar(1.7159L) * 2 / (3 * c * c);
    }
    case Activation::relu:
      return z > 0 ? Scalar(1) : Scalar(0);
    case Activation::leaky_relu:
      return z > 0 ? Scalar(1) : Scalar(0.01L);
    case Activation::elu:
      return z > 0 ? Scalar(1) : std::exp(z);
    case Activation::softplus:
      return 1 / (1 + std::exp(-z));
    case Activation::softmax:
      break;
  }
  throw std::logic_error("reference::derivative");
}

/// error f'(z)
template <typename Scalar>
Vector<Scalar> times_derivative(Vector<Scalar> error, Activation f, const Vector<Scalar>& z) {
  for (Eigen::Index i = 0; i < z.size(); ++i) error(i) *= derivative(f, z(i));
  return error;
}

/// Copies of the weights, biases (zero where the network has none) and options of a network.
template <typename Scalar>
struct Network {
  std::vector<Matrix<Scalar>> weights;
  std::vector<Vector<Scalar>> biases;
  backquery::NetworkOptions options;

  explicit Network(const backquery::NeuralNetwork<Scalar>& net) : options(net.options()) {
    for (Eigen::Index layer = 0; layer < net.layers(); ++layer) {
      weights.push_back(net.weights(layer));
      biases.push_back(Vector<Scalar>::Zero(weights.back().rows()));
      if (options.biases) biases.back() = net.biases(layer);
    }
  }

  Activation activation(std::size_t layer) const {
    if (!options.activations.empty()) return options.activations[layer];
    return layer + 1 == weights.size() ? options.output_activation : options.hidden_activation;
  }
};

/// Pre-activations and outputs of all layers for one sample: z[l] = W[l] a[l] + b[l], a[l + 1] = f(z[l]),
/// a[0] = x.
template <typename Scalar>
struct Pass {
  std::vector<Vector<Scalar>> z, a;
};

template <typename Scalar>
Pass<Scalar> forward(const Network<Scalar>& net, const Vector<Scalar>& x) {
  Pass<Scalar> pass;
  pass.a.push_back(x);
  for (std::size_t l = 0; l < net.weights.size(); ++l) {
    pass.z.push_back(net.biases[l]);
    for (Eigen::Index i = 0; i < net.weights[l].rows(); ++i) {
      for (Eigen::Index k = 0; k < net.weights[l].cols(); ++k) {
        pass.z[l](i) += net.weights[l](i, k) * pass.a[l](k);
      }
    }
    pass.a.push_back(activate<Scalar>(net.activation(l), pass.z[l]));
  }
  return pass;
}

template <typename Scalar>
Matrix<Scalar> query(const Network<Scalar>& net, const Matrix<Scalar>& x) {
  Matrix<Scalar> y(net.weights.back().rows(), x.cols());
  for (Eigen::Index sample = 0; sample < x.cols(); ++sample) {
    y.col(sample) = forward<Scalar>(net, x.col(sample)).a.back();
  }
  return y;
}

/// The deltas d[l]: the step for one sample is W[l] -= rate d[l] a[l]' and b[l] -= rate d[l].
template <typename Scalar>
std::vector<Vector<Scalar>> deltas(const Network<Scalar>& net, const Pass<Scalar>& pass,
                                   const Vector<Scalar>& t) {
  const std::size_t last = net.weights.size() - 1;
  const Vector<Scalar>& o = pass.a.back();
  std::vector<Vector<Scalar>> d(last + 1);
  Vector<Scalar> error = o - t;
  d[last] = error;
  switch (net.options.loss) {
    case Loss::huber:
      for (Scalar& e : d[last]) e = std::clamp(e, Scalar(-1), Scalar(1));
      [[fallthrough]];
    case Loss::squared_error:
      d[last] = times_derivative<Scalar>(d[last], net.activation(last), pass.z[last]);
      break;
    case Loss::binary_cross_entropy:
      break;
    case Loss::cross_entropy:
      d[last] = o * t.sum() - t;
      break;
  }
  for (std::size_t l = last; l-- > 0;) {
    const bool split = net.options.error_propagation == ErrorPropagation::split_by_weights;
    const Matrix<Scalar>& w = net.weights[l + 1];
    const Vector<Scalar> above = split ? error : d[l + 1];
    error.setZero(w.cols());
    for (Eigen::Index i = 0; i < w.rows(); ++i) {
      for (Eigen::Index k = 0; k < w.cols(); ++k) error(k) += w(i, k) * above(i);
    }
    d[l] = times_derivative<Scalar>(error, net.activation(l), pass.z[l]);
  }
  return d;
}

/// Takes one step for each column, in order. All layers use the weights before the step.
template <typename Scalar>
void train(Network<Scalar>& net, const Matrix<Scalar>& x, const Matrix<Scalar>& t, Scalar rate) {
  for (Eigen::Index sample = 0; sample < x.cols(); ++sample) {
    const Pass<Scalar> pass = forward<Scalar>(net, x.col(sample));
    const auto d = deltas<Scalar>(net, pass, t.col(sample));
    for (std::size_t l = 0; l < d.size(); ++l) {
      for (Eigen::Index i = 0; i < d[l].size(); ++i) {
        for (Eigen::Index k = 0; k < pass.a[l].size(); ++k)
          net.weights[l](i, k) -= rate * d[l](i) * pass.a[l](k);
        if (net.options.biases) net.biases[l](i) -= rate * d[l](i);
      }
    }
  }
}

/// The distance of the parameters of a network from the plain network: the largest difference over all
/// layers, of the weights absolute and relative to their norm, and of the biases absolute. NaN if any
/// difference is NaN.
template <typename Scalar>
struct Distance {
  double weights = 0, relative_weights = 0, biases = 0;

  Distance(const NeuralNetwork<Scalar>& net, const Network<Scalar>& plain) {
    for (Eigen::Index layer = 0; layer < net.layers(); ++layer) {
      const auto l = static_cast<std::size_t>(layer);
      raise(weights, max_difference(net.weights(layer), plain.weights[l]));
      raise(relative_weights, relative_difference(net.weights(layer), plain.weights[l]));
      if (net.options().biases) raise(biases, max_difference(net.biases(layer), plain.biases[l]));
    }
  }

 private:
  static void raise(double& largest, double difference) {
    if (!std::isnan(largest) && !(difference <= largest)) largest = difference;
  }
};

}  // namespace reference
