// From the notes' 97 % to what plain networks can do: a rung is a network and a recipe, trained on all of MNIST.
//
//     cmake -P cmake/fetch_mnist.cmake        once, for the digits
//     mnist_ladder --list                     the rungs, with who published what
//     mnist_ladder 4 --seeds 5                trains and prints, at last, "rung 4: error 1.23 +- 0.05 % (5 seeds, 42 s)"
//     mnist_ladder 4 --tune                   trains on 50,000 and judges by the 10,000 others, for choosing a recipe
//
// Nobody looks at the test digits but the last line, and what counts is the last epoch, not the best. Every seed that is
// done is a line of ladder.csv.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "mnist/command_line.hpp"
#include "mnist/digits.hpp"
#include "mnist/ladder.hpp"
#include "mnist/terminal.hpp"
#include "mnist/training.hpp"

namespace {

using backquery::LabelledImages;
using mnist::Index;
using mnist::Network;
using mnist::Rung;

struct Options {
  std::size_t rung = 0;
  std::uint64_t first_seed = 1;
  int seeds = 1;
  int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  int epochs = 0;
  bool list = false, tune = false, quick = false;
  std::string mnist = "build/mnist", csv = "ladder.csv";
};

bool parse(Options& options, int argc, char** argv) {
  CLI::App app("Trains the networks of the ladder on MNIST.", "mnist_ladder");
  app.add_option("rung", options.rung, "its number, see --list")
      ->type_name("RUNG")
      ->check(mnist::whole_number(1, mnist::ladder().size()));
  app.add_flag("--list", options.list, "the rungs, with their source and what it gives");
  app.add_option("--seeds", options.seeds, "networks to train, one after the other")
      ->type_name("N")
      ->capture_default_str()
      ->check(mnist::whole_number(1, 1000));
  app.add_option("--seed", options.first_seed, "of the first network; the others follow")
      ->type_name("S")
      ->capture_default_str()
      ->check(mnist::whole_number(0, UINT32_MAX));
  app.add_option("--threads", options.threads, "the result does not depend on them")
      ->type_name("N")
      ->capture_default_str()
      ->check(mnist::whole_number(1, 1024));
  app.add_option("--epochs", options.epochs, "others than the recipe's")
      ->type_name("N")
      ->check(mnist::whole_number(1, 100000));
  app.add_flag("--tune", options.tune, "judge by the last 10,000 training digits after every epoch");
  app.add_flag("--quick", options.quick, "the bundled sample instead of MNIST: a try, no measurement");
  app.add_option("--mnist", options.mnist, "folder of the four IDX files")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--csv", options.csv, "file to add a line to for each seed")
      ->type_name("FILE")
      ->capture_default_str();
  if (!mnist::parse(app, argc, argv)) return false;
  if (options.rung == 0 && !options.list) {
    throw std::invalid_argument("which rung? mnist_ladder 1, for one; --list shows all");
  }
  return true;
}

void list() {
  std::size_t number = 0;
  for (const Rung& rung : mnist::ladder()) {
    std::cout << ++number << "  " << rung.recipe << "\n   " << rung.source << ": " << rung.published
              << " %\n";
  }
}

struct Digits {
  LabelledImages training,
      judges;  ///< the judges are test digits, or where recipes are chosen training digits
};

Digits load(const Options& options) {
  const std::string folder = options.mnist + "/";
  Digits digits;
  digits.training =
      mnist::read_digits(options.quick ? mnist::training_sample : folder + "train-images-idx3-ubyte");
  if (options.tune) {
    const Index samples = digits.training.labels.size(), kept = samples - samples / 6;
    digits.judges = digits.training.block(kept, samples - kept);
    digits.training = digits.training.block(0, kept);
  } else {
    digits.judges =
        mnist::read_digits(options.quick ? mnist::test_sample : folder + "t10k-images-idx3-ubyte");
  }
  return digits;
}

/// In percent.
double error_of(const Network& network, const LabelledImages& images) {
  return 100 * (1 - backquery::accuracy(mnist::answers(network, images), images.labels));
}

Network make_network(const Rung& rung, std::uint64_t seed) {
  std::vector<Index> sizes{784};
  sizes.insert(sizes.end(), rung.hidden.begin(), rung.hidden.end());
  sizes.push_back(10);
  auto options = rung.online ? backquery::NetworkOptions() : backquery::NetworkOptions::classifier();
  options.seed = seed;
  return Network(sizes, rung.online ? rung.learning_rate : 1.0f, options);
}

/// Trains, and prints a line an epoch: the loss, and the judges' error where they are training digits.
void train(Network& network, const Rung& rung, const Digits& digits, const Options& options,
           std::uint64_t seed) {
  if (rung.online) {
    for (int epoch = 1; epoch <= (options.epochs > 0 ? options.epochs : rung.epochs); ++epoch) {
      mnist::train_epoch(network, digits.training, rung.rotate, [](Index) {});
      const auto block = digits.training.block(0, std::min<Index>(10000, digits.training.labels.size()));
      std::printf("epoch %3d  loss %.5f", epoch,
                  static_cast<double>(
                      network.loss(backquery::inputs<float>(block), backquery::targets<float>(block))));
      if (options.tune) std::printf("  validation error %.2f %%", error_of(network, digits.judges));
      std::printf("\n");
      std::fflush(stdout);
    }
    return;
  }
  backquery::TrainerOptions recipe = rung.training;
  recipe.seed = seed;
  recipe.threads = options.threads;
  if (options.epochs > 0) recipe.epochs = options.epochs;
  const auto source = [&](const LabelledImages& images, const backquery::DeformationRanges& ranges) {
    const backquery::Deformation<float> deformation(images.rows, images.cols, ranges, 0.01f);
    return backquery::image_source<float>(images, 0, 1, deformation, seed);
  };
  backquery::Trainer<float> trainer(recipe);
  trainer.on_epoch([](const backquery::EpochRecord& record, const Network&) {
    std::printf("epoch %3d  loss %.5f", record.epoch, record.loss);
    if (record.validation_accuracy) {
      std::printf("  validation error %.2f %%", 100 * (1 - *record.validation_accuracy));
    }
    std::printf("  %.1f s\n", record.seconds);
    std::fflush(stdout);
    return true;
  });
  trainer.fit(network, source(digits.training, rung.deformation),
              options.tune ? source(digits.judges, {}) : backquery::SampleSource<float>());
}

void add_line(const Options& options, std::uint64_t seed, double error, double seconds) {
  std::ifstream old(options.csv);
  const bool fresh = !old.good() || old.peek() == std::ifstream::traits_type::eof();
  std::ofstream csv(options.csv, std::ios::app);
  if (fresh) csv << "rung,seed,error,seconds,threads\n";
  csv << options.rung << ',' << seed << ',' << error << ',' << seconds << ',' << options.threads << '\n';
  if (!csv.flush()) throw std::runtime_error(options.csv + ": cannot be written");
}

void climb(const Options& options) {
  const Rung rung = mnist::ladder()[options.rung - 1];
  const Digits digits = load(options);
  std::printf("rung %zu: %s\n", options.rung, rung.recipe.c_str());
  std::vector<double> errors;
  const mnist::Stopwatch all;
  for (std::uint64_t seed = options.first_seed; errors.size() < static_cast<std::size_t>(options.seeds);
       ++seed) {
    const mnist::Stopwatch one;
    Network network = make_network(rung, seed);
    train(network, rung, digits, options, seed);
    errors.push_back(error_of(network, digits.judges));
    std::printf("seed %llu: %s error %.2f %%\n", static_cast<unsigned long long>(seed),
                options.tune ? "validation" : "test", errors.back());
    if (!options.tune && !options.quick && options.epochs == 0)
      add_line(options, seed, errors.back(), one.seconds());
  }
  const auto count = static_cast<double>(errors.size());
  const double mean = std::accumulate(errors.begin(), errors.end(), 0.0) / count;
  double squares = 0;
  for (const double error : errors) squares += (error - mean) * (error - mean);
  const double spread = errors.size() > 1 ? std::sqrt(squares / (count - 1)) : 0;
  std::printf("rung %zu: error %.2f +- %.2f %% (%zu seeds, %.0f s)\n", options.rung, mean, spread,
              errors.size(), all.seconds());
}

}  // namespace

int main(int argc, char** argv) {
  return mnist::guarded("mnist_ladder", [&] {
    Options options;
    if (!parse(options, argc, argv)) return;
    if (options.list) {
      list();
    } else {
      climb(options);
    }
  });
}
