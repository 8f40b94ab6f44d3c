/// @file
/// Evaluates the nodes of an ONNX graph that compute constants and shapes.
#pragma once

#include <backquery/detail/byte_order.hpp>
#include <backquery/model/detail/onnx_constant.hpp>
#include <backquery/model/detail/onnx_environment.hpp>
#include <backquery/model/detail/onnx_messages.hpp>
#include <backquery/model/detail/onnx_values.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <variant>
#include <vector>

namespace backquery::detail::onnx {

/// The value of a node Constant.
inline Constant evaluate_constant(const Environment& environment, const Node& node) {
  if (const auto tensor = node.find("value")) {
    return constant_of(read_tensor(tensor->tensor), environment.sources());
  }
  if (const auto number = node.find("value_float")) {
    Constant result{type_float, {}, nullptr, allocate(sizeof(float)), 1, false};
    write_value(number->real, result.owned.get());
    result.bytes = result.owned.get();
    return result;
  }
  if (const auto numbers = node.find("value_floats")) {
    TensorMessage tensor;
    tensor.type = type_float;
    tensor.floats = numbers->reals;
    std::size_t bytes = 0;
    for (const std::string_view chunk : numbers->reals) {
      bytes += chunk.size();
    }
    tensor.dims = {static_cast<std::int64_t>(bytes / sizeof(float))};
    return constant_of(tensor, environment.sources());
  }
  if (const auto number = node.find("value_int")) {
    return constant_of({number->integer}, {});
  }
  if (const auto numbers = node.find("value_ints")) {
    return constant_of(numbers->integers, {static_cast<std::int64_t>(numbers->integers.size())});
  }
  reject(node.text(),
         " has no number or tensor, expected one of value, value_float, value_floats, value_int "
         "and value_ints");
}

/// The elements from begin to before end, which count from the end if they are negative, as in Python.
inline Sizes part_of(const Sizes& sizes, std::int64_t begin, std::int64_t end) {
  const auto count = static_cast<std::int64_t>(sizes.size());
  begin += begin < 0 ? count : 0;
  end += end < 0 ? count : 0;
  Sizes part;
  std::int64_t position = 0;
  for (const Size& size : sizes) {
    if (position >= begin && position < end) {
      part.push_back(size);
    }
    ++position;
  }
  return part;
}

/// The shape of the input, or a part of it.
inline Sizes evaluate_shape(Environment& environment, const Node& node) {
  const Value& input = environment.input(node, 0);
  Sizes sizes;
  if (const auto* running = std::get_if<Running>(&input)) {
    sizes = shape_of(*running);
  } else if (const auto* constant = std::get_if<Constant>(&input)) {
    for (const std::int64_t size : constant->dims) {
      sizes.push_back({size, true, false});
    }
  } else {
    reject(node.text(), " computes the shape of a shape, expected the shape of the input or of a constant");
  }
  constexpr std::int64_t all = (std::numeric_limits<std::int64_t>::max)();
  return part_of(sizes, node.integer("start", 0), node.integer("end", all));
}

/// Elements of a list of sizes.
inline Sizes evaluate_gather(Environment& environment, const Node& node) {
  const Sizes sizes = sizes_of(node, environment.input(node, 0));
  Sizes result;
  for (const std::int64_t index : integers_of(node, environment.input(node, 1))) {
    result.push_back(sizes[axis_of(node, index, sizes.size())]);
  }
  return result;
}

/// A range of a list of sizes.
inline Sizes evaluate_slice(Environment& environment, const Node& node) {
  const Sizes sizes = sizes_of(node, environment.input(node, 0));
  const auto argument = [&](std::size_t i, const char* name, std::int64_t otherwise) {
    std::vector<std::int64_t> values = {otherwise};
    if (const auto attribute = node.find(name)) {
      values = attribute->integers;  // until opset 9
    } else if (!node.input(i).empty()) {
      values = integers_of(node, environment.input(node, i));
    }
    if (values.size() != 1) {
      reject(node.text(), " slices a shape in ", values.size(), " dimensions, expected one");
    }
    return values[0];
  };
  if (argument(3, "axes", 0) != 0 || argument(4, "steps", 1) != 1) {
    reject(node.text(), " slices a shape by other steps than 1, expected a range");
  }
  constexpr std::int64_t all = (std::numeric_limits<std::int64_t>::max)();
  return part_of(sizes, argument(1, "starts", 0), argument(2, "ends", all));
}

/// Lists of sizes, one behind the other.
inline Sizes evaluate_concat(Environment& environment, const Node& node) {
  Sizes result;
  constexpr std::size_t most = 64;
  environment.running_input(node);  // rejects two inputs
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Sizes part = sizes_of(node, environment.input(node, i));
    result.insert(result.end(), part.begin(), part.end());
    if (result.size() > most) {
      reject(node.text(), " has more than ", most, " sizes, expected a shape");
    }
  }
  return result;
}

