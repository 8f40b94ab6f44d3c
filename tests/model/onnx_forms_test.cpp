/// @file
/// import_onnx for the shapes, options and external files of graphs that are built by hand.
#include <backquery/model/onnx.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "matrices.hpp"
#include "onnx_graph.hpp"
#include "temporary_folder.hpp"

namespace onnx_graph {

namespace {

using backquery::Activation;
using backquery::ErrorPropagation;
using backquery::Loss;

/// A model of 6 inputs and 2 outputs behind nodes that reshape x to u.
Model behind(std::vector<Node> nodes, Dims input, std::vector<std::string> tensors = {}) {
  nodes.push_back({"Gemm", {"u", "W"}, {"y"}});
  tensors.push_back(matrix("W", random_matrix<double>(6, 2, -1, 1, 1)));
  Model model{std::move(nodes), std::move(tensors)};
  model.input = std::move(input);
  return model;
}

/// "imported" if the network has the weights of `behind`, else the error message.
std::string result_of(const Model& model) {
  const std::string message = rejection(model.bytes());
  if (message != "imported") return message;
  const auto network = imported(model.bytes());
  const Eigen::MatrixXd expected = random_matrix<double>(6, 2, -1, 1, 1).transpose();
  return network.layers() == 1 && network.weights(0) == expected ? "imported" : "other weights";
}

Node reshape_to(const std::string& shape) {
  return {"Reshape", {"x", shape}, {"u"}};
}

}  // namespace

TEST_CASE("a sample of several dimensions is flattened by every node that keeps samples apart") {
  const Dims image = {-1, 1, 2, 3};
  CHECK(result_of(behind({{"Flatten", {"x"}, {"u"}}}, image)) == "imported");
  CHECK(result_of(behind({{"Flatten", {"x"}, {"u"}, {{"axis", std::int64_t{-3}}}}}, image)) == "imported");
  for (const Dims& shape : {Dims{0, -1}, Dims{-1, 6}, Dims{0, 6}}) {
    CHECK(result_of(behind({reshape_to("shape")}, image, {integers("shape", shape)})) == "imported");
  }
  CHECK(result_of(behind({reshape_to("shape")}, {7, 1, 2, 3}, {integers("shape", {7, -1})})) == "imported");
  CHECK(result_of(behind({{"Reshape", {"x", "first"}, {"t"}}, {"Reshape", {"t", "second"}, {"u"}}}, {-1, 6},
                         {integers("first", {-1, 3, 1, 2}), integers("second", {0, -1})})) == "imported");
}

TEST_CASE("a shape that a graph computes from its input is followed") {
  const Dims image = {-1, 1, 2, 3};
  const std::vector<std::string> tensors = {integers("zero", {0}), integers("one", {1}),
                                            integers("rest", {-1}), integer("first", 0),
                                            integers("six", {6})};
  const Node shape{"Shape", {"x"}, {"s"}},
      concat{"Concat", {"n", "rest"}, {"shape"}, {{"axis", std::int64_t{0}}}};
  const std::vector<std::vector<Node>> batches = {
      {{"Gather", {"s", "first"}, {"g"}}, {"Unsqueeze", {"g", "zero"}, {"n"}}},               // opset 13
      {{"Gather", {"s", "first"}, {"g"}}, {"Unsqueeze", {"g"}, {"n"}, {{"axes", Dims{0}}}}},  // opset 11
      {{"Gather", {"s", "zero"}, {"n"}}},
      {{"Slice", {"s", "zero", "one"}, {"n"}}},                                                // tf2onnx
      {{"Slice", {"s"}, {"n"}, {{"starts", Dims{0}}, {"ends", Dims{1}}, {"axes", Dims{0}}}}},  // opset 9
      {{"Gather", {"s", "first"}, {"g"}},
       {"Squeeze", {"g"}, {"h"}},
       {"Cast", {"h"}, {"i"}, {{"to", std::int64_t{6}}}},
       {"Identity", {"i"}, {"n"}}},
  };
  for (std::size_t form = 0; form < batches.size(); ++form) {
    INFO("form " << form);
    std::vector<Node> nodes = {shape, concat, reshape_to("shape")};
    nodes.insert(nodes.end(), batches[form].begin(), batches[form].end());
    CHECK(result_of(behind(nodes, image, tensors)) == "imported");
  }
  // Shape of a range of dimensions, and a product of sizes: opset 15.
  const std::vector<Node> product = {
      {"Shape", {"x"}, {"n"}, {{"end", std::int64_t{1}}}},
      {"Shape", {"x"}, {"a"}, {{"start", std::int64_t{-2}}, {"end", std::int64_t{-1}}}},
      {"Shape", {"x"}, {"c"}, {{"start", std::int64_t{3}}}},
      {"Mul", {"a", "c"}, {"ac"}},
      {"Concat", {"n", "ac"}, {"shape"}, {{"axis", std::int64_t{0}}}},
      reshape_to("shape")};
  CHECK(result_of(behind(product, image)) == "imported");
}

TEST_CASE("nodes that change no value are passed") {
  CHECK(result_of(behind({{"Identity", {"x"}, {"a"}},
                          {"Dropout", {"a"}, {"b", "mask"}},
                          {"Cast", {"b"}, {"u"}, {{"to", std::int64_t{1}}}}},
                         {-1, 6})) == "imported");
  CHECK(result_of(behind({{"Dropout", {"x", "ratio", "training"}, {"u"}}}, {-1, 6},
                         {number("ratio", 0.5), tensor("training", {}, boolean, std::string(1, '\0'))})) ==
        "imported");
  CHECK(result_of(behind({{"Transpose", {"x"}, {"t"}}, {"Transpose", {"t"}, {"u"}, {{"perm", Dims{1, 0}}}}},
                         {-1, 6})) == "imported");
}

TEST_CASE("constants that nodes transpose, reshape, convert or pass are followed") {
  const Eigen::MatrixXd w = random_matrix<double>(6, 2, -1, 1, 1);
  const std::vector<std::pair<Node, std::string>> forms = {
      {{"Transpose", {"c"}, {"W"}, {{"perm", Dims{1, 0}}}}, matrix("c", w.transpose())},
      {{"Transpose", {"c"}, {"W"}, {{"perm", Dims{0, 1}}}}, matrix("c", w)},
      {{"Reshape", {"c", "shape"}, {"W"}}, tensor("c", {12}, float64, raw(w))},
      {{"Squeeze", {"c", "zero"}, {"W"}}, tensor("c", {1, 6, 2}, float64, raw(w))},
      {{"Cast", {"c"}, {"W"}, {{"to", std::int64_t{11}}}}, matrix("c", w)},
      {{"Identity", {"c"}, {"W"}}, matrix("c", w)}};
  for (const auto& [node, constant] : forms) {
    INFO(node.op);
    Model model{{node, {"MatMul", {"x", "W"}, {"y"}}},
                {constant, integers("shape", {6, -1}), integers("zero", {0})}};
    model.input = {-1, 6};
    CHECK(result_of(model) == "imported");
  }
}

TEST_CASE("biases may have further dimensions of size 1") {
  const std::string zero = integers("zero", {0}), biases = list("c", Eigen::Vector2d(3, 4));
  const Model model{
      {{"MatMul", {"x", "W"}, {"z"}}, {"Unsqueeze", {"c", "zero"}, {"b"}}, {"Add", {"z", "b"}, {"y"}}},
      {matrix("W", Eigen::MatrixXd::Identity(2, 2)), biases, zero}};
  CHECK(imported(model.bytes()).biases(0) == Eigen::Vector2d(3, 4));
}

TEST_CASE("scaled_tanh is recognized in every spelling, and no other scaling of tanh is") {
  const auto activations = [](double before, double after, const std::string& op) {
    Model model{{{"Gemm", {"x", "W"}, {"z"}},
                 {op, {"z", "s"}, {"t"}},
                 {"Tanh", {"t"}, {"h"}},
                 {"Mul", {"a", "h"}, {"g"}},
                 {"Gemm", {"g", "V"}, {"y"}}},
                {matrix("W", Eigen::MatrixXd::Ones(2, 2)), matrix("V", Eigen::MatrixXd::Ones(2, 1)),
                 number("s", before), number("a", after)}};
    const auto network = imported(model.bytes());
    CHECK(network.query(Eigen::Vector2d(0.25, 0.5)).value() ==
          Approx(2 * after * std::tanh(op == "Div" ? 0.75 / before : 0.75 * before)).epsilon(1e-12));
    return network.activation(0);
  };
  CHECK(activations(2.0 / 3, 1.7159, "Mul") == Activation::scaled_tanh);
  CHECK(activations(1.5, 1.7159, "Div") == Activation::scaled_tanh);
  CHECK(activations(2.0 / 3, 1.7, "Mul") == Activation::tanh);
  CHECK(activations(0.6, 1.7159, "Mul") == Activation::tanh);
}

TEST_CASE("options that a file does not state have documented values") {
  Model model{{{"Gemm", {"x", "W"}, {"z"}}, {"Softmax", {"z"}, {"y"}}},
              {matrix("W", Eigen::MatrixXd::Identity(2, 2))}};
  const auto classifier = imported<float>(model.bytes());
  CHECK(classifier.options().loss == Loss::cross_entropy);
  CHECK(classifier.options().error_propagation == ErrorPropagation::gradient);
  CHECK(classifier.learning_rate() == 0.1f);
  CHECK(classifier.options().seed == 1);
  model.nodes[1].op = "Sigmoid";
  CHECK(imported<float>(model.bytes()).options().loss == Loss::squared_error);
  model.metadata = {{"backquery.loss", "binary_cross_entropy"},
                    {"backquery.learning_rate", "0.25"},
                    {"author", "somebody"}};
  CHECK(imported<float>(model.bytes()).options().loss == Loss::binary_cross_entropy);
  CHECK(imported<float>(model.bytes()).learning_rate() == 0.25f);
}

TEST_CASE("older files list the initializers as inputs, and Softmax has another default axis") {
  Model model{{{"Gemm", {"x", "W"}, {"z"}}, {"Softmax", {"z"}, {"y"}}},
              {matrix("W", Eigen::MatrixXd::Identity(2, 2))}};
  model.more_inputs = {{"W", {2, 2}}};
  model.opset = 9;
  CHECK(imported(model.bytes()).activation(0) == Activation::softmax);
}

}  // namespace onnx_graph
