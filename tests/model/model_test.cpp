/// @file
/// save and load: loaded networks equal saved networks, and the format of files does not change.
#include <backquery/model/load.hpp>
#include <backquery/model/save.hpp>

#include <Eigen/Core>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
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
using backquery::ErrorPropagation;
using backquery::Index;
using backquery::Initializer;
using backquery::Loss;
using backquery::NetworkOptions;
using backquery::NeuralNetwork;

/// Unlike ==, distinguishes different NaNs, and -0 from 0.
template <typename A, typename B>
bool same_bits(const A& a, const B& b) {
  return a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(*a.data())) == 0;
}

bool same_options(const NetworkOptions& a, const NetworkOptions& b) {
  return a.hidden_activation == b.hidden_activation && a.output_activation == b.output_activation &&
         a.loss == b.loss && a.biases == b.biases && a.initializer == b.initializer &&
         a.error_propagation == b.error_propagation && a.seed == b.seed && a.activations == b.activations;
}

template <typename Scalar>
bool same_network(const NeuralNetwork<Scalar>& a, const NeuralNetwork<Scalar>& b) {
  return a.layer_sizes() == b.layer_sizes() && same_options(a.options(), b.options()) &&
         a.learning_rate() == b.learning_rate() && same_bits(a.parameters(), b.parameters());
}

template <typename Scalar>
NeuralNetwork<Scalar> saved_and_loaded(const NeuralNetwork<Scalar>& network) {
  const TemporaryFolder folder;
  backquery::save(network, folder.file("network.bqm"));
  return backquery::load<Scalar>(folder.file("network.bqm"));
}

template <typename Enum>
std::vector<std::string> names_by_file_id() {
  std::vector<std::string> names(enumerators<Enum>().size());
  for (const auto& entry : backquery::detail::EnumTable<Enum>::entries) names.at(entry.file_id) = entry.name;
  return names;
}

std::string golden_model(const std::string& name) {
  return BACKQUERY_TEST_DATA "/model/" + name + ".bqm";
}

}  // namespace

TEMPLATE_TEST_CASE("a loaded network equals the saved network, for all options and depths", "[model]", float,
                   double) {
  const std::vector<std::vector<Index>> shapes = {{3, 2}, {4, 3, 2}, {2, 17, 1, 5}};
  const auto combinations = all_combinations();
  // Every fifth combination covers all values of all options. More would take long, because save waits for
  // the disk.
  for (std::size_t i = 0; i < combinations.size(); i += 5) {
    const NeuralNetwork<TestType> network(shapes[i % 3], static_cast<TestType>(0.1), combinations[i]);
    INFO(description(combinations[i]) << ", shape " << i % 3);
    CHECK(same_network(saved_and_loaded(network), network));
  }
}

TEST_CASE("a loaded network keeps every initializer and the whole seed", "[model]") {
  for (const auto initializer : enumerators<Initializer>()) {
    NetworkOptions options;
    options.initializer = initializer;
    options.seed = std::numeric_limits<std::uint64_t>::max() - 1;
    const NeuralNetwork<double> network(3, 4, 2, 0.3, options);
    CHECK(same_network(saved_and_loaded(network), network));
  }
}

TEMPLATE_TEST_CASE("a loaded network trains with the same results as the saved network", "[model]", float,
                   double) {
  const auto x = random_matrix<TestType>(6, 20, 0.01, 1, 1);
  const auto t = random_matrix<TestType>(3, 20, 0.01, 0.99, 2);
  for (const auto& options : {NetworkOptions(), NetworkOptions::classifier()}) {
    NeuralNetwork<TestType> network({6, 5, 4, 3}, static_cast<TestType>(0.2), options);
    network.train(x, t);
    NeuralNetwork<TestType> loaded = saved_and_loaded(network);
    const auto at_save = loaded;
    network.train(x, t);
    loaded.train(x, t);
    CHECK(same_network(loaded, network));
    CHECK_FALSE(same_network(loaded, at_save));
    CHECK(same_bits(loaded.query(x), network.query(x)));
  }
}

