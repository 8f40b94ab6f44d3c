/// @file
/// The messages of an ONNX file, as far as import_onnx needs them.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/byte_order.hpp>
#include <backquery/detail/check.hpp>

#include <protozero/pbf_reader.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// An ONNX file is a message of Google's protocol buffers. Texts and weights are views of the file's bytes.
/// Numbers of fields: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
namespace backquery::detail::onnx {

/// The reason why a file cannot be imported, without its path.
struct Rejected : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <typename... Parts>
[[noreturn]] void reject(const Parts&... parts) {
  throw Rejected(message(parts...));
}

/// A name from the file for a message, in quotation marks: without control characters, and not too long.
inline std::string quoted(std::string_view name) {
  constexpr std::size_t longest = 80;
  std::string text(name.substr(0, longest));
  for (char& character : text) {
    const auto code = static_cast<unsigned char>(character);
    character = code < 0x20 || code == 0x7f ? '?' : character;
  }
  return "'" + text + (name.size() > longest ? "...'" : "'");
}

/// Reads the fields of one message in order. Unknown fields are skipped, as in every reader of protocol
/// buffers. A known field of another wire type is rejected.
class Fields {
 public:
  Fields(std::string_view bytes, const char* message)
      : reader_(bytes.data(), bytes.size()), message_(message) {}

  /// Moves to the next field. Returns its number; 0 at the end.
  std::uint32_t next() { return reader_.next() ? reader_.tag() : 0; }
  void skip() { reader_.skip(); }

  std::string_view bytes() {
    expect(protozero::pbf_wire_type::length_delimited);
    const protozero::data_view view = reader_.get_view();
    return {view.data(), view.size()};
  }
  std::int64_t integer() {
    expect(protozero::pbf_wire_type::varint);
    return reader_.get_int64();
  }
  float real() {
    expect(protozero::pbf_wire_type::fixed32);
    return reader_.get_float();
  }

  /// Appends one integer, or several that are packed.
  void integers(std::vector<std::int64_t>& values) {
    if (!reader_.has_wire_type(protozero::pbf_wire_type::length_delimited)) {
      values.push_back(integer());
      return;
    }
    for (const std::int64_t value : reader_.get_packed_int64()) {
      values.push_back(value);
    }
  }

  /// Appends the bytes of one number of 4 or 8 bytes, or of several that are packed.
  template <typename Number>
  void numbers(std::vector<std::string_view>& chunks) {
    if (reader_.has_wire_type(protozero::pbf_wire_type::length_delimited)) {
      chunks.push_back(bytes());
      return;
    }
    constexpr bool wide = sizeof(Number) == 8;
    expect(wide ? protozero::pbf_wire_type::fixed64 : protozero::pbf_wire_type::fixed32);
    const char* begin = reader_.data().data();
    reader_.skip();
    chunks.emplace_back(begin, sizeof(Number));
  }

 private:
  void expect(protozero::pbf_wire_type type) const {
    if (!reader_.has_wire_type(type)) {
      reject("is damaged: field ", reader_.tag(), " of a ", message_, " has wire type ",
             static_cast<std::uint32_t>(reader_.wire_type()), ", expected ",
             static_cast<std::uint32_t>(type));
    }
  }

