/// @file
/// ONNX files that are built node by node, for tests of import_onnx.
#pragma once

#include <backquery/detail/byte_writer.hpp>
#include <backquery/model/onnx.hpp>

#include <Eigen/Core>
#include <protozero/pbf_writer.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "temporary_folder.hpp"

namespace onnx_graph {

using Dims = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

enum Type {
  float32 = 1,
  uint8 = 2,
  int32 = 6,
  int64 = 7,
  boolean = 9,
  float16 = 10,
  float64 = 11,
  bfloat16 = 16
};

/// The message of a tensor with this data, whose field is `field`: 9 for raw data.
inline std::string tensor(const std::string& name, const Dims& dims, int type, const std::string& data,
                          std::uint32_t field = 9) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  writer.add_packed_int64(1, dims.begin(), dims.end());
  writer.add_enum(2, type);
  writer.add_string(8, name);
  writer.add_bytes(field, data);
  return bytes;
}

/// The values of a matrix row by row, little-endian.
template <typename Values>
std::string raw(const Values& values) {
  backquery::detail::ByteWriter writer;
  writer.put_values(values.transpose());
  return writer.bytes;
}

inline std::string matrix(const std::string& name, const Eigen::MatrixXd& m) {
  return tensor(name, {m.rows(), m.cols()}, float64, raw(m));
}
inline std::string list(const std::string& name, const Eigen::VectorXd& v) {
  return tensor(name, {v.size()}, float64, raw(v));
}
inline std::string number(const std::string& name, double value) {
  return tensor(name, {}, float64, raw(Eigen::MatrixXd::Constant(1, 1, value)));
}
inline std::string integers(const std::string& name, const Dims& values) {
  backquery::detail::ByteWriter writer;
  for (const std::int64_t value : values) writer.put(value);
  return tensor(name, {static_cast<std::int64_t>(values.size())}, int64, writer.bytes);
}
inline std::string integer(const std::string& name, std::int64_t value) {
  backquery::detail::ByteWriter writer;
  writer.put(value);
  return tensor(name, {}, int64, writer.bytes);
}

/// The parameter of a node: a tensor is given by its message.
struct Attribute {
  std::string name;
  std::variant<std::int64_t, float, Dims, std::vector<float>, std::string> value;
};

struct Node {
  std::string op;
  Names inputs, outputs;
  std::vector<Attribute> attributes = {};
  std::string name = "";
  std::string domain = "";
};

inline std::string message_of_attribute(const Attribute& attribute) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  writer.add_string(1, attribute.name);
  if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
    writer.add_int64(3, *integer);
    writer.add_enum(20, 2);
  } else if (const auto* real = std::get_if<float>(&attribute.value)) {
    writer.add_float(2, *real);
    writer.add_enum(20, 1);
  } else if (const auto* dims = std::get_if<Dims>(&attribute.value)) {
    for (const std::int64_t value : *dims) writer.add_int64(8, value);  // not packed, as in every exporter
    writer.add_enum(20, 7);
  } else if (const auto* reals = std::get_if<std::vector<float>>(&attribute.value)) {
    for (const float value : *reals) writer.add_float(7, value);
    writer.add_enum(20, 6);
  } else {
    writer.add_message(5, std::get<std::string>(attribute.value));
    writer.add_enum(20, 4);
  }
  return bytes;
}

/// A model with the input x and the output y.
struct Model {
  std::vector<Node> nodes;
  std::vector<std::string> tensors;  // initializers
  Dims input = {-1, 2};              // -1: any size
  std::vector<std::pair<std::string, Dims>> more_inputs = {};
  Names outputs = {"y"};
  std::int64_t opset = 17;
  std::vector<std::pair<std::string, std::string>> metadata = {};

  [[nodiscard]] std::string bytes() const {
    std::string graph;
    protozero::pbf_writer writer(graph);
    for (const Node& node : nodes) write_node(writer, node);
    for (const std::string& tensor : tensors) writer.add_message(5, tensor);
    write_value(writer, 11, "x", input);
    for (const auto& [name, dims] : more_inputs) write_value(writer, 11, name, dims);
    for (const std::string& name : outputs) write_value(writer, 12, name, {-1, -1});
    std::string model;
    protozero::pbf_writer whole(model);
    whole.add_int64(1, 8);
    whole.add_message(7, graph);
    for (const auto& [key, value] : metadata) {
      protozero::pbf_writer pair(whole, 14);
      pair.add_string(1, key);
      pair.add_string(2, value);
    }
    protozero::pbf_writer(whole, 8).add_int64(2, opset);
    return model;
  }

 private:
  static void write_node(protozero::pbf_writer& graph, const Node& node) {
    protozero::pbf_writer writer(graph, 1);
    for (const std::string& name : node.inputs) writer.add_string(1, name);
    for (const std::string& name : node.outputs) writer.add_string(2, name);
    writer.add_string(3, node.name);
    writer.add_string(4, node.op);
    writer.add_string(7, node.domain);
    for (const Attribute& attribute : node.attributes) {
      writer.add_message(5, message_of_attribute(attribute));
    }
  }
  static void write_value(protozero::pbf_writer& graph, std::uint32_t field, const std::string& name,
                          const Dims& dims) {
    protozero::pbf_writer value(graph, field);
    value.add_string(1, name);
    protozero::pbf_writer type(value, 2);
    protozero::pbf_writer tensor_type(type, 1);
    tensor_type.add_enum(1, float64);
    protozero::pbf_writer shape(tensor_type, 2);
    for (const std::int64_t size : dims) {
      protozero::pbf_writer dim(shape, 1);
      if (size < 0) {
        dim.add_string(2, "N");
      } else {
        dim.add_int64(1, size);
      }
    }
  }
};

/// The network in the bytes of a file.
template <typename Scalar = double>
backquery::NeuralNetwork<Scalar> imported(const std::string& bytes) {
  const TemporaryFolder folder;
  return backquery::import_onnx<Scalar>(folder.write("model.onnx", bytes));
}

/// The error message for the bytes of a file, without its path; "imported" if there is none.
inline std::string rejection(const std::string& bytes) {
  const TemporaryFolder folder;
  const std::string path = folder.write("model.onnx", bytes);
  try {
    (void)backquery::import_onnx<double>(path);
  } catch (const std::runtime_error& error) {
    const std::string text = error.what();
    return text.rfind(path + ": ", 0) == 0 ? text.substr(path.size() + 2) : "names no file: " + text;
  }
  return "imported";
}

}  // namespace onnx_graph