TEMPLATE_TEST_CASE("a loaded network has the same largest values, denormals and -0", "[model]", float,
                   double) {
  using Limits = std::numeric_limits<TestType>;
  NetworkOptions options;
  options.biases = true;
  NeuralNetwork<TestType> network(2, 3, 1, Limits::denorm_min(), options);
  Matrix<TestType> w(3, 2);
  w << Limits::max(), -Limits::max(), Limits::min(), -Limits::denorm_min(), Limits::denorm_min(),
      TestType(-0.0);
  network.set_weights(0, w);
  network.set_biases(1, Vector<TestType>::Constant(1, Limits::lowest()));
  CHECK(same_network(saved_and_loaded(network), network));
}

TEST_CASE("a network with NaN or infinite values is neither saved nor loaded", "[model]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("network.bqm");
  NetworkOptions options;
  options.biases = true;
  NeuralNetwork<double> network(2, 3, 1, 0.1, options);
  backquery::save(network, path);
  const std::string
      good = read_bytes(path),
      reason =
          ": the network has a weight or bias that is NaN or infinite; if its training diverged, train again "
          "with a smaller learning rate or scaled inputs";
  for (const double wrong :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    auto in_weights = network, in_biases = network;
    in_weights.set_weights(1, Matrix<double>::Constant(1, 3, wrong));
    in_biases.set_biases(0, Vector<double>::Constant(3, -wrong));
    CHECK_THROWS_WITH(backquery::save(in_weights, path), "backquery::save" + reason);
    CHECK_THROWS_WITH(backquery::save(in_biases, path), "backquery::save" + reason);
    CHECK((read_bytes(path) == good));
  }
  CHECK_THROWS_WITH(backquery::load<float>(golden_model("float_not_finite")),
                    golden_model("float_not_finite") + ": holds no valid network: backquery::load" + reason);
}

TEST_CASE("a loaded network keeps the activation of each layer, also if all are equal", "[model]") {
  NetworkOptions options;
  for (const Activation second : {Activation::softplus, Activation::tanh}) {
    options.activations = {Activation::tanh, second, Activation::tanh, Activation::identity};
    const NeuralNetwork<float> network({3, 4, 2, 3, 2}, 0.1f, options);
    const auto loaded = saved_and_loaded(network);
    CHECK(same_network(loaded, network));
    CHECK(loaded.activation(1) == second);
  }
}

TEST_CASE("a model file keeps sections of any bytes, and load can ignore them", "[model]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("network.bqm");
  const NeuralNetwork<double> network({3, 2}, 0.1);
  const backquery::Sections sections = {{"", "no name"},
                                        {"empty", ""},
                                        {"all bytes", std::string("\0\xff\r\n", 4)},
                                        {"long", std::string(5000, 'x')}};
  backquery::save(network, path, sections);
  backquery::Sections loaded{{"old", "value"}};
  CHECK(same_network(backquery::load<double>(path, loaded), network));
  CHECK(loaded == sections);
  CHECK(same_network(backquery::load<double>(path), network));
  backquery::save(network, path);
  (void)backquery::load<double>(path, loaded);
  CHECK(loaded.empty());
}

TEST_CASE("a loaded network equals the saved network of 300 layers of one node", "[model]") {
  const NeuralNetwork<float> network(std::vector<Index>(300, 1), 0.1f);
  CHECK(same_network(saved_and_loaded(network), network));
}

TEST_CASE("a model file has the documented length, without padding", "[model]") {
  const TemporaryFolder folder;
  backquery::save(NeuralNetwork<float>({784, 200, 10}, 0.1f), folder.file("plain.bqm"));
  CHECK(read_bytes(folder.file("plain.bqm")).size() == 68 + 12 * 2 + 4 * (1 + 200 * 784 + 10 * 200) + 4);
  backquery::save(NeuralNetwork<double>({3, 5}, 0.1, NetworkOptions::classifier()),
                  folder.file("biased.bqm"));
  CHECK(read_bytes(folder.file("biased.bqm")).size() == 68 + 12 + 8 * (1 + 5 * 3 + 5) + 4);
}

TEST_CASE("numbers of options in files never change", "[model]") {
  using Names = std::vector<std::string>;  // the index of a name is its number
  CHECK(names_by_file_id<Activation>() == Names{"identity", "sigmoid", "tanh", "scaled_tanh", "relu",
                                                "leaky_relu", "softmax", "elu", "softplus"});
  CHECK(names_by_file_id<Loss>() == Names{"squared_error", "binary_cross_entropy", "cross_entropy", "huber"});
  CHECK(names_by_file_id<Initializer>() ==
        Names{"uniform", "uniform_fan_in", "normal_fan_in", "normal_fan_out", "glorot", "he"});
  CHECK(names_by_file_id<ErrorPropagation>() == Names{"split_by_weights", "gradient"});
}