  protozero::pbf_reader reader_;
  const char* message_;
};

using TextPair = std::pair<std::string_view, std::string_view>;

inline TextPair read_pair(std::string_view bytes) {
  TextPair pair;
  Fields fields(bytes, "StringStringEntryProto");
  while (const auto field = fields.next()) {
    switch (field) {
      case 1:
        pair.first = fields.bytes();
        break;
      case 2:
        pair.second = fields.bytes();
        break;
      default:
        fields.skip();
    }
  }
  return pair;
}

/// A constant as it stands in the file. onnx_constant.hpp decodes it.
struct TensorMessage {
  std::string_view name;
  std::int64_t type = 0;
  std::vector<std::int64_t> dims;
  std::optional<std::string_view> raw;
  std::vector<std::string_view> floats, doubles;  // chunks of little-endian numbers
  std::vector<std::int64_t> integers;             // of int32_data, int64_data and uint64_data
  bool is_external = false;
  std::vector<TextPair> external;  // location, offset, length
};

inline TensorMessage read_tensor(std::string_view bytes) {
  TensorMessage tensor;
  Fields fields(bytes, "TensorProto");
  while (const auto field = fields.next()) {
    switch (field) {
      case 1:
        fields.integers(tensor.dims);
        break;
      case 2:
        tensor.type = fields.integer();
        break;
      case 4:
        fields.numbers<float>(tensor.floats);
        break;
      case 5:
      case 7:
      case 11:
        fields.integers(tensor.integers);
        break;
      case 8:
        tensor.name = fields.bytes();
        break;
      case 9:
        tensor.raw = fields.bytes();
        break;
      case 10:
        fields.numbers<double>(tensor.doubles);
        break;
      case 13:
        tensor.external.push_back(read_pair(fields.bytes()));
        break;
      case 14:
        tensor.is_external = fields.integer() == 1;
        break;
      default:
        fields.skip();
    }
  }
  return tensor;
}

/// A parameter of a node. Which value counts depends on its name.
struct Attribute {
  std::string_view name, text, tensor;
  float real = 0;
  std::int64_t integer = 0;
  std::vector<std::int64_t> integers;
  std::vector<std::string_view> reals;  // chunks
};

inline Attribute read_attribute(std::string_view bytes) {
  Attribute attribute;
  Fields fields(bytes, "AttributeProto");
  while (const auto field = fields.next()) {
    switch (field) {
      case 1:
        attribute.name = fields.bytes();
        break;
      case 2:
        attribute.real = fields.real();
        break;
      case 3:
        attribute.integer = fields.integer();
        break;
      case 4:
        attribute.text = fields.bytes();
        break;
      case 5:
        attribute.tensor = fields.bytes();
        break;
      case 7:
        fields.numbers<float>(attribute.reals);
        break;
      case 8:
        fields.integers(attribute.integers);
        break;
      default:
        fields.skip();
    }
  }
  return attribute;
}

/// An operation of the graph.
struct Node {
  std::string_view op, name, domain;
  std::vector<std::string_view> inputs, outputs;  // names of values; an empty name: left out
  std::vector<std::string_view> attributes;       // messages

