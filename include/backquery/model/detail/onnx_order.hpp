/// @file
/// The nodes of an ONNX graph in an order in which they can be evaluated.
#pragma once

#include <backquery/model/detail/onnx_messages.hpp>

#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace backquery::detail::onnx {

/// The nodes on which a value depends, each behind the nodes that compute its inputs. Other nodes are left
/// out. The order in the file has no effect.
inline std::vector<const Node*> needed_nodes(const Graph& graph, std::string_view output) {
  std::unordered_map<std::string_view, const Node*> producers;
  for (const Node& node : graph.nodes) {
    for (const std::string_view name : node.outputs) {
      if (!name.empty() && !producers.emplace(name, &node).second) {
        reject("has two nodes with the output ", quoted(name), ", expected different names");
      }
    }
  }
  enum class State { open, done };
  std::unordered_map<const Node*, State> states;
  std::vector<const Node*> order;
  std::vector<std::pair<const Node*, std::size_t>> path;  // a node, and its next input to follow
  const auto follow = [&](std::string_view name) {
    const auto found = producers.find(name);
    if (found == producers.end()) {
      return;
    }
    const auto [state, is_new] = states.emplace(found->second, State::open);
    if (is_new) {
      path.emplace_back(found->second, 0);
    } else if (state->second == State::open) {
      reject(found->second->text(), " depends on its own output");
    }
  };
  follow(output);
  while (!path.empty()) {
    auto& [node, next] = path.back();
    if (next < node->inputs.size()) {
      follow(node->inputs[next++]);
    } else {
      states[node] = State::done;
      order.push_back(node);
      path.pop_back();
    }
  }
  return order;
}

}  // namespace backquery::detail::onnx
