/// @file
/// Folds scalings of inputs and outputs into the first and last layer.
#pragma once

#include <backquery/network/detail/arguments.hpp>
#include <backquery/network/neural_network.hpp>

#include <type_traits>
#include <utility>

namespace backquery {

namespace detail {

/// The layer W x + b becomes W (scale . x + offset) + b. The sum of W offset is computed in double at least,
/// because it may be large compared with b.
/// @param b  may be empty if offset is 0
template <typename W, typename B, typename Scalar = typename W::Scalar>
void fold_before(W& w, B& b, const VectorX<Scalar>& scale, const VectorX<Scalar>& offset) {
  using Wide = std::common_type_t<Scalar, double>;
  if (b.size() > 0) {
    VectorX<Wide> sum = b.template cast<Wide>();
    for (Index input = 0; input < w.cols(); ++input) {
      sum += w.col(input).template cast<Wide>() * static_cast<Wide>(offset(input));
    }
    b = sum.template cast<Scalar>();
  }
  for (Index input = 0; input < w.cols(); ++input) {
    w.col(input) *= scale(input);
  }
}

/// The layer W x + b becomes scale . (W x + b) + offset.
/// @param b  may be empty if offset is 0
template <typename W, typename B, typename Scalar = typename W::Scalar>
void fold_after(W& w, B& b, const VectorX<Scalar>& scale, const VectorX<Scalar>& offset) {
  for (Index input = 0; input < w.cols(); ++input) {
    w.col(input).array() *= scale.array();
  }
  if (b.size() > 0) {
    b = scale.cwiseProduct(b) + offset;
  }
}

/// Replaces W and b of a layer by fold(W, b, scale, offset), after checks of all arguments.
template <typename Scalar, typename S, typename O, typename Fold>
void fold_layer(const char* where, NeuralNetwork<Scalar>& network, Index layer, Index features,
                const Eigen::MatrixBase<S>& scale, const Eigen::MatrixBase<O>& offset, const Fold& fold) {
  check_scalar<Scalar, S>();
  check_scalar<Scalar, O>();
  check_shape(where, "scale", scale, features, 1);
  check_shape(where, "offset", offset, features, 1);
  const VectorX<Scalar> s = scale, o = offset;
  check_finite<Scalar>(where, "scale", strided(s));
  check_finite<Scalar>(where, "offset", strided(o));
  check_parameters<Scalar>(where, network.parameters());
  MatrixX<Scalar> w = network.weights(layer);
  VectorX<Scalar> b = network.biases(layer);
  if (b.size() == 0 && (o.array() != Scalar(0)).any()) {
    throw_invalid_argument(where,
                           ": offset is not 0, which needs biases; construct the network with options.biases "
                           "= true, or pass an offset of 0");
  }
  fold(w, b, s, o);
  if (!all_finite(w.data(), w.size()) || !all_finite(b.data(), b.size())) {
    throw_invalid_argument(where,
                           ": a weight or bias would become infinite, expected a smaller scale or offset");
  }
  network.set_weights(layer, w);
  if (b.size() > 0) {
    network.set_biases(layer, b);
  }
}

}  // namespace detail

/// Moves a scaling of the inputs into the first layer. The outputs of the result for x equal the outputs
/// of the network for scale . x + offset, up to rounding:
///
///     W_1' = W_1 diag(scale)      b_1' = b_1 + W_1 offset
///
/// For inputs that were standardized by mean and deviation, scale is 1 / deviation and offset is
/// -mean / deviation. A mean that is large compared with the deviation costs digits, because W_1' x and b_1'
/// then are large and cancel.
///
/// ```cpp
/// backquery::NetworkOptions options;
/// options.biases = true;
/// const backquery::NeuralNetwork<float> network({2, 3, 1}, 0.1f, options);
/// const Eigen::Vector2f mean(170, 60), deviation(10, 8);
/// const Eigen::Vector2f scale = deviation.cwiseInverse();
/// const auto raw = backquery::fold_inputs(network, scale, -mean.cwiseProduct(scale));
/// std::cout << raw.query(Eigen::Vector2f(180, 68));  // as network.query(Eigen::Vector2f(1, 1))
/// ```
///
/// @param net            the network; it stays unchanged unless it is moved into the call
/// @param scale, offset  a finite value for each input; offset must be 0 if the network has no biases
/// @return a network of the same layers and options
/// @throws std::invalid_argument for wrong sizes, NaN or infinity in an argument or in the result, and an
///         offset without biases
template <typename Scalar, typename S, typename O>
[[nodiscard]] NeuralNetwork<Scalar> fold_inputs(NeuralNetwork<Scalar> net, const Eigen::MatrixBase<S>& scale,
                                                const Eigen::MatrixBase<O>& offset) {
  detail::fold_layer("fold_inputs", net, 0, net.inputs(), scale, offset,
                     [](auto& w, auto& b, const auto& s, const auto& o) { detail::fold_before(w, b, s, o); });
  return net;
}

/// Moves a scaling of the outputs into the last layer, whose activation must be identity. The outputs of the
/// result are scale . o + offset, where o are the outputs of the network, up to rounding:
///
///     W_L' = diag(scale) W_L      b_L' = scale . b_L + offset
///
/// For a regression whose targets were standardized, scale is the deviation of the targets and offset their
/// mean.
///
/// @param net            the network; it stays unchanged unless it is moved into the call
/// @param scale, offset  a finite value for each output; offset must be 0 if the network has no biases
/// @return a network of the same layers and options
/// @throws std::invalid_argument as fold_inputs, and for another output activation
template <typename Scalar, typename S, typename O>
[[nodiscard]] NeuralNetwork<Scalar> fold_outputs(NeuralNetwork<Scalar> net, const Eigen::MatrixBase<S>& scale,
                                                 const Eigen::MatrixBase<O>& offset) {
  const Index last = net.layers() - 1;
  if (net.activation(last) != Activation::identity) {
    detail::throw_invalid_argument("fold_outputs: the output activation is ", name(net.activation(last)),
                                   ", expected identity, because only its outputs scale with the weights");
  }
  detail::fold_layer("fold_outputs", net, last, net.outputs(), scale, offset,
                     [](auto& w, auto& b, const auto& s, const auto& o) { detail::fold_after(w, b, s, o); });
  return net;
}

}  // namespace backquery
