/// @file
/// Files from which a Trainer does not continue a training, and files that it cannot save.
#include "checkpoint_training.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/stat.h>
#include <unistd.h>

#include "full_disk.hpp"
#endif

using Catch::Matchers::StartsWith;
using namespace training_problem;

TEST_CASE("a checkpoint of another training is rejected with the first value that differs", "[checkpoint]") {
  CheckpointedTraining<double> original;
  CHECK(original.is_stopped_after(4));
  const std::string bytes = original.file();
  const auto rejection = [&](const auto& change) {
    CheckpointedTraining<double> other;
    other.write(bytes);
    change(other);
    return other.rejection();
  };
  const std::string start = "is the checkpoint of another training: ";
  CHECK(rejection([](auto&) {}) == "nothing was thrown");
  CHECK(rejection([](auto& other) { other.options.epochs = 4; }) ==
        start + "options.epochs is 3, expected 4");
  CHECK(rejection([](auto& other) {
          other.options.seed = 2;
          other.options.optimizer.learning_rate = 0.1;  // first
        }) == start + "options.optimizer.learning_rate is 0.05, expected 0.1");
  CHECK(rejection([](auto& other) { other.options.optimizer.method = OptimizationMethod::sgd; }) ==
        start + "options.optimizer.method is adam, expected sgd");
  CHECK(rejection([](auto& other) { other.options.batch_normalization = true; }) ==
        start + "options.batch_normalization is false, expected true");
  CHECK(rejection([](auto& other) { other.options.seed = 2; }) == start + "options.seed is 0, expected 2");
  CHECK(rejection([](auto& other) {
          other.start = {{6, 5, 3}, 1., classifier()};
        }) == start + "network.layer_sizes is 6-5-4-3, expected 6-5-3");
  CHECK_THAT(rejection([](auto& other) { other.start.set_weights(2, 2 * other.start.weights(2)); }),
             StartsWith(start + "checksum of the network at the start is "));
  CHECK(rejection([](auto& other) { other.problem = Problem<double>(71); }) ==
        start + "training.samples is 70, expected 71");
  CHECK_THAT(rejection([](auto& other) { other.problem.x(5, 69) += 1e-9; }),
             StartsWith(start + "checksum of training is "));
  CHECK_THAT(rejection([](auto& other) { other.problem.t.col(69) << 0.2, 0.3, 0.5; }),
             StartsWith(start + "checksum of training is "));
  CHECK(rejection([](auto& other) { other.validation = Problem<double>(39, 2); }) ==
        start + "validation.samples is 40, expected 39");
  CHECK(rejection([](auto& other) {
          other.checkpoint.recipe = {{"degrees", "20"}};
        }) == start + "degrees is 15, expected 20");
  CHECK_THAT(rejection([](auto& other) { other.validation.x(0, 0) += 1e-9; }),
             StartsWith(start + "checksum of validation is "));
}

namespace {

/// Saves the file again with another section, and a correct checksum.
void set_section(const CheckpointedTraining<double>& training, const std::string& name,
                 const std::string& content) {
  backquery::Sections sections;
  const auto net = backquery::load<double>(training.checkpoint.path, sections);
  sections[name] = content;
  backquery::save(net, training.checkpoint.path, sections);
}

std::string section(const CheckpointedTraining<double>& training, const std::string& name) {
  backquery::Sections sections;
  (void)backquery::load<double>(training.checkpoint.path, sections);
  return sections.at(name);
}

}  // namespace

TEST_CASE("files that are no checkpoint of this version and class are rejected", "[checkpoint]") {
  CheckpointedTraining<double> training;
  CHECK(training.is_stopped_after(4));
  const std::string bytes = training.file(), recipe = section(training, "training.recipe");
  const std::string start = "is the checkpoint of another training: ";
  const auto rejection = [&](const std::string& other) {
    training.write(bytes);
    set_section(training, "training.recipe", other);
    return training.rejection();
  };
  std::string version = recipe, program = recipe, name = recipe;
  version.at(recipe.find("version") + 15) = '2';  // behind the length of the value
  CHECK(rejection(version) == start + "checkpoint version is 2, expected 1");
  program.at(recipe.find("backquery::Trainer")) = 'B';
  CHECK(rejection(program) == start + "training is Backquery::Trainer, expected backquery::Trainer");
  name.at(recipe.find("options.epochs")) = 'O';
  CHECK(rejection(name) == start + "it has the field 'Options.epochs', expected 'options.epochs'");
  CHECK(rejection("") == start + "it has no field 'checkpoint version'");
  CHECK(rejection(recipe.substr(0, 5)) == "is damaged: it ends within the field 'name in the recipe'");
  training.checkpoint.recipe = {};
  CHECK(rejection(recipe) == start + "it has the field 'degrees', expected no more");

  backquery::save(training.start, training.checkpoint.path);
  CHECK(training.rejection() == "has a network, but no checkpoint of its training");
  backquery::save(NeuralNetwork<float>({6, 3}), training.checkpoint.path);
  CHECK(training.rejection() == "holds float values; write backquery::load<float>(path)");
  training.write("no checkpoint");
  CHECK(training.rejection() == "is not a backquery model: it does not begin as one");
}

