// Trains a network to recognize handwritten digits as the book does: 784 inputs, 200 hidden nodes, 10
// outputs, one step for each image. Prints the accuracy after each epoch, and the confusion matrix at the
// end.
//
//     mnist_train                            the bundled sample: 1,000 training digits, 500 test digits
//     mnist_train --epochs 10 --rotate 10    also trains on each digit rotated by +10 and by -10 degrees
//     mnist_train --help                     all options
#include <backquery/backquery.hpp>
#include <backquery/build_info.hpp>
#include <backquery/training/query_images.hpp>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../lessons/support/guarded.hpp"
#include "support/digits.hpp"
#include "support/hints.hpp"
#include "support/network_text.hpp"
#include "support/online_training.hpp"
#include "support/output_file.hpp"
#include "support/picture_folder.hpp"
#include "support/portraits.hpp"
#include "support/terminal.hpp"
#include "support/train_options.hpp"
#include "support/train_report.hpp"

namespace {

using backquery::LabeledImages;
using mnist::Index;
using mnist::Network;
using mnist::TrainOptions;

bool has_labels(const LabeledImages& images) {
  return images.labels.size() > 0;
}

void describe_build() {
  const backquery::BuildInfo build = backquery::build_info<Network::Scalar>();
  std::cout << "mnist_train, " << build.text() << '\n';
  if (!build.optimized) {
    std::cout << "  Built without optimization, many times slower: configure with cmake "
                 "-DCMAKE_BUILD_TYPE=Release\n";
  }
}

void describe(const char* role, const LabeledImages& images, const std::string& path) {
  std::cout << role << mnist::grouped(images.pixels.cols()) << " images of " << images.rows << " x "
            << images.cols << (has_labels(images) ? "" : " without labels") << " from " << path << '\n';
}

void describe(const Network& network, const TrainOptions& options) {
  const backquery::NetworkOptions& made = network.options();
  std::cout << "network   " << mnist::sizes_text(network) << ", " << mnist::activations_text(network) << ", "
            << name(made.error_propagation) << ", learning rate " << network.learning_rate();
  if (options.load.empty()) {
    std::cout << ", " << name(made.initializer) << ", seed " << made.seed << '\n';
  } else {
    std::cout << ", from " << options.load << '\n';
  }
}

void describe_epochs(const TrainOptions& options, Index images) {
  std::cout << "epochs    " << options.epochs;
  if (options.trains()) {
    std::cout << " of " << mnist::grouped(images * mnist::samples_per_image(options.rotate)) << " samples";
  }
  if (options.trains() && options.rotate != 0) {
    std::cout << ": each image as it is, rotated by +" << options.rotate << " and by -" << options.rotate
              << " degrees";
  }
  std::cout << '\n' << std::flush;
}

/// @throws std::runtime_error if the network does not fit the images
void require_fit(const LabeledImages& images, const std::string& path, const Network& network,
                 const std::string& model) {
  if (images.pixels.rows() != network.inputs()) {
    throw std::runtime_error(path + ": has images of " + std::to_string(images.rows) + " x " +
                             std::to_string(images.cols) + ", but " + model + " takes " +
                             std::to_string(network.inputs()) + " inputs");
  }
  if (images.classes != network.outputs()) {
    throw std::runtime_error(model + ": has " + std::to_string(network.outputs()) + " outputs, expected " +
                             std::to_string(images.classes) + ", one for each class");
  }
}

std::optional<Network> load_network(const TrainOptions& options) {
  if (options.load.empty()) {
    return std::nullopt;
  }
  Network network = backquery::load<float>(mnist::file_path(options.load));
  if (options.learning_rate) {
    network.set_learning_rate(*options.learning_rate);
  }
  return network;
}

Network new_network(const TrainOptions& options, const LabeledImages& images) {
  std::vector<Index> sizes = {images.pixels.rows()};
  // No insert: GCC 16 warns inside it, as if sizes were empty.
  for (const Index nodes : options.hidden) {
    sizes.push_back(nodes);
  }
  sizes.push_back(images.classes);
  return Network(sizes, *options.learning_rate, options.network);
}

void save(const Network& network, const TrainOptions& options) {
  if (!options.save.empty()) {
    backquery::save(network, mnist::file_path(options.save));
  }
}

/// Starts the checkpoints of the training, and prints where a training continues.
void use_checkpoints(mnist::OnlineTraining& training, const TrainOptions& options, Index images) {
  const std::string& file = options.checkpoint.file;
  const bool exists = std::filesystem::exists(mnist::file_path(file));
  training.use_checkpoints("mnist_train", file, options.checkpoint);
  if (!options.save.empty()) {
    backquery::detail::remove_temporary_files(mnist::file_path(options.save));  // of killed programs
  }
  if (!options.checkpoint.resume) {
    return;
  }
  std::cout << "resumed   ";
  if (!exists) {
    std::cout << "at the start: there is no " << file << " yet";
  } else if (training.is_complete()) {
    std::cout << "at the end, from " << file;
  } else {
    std::cout << "in epoch " << training.epoch() << " after " << mnist::grouped(training.images()) << " of "
              << mnist::grouped(images) << " images, from " << file;
  }
  std::cout << '\n' << std::flush;
}

/// @param images  shuffled before each epoch, if options.shuffle
/// @param page    the report, which gets the results of each epoch, or nothing
void train(Network& network, LabeledImages& images, const LabeledImages& test, const TrainOptions& options,
           std::optional<mnist::TrainReport>& page) {
  mnist::OnlineTraining training(
      network, images,
      {options.epochs, options.rotate,
       options.shuffle ? std::optional<std::uint64_t>(options.network.seed) : std::nullopt});
  std::optional<mnist::StopSignals> signals;
  if (!options.checkpoint.file.empty()) {
    use_checkpoints(training, options, images.pixels.cols());
    signals.emplace();
  }
  mnist::ProgressBar progress(training.samples_left(), mnist::is_terminal());
  const auto title = [&](int epoch) {
    const std::string last = std::to_string(options.epochs), number = std::to_string(epoch);
    return "epoch " + std::string(last.size() - number.size(), ' ') + number + " of " + last;
  };
  mnist::Stopwatch watch;
  const auto after_block = [&](int epoch, Index samples) { progress.advance(samples, title(epoch)); };
  training.run(after_block, [&](int epoch) {
    const auto outputs = has_labels(test) ? backquery::query_images(network, test) : mnist::Matrix();
    const std::string accuracy =
        has_labels(test) ? "   accuracy " + mnist::four_digits(backquery::accuracy(outputs, test.labels))
                         : "";
    save(network, options);
    const double seconds = watch.seconds();
    if (page) {
      page->add_epoch(epoch, seconds, network, test, outputs);
    }
    progress.clear();
    std::printf("%s%s   %.1f s\n", title(epoch).c_str(), accuracy.c_str(), seconds);
    std::fflush(stdout);
    watch = mnist::Stopwatch();
  });
}

/// Rows: digits; columns: predictions; at the end of each row the share of correct predictions.
/// @param first  the label of the first class
void print_confusion(const Eigen::MatrixXi& confusion, int first) {
  std::printf("\nconfusion matrix: rows are digits, columns are predictions\n   ");
  for (Index prediction = 0; prediction < confusion.cols(); ++prediction) {
    std::printf("%6d", first + static_cast<int>(prediction));
  }
  std::printf("   correct\n");
  for (Index digit = 0; digit < confusion.rows(); ++digit) {
    std::printf("%3d", first + static_cast<int>(digit));
    for (Index prediction = 0; prediction < confusion.cols(); ++prediction) {
      std::printf("%6d", confusion(digit, prediction));
    }
    const int all = confusion.row(digit).sum();
    if (all > 0) {
      std::printf("    %.4f", static_cast<double>(confusion(digit, digit)) / all);
    }
    std::printf("\n");
  }
  std::printf("\n");
  std::fflush(stdout);
}

/// Writes the predictions in the format of Kaggle: images are counted from 1, classes from the first label.
void write_predictions(const mnist::Matrix& outputs, const TrainOptions& options) {
  const Eigen::VectorXi predicted = backquery::predicted_classes(outputs);
  std::string text = "ImageId,Label\n";
  for (Index image = 0; image < predicted.size(); ++image) {
    text +=
        std::to_string(image + 1) + ',' + std::to_string(predicted(image) + options.read.first_label) + '\n';
  }
  mnist::OutputFile file(options.predict);
  file.write(text.data(), text.size());
  file.commit();
  std::cout << "predictions of " << mnist::grouped(predicted.size()) << " images: " << options.predict
            << '\n';
}

void print_hints(const std::string& lines) {
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    std::cout << "hint: " << line << '\n';
  }
}

