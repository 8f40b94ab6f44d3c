/// @file
/// The function that a dream minimizes, and the options of both. Needs backquery and Eigen only.
#pragma once

#include <algorithm>
#include <backquery/network/neural_network.hpp>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace mnist {

/// How an image is changed. The defaults suit digits of 28 x 28 pixels.
struct DreamOptions {
  int steps = 100;         ///< gradient steps, at least 0; an animation takes a few for each frame
  double rate = 0.15;      ///< the largest change of a pixel in a step, above 0, at most 1
  double smoothness = 2;   ///< weight of the differences of neighboring pixels, at least 0
  double contrast = 0.2;   ///< weight against grays, at least 0; a large weight makes blobs
  double ink = 0.11;       ///< mean of the pixels as a share of their range, 0 to 1; MNIST: 0.05 to 0.2
  Eigen::Index shift = 1;  ///< the loss is the mean over images moved by up to `shift` pixels, at least 0
  Eigen::Index rows = 0;   ///< size of the image, whose pixels are row by row
  Eigen::Index cols = 0;   ///< 0 rows and 0 cols: the image is square
};

namespace detail {

/// @throws std::invalid_argument "dream: ...", unless the condition is true
inline void require_for_dream(bool condition, const std::string& text) {
  if (!condition) {
    throw std::invalid_argument("dream: " + text);
  }
}

/// The options with the numbers of rows and columns.
inline DreamOptions checked(DreamOptions options, Eigen::Index inputs) {
  const auto number = [](double value) { return std::to_string(value); };
  const auto require_weight = [&](double weight, const char* name) {
    require_for_dream(weight >= 0 && weight <= (std::numeric_limits<float>::max)(),
                      std::string("options.") + name + " is " + number(weight) + ", expected 0 to 3.4e38");
  };
  require_for_dream(options.steps >= 0,
                    "options.steps is " + std::to_string(options.steps) + ", expected at least 0");
  require_for_dream(options.rate > 0 && options.rate <= 1,
                    "options.rate is " + number(options.rate) + ", expected above 0 and at most 1");
  require_weight(options.smoothness, "smoothness");
  require_weight(options.contrast, "contrast");
  require_for_dream(options.ink >= 0 && options.ink <= 1,
                    "options.ink is " + number(options.ink) + ", expected 0 to 1");
  if (options.rows == 0 && options.cols == 0) {
    options.rows = options.cols = std::lround(std::sqrt(static_cast<double>(inputs)));
  }
  const Eigen::Index rows = options.rows, cols = options.cols;
  require_for_dream(rows >= 1 && cols >= 1 && inputs % rows == 0 && inputs / rows == cols,
                    "the image has " + std::to_string(rows) + " rows and " + std::to_string(cols) +
                        " columns (options.rows, options.cols), expected a product of " +
                        std::to_string(inputs) + ", the inputs of the network");
  require_for_dream(options.shift >= 0 && options.shift < (std::min)(rows, cols),
                    "options.shift is " + std::to_string(options.shift) + ", expected 0 to " +
                        std::to_string((std::min)(rows, cols) - 1) + ", less than the sides of the image");
  return options;
}

/// The network with binary cross-entropy as the loss of sigmoid outputs. The gradient of a squared error
/// vanishes where an output is near 0 or 1, even if it is wrong.
template <typename Scalar>
backquery::NeuralNetwork<Scalar> with_steep_loss(const backquery::NeuralNetwork<Scalar>& network) {
  const Eigen::Index layers = network.layers();
  if (network.activation(layers - 1) != backquery::Activation::sigmoid) {
    return network;
  }
  backquery::NetworkOptions options = network.options();
  options.loss = backquery::Loss::binary_cross_entropy;
  options.error_propagation = backquery::ErrorPropagation::gradient;
  std::vector<typename backquery::NeuralNetwork<Scalar>::Matrix> weights;
  for (Eigen::Index layer = 0; layer < layers; ++layer) {
    weights.emplace_back(network.weights(layer));
  }
  backquery::NeuralNetwork<Scalar> result(weights, network.learning_rate(), options);
  for (Eigen::Index layer = 0; options.biases && layer < layers; ++layer) {
    result.set_biases(layer, network.biases(layer));
  }
  return result;
}

}  // namespace detail

/// The function that a dream minimizes. For pixels x, and y = (x - 0.01) / 0.99:
///
///     E(x) = mean of the network's loss for x, moved by up to `shift` pixels in both directions
///            + smoothness  sum of (x_i - x_j)^2 over neighbors i, j / pixels
///            + contrast    mean of y (1 - y)
///            + 300         (mean of y - ink)^2
///
/// Without the other terms, the network's loss makes noise: see A. Mahendran and A. Vedaldi, "Understanding
/// deep image representations by inverting them" (2015), for smoothness and bounds. Moved images make strokes
/// as wide as in digits. With a given amount of ink, strokes do not fade after the output is reached.
template <typename Scalar_>
class DreamObjective {
 public:
  using Scalar = Scalar_;
  using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

