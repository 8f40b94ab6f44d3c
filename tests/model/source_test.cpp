/// @file
/// export_source: names, ranges and the text of the file. programs/exchange_source.cmake compiles and runs
/// it.
#include <backquery/model/source.hpp>

#include <limits>
#include <string>

#include "catch.hpp"
#include "matrices.hpp"
#include "message_of.hpp"
#include "model_files.hpp"
#include "temporary_folder.hpp"

namespace {

using backquery::Activation;
using backquery::NetworkOptions;
using backquery::NeuralNetwork;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

/// The text of the exported file.
template <typename Scalar>
std::string source_of(const NeuralNetwork<Scalar>& net, const std::string& name) {
  const TemporaryFolder folder;
  backquery::export_source(net, folder.file("a.c"), name);
  return read_bytes(folder.file("a.c"));
}

}  // namespace

TEMPLATE_TEST_CASE("exported source holds every weight in digits that give the same float", "[source]",
                   EVERY_SCALAR) {
  NeuralNetwork<TestType> net({2, 2}, NetworkOptions());
  net.set_weights(
      0, (Matrix<TestType>(2, 2) << TestType(0.1), TestType(-0.0), 16777216, TestType(1e-45L)).finished());
  CHECK_THAT(source_of(net, "tiny"),
             ContainsSubstring("static const float tiny_weights_1[4] = {\n"
                               "    0.100000001f, 16777216.0f, -0.00000000f, 1.40129846e-45f};\n"));
}

TEST_CASE("the name of exported source must be an identifier", "[source]") {
  const NeuralNetwork<float> net({1, 1}, NetworkOptions());
  for (const std::string name : {"a", "Digits2", "my_net_1", "integer", "R2D2"}) {
    CHECK_THAT(source_of(net, name),
               ContainsSubstring("void " + name + "_query(const float* x, float* y) {"));
  }
  for (const std::string name :
       {"", "2net", "my net", "net-1", "_net", "net_", "my__net", "n\xc3\xa9t", "a.b", "a;b", "a\n"}) {
    CHECK(message_of([&] { source_of(net, name); }) ==
          "backquery::export_source: name is '" + name +
              "', expected a letter, then letters, digits and single underscores, without an underscore at "
              "the end");
  }
  for (const std::string name : {"int", "restrict", "alignas", "xor_eq", "and"}) {
    CHECK(message_of([&] { source_of(net, name); }) ==
          "backquery::export_source: name is '" + name + "', expected no keyword of C or C++");
  }
}

TEST_CASE("networks that do not fit float are not exported", "[source]") {
  NetworkOptions options;
  options.output_activation = Activation::identity;
  NeuralNetwork<double> net({4, 2}, options);
  const auto text_of = [&](double weight) {
    net.set_weights(0, Matrix<double>::Constant(2, 4, weight));
    return message_of([&] { source_of(net, "a"); });
  };
  CHECK(text_of(1e30) == "nothing was thrown");
  CHECK(text_of(1e300) ==
        "backquery::export_source: the network has a weight or bias beyond the range of float");
  CHECK(text_of(3.4e38) == "backquery::export_source: the network has outputs beyond the range of float");
  CHECK_THAT(text_of(std::numeric_limits<double>::quiet_NaN()),
             StartsWith("backquery::export_source: the network has a weight or bias that is NaN"));
}

TEST_CASE("a failed export leaves the old file", "[source]") {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.c", "old");
  NeuralNetwork<float> net({1, 1}, NetworkOptions());
  CHECK_THROWS_AS(backquery::export_source(net, path, "1"), std::invalid_argument);
  net.set_weights(0, Matrix<float>::Constant(1, 1, std::numeric_limits<float>::infinity()));
  CHECK_THROWS_AS(backquery::export_source(net, path, "a"), std::invalid_argument);
  CHECK(read_bytes(path) == "old");
  net.set_weights(0, Matrix<float>::Ones(1, 1));
  CHECK_THROWS_WITH(backquery::export_source(net, folder.file("none/a.c"), "a"),
                    ContainsSubstring("none/a.c: cannot be saved: "));
}
