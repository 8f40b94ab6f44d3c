// Networks from the book's 97 % to the limit of dense networks. Each rung is a network with a training
// recipe, trained on all of MNIST.
//
//     cmake -P cmake/fetch_mnist.cmake   downloads MNIST
//     mnist_ladder --list                lists the rungs with their publications
//     mnist_ladder 5 --seeds 3           trains three networks; the last line is
//                                        "rung 5: error 0.74 +- 0.07 % (3 seeds, 303 s)"
//     mnist_ladder 4 --quick             a trial on the bundled sample, in seconds
//     mnist_ladder 4 --tune              trains on 50,000 training digits and evaluates on the other 10,000;
//                                        --epochs, --rate, --dropout ... change the recipe
//     mnist_ladder 8 --checkpoint ladder.bqm --resume
//                                        continues a training that was killed
//     mnist_ladder --table               prints the results in Markdown
//
// The test digits are evaluated once, after the last epoch of a network. The network is then saved in
// build/ladder_networks, for committees. Its result, and the result of each committee, is a line of
// build/ladder.csv with the fingerprint of the recipe.
#include <algorithm>
#include <backquery/network/activation.hpp>
#include <backquery/training/query_images.hpp>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "../lessons/support/guarded.hpp"
#include "support/command_line.hpp"
#include "support/digits.hpp"
#include "support/ladder.hpp"
#include "support/ladder_options.hpp"
#include "support/ladder_results.hpp"
#include "support/online_training.hpp"
#include "support/output_file.hpp"
#include "support/terminal.hpp"

namespace {

using backquery::LabeledImages;
using mnist::Index;
using mnist::Matrix;
using mnist::Network;
using mnist::Rung;
using Options = mnist::LadderOptions;

void list() {
  std::size_t number = 0;
  for (const Rung& rung : mnist::ladder()) {
    std::cout << ++number << "  " << description(rung) << "\n   " << rung.source << ": " << rung.published
              << " %\n";
  }
  std::cout << '\n' << mnist::publications;
}

struct Digits {
  LabeledImages training;
  LabeledImages evaluation;  ///< test digits; with --tune training digits held back
};

Digits load(const Options& options) {
  Digits digits;
  digits.training =
      options.quick ? mnist::read_digits(mnist::training_sample) : mnist::read_mnist(options.mnist, "train");
  if (options.tune) {
    const Index samples = digits.training.labels.size(), kept = samples - samples / 6;
    digits.evaluation = digits.training.block(kept, samples - kept);
    digits.training = digits.training.block(0, kept);
  } else {
    digits.evaluation =
        options.quick ? mnist::read_digits(mnist::test_sample) : mnist::read_mnist(options.mnist, "t10k");
  }
  return digits;
}

/// Error in percent.
double error_of(const Matrix& outputs, const LabeledImages& images) {
  return 100 * (1 - backquery::accuracy(outputs, images.labels));
}

Network make_network(const Rung& rung, std::uint64_t seed) {
  std::vector<Index> sizes{784};
  sizes.insert(sizes.end(), rung.hidden.begin(), rung.hidden.end());
  sizes.push_back(10);
  auto options = rung.online ? backquery::NetworkOptions() : backquery::NetworkOptions::classifier();
  if (!rung.online) {
    const bool bounded = std::isfinite(backquery::detail::range_of(rung.activation).high);
    options.hidden_activation = rung.activation;
    options.initializer = bounded ? backquery::Initializer::glorot : backquery::Initializer::he;
  }
  options.seed = seed;
  return Network(sizes, rung.online ? rung.learning_rate : 1.0f, options);
}

/// One deformation for each epoch.
std::vector<backquery::Deformation<float>> deformations(const Rung& rung, int epochs, Index rows,
                                                        Index cols) {
  std::vector<backquery::Deformation<float>> by_epoch;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const double progress = static_cast<double>(epoch) / std::max(1, epochs - 1);
    const auto ranges = scaled(rung.deformation, 1 + progress * (rung.last_strength - 1));
    std::vector<backquery::DeformationRanges> of_class(10, ranges);
    of_class[1].degrees /= 2;  // otherwise a 1 can look like a 7, and a 7 like a 1
    of_class[7].degrees /= 2;
    by_epoch.emplace_back(rows, cols, of_class);
  }
  return by_epoch;
}

