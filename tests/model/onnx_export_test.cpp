/// @file
/// export_onnx writes every network, and import_onnx reads it as it was.
#include <backquery/model/onnx.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "catch.hpp"
#include "enumerators.hpp"
#include "matrices.hpp"
#include "model_files.hpp"
#include "option_combinations.hpp"
#include "temporary_folder.hpp"

namespace {

using backquery::Activation;
using backquery::NetworkOptions;
using backquery::NeuralNetwork;

template <typename Scalar>
bool has_equal_bits(const NeuralNetwork<Scalar>& a, const NeuralNetwork<Scalar>& b) {
  return a.layer_sizes() == b.layer_sizes() && a.parameters().size() == b.parameters().size() &&
         std::memcmp(a.parameters().data(), b.parameters().data(),
                     static_cast<std::size_t>(a.parameters().size()) * sizeof(Scalar)) == 0;
}

template <typename Scalar>
bool has_equal_training(const NeuralNetwork<Scalar>& a, const NeuralNetwork<Scalar>& b) {
  const NetworkOptions &o = a.options(), &p = b.options();
  bool same = a.learning_rate() == b.learning_rate() && o.loss == p.loss && o.seed == p.seed &&
              o.error_propagation == p.error_propagation && o.initializer == p.initializer;
  for (backquery::Index layer = 0; layer < a.layers(); ++layer) {
    same = same && a.activation(layer) == b.activation(layer);
  }
  return same;
}

template <typename Scalar>
NeuralNetwork<Scalar> exported_and_imported(const NeuralNetwork<Scalar>& network) {
  const TemporaryFolder folder;
  backquery::export_onnx(network, folder.file("network.onnx"));
  return backquery::import_onnx<Scalar>(folder.file("network.onnx"));
}

/// A network without symmetries, with biases of all kinds if it has biases.
template <typename Scalar>
NeuralNetwork<Scalar> example(std::vector<backquery::Index> sizes, const NetworkOptions& options) {
  NeuralNetwork<Scalar> network(sizes, Scalar(0.123L), options);
  for (backquery::Index layer = 0; options.biases && layer < network.layers(); ++layer) {
    network.set_biases(layer, random_matrix<Scalar>(sizes[static_cast<std::size_t>(layer) + 1], 1, -1, 1, 7));
  }
  return network;
}

}  // namespace

TEMPLATE_TEST_CASE("an exported network is imported bit for bit, with every option", "[onnx]", EVERY_SCALAR) {
  const std::vector<backquery::Index> shapes[] = {{5, 3}, {5, 4, 3}, {5, 70, 17, 3}};
  const auto combinations = all_combinations();
  for (std::size_t i = 0; i < combinations.size(); i += 4) {  // neither 3 nor the number of activations
    INFO(description(combinations[i]));
    const auto network = example<TestType>(shapes[i % 3], combinations[i]);
    const auto imported = exported_and_imported(network);
    CHECK(has_equal_bits(imported, network));
    CHECK(has_equal_training(imported, network));
  }
}

TEMPLATE_TEST_CASE("an exported network keeps different hidden activations", "[onnx]", EVERY_SCALAR) {
  NetworkOptions options;
  options.activations = hidden_activations();
  const auto network =
      example<TestType>(std::vector<backquery::Index>(options.activations.size() + 1, 3), options);
  const auto imported = exported_and_imported(network);
  CHECK(has_equal_bits(imported, network));
  CHECK(has_equal_training(imported, network));
}

TEMPLATE_TEST_CASE("an exported network keeps -0, denormals, and the largest rate and seed", "[onnx]",
                   EVERY_SCALAR) {
  using Limits = std::numeric_limits<TestType>;
  NetworkOptions options;
  options.biases = true;
  options.seed = std::numeric_limits<std::uint64_t>::max();
  NeuralNetwork<TestType> network(2, 2, 1, Limits::max(), options);
  Eigen::Matrix<TestType, 2, 1> extremes(-TestType(0), Limits::denorm_min());
  network.set_biases(0, extremes);
  network.set_weights(1, Eigen::Matrix<TestType, 1, 2>(Limits::lowest(), -TestType(0)));
  CHECK(has_equal_bits(exported_and_imported(network), network));
  CHECK(has_equal_training(exported_and_imported(network), network));
}

TEST_CASE("an exported network of float is imported as double with the same values", "[onnx]") {
  const TemporaryFolder folder;
  const auto network = example<float>({4, 3, 2}, NetworkOptions::classifier());
  backquery::export_onnx(network, folder.file("network.onnx"));
  const auto imported = backquery::import_onnx<double>(folder.file("network.onnx"));
  CHECK(imported.weights(0).cast<float>() == network.weights(0));
  CHECK(imported.learning_rate() == Approx(0.123));
}

TEST_CASE("export replaces a file, leaves no other, and rejects weights that are not finite", "[onnx]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("network.onnx", "old");
  NeuralNetwork<float> network({2, 2});
  backquery::export_onnx(network, path);
  const std::string bytes = read_bytes(path);
  CHECK(bytes.size() > 100);
  network.set_weights(0, Eigen::Matrix2f::Constant(std::numeric_limits<float>::infinity()));
  CHECK_THROWS_WITH(
      backquery::export_onnx(network, path),
      "backquery::export_onnx: the network has a weight or bias that is NaN or infinite; if its "
      "training diverged, train again with a smaller learning rate or scaled inputs");
  CHECK(read_bytes(path) == bytes);
  CHECK_THROWS_WITH(backquery::export_onnx(NeuralNetwork<float>({2, 2}), folder.file("none/network.onnx")),
                    folder.file("none/network.onnx") + ": cannot be saved: No such file or directory");
  const auto files = std::filesystem::directory_iterator(folder.path());
  CHECK(std::distance(begin(files), end(files)) == 1);
}
