/// @file
/// The checkpoints of one training: model files with a recipe and a state.
#pragma once

#include <backquery/detail/replace_file.hpp>
#include <backquery/model/load.hpp>
#include <backquery/model/save.hpp>
#include <backquery/training/checkpoint_options.hpp>
#include <backquery/training/detail/recipe.hpp>
#include <backquery/training/detail/state.hpp>

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace backquery::detail {

/// Sections of a checkpoint. model/README.md describes their content.
constexpr const char *recipe_section = "training.recipe", *state_section = "training.state";

/// The position of a training after a batch.
struct Progress {
  Index batches, batches_per_epoch;  ///< since the start of the training; in one epoch
  int epoch;                         ///< of the batch, from 1
  bool is_complete;                  ///< whether no batch is left
};

/// Saves checkpoints of a training, and reads the checkpoint from which it continues.
///
///     Checkpoints<float> checkpoints(options, recipe);
///     checkpoints.resume(network, state);                    // state has visit_state(archive)
///     for each batch:
///       ...
///       checkpoints.after_batch(progress, [&]() -> const auto& { return network; }, state);
template <typename Scalar>
class Checkpoints {
 public:
  /// Checks that the file can be saved and, unless options.resume is true, that it does not exist.
  Checkpoints(CheckpointOptions options, const Recipe& recipe)
      : options_(std::move(options)), recipe_(recipe) {
    for (const auto& [name, value] : options_.recipe) {
      recipe_.add(name, value);
    }
    std::error_code ignored;
    if (!options_.resume && std::filesystem::is_regular_file(options_.path, ignored)) {
      throw std::runtime_error(path_text(options_.path) +
                               ": exists; expected no file, or resume, which continues its training");
    }
    remove_temporary_files(options_.path);
    const ReplacementFile probe(options_.path);  // removed by its destructor
  }

  /// Sets the parameters of the network, and the state, to those of the checkpoint. Returns false without a
  /// checkpoint to continue.
  /// @throws std::runtime_error for a file that is no checkpoint, or the checkpoint of another training
  template <typename State>
  bool resume(NeuralNetwork<Scalar>& network, State& state) const {
    std::error_code ignored;
    if (!options_.resume || !std::filesystem::exists(options_.path, ignored)) {
      return false;
    }
    const std::string path = path_text(options_.path);
    Sections sections;
    const NeuralNetwork<Scalar> loaded = load<Scalar>(options_.path, sections);
    if (sections.count(recipe_section) == 0 || sections.count(state_section) == 0) {
      throw std::runtime_error(path + ": has a network, but no checkpoint of its training");
    }
    recipe_.check_equal(sections[recipe_section], path);
    StateReader reader(sections[state_section], path);
    if (!layers_of(loaded).parameters.same_layout(layers_of(network).parameters)) {
      reader.fail();
    }
    network.update_parameters([&](auto parameters) { parameters = loaded.parameters(); });
    state.visit_state(reader);
    reader.finish();
    return true;
  }

  /// Must be called after each batch. Saves a checkpoint if one is due.
  /// @param network  network() is the network of the checkpoint
  /// @throws TrainingStopped if the training is stopped
  /// @throws std::runtime_error "path: cannot be saved: reason"; the old file is unchanged
  template <typename NetworkOf, typename State>
  void after_batch(const Progress& progress, const NetworkOf& network, State& state) const {
    const bool stops = options_.stop && options_.stop();
    const Index every = options_.every_batches > 0 ? options_.every_batches : progress.batches_per_epoch;
    if (stops || progress.is_complete || progress.batches % every == 0) {
      StateWriter writer;
      state.visit_state(writer);
      save(network(), options_.path, {{recipe_section, recipe_.bytes()}, {state_section, writer.bytes()}});
    }
    if (stops) {
      throw TrainingStopped(message(path_text(options_.path),
                                    ": has the checkpoint of a training that was stopped in epoch ",
                                    progress.epoch));
    }
  }

 private:
  CheckpointOptions options_;
  Recipe recipe_;
};

}  // namespace backquery::detail