/// Throws for an invalid recipe, before any file is read or written.
void check_recipe(const Rung& rung) {
  if (rung.online) return;
  backquery::Trainer<float>{rung.training};
  deformations(rung, 2, 28, 28);
}

struct Training {
  std::string finding;  ///< empty if there is nothing to report
  double seconds = 0;
};

/// One step for each sample.
Training train_online(Network& network, const Rung& rung, const Digits& digits, const Options& options,
                      const std::string& checkpoint) {
  LabeledImages images = digits.training;
  mnist::OnlineTraining training(network, images, {rung.epochs, rung.rotate, std::nullopt});
  if (!checkpoint.empty()) training.use_checkpoints("mnist_ladder", checkpoint, options.checkpoint);
  training.run(
      [](int, Index) {},
      [&](int epoch) {
        const auto block = images.block(0, std::min<Index>(10000, images.labels.size()));
        std::printf("epoch %3d  loss %.5f", epoch,
                    static_cast<double>(
                        network.loss(backquery::inputs<float>(block), backquery::targets<float>(block))));
        if (options.tune)
          std::printf("  validation error %.2f %%",
                      error_of(backquery::query_images(network, digits.evaluation), digits.evaluation));
        std::printf("\n");
        std::fflush(stdout);
      });
  return {backquery::diagnose(network, backquery::image_source<float>(images)), training.seconds()};
}

/// Mini-batches.
Training train_in_batches(Network& network, const Rung& rung, const Digits& digits, const Options& options,
                          const std::string& checkpoint, std::uint64_t seed) {
  backquery::TrainerOptions recipe = rung.training;
  recipe.seed = seed;
  recipe.threads = options.threads;
  backquery::Trainer<float> trainer(recipe);
  if (!checkpoint.empty()) {
    auto checkpoints = mnist::checkpoint_options(checkpoint, options.checkpoint);
    checkpoints.recipe = mnist::deformation_recipe(rung);
    trainer.set_checkpoint(checkpoints);
  }
  trainer.on_epoch([](const backquery::EpochRecord& record, const Network&) {
    std::printf("epoch %3d  loss %.5f", record.epoch, record.loss);
    if (record.validation_accuracy) {
      std::printf("  validation loss %.5f error %.2f %%", *record.validation_loss,
                  100 * (1 - *record.validation_accuracy));
    }
    std::printf("  %.1f s\n", record.seconds);
    std::fflush(stdout);
    return true;
  });
  const auto validation =
      options.tune ? backquery::image_source<float>(digits.evaluation) : backquery::SampleSource<float>();
  const auto by_epoch = deformations(rung, recipe.epochs, digits.training.rows, digits.training.cols);
  const auto result =
      trainer.fit(network, backquery::image_source<float>(digits.training, by_epoch, seed), validation);
  Training training{result.finding};
  for (const backquery::EpochRecord& record : result.history) training.seconds += record.seconds;
  return training;
}

/// The file of the checkpoints of a network. Several networks have several files.
std::string checkpoint_file(const Options& options, std::size_t rung, std::uint64_t seed) {
  const std::string& file = options.checkpoint.file;
  const bool several = options.seeds > 1 || rung != options.rung;
  return file.empty() || !several ? file
                                  : file + ".rung" + std::to_string(rung) + "-seed" + std::to_string(seed);
}

/// Trains, and prints a line for each epoch: the loss and, with --tune, the validation error.
Training train(Network& network, std::size_t rung, const Rung& recipe, const Digits& digits,
               const Options& options, std::uint64_t seed) {
  const std::string checkpoint = checkpoint_file(options, rung, seed);
  std::optional<mnist::StopSignals> signals;
  if (!checkpoint.empty()) signals.emplace();
  return recipe.online ? train_online(network, recipe, digits, options, checkpoint)
                       : train_in_batches(network, recipe, digits, options, checkpoint, seed);
}

std::string network_file(const Options& options, std::size_t rung, std::uint64_t seed) {
  return options.networks + "/rung" + std::to_string(rung) + "-" +
         mnist::fingerprint(mnist::ladder()[rung - 1]) + "-seed" + std::to_string(seed) + ".backquery";
}

