/// @file
/// The operations of an ONNX chain: linear layers, arithmetic with constants, activations.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/model/detail/onnx_values.hpp>
#include <backquery/network/activation.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

namespace backquery::detail::onnx {

/// factor W x, where W is the matrix (its rows are the nodes) or its transpose.
struct Linear {
  Constant matrix;
  bool rows_are_nodes;
  double factor;

  [[nodiscard]] Index nodes() const { return size(rows_are_nodes ? 0 : 1); }
  [[nodiscard]] Index inputs() const { return size(rows_are_nodes ? 1 : 0); }

 private:
  [[nodiscard]] Index size(std::size_t axis) const {
    const std::int64_t size = matrix.dims[axis];
    return static_cast<Index>(size);
  }
};

/// Arithmetic of a value x with constants c, which are broadcast to the shape of x.
struct Arithmetic {
  enum class Kind {
    add,            // x + c_0 factor
    subtract,       // x - c_0
    subtract_from,  // c_0 - x
    multiply,       // x c_0
    divide,         // x / c_0
    normalize       // c_0 (x - c_2) / sqrt(c_3 + epsilon) + c_1, batch normalization
  };
  Kind kind;
  std::vector<Constant> operands;
  Running value;  // x
  double factor = 1, epsilon = 0;

  [[nodiscard]] bool has_offset() const { return kind != Kind::multiply && kind != Kind::divide; }
};

struct Activate {
  Activation function;
};

/// An operation that changes values, and its node for messages.
struct Step {
  const Node* node;
  std::variant<Linear, Arithmetic, Activate> action;
};

/// y = scale . x + offset
struct Affine {
  VectorX<double> scale, offset;

  /// factor x
  Affine(Index features, double factor)
      : scale(VectorX<double>::Constant(features, factor)), offset(VectorX<double>::Zero(features)) {}

  /// Appends a further scaling.
  void then(const Affine& next) {
    scale = next.scale.cwiseProduct(scale);
    offset = next.scale.cwiseProduct(offset) + next.offset;
  }
};

[[noreturn]] inline void reject_broadcast(const Node& node, const Constant& constant, const Running& value) {
  reject(node.text(), " has a constant of shape ", dims_text(constant.dims), " for a value of shape ",
         dims_text(value.dims), ", expected one number, or one for each feature");
}

/// The dimensions of the value, with the one that is not known computed from the number of features.
inline std::vector<std::int64_t> known_dims(const Node& node, const Running& value, std::int64_t features) {
  std::vector<std::int64_t> dims = value.dims;
  dims[value.batch_axis] = 1;
  const auto unknown = std::find_if(dims.begin(), dims.end(), [](std::int64_t size) { return size < 0; });
  if (unknown != dims.end()) {
    *unknown = 1;
    const std::int64_t others = product(dims.data(), dims.data() + dims.size());
    *unknown = others > 0 ? features / others : -1;
  }
  if (product(dims.data(), dims.data() + dims.size()) != features) {
    reject(node.text(), " has a value of shape ", dims_text(value.dims), ", expected ", features,
           " features for the linear layer beside it");
  }
  return dims;
}

/// The constant with one number for each feature of the value.
inline VectorX<double> broadcast(const Node& node, const Constant& constant, const Running& value,
                                 Index features) {
  const std::vector<std::int64_t> dims = known_dims(node, value, features);
  const std::size_t rank = dims.size();
  if (constant.dims.size() > rank || constant.size < 1) {
    reject_broadcast(node, constant, value);
  }
  // How far the next index along each dimension is in the constant; 0 where it is broadcast.
  std::vector<std::size_t> steps(rank, 0), indices(rank, 0);
  std::size_t step = 1;
  for (std::size_t back = 1; back <= constant.dims.size(); ++back) {
    const std::int64_t size = constant.dims[constant.dims.size() - back];
    if (size != 1) {
      if (size != dims[rank - back]) {
        reject_broadcast(node, constant, value);
      }
      steps[rank - back] = step;
      step *= static_cast<std::size_t>(size);
    }
  }
  const std::vector<double> numbers = constant.values<double>();
  VectorX<double> result(features);
  std::size_t at = 0;
  for (double& number : result) {
    number = numbers[at];
    for (std::size_t axis = rank; axis-- > 0;) {
      at += steps[axis];
      if (++indices[axis] < static_cast<std::size_t>(dims[axis])) {
        break;
      }
      at -= steps[axis] * indices[axis];
      indices[axis] = 0;
    }
  }
  return result;
}

/// The arithmetic as a scaling of each feature.
inline Affine affine_of(const Step& step, const Arithmetic& arithmetic, Index features) {
  std::vector<VectorX<double>> c;
  for (const Constant& operand : arithmetic.operands) {
    c.push_back(broadcast(*step.node, operand, arithmetic.value, features));
  }
  Affine result(features, 1);
  switch (arithmetic.kind) {
    case Arithmetic::Kind::add:
      result.offset = arithmetic.factor * c[0];
      break;
    case Arithmetic::Kind::subtract:
      result.offset = -c[0];
      break;
    case Arithmetic::Kind::subtract_from:
      result.scale = -result.scale;
      result.offset = c[0];
      break;
    case Arithmetic::Kind::multiply:
      result.scale = c[0];
      break;
    case Arithmetic::Kind::divide:
      result.scale = c[0].cwiseInverse();
      break;
    case Arithmetic::Kind::normalize:
      result.scale = c[0].array() / (c[3].array() + arithmetic.epsilon).sqrt();
      result.offset = c[1] - c[2].cwiseProduct(result.scale);
      break;
  }
  if (!all_finite(result.scale.data(), features) || !all_finite(result.offset.data(), features)) {
    reject(step.node->text(), " divides by 0, or has constants that are NaN or infinite");
  }
  return result;
}

/// Whether the step multiplies every feature by this number, up to the rounding of a float.
inline bool multiplies_by(const Step& step, double factor) {
  const auto* arithmetic = std::get_if<Arithmetic>(&step.action);
  if (arithmetic == nullptr || arithmetic->has_offset()) {
    return false;
  }
  const double expected = arithmetic->kind == Arithmetic::Kind::divide ? 1 / factor : factor;
  const std::vector<double> numbers = arithmetic->operands[0].values<double>();
  return !numbers.empty() && std::all_of(numbers.begin(), numbers.end(), [expected](double number) {
    return std::abs(number - expected) <= 1e-6 * expected;
  });
}

}  // namespace backquery::detail::onnx
