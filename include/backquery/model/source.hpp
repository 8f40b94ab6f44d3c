/// @file
/// A network as C source, for machines without a C++ library.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/replace_file.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/model/detail/c_source.hpp>
#include <backquery/network/neural_network.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>

namespace backquery {

namespace detail::source {

/// Inputs between 0 and 1.
inline VectorX<float> sample(Index inputs) {
  VectorX<float> x(inputs);
  for (Index input = 0; input < inputs; ++input) {
    x(input) = static_cast<float>(input * 37 % 64 + 1) / 64;
  }
  return x;
}

/// The outputs of the network with weights and biases of float, computed in Real.
template <typename Real, typename Scalar>
VectorX<Real> outputs_in(const NeuralNetwork<Scalar>& network, const VectorX<float>& x) {
  MatrixX<Real> y = x.template cast<Real>();
  for (Index layer = 0; layer < network.layers(); ++layer) {
    const MatrixX<Real> w = network.weights(layer).template cast<float>().template cast<Real>();
    const VectorX<Real> b = network.biases(layer).template cast<float>().template cast<Real>();
    y = (w * y).eval();
    if (b.size() > 0) {
      y += b;
    }
    activate<Real>(network.activation(layer), {y.data(), y.rows(), 1, Eigen::OuterStride<>(y.rows())});
  }
  return y;
}

/// Throws unless all weights and biases are finite, in float too.
template <typename Scalar>
void check_range(const char* where, const NeuralNetwork<Scalar>& network) {
  check_parameters<Scalar>(where, network.parameters());
  const VectorX<float> values = network.parameters().template cast<float>();
  if (!all_finite(values.data(), values.size())) {
    throw_invalid_argument(where, ": the network has a weight or bias beyond the range of float");
  }
}

/// The C file.
template <typename Scalar>
std::string text_of(const char* where, const NeuralNetwork<Scalar>& network, std::string_view name) {
  const VectorX<float> x = sample(network.inputs());
  const VectorX<double> exact = outputs_in<double>(network, x);
  const VectorX<float> y = exact.cast<float>(), rounded = outputs_in<float>(network, x);
  if (!all_finite(y.data(), y.size()) || !all_finite(rounded.data(), rounded.size())) {
    throw_invalid_argument(where, ": the network has outputs beyond the range of float");
  }
  // A multiple of the rounding errors of float, which depend on the weights.
  const double error = (rounded.cast<double>() - exact).cwiseAbs().maxCoeff();
  const double tolerance = 1e-5 * (std::max)(1.0, exact.cwiseAbs().maxCoeff()) + 16 * error;

  Writer file(name, network.layer_sizes());
  file.put_opening();
  for (Index layer = 0; layer < network.layers(); ++layer) {
    const std::string number = std::to_string(layer + 1);
    file.put_array("_weights_" + number, "for each input, the weights of all nodes",
                   network.weights(layer).template cast<float>());
    if (network.options().biases) {
      file.put_array("_biases_" + number, "for each node", network.biases(layer).template cast<float>());
    }
  }
  file.put_array("_sample", "inputs for the self-test", x);
  file.put_array("_outputs", "outputs for these inputs", y);
  file.begin_query();
  for (Index layer = 0; layer < network.layers(); ++layer) {
    file.put_layer(layer + 1, network.activation(layer), network.options().biases);
  }
  file.end_query();
  file.put_self_test(static_cast<float>(tolerance));
  return file.text();
}

}  // namespace detail::source

/// Writes a network as one C file, valid C99 and C++11 without warnings. If `name` is digits, it defines
///
///     void digits_query(const float* x, float* y);   the outputs y for the inputs x; y may be x
///     int digits_self_test(void);                    0 if the outputs for a stored sample are correct
///
/// The functions have C linkage. A program is compiled together with the file and declares the two functions,
/// or one of its files includes the file. The file needs the functions of math.h (`-lm` on Linux) and no
/// heap. The weights are constants, rounded to float; the outputs of the layers take a few bytes of the stack
/// for each node. The loops are ordered so that compilers vectorize them (GCC from -O3 on).
///
/// ```cpp
/// #include <backquery/model/source.hpp>
/// backquery::export_source(net, "digits.c", "digits");
/// ```
///
/// @param network  the network; loss, learning rate and other options of training are not written
/// @param path     of the file, which is replaced as by `save`
/// @param name     begins all names of the file: a letter, then letters, digits and single underscores; no
///                 keyword of C or C++
/// @throws std::invalid_argument for another name; for a weight or bias that is NaN, infinite or beyond the
///         range of float; and for outputs beyond the range of float. The old file is unchanged
/// @throws std::runtime_error "path: cannot be saved: reason"; the old file is unchanged
template <typename Scalar>
void export_source(const NeuralNetwork<Scalar>& network, const std::filesystem::path& path,
                   std::string_view name) {
  detail::source::check_name("export_source", name);
  detail::source::check_range("export_source", network);
  const std::string text = detail::source::text_of("export_source", network, name);
  detail::ReplacementFile file(path);
  file.write(text.data(), text.size());
  file.commit();
}

}  // namespace backquery