  static constexpr Scalar lowest = Scalar(0.01), highest = Scalar(1);  // of a pixel

  /// @throws std::invalid_argument for options out of range, and a target of the wrong size or out of the
  /// range of the outputs
  DreamObjective(const backquery::NeuralNetwork<Scalar>& network, const Vector& target,
                 const DreamOptions& options)
      : options_(detail::checked(options, network.inputs())), network_(detail::with_steep_loss(network)) {
    detail::require_for_dream(target.size() == network.outputs(),
                              "target has " + std::to_string(target.size()) + " rows, expected " +
                                  std::to_string(network.outputs()));
    const Eigen::Index moves = 2 * options_.shift + 1;
    targets_ = target.replicate(1, moves * moves);
  }

  const DreamOptions& options() const { return options_; }

  /// The nearest image whose pixels are within the range.
  static Vector within(const Vector& x) { return x.cwiseMax(lowest).cwiseMin(highest); }

  /// E(x)
  double value(const Vector& x) const { return network_.loss(moved(x), targets_) + prior(x, nullptr); }

  /// E(x) and its gradient.
  double value(const Vector& x, Vector& gradient) const {
    const Matrix images = moved(x);
    const Matrix gradients = network_.input_gradients(images, targets_);
    gradient.setZero(x.size());
    for_each_move([&](Eigen::Index image, const auto& from, const auto& to) {
      from(plane(gradient.data())) += to(plane(gradients.col(image).data()));
    });
    return network_.loss(images, targets_) + prior(x, &gradient);
  }

 private:
  template <typename Value>  // Scalar or const Scalar
  auto plane(Value* pixels) const {
    using Plane = Eigen::Array<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using Given = std::conditional_t<std::is_const_v<Value>, const Plane, Plane>;
    return Eigen::Map<Given>(pixels, options_.rows, options_.cols);
  }

  /// Calls f(index, from, to) for each move: the block from(image) becomes the block to(moved image).
  template <typename F>
  void for_each_move(const F& f) const {
    const Eigen::Index rows = options_.rows, cols = options_.cols, shift = options_.shift;
    Eigen::Index index = 0;
    for (Eigen::Index down = -shift; down <= shift; ++down) {
      for (Eigen::Index right = -shift; right <= shift; ++right) {
        const auto block = [=](Eigen::Index top, Eigen::Index left) {
          return [=](auto&& image) {
            return image.block(std::max<Eigen::Index>(top, 0), std::max<Eigen::Index>(left, 0),
                               rows - std::abs(top), cols - std::abs(left));
          };
        };
        f(index++, block(-down, -right), block(down, right));
      }
    }
  }

  /// The image after each move, one in each column.
  Matrix moved(const Vector& x) const {
    Matrix images = Matrix::Constant(x.size(), targets_.cols(), lowest);
    for_each_move([&](Eigen::Index image, const auto& from, const auto& to) {
      to(plane(images.col(image).data())) = from(plane(x.data()));
    });
    return images;
  }

  /// The terms that do not depend on the network. Adds their gradient to `gradient`, unless it is null.
  double prior(const Vector& x, Vector* gradient) const {
    constexpr Scalar ink_weight = 300;
    const Eigen::Index rows = options_.rows, cols = options_.cols;
    const auto pixels = static_cast<Scalar>(x.size());
    const auto smoothness = static_cast<Scalar>(options_.smoothness);
    const auto contrast = static_cast<Scalar>(options_.contrast);
    const auto image = plane(x.data());
    const auto down = (image.bottomRows(rows - 1) - image.topRows(rows - 1)).eval();
    const auto across = (image.rightCols(cols - 1) - image.leftCols(cols - 1)).eval();
    const Vector y = (x.array() - lowest) / (highest - lowest);
    const Scalar excess = y.mean() - static_cast<Scalar>(options_.ink);
    if (gradient != nullptr) {
      const Scalar of_difference = 2 * smoothness / pixels;
      auto of_image = plane(gradient->data());
      of_image.bottomRows(rows - 1) += of_difference * down;
      of_image.topRows(rows - 1) -= of_difference * down;
      of_image.rightCols(cols - 1) += of_difference * across;
      of_image.leftCols(cols - 1) -= of_difference * across;
      gradient->array() +=
          (contrast * (1 - 2 * y.array()) + 2 * ink_weight * excess) / pixels / (highest - lowest);
    }
    return smoothness * (down.square().sum() + across.square().sum()) / pixels +
           contrast * (y.array() * (1 - y.array())).mean() + ink_weight * excess * excess;
  }

  DreamOptions options_;
  backquery::NeuralNetwork<Scalar> network_;
  Matrix targets_;
};

}  // namespace mnist
