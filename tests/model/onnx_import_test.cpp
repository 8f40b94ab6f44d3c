/// @file
/// import_onnx for graphs that are built by hand: forms that PyTorch 1.13 does not write, and all variants of
/// operators. The outputs are compared with their formulas.
#include <backquery/model/onnx.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "matrices.hpp"
#include "onnx_graph.hpp"

namespace onnx_graph {

namespace {

using backquery::Activation;

const Eigen::MatrixXd w = random_matrix<double>(3, 2, -1, 1, 1);  // nodes x inputs
const Eigen::MatrixXd v = random_matrix<double>(2, 3, -1, 1, 2);  // of a second layer
const Eigen::VectorXd b = random_matrix<double>(3, 1, -1, 1, 3);
const Eigen::VectorXd c = random_matrix<double>(2, 1, 0.5, 1, 4);  // for each input
const Eigen::MatrixXd x = random_matrix<double>(2, 4, -1, 1, 5);
const Eigen::MatrixXd wx = w * x;

/// The largest difference of the outputs for x from the expected ones.
double error_of(const Model& model, const Eigen::MatrixXd& expected) {
  const Eigen::MatrixXd y = imported(model.bytes()).query(x);
  return y.rows() == expected.rows() ? (y - expected).cwiseAbs().maxCoeff() : 1;
}

/// The initializers W (inputs x nodes) and b, to which more can be added.
std::vector<std::string> layer_tensors(std::vector<std::string> more = {}) {
  more.push_back(matrix("W", w.transpose()));
  more.push_back(list("b", b));
  return more;
}

std::string half(std::uint16_t bits) {
  return {static_cast<char>(bits & 0xff), static_cast<char>(bits >> 8)};
}

}  // namespace

TEST_CASE("Gemm is imported with every transA, transB, alpha and beta, and the weights on either side") {
  for (int variant = 0; variant < 32; ++variant) {
    const bool is_left = variant & 1, transposes_x = variant & 2, transposes_w = variant & 4;
    const bool has_factors = variant & 8, has_biases = variant & 16;
    INFO("x left " << is_left << ", transposed: x " << transposes_x << ", W " << transposes_w);
    // Samples are rows of the product if x is its left factor.
    const bool samples_are_rows = is_left;
    const Eigen::MatrixXd factor = is_left ? w.transpose() : w;
    const Eigen::MatrixXd biases = samples_are_rows ? Eigen::MatrixXd(b.transpose()) : Eigen::MatrixXd(b);
    Node gemm{"Gemm", is_left ? Names{"x", "W"} : Names{"W", "x"}, {"y"}};
    gemm.attributes = {{is_left ? "transA" : "transB", std::int64_t{transposes_x}},
                       {is_left ? "transB" : "transA", std::int64_t{transposes_w}}};
    if (has_biases) gemm.inputs.push_back("b");
    if (has_factors) gemm.attributes.insert(gemm.attributes.end(), {{"alpha", 0.5f}, {"beta", -2.0f}});
    Model model{{gemm}, {matrix("W", transposes_w ? factor.transpose() : factor), matrix("b", biases)}};
    model.input = samples_are_rows != transposes_x ? Dims{-1, 2} : Dims{2, -1};
    Eigen::MatrixXd expected = has_factors ? Eigen::MatrixXd(0.5 * wx) : wx;
    if (has_biases) expected.colwise() += has_factors ? Eigen::VectorXd(-2 * b) : b;
    CHECK(error_of(model, expected) <= 1e-15);
    CHECK(imported(model.bytes()).options().biases == has_biases);
  }
}

TEST_CASE("MatMul and Add are imported with the constant on either side, and biases of every shape") {
  const std::vector<std::string> biases = {list("b", b), matrix("b", b.transpose()), number("b", b(0))};
  for (std::size_t shape = 0; shape < biases.size(); ++shape) {
    for (const bool is_first : {false, true}) {
      Model model{
          {{"MatMul", {"x", "W"}, {"z"}}, {"Add", is_first ? Names{"b", "z"} : Names{"z", "b"}, {"y"}}},
          {matrix("W", w.transpose()), biases[shape]}};
      const Eigen::VectorXd added = shape < 2 ? b : Eigen::VectorXd::Constant(3, b(0));
      CHECK(error_of(model, wx.colwise() + added) <= 1e-15);
    }
  }
  // Samples in columns: the sizes of the input may be known, or not.
  for (const Dims& input : {Dims{2, -1}, Dims{-1, -1}, Dims{2, 7}}) {
    Model model{{{"MatMul", {"W", "x"}, {"z"}}, {"Add", {"z", "b"}, {"y"}}},
                {matrix("W", w), matrix("b", b)}};
    model.input = input;
    CHECK(error_of(model, wx.colwise() + b) <= 1e-15);
  }
}

TEST_CASE("arithmetic with constants is folded into the linear layer beside it") {
  const Eigen::MatrixXd cx = c.asDiagonal() * x, x_by_c = c.cwiseInverse().asDiagonal() * x;
  const std::vector<std::pair<Node, Eigen::MatrixXd>> before = {
      {{"Add", {"x", "c"}, {"u"}}, x.colwise() + c},
      {{"Sub", {"x", "c"}, {"u"}}, x.colwise() - c},
      {{"Sub", {"c", "x"}, {"u"}}, (-x).colwise() + c},
      {{"Mul", {"c", "x"}, {"u"}}, cx},
      {{"Div", {"x", "c"}, {"u"}}, x_by_c}};
  for (const auto& [node, u] : before) {
    INFO(node.op << " " << node.inputs[0]);
    Model model{{node, {"Gemm", {"u", "W", "b"}, {"y"}}}, layer_tensors({list("c", c)})};
    CHECK(error_of(model, (w * u).colwise() + b) <= 1e-14);
    model.nodes[1].inputs = {"u", "W"};
    CHECK(error_of(model, w * u) <= 1e-14);
    CHECK(imported(model.bytes()).options().biases == (node.op == "Add" || node.op == "Sub"));
  }
  // Behind a linear layer, and behind its activation, where it belongs to the next one.
  Model model{{{"Gemm", {"x", "W", "b"}, {"z"}},
               {"Mul", {"z", "b"}, {"z2"}},
               {"Sub", {"b", "z2"}, {"z3"}},
               {"Tanh", {"z3"}, {"h"}},
               {"Div", {"h", "b"}, {"h2"}},
               {"Add", {"half", "h2"}, {"h3"}},
               {"MatMul", {"h3", "V"}, {"y"}}},
              layer_tensors({matrix("V", v.transpose()), number("half", 0.5)})};
  const Eigen::MatrixXd z = (-(b.asDiagonal() * (wx.colwise() + b))).colwise() + b;
  const Eigen::MatrixXd h = b.cwiseInverse().asDiagonal() * Eigen::MatrixXd(z.array().tanh());
  CHECK(error_of(model, v * Eigen::MatrixXd(h.array() + 0.5)) <= 1e-13);
}

TEST_CASE("the order of nodes in a file has no effect, and nodes that compute unused constants are ignored") {
  Model model{{{"Gemm", {"x", "W", "b"}, {"z"}},
               {"Identity", {"z"}, {"z2"}},
               {"Relu", {"z2"}, {"h"}},
               {"Gemm", {"h", "V"}, {"o"}},
               {"Sigmoid", {"o"}, {"y"}},
               {"Conv", {"V", "V"}, {"unused"}}},
              layer_tensors({matrix("V", v.transpose())})};
  const Eigen::ArrayXXd o = v * (wx.colwise() + b).cwiseMax(0);
  const Eigen::MatrixXd expected = (1 + (-o).exp()).inverse();
  for (int order = 0; order < 6; ++order) {
    CHECK(error_of(model, expected) <= 1e-15);
    std::rotate(model.nodes.begin(), model.nodes.begin() + 1, model.nodes.end());
  }
  std::reverse(model.nodes.begin(), model.nodes.end());
  CHECK(error_of(model, expected) <= 1e-15);
}

TEST_CASE("constants of every type and form are read") {
  using backquery::detail::ByteWriter;
  const Eigen::MatrixXd whole = (Eigen::MatrixXd(2, 3) << 1, 2, 3, 4, 5, 6).finished();  // inputs x nodes
  const Eigen::MatrixXf floats = whole.cast<float>();
  ByteWriter halves, bytes, long_integers;
  for (const int bits : {0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600})
    halves.bytes += half(static_cast<std::uint16_t>(bits));
  ByteWriter brains;
  for (const int bits : {0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0, 0x40c0})
    brains.bytes += half(static_cast<std::uint16_t>(bits));
  const std::string varints("\1\2\3\4\5\6", 6);
  const std::string half_varints("\x80\x78\x80\x80\x01\x80\x84\x01\x80\x88\x01\x80\x8a\x01\x80\x8c\x01", 17);
  const std::vector<std::string> forms = {
      tensor("W", {2, 3}, float64, raw(whole)),
      tensor("W", {2, 3}, float32, raw(floats)),
      tensor("W", {2, 3}, float64, raw(whole), 10),
      tensor("W", {2, 3}, float32, raw(floats), 4),
      tensor("W", {2, 3}, uint8, varints),
      tensor("W", {2, 3}, int32, varints, 5),
      tensor("W", {2, 3}, int64, varints, 7),
      tensor("W", {2, 3}, float16, halves.bytes),
      tensor("W", {2, 3}, float16, half_varints, 5),
      tensor("W", {2, 3}, bfloat16, brains.bytes),
      tensor("W", {2, 3}, float64, raw(whole.topRows(1)), 10) +
          tensor("W", {}, float64, raw(whole.bottomRows(1)), 10)};  // in two pieces
  for (std::size_t form = 0; form < forms.size(); ++form) {
    INFO("form " << form);
    const Model model{{{"MatMul", {"x", "W"}, {"y"}}}, {forms[form]}};
    CHECK(error_of(model, whole.transpose() * x) <= 1e-15);
    const Model by_node{{{"Constant", {}, {"W"}, {{"value", forms[form]}}}, {"MatMul", {"x", "W"}, {"y"}}},
                        {}};
    CHECK(error_of(by_node, whole.transpose() * x) <= 1e-15);
  }
  for (const Attribute& attribute :
       {Attribute{"value_float", 3.0f}, Attribute{"value_floats", std::vector<float>{3, 3}},
        Attribute{"value_int", std::int64_t{3}}, Attribute{"value_ints", Dims{3, 3}}}) {
    INFO(attribute.name);
    const Model model{{{"Constant", {}, {"i"}, {attribute}},
                       {"Cast", {"i"}, {"c"}, {{"to", std::int64_t{float64}}}},
                       {"Mul", {"x", "c"}, {"u"}},
                       {"MatMul", {"u", "W"}, {"y"}}},
                      {tensor("W", {2, 3}, float64, raw(whole))}};
    CHECK(error_of(model, 3 * whole.transpose() * x) <= 1e-14);
  }
}

}  // namespace onnx_graph