TEST_CASE("a checkpoint that is cut short or changed is rejected", "[checkpoint]") {
  CheckpointedTraining<double> training;
  CHECK(training.is_stopped_after(4));
  const std::string bytes = training.file();
  for (std::size_t size = 0; size < bytes.size(); size += size < 100 ? 1 : 97) {
    training.write(bytes.substr(0, size));
    CHECK(training.rejection() != "nothing was thrown");
  }
  for (std::size_t at = 0; at < bytes.size(); at += at < 100 ? 1 : 97) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0xff);
    training.write(changed);
    CHECK(training.rejection() != "nothing was thrown");
  }
}

TEST_CASE("a forged state is rejected, or gives another network, without other effects", "[checkpoint]") {
  CheckpointedTraining<double> training;
  checkpoint_variants[2](training.options);
  CHECK(training.is_stopped_after(5));
  const std::string bytes = training.file(), state = section(training, "training.state");
  const auto rejection = [&](const std::string& forged) {
    training.write(bytes);
    set_section(training, "training.state", forged);
    return training.rejection();
  };
  const std::string inconsistent = "is damaged: its state of the training is inconsistent";
  CHECK(rejection(state) == "nothing was thrown");
  CHECK(rejection(state + '\0') == inconsistent);
  for (const std::int64_t steps : {-1, 1, 2, 6, 9, 10}) {  // of the second epoch: 3 to 5
    CHECK(rejection(with_value(state, 0, steps)) == inconsistent);
  }
  for (std::size_t size = 0; size < state.size(); size += 131) {
    CHECK(rejection(state.substr(0, size)) == "is damaged: it ends within the field 'state of the training'");
  }
  for (std::size_t at = 0; at < state.size(); at += 97) {
    std::string forged = state;
    forged[at] = static_cast<char>(forged[at] ^ 0xff);
    training.write(bytes);
    set_section(training, "training.state", forged);
    try {
      training.resume();
      CHECK(training.net.layers() == 3);
    } catch (const std::runtime_error&) {  // also TrainingFailed
      CHECK(same_parameters(training.net, training.start));
    }
  }
}

TEST_CASE("a network in the file with other layers than its recipe is rejected", "[checkpoint]") {
  CheckpointedTraining<double> training;
  CHECK(training.is_stopped_after(4));
  backquery::Sections sections;
  (void)backquery::load<double>(training.checkpoint.path, sections);
  backquery::save(NeuralNetwork<double>({6, 500, 3}, classifier()), training.checkpoint.path, sections);
  CHECK(training.rejection() == "is damaged: its state of the training is inconsistent");
}

TEST_CASE("fit checks the file of its checkpoints before the training", "[checkpoint]") {
  CheckpointedTraining<float> training;
  CHECK_THROWS_WITH(Trainer<float>().set_checkpoint({}),
                    "backquery::Trainer::set_checkpoint: options.path is empty, expected the path of a file");
  CHECK_THROWS_WITH(Trainer<float>().set_checkpoint({"file", -1}),
                    "backquery::Trainer::set_checkpoint: options.every_batches is -1, expected at least 0");
  const auto old = training.stopped_file(2);
  CHECK_THROWS_WITH(training.fit(),
                    training.checkpoint.path.string() +
                        ": exists; expected no file, or resume, which continues its training");
  CHECK(training.file() == old);
  training.folder.write("training.bqm.0.tmp", "of a killed training");
  training.resume();
  CHECK_FALSE(std::filesystem::exists(training.folder.file("training.bqm.0.tmp")));

  training.checkpoint.path = training.folder.file("none/training.bqm");
  CHECK_THROWS_WITH(training.resume(),
                    training.checkpoint.path.string() + ": cannot be saved: No such file or directory");
  training.checkpoint.path = training.folder.path();
  CHECK_THROWS_WITH(training.resume(),
                    training.folder.path() + ": cannot be saved: expected a regular file or none");
}

#if defined(__unix__) || defined(__APPLE__)
TEST_CASE("a checkpoint that does not fit on the disk ends the training and keeps the old one",
          "[checkpoint]") {
  CheckpointedTraining<float> training;
  training.fit_without_checkpoint();
  const auto trained = training.net;
  const auto old = training.stopped_file(4);
  {
    const FullDisk full(old.size() / 2);
    CHECK_THROWS_WITH(training.resume(),
                      training.checkpoint.path.string() + ": cannot be saved: File too large");
  }
  CHECK(training.file() == old);
  CHECK(same_parameters(training.net, training.start));
  training.resume();
  CHECK(same_parameters(training.net, trained));
}

TEST_CASE("a checkpoint in a read-only folder ends the training and keeps the old one", "[checkpoint]") {
  if (::geteuid() == 0) {
    WARN("skipped: root may write everywhere");
    return;
  }
  CheckpointedTraining<float> training;
  const auto old = training.stopped_file(4);
  ::chmod(training.folder.path().c_str(), 0555);
  CHECK_THROWS_WITH(training.resume(),
                    training.checkpoint.path.string() + ": cannot be saved: Permission denied");
  ::chmod(training.folder.path().c_str(), 0755);
  CHECK(training.file() == old);
}
#endif

TEST_CASE("a training that diverges between two checkpoints keeps the last one", "[checkpoint]") {
  CheckpointedTraining<float> training;
  training.start = {{6, 5, 4, 3}, 1.f, options_with(Loss::squared_error, Activation::identity)};
  training.options.optimizer.method = OptimizationMethod::sgd;
  training.options.optimizer.learning_rate = 1e20;
  CHECK_THROWS_AS(training.fit_without_checkpoint(), backquery::TrainingFailed);
  training.checkpoint.every_batches = 1;
  CHECK_THROWS_AS(training.fit(), backquery::TrainingFailed);
}
