/// @file
/// Writes networks as ONNX files for other programs: tests/programs/onnx_runtime.js runs them in onnxruntime,
/// onnx_runtime.py checks them and computes their outputs with numpy.
#include <backquery/images/read_images.hpp>
#include <backquery/images/scaling.hpp>
#include <backquery/model/onnx.hpp>

#include <Eigen/Core>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "catch.hpp"
#include "enumerators.hpp"
#include "matrices.hpp"

namespace onnx_files {

namespace {

/// Writes NAME.onnx; NAME.txt with type, inputs, outputs and samples; NAME.bin with the samples and the
/// outputs, one sample behind the other.
template <typename Scalar>
void write_case(const std::filesystem::path& folder, const std::string& name,
                const backquery::NeuralNetwork<Scalar>& network, const Matrix<Scalar>& x) {
  backquery::export_onnx(network, folder / (name + ".onnx"));
  const Matrix<Scalar> y = network.query(x);
  std::ofstream(folder / (name + ".txt")) << (sizeof(Scalar) == 4 ? "float " : "double ") << x.rows() << ' '
                                          << y.rows() << ' ' << x.cols() << '\n';
  std::ofstream values(folder / (name + ".bin"), std::ios::binary);
  for (const Matrix<Scalar>* m : {&x, &y}) {
    values.write(reinterpret_cast<const char*>(m->data()),
                 static_cast<std::streamsize>(m->size()) * static_cast<std::streamsize>(sizeof(Scalar)));
  }
  if (!values) throw std::runtime_error("cannot write the samples of " + name);
}

/// A network of every activation, in a hidden layer and in the output layer, with biases and without.
template <typename Scalar>
void write_all(const std::filesystem::path& folder, const std::string& type, const Matrix<Scalar>& x) {
  for (const backquery::Activation activation : enumerators<backquery::Activation>()) {
    backquery::NetworkOptions options = backquery::NetworkOptions::classifier();
    const bool is_hidden = activation != backquery::Activation::softmax;
    options.activations = {is_hidden ? activation : backquery::Activation::tanh, activation};
    options.loss = is_hidden ? backquery::Loss::squared_error : backquery::Loss::cross_entropy;
    for (const bool biases : {false, true}) {
      options.biases = biases;
      options.initializer = backquery::Initializer::glorot;
      backquery::NeuralNetwork<Scalar> network({x.rows(), 50, 10}, Scalar(0.1L), options);
      for (backquery::Index layer = 0; biases && layer < 2; ++layer) {
        network.set_biases(layer, random_matrix<Scalar>(layer == 0 ? 50 : 10, 1, -1, 1, 3));
      }
      write_case(folder, std::string(backquery::name(activation)) + (biases ? "_biases_" : "_") + type,
                 network, x);
    }
  }
}

}  // namespace

// Hidden, because its result is for the tests onnx.*. In their folder, the images of MNIST may be
// t10k-images-idx3-ubyte.
TEST_CASE("networks of every activation are written for other programs", "[.onnx_files]") {
  const std::filesystem::path images = "t10k-images-idx3-ubyte", folder = "files";
  std::filesystem::create_directories(folder);
  const Eigen::MatrixXd x = std::filesystem::exists(images)
                                ? backquery::inputs<double>(backquery::read_images(images)).leftCols(1000)
                                : random_images<double>(784, 100, 0.01, 1);
  write_all<float>(folder, "float", x.cast<float>());
  write_all<double>(folder, "double", x);
  const auto files = std::filesystem::directory_iterator(folder);
  CHECK(std::distance(begin(files), end(files)) == 2 * 2 * 9 * 3);  // types, biases, activations, files
}

}  // namespace onnx_files
