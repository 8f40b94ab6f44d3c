/// @file
/// Follows an ONNX graph from its input to its output.
#pragma once

#include <backquery/model/detail/onnx_arguments.hpp>
#include <backquery/model/detail/onnx_environment.hpp>
#include <backquery/model/detail/onnx_messages.hpp>
#include <backquery/model/detail/onnx_operators.hpp>
#include <backquery/model/detail/onnx_order.hpp>
#include <backquery/model/detail/onnx_steps.hpp>
#include <backquery/model/detail/onnx_values.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace backquery::detail::onnx {

using Evaluate = void (*)(Environment&, const Node&);

/// The accepted operators.
inline constexpr std::pair<std::string_view, Evaluate> operators[] = {
    {"Gemm", &gemm},
    {"MatMul", &mat_mul},
    {"Add", &arithmetic},
    {"Sub", &arithmetic},
    {"Mul", &arithmetic},
    {"Div", &arithmetic},
    {"BatchNormalization", &batch_normalization},
    {"Sigmoid", &activate},
    {"Tanh", &activate},
    {"Relu", &activate},
    {"LeakyRelu", &activate},
    {"PRelu", &activate},
    {"Elu", &activate},
    {"Softplus", &activate},
    {"Softmax", &activate},
    {"Flatten", &flatten},
    {"Reshape", &reshape},
    {"Transpose", &transpose},
    {"Identity", &pass},
    {"Dropout", &dropout},
    {"Cast", &cast},
    {"Constant", [](Environment& e, const Node& n) { e.set(n, evaluate_constant(e, n)); }},
    {"Shape", [](Environment& e, const Node& n) { e.set(n, evaluate_shape(e, n)); }},
    {"Gather", [](Environment& e, const Node& n) { e.set(n, evaluate_gather(e, n)); }},
    {"Slice", [](Environment& e, const Node& n) { e.set(n, evaluate_slice(e, n)); }},
    {"Concat", [](Environment& e, const Node& n) { e.set(n, evaluate_concat(e, n)); }},
    {"Squeeze", [](Environment& e, const Node& n) { e.set(n, evaluate_squeeze(e, n)); }},
    {"Unsqueeze", [](Environment& e, const Node& n) { e.set(n, evaluate_squeeze(e, n)); }},
};

/// Evaluates a node as far as possible: constants to constants, shapes to sizes, and the value that depends
/// on the input to the next value of the chain.
inline void evaluate(Environment& environment, const Node& node) {
  std::string known;
  for (const auto& [name, function] : operators) {
    if (name == node.op && is_standard(node.domain)) {
      function(environment, node);
      return;
    }
    known.append(known.empty() ? "" : ", ").append(name);
  }
  reject(node.text(), is_standard(node.domain) ? "" : " of the domain " + quoted(node.domain),
         " is not supported, expected a chain of ", known);
}

/// Throws if a node takes a value of the chain and the output does not depend on it. Nodes that compute
/// shapes or constants may be left over.
inline void check_branches(const Graph& graph, const std::vector<const Node*>& needed,
                           Environment& environment) {
  const std::unordered_set<const Node*> chain(needed.begin(), needed.end());
  for (const Node& node : graph.nodes) {
    for (std::size_t i = 0; chain.count(&node) == 0 && node.op != "Shape" && i < node.inputs.size(); ++i) {
      if (environment.is_running(node.inputs[i])) {
        reject(node.text(), " uses ", quoted(node.inputs[i]),
               " without effect on the output, expected one chain");
      }
    }
  }
}

/// The steps from the input of the graph to its output.
inline std::vector<Step> walk(const Graph& graph, Environment& environment) {
  if (graph.outputs.size() != 1) {
    reject("has ", graph.outputs.size(), " outputs, expected one");
  }
  const std::string_view output = graph.outputs[0].name;
  const std::vector<const Node*> needed = needed_nodes(graph, output);
  for (const Node* node : needed) {
    evaluate(environment, *node);
  }
  const Value* result = environment.find(output);
  const auto* last = result != nullptr ? std::get_if<Running>(result) : nullptr;
  if (last == nullptr || last->position != environment.newest().position || last->dims.size() != 2) {
    reject("has the output ", quoted(output),
           ", expected the end of a chain of nodes from its input, samples x features");
  }
  check_branches(graph, needed, environment);
  return std::move(environment.steps);
}

}  // namespace backquery::detail::onnx
