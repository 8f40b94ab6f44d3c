/// @file
/// The command line of mnist_train.
#pragma once

#include <backquery/backquery.hpp>
#include <cfloat>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "checkpoint.hpp"
#include "command_line.hpp"
#include "digits.hpp"
#include "file_path.hpp"
#include "output_file.hpp"

namespace mnist {

struct TrainOptions {
  std::string train = training_sample;
  std::string test = test_sample;
  Index classes = 0;  // 0: 10, or the outputs of the loaded model
  backquery::ReadOptions read;
  bool shuffle = false;
  std::vector<Index> hidden = {200};
  std::optional<float> learning_rate;  // unset: 0.1, or the learning rate of the loaded model
  int epochs = 5;
  double rotate = 0;  // degrees; 0: no rotated copies
  backquery::NetworkOptions network;
  std::string backquery, save, load, predict, report;  // files; empty: none
  std::string command;                                 // the shell command that reproduces the results
  CheckpointArguments checkpoint;

  /// Whether the training set is needed.
  bool trains() const { return epochs > 0; }
};

/// "200,80" as {200, 80}.
/// @throws std::invalid_argument that states the expected value
inline std::vector<Index> layer_sizes(const std::string& text) {
  std::vector<Index> sizes;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    const std::string size = text.substr(from, comma - from);
    const bool digits =
        !size.empty() && size.size() <= 6 && size.find_first_not_of("0123456789") == std::string::npos;
    const long nodes = digits ? std::stol(size) : 0;
    if (nodes < 1 || nodes > 100000) {
      throw std::invalid_argument(
          "--hidden: is '" + text +
          "', expected the nodes of each hidden layer, 1 to 100000, such as 200 or 200,80");
    }
    sizes.push_back(nodes);
    from = comma + 1;
  }
  return sizes;
}

/// The value of an enumeration that an option names.
/// @throws std::invalid_argument that lists the valid names
template <typename Enum>
Enum named(const std::string& option, const std::string& text) {
  try {
    return backquery::from_name<Enum>(text);
  } catch (const std::invalid_argument& error) {
    const std::string reason = error.what();
    throw std::invalid_argument(option + ": " + reason.substr(reason.find(" is ") + 1));
  }
}

inline const char* const train_footer =
    "FILE is a CSV, one line for each image (label,pixel,pixel,... with pixels 0 to 255), or an IDX image\n"
    "file such as train-images-idx3-ubyte with its label file beside it, compressed by gzip or not. Other\n"
    "data sets need other options; examples/README.md has a table.\n"
    "\n"
    "  mnist_train --epochs 10 --rotate 10 --backquery portraits.png\n"
    "  cmake -P cmake/fetch_mnist.cmake                          downloads MNIST to build/mnist\n"
    "  mnist_train --train build/mnist/train-images-idx3-ubyte --test build/mnist/t10k-images-idx3-ubyte\n"
    "  mnist_train --epochs 10 --rotate 10 --report report.html  a page about the training\n"
    "  mnist_train --save digits.model                           then, to continue or only to test:\n"
    "  mnist_train --load digits.model --epochs 3 --learning-rate 0.01\n"
    "  mnist_train --load digits.model --test build/mnist/t10k-images-idx3-ubyte\n"
    "  mnist_train --epochs 100 --checkpoint training.bqm        then, if it was killed, the same command "
    "with\n"
    "  mnist_train --epochs 100 --checkpoint training.bqm --resume\n"
    "  mnist_train --load digits.model --test test.csv --predict submission.csv      test.csv has no labels\n"
    "  mnist_train --train optdigits.tra --test optdigits.tes --label-column last --pixel-max 16\n"
    "\n"
    "The last line of the output is the share of test digits that were recognized: performance = 0.9731\n";

/// Options that are parsed after the whole command line is known.
struct TrainTexts {
  std::string hidden = "200", learning_rate = "0.1";
  std::string initializer{name(backquery::NetworkOptions().initializer)};
  std::string error_propagation{name(backquery::NetworkOptions().error_propagation)};
};

/// Options for files that are not like MNIST.
inline void declare_format(CLI::App& app, TrainOptions& options) {
  const auto add = [&app](const char* option, auto& value, const char* type, const char* meaning) {
    return app.add_option(option, value, meaning)->type_name(type);
  };
  add("--classes", options.classes, "N", "number of classes; the default is 10, or the outputs of the model")
      ->check(whole_number(1, 256));
  add("--label-column", options.read.label_column, "NAME",
      "column of the labels in a CSV: first, last, or its name in the header");
  add("--first-label", options.read.first_label, "N",
      "label of the first class in the files; the default is 0")
      ->check(whole_number(0, 255));
  add("--pixel-max", options.read.pixel_max, "N", "largest possible pixel value, if it is not 255")
      ->check(whole_number(1, 255));
  app.add_flag("--transpose", options.read.transpose, "swap rows and columns of each image, for EMNIST");
}

