/// @file
/// Reads a network from an ONNX file.
#pragma once

#include <backquery/detail/input_file.hpp>
#include <backquery/model/detail/onnx_environment.hpp>
#include <backquery/model/detail/onnx_external.hpp>
#include <backquery/model/detail/onnx_layers.hpp>
#include <backquery/model/detail/onnx_messages.hpp>
#include <backquery/model/detail/onnx_metadata.hpp>
#include <backquery/model/detail/onnx_walker.hpp>
#include <backquery/network/neural_network.hpp>

#include <protozero/exception.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace backquery::detail::onnx {

/// The dimensions of the input that can be the samples, the likely one first. In a matrix, the samples are
/// the only dimension of unknown size; without such a dimension, both dimensions are tried.
inline std::vector<std::size_t> batch_axes(const Graph& graph) {
  const auto& dims = only_input(graph).dims;
  if (dims && dims->size() != 2) {
    return {0};
  }
  if (dims && ((*dims)[0] < 0) != ((*dims)[1] < 0)) {
    return {(*dims)[0] < 0 ? std::size_t{0} : std::size_t{1}};
  }
  return {0, 1};
}

/// The layers of the graph.
inline std::vector<LayerPlan> layers_of(const Model& model, Sources& sources) {
  constexpr std::int64_t first_opset = 7, last_opset = 25;  // version 7 introduced the present broadcasting
  if (!model.opset || *model.opset < first_opset || *model.opset > last_opset) {
    reject("has operators of version ", model.opset.value_or(0), ", expected ", first_opset, " to ",
           last_opset);
  }
  const std::vector<std::size_t> axes = batch_axes(model.graph);
  const Sources before = sources;
  const auto plan = [&](std::size_t axis) {
    sources = before;
    Environment environment(model.graph, *model.opset, sources, axis);
    return plan_layers(walk(model.graph, environment), sources);
  };
  try {
    return plan(axes.front());
  } catch (const Rejected&) {
    if (axes.size() > 1) {
      try {
        return plan(axes.back());
      } catch (const Rejected&) {  // the first reason is more likely to be useful
      }
    }
    throw;
  }
}

/// The options of a network of these layers.
template <typename Scalar>
Training<Scalar> training_of(const Model& model, const std::vector<LayerPlan>& layers, bool has_biases) {
  Training<Scalar> training;
  NetworkOptions& options = training.options;
  bool same = true;
  for (const LayerPlan& layer : layers) {
    options.activations.push_back(layer.activation);
    same = same && (&layer == &layers.back() || layer.activation == layers.front().activation);
  }
  options.hidden_activation = layers.size() > 1 ? layers.front().activation : options.hidden_activation;
  options.output_activation = layers.back().activation;
  if (same) {
    options.activations.clear();  // the two fields are enough
  }
  options.biases = has_biases;
  options.loss = options.output_activation == Activation::softmax ? Loss::cross_entropy : Loss::squared_error;
  options.error_propagation = ErrorPropagation::gradient;
  read_metadata(model.metadata, training);
  return training;
}

template <typename Scalar>
NeuralNetwork<Scalar> network_of(std::string_view bytes, Sources sources) {
  const Model model = read_model(bytes);
  const std::vector<LayerPlan> layers = layers_of(model, sources);
  Parameters<Scalar> parameters = parameters_of<Scalar>(layers);
  check_parameters<Scalar>("import_onnx", std::as_const(parameters).values());
  Training<Scalar> training = training_of<Scalar>(model, layers, parameters.has_biases());
  return {std::move(parameters), training.learning_rate, std::move(training.options)};
}

template <typename Scalar>
NeuralNetwork<Scalar> read_network(const std::filesystem::path& path) {
  InputFile file(path);
  constexpr std::uint64_t most = 0x7fffffff;  // of protocol buffers
  const auto size = file.remaining();
  if (!size || *size > most) {
    file.fail(size ? message("has ", *size, " bytes, expected at most ", most,
                             "; larger models have their weights in separate files")
                   : "has no size, expected a regular file");
  }
  const auto length = static_cast<std::size_t>(*size);
  const OwnedBytes bytes = allocate(length);
  file.read_all(bytes.get(), length);
  try {
    return network_of<Scalar>({reinterpret_cast<const char*>(bytes.get()), length},
                              {path.parent_path(), length, 0, {}});
  } catch (const Rejected& error) {
    file.fail(error.what());
  } catch (const protozero::exception& error) {
    file.fail("is damaged, or no ONNX file: ", error.what());
  } catch (const std::invalid_argument& error) {  // an invalid argument is bad data here
    file.fail("holds no valid network: ", error.what());
  }
}

}  // namespace backquery::detail::onnx