  /// The attribute with this name, if the node has it.
  [[nodiscard]] std::optional<Attribute> find(std::string_view wanted) const {
    for (const std::string_view bytes : attributes) {
      Attribute attribute = read_attribute(bytes);
      if (attribute.name == wanted) {
        return attribute;
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] std::int64_t integer(std::string_view wanted, std::int64_t otherwise) const {
    const auto attribute = find(wanted);
    return attribute ? attribute->integer : otherwise;
  }
  [[nodiscard]] float real(std::string_view wanted, float otherwise) const {
    const auto attribute = find(wanted);
    return attribute ? attribute->real : otherwise;
  }

  [[nodiscard]] std::string_view input(std::size_t i) const {
    return i < inputs.size() ? inputs[i] : std::string_view();
  }

  /// The node in messages: "Gemm 'fc1'", or with its output if it has no name.
  [[nodiscard]] std::string text() const {
    return std::string(op.substr(0, 40)) + " " +
           (!name.empty() ? quoted(name) : "with output " + quoted(outputs.empty() ? "" : outputs[0]));
  }
};

inline Node read_node(std::string_view bytes) {
  Node node;
  Fields fields(bytes, "NodeProto");
  while (const auto field = fields.next()) {
    switch (field) {
      case 1:
        node.inputs.push_back(fields.bytes());
        break;
      case 2:
        node.outputs.push_back(fields.bytes());
        break;
      case 3:
        node.name = fields.bytes();
        break;
      case 4:
        node.op = fields.bytes();
        break;
      case 5:
        node.attributes.push_back(fields.bytes());
        break;
      case 7:
        node.domain = fields.bytes();
        break;
      default:
        fields.skip();
    }
  }
  return node;
}

/// An input or output of the graph.
struct ValueInfo {
  std::string_view name;
  std::optional<std::vector<std::int64_t>> dims;  // -1: any size; empty: any number of dimensions
};

/// The size of a Dimension of a TensorShapeProto; -1 if it is a name or missing.
inline std::int64_t read_dimension(std::string_view bytes) {
  std::int64_t size = -1;
  Fields fields(bytes, "TensorShapeProto.Dimension");
  while (const auto field = fields.next()) {
    switch (field) {
      case 1:
        size = fields.integer();
        break;
      default:
        fields.skip();
    }
  }
  return size;
}

/// The field of a message that holds one message; the last one if there are several.
inline std::optional<std::string_view> find_message(std::string_view bytes, const char* message,
                                                    std::uint32_t wanted) {
  std::optional<std::string_view> found;
  Fields fields(bytes, message);
  while (const auto field = fields.next()) {
    if (field == wanted) {
      found = fields.bytes();
    } else {
      fields.skip();
    }
  }
  return found;
}

inline ValueInfo read_value_info(std::string_view bytes) {
  ValueInfo value;
  std::optional<std::string_view> type;
  Fields fields(bytes, "ValueInfoProto");
  while (const auto field = fields.next()) {
    switch (field) {
      case 1:
        value.name = fields.bytes();
        break;
      case 2:
        type = fields.bytes();
        break;
      default:
        fields.skip();
    }
  }
  const auto tensor = type ? find_message(*type, "TypeProto", 1) : std::nullopt;
  if (type && !tensor) {
    reject("has the value ", quoted(value.name), ", which is no tensor (a sequence, a map or an optional)");
  }
  const auto shape = tensor ? find_message(*tensor, "TypeProto.Tensor", 2) : std::nullopt;
  if (shape) {
    value.dims.emplace();
    Fields dims(*shape, "TensorShapeProto");
    while (const auto field = dims.next()) {
      if (field == 1) {
        value.dims->push_back(read_dimension(dims.bytes()));
      } else {
        dims.skip();
      }
    }
  }
  return value;
}

struct Graph {
  std::vector<Node> nodes;
  std::vector<TensorMessage> initializers;
  std::vector<ValueInfo> inputs, outputs;
};

inline Graph read_graph(std::string_view bytes) {
  // Each takes some hundred bytes of memory, and two bytes in a forged file.
  constexpr std::size_t most = 100000;
  Graph graph;
  Fields fields(bytes, "GraphProto");
  while (const auto field = fields.next()) {
    switch (field) {
      case 1:
        graph.nodes.push_back(read_node(fields.bytes()));
        break;
      case 5:
        graph.initializers.push_back(read_tensor(fields.bytes()));
        break;
      case 11:
        graph.inputs.push_back(read_value_info(fields.bytes()));
        break;
      case 12:
        graph.outputs.push_back(read_value_info(fields.bytes()));
        break;
      case 15:
        reject("has sparse initializers, expected dense ones");
      default:
        fields.skip();
    }
    if (graph.nodes.size() + graph.initializers.size() + graph.inputs.size() + graph.outputs.size() > most) {
      reject("has more than ", most, " nodes and constants, expected a chain of dense layers");
    }
  }
  return graph;
}

struct Model {
  Graph graph;
  std::vector<TextPair> metadata;
  std::optional<std::int64_t> opset;  // version of the operators of the standard domain
};

/// Whether the operators of the domain are the operators of the ONNX standard.
inline bool is_standard(std::string_view domain) {
  return domain.empty() || domain == "ai.onnx";
}

inline Model read_model(std::string_view bytes) {
  Model model;
  std::optional<std::string_view> graph;
  Fields fields(bytes, "ModelProto");
  while (const auto field = fields.next()) {
    if (field == 7) {
      graph = fields.bytes();
    } else if (field == 8) {
      std::string_view domain;
      std::int64_t version = 0;
      Fields opset(fields.bytes(), "OperatorSetIdProto");
      while (const auto part = opset.next()) {
        switch (part) {
          case 1:
            domain = opset.bytes();
            break;
          case 2:
            version = opset.integer();
            break;
          default:
            opset.skip();
        }
      }
      if (is_standard(domain)) {
        model.opset = version;
      }
    } else if (field == 14) {
      model.metadata.push_back(read_pair(fields.bytes()));
    } else {
      fields.skip();
    }
  }
  if (!graph) {
    reject("is no ONNX model: it has no graph");
  }
  model.graph = read_graph(*graph);
  return model;
}

}  // namespace backquery::detail::onnx
