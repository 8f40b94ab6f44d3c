// Predicts the digits in pictures of your own handwriting with a network that mnist_train or mnist_ladder
// saved. Writes a contact sheet: the digits that were found, the inputs of the network, and the predictions.
//
//     mnist_train --save digits.model
//     mnist_query digits.model photo.jpg drawing.png
//     mnist_query digits.model --single 7_first.png 7_second.png     each picture is one digit
#include <backquery/backquery.hpp>
#include <cstdio>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "../lessons/support/guarded.hpp"
#include "support/command_line.hpp"
#include "support/contact_sheet.hpp"
#include "support/digits.hpp"
#include "support/picture_file.hpp"

namespace {

using mnist::Index;
using mnist::Network;

struct Options {
  std::string model, sheet = "contact_sheet.png";
  std::vector<std::string> pictures;
  bool single = false;
};

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Predicts the handwritten digits in pictures. The printed probability is the largest output of the\n"
      "network, divided by the sum of its outputs.",
      "mnist_query");
  app.add_option("MODEL", options.model, "a network saved by mnist_train or mnist_ladder")->required();
  app.add_option("PICTURE", options.pictures, "PNG, JPEG or BMP files")->required();
  app.add_option("--sheet", options.sheet, "the picture to write: digits, inputs, predictions")
      ->type_name("FILE.png")
      ->capture_default_str();
  app.add_flag("--single", options.single, "each picture is one digit");
  if (!mnist::parse(app, argc, argv)) {
    return std::nullopt;
  }
  mnist::require_writable_png("--sheet", options.sheet);
  return options;
}

Network load_network(const std::string& model) {
  Network network = backquery::load<float>(mnist::file_path(model));
  if (network.inputs() != 28 * 28) {
    throw std::runtime_error(model + ": takes " + std::to_string(network.inputs()) +
                             " inputs, expected 784, one for each pixel of 28 x 28");
  }
  return network;
}

/// Outputs of softmax are probabilities. Other outputs are divided by the sum of the positive ones.
mnist::Predictions predict(const Network& network, const backquery::LabeledImages& images) {
  const mnist::Matrix outputs = network.query(backquery::inputs<float>(images)).cwiseMax(0.0f);
  const Eigen::VectorXf sums = outputs.colwise().sum().cwiseMax(1e-30f);
  return {backquery::predicted_classes(outputs),
          outputs.colwise().maxCoeff().transpose().cwiseQuotient(sums)};
}

void print(const std::string& path, const backquery::FoundDigits& found,
           const mnist::Predictions& predictions) {
  std::cout << path << ": ";
  for (const int digit : predictions.digits) {
    std::cout << digit;
  }
  std::cout << (found.dark_ink ? ", dark on light\n" : ", light on dark\n");
  for (std::size_t i = 0; i < found.boxes.size(); ++i) {
    const backquery::ImageBox& box = found.boxes[i];
    char line[160];
    std::snprintf(line, sizeof line, "  %2d   probability %.4f   rows %ld to %ld, columns %ld to %ld\n",
                  predictions.digits(static_cast<Index>(i)),
                  static_cast<double>(predictions.probabilities(static_cast<Index>(i))),
                  static_cast<long>(box.top), static_cast<long>(box.top + box.rows - 1),
                  static_cast<long>(box.left), static_cast<long>(box.left + box.cols - 1));
    std::cout << line;
  }
}

/// Returns the exit code: 1 if a picture was rejected.
int run(const Options& options) {
  const Network network = load_network(options.model);
  mnist::ContactSheet sheet;
  int rejected = 0;
  for (const std::string& path : options.pictures) {
    try {
      const mnist::Photo photo = mnist::read_picture(path);
      const backquery::FoundDigits found = mnist::find_digits(path, photo, options.single);
      const mnist::Predictions predictions = predict(network, found.images);
      print(path, found, predictions);
      sheet.add(photo, found, predictions);
    } catch (const std::runtime_error& error) {
      std::cout.flush();
      std::cerr << "mnist_query: " << error.what() << '\n';
      ++rejected;
    }
  }
  if (sheet.picture().height > 0) {
    mnist::write_png(options.sheet, sheet.picture());
    std::cout << "found digits, inputs and predictions: " << options.sheet << '\n';
  }
  return rejected > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  return lesson::guarded("mnist_query", [&] {
    const auto options = parse_options(argc, argv);
    return options ? run(*options) : 0;
  });
}
