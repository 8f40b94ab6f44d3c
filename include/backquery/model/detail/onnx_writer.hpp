/// @file
/// Writes a network as an ONNX file.
#pragma once

#include <backquery/detail/byte_writer.hpp>
#include <backquery/detail/check.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/model/detail/onnx_constant.hpp>
#include <backquery/model/detail/onnx_metadata.hpp>
#include <backquery/network/activation.hpp>
#include <backquery/network/neural_network.hpp>
#include <backquery/version.hpp>

#include <protozero/pbf_writer.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace backquery::detail::onnx {

/// Builds the graph of a network. Numbers of fields as in onnx_messages.hpp.
template <typename Scalar>
class GraphWriter {
 public:
  GraphWriter(const NeuralNetwork<Scalar>& network, protozero::pbf_writer& graph)
      : network_(network), graph_(graph) {}

  void write() {
    for (Index layer = 0; layer < network_.layers(); ++layer) {
      write_nodes(layer);
    }
    graph_.add_string(2, "backquery");
    write_value(11, "input", network_.inputs());
    write_value(12, "output", network_.outputs());
    for (Index layer = 0; layer < network_.layers(); ++layer) {
      const auto w = network_.weights(layer);
      // The columns of W one behind the other are the rows of its transpose.
      write_tensor(prefix(layer) + "weights", {w.cols(), w.rows()}, w);
      if (network_.options().biases) {
        write_tensor(prefix(layer) + "biases", {w.rows()}, network_.biases(layer));
      }
    }
    for (const auto& [name, value] : numbers_) {
      write_tensor(name, {}, MatrixX<Scalar>::Constant(1, 1, value));
    }
  }

 private:
  static std::string prefix(Index layer) { return message("layer", layer, "."); }

  /// Gemm of a layer, and its activation.
  void write_nodes(Index layer) {
    const std::string input = layer == 0 ? "input" : prefix(layer - 1) + "output";
    const std::string output = layer == network_.layers() - 1 ? "output" : prefix(layer) + "output";
    const Activation activation = network_.activation(layer);
    const std::string sums = activation == Activation::identity ? output : prefix(layer) + "sums";
    std::vector<std::string> inputs = {input, prefix(layer) + "weights"};
    if (network_.options().biases) {
      inputs.push_back(prefix(layer) + "biases");
    }
    write_node("Gemm", inputs, sums);
    switch (activation) {
      case Activation::identity:
        break;
      case Activation::sigmoid:
        write_node("Sigmoid", {sums}, output);
        break;
      case Activation::tanh:
        write_node("Tanh", {sums}, output);
        break;
      case Activation::scaled_tanh:
        write_scaled_tanh(layer, sums, output);
        break;
      case Activation::relu:
        write_node("Relu", {sums}, output);
        break;
      case Activation::leaky_relu:
        write_leaky_relu(sums, output);
        break;
      case Activation::softmax:
        write_node("Softmax", {sums}, output);
        break;  // over the last axis
      case Activation::elu:
        write_node("Elu", {sums}, output);
        break;  // alpha is 1
      case Activation::softplus:
        write_node("Softplus", {sums}, output);
        break;
    }
  }

  void write_scaled_tanh(Index layer, const std::string& sums, const std::string& output) {
    using Constants = activations::ScaledTanh;
    const std::string scaled = prefix(layer) + "scaled", tanh = prefix(layer) + "tanh";
    write_node("Mul", {sums, number("two_thirds", Constants::s<Scalar>)}, scaled);
    write_node("Tanh", {scaled}, tanh);
    write_node("Mul", {tanh, number("tanh_factor", Constants::a<Scalar>)}, output);
  }

  /// The slope of LeakyRelu is a float, the slope of PRelu has the type of the values.
  void write_leaky_relu(const std::string& sums, const std::string& output) {
    constexpr Scalar slope = activations::LeakyRelu::leak<Scalar>;
    if constexpr (std::is_same_v<Scalar, float>) {
      write_node("LeakyRelu", {sums}, output, slope);
    } else {
      write_node("PRelu", {sums, number("leaky_relu_slope", slope)}, output);
    }
  }

  /// The name of a constant that is written behind the weights.
  std::string number(const std::string& name, Scalar value) {
    for (const auto& known : numbers_) {
      if (known.first == name) return name;
    }
    numbers_.emplace_back(name, value);
    return name;
  }

  /// The name of a node is the name of its output.
  void write_node(const char* op, const std::vector<std::string>& inputs, const std::string& output,
                  float alpha = 0) {
    protozero::pbf_writer node(graph_, 1);
    for (const std::string& input : inputs) {
      node.add_string(1, input);
    }
    node.add_string(2, output);
    node.add_string(3, output);
    node.add_string(4, op);
    if (alpha != 0) {
      protozero::pbf_writer attribute(node, 5);
      attribute.add_string(1, "alpha");
      attribute.add_float(2, alpha);
      attribute.add_enum(20, 1);  // FLOAT
    }
  }

  /// A matrix of samples x features.
  void write_value(std::uint32_t field, const char* name, Index features) {
    protozero::pbf_writer value(graph_, field);
    value.add_string(1, name);
    protozero::pbf_writer type(value, 2);
    protozero::pbf_writer tensor(type, 1);
    tensor.add_enum(1, element_type);
    protozero::pbf_writer shape(tensor, 2);
    protozero::pbf_writer(shape, 1).add_string(2, "N");
    protozero::pbf_writer(shape, 1).add_int64(1, features);
  }

  template <typename Values>
  void write_tensor(const std::string& name, const std::vector<std::int64_t>& dims, const Values& values) {
    protozero::pbf_writer tensor(graph_, 5);
    tensor.add_packed_int64(1, dims.begin(), dims.end());
    tensor.add_enum(2, element_type);
    tensor.add_string(8, name);
    ByteWriter data;
    data.put_values(values);
    tensor.add_bytes(9, data.bytes);
  }

  static constexpr int element_type = std::is_same_v<Scalar, float> ? type_float : type_double;

  const NeuralNetwork<Scalar>& network_;
  protozero::pbf_writer& graph_;
  std::vector<std::pair<std::string, Scalar>> numbers_;
};

/// The file. Its last field is required, so that a file that was cut short is never valid.
template <typename Scalar>
std::string to_bytes(const NeuralNetwork<Scalar>& network) {
  check_parameters<Scalar>("export_onnx", network.parameters());
  constexpr Index most = 0x7fffffff - (1 << 20);  // bytes, without names and sizes
  if (network.parameters().size() > most / static_cast<Index>(sizeof(Scalar))) {
    throw_invalid_argument("export_onnx: the network has ", network.parameters().size(),
                           " weights, expected at most 2 GiB, the limit of ONNX files");
  }
  std::string bytes;
  protozero::pbf_writer model(bytes);
  model.add_int64(1, 8);  // IR version
  model.add_string(2, "backquery");
  model.add_string(
      3, message(BACKQUERY_VERSION_MAJOR, ".", BACKQUERY_VERSION_MINOR, ".", BACKQUERY_VERSION_PATCH));
  const Training<Scalar> training{network.options(), network.learning_rate()};
  for_each_field(training, [&model](const char* key, const auto& value) {
    protozero::pbf_writer pair(model, 14);
    pair.add_string(1, key);
    pair.add_string(2, metadata_text(value));
  });
  {
    protozero::pbf_writer graph(model, 7);
    GraphWriter<Scalar>(network, graph).write();
  }
  protozero::pbf_writer opset(model, 8);
  opset.add_string(1, "");
  opset.add_int64(2, 17);
  return bytes;
}

}  // namespace backquery::detail::onnx