inline void declare(CLI::App& app, TrainOptions& options, TrainTexts& texts) {
  const auto add = [&app](const char* option, auto& value, const char* type, const char* meaning) {
    return app.add_option(option, value, meaning)->type_name(type);
  };
  const auto positive = [](double value) { return value >= FLT_MIN && value <= FLT_MAX; };
  const auto angle = [](double value) { return value >= 0 && value <= 180; };

  add("--train", options.train, "FILE", "training images (bundled sample: 1,000 digits)");
  add("--test", options.test, "FILE|FOLDER",
      "test images (bundled sample: 500 digits), or a folder of pictures such as 7_anything.png");
  declare_format(app, options);
  add("--hidden", texts.hidden, "N[,N...]", "nodes of each hidden layer")->capture_default_str();
  add("--learning-rate", texts.learning_rate, "RATE",
      "factor of each step; with --rotate, 0.01 is better on all of MNIST")
      ->check(number("a number above 0", positive))
      ->capture_default_str();
  add("--epochs", options.epochs, "N", "passes over the images; with --load the default is 0")
      ->check(whole_number(0, 1000000))
      ->capture_default_str();
  add("--rotate", options.rotate, "DEGREES",
      "train on each digit three times: as it is, rotated by + and by - DEGREES")
      ->check(number("an angle from 0 (none) to 180", angle));
  app.add_flag("--shuffle", options.shuffle,
               "shuffle the training images before each epoch, in an order that --seed determines");
  add("--initializer", texts.initializer, "NAME",
      "uniform, uniform_fan_in, normal_fan_in, normal_fan_out, glorot or he")
      ->capture_default_str();
  add("--error-propagation", texts.error_propagation, "NAME",
      "split_by_weights (the book's rule) or gradient (of the loss)")
      ->capture_default_str();
  add("--seed", options.network.seed, "N", "the same seed gives the same initial weights on every machine")
      ->check(whole_number(0, UINT64_MAX))
      ->capture_default_str();
  add("--backquery", options.backquery, "FILE.png",
      "write a picture of what each digit looks like to the network");
  add("--report", options.report, "FILE.html",
      "write an HTML page: curves, confusion matrix, mistakes, weights, portraits");
  add("--save", options.save, "MODEL", "write the network to a file, after each epoch");
  add("--load", options.load, "MODEL", "start from a saved network instead of a new one");
  add("--predict", options.predict, "OUT.csv",
      "write a line ImageId,Label for each test image; the images need no labels");
  declare(app, options.checkpoint, "blocks of 256 images");
}

/// Rejects options whose values come from the model file, and options of a training without --epochs.
inline void check_load(const CLI::App& app, const std::string& model) {
  for (const std::string option : {"--hidden", "--initializer", "--error-propagation", "--seed"}) {
    const bool is_for_shuffle = option == "--seed" && app.count("--shuffle") > 0;
    if (app.count(option) > 0 && !is_for_shuffle) {
      throw std::invalid_argument(option + ": cannot be combined with --load, since the model in " + model +
                                  " stores its own");
    }
  }
  for (const std::string option : {"--train", "--rotate", "--shuffle", "--checkpoint"}) {
    if (app.count(option) > 0 && app.count("--epochs") == 0) {
      throw std::invalid_argument(option + ": --load alone trains nothing, expected also --epochs");
    }
  }
}

/// Rejects an output file that another option names. Without checkpoints, --save may replace the model of
/// --load; with checkpoints, --resume needs this model as it was.
inline void check_outputs(const TrainOptions& options) {
  using File = std::pair<std::string, std::string>;
  const File files[] = {{"--train", options.train},  {"--test", options.test},
                        {"--load", options.load},    {"--predict", options.predict},
                        {"--save", options.save},    {"--checkpoint", options.checkpoint.file},
                        {"--report", options.report}};
  const bool may_replace = options.checkpoint.file.empty();
  for (const auto& [output, path] : {files[3], files[4], files[5], files[6]}) {
    for (const auto& [option, other] : files) {
      std::error_code ignored;  // of a file that does not exist
      if (option != output && !(may_replace && output == "--save" && option == "--load") && !path.empty() &&
          (path == other || std::filesystem::equivalent(file_path(path), file_path(other), ignored))) {
        throw std::invalid_argument(output + ": is '" + path + "', the file of " + option +
                                    ", expected another file");
      }
    }
  }
}

/// Reads the command line. The result is empty after --help.
/// @throws std::invalid_argument or std::runtime_error that names the wrong argument and the expected value
inline std::optional<TrainOptions> parse_train_options(int argc, char** argv) {
  TrainOptions options;
  TrainTexts texts;
  CLI::App app("Trains a network to recognize handwritten digits and prints its accuracy on test digits.",
               "mnist_train");
  app.get_formatter()->column_width(34);
  app.footer(train_footer);
  declare(app, options, texts);
  if (!parse(app, argc, argv)) {
    return std::nullopt;
  }

  check_checkpoint(app);
  if (!options.load.empty()) {
    check_load(app, options.load);
    options.epochs = app.count("--epochs") > 0 ? options.epochs : 0;
  }
  if (!options.checkpoint.file.empty() && !options.trains()) {
    throw std::invalid_argument("--checkpoint: --epochs 0 trains nothing, expected at least 1");
  }
  if (options.load.empty() || app.count("--learning-rate") > 0) {
    options.learning_rate = std::stof(texts.learning_rate);
  }
  options.hidden = layer_sizes(texts.hidden);
  options.network.initializer = named<backquery::Initializer>("--initializer", texts.initializer);
  options.network.error_propagation =
      named<backquery::ErrorPropagation>("--error-propagation", texts.error_propagation);
  check_outputs(options);
  if (!options.backquery.empty()) {
    require_writable_png("--backquery", options.backquery);
  }
  if (!options.report.empty()) {
    require_writable("--report", options.report, ".html");
  }
  options.command = command_text(argc, argv, false);
  for (const std::string& path : {options.save, options.predict}) {
    if (!path.empty()) {
      require_writable(path);
    }
  }
  return options;
}

}  // namespace mnist
