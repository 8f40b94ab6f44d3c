// Writes and reads files that other languages read and write. The scripts beside this file run it:
//
//     exchange source FOLDER         exports networks as C files, and writes a main.c that compares outputs
//     exchange copy IN.npy OUT.npy   reads a matrix and writes it again
//     exchange query FOLDER ...      makes a network of w1.npy, w2.npy and so on and, if there are any,
//                                    b1.npy and so on; writes its outputs for the columns of x.npy to y.npy;
//                                    the activations are further arguments
#include <backquery/model/npy.hpp>
#include <backquery/model/source.hpp>
#include <backquery/network/neural_network.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using backquery::Activation;
using backquery::Index;
using backquery::NetworkOptions;
using backquery::NeuralNetwork;

/// The options of a network with these activations. The loss suits the output activation.
NetworkOptions options_of(std::vector<Activation> activations, bool biases) {
  NetworkOptions options;
  options.biases = biases;
  options.initializer = backquery::Initializer::glorot;
  options.error_propagation = backquery::ErrorPropagation::gradient;
  if (activations.back() == Activation::softmax) {
    options.loss = backquery::Loss::cross_entropy;
  }
  options.activations = std::move(activations);
  return options;
}

/// The files of the C program.
class CProgram {
 public:
  explicit CProgram(std::filesystem::path folder) : folder_(std::move(folder)) {
    main_.open(folder_ / "main.c");
    main_.precision(9);
    main_ << std::showpoint;
    calls_ = "";
  }

  /// Exports a network with random biases, and samples with the outputs of the network.
  template <typename Scalar>
  void add(std::vector<Index> sizes, const NetworkOptions& options) {
    using Matrix = typename NeuralNetwork<Scalar>::Matrix;
    NeuralNetwork<Scalar> net(std::move(sizes), Scalar(0.1), options);
    for (Index layer = 0; options.biases && layer < net.layers(); ++layer) {
      net.set_biases(layer, random<Scalar>(net.biases(layer).size(), 1));
    }
    const Matrix x = random<float>(net.inputs(), samples).template cast<Scalar>();
    const std::string name = "net_" + std::to_string(count_++);
    backquery::export_source(net, folder_ / (name + ".c"), name);
    main_ << "#include \"" << name << ".c\"\n";
    put_array(name + "_x", x);
    put_array(name + "_y", net.query(x));
    calls_ += "  check(\"" + name + "\", " + name + "_query, " + name + "_self_test, " + name + "_x, " +
              name + "_y, " + std::to_string(net.inputs()) + ", " + std::to_string(net.outputs()) + ");\n";
  }

  void finish() {
    main_ << R"(
#include <stdio.h>
static double worst = 0.0;
static void check(const char* name, void (*query)(const float*, float*), int (*self_test)(void), const float* x,
                  const float* y, int inputs, int outputs) {
  float buffer[1000];
  int s, i;
  if (self_test() != 0) {
    printf("%s: the self-test fails\n", name);
    worst = 1.0;
  }
  for (s = 0; s < 5; ++s) {
    for (i = 0; i < inputs; ++i) buffer[i] = x[s * inputs + i];
    query(buffer, buffer);
    for (i = 0; i < outputs; ++i) {
      const float expected = y[s * outputs + i], size = fabsf(expected) > 1.0f ? fabsf(expected) : 1.0f;
      const double error = (double)(fabsf(buffer[i] - expected) / size);
      if (!(error <= worst)) worst = error;
      if (!(error <= 1e-6)) printf("%s: output %d of sample %d is wrong by %g\n", name, i, s, error);
    }
  }
}

int main(void) {
)" << calls_
          << R"(  printf("the largest difference is %.1e\n", worst);
  return worst <= 1e-6 ? 0 : 1;
}
)";
  }

 private:
  static constexpr Index samples = 5;

  template <typename Scalar>
  typename NeuralNetwork<Scalar>::Matrix random(Index rows, Index cols) {
    typename NeuralNetwork<Scalar>::Matrix values(rows, cols);
    std::uniform_real_distribution<Scalar> between(-1, 1);
    for (Index i = 0; i < values.size(); ++i) {
      values.data()[i] = between(generator_);
    }
    return values;
  }

  template <typename Values>
  void put_array(const std::string& name, const Values& values) {
    main_ << "static const float " << name << "[] = {";
    for (Index i = 0; i < values.size(); ++i) {
      main_ << (i == 0 ? "" : ", ") << static_cast<float>(values.data()[i]) << "f";
    }
    main_ << "};\n";
  }

  std::filesystem::path folder_;
  std::ofstream main_;
  std::string calls_;
  int count_ = 0;
  std::mt19937_64 generator_{1};
};

void write_sources(const std::filesystem::path& folder) {
  CProgram program(folder);
  for (const auto& entry : backquery::detail::EnumTable<Activation>::entries) {
    const Activation f = entry.value;
    const Activation hidden = f == Activation::softmax ? Activation::tanh : f;
    program.add<float>({7, 5, 6, 2}, options_of({hidden, hidden, f}, true));
    program.add<float>({8, 4}, options_of({f}, false));
  }
  program.add<float>({1, 1, 1}, options_of({Activation::relu, Activation::sigmoid}, true));
  program.add<float>({784, 200, 10}, options_of({Activation::sigmoid, Activation::sigmoid}, false));
  program.add<double>({3, 9, 8, 7, 6, 5}, options_of({Activation::elu, Activation::relu, Activation::softplus,
                                                      Activation::leaky_relu, Activation::softmax},
                                                     true));
  program.finish();
}

void query(const std::filesystem::path& folder, std::vector<Activation> activations) {
  std::vector<Eigen::MatrixXd> weights;
  for (std::size_t layer = 0; layer < activations.size(); ++layer) {
    weights.push_back(backquery::read_npy(folder / ("w" + std::to_string(layer + 1) + ".npy")));
  }
  const bool biases = std::filesystem::exists(folder / "b1.npy");
  NeuralNetwork<double> net(std::move(weights), 0.1, options_of(std::move(activations), biases));
  for (Index layer = 0; biases && layer < net.layers(); ++layer) {
    net.set_biases(layer, backquery::read_npy(folder / ("b" + std::to_string(layer + 1) + ".npy")));
  }
  backquery::write_npy(folder / "y.npy", net.query(backquery::read_npy(folder / "x.npy")));
}

void run(const std::vector<std::string>& arguments) {
  if (arguments.size() == 2 && arguments[0] == "source") {
    write_sources(arguments[1]);
  } else if (arguments.size() == 3 && arguments[0] == "copy") {
    backquery::write_npy(arguments[2], backquery::read_npy(arguments[1]));
  } else if (arguments.size() > 2 && arguments[0] == "query") {
    std::vector<Activation> activations;
    for (std::size_t i = 2; i < arguments.size(); ++i) {
      activations.push_back(backquery::from_name<Activation>(arguments[i]));
    }
    query(arguments[1], std::move(activations));
  } else {
    throw std::invalid_argument("unknown arguments; see exchange.cpp");
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
