/// @file
/// import_onnx rejects graphs that are no chain of dense layers, and names the node and what is accepted.
#include <backquery/model/onnx.hpp>

#include <Eigen/Core>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "onnx_graph.hpp"

namespace onnx_graph {

namespace {

using Catch::Matchers::ContainsSubstring;

const std::string square = matrix("W", Eigen::MatrixXd::Ones(2, 2));
const std::string known_operators =
    " is not supported, expected a chain of Gemm, MatMul, Add, Sub, Mul, Div, BatchNormalization, Sigmoid, ";

/// A network of one hidden layer, in which the nodes stand between h and o.
Model with(std::vector<Node> nodes, std::vector<std::string> tensors = {}) {
  nodes.push_back({"Gemm", {"x", "W"}, {"z"}, {}, "fc1"});
  nodes.push_back({"Relu", {"z"}, {"h"}, {}, "relu"});
  nodes.push_back({"Gemm", {"o", "W"}, {"y"}, {}, "fc2"});
  tensors.push_back(square);
  return {std::move(nodes), std::move(tensors)};
}

/// The message for a network with this node between h and o.
std::string message_with(Node node, std::vector<std::string> tensors = {}) {
  node.inputs.insert(node.inputs.begin(), "h");
  node.outputs = {"o"};
  node.name = "it";
  return rejection(with({node}, std::move(tensors)).bytes());
}

}  // namespace

TEST_CASE("operators of other networks are rejected by name") {
  CHECK(rejection(with({{"Identity", {"h"}, {"o"}}}).bytes()) == "imported");
  for (const char* op : {"Conv", "LSTM", "Gelu", "MaxPool", "LayerNormalization", "Attention", "LogSoftmax",
                         "Erf", "Clip", "If"}) {
    CHECK_THAT(message_with({op, {}, {}}), ContainsSubstring(op + std::string(" 'it'") + known_operators));
  }
  CHECK_THAT(rejection(with({{"FusedGemm", {"h"}, {"o"}, {}, "fused", "com.microsoft"}}).bytes()),
             ContainsSubstring("FusedGemm 'fused' of the domain 'com.microsoft' is not supported, expected"));
  CHECK_THAT(rejection(with({{"Conv", {"h"}, {"o"}}}).bytes()),
             ContainsSubstring("Conv with output 'o' is not supported"));
}

TEST_CASE("nodes that train, compute with integers, or have ambiguous inputs are rejected") {
  const std::string numbers = list("c", Eigen::Vector2d(1, 2));
  Model training =
      with({{"BatchNormalization", {"h", "c", "c", "c", "c"}, {"o", "m", "v"}, {}, "norm"}}, {numbers});
  training.opset = 12;
  CHECK_THAT(rejection(training.bytes()),
             ContainsSubstring("BatchNormalization 'norm' is in training mode, expected"));
  training.nodes[0].outputs = {"o"};
  CHECK(rejection(training.bytes()) == "imported");
  CHECK_THAT(rejection(with({{"Div", {"h", "c"}, {"o"}, {}, "half"}}, {integers("c", {2, 2})}).bytes()),
             ContainsSubstring("Div 'half' computes with integers, expected a constant of float or double"));
  CHECK_THAT(rejection(with({{"Div", {"h", "c"}, {"o"}}}, {numbers, numbers}).bytes()),
             ContainsSubstring("has two tensors 'c', expected different names"));
}

TEST_CASE("graphs that are no chain are rejected") {
  CHECK(rejection(with({{"Add", {"h", "z"}, {"o"}, {}, "skip"}}).bytes()) ==
        "Add 'skip' joins 'h' and 'z', which both depend on the input, expected one chain without skip "
        "connections");
  CHECK(rejection(with({{"Gemm", {"h", "W", "x"}, {"o"}, {}, "sum"}}).bytes()) ==
        "Gemm 'sum' joins 'h' and 'x', which both depend on the input, expected one chain without skip "
        "connections");
  CHECK(rejection(with({{"Concat", {"h", "x"}, {"o"}, {{"axis", std::int64_t{1}}}, "both"}}).bytes()) ==
        "Concat 'both' joins 'h' and 'x', which both depend on the input, expected one chain without skip "
        "connections");
  Model model = with({{"Identity", {"h"}, {"o"}}});
  model.more_inputs = {{"x2", {-1, 2}}};
  CHECK(rejection(model.bytes()) == "has the inputs 'x' and 'x2', expected one");
  model.more_inputs.clear();
  model.outputs = {"y", "h"};
  CHECK(rejection(model.bytes()) == "has 2 outputs, expected one");
  model.outputs = {"W"};
  CHECK(rejection(model.bytes()) ==
        "has the output 'W', expected the end of a chain of nodes from its input, samples x features");
  CHECK(rejection(with({{"Add", {"h", "o2"}, {"o"}, {}, "loop"}, {"Relu", {"o"}, {"o2"}}}).bytes()) ==
        "Add 'loop' depends on its own output");
  CHECK(rejection(with({{"Identity", {"h"}, {"o"}}, {"Sigmoid", {"h"}, {"unused"}, {}, "branch"}}).bytes()) ==
        "Sigmoid 'branch' uses 'h' without effect on the output, expected one chain");
  CHECK(rejection(with({{"Tanh", {"h"}, {"t"}},
                        {"Shape", {"t"}, {"s"}},
                        {"Reshape", {"h", "s"}, {"o"}, {}, "reshape"}})
                      .bytes()) ==
        "Reshape 'reshape' uses 'h', which another node uses, too, expected one chain");
  CHECK(rejection(with({{"Relu", {"h"}, {"o"}}, {"Tanh", {"h"}, {"o"}}}).bytes()) ==
        "has two nodes with the output 'o', expected different names");
  CHECK(rejection(with({{"Relu", {"missing"}, {"o"}, {}, "it"}}).bytes()) ==
        "Relu 'it' needs input 0, 'missing', which does not exist");
}

TEST_CASE("activations with other parameters or in other places are rejected") {
  CHECK(rejection(with({{"Gemm", {"h", "W"}, {"s"}}, {"Softmax", {"s"}, {"o"}, {}, "soft"}}).bytes()) ==
        "Softmax 'soft' is in a hidden layer, expected Softmax at the end of the chain only");
  CHECK(message_with({"Sigmoid", {}, {}}) ==
        "Sigmoid 'it' has no linear layer before it, expected Gemm or MatMul between two activations");
  const auto last = [](Node node, std::vector<std::string> tensors = {}) {
    tensors.push_back(square);
    node.inputs.insert(node.inputs.begin(), "z");
    node.outputs = {"y"};
    return rejection(Model{{{"Gemm", {"x", "W"}, {"z"}}, node}, std::move(tensors)}.bytes());
  };
  CHECK(last({"LeakyRelu", {}, {}, {{"alpha", 0.2f}}, "leaky"}) ==
        "LeakyRelu 'leaky' has another parameter than the library, expected the slope 0.01");
  CHECK(last({"PRelu", {"slope"}, {}, {}, "prelu"}, {number("slope", 0.25)}) ==
        "PRelu 'prelu' has another parameter than the library, expected the slope 0.01");
  CHECK(last({"Elu", {}, {}, {{"alpha", 2.0f}}, "elu"}) ==
        "Elu 'elu' has another parameter than the library, expected alpha 1");
  CHECK(last({"Softmax", {}, {}, {{"axis", std::int64_t{0}}}, "soft"}) ==
        "Softmax 'soft' has axis 0 of a value of shape N x 2, expected the features of samples");
  CHECK(last({"Cast", {}, {}, {{"to", std::int64_t{7}}}, "cast"}) ==
        "Cast 'cast' rounds values of the chain to element type 7, expected float (1) or double (11)");
}

TEST_CASE("arithmetic that no linear layer can take is rejected") {
  Model model{
      {{"Gemm", {"x", "W"}, {"z"}}, {"Relu", {"z"}, {"h"}}, {"Mul", {"h", "two"}, {"y"}, {}, "double"}},
      {square, number("two", 2)}};
  CHECK(rejection(model.bytes()) ==
        "Mul 'double' scales the outputs of the last activation, expected a linear layer (Gemm or MatMul) "
        "beside it");
  model.nodes.resize(2);
  model.nodes[0] = {"Mul", {"x", "two"}, {"z"}};
  model.nodes[1] = {"Relu", {"z"}, {"y"}, {}, "relu"};
  CHECK(rejection(model.bytes()) ==
        "Relu 'relu' has no linear layer before it, expected Gemm or MatMul between two activations");
  CHECK(rejection(Model{{{"Identity", {"x"}, {"y"}}}, {}}.bytes()) ==
        "has no linear layer, expected Gemm or MatMul");
  CHECK(rejection(with({{"Div", {"two", "h"}, {"o"}, {}, "div"}}, {number("two", 2)}).bytes()) ==
        "Div 'div' divides by a value that depends on the input, expected a constant divisor");
  CHECK(message_with({"Mul", {"c"}, {}}, {list("c", Eigen::Vector3d::Ones())}) ==
        "Mul 'it' has a constant of shape 3 for a value of shape N x 2, expected one number, or one for each "
        "feature");
  CHECK(
      message_with({"Mul", {"c"}, {}}, {tensor("c", {1, 1, 1}, float64, raw(Eigen::MatrixXd::Ones(1, 1)))}) ==
      "Mul 'it' has a constant of shape 1 x 1 x 1 for a value of shape N x 2, expected one number, or one "
      "for each feature");
  const std::vector<std::string> channels = {list("a", Eigen::Vector2d::Ones())};
  CHECK(message_with({"BatchNormalization", {"a", "a", "a", "a"}, {}, {{"training_mode", std::int64_t{1}}}},
                     channels) ==
        "BatchNormalization 'it' is in training mode, expected a model that was exported for inference");
  CHECK(message_with({"Div", {"zero"}, {}}, {number("zero", 0)}) ==
        "Div 'it' divides by 0, or has constants that are NaN or infinite");
}

TEST_CASE("shapes that mix or miss samples are rejected") {
  CHECK(message_with({"Flatten", {}, {}, {{"axis", std::int64_t{0}}}}) ==
        "Flatten 'it' has axis 0, expected 1, which keeps the samples apart");
  for (const Dims& shape : {Dims{1, -1}, Dims{2, -1}, Dims{-1, 4}, Dims{-1, 1}, Dims{-1, -1}, Dims{-1},
                            Dims{0, 3}, Dims{4}, Dims{}}) {
    CHECK(message_with({"Reshape", {"shape"}, {}}, {integers("shape", shape)}) ==
          "Reshape 'it' changes the shape of the samples, N x 2, expected a shape that keeps them apart, "
          "such as N x 2");
  }
  CHECK(rejection(with({{"Transpose", {"h"}, {"t"}}, {"Gemm", {"t", "W"}, {"o"}, {}, "mixed"}}).bytes()) ==
        "Gemm 'mixed' multiplies samples by each other, expected a sample in each row of its input 't'");
  Model model = with({{"Identity", {"h"}, {"o"}}});
  model.input = {-1, 3};
  CHECK(rejection(model.bytes()) == "Gemm 'fc1' has weights for 2 inputs, expected 3");
  model.input = {-1, 1, 2};
  CHECK(rejection(model.bytes()) ==
        "Gemm 'fc1' multiplies a value of shape N x 1 x 2, expected two dimensions; use Flatten before it");
  model.input = {2};
  CHECK(rejection(model.bytes()) == "has the input 'x' of 1 dimensions, expected 2 to 8, samples first");
}

TEST_CASE("models of other versions, with wrong metadata or with weights that are not finite are rejected") {
  Model model = with({{"Identity", {"h"}, {"o"}}});
  model.opset = 6;
  CHECK(rejection(model.bytes()) == "has operators of version 6, expected 7 to 25");
  model.opset = 26;
  CHECK(rejection(model.bytes()) == "has operators of version 26, expected 7 to 25");
  model.opset = 25;
  model.metadata = {{"backquery.loss", "hinge"}};
  CHECK(rejection(model.bytes()) ==
        "has the metadata backquery.loss = 'hinge', expected one of squared_error, binary_cross_entropy, "
        "cross_entropy, huber");
  model.metadata = {{"backquery.seed", "-1"}};
  CHECK(rejection(model.bytes()) ==
        "has the metadata backquery.seed = '-1', expected a number of at least 0");
  model.metadata = {{"backquery.learning_rate", "0.1x"}};
  CHECK(rejection(model.bytes()) ==
        "has the metadata backquery.learning_rate = '0.1x', expected a number of at least 0");
  model.metadata = {{"backquery.loss", "cross_entropy"}};
  CHECK(rejection(model.bytes()) ==
        "holds no valid network: backquery::NeuralNetwork: options.loss is cross_entropy, which needs "
        "softmax as options.output_activation, not identity");
  model.metadata.clear();
  model.tensors[0] = matrix("W", Eigen::MatrixXd::Constant(2, 2, 1.0 / 0.0));
  CHECK_THAT(rejection(model.bytes()), ContainsSubstring("holds no valid network: "));
}

}  // namespace onnx_graph
