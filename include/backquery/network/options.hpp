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
struct detail::EnumTable<ErrorPropagation> {
  static constexpr const char* kind = "error_propagation";
  static constexpr EnumEntry<ErrorPropagation> entries[] = {
      {ErrorPropagation::split_by_weights, "split_by_weights", 0},
      {ErrorPropagation::gradient, "gradient", 1}};
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
    if (find_entry(value) == nullptr) {
      throw_invalid_argument(where, ": options.", field, " has no value ", static_cast<int>(value));
    }
  };
  check_known(o.hidden_activation, "hidden_activation");
  check_known(o.output_activation, "output_activation");
  check_known(o.loss, "loss");
  check_known(o.initializer, "initializer");
  check_known(o.error_propagation, "error_propagation");

  const auto text = [](auto value) { return std::string(name(value)); };
  const Activation output = o.output_activation;
  if (!is_elementwise(o.hidden_activation)) {
    throw_invalid_argument(where, ": options.hidden_activation is ", text(o.hidden_activation),
                           ", which belongs in the output layer only");
  }
  const auto fused_with = visit(o.loss, [](auto loss) { return loss.fused_with; });
  if (!fused_with && !is_elementwise(output)) {
    throw_invalid_argument(where, ": options.loss is ", text(o.loss), " with a ", text(output),
                           " output; softmax goes with cross_entropy");
  }
  if (fused_with && *fused_with != output) {
    throw_invalid_argument(where, ": options.loss is ", text(o.loss), ", which needs output_activation ",
                           text(*fused_with), ", not ", text(output));
  }
  if (o.error_propagation == ErrorPropagation::split_by_weights &&
      !visit(o.loss, [](auto loss) { return loss.can_split; })) {
    throw_invalid_argument(
        where, ": options.error_propagation is split_by_weights, which goes with squared_error, not ",
        text(o.loss), "; use ErrorPropagation::gradient");
  }
}

}  // namespace detail

}  // namespace backquery
