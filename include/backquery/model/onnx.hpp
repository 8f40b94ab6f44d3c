/// @file
/// Networks in ONNX files: from PyTorch and to onnxruntime. Needs the header-only library protozero (Debian:
/// libprotozero-dev); in CMake the target backquery::onnx of `find_package(backquery COMPONENTS onnx)`. This
/// header is not part of backquery.hpp. Define NOMINMAX before windows.h, because protozero does not compile
/// with the macro max.
#pragma once

#include <backquery/detail/replace_file.hpp>
#include <backquery/model/detail/onnx_reader.hpp>
#include <backquery/model/detail/onnx_writer.hpp>
#include <backquery/network/neural_network.hpp>

#include <filesystem>
#include <string>
#include <type_traits>

namespace backquery {

/// Reads a network from an ONNX file. Every weight that has the type Scalar is exact.
///
/// ```cpp
/// const auto network = backquery::import_onnx<float>("digits.onnx");
/// ```
///
/// The graph must be one chain from one input to one output, in any order of nodes: linear layers, each with
/// an activation or none. Accepted operators, of version 7 to 25 of the standard:
///
/// | operator                      | accepted                                                           |
/// |-------------------------------|--------------------------------------------------------------------|
/// | Gemm                          | any transA, transB, alpha and beta; constant weights and biases    |
/// | MatMul                        | a constant on either side                                          |
/// | Add, Sub, Mul, Div            | a constant on either side (but no constant / x), one number or one |
/// |                               | for each feature, of floating point; beside a linear layer         |
/// | BatchNormalization            | not in training mode; beside a linear layer                        |
/// | Sigmoid, Tanh, Relu, Softplus | behind a linear layer                                              |
/// | LeakyRelu, PRelu              | slope 0.01                                                         |
/// | Elu                           | alpha 1                                                            |
/// | Mul 2/3, Tanh, Mul 1.7159     | together, as scaled_tanh                                           |
/// | Softmax                       | over the features, at the end                                      |
/// | Flatten, Reshape              | if samples stay apart; the shape may be computed from the input by |
/// |                               | Shape, Gather, Slice, Squeeze, Unsqueeze, Concat and Mul           |
/// | Transpose                     | of a matrix                                                        |
/// | Dropout                       | not in training mode                                               |
/// | Cast                          | to float or double                                                 |
/// | Identity, Constant            | anywhere                                                           |
///
/// Arithmetic and batch normalization before or behind a linear layer are folded into it, in double. Behind
/// an activation, they belong to the next linear layer; at the end of the chain they are rejected. An
/// operator, an option or a shape that is not in the table is rejected with the name of the node.
///
/// The samples are the first dimension of the input, or the second one of a graph that multiplies its weights
/// by samples in columns. Other dimensions are the inputs of the network, row by row.
///
/// Options that the file does not state: the hidden and output activations are those of the graph; the loss
/// is cross_entropy behind a softmax, else squared_error; the error propagation is gradient, the learning
/// rate 0.1, the seed 1. `export_onnx` stores loss, learning rate, error propagation, initializer and seed.
///
/// Files from unknown sources are safe to import. Tensors may be in files in the folder of the model or below
/// it, but not elsewhere. Sizes and positions are compared with the lengths of the files before memory is
/// allocated. For tensors of float, the memory used is about twice the length of the files; it is more for
/// layers of few nodes, because a column of weights takes 64 bytes at least.
///
/// ONNX files have no checksum. A changed weight or name is not detected.
///
/// @tparam Scalar  float or double; numbers of another type are converted
/// @param path     of the file
/// @throws std::runtime_error "path: reason" if the file does not exist, is damaged, or holds anything but
///         such a chain; the reason names the node, and what is accepted
template <typename Scalar>
[[nodiscard]] NeuralNetwork<Scalar> import_onnx(const std::filesystem::path& path) {
  static_assert(std::is_same_v<Scalar, float> || std::is_same_v<Scalar, double>,
                "backquery: ONNX files hold float or double, no long double");
  return detail::onnx::read_network<Scalar>(path);
}

/// Writes the network as an ONNX file, of operator version 17 and IR version 8. Every weight is exact.
///
/// ```cpp
/// backquery::export_onnx(net, "digits.onnx");
/// ```
///
/// The input `input` is a matrix with a sample in each row, the output `output` too. The number of samples is
/// free. In Python:
///
///     session = onnxruntime.InferenceSession("digits.onnx")
///     outputs = session.run(None, {"input": samples})[0]     # samples: float32, N x inputs
///
/// A layer is Gemm and its activation. scaled_tanh is Mul, Tanh, Mul. leaky_relu of double is PRelu, because
/// the slope of LeakyRelu is a float. The file is replaced in one step, as by `save`.
///
/// @throws std::invalid_argument if a weight is NaN or infinite, or if the file would exceed 2 GiB, the limit
///         of ONNX
/// @throws std::runtime_error "path: cannot be saved: reason"
template <typename Scalar>
void export_onnx(const NeuralNetwork<Scalar>& network, const std::filesystem::path& path) {
  static_assert(std::is_same_v<Scalar, float> || std::is_same_v<Scalar, double>,
                "backquery: ONNX files hold float or double, no long double");
  const std::string bytes = detail::onnx::to_bytes(network);
  detail::ReplacementFile file(path);
  file.write(bytes.data(), bytes.size());
  file.commit();
}

}  // namespace backquery
