/// @file
/// The command line of mnist_ladder.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <backquery/augmentation/deformation_ranges.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "command_line.hpp"
#include "ladder.hpp"

namespace mnist {

/// What is to be different from a rung's recipe.
struct Changes {
  std::optional<int> epochs;
  std::optional<double> rate, dropout, label_smoothing, weight_decay, strength, last_strength;
  std::optional<bool> batch_normalization;

  bool any() const { return epochs || rate || suit_batches_only(); }
  bool suit_batches_only() const {
    return dropout || label_smoothing || weight_decay || strength || last_strength || batch_normalization;
  }

  Rung in(Rung rung) const {
    const auto change = [](const auto& from, auto& to) { to = from.value_or(to); };
    change(epochs, rung.epochs);
    change(epochs, rung.training.epochs);
    change(rate, rung.training.schedule.rate);
    if (rate) rung.learning_rate = static_cast<float>(*rate);
    change(dropout, rung.training.dropout);
    change(label_smoothing, rung.training.label_smoothing);
    if (weight_decay) rung.training.optimizer.method = backquery::OptimizationMethod::adamw;
    change(weight_decay, rung.training.optimizer.weight_decay);
    change(batch_normalization, rung.training.batch_normalization);
    change(last_strength, rung.last_strength);
    rung.deformation = backquery::scaled(rung.deformation, strength.value_or(1));
    return rung;
  }
};

struct LadderOptions {
  std::size_t rung = 0;
  std::uint64_t first_seed = 1;
  int seeds = 1;
  int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  Changes changes;
  bool list = false, table = false, tune = false, quick = false;
  std::string mnist = "build/mnist", csv = "build/ladder.csv", networks = "build/ladder_networks";

  /// What others may rely on: no try, and the recipe as it stands.
  bool counts() const { return !tune && !quick && !changes.any(); }
};

/// Returns false after --help, when there is nothing more to do.
/// @throws std::invalid_argument that says what is wrong and what is right
inline bool parse_ladder(LadderOptions& options, int argc, char** argv) {
  CLI::App app("Trains the networks of the ladder on MNIST.", "mnist_ladder");
  app.add_option("rung", options.rung, "its number, see --list")
      ->type_name("RUNG")
      ->check(whole_number(1, ladder().size()));
  app.add_flag("--list", options.list, "the rungs, with their source and what it gives");
  app.add_flag("--table", options.table, "the results that the CSV file holds, in Markdown");
  app.add_option("--seeds", options.seeds, "networks to train, one after the other")
      ->type_name("N")
      ->capture_default_str()
      ->check(whole_number(1, 1000));
  app.add_option("--seed", options.first_seed, "of the first network; the others follow")
      ->type_name("S")
      ->capture_default_str()
      ->check(whole_number(0, UINT32_MAX));
  app.add_option("--threads", options.threads, "the result does not depend on them; rungs 1 and 2 have one")
      ->type_name("N")
      ->capture_default_str()
      ->check(whole_number(1, 1024));
  const auto change = [&app](const char* name, auto& value, const char* text, const auto& check) {
    app.add_option(name, value, text)->type_name("N")->group("Other than in the recipe")->check(check);
  };
  Changes& changes = options.changes;
  const auto share =
      number("a number from 0 to below 1", [](double value) { return value >= 0 && value < 1; });
  const auto factor = number("a number from 0 to 10", [](double value) { return value >= 0 && value <= 10; });
  change("--epochs", changes.epochs, "passes over the digits", whole_number(1, 100000));
  change("--rate", changes.rate, "highest learning rate",
         number("a number above 0", [](double value) { return value > 0 && value <= 1e6; }));
  change("--dropout", changes.dropout, "share of the hidden nodes that rest in a step", share);
  change("--label-smoothing", changes.label_smoothing, "share of a target that all classes get", share);
  change("--weight-decay", changes.weight_decay, "of AdamW", share);
  change("--batch-normalization", changes.batch_normalization, "1 or 0: with it or without",
         whole_number(0, 1));
  change("--strength", changes.strength, "factor for all that the deformation does", factor);
  change("--last-strength", changes.last_strength, "of it in the last epoch", factor);
  app.add_flag("--tune", options.tune, "judge by the last 10,000 training digits after every epoch");
  app.add_flag("--quick", options.quick, "the bundled sample instead of MNIST: a try, no measurement");
  add_mnist_folder(app, options.mnist);
  app.add_option("--csv", options.csv, "file to add a line to for each seed")
      ->type_name("FILE")
      ->capture_default_str();
  app.add_option("--networks", options.networks, "folder to keep the trained networks in")
      ->type_name("DIR")
      ->capture_default_str();
  if (!parse(app, argc, argv)) return false;
  if (options.list || options.table) return true;
  if (options.rung == 0) {
    throw std::invalid_argument("which rung? mnist_ladder 1, for one; --list shows all");
  }
  const Rung rung = ladder()[options.rung - 1];
  if (rung.online && changes.suit_batches_only()) {
    throw std::invalid_argument(
        "rung " + std::to_string(options.rung) +
        " is trained by the notes' rule, of which only --epochs and --rate can change");
  }
  const bool deforms = rung.deformation.degrees > 0 || rung.deformation.elastic_alpha > 0;
  if (rung.committee.empty() && !deforms && (changes.strength || changes.last_strength)) {
    throw std::invalid_argument(
        "rung " + std::to_string(options.rung) +
        " deforms nothing, so that --strength and --last-strength make no difference");
  }
  if (!rung.committee.empty() && options.seeds > 1) {
    throw std::invalid_argument("rung " + std::to_string(options.rung) +
                                " is one committee, of several seeds; expected --seeds 1");
  }
  return true;
}

}  // namespace mnist
