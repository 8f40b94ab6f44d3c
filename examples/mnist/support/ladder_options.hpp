/// @file
/// The command line of mnist_ladder.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>

#include "checkpoint.hpp"
#include "command_line.hpp"
#include "ladder.hpp"
#include "ladder_changes.hpp"

namespace mnist {

struct LadderOptions {
  std::size_t rung = 0;
  std::uint64_t first_seed = 1;
  int seeds = 1;
  int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  Changes changes;
  CheckpointArguments checkpoint;
  bool list = false, table = false, tune = false, quick = false;
  std::string mnist = "build/mnist", csv = "build/ladder.csv", networks = "build/ladder_networks";

  /// Whether the results are measurements of an unchanged recipe, not trials.
  bool is_measurement() const { return !tune && !quick; }
  /// Name of the error in the output.
  std::string error_name() const {
    return tune ? "validation error" : quick ? "error on the bundled sample" : "error";
  }
};

/// Returns false after --help, which ends the program.
/// @throws std::invalid_argument that names the wrong argument and the expected value
inline bool parse_ladder(LadderOptions& options, int argc, char** argv) {
  CLI::App app("Trains the networks of the ladder on MNIST.", "mnist_ladder");
  app.add_option("rung", options.rung, "number of the rung, see --list")
      ->type_name("RUNG")
      ->check(whole_number(1, ladder().size()));
  app.add_flag("--list", options.list, "list the rungs with their publications");
  app.add_flag("--table", options.table, "print the results of the CSV file in Markdown");
  app.add_option("--seeds", options.seeds, "number of networks to train")
      ->type_name("N")
      ->capture_default_str()
      ->check(whole_number(1, 1000));
  app.add_option("--seed", options.first_seed, "seed of the first network; the others follow")
      ->type_name("S")
      ->capture_default_str()
      ->check(whole_number(0, UINT32_MAX));
  app.add_option("--threads", options.threads,
                 "number of threads; no result depends on it; rungs 1 and 2 use one")
      ->type_name("N")
      ->capture_default_str()
      ->check(whole_number(1, 1024));
  add_changes(app, options.changes);
  app.add_flag("--tune", options.tune, "evaluate on the last 10,000 training digits after every epoch");
  app.add_flag("--quick", options.quick, "a trial on the bundled sample instead of MNIST");
  add_mnist_folder(app, options.mnist);
  app.add_option("--csv", options.csv, "results: one line for each network")
      ->type_name("FILE")
      ->capture_default_str();
  app.add_option("--networks", options.networks, "folder of the trained networks")
      ->type_name("DIR")
      ->capture_default_str();
  declare(app, options.checkpoint, "batches, or blocks of 256 images in rungs 1 and 2,");
  if (!parse(app, argc, argv)) return false;
  check_checkpoint(app);
  if (options.list || options.table) {
    if (options.rung != 0 || !options.checkpoint.file.empty() || options.tune || options.quick ||
        options.changes.any() || (options.list && options.table)) {
      throw std::invalid_argument(
          "--list and --table train nothing; expected one of them, without rung, --tune, --quick, "
          "--checkpoint or changes");
    }
    return true;
  }
  if (options.rung == 0) {
    throw std::invalid_argument("expected a rung, for example mnist_ladder 1; --list shows all");
  }
  const Changes& changes = options.changes;
  if (changes.any() && !options.tune && !options.quick) {
    throw std::invalid_argument(
        "a recipe is changed, but the test digits are not for choosing recipes; expected --tune, which "
        "evaluates on training digits held back, or --quick");
  }
  const Rung rung = ladder()[options.rung - 1];
  if (rung.online && changes.suit_batches_only) {
    throw std::invalid_argument("rung " + std::to_string(options.rung) +
                                " is trained by the book's rule, which has only --epochs and --rate");
  }
  if (rung.committee.empty() && changes.deform && is_identity(rung.deformation) &&
      is_identity(changes.applied_to(rung).deformation)) {
    throw std::invalid_argument("rung " + std::to_string(options.rung) +
                                " deforms nothing, so that --strength and --last-strength have no effect");
  }
  const backquery::DeformationRanges deformation = changes.applied_to(rung).deformation;
  const bool pointless = app.count("--elastic-sigma") > 0 && deformation.elastic_alpha == 0;
  if (rung.committee.empty() &&
      (pointless || (deformation.elastic_alpha > 0 && deformation.elastic_sigma == 0))) {
    throw std::invalid_argument("rung " + std::to_string(options.rung) +
                                " has no elastic deformation; expected --elastic-sigma and --elastic-alpha, "
                                "both above 0, or neither");
  }
  if (!rung.committee.empty() && options.seeds > 1) {
    throw std::invalid_argument("rung " + std::to_string(options.rung) +
                                " is one committee of several seeds; expected --seeds 1");
  }
  return true;
}

}  // namespace mnist
