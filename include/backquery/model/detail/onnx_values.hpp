/// @file
/// Properties of the values of an ONNX graph that are known without running it.
#pragma once

#include <backquery/model/detail/onnx_constant.hpp>
#include <backquery/model/detail/onnx_messages.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace backquery::detail::onnx {

/// A value that depends on the input of the network.
struct Running {
  std::size_t position = 0;        // the number of nodes before this value
  std::vector<std::int64_t> dims;  // -1: unknown, or any size
  std::size_t batch_axis = 0;      // the dimension of the samples; 1: each sample is a column
};

/// One number of a shape that the graph computes, as PyTorch writes for x.view(x.size(0), -1).
struct Size {
  std::int64_t number = -1;  // -1 in a Reshape: the remaining size
  bool is_known = true;
  bool is_batch = false;  // the number of samples
};
using Sizes = std::vector<Size>;

using Value = std::variant<Constant, Sizes, Running>;

/// The shape of the value, as the operator Shape computes it.
inline Sizes shape_of(const Running& value) {
  Sizes sizes;
  for (std::size_t axis = 0; axis < value.dims.size(); ++axis) {
    sizes.push_back({value.dims[axis], value.dims[axis] >= 0, axis == value.batch_axis});
  }
  return sizes;
}

/// A list of whole numbers: an argument of the node.
inline Sizes sizes_of(const Node& node, const Value& value) {
  if (const auto* sizes = std::get_if<Sizes>(&value)) {
    return *sizes;
  }
  const auto* constant = std::get_if<Constant>(&value);
  constexpr std::size_t most = 64;
  if (constant == nullptr || is_floating(constant->type) || constant->size > most) {
    reject(node.text(),
           " has an argument that is no list of known whole numbers, expected the sizes of a shape");
  }
  Sizes sizes;
  for (const std::int64_t number : constant->values<std::int64_t>()) {
    sizes.push_back({number, true, false});
  }
  return sizes;
}

/// A list of whole numbers that do not depend on the input.
inline std::vector<std::int64_t> integers_of(const Node& node, const Value& value) {
  std::vector<std::int64_t> integers;
  for (const Size& size : sizes_of(node, value)) {
    if (!size.is_known || size.is_batch) {
      reject(node.text(), " has an argument that depends on the input, expected a constant");
    }
    integers.push_back(size.number);
  }
  return integers;
}

/// The index of a dimension, which may be negative: -1 is the last one.
inline std::size_t axis_of(const Node& node, std::int64_t axis, std::size_t rank) {
  const auto count = static_cast<std::int64_t>(rank);
  if (axis < -count || axis >= count) {
    reject(node.text(), " has the axis ", axis, " of a value of ", rank, " dimensions");
  }
  return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

/// The product of sizes; -1 if one is unknown or the product is too large.
inline std::int64_t product(const std::int64_t* first, const std::int64_t* last) {
  std::int64_t result = 1;
  for (; first != last; ++first) {
    if (*first < 0 || (*first > 0 && result > (std::numeric_limits<std::int64_t>::max)() / *first)) {
      return -1;
    }
    result *= *first;
  }
  return result;
}

/// The sizes of one sample behind the size of the batch, which must come first.
inline std::vector<std::int64_t> sample_sizes(const Node& node, const Running& value) {
  if (value.batch_axis != 0 || value.dims.empty()) {
    reject(node.text(),
           " reshapes a value in which each sample is a column, expected the samples in the first dimension");
  }
  return {value.dims.begin() + 1, value.dims.end()};
}

/// The value with all dimensions of a sample as one.
inline Running flattened(const Node& node, const Running& value) {
  const std::vector<std::int64_t> sample = sample_sizes(node, value);
  const std::size_t axis = axis_of(node, node.integer("axis", 1), value.dims.size());
  if (axis != 1) {
    reject(node.text(), " has axis ", axis, ", expected 1, which keeps the samples apart");
  }
  return {value.position, {value.dims[0], product(sample.data(), sample.data() + sample.size())}, 0};
}

/// The value in another shape, whose first dimension must be the samples.
inline Running reshaped(const Node& node, const Running& value, const Sizes& shape) {
  const std::vector<std::int64_t> sample = sample_sizes(node, value);
  const bool zero_copies = node.integer("allowzero", 0) == 0;
  const auto is_number = [](const Size& size, std::int64_t number) {
    return size.is_known && !size.is_batch && size.number == number;
  };
  const auto copies = [&](const Size& size) { return zero_copies && is_number(size, 0); };

  std::vector<std::int64_t> dims = {value.dims[0]};
  std::size_t rests = 0, rest = 0;
  bool valid = !shape.empty() && shape.size() <= most_dims;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) {
    const Size& size = shape[axis];
    valid = valid && !size.is_batch && (!copies(size) || axis < value.dims.size());
    if (is_number(size, -1)) {
      rest = axis;
      ++rests;
    }
    dims.push_back(valid && copies(size) ? value.dims[axis] : size.is_known ? size.number : -1);
  }
  const std::int64_t features = product(sample.data(), sample.data() + sample.size());
  if (rests == 1) {
    dims[rest] = 1;
    const std::int64_t others = product(dims.data() + 1, dims.data() + dims.size());
    dims[rest] = features >= 0 && others > 0 && features % others == 0 ? features / others : -1;
  }
  const std::int64_t result = product(dims.data() + 1, dims.data() + dims.size());
  if (valid && is_number(shape[0], -1)) {
    valid = rests == 0 && result >= 0;
  } else if (valid) {
    const bool same = shape[0].is_known && shape[0].number > 0 && shape[0].number == value.dims[0];
    valid = rests <= 1 && (shape[0].is_batch || copies(shape[0]) || same);
  }
  if (!valid || (features >= 0 && result != features)) {
    reject(node.text(), " changes the shape of the samples, ", dims_text(value.dims),
           ", expected a shape that keeps them apart, such as N x ",
           features < 0 ? "F" : std::to_string(features));
  }
  return {value.position, std::move(dims), 0};
}

}  // namespace backquery::detail::onnx