/// Prints the results for the test images and the hints, and writes the picture and the predictions.
void report(const Network& network, const LabeledImages& training, const LabeledImages& test,
            const TrainOptions& options) {
  const mnist::Matrix outputs = backquery::query_images(network, test);
  const bool has_accuracy = has_labels(test);
  const double performance = has_accuracy ? backquery::accuracy(outputs, test.labels) : 1;
  if (has_accuracy) {
    print_confusion(backquery::confusion_matrix(outputs, test.labels), options.read.first_label);
  }
  if (!options.backquery.empty()) {
    mnist::write_png(options.backquery, mnist::draw(mnist::portraits(network), test.rows, test.cols));
    std::cout << "what each digit looks like to the network: " << options.backquery << '\n';
  }
  if (!options.predict.empty()) {
    write_predictions(outputs, options);
  }
  if (test.labels.size() > 1 && (test.labels.array() == test.labels(0)).all()) {
    print_hints("all test images have the label " +
                std::to_string(options.read.first_label + test.labels(0)) +
                ", so the performance says little. The label may come from the wrong column of the file.");
  }
  print_hints(mnist::explain(network, training, test, options, performance));
  if (has_accuracy) {
    std::cout << "performance = " << mnist::four_digits(performance) << '\n';
  }
}

void run(const TrainOptions& options) {
  describe_build();
  std::optional<Network> loaded = load_network(options);
  const Index classes = options.classes > 0 ? options.classes : loaded ? loaded->outputs() : 10;
  const auto labels = options.predict.empty() ? mnist::Labels::required : mnist::Labels::optional;
  LabeledImages training =
      options.trains() ? mnist::read_digits(options.train, classes, options.read) : LabeledImages{};
  const LabeledImages test = mnist::read_digits_or_pictures(options.test, classes, options.read, labels);
  Network network = loaded ? *std::move(loaded) : new_network(options, options.trains() ? training : test);
  const std::string model = options.load.empty() ? "the network for " + options.train : options.load;
  if (options.trains()) {
    describe("training  ", training, options.train);
    require_fit(training, options.train, network, model);
  }
  describe("test      ", test, options.test);
  require_fit(test, options.test, network, model);
  if (!options.backquery.empty()) {
    (void)mnist::portraits(network);  // throws before the training if the network has no inverse
  }
  describe(network, options);
  describe_epochs(options, training.pixels.cols());

  auto page = options.report.empty() ? std::nullopt
                                     : std::optional<mnist::TrainReport>(std::in_place, options, training);
  if (options.trains()) {
    train(network, training, test, options, page);
  }
  save(network, options);  // also if no epoch was left
  if (page) {
    page->write(network, test);
    std::cout << "report: " << options.report << '\n';
  }
  report(network, training, test, options);
}

}  // namespace

int main(int argc, char** argv) {
  return lesson::guarded("mnist_train", [&] {
    return mnist::run_until_stopped(argc, argv, [&] {
      if (const auto options = mnist::parse_train_options(argc, argv)) {
        run(*options);
      }
    });
  });
}