TEST_CASE("the checksum is the CRC-32 of zlib", "[model]") {
  const auto crc_of = [](const std::string& text) {
    return backquery::detail::crc32(reinterpret_cast<const unsigned char*>(text.data()), text.size());
  };
  CHECK(crc_of("123456789") == 0xcbf43926u);  // the check value of catalogs of CRCs
  CHECK(crc_of("") == 0);
  CHECK(crc_of("The quick brown fox jumps over the lazy dog") == 0x414fa339u);  // zlib.crc32 of Python
}

TEST_CASE("load reads a float model of version 1 that another program wrote", "[model]") {
  const auto network = backquery::load<float>(golden_model("float_classifier"));
  CHECK(network.layer_sizes() == std::vector<Index>{3, 2, 4});
  CHECK(network.learning_rate() == 0.125f);
  CHECK(same_options(network.options(), {Activation::tanh,
                                         Activation::softmax,
                                         Loss::cross_entropy,
                                         true,
                                         Initializer::glorot,
                                         ErrorPropagation::gradient,
                                         0x0123456789abcdefu,
                                         {}}));
  CHECK(network.weights(0)(1, 0) == -0.25f);
  CHECK(network.weights(0)(0, 1) == 1);
  CHECK(network.weights(0)(0, 2) == 2.5f);
  CHECK(std::signbit(network.weights(0)(1, 2)));
  CHECK(network.biases(0) == Eigen::Vector2f(0.75f, -1.5f));
  CHECK(network.weights(1)(3, 0) == 4);
  CHECK(network.weights(1)(0, 1) == -6);
  CHECK(network.weights(1)(2, 1) == std::numeric_limits<float>::denorm_min());
  CHECK(network.biases(1) == Eigen::Vector4f(-1, -2, -3, -4));
}

TEST_CASE("load reads a double model of version 1 that another program wrote", "[model]") {
  const auto network = backquery::load<double>(golden_model("double_perceptron"));
  CHECK(network.layer_sizes() == std::vector<Index>{2, 3});
  CHECK(network.learning_rate() == 0.1);
  CHECK(same_options(network.options(), {Activation::leaky_relu,
                                         Activation::identity,
                                         Loss::squared_error,
                                         false,
                                         Initializer::uniform,
                                         ErrorPropagation::split_by_weights,
                                         std::numeric_limits<std::uint64_t>::max(),
                                         {}}));
  Eigen::MatrixXd expected(3, 2);
  expected << 0.1, 1e-320, 0.2, 1e300, 0.3, -7;
  CHECK(network.weights(0) == expected);
  CHECK(network.biases(0).size() == 0);
}

TEST_CASE("load reads a model of version 2 with sections that another program wrote", "[model]") {
  backquery::Sections sections;
  const auto network = backquery::load<float>(golden_model("float_layers_2"), sections);
  CHECK(network.layer_sizes() == std::vector<Index>{2, 1, 2, 1});
  NetworkOptions expected{Activation::identity,
                          Activation::sigmoid,
                          Loss::binary_cross_entropy,
                          true,
                          Initializer::he,
                          ErrorPropagation::gradient,
                          3,
                          {}};
  expected.activations = {Activation::relu, Activation::tanh, Activation::sigmoid};
  CHECK(same_options(network.options(), expected));
  CHECK(network.weights(1) == Eigen::Vector2f(3, 4));
  CHECK(network.biases(2)(0) == 0.125f);
  CHECK(sections == backquery::Sections{{"b", ""}, {"classes", std::string("cat\0dog", 7)}});
}

TEST_CASE("save writes the same bytes as another program", "[model]") {
  const TemporaryFolder folder;
  backquery::Sections sections;
  const auto layers = backquery::load<float>(golden_model("float_layers_2"), sections);
  backquery::save(layers, folder.file("float.bqm"), sections);
  CHECK((read_bytes(folder.file("float.bqm")) == read_bytes(golden_model("float_layers_2"))));
  // A file of version 1 is saved as version 2.
  backquery::save(backquery::load<double>(golden_model("double_perceptron")), folder.file("double.bqm"));
  CHECK((read_bytes(folder.file("double.bqm")) == read_bytes(golden_model("double_perceptron_2"))));
}
