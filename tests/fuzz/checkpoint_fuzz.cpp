// Reads the bytes of the fuzzer as the recipe and as the state of a checkpoint. Model files, which contain
// both, are the inputs of load_fuzz. The result must be a std::runtime_error that names the file, or a state
// that is saved with the same length. The corpus has the states of the two trainings below. Build and run for
// a minute:
//
//   clang++ -std=c++17 -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -isystem /usr/include/eigen3
//       tests/fuzz/checkpoint_fuzz.cpp -o checkpoint_fuzz
//   mkdir found && ./checkpoint_fuzz -max_total_time=60 found tests/fuzz/corpus/checkpoint

#include <backquery/training/detail/recipe.hpp>
#include <backquery/training/detail/state.hpp>
#include <backquery/training/detail/training_run.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace {

template <typename Read>
void check(const Read& read) {
  try {
    read();
  } catch (const std::runtime_error& error) {
    if (std::string(error.what()).rfind("file: ", 0) != 0) std::abort();
  }
}

/// 3 epochs of 3 batches.
backquery::detail::TrainingRun<float> training_run(bool normalizes) {
  backquery::TrainerOptions options;
  options.epochs = 3;
  options.batch_size = 4;
  options.optimizer.method = backquery::OptimizationMethod::adam;
  options.batch_normalization = normalizes;
  options.patience = normalizes ? 1 : 0;
  return {backquery::NeuralNetwork<float>({3, 2, 2}, backquery::NetworkOptions::classifier()), options, 10};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  backquery::detail::Recipe recipe("fuzz");
  recipe.add("name", "value");
  check([&] { recipe.check_equal(bytes, "file"); });
  for (const bool normalizes : {false, true}) {
    check([&] {
      auto run = training_run(normalizes);
      backquery::detail::StateReader reader(bytes, "file");
      run.visit_state(reader);
      reader.finish();
      backquery::detail::StateWriter writer;
      run.visit_state(writer);
      if (writer.bytes().size() != bytes.size() || run.evaluated().layers() != 2) std::abort();
    });
  }
  return 0;
}
