/// @file
/// Joins the steps of an ONNX chain to layers of a network.
#pragma once

#include <backquery/detail/storage.hpp>
#include <backquery/model/detail/onnx_constant.hpp>
#include <backquery/model/detail/onnx_external.hpp>
#include <backquery/model/detail/onnx_messages.hpp>
#include <backquery/model/detail/onnx_steps.hpp>
#include <backquery/network/activation.hpp>
#include <backquery/network/fold.hpp>
#include <backquery/network/parameters.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace backquery::detail::onnx {

/// A layer f(after(W before(x))). The scalings are folded into its weights and biases.
struct LayerPlan {
  Linear linear;
  std::optional<Affine> before, after;
  bool has_biases = false;
  bool is_open = true;  // it has no activation yet, so that a scaling still belongs to it
  Activation activation = Activation::identity;
};

/// Appends a scaling, if there is one already. A bias without a scaling stays as it is, even the bits of -0.
inline void append(std::optional<Affine>& scaling, Affine next) {
  if (scaling) {
    scaling->then(next);
  } else {
    scaling = std::move(next);
  }
}

/// Appends the step to the layers.
/// @param pending  the scalings since the last activation, which belong to the next layer
inline void add_step(std::vector<LayerPlan>& layers, std::vector<const Step*>& pending, const Step& step) {
  const bool is_open = !layers.empty() && layers.back().is_open;
  if (const auto* linear = std::get_if<Linear>(&step.action)) {
    LayerPlan layer{*linear, std::nullopt, std::nullopt};
    if (linear->factor != 1) {
      append(layer.after, Affine(linear->nodes(), linear->factor));
    }
    for (const Step* scaling : pending) {
      const auto& arithmetic = std::get<Arithmetic>(scaling->action);
      append(layer.before, affine_of(*scaling, arithmetic, linear->inputs()));
      layer.has_biases = layer.has_biases || arithmetic.has_offset();
    }
    pending.clear();
    layers.push_back(std::move(layer));
  } else if (const auto* arithmetic = std::get_if<Arithmetic>(&step.action)) {
    if (is_open) {
      LayerPlan& layer = layers.back();
      append(layer.after, affine_of(step, *arithmetic, layer.linear.nodes()));
      layer.has_biases = layer.has_biases || arithmetic->has_offset();
    } else {
      pending.push_back(&step);
    }
  } else {
    const Activation function = std::get<Activate>(step.action).function;
    if (!is_open || !pending.empty()) {
      reject(step.node->text(),
             " has no linear layer before it, expected Gemm or MatMul between two activations");
    }
    layers.back().activation = function;
    layers.back().is_open = false;
  }
}

/// Whether a tanh and the scalings around it are scaled_tanh.
inline bool is_scaled_tanh(const std::vector<Step>& steps, std::size_t first) {
  using Constants = activations::ScaledTanh;
  const auto* activation =
      first + 2 < steps.size() ? std::get_if<Activate>(&steps[first + 1].action) : nullptr;
  return activation != nullptr && activation->function == Activation::tanh &&
         multiplies_by(steps[first], Constants::s<double>) &&
         multiplies_by(steps[first + 2], Constants::a<double>);
}

/// Throws if the layers share their matrices so often that the network would be much larger than the file.
inline void check_size(const std::vector<Step>& steps, const Sources& sources) {
  std::uint64_t left = sources.bytes;
  for (const Step& step : steps) {
    const auto* linear = std::get_if<Linear>(&step.action);
    const std::uint64_t weights = linear != nullptr ? linear->matrix.size : 0;
    if (weights > left) {
      reject("has layers that share matrices, expected no more weights than bytes, ", sources.bytes);
    }
    left -= weights;
  }
}

/// The layers of the chain.
inline std::vector<LayerPlan> plan_layers(std::vector<Step> steps, const Sources& sources) {
  check_size(steps, sources);  // before the scalings of layers are allocated
  std::vector<LayerPlan> layers;
  std::vector<const Step*> pending;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (is_scaled_tanh(steps, i) && !layers.empty() && layers.back().is_open) {
      steps[i + 2].action = Activate{Activation::scaled_tanh};
      i += 2;
    }
    add_step(layers, pending, steps[i]);
    if (!layers.empty() && layers.back().activation == Activation::softmax && i + 1 < steps.size()) {
      reject(steps[i].node->text(), " is in a hidden layer, expected Softmax at the end of the chain only");
    }
  }
  if (layers.empty()) {
    reject("has no linear layer, expected Gemm or MatMul");
  }
  if (!pending.empty()) {
    reject(pending[0]->node->text(),
           " scales the outputs of the last activation, expected a linear layer (Gemm or MatMul) beside it");
  }
  return layers;
}

/// Copies the matrix of a layer, with its rows as nodes.
template <typename Scalar>
void copy_weights(const Linear& linear, ColumnsMap<Scalar> w) {
  const Constant& matrix = linear.matrix;
  if (linear.rows_are_nodes == matrix.transposed) {  // stored input by input, as the columns of W
    for (Index input = 0; input < w.cols(); ++input) {
      matrix.read(static_cast<std::size_t>(input * w.rows()), static_cast<std::size_t>(w.rows()),
                  w.data() + input * w.outerStride());
    }
    return;
  }
  // Stored node by node. Blocks of a few nodes write whole lines of memory.
  constexpr Index nodes = 16, inputs = 256;
  Scalar block[nodes][inputs];
  for (Index node = 0; node < w.rows(); node += nodes) {
    const Index height = (std::min)(nodes, w.rows() - node);
    for (Index input = 0; input < w.cols(); input += inputs) {
      const Index width = (std::min)(inputs, w.cols() - input);
      for (Index i = 0; i < height; ++i) {
        matrix.read(static_cast<std::size_t>((node + i) * w.cols() + input), static_cast<std::size_t>(width),
                    block[i]);
      }
      for (Index j = 0; j < width; ++j) {
        for (Index i = 0; i < height; ++i) {
          w(node + i, input + j) = block[i][j];
        }
      }
    }
  }
}

/// Weights and biases of the layers. Weights without a scaling are copied bit for bit, biases too.
template <typename Scalar>
Parameters<Scalar> parameters_of(const std::vector<LayerPlan>& layers) {
  std::vector<Index> sizes = {layers.front().linear.inputs()};
  bool has_biases = false;
  for (const LayerPlan& layer : layers) {
    sizes.push_back(layer.linear.nodes());
    has_biases = has_biases || layer.has_biases;
  }
  Parameters<Scalar> parameters(std::move(sizes), has_biases);
  for (Index l = 0; l < parameters.layers(); ++l) {
    const LayerPlan& layer = layers[static_cast<std::size_t>(l)];
    auto w = parameters.weights(l);
    auto b = parameters.biases(l);
    copy_weights<Scalar>(layer.linear, w);
    const auto as_scalar = [](const VectorX<double>& values) {
      return VectorX<Scalar>(values.cast<Scalar>());
    };
    if (layer.before) {
      fold_before(w, b, as_scalar(layer.before->scale), as_scalar(layer.before->offset));
    }
    if (layer.after && (layer.after->scale.array() != 1).any()) {
      fold_after(w, b, as_scalar(layer.after->scale), as_scalar(layer.after->offset));
    } else if (layer.after && has_biases) {
      b = layer.before ? VectorX<Scalar>(b + as_scalar(layer.after->offset)) : as_scalar(layer.after->offset);
    }
  }
  return parameters;
}

}  // namespace backquery::detail::onnx
