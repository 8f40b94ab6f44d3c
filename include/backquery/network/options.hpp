/// @file
/// Options of a network. The defaults are the network of the book.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/enum_names.hpp>
#include <backquery/network/activation.hpp>
#include <backquery/network/initializer.hpp>
#include <backquery/network/loss.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace backquery {

/// The rule that computes the error of the layer below from the error e of a layer.
///
/// | name             | error of the layer below | source                                     |
/// |------------------|--------------------------|--------------------------------------------|
/// | split_by_weights | W' e                     | the book; for squared_error only           |
/// | gradient         | W' (e . f'(z))           | the gradient of the loss, for all losses   |
///
/// split_by_weights is not the gradient of any loss. With sigmoid outputs, the last matrix follows
/// 1/2 |t - o|^2. The matrix before it follows binary cross-entropy, because its error lacks the derivative
/// o (1 - o). Earlier matrices follow no loss at all.
enum class ErrorPropagation { split_by_weights, gradient };

template <>
struct detail::EnumTable<ErrorPropagation> {
  static constexpr const char* kind = "error_propagation";
  static constexpr EnumEntry<ErrorPropagation> entries[] = {
      {ErrorPropagation::split_by_weights, "split_by_weights", 0},
      {ErrorPropagation::gradient, "gradient", 1}};
};

/// Options of a NeuralNetwork. The defaults are the network of T. Rashid, "Make Your Own Neural Network",
/// 2016.
///
/// ```cpp
/// backquery::NetworkOptions options;
/// options.hidden_activation = backquery::Activation::tanh;
/// options.biases = true;
/// backquery::NeuralNetwork<float> network({784, 200, 10}, 0.1f, options);
/// ```
struct NetworkOptions {
  Activation hidden_activation = Activation::sigmoid;     ///< of all hidden layers; any but softmax
  Activation output_activation = Activation::sigmoid;     ///< must suit the loss; softmax: at least 2 outputs
  Loss loss = Loss::squared_error;                        ///< must suit the targets
  bool biases = false;                                    ///< one bias for each node, initially 0
  Initializer initializer = Initializer::normal_fan_out;  ///< distribution of the initial weights
  ErrorPropagation error_propagation = ErrorPropagation::split_by_weights;  ///< see ErrorPropagation
  std::uint64_t seed = 1;  ///< of the initial weights; the same seed gives the same weights on every platform
  /// The activation of each layer, first layer first, for networks with different hidden layers. Softmax is
  /// allowed in the last layer only. Empty: hidden_activation and output_activation are used. Otherwise both
  /// are ignored, and the network sets its options().output_activation to the last activation.
  std::vector<Activation> activations = {};

  /// The usual options for a classifier of at least 2 outputs: relu, softmax, cross_entropy, biases, he,
  /// gradient.
  static NetworkOptions classifier() {
    return {Activation::relu,
            Activation::softmax,
            Loss::cross_entropy,
            true,
            Initializer::he,
            ErrorPropagation::gradient,
            1,
            {}};
  }

  /// The usual options for numbers as outputs, such as curves and sensors: tanh, identity, squared_error,
  /// biases, glorot, gradient. Advised: inputs and targets with a mean of about 0 and a deviation of about 1.
  static NetworkOptions regression() {
    return {Activation::tanh,
            Activation::identity,
            Loss::squared_error,
            true,
            Initializer::glorot,
            ErrorPropagation::gradient,
            1,
            {}};
  }
};

namespace detail {

/// The activation of a layer.
inline Activation activation_of(const NetworkOptions& options, Index layer, Index layers) {
  return !options.activations.empty() ? options.activations[static_cast<std::size_t>(layer)]
         : layer == layers - 1        ? options.output_activation
                                      : options.hidden_activation;
}

/// The field of the activation of the output layer.
inline const char* output_field(const NetworkOptions& o) {
  return o.activations.empty() ? "options.output_activation" : "the last of options.activations";
}

/// Throws unless every layer has an activation, and softmax is in no hidden layer.
inline void check_activations(const char* where, const NetworkOptions& o, Index layers) {
  const auto check_hidden = [where](const std::string& field, Activation f) {
    check_enumerator(where, field.c_str(), f);
    if (!is_elementwise(f)) {
      throw_invalid_argument(where, ": ", field, " is ", name(f), ", which belongs in the output layer only");
    }
  };
  if (o.activations.empty()) {
    check_hidden("options.hidden_activation", o.hidden_activation);
    check_enumerator(where, output_field(o), o.output_activation);
    return;
  }
  check_enumerator(where, "options.hidden_activation", o.hidden_activation);  // not used, but saved
  check_entries(where, "options.activations", o.activations, layers, ", one for each layer");
  for (std::size_t layer = 0; layer + 1 < o.activations.size(); ++layer) {
    check_hidden(message("options.activations[", layer, "]"), o.activations[layer]);
  }
  check_enumerator(where, output_field(o), o.activations.back());
}

/// Throws for values that are no enumerators and for invalid combinations.
inline void check_options(const char* where, const NetworkOptions& o, Index layers, Index outputs) {
  check_activations(where, o, layers);
  check_enumerator(where, "options.loss", o.loss);
  check_enumerator(where, "options.initializer", o.initializer);
  check_enumerator(where, "options.error_propagation", o.error_propagation);

  const Activation output = activation_of(o, layers - 1, layers);
  const auto fused_with = visit(o.loss, [](auto loss) { return loss.fused_with; });
  if (!fused_with && !is_elementwise(output)) {
    throw_invalid_argument(where, ": options.loss is ", name(o.loss), " with a ", name(output),
                           " output; softmax goes with cross_entropy");
  }
  if (fused_with && *fused_with != output) {
    throw_invalid_argument(where, ": options.loss is ", name(o.loss), ", which needs ", name(*fused_with),
                           " as ", output_field(o), ", not ", name(output));
  }
  if (!is_elementwise(output) && outputs == 1) {
    throw_invalid_argument(
        where, ": ", output_field(o), " is ", name(output),
        " with 1 output, which is always 1; use sigmoid with binary_cross_entropy, or 2 outputs");
  }
  if (o.error_propagation == ErrorPropagation::split_by_weights &&
      !visit(o.loss, [](auto loss) { return loss.can_split; })) {
    throw_invalid_argument(
        where, ": options.error_propagation is split_by_weights, which goes with squared_error, not ",
        name(o.loss), "; use ErrorPropagation::gradient");
  }
}

}  // namespace detail

}  // namespace backquery