/// Trains a network and returns its outputs for the evaluation set. Saves a measurement and its network.
Matrix outputs_of_new(std::size_t rung, const Digits& digits, const Options& options, std::uint64_t seed) {
  const Rung recipe = options.changes.applied_to(mnist::ladder()[rung - 1]);
  Network network = make_network(recipe, seed);
  const Training training = train(network, rung, recipe, digits, options, seed);
  Matrix outputs = backquery::query_images(network, digits.evaluation);
  const double error = error_of(outputs, digits.evaluation);
  std::printf("seed %llu: %s %.2f %%\n", static_cast<unsigned long long>(seed), options.error_name().c_str(),
              error);
  if (!training.finding.empty()) {
    std::printf("hint: %s\n", training.finding.c_str());
  }
  std::fflush(stdout);
  if (options.is_measurement()) {
    backquery::save(network, network_file(options, rung, seed));
    const mnist::Result result{
        rung, seed, error, training.seconds, recipe.online ? 1 : options.threads, mnist::fingerprint(recipe)};
    // A resumed training can be complete already; then the file has its result.
    if (!options.checkpoint.resume || !mnist::has(options.csv, result)) mnist::append(options.csv, result);
  }
  return outputs;
}

/// The mean outputs of the members. Saved members are loaded and not trained again.
Matrix outputs_of_committee(const Rung& rung, const Digits& digits, const Options& options) {
  Matrix sum = Matrix::Zero(10, digits.evaluation.labels.size());
  int members = 0;
  for (const auto& [of_rung, count] : rung.committee) {
    for (int i = 0; i < count; ++i, ++members) {
      const std::uint64_t seed = options.first_seed + static_cast<std::uint64_t>(i);
      const std::string file = network_file(options, of_rung, seed);
      const bool known = options.is_measurement() && std::filesystem::exists(file);
      std::printf("%s of rung %zu, seed %llu\n", known ? ("loading " + file).c_str() : "training a network",
                  of_rung, static_cast<unsigned long long>(seed));
      sum += known ? backquery::query_images(backquery::load<float>(file), digits.evaluation)
                   : outputs_of_new(of_rung, digits, options, seed);
    }
  }
  return sum / static_cast<float>(members);
}

void create_folder(const std::filesystem::path& path) {
  std::error_code failure;
  if (!path.empty()) std::filesystem::create_directories(path, failure);
  if (failure)
    throw std::runtime_error(path.string() + ": cannot be created as a folder, " + failure.message());
}

/// Creates the folders and files of results, so that an error is found before hours of training.
void create_outputs(const Options& options) {
  create_folder(options.networks);
  mnist::require_writable(options.networks + "/probe");
  create_folder(std::filesystem::path(options.csv).parent_path());
  mnist::require_writable(options.csv);
  mnist::create_results(options.csv);
}

void train_rung(const Options& options) {
  const Rung rung = mnist::ladder()[options.rung - 1];
  if (rung.committee.empty()) check_recipe(options.changes.applied_to(rung));
  for (const auto& [of_rung, count] : rung.committee) {
    check_recipe(options.changes.applied_to(mnist::ladder()[of_rung - 1]));
  }
  const Digits digits = load(options);
  if (options.is_measurement()) create_outputs(options);
  std::printf("rung %zu: %s\n", options.rung, rung.recipe.c_str());
  std::vector<double> errors;
  const mnist::Stopwatch watch;
  if (rung.committee.empty()) {
    for (int i = 0; i < options.seeds; ++i) {
      const std::uint64_t seed = options.first_seed + static_cast<std::uint64_t>(i);
      errors.push_back(error_of(outputs_of_new(options.rung, digits, options, seed), digits.evaluation));
    }
  } else {
    errors.push_back(error_of(outputs_of_committee(rung, digits, options), digits.evaluation));
    if (options.is_measurement()) {
      mnist::append(options.csv, {options.rung, options.first_seed, errors.back(), watch.seconds(),
                                  options.threads, mnist::fingerprint(rung)});
    }
  }
  std::printf("rung %zu: %s %s %% (%s, %.0f s)\n", options.rung, options.error_name().c_str(),
              mnist::mean_and_spread(errors).c_str(), mnist::seeds(errors.size()).c_str(), watch.seconds());
}

}  // namespace

int main(int argc, char** argv) {
  return lesson::guarded("mnist_ladder", [&] {
    return mnist::run_until_stopped(argc, argv, [&] {
      Options options;
      if (!mnist::parse_ladder(options, argc, argv)) return;
      if (options.list) {
        list();
      } else if (options.table) {
        std::cout << mnist::table(mnist::read_results(options.csv));
      } else {
        train_rung(options);
      }
    });
  });
}
