// Shows, converts and compares networks in files: of backquery (also checkpoints), ONNX and NumPy.
//
//     backquery_model digits.bqm                          describes the file
//     backquery_model digits.bqm --to digits.onnx         converts; also to .npy, .c and .bqm
//     backquery_model digits.w1.npy --activations relu,softmax --to digits.bqm
//     backquery_model digits.bqm --compare digits.onnx    compares the outputs for random inputs
#include <cstdint>
#include <iostream>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "../lessons/support/guarded.hpp"
#include "../mnist/support/command_line.hpp"
#include "../mnist/support/terminal.hpp"
#include "support/description.hpp"
#include "support/model_file.hpp"

namespace {

using model::Activation;
using model::Index;
using model::Model;

struct Options {
  std::string file, to, name, scalar, compare;
  std::vector<Activation> activations;
  Index samples = 1000;
  std::uint64_t seed = 1;
};

/// "relu,softmax"
std::vector<Activation> parse_activations(const std::string& text) {
  std::vector<Activation> activations;
  std::istringstream names(text);
  for (std::string name; std::getline(names, name, ',');) {
    try {
      activations.push_back(backquery::from_name<Activation>(name));
    } catch (const std::invalid_argument&) {
      std::string known;
      for (const auto& entry : backquery::detail::EnumTable<Activation>::entries) {
        known.append(known.empty() ? "" : ", ").append(entry.name);
      }
      throw std::invalid_argument("--activations: is '" + text +
                                  "', expected a list such as relu,softmax; the names are " + known);
    }
  }
  return activations;
}

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  std::string activations;
  CLI::App app("Shows, converts and compares networks in files: of backquery, ONNX and NumPy.",
               "backquery_model");
  app.add_option(
         "FILE", options.file,
         "a model or checkpoint of backquery, an ONNX file, or an .npy file; NAME.w1.npy stands for a "
         "network with weights in NAME.w1.npy, NAME.w2.npy and so on, and biases, if any, in NAME.b1.npy "
         "and so on")
      ->type_name("")
      ->required();
  auto* to = app.add_option(
                    "--to", options.to,
                    "write the network: .bqm or .model (backquery), .onnx, .c (C source), or NAME.npy, which "
                    "writes NAME.w1.npy and so on")
                 ->type_name("OUT");
  app.add_option("--name", options.name,
                 "name of the functions in the C source; the default is the name of the file")
      ->type_name("NAME")
      ->needs(to);
  app.add_option(
         "--scalar", options.scalar,
         "type of the written values; the default is the type of FILE: float, if every value is a float")
      ->check(CLI::IsMember({"float", "double"}))
      ->type_name("float|double")
      ->needs(to);
  app.add_option("--activations", activations,
                 "activations of the layers of NAME.w1.npy and so on, such as relu,softmax; the default is "
                 "sigmoid for all")
      ->type_name("LIST");
  auto* compare =
      app.add_option("--compare", options.compare, "print the largest difference to the outputs of OTHER")
          ->type_name("OTHER");
  app.add_option("--samples", options.samples, "number of random inputs, uniform from 0 to 1")
      ->check(mnist::whole_number(1, 1000000))
      ->type_name("N")
      ->needs(compare)
      ->capture_default_str();
  app.add_option("--seed", options.seed, "seed of the random inputs")
      ->check(mnist::whole_number(0, UINT64_MAX))
      ->type_name("N")
      ->needs(compare)
      ->capture_default_str();
  if (!mnist::parse(app, argc, argv)) {
    return std::nullopt;
  }
  options.activations = parse_activations(activations);
  if (!options.name.empty() && model::extension(options.to) != ".c") {
    throw std::invalid_argument("--name: --to is '" + options.to + "', expected a name that ends in .c");
  }
  return options;
}

void convert(const Options& options, const Model& model) {
  const bool to_float = options.scalar.empty() ? model.is_float : options.scalar == "float";
  std::string names;
  if (to_float) {
    const auto network = model::converted<float>(model.network);
    if (!network.parameters().allFinite()) {
      throw std::runtime_error(options.file +
                               ": has a value beyond the range of float; write --scalar double");
    }
    names = model::write(network, options.to, options.name);
  } else {
    names = model::write(model.network, options.to, options.name);
  }
  std::cout << "written: " << names << " (" << (to_float ? "float" : "double") << ")\n";
  for (const auto& section : model.sections) {
    std::cout << "left out: section " << section.first << '\n';
  }
}

Eigen::MatrixXd random_inputs(Index inputs, const Options& options) {
  std::mt19937_64 generator(options.seed);
  return Eigen::MatrixXd::NullaryExpr(inputs, options.samples, [&generator](Index, Index) {
    return static_cast<double>(generator() >> 11) * 0x1p-53;
  });
}

void compare(const Options& options, const Model& model) {
  const Model other = model::read(options.compare, options.activations);
  const auto& a = model.network;
  const auto& b = other.network;
  if (a.inputs() != b.inputs() || a.outputs() != b.outputs()) {
    throw std::invalid_argument(options.compare + ": has " + std::to_string(b.inputs()) + " inputs and " +
                                std::to_string(b.outputs()) + " outputs, expected " +
                                std::to_string(a.inputs()) + " and " + std::to_string(a.outputs()) +
                                " as in " + options.file);
  }
  const Eigen::MatrixXd x = random_inputs(a.inputs(), options), y = a.query(x), z = b.query(x);
  Index same = 0;
  for (Index sample = 0; sample < y.cols(); ++sample) {
    Index of_y = 0, of_z = 0;
    y.col(sample).maxCoeff(&of_y);
    z.col(sample).maxCoeff(&of_z);
    same += of_y == of_z ? 1 : 0;
  }
  const std::string samples = mnist::grouped(options.samples);
  std::cout << "outputs for " << samples << " random inputs: the largest difference is "
            << model::number((y - z).cwiseAbs().maxCoeff<Eigen::PropagateNaN>());
  if (a.outputs() > 1) {
    std::cout << ", the largest output is the same for " << mnist::grouped(same) << " of " << samples;
  }
  std::cout << '\n';
}

void check_activations(const Options& options) {
  const auto has_matrices = [](const std::string& path) {
    return !path.empty() && model::format_of(path) == model::Format::npy;
  };
  if (!options.activations.empty() && !has_matrices(options.file) && !has_matrices(options.compare)) {
    throw std::invalid_argument("--activations: " + options.file +
                                " states its activations; expected matrices, NAME.w1.npy");
  }
}

void run(const Options& options) {
  check_activations(options);
  const bool is_described = options.to.empty() && options.compare.empty();
  if (is_described && options.activations.empty() && model::format_of(options.file) == model::Format::npy) {
    model::describe_matrix(std::cout, options.file);
    return;
  }
  const Model model = model::read(options.file, options.activations);
  if (is_described) {
    model::describe_network(std::cout, options.file, model);
  }
  if (!options.to.empty()) {
    convert(options, model);
  }
  if (!options.compare.empty()) {
    compare(options, model);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return lesson::guarded("backquery_model", [&] {
    if (const auto options = parse_options(argc, argv)) {
      run(*options);
    }
  });
}