/// The products of two lists of sizes.
inline Sizes evaluate_product(Environment& environment, const Node& node) {
  const Sizes a = sizes_of(node, environment.input(node, 0)), b = sizes_of(node, environment.input(node, 1));
  if (a.size() != b.size()) {
    reject(node.text(), " multiplies ", a.size(), " sizes by ", b.size(), ", expected equal numbers");
  }
  Sizes result;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::int64_t factors[] = {a[i].number, b[i].number};
    const std::int64_t number = product(factors, factors + 2);
    result.push_back(
        {number, a[i].is_known && b[i].is_known && number >= 0 && !a[i].is_batch && !b[i].is_batch, false});
  }
  return result;
}

/// A constant in another numeric type.
inline Constant converted(Sources& sources, const Node& node, const Constant& constant, std::int64_t type) {
  const bool is_integer = type == 6 || type == type_int64;  // int32
  if ((type != type_float && type != type_double && !is_integer) ||
      (is_integer && is_floating(constant.type))) {
    reject(node.text(), " converts a constant from element type ", constant.type, " to ", type,
           ", expected float (1) or double (11), or int32 (6) or int64 (7) from whole numbers");
  }
  if (type == constant.type || is_integer) {
    return constant;
  }
  constexpr std::uint64_t most_per_byte = 16;
  sources.converted += constant.size * bytes_of_type(type);
  if (sources.converted > most_per_byte * sources.bytes) {
    reject(node.text(), " converts constants of ", sources.converted,
           " bytes with the nodes before it, expected at most ", most_per_byte,
           " times the size of the model");
  }
  Constant result = constant;
  result.type = type;
  result.owned = allocate(constant.size * bytes_of_type(type));
  result.bytes = result.owned.get();
  visit_type(type, [&](auto element) {
    using Element = decltype(element);
    if constexpr (std::is_floating_point_v<Element>) {
      for (std::size_t i = 0; i < constant.size; ++i) {
        Element value;
        constant.read(i, 1, &value);
        write_value(value, result.owned.get() + i * sizeof value);
      }
    }
  });
  return result;
}

/// The axes of Squeeze and Unsqueeze: an attribute until opset 12, then an input.
inline std::vector<std::int64_t> axes_of(Environment& environment, const Node& node) {
  if (const auto attribute = node.find("axes")) {
    return attribute->integers;
  }
  return node.input(1).empty() ? std::vector<std::int64_t>() : integers_of(node, environment.input(node, 1));
}

/// A constant with dimensions of size 1 added or removed. A shape stays as it is, because it has no
/// dimensions of its own here.
inline Value evaluate_squeeze(Environment& environment, const Node& node) {
  const Value& input = environment.input(node, 0);
  const std::vector<std::int64_t> axes = axes_of(environment, node);
  if (std::holds_alternative<Sizes>(input)) {
    return input;
  }
  Constant result = environment.constant(node, 0);
  const bool adds = node.op == "Unsqueeze";
  const std::size_t rank = result.dims.size() + (adds ? axes.size() : 0);
  if (rank > most_dims || result.transposed) {
    reject(node.text(), " changes the dimensions of a constant of ", dims_text(result.dims),
           ", expected a stored one of at most ", most_dims, " dimensions");
  }
  std::vector<bool> chosen(rank, !adds && axes.empty());
  for (const std::int64_t axis : axes) {
    chosen[axis_of(node, axis, rank)] = true;
  }
  std::vector<std::int64_t> dims;
  std::size_t old = 0;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    if (adds) {
      dims.push_back(chosen[axis] || old == result.dims.size() ? 1 : result.dims[old++]);
    } else if (!chosen[axis] || result.dims[axis] != 1) {
      dims.push_back(result.dims[axis]);
    }
  }
  result.dims = std::move(dims);
  return result;
}

/// A constant in another shape.
inline Constant evaluate_reshape(Environment& environment, const Node& node) {
  Constant result = environment.constant(node, 0);
  std::vector<std::int64_t> dims = integers_of(node, environment.input(node, 1));
  const auto rest = std::find(dims.begin(), dims.end(), -1);
  if (rest != dims.end()) {
    *rest = 1;
    const std::int64_t others = product(dims.data(), dims.data() + dims.size());
    *rest = others > 0 ? static_cast<std::int64_t>(result.size) / others : -1;
  }
  if (result.transposed ||
      product(dims.data(), dims.data() + dims.size()) != static_cast<std::int64_t>(result.size)) {
    reject(node.text(), " cannot give ", result.size, " elements the shape ", dims_text(dims));
  }
  result.dims = std::move(dims);
  return result;
}

}  // namespace backquery::detail::onnx
