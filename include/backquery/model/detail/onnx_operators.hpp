/// @file
/// The nodes of an ONNX graph that continue the chain from the input to the output.
#pragma once

#include <backquery/model/detail/onnx_arguments.hpp>
#include <backquery/model/detail/onnx_constant.hpp>
#include <backquery/model/detail/onnx_environment.hpp>
#include <backquery/model/detail/onnx_messages.hpp>
#include <backquery/model/detail/onnx_steps.hpp>
#include <backquery/model/detail/onnx_values.hpp>
#include <backquery/network/activation.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace backquery::detail::onnx {

/// The index of the only input of the node that depends on the input of the network.
inline std::size_t only_running_input(Environment& environment, const Node& node) {
  const auto found = environment.running_input(node);
  if (!found) {
    reject(node.text(), " has constant inputs only, expected one that depends on the input of the network");
  }
  return *found;
}

/// A node that changes no value of the chain. Constants pass, too.
inline void pass(Environment& environment, const Node& node) {
  if (std::holds_alternative<Running>(environment.input(node, 0))) {
    environment.advance(node, environment.take(node, 0));
  } else {
    environment.set(node, environment.input(node, 0));
  }
}

/// A product of the newest value X with a matrix C. Samples are the rows of X if X is the left factor, else
/// its columns.
struct Product {
  std::size_t running = 0;  // index of the input X
  bool transposes_running = false, transposes_constant = false;
  double factor = 1;
};

inline void multiply(Environment& environment, const Node& node, const Product& product) {
  const bool is_left = product.running == 0;
  Running x = environment.take(node, product.running);
  Linear linear{environment.constant(node, 1 - product.running), is_left == product.transposes_constant,
                product.factor};
  const std::vector<std::int64_t>& dims = linear.matrix.dims;
  if (dims.size() != 2 || dims[0] < 1 || dims[1] < 1) {
    reject(node.text(), " multiplies by a constant of shape ", dims_text(dims), ", expected a matrix");
  }
  if (x.dims.size() != 2) {
    reject(node.text(), " multiplies a value of shape ", dims_text(x.dims),
           ", expected two dimensions; use Flatten before it");
  }
  if (product.transposes_running) {
    std::swap(x.dims[0], x.dims[1]);
    x.batch_axis = 1 - x.batch_axis;
  }
  if (x.batch_axis != (is_left ? 0 : 1)) {
    reject(node.text(), " multiplies samples by each other, expected ",
           is_left ? "a sample in each row" : "a sample in each column", " of its input ",
           quoted(node.input(product.running)));
  }
  std::int64_t& features = x.dims[1 - x.batch_axis];
  if (features >= 0 && features != linear.inputs()) {
    reject(node.text(), " has weights for ", linear.inputs(), " inputs, expected ", features);
  }
  features = linear.nodes();
  environment.advance(node, std::move(x), std::move(linear));
}

inline void mat_mul(Environment& environment, const Node& node) {
  multiply(environment, node, {only_running_input(environment, node), false, false, 1});
}

/// alpha A' B' + beta C, where A' and B' may be transposes.
inline void gemm(Environment& environment, const Node& node) {
  const std::size_t running = only_running_input(environment, node);
  if (running > 1) {
    reject(node.text(), " adds a value that depends on the input, expected constant biases");
  }
  const bool transposed[] = {node.integer("transA", 0) != 0, node.integer("transB", 0) != 0};
  multiply(environment, node,
           {running, transposed[running], transposed[1 - running], double{node.real("alpha", 1)}});
  if (!node.input(2).empty()) {
    const Running& y = environment.newest();
    environment.append(
        node,
        Arithmetic{
            Arithmetic::Kind::add, {environment.constant(node, 2)}, y, double{node.real("beta", 1)}, 0});
  }
}

/// Add, Sub, Mul and Div of the chain and a constant; Mul of two shapes, too.
inline void arithmetic(Environment& environment, const Node& node) {
  const auto running = environment.running_input(node);
  if (!running && node.op == "Mul") {
    environment.set(node, evaluate_product(environment, node));
    return;
  }
  const std::size_t x = only_running_input(environment, node);
  if (node.inputs.size() != 2) {
    reject(node.text(), " has ", node.inputs.size(), " inputs, expected two");
  }
  if (node.op == "Div" && x != 0) {
    reject(node.text(), " divides by a value that depends on the input, expected a constant divisor");
  }
  using Kind = Arithmetic::Kind;
  const Kind kind = node.op == "Add"   ? Kind::add
                    : node.op == "Mul" ? Kind::multiply
                    : node.op == "Div" ? Kind::divide
                    : x == 0           ? Kind::subtract
                                       : Kind::subtract_from;
  const Running value = environment.take(node, x);
  const Constant& operand = environment.constant(node, 1 - x);
  if (!is_floating(operand.type)) {  // quotients would be truncated, products overflow
    reject(node.text(),
           " computes with integers, expected a constant of float or double; use Cast before it");
  }
  environment.advance(node, value, Arithmetic{kind, {operand}, value, 1, 0});
}

