/// @file
/// Checkpoints of the programs that train: options, signals, and the command that continues a training.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <backquery/training/checkpoint_options.hpp>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "command_line.hpp"
#include "file_path.hpp"

namespace mnist {

struct CheckpointArguments {
  std::string file;            ///< empty: no checkpoints
  backquery::Index every = 0;  ///< 0: after each epoch
  bool resume = false;
};

/// @param unit  of --checkpoint-every
inline void declare(CLI::App& app, CheckpointArguments& arguments, const std::string& unit) {
  app.add_option("--checkpoint", arguments.file,
                 "save the state of the training, from which --resume continues it")
      ->type_name("FILE");
  app.add_option("--checkpoint-every", arguments.every,
                 unit + " between two checkpoints; the default is one after each epoch")
      ->type_name("N")
      ->check(whole_number(1, INT32_MAX));
  app.add_flag(
      "--resume", arguments.resume,
      "continue the training of the checkpoint, if the file exists; all other options must be the same");
}

/// @throws std::invalid_argument for an option without --checkpoint
inline void check_checkpoint(const CLI::App& app) {
  for (const std::string option : {"--checkpoint-every", "--resume"}) {
    if (app.count(option) > 0 && app.count("--checkpoint") == 0) {
      throw std::invalid_argument(option + ": expected also --checkpoint FILE");
    }
  }
}

/// While it exists, SIGINT (Ctrl-C) and SIGTERM set a variable. The second signal ends the program.
class StopSignals {
 public:
  StopSignals() : on_interrupt_(std::signal(SIGINT, &note)), on_termination_(std::signal(SIGTERM, &note)) {}
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals() {
    std::signal(SIGINT, on_interrupt_);
    std::signal(SIGTERM, on_termination_);
  }

  /// The last signal, or 0.
  static int received() { return received_; }

 private:
  using Handler = void (*)(int);

  static void note(int signal) {
    received_ = signal;
    std::signal(signal, SIG_DFL);
  }

  static inline volatile std::sig_atomic_t received_ = 0;
  Handler on_interrupt_, on_termination_;
};

/// Options for the library. The training stops at a signal.
inline backquery::CheckpointOptions checkpoint_options(const std::string& file,
                                                       const CheckpointArguments& arguments) {
  return {
      file_path(file), arguments.every, arguments.resume, {}, [] { return StopSignals::received() != 0; }};
}

/// An argument, quoted for a shell if necessary.
inline std::string quoted(const std::string& argument) {
  const char* const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
  if (!argument.empty() && argument.find_first_not_of(plain) == std::string::npos) {
    return argument;
  }
#ifdef _WIN32
  return '"' + argument + '"';
#else
  std::string text = "'";
  for (const char letter : argument) {
    text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  }
  return text + "'";
#endif
}

/// The command line, quoted for a shell.
/// @param with_checkpoints  whether the text contains --checkpoint, --checkpoint-every and --resume
inline std::string command_text(int argc, char** argv, bool with_checkpoints) {
  std::string text = quoted(argv[0]);
  bool is_file = false;  // the value of an option that is left out
  for (const std::string& argument : arguments(argc, argv)) {
    const std::string option = argument.substr(0, argument.find('='));
    const bool has_value = option == "--checkpoint" || option == "--checkpoint-every";
    if (with_checkpoints || !(is_file || has_value || option == "--resume")) {
      text += ' ' + quoted(argument);
    }
    is_file = !is_file && has_value && option == argument;
  }
  return text;
}

/// Runs a program that trains. If a signal stops it, prints the command that continues. Returns the exit
/// code: 130 after SIGINT, 143 after SIGTERM.
template <typename Program>
int run_until_stopped(int argc, char** argv, Program program) {
  try {
    program();
    return EXIT_SUCCESS;
  } catch (const backquery::TrainingStopped& stopped) {
    const std::vector<std::string> given = arguments(argc, argv);
    const bool resumes = std::find(given.begin(), given.end(), "--resume") != given.end();
    std::cout << stopped.what() << "; to continue:\n  " << command_text(argc, argv, true)
              << (resumes ? "" : " --resume") << '\n';
    return 128 + StopSignals::received();
  }
}

}  // namespace mnist
