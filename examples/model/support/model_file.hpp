/// @file
/// Networks in files of several formats.
#pragma once

#include <algorithm>
#include <backquery/detail/byte_order.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/model/detail/format.hpp>
#include <backquery/model/load.hpp>
#include <backquery/model/npy.hpp>
#include <backquery/model/save.hpp>
#include <backquery/model/source.hpp>
#include <backquery/network/neural_network.hpp>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#ifdef BACKQUERY_EXAMPLE_ONNX
#include <backquery/model/onnx.hpp>
#endif

#include "../../mnist/support/file_path.hpp"

namespace model {

using backquery::Activation;
using backquery::Index;
using backquery::NetworkOptions;
using Network = backquery::NeuralNetwork<double>;

enum class Format { own, npy, onnx };

/// A network that was read from a file. Values of float are exact in double.
struct Model {
  Network network;
  std::string format;  // for readers of the table
  bool is_float;       // the type of the values in files
  backquery::Sections sections = {};
};

/// The same network in values of another type. They are rounded.
template <typename To, typename From>
backquery::NeuralNetwork<To> converted(const backquery::NeuralNetwork<From>& network) {
  backquery::Parameters<To> parameters(network.layer_sizes(), network.options().biases);
  for (Index layer = 0; layer < network.layers(); ++layer) {
    parameters.weights(layer) = network.weights(layer).template cast<To>();
    parameters.biases(layer) = network.biases(layer).template cast<To>();
  }
  return {std::move(parameters), static_cast<To>(network.learning_rate()), network.options()};
}

inline bool is_float(const Network& network) {
  const Eigen::VectorXd values = network.parameters();
  return values.cast<float>().cast<double>() == values;
}

/// The end of the name, such as ".npy", in lower case.
inline std::string extension(const std::string& path) {
  std::string end = backquery::detail::path_text(mnist::file_path(path).extension());
  std::transform(end.begin(), end.end(), end.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return end;
}

/// The format, detected by the first bytes or by the end of the name. ONNX files have no fixed first bytes.
inline Format format_of(const std::string& path) {
  backquery::detail::InputFile file(mnist::file_path(path));
  const std::string start = file.peek(8);
  namespace format = backquery::detail::model;
  if (start.size() == 8 &&
      std::equal(start.begin(), start.end(), std::begin(format::magic),
                 [](char a, unsigned char b) { return static_cast<unsigned char>(a) == b; })) {
    return Format::own;
  }
  // read_npy rejects archives (.npz) with advice.
  if (start.compare(0, 6, backquery::detail::npy::magic) == 0 || extension(path) == ".npy" ||
      extension(path) == ".npz") {
    return Format::npy;
  }
  if (extension(path) == ".onnx") {
    return Format::onnx;
  }
  file.fail("is no file of backquery, no .npy file, and its name does not end in .onnx");
}

inline Model read_own(const std::string& path) {
  namespace format = backquery::detail::model;
  backquery::detail::InputFile file(mnist::file_path(path));
  const std::string start = file.peek(format::opening_bytes);
  const auto field = [&start](std::size_t offset) {  // 0 in a file that is too short, which `load` rejects
    return start.size() < offset + 4 ? 0
                                     : backquery::detail::read_value<std::uint32_t>(
                                           reinterpret_cast<const unsigned char*>(start.data()) + offset);
  };
  const bool is_double = field(format::value_bytes_at) == sizeof(double);
  backquery::Sections sections;
  Network network = is_double ? backquery::load<double>(mnist::file_path(path), sections)
                              : converted<double>(backquery::load<float>(mnist::file_path(path), sections));
  const bool is_checkpoint = sections.count("training.state") > 0;
  return {std::move(network),
          std::string(is_checkpoint ? "checkpoint of backquery" : "backquery") + ", version " +
              std::to_string(field(format::version_at)),
          !is_double, std::move(sections)};
}

inline constexpr const char* without_onnx =
    ": this program was built without ONNX (Debian: apt-get install libprotozero-dev)";

inline Model read_onnx(const std::string& path) {
#ifdef BACKQUERY_EXAMPLE_ONNX
  Network network = backquery::import_onnx<double>(mnist::file_path(path));
  const bool float_values = is_float(network);
  return {std::move(network), "ONNX", float_values};
#else
  throw std::runtime_error(path + without_onnx);
#endif
}

/// NAME.w1.npy becomes NAME.w2.npy, or NAME.b2.npy for the biases. Empty for other names.
inline std::string matrix_path(const std::string& first, char kind, Index layer) {
  const std::string end = ".w1.npy";
  if (first.size() <= end.size() || first.compare(first.size() - end.size(), end.size(), end) != 0) {
    return "";
  }
  return first.substr(0, first.size() - end.size()) + "." + kind + std::to_string(layer) + ".npy";
}

/// Reads the weights NAME.w1.npy, NAME.w2.npy and so on and, if NAME.b1.npy exists, biases.
/// @param activations  one for each layer; empty: sigmoid
inline Model read_matrices(const std::string& first, std::vector<Activation> activations) {
  if (matrix_path(first, 'w', 1).empty()) {
    throw std::invalid_argument(first +
                                ": is one matrix; a network is in files NAME.w1.npy, NAME.w2.npy and so on, "
                                "with biases in NAME.b1.npy and so on: name NAME.w1.npy");
  }
  const auto exists = [&](char kind, Index layer) {
    return std::filesystem::exists(mnist::file_path(matrix_path(first, kind, layer)));
  };
  std::vector<Eigen::MatrixXd> weights;
  for (Index layer = 1; layer == 1 || exists('w', layer); ++layer) {
    weights.push_back(backquery::read_npy(mnist::file_path(matrix_path(first, 'w', layer))));
  }
  NetworkOptions options;
  options.biases = exists('b', 1);
  if (!activations.empty()) {
    options.error_propagation = backquery::ErrorPropagation::gradient;
    options.loss = activations.back() == Activation::softmax ? backquery::Loss::cross_entropy : options.loss;
    options.activations = std::move(activations);
  }
  Network network(std::move(weights), 0.1, options);
  for (Index layer = 0; options.biases && layer < network.layers(); ++layer) {
    network.set_biases(layer, backquery::read_npy(mnist::file_path(matrix_path(first, 'b', layer + 1))));
  }
  const bool float_values = is_float(network);
  return {std::move(network), ".npy", float_values};
}

/// @param activations  for matrices; other files state their own
inline Model read(const std::string& path, const std::vector<Activation>& activations) {
  switch (format_of(path)) {
    case Format::own:
      return read_own(path);
    case Format::onnx:
      return read_onnx(path);
    case Format::npy:
      return read_matrices(path, activations);
  }
  throw std::logic_error("no such format");
}

/// Writes NAME.w1.npy, NAME.b1.npy, NAME.w2.npy and so on for NAME.npy. Returns the names of the files.
template <typename Scalar>
std::string write_matrices(const backquery::NeuralNetwork<Scalar>& network, const std::string& path) {
  std::string names;
  const std::string first = path.substr(0, path.size() - 4) + ".w1.npy";
  for (Index layer = 1; layer <= network.layers(); ++layer) {
    const std::string weights = matrix_path(first, 'w', layer), biases = matrix_path(first, 'b', layer);
    backquery::write_npy(mnist::file_path(weights), network.weights(layer - 1));
    names += (names.empty() ? "" : ", ") + weights;
    if (network.options().biases) {
      backquery::write_npy(mnist::file_path(biases), network.biases(layer - 1));
      names += ", " + biases;
    }
  }
  return names;
}

/// Writes the network in the format that the end of the path names. Returns the names of the files.
/// @param name  of the functions of a C file; empty: the name of the file
template <typename Scalar>
std::string write(const backquery::NeuralNetwork<Scalar>& network, const std::string& path,
                  const std::string& name) {
  const std::filesystem::path file = mnist::file_path(path);
  const std::string end = extension(path);
  if (end == ".bqm" || end == ".model") {
    backquery::save(network, file);
  } else if (end == ".npy") {
    return write_matrices(network, path);
  } else if (end == ".c") {
    backquery::export_source(network, file, name.empty() ? backquery::detail::path_text(file.stem()) : name);
  } else if (end == ".onnx") {
#ifdef BACKQUERY_EXAMPLE_ONNX
    backquery::export_onnx(network, file);
#else
    throw std::runtime_error(path + without_onnx);
#endif
  } else {
    throw std::invalid_argument("--to: is '" + path +
                                "', expected a name that ends in .bqm, .model, .onnx, .npy or .c");
  }
  return path;
}

}  // namespace model