inline void batch_normalization(Environment& environment, const Node& node) {
  const Running value = environment.take(node, 0);
  // Until version 13 of the operators, further outputs select the training mode.
  if (node.integer("training_mode", 0) != 0 || node.outputs.size() > 1) {
    reject(node.text(), " is in training mode, expected a model that was exported for inference");
  }
  if (value.batch_axis != 0) {
    reject(node.text(), " has samples in columns, expected a sample in each row");
  }
  Arithmetic step{Arithmetic::Kind::normalize, {}, value, 1, double{node.real("epsilon", 1e-5f)}};
  // Scale, bias, mean and variance: one number for each channel, dimension 1.
  for (std::size_t i = 1; i <= 4; ++i) {
    Constant operand = environment.constant(node, i);
    if (operand.dims.size() != 1) {
      reject(node.text(), " has an argument of shape ", dims_text(operand.dims), ", expected a list");
    }
    operand.dims.resize(value.dims.size() - 1, 1);
    step.operands.push_back(std::move(operand));
  }
  environment.advance(node, value, std::move(step));
}

/// The activation of a node; empty if its parameter differs from the parameter of the library.
inline std::optional<Activation> activation_of(Environment& environment, const Node& node) {
  const auto is_near = [](double number, double expected) {
    return std::abs(number - expected) <= 1e-6 * expected;
  };
  if (node.op == "LeakyRelu") {
    return is_near(double{node.real("alpha", 0.01f)}, 0.01) ? std::optional(Activation::leaky_relu)
                                                            : std::nullopt;
  }
  if (node.op == "PRelu") {
    const std::vector<double> slopes = environment.constant(node, 1).values<double>();
    const bool matches = !slopes.empty() && std::all_of(slopes.begin(), slopes.end(),
                                                        [&](double slope) { return is_near(slope, 0.01); });
    return matches ? std::optional(Activation::leaky_relu) : std::nullopt;
  }
  if (node.op == "Elu") {
    return is_near(double{node.real("alpha", 1)}, 1) ? std::optional(Activation::elu) : std::nullopt;
  }
  return node.op == "Sigmoid"    ? Activation::sigmoid
         : node.op == "Tanh"     ? Activation::tanh
         : node.op == "Relu"     ? Activation::relu
         : node.op == "Softplus" ? Activation::softplus
                                 : Activation::softmax;
}

inline void activate(Environment& environment, const Node& node) {
  const Running value = environment.take(node, 0);
  const auto function = activation_of(environment, node);
  if (!function) {
    reject(node.text(), " has another parameter than the library, expected ",
           node.op == "Elu" ? "alpha 1" : "the slope 0.01");
  }
  if (function == Activation::softmax) {
    // Until version 12 of the operators, Softmax sums over all dimensions from this axis on.
    const std::int64_t axis = node.integer("axis", environment.opset() < 13 ? 1 : -1);
    if (value.dims.size() != 2 || axis_of(node, axis, 2) != 1 - value.batch_axis ||
        (environment.opset() < 13 && value.batch_axis != 0)) {
      reject(node.text(), " has axis ", axis, " of a value of shape ", dims_text(value.dims),
             ", expected the features of samples");
    }
  }
  environment.advance(node, value, Activate{*function});
}

inline void flatten(Environment& environment, const Node& node) {
  environment.advance(node, flattened(node, environment.take(node, 0)));
}

inline void reshape(Environment& environment, const Node& node) {
  if (std::holds_alternative<Running>(environment.input(node, 0))) {
    environment.advance(
        node, reshaped(node, environment.take(node, 0), sizes_of(node, environment.input(node, 1))));
  } else {
    environment.set(node, evaluate_reshape(environment, node));
  }
}

/// The transpose of a matrix, constant or not.
inline void transpose(Environment& environment, const Node& node) {
  std::vector<std::int64_t> order = {1, 0};
  if (const auto attribute = node.find("perm")) {
    order = attribute->integers;
  }
  const Value& input = environment.input(node, 0);
  const bool is_running = std::holds_alternative<Running>(input);
  const std::vector<std::int64_t>& dims =
      is_running ? std::get<Running>(input).dims : environment.constant(node, 0).dims;
  const bool keeps = order == std::vector<std::int64_t>{0, 1};
  if (dims.size() != 2 || (!keeps && order != std::vector<std::int64_t>{1, 0})) {
    reject(node.text(), " transposes a value of shape ", dims_text(dims), ", expected a matrix");
  }
  if (keeps) {
    pass(environment, node);
  } else if (is_running) {
    Running value = environment.take(node, 0);
    std::swap(value.dims[0], value.dims[1]);
    value.batch_axis = 1 - value.batch_axis;
    environment.advance(node, std::move(value));
  } else {
    Constant value = environment.constant(node, 0);
    std::swap(value.dims[0], value.dims[1]);
    value.transposed = !value.transposed;
    environment.set(node, std::move(value));
  }
}

inline void dropout(Environment& environment, const Node& node) {
  if (!node.input(2).empty()) {
    for (const double training : environment.constant(node, 2).values<double>()) {
      if (training != 0)
        reject(node.text(), " is in training mode, expected a model that was exported for inference");
    }
  }
  pass(environment, node);
}

inline void cast(Environment& environment, const Node& node) {
  const std::int64_t type = node.integer("to", 0);
  const Value& input = environment.input(node, 0);
  if (const auto* constant = std::get_if<Constant>(&input)) {
    environment.set(node, converted(environment.sources(), node, *constant, type));
    return;
  }
  const bool is_running = std::holds_alternative<Running>(input);
  if (is_running && type != type_float && type != type_double) {
    reject(node.text(), " rounds values of the chain to element type ", type,
           ", expected float (1) or double (11)");
  }
  pass(environment, node);
}

}  // namespace backquery::detail::onnx
