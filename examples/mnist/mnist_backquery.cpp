// Queries a network backwards: what does a 7 look like? The outputs for "7" are passed back to the pixels,
// layer by layer, through the transposed weights. The result, a portrait of the label, is printed as text
// and, with --png, written as a picture. Then the network predicts the digit of each portrait.
//
//     mnist_backquery                             trains a network on the bundled sample first
//     mnist_backquery --load digits.model         uses a network that mnist_train --save wrote
//     mnist_backquery --digit 7 --png all.png     prints one digit as text; the picture has all digits
#include <algorithm>
#include <backquery/backquery.hpp>
#include <cmath>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "../lessons/support/guarded.hpp"
#include "support/command_line.hpp"
#include "support/digits.hpp"
#include "support/portraits.hpp"
#include "support/terminal.hpp"
#include "support/training.hpp"

namespace {

using mnist::Index;
using mnist::Matrix;
using mnist::Network;

struct Options {
  std::string load, png;
  std::optional<Index> digit;
};

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  int digit = 0;
  CLI::App app("Shows what each digit looks like to a network.", "mnist_backquery");
  app.add_option("--load", options.load,
                 "a network saved by mnist_train; the default is trained on the sample")
      ->type_name("MODEL");
  app.add_option("--png", options.png, "write the portraits as one picture, dark on white")
      ->type_name("FILE.png");
  const auto* given = app.add_option("--digit", digit, "print this digit only")
                          ->check(mnist::whole_number(0, 255))
                          ->type_name("N");
  if (!mnist::parse(app, argc, argv)) {
    return std::nullopt;
  }
  if (given->count() > 0) {
    options.digit = digit;
  }
  if (!options.png.empty()) {
    mnist::require_writable_png("--png", options.png);
  }
  return options;
}

/// @throws std::invalid_argument if the network has no such digit
void check_digit(const Options& options, Index classes) {
  if (options.digit && *options.digit >= classes) {
    throw std::invalid_argument("--digit: is " + std::to_string(*options.digit) + ", expected 0 to " +
                                std::to_string(classes - 1));
  }
}

Network trained_on_sample(const Options& options) {
  const auto digits = mnist::read_digits(mnist::training_sample);
  check_digit(options, digits.classes);
  std::cout << "training a network on the bundled sample, " << mnist::grouped(digits.pixels.cols())
            << " digits\n";
  Network network(digits.pixels.rows(), 200, digits.classes, 0.1f);
  for (int epoch = 0; epoch < 10; ++epoch) {
    mnist::train_epoch(network, digits, 0, [](Index) {});
  }
  return network;
}

Index side_of(const Network& network, const std::string& model) {
  const auto side = static_cast<Index>(std::lround(std::sqrt(static_cast<double>(network.inputs()))));
  if (side * side != network.inputs()) {
    throw std::runtime_error(model + ": has " + std::to_string(network.inputs()) +
                             " inputs, expected a square number of pixels");
  }
  return side;
}

/// Prints two digits in a row, which fits a terminal of 80 columns.
void print(const Matrix& portraits, const std::vector<Index>& digits, Index side) {
  constexpr std::size_t in_a_row = 2;
  const auto width = static_cast<std::size_t>(side);
  for (std::size_t first = 0; first < digits.size(); first += in_a_row) {
    const std::size_t last = std::min(first + in_a_row, digits.size());
    std::vector<std::string> lines(static_cast<std::size_t>((side + 1) / 2) + 1);
    for (std::size_t i = first; i < last; ++i) {
      std::string title = "  " + std::to_string(digits[i]);
      title.resize(std::max(title.size(), width), ' ');
      lines[0] += title + "    ";
      const auto portrait = mnist::as_text(portraits, digits[i], side, side);
      for (std::size_t row = 0; row < portrait.size(); ++row) {
        lines[row + 1] += portrait[row] + "    ";
      }
    }
    for (const std::string& line : lines) {
      std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
    }
  }
}

/// Prints the predictions for the portraits. Some may be wrong, because backquery is not an exact inverse.
void print_predictions(const Network& network, const Matrix& portraits, const std::vector<Index>& digits) {
  const Matrix outputs = network.query(portraits);
  std::cout << "\nfor its own portraits the network predicts\n";
  for (const Index digit : digits) {
    Index predicted = 0;
    const float output = outputs.col(digit).maxCoeff(&predicted);
    std::cout << "  " << digit << ": " << predicted << ", output " << output
              << (predicted == digit ? "" : "   (backquery is not an exact inverse)") << '\n';
  }
}

void run(const Options& options) {
  const std::string model = options.load.empty() ? "the network" : options.load;
  const Network network = options.load.empty() ? trained_on_sample(options)
                                               : backquery::load<float>(mnist::file_path(options.load));
  check_digit(options, network.outputs());
  const Index side = side_of(network, model);
  std::vector<Index> digits;
  for (Index digit = 0; digit < network.outputs(); ++digit) {
    if (!options.digit || *options.digit == digit) {
      digits.push_back(digit);
    }
  }
  const Matrix portraits = mnist::portraits(network);
  print(portraits, digits, side);
  print_predictions(network, portraits, digits);
  if (!options.png.empty()) {
    mnist::write_png(options.png, mnist::draw(portraits, side, side));
    std::cout << "\nall portraits: " << options.png << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  return lesson::guarded("mnist_backquery", [&] {
    if (const auto options = parse_options(argc, argv)) {
      run(*options);
    }
  });
}
