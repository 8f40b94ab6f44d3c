/// @file
/// Changes an image by gradient steps until a network has the given outputs. Needs backquery and Eigen only.
#pragma once

#include <backquery/network/neural_network.hpp>
#include <string>

#include "dream_objective.hpp"

namespace mnist {

/// A dream in single steps, for example a few for each frame of an animation.
///
/// The method is spectral projected gradients: J. Barzilai and J. M. Borwein, "Two-point step size gradient
/// methods" (1988), with a step that is shortened until E decreases (L. Armijo, 1966).
///
/// ```cpp
/// Eigen::VectorXf target = Eigen::VectorXf::Constant(10, 0.01f);
/// target(7) = 0.99f;
/// mnist::Dream<float> dream(net, Eigen::VectorXf::Constant(784, 0.5f), target);
/// dream.step();  // false at a minimum
/// const Eigen::VectorXf image = dream.image();
/// ```
template <typename Scalar_>
class Dream {
 public:
  using Scalar = Scalar_;
  using Vector = typename DreamObjective<Scalar>::Vector;

  /// @throws std::invalid_argument as the function dream
  Dream(const backquery::NeuralNetwork<Scalar>& network, const Vector& start, const Vector& target,
        const DreamOptions& options = {})
      : objective_(network, target, options) {
    detail::require_for_dream(
        start.size() == network.inputs(),
        "start has " + std::to_string(start.size()) + " rows, expected " + std::to_string(network.inputs()));
    detail::require_for_dream(start.allFinite(), "start has a value that is NaN or infinite");
    image_ = objective_.within(start);
    value_ = objective_.value(image_, gradient_);
  }

  /// The inputs of the network, 0.01 to 1.
  const Vector& image() const { return image_; }

  /// The value of DreamObjective for the image.
  double value() const { return value_; }

  /// Changes the image. Returns false, without a change, if no step decreases the objective.
  bool step() {
    Scalar length = next_length();
    for (int halving = 0; halving < 12 && length > 0; ++halving, length /= 2) {
      const Vector next = objective_.within(image_ - length * gradient_);
      const Vector change = next - image_;
      const auto predicted = static_cast<double>(gradient_.dot(change));
      if (objective_.value(next) < value_ + 1e-4 * predicted) {
        const Vector previous = gradient_;
        image_ = next;
        value_ = objective_.value(image_, gradient_);
        spectral_ = change.squaredNorm() / change.dot(gradient_ - previous);
        return true;
      }
    }
    return false;
  }

 private:
  /// The spectral step, or a smaller one that changes no pixel by more than the rate.
  Scalar next_length() const {
    // 0 at a bound, and for gradients that are below the rounding error of a pixel of at least 0.01. So
    // rate / largest is finite.
    const Vector change = objective_.within(image_ - gradient_) - image_;
    const Scalar largest =
        (change.array() != Scalar(0)).select(gradient_.array().abs(), Scalar(0)).maxCoeff();
    if (!(largest > 0)) {
      return 0;
    }
    const Scalar longest = static_cast<Scalar>(objective_.options().rate) / largest;
    return spectral_ > 0 && spectral_ < longest ? spectral_ : longest;
  }

  DreamObjective<Scalar> objective_;
  Vector image_, gradient_;
  double value_ = 0;
  Scalar spectral_ = 0;
};

/// Changes an image by gradient steps, so that the outputs of the network come closer to the target, for
/// example to make a drawing more like a 7. Pixels stay within 0.01 to 1. Each step decreases
/// DreamObjective. The result is the same for the same arguments.
///
/// For an animation, see class Dream.
///
/// ```cpp
/// Eigen::VectorXf target = Eigen::VectorXf::Constant(10, 0.01f);  // softmax outputs: 0 and 1
/// target(7) = 0.99f;
/// const Eigen::VectorXf image = mnist::dream(net, Eigen::VectorXf::Constant(784, 0.5f), target);
/// ```
///
/// @param start   inputs of the network; values outside 0.01 to 1 are replaced by the nearest bound
/// @param target  outputs as for NeuralNetwork::train
/// @throws std::invalid_argument for wrong sizes, NaN or infinity, a target that the loss does not allow, and
/// options out of range
template <typename Scalar, typename X, typename T>
Eigen::Matrix<Scalar, Eigen::Dynamic, 1> dream(const backquery::NeuralNetwork<Scalar>& network,
                                               const Eigen::MatrixBase<X>& start,
                                               const Eigen::MatrixBase<T>& target,
                                               const DreamOptions& options = {}) {
  detail::require_for_dream(start.cols() == 1 && target.cols() == 1,
                            "start and target have " + std::to_string(start.cols()) + " and " +
                                std::to_string(target.cols()) + " columns, expected 1");
  Dream<Scalar> result(network, start, target, options);
  for (int step = 0; step < options.steps && result.step(); ++step) {
  }
  return result.image();
}

}  // namespace mnist
