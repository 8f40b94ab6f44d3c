/// @file
/// import_onnx reads the networks that PyTorch wrote. tests/data/onnx.py made the files and the outputs.
#include <backquery/model/onnx.hpp>

#include <string>
#include <vector>

#include "catch.hpp"
#include "golden.hpp"

namespace {

/// The largest difference of the outputs of a file of tests/data/onnx from those of PyTorch.
template <typename Scalar>
double difference(const std::string& file, const Golden& golden) {
  const auto network =
      backquery::import_onnx<Scalar>(std::string(BACKQUERY_TEST_DATA) + "/onnx/" + file + ".onnx");
  const Eigen::MatrixXd y = network.query(golden("x").cast<Scalar>()).template cast<double>();
  return (y - golden("y")).cwiseAbs().maxCoeff();
}

}  // namespace

TEST_CASE("networks that PyTorch exported have the outputs of PyTorch") {
  const std::vector<Golden> networks = Golden("onnx/outputs").cases();
  CHECK(networks.size() >= 40);
  for (const Golden& golden : networks) {
    const std::string name = golden.path().substr(golden.path().rfind('/') + 1);
    INFO(name);
    CHECK(difference<float>(name, golden) <= 1e-5);
    CHECK(difference<double>(name, golden) <= 1e-5);  // from weights of float
    CHECK(difference<double>(name + "_double", golden) <= 1e-12);
    CHECK(difference<float>(name + "_double", golden) <= 1e-5);
  }
}
