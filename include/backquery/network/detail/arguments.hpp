/// @file
/// Argument validation for NeuralNetwork, and views of Eigen arguments.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/random.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/detail/thread_pool.hpp>
#include <backquery/network/detail/batch.hpp>
#include <backquery/network/detail/passes.hpp>
#include <backquery/network/initializer.hpp>
#include <backquery/network/parameters.hpp>

#include <algorithm>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace backquery::detail {

/// The type of the outputs for inputs X: a vector for a vector, a matrix for a matrix.
template <typename X>
using ResultFor = Eigen::Matrix<typename X::Scalar, Eigen::Dynamic,
                                X::ColsAtCompileTime == 1 ? 1 : Eigen::Dynamic, Eigen::ColMajor>;

/// The number of bytes of the stack that query(x, y) uses, and of columns in a block of a query with a
/// workspace.
constexpr std::size_t stack_bytes = std::size_t{64} * 1024;
constexpr Index query_columns = 256;

template <typename Scalar>
Index widest_layer(const std::vector<Index>& layer_sizes) {
  return padded<Scalar>(*std::max_element(layer_sizes.begin(), layer_sizes.end()));
}

template <typename Scalar, typename X>
constexpr void check_scalar() {
  static_assert(std::is_same_v<typename std::decay_t<X>::Scalar, Scalar>,
                "backquery: the argument's scalar type differs from the "
                "network's; convert it with .cast<Scalar>()");
}

/// Calls run(view of x). Evaluates an expression first.
template <typename X, typename Run>
auto with_view(const Eigen::MatrixBase<X>& x, const Run& run) {
  if constexpr (is_in_memory<X>) {
    return run(strided(x));
  } else {
    const typename X::PlainObject values = x;
    return run(strided(values));
  }
}

inline void check_columns(const char* where, Index columns) {
  if (columns == 0) {
    throw_invalid_argument(where, ": x has 0 columns, expected at least 1: a mean needs a sample");
  }
}

/// Throws unless all activations have an inverse and the targets lie in the open range of the output
/// activation.
template <typename Scalar>
void check_backward_targets(const char* where, const Layers<Scalar>& network,
                            const Strided<const Scalar>& t) {
  for (Index layer = network.last(); layer >= 0; --layer) {
    visit(network.activation(layer), [where](auto described) {
      if constexpr (described.no_inverse != nullptr) {
        throw_invalid_argument(where, ": activation ", described.entry.name, " has no inverse, ",
                               described.no_inverse);
      }
    });
  }
  check_finite<Scalar>(where, "t", t);
  const auto range = range_of(network.options.output_activation);
  check_values<Scalar>(
      where, "t", t, [range](Scalar value) { return range.contains(value); },
      [range] { return message("a value between ", range.low, " and ", range.high, ", both excluded"); });
}

template <typename Scalar, typename X, typename Y>
void check_query(const Eigen::MatrixBase<X>& x, const Y& y, Index inputs, Index outputs) {
  check_scalar<Scalar, X>();
  check_scalar<Scalar, Y>();
  static_assert(is_in_memory<Y>, "backquery: y must lie in memory: a matrix, block or Map");
  check_rows("NeuralNetwork::query", "x", x, inputs);
  check_shape("NeuralNetwork::query", "y", y, outputs, x.cols());
}

/// A view of x, or the value of a matrix expression. A vector expression is evaluated into the buffer.
template <typename Scalar, typename X>
auto evaluated_into(const char* where, const char* argument, const Eigen::MatrixBase<X>& x,
                    ColumnsMap<Scalar> buffer) {
  check_scalar<Scalar, X>();
  if constexpr (is_in_memory<X>) {
    return strided(x);
  } else if constexpr (X::ColsAtCompileTime == 1) {
    check_rows(where, argument, x, buffer.rows());
    buffer.col(0) = x;
    return strided(buffer);
  } else {
    return typename X::PlainObject(x);
  }
}

/// Calls check_finite for the inputs on all threads, in the blocks of samples that the gradients use later.
template <typename Scalar>
void check_inputs(const char* where, const Strided<const Scalar>& x, ThreadPool& pool) {
  const auto check = [&](Index first, Index count) {
    check_finite<Scalar>(where, "x", strided(x.middleCols(first, count)));
  };
  try {
    pool.run(ceil_div(x.cols(), block_columns), [&](Index block) {
      const Index first = block * block_columns;
      check(first, (std::min)(block_columns, x.cols() - first));
    });
  } catch (const std::invalid_argument&) {  // the message names the first value, with its column in x
    check(0, x.cols());
  }
}

/// Checks inputs and targets of a network, and calls run(view of x, view of t).
template <typename Scalar, typename X, typename T, typename Run>
auto with_samples(const char* where, const Layers<Scalar>& network, const Eigen::MatrixBase<X>& x,
                  const Eigen::MatrixBase<T>& t, ThreadPool& pool, const Run& run) {
  check_scalar<Scalar, X>();
  check_scalar<Scalar, T>();
  const auto& sizes = network.parameters.layer_sizes();
  check_rows(where, "x", x, sizes.front());
  check_shape(where, "t", t, sizes.back(), x.cols());
  return with_view(x, [&](const Strided<const Scalar>& xs) {
    return with_view(t, [&](const Strided<const Scalar>& ts) {
      check_inputs<Scalar>(where, xs, pool);
      check_targets<Scalar>(where, network.options.loss, network.options.output_activation, ts);
      return run(xs, ts);
    });
  });
}

/// The layer sizes of a chain of weight matrices. Throws if the matrices form no chain.
template <typename Matrix>
std::vector<Index> sizes_of(const std::vector<Matrix>& weights) {
  if (weights.empty()) {
    throw_invalid_argument("NeuralNetwork: weights is empty, expected a matrix for each layer");
  }
  std::vector<Index> sizes{weights.front().cols()};
  for (std::size_t layer = 0; layer < weights.size(); ++layer) {
    if (weights[layer].cols() != sizes.back()) {
      throw_invalid_argument("NeuralNetwork: weights[", layer, "] has ", weights[layer].cols(),
                             " columns, expected ", sizes.back(), ", the rows of the matrix before");
    }
    sizes.push_back(weights[layer].rows());
  }
  return sizes;
}

/// The weights as parameters, with biases of 0 or none.
template <typename Scalar>
Parameters<Scalar> parameters_of(const std::vector<MatrixX<Scalar>>& weights, bool biases) {
  Parameters<Scalar> parameters(sizes_of(weights), biases);
  for (std::size_t layer = 0; layer < weights.size(); ++layer) {
    parameters.weights(static_cast<Index>(layer)) = weights[layer];
  }
  return parameters;
}

/// The parameters of a new network.
template <typename Scalar>
Parameters<Scalar> initial_parameters(std::vector<Index> layer_sizes, const NetworkOptions& options) {
  Parameters<Scalar> parameters(std::move(layer_sizes), options.biases);
  RandomEngine engine(options.seed);
  for (Index layer = 0; layer < parameters.layers(); ++layer) {
    initialize<Scalar>(options.initializer, engine, parameters.weights(layer));
  }
  return parameters;
}

template <typename Scalar>
void check_layout(const char* where, const Parameters<Scalar>& parameters, bool biases) {
  if (parameters.layers() == 0) {
    throw_invalid_argument(where, ": parameters has 0 layers, expected at least 1");
  }
  if (parameters.has_biases() != biases) {
    throw_invalid_argument(where, ": parameters has ", parameters.has_biases() ? "" : "no ",
                           "biases, but options.biases is ", biases ? "true" : "false");
  }
}

}  // namespace backquery::detail
