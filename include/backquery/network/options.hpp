/// @file
/// What a network is made of besides its sizes; the defaults are the notes' network.
#pragma once

#include <backquery/detail/enum_names.hpp>
#include <backquery/network/activation.hpp>
#include <backquery/network/initializer.hpp>
#include <backquery/network/loss.hpp>

#include <cstdint>

namespace backquery {

/// How the error of a layer reaches the nodes of the layer below.
///
/// split_by_weights  e_below = W' e                the notes' rule; goes with squared_error
/// gradient          e_below = W' (e . f'(z))      the true gradient, for every allowed loss and activation
///
/// The notes' rule is the gradient of no single loss. In a network with one hidden layer the last matrix
/// follows 1/2 |t - o|^2, and the first follows binary cross-entropy, since its error lacks the factor o (1 -
/// o); in deeper networks that holds for the last two matrices, and those before them follow no loss at all.
enum class ErrorPropagation { split_by_weights, gradient };

template <>
struct detail::EnumNames<ErrorPropagation> {
  static constexpr const char* kind = "error_propagation";
  static constexpr std::string_view values[] = {"split_by_weights", "gradient"};
};

/// Options of a NeuralNetwork. The defaults are the network of T. Rashid, "Make Your Own Neural Network",
/// 2016.
struct NetworkOptions {
  Activation hidden_activation = Activation::sigmoid;  ///< of every hidden layer; any but softmax
  Activation output_activation = Activation::sigmoid;
  Loss loss = Loss::squared_error;
  bool biases = false;  ///< one for each node, starting at 0
  Initializer initializer = Initializer::normal_fan_out;
  ErrorPropagation error_propagation = ErrorPropagation::split_by_weights;
  std::uint64_t seed = 1;  ///< the same seed gives the same weights everywhere

  /// Today's usual choice for telling classes apart: relu, softmax, cross-entropy, biases, He, the true
  /// gradient.
  static NetworkOptions classifier() {
    return {Activation::relu,
            Activation::softmax,
            Loss::cross_entropy,
            true,
            Initializer::he,
            ErrorPropagation::gradient,
            1};
  }
};

namespace detail {

/// Refuses values that are none of their enumeration's and combinations that make no sense.
inline void check_options(const char* where, const NetworkOptions& o) {
  const auto check_known = [where](auto value, const char* field) {
    if (!is_known(value)) {
      throw_invalid_argument(where, ": options.", field, " has no value ", static_cast<int>(value));
    }
  };
  check_known(o.hidden_activation, "hidden_activation");
  check_known(o.output_activation, "output_activation");
  check_known(o.loss, "loss");
  check_known(o.initializer, "initializer");
  check_known(o.error_propagation, "error_propagation");

  if (o.hidden_activation == Activation::softmax) {
    throw_invalid_argument(where,
                           ": options.hidden_activation is softmax, which belongs in the output layer only");
  }
  if (o.loss == Loss::squared_error && o.output_activation == Activation::softmax) {
    throw_invalid_argument(
        where, ": options.loss is squared_error with a softmax output; softmax goes with cross_entropy");
  }
  if (o.loss == Loss::cross_entropy && o.output_activation != Activation::softmax) {
    throw_invalid_argument(where,
                           ": options.loss is cross_entropy, which needs output_activation softmax, not ",
                           std::string(name(o.output_activation)));
  }
  if (o.loss == Loss::binary_cross_entropy && o.output_activation != Activation::sigmoid) {
    throw_invalid_argument(
        where, ": options.loss is binary_cross_entropy, which needs output_activation sigmoid, not ",
        std::string(name(o.output_activation)));
  }
  if (o.error_propagation == ErrorPropagation::split_by_weights && o.loss != Loss::squared_error) {
    throw_invalid_argument(
        where, ": options.error_propagation is split_by_weights, which goes with squared_error, not ",
        std::string(name(o.loss)), "; use ErrorPropagation::gradient");
  }
}

}  // namespace detail

}  // namespace backquery
