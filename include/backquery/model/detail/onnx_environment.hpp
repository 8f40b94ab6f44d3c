/// @file
/// The values of an ONNX graph by name, and the chain that they form so far.
#pragma once

#include <backquery/model/detail/onnx_constant.hpp>
#include <backquery/model/detail/onnx_messages.hpp>
#include <backquery/model/detail/onnx_steps.hpp>
#include <backquery/model/detail/onnx_values.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace backquery::detail::onnx {

/// The input of the graph that is no initializer. Older files list initializers as inputs, too.
inline const ValueInfo& only_input(const Graph& graph) {
  std::unordered_set<std::string_view> initializers;
  for (const TensorMessage& tensor : graph.initializers) {
    initializers.insert(tensor.name);
  }
  const ValueInfo* found = nullptr;
  for (const ValueInfo& input : graph.inputs) {
    if (initializers.count(input.name) > 0) {
      continue;
    }
    if (found != nullptr) {
      reject("has the inputs ", quoted(found->name), " and ", quoted(input.name), ", expected one");
    }
    found = &input;
  }
  if (found == nullptr) {
    reject("has no input, expected one");
  }
  return *found;
}

/// Initializers are decoded when a node uses them. The chain has one newest value that depends on the input;
/// each node of the chain takes it and replaces it.
class Environment {
 public:
  /// @param batch_axis  the dimension of the samples in the input of the graph
  Environment(const Graph& graph, std::int64_t opset, Sources& sources, std::size_t batch_axis)
      : sources_(sources), opset_(opset) {
    for (const TensorMessage& tensor : graph.initializers) {
      if (!initializers_.emplace(tensor.name, &tensor).second) {
        reject("has two tensors ", quoted(tensor.name), ", expected different names");
      }
    }
    const ValueInfo& input = only_input(graph);
    newest_.dims = input.dims.value_or(std::vector<std::int64_t>{-1, -1});
    if (newest_.dims.size() < 2 || newest_.dims.size() > most_dims) {
      reject("has the input ", quoted(input.name), " of ", newest_.dims.size(), " dimensions, expected 2 to ",
             most_dims, ", samples first");
    }
    newest_.batch_axis = batch_axis;
    values_.emplace(input.name, newest_);
  }

  /// The value with this name; null if there is none.
  const Value* find(std::string_view name) {
    auto found = values_.find(name);
    const auto initializer = initializers_.find(name);
    if (found == values_.end() && initializer != initializers_.end()) {
      found = values_.emplace(name, constant_of(*initializer->second, sources_)).first;
    }
    return found == values_.end() ? nullptr : &found->second;
  }

  /// Whether this value depends on the input.
  [[nodiscard]] bool is_running(std::string_view name) const {
    const auto found = values_.find(name);
    return found != values_.end() && std::holds_alternative<Running>(found->second);
  }

  /// The input of the node with this index.
  const Value& input(const Node& node, std::size_t i) {
    const Value* value = node.input(i).empty() ? nullptr : find(node.input(i));
    if (value == nullptr) {
      reject(node.text(), " needs input ", i, ", ", quoted(node.input(i)), ", which does not exist");
    }
    return *value;
  }
  const Constant& constant(const Node& node, std::size_t i) {
    const auto* constant = std::get_if<Constant>(&input(node, i));
    if (constant == nullptr) {
      reject(node.text(), " has the input ", quoted(node.input(i)),
             ", which depends on the input of the network, expected a constant");
    }
    return *constant;
  }

  /// The index of the input of the node that depends on the input of the network, if there is one.
  std::optional<std::size_t> running_input(const Node& node) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i].empty() || !std::holds_alternative<Running>(input(node, i))) {
        continue;
      }
      if (found) {
        reject(node.text(), " joins ", quoted(node.inputs[*found]), " and ", quoted(node.inputs[i]),
               ", which both depend on the input, expected one chain without skip connections");
      }
      found = i;
    }
    return found;
  }

  /// The newest value, which the node takes as this input.
  const Running& take(const Node& node, std::size_t i) {
    const auto* running = std::get_if<Running>(&input(node, i));
    if (running == nullptr) {
      reject(node.text(), " does not depend on the input as its input ", i, ", expected one chain");
    }
    if (running->position != newest_.position) {
      reject(node.text(), " uses ", quoted(node.input(i)),
             ", which another node uses, too, expected one chain");
    }
    return *running;
  }

  /// Sets the output of a node.
  void set(const Node& node, Value value) {
    if (!node.outputs.empty()) {
      values_.insert_or_assign(node.outputs[0], std::move(value));
    }
  }
  /// Sets the output of a node of the chain that changes no values.
  void advance(const Node& node, Running next) {
    newest_ = std::move(next);
    ++newest_.position;
    set(node, newest_);
  }
  /// Sets the output of a node of the chain.
  template <typename Action>
  void advance(const Node& node, Running next, Action action) {
    advance(node, std::move(next));
    append(node, std::move(action));
  }
  /// Adds a step to a node that has one already.
  template <typename Action>
  void append(const Node& node, Action action) {
    steps.push_back({&node, std::move(action)});
  }

  [[nodiscard]] const Running& newest() const { return newest_; }
  [[nodiscard]] std::int64_t opset() const { return opset_; }
  [[nodiscard]] Sources& sources() const { return sources_; }

  std::vector<Step> steps;  ///< of the chain so far

 private:
  Sources& sources_;
  std::int64_t opset_;
  std::unordered_map<std::string_view, const TensorMessage*> initializers_;
  std::unordered_map<std::string_view, Value> values_;
  Running newest_;
};

}  // namespace backquery::detail::onnx
