// Queries a network backwards: what does a 7 look like? The outputs for "7" are passed back to the pixels,
// layer by layer, through the transposed weights. The result, a portrait of the label, is printed as text
// and, with --png, written as a picture. Then the network predicts the digit of each portrait. With --dream,
// gradient steps also change the mean of the bundled digits until the network predicts the digit: a dream.
//
//     mnist_backquery                             trains a network on the bundled sample first
//     mnist_backquery --load digits.model         uses a network that mnist_train --save wrote
//     mnist_backquery --digit 7 --png all.png     prints one digit as text; the picture has all digits
//     mnist_backquery --dream --png both.png      one row of portraits, one row of dreams
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
#include "support/dream.hpp"
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
  bool dream = false;
};

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  int digit = 0;
  CLI::App app(
      "Shows what each digit looks like to a network. The portraits of a network trained on the sample are\n"
      "noisy; those of a network trained on all of MNIST are clear.",
      "mnist_backquery");
  app.add_option("--load", options.load,
                 "a network saved by mnist_train; the default is trained on the sample")
      ->type_name("MODEL");
  app.add_option("--png", options.png, "write the portraits as one picture, dark on white")
      ->type_name("FILE.png");
  const auto* given = app.add_option("--digit", digit, "print this digit only")
                          ->check(mnist::whole_number(0, 255))
                          ->type_name("N");
  app.add_flag("--dream", options.dream,
               "also change an image by gradient steps until the network predicts the digit");
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

/// The portraits. If an activation has no inverse: no columns, and the reason is printed.
/// @throws std::runtime_error that names --dream, if an activation has no inverse and dreams are not wanted
Matrix portraits(const Network& network, const std::string& model, bool dream) {
  std::string reason;
  if (const auto found = mnist::portraits_if_any(network, reason)) {
    return *found;
  }
  if (!dream) {
    throw std::runtime_error(model + ": has no portraits: " + reason + "; --dream needs no inverse");
  }
  std::cout << "no portraits: " << reason << '\n';
  return Matrix(network.inputs(), 0);
}

/// A dream for each label, in columns. Each starts from the mean of the bundled digits, or from gray if the
/// images have another size.
Matrix dreams(const Network& network) {
  const auto digits = mnist::read_digits(mnist::training_sample);
  const Network::Vector start = digits.pixels.rows() == network.inputs()
                                    ? Network::Vector(backquery::inputs<float>(digits).rowwise().mean())
                                    : Network::Vector::Constant(network.inputs(), 0.5f);
  const bool softmax = network.activation(network.layers() - 1) == backquery::Activation::softmax;
  Matrix result(network.inputs(), network.outputs());
  for (Index digit = 0; digit < network.outputs(); ++digit) {
    Network::Vector target = Network::Vector::Constant(network.outputs(), softmax ? 0.0f : 0.01f);
    target(digit) = softmax ? 1.0f : 0.99f;
    result.col(digit) = mnist::dream(network, start, target);
  }
  return result;
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

/// Prints the predictions for portraits or dreams.
/// @param hint  the reason for a wrong prediction
void print_predictions(const Network& network, const Matrix& images, const std::vector<Index>& digits,
                       const std::string& name, const std::string& hint) {
  const Matrix outputs = network.query(images);
  std::cout << "\nfor its own " << name << " the network predicts\n";
  for (const Index digit : digits) {
    Index predicted = 0;
    const float output = outputs.col(digit).maxCoeff(&predicted);
    std::cout << "  " << digit << ": " << predicted << ", output " << output
              << (predicted == digit ? "" : "   (" + hint + ")") << '\n';
  }
}

/// Writes a row of portraits and a row of dreams; without dreams, the portraits in rows of five.
void write_picture(const std::string& path, const Matrix& portraits, const Matrix& dreams, Index side) {
  if (dreams.cols() == 0) {
    mnist::write_png(path, mnist::draw(portraits, side, side));
    std::cout << "\nall portraits: " << path << '\n';
    return;
  }
  Matrix images(dreams.rows(), portraits.cols() + dreams.cols());
  images.leftCols(portraits.cols()) = portraits;
  images.rightCols(dreams.cols()) = dreams;
  mnist::write_png(path, mnist::draw(images, side, side, dreams.cols()));
  std::cout << (portraits.cols() > 0 ? "\nall portraits, and all dreams below: " : "\nall dreams: ") << path
            << '\n';
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
  const Matrix portraits = ::portraits(network, model, options.dream);
  if (portraits.cols() > 0) {
    print(portraits, digits, side);
    print_predictions(network, portraits, digits, "portraits", "backquery is not an exact inverse");
  }
  const Matrix dreams = options.dream ? ::dreams(network) : Matrix(network.inputs(), 0);
  if (dreams.cols() > 0) {
    std::cout << '\n';
    print(dreams, digits, side);
    print_predictions(network, dreams, digits, "dreams", "the gradient steps ended at another minimum");
  }
  if (!options.png.empty()) {
    write_picture(options.png, portraits, dreams, side);
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
