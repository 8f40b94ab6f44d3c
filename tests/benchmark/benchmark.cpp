// Times backquery beside a plain Eigen port, and checks that both compute the same. `cmake --workflow --preset benchmark`
// builds it with -O3 -march=native and runs it; by hand, from the root of the sources:
//
//     build/benchmark/tests/benchmark/backquery_benchmark             every contest, all in turn
//     build/benchmark/tests/benchmark/backquery_benchmark --help      what else it does
//
// All of MNIST is used where cmake/fetch_mnist.cmake put it, else the bundled sample. compare.py runs this program
// beside numpy, PyTorch and scikit-learn. Figures are worth something on a quiet machine only.
#include "contest.hpp"
#include "data_contests.hpp"
#include "digits.hpp"
#include "growth.hpp"
#include "network_contests.hpp"
#include "rivals.hpp"
#include "whole_job.hpp"

#include <backquery/version.hpp>

#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace {

constexpr const char* usage =
    "backquery_benchmark [--only TEXT] [--double] [--mnist FOLDER] [--growth FOLDER]\n"
    "                    [--agreement] [--job] [--quick] [--tsv] [--about]\n"
    "  --only TEXT      the contests whose names contain TEXT\n"
    "  --double         networks of double instead of float\n"
    "  --mnist FOLDER   where MNIST's four IDX files are (" BENCHMARK_MNIST
    ")\n"
    "  --growth FOLDER  instead, a step's cost by hidden nodes and by layers; pictures into FOLDER\n"
    "  --agreement      instead, only compare what backquery and the plain port compute\n"
    "  --job            instead, the notes' whole job, from the CSV to the score\n"
    "  --quick          --agreement and every contest once, in seconds, on the bundled sample: a test, no "
    "measurement\n"
    "  --tsv            lines for programs: contest, contestant, unit, rate a second\n"
    "  --about          the build\n";

struct Options {
  std::string only, mnist = BENCHMARK_MNIST, growth;
  bool in_double = false, agreement = false, job = false, quick = false, tsv = false, about = false,
       help = false;
};

Options parse(int argc, char** argv) {
  Options options;
  const auto flag = [&](const char* argument) -> bool* {
    if (std::strcmp(argument, "--double") == 0) return &options.in_double;
    if (std::strcmp(argument, "--agreement") == 0) return &options.agreement;
    if (std::strcmp(argument, "--job") == 0) return &options.job;
    if (std::strcmp(argument, "--quick") == 0) return &options.quick;
    if (std::strcmp(argument, "--tsv") == 0) return &options.tsv;
    if (std::strcmp(argument, "--about") == 0) return &options.about;
    if (std::strcmp(argument, "--help") == 0) return &options.help;
    return nullptr;
  };
  const auto text = [&](const char* argument) -> std::string* {
    if (std::strcmp(argument, "--only") == 0) return &options.only;
    if (std::strcmp(argument, "--mnist") == 0) return &options.mnist;
    if (std::strcmp(argument, "--growth") == 0) return &options.growth;
    return nullptr;
  };
  for (int i = 1; i < argc; ++i) {
    if (bool* const wanted = flag(argv[i])) {
      *wanted = true;
    } else if (std::string* const value = text(argv[i]); value != nullptr && i + 1 < argc) {
      *value = argv[++i];
    } else {
      throw std::invalid_argument(std::string("what is ") + argv[i] + "?\n" + usage);
    }
  }
  return options;
}

void print_build() {
#ifdef __VERSION__
  std::printf("compiler: %s %s\n",
#ifdef __clang__
              "Clang",
#else
              "GCC",
#endif
              __VERSION__);
#endif
  std::printf("flags: %s\n", BENCHMARK_FLAGS);
  std::printf("backquery: %d.%d.%d\n", BACKQUERY_VERSION_MAJOR, BACKQUERY_VERSION_MINOR,
              BACKQUERY_VERSION_PATCH);
  std::printf("Eigen: %d.%d.%d, %s\n", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION,
              Eigen::SimdInstructionSetsInUse());
#ifdef BENCHMARK_WITH_FANN
  std::printf("FANN: yes\n");
#else
  std::printf("FANN: no; not found when this was built (Debian: libfann-dev)\n");
#endif
}

bool check_agreement(const bench::Digits& digits) {
  const bool in_float = bench::all_agree<float>(digits, "float", 1e-4);
  return bench::all_agree<double>(digits, "double", 1e-10) && in_float;
}

void run_job(const Options& options) {
  if (!std::filesystem::exists(bench::images_file(options.mnist, "train"))) {
    throw std::runtime_error("the notes' whole job needs all of MNIST in " + options.mnist +
                             ": cmake -P cmake/fetch_mnist.cmake");
  }
  constexpr int epochs = 10;
  bench::WholeJob job(bench::csv_file(options.mnist, "train"), bench::csv_file(options.mnist, "t10k"),
                      epochs);
  double performance = 0;
  const double seconds = bench::seconds_of([&] { performance = job.run(); });
  std::printf(
      options.tsv ? "the notes' whole job\tbackquery\tjobs\t%.6g\n" : "the notes' whole job: %.2f s\n",
      options.tsv ? 1 / seconds : seconds);
  if (!options.tsv) std::printf("performance = %.4f\n", performance);
}

void run_contests(const Options& options, const bench::Digits& digits) {
  const bench::Session session(options.quick ? 1 : 7, options.only, options.tsv);
  const bench::Index count = options.quick ? 256 : 3000;
  if (options.in_double) {
    bench::run_network_contests<double>(session, digits, count);
  } else {
    bench::run_network_contests<float>(session, digits, count);
  }
  bench::run_rotation_contest(session, digits, count);
  if (digits.all) {
    bench::run_reading_contests(session, options.mnist);
  } else if (!options.tsv) {
    std::printf(
        "read_csv and read_idx are skipped: they need all of MNIST (cmake -P cmake/fetch_mnist.cmake)\n");
  }
}

/// @return whether backquery and the plain port agree, as far as that was asked
bool run(const Options& options) {
  if (options.help) return std::fputs(usage, stdout) >= 0;
  if (!options.tsv || options.about) print_build();
  if (options.about) return true;
  if (options.job) {
    run_job(options);
    return true;
  }
  const bench::Digits digits = bench::load_digits(options.quick ? "" : options.mnist, BENCHMARK_DIGITS);
  if (!options.growth.empty()) {
    bench::show_growth(digits, options.growth, options.quick ? 1 : 5);
    return true;
  }
  const bool right = options.tsv || check_agreement(digits);
  if (!options.agreement) run_contests(options, digits);
  return right;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse(argc, argv)) ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "backquery_benchmark: %s\n", error.what());
    return 2;
  }
}
