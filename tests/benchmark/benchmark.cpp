// Times backquery and a plain Eigen port, and checks that their results agree. `cmake --workflow --preset
// benchmark` builds it with -O3 -march=native and runs it; by hand, from the root of the sources:
//
//     build/benchmark/tests/benchmark/backquery_benchmark             every contest, one after the other
//     build/benchmark/tests/benchmark/backquery_benchmark --help      the other options
//
// The data is MNIST if cmake/fetch_mnist.cmake has downloaded it, else the bundled sample. compare.py also
// times numpy, PyTorch and scikit-learn. No other programs must run during a measurement.
#include "contest.hpp"
#include "data_contests.hpp"
#include "digits.hpp"
#include "growth.hpp"
#include "network_contests.hpp"
#include "rivals.hpp"
#include "training_contests.hpp"
#include "whole_job.hpp"

#include <backquery/build_info.hpp>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>

namespace {

constexpr const char* usage =
    "backquery_benchmark [--only TEXT] [--double] [--mnist FOLDER] [--tables FOLDER] [--growth FOLDER]\n"
    "                    [--agreement] [--job] [--quick] [--tsv] [--about]\n"
    "  --only TEXT      the contests whose names contain TEXT\n"
    "  --double         networks of double instead of float\n"
    "  --mnist FOLDER   where MNIST's four IDX files are\n"
    "  --tables FOLDER  where the table of read_table is written; 170 MB\n"
    "  --growth FOLDER  instead, the time of a step by hidden nodes and by layers; pictures into FOLDER\n"
    "  --agreement      instead, only compare what backquery and the plain port compute\n"
    "  --job            instead, the book's whole program, from the CSV to the accuracy\n"
    "  --quick          everything once, in seconds, on the bundled sample: a test, not a measurement\n"
    "  --tsv            lines for programs: contest, contestant, unit, amount per second\n"
    "  --about          the build\n";

struct Options {
  std::string only, mnist = BENCHMARK_MNIST, tables = std::filesystem::temp_directory_path().string(), growth;
  bool in_double = false, agreement = false, job = false, quick = false, tsv = false, about = false,
       help = false;
};

Options parse(int argc, char** argv) {
  Options options;
  const std::map<std::string, bool*> flags{
      {"--double", &options.in_double}, {"--agreement", &options.agreement},
      {"--job", &options.job},          {"--quick", &options.quick},
      {"--tsv", &options.tsv},          {"--about", &options.about},
      {"--help", &options.help}};
  const std::map<std::string, std::string*> texts{{"--only", &options.only},
                                                  {"--mnist", &options.mnist},
                                                  {"--tables", &options.tables},
                                                  {"--growth", &options.growth}};
  for (int i = 1; i < argc; ++i) {
    const auto flag = flags.find(argv[i]);
    const auto text = texts.find(argv[i]);
    if (flag != flags.end()) {
      *flag->second = true;
    } else if (text != texts.end() && i + 1 < argc) {
      *text->second = argv[++i];
    } else {
      throw std::invalid_argument(std::string("unknown argument ") + argv[i] + "\n" + usage);
    }
  }
  return options;
}

void print_build() {
#if defined(__clang__)
  std::printf("compiler: Clang %s\n", __clang_version__);
#elif defined(__GNUC__)
  std::printf("compiler: GCC %s\n", __VERSION__);
#else
  std::printf("compiler: not GCC or Clang\n");
#endif
  std::printf("flags: %s\n", BENCHMARK_FLAGS);
  std::printf("build: %s\n", backquery::build_info<float>().text().c_str());
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
    throw std::runtime_error("--job needs all of MNIST in " + options.mnist +
                             ": cmake -P cmake/fetch_mnist.cmake");
  }
  constexpr int epochs = 10;
  bench::WholeJob job(bench::csv_file(options.mnist, "train"), bench::csv_file(options.mnist, "t10k"),
                      epochs);
  double performance = 0;
  const double seconds = bench::seconds_of([&] { performance = job.run(); });
  if (options.tsv) {
    std::printf("whole job\tbackquery\tjobs\t%.6g\n", 1 / seconds);
  } else {
    std::printf("whole job: %.2f s\nperformance = %.4f\n", seconds, performance);
  }
}

void run_contests(const Options& options, const bench::Digits& digits) {
  const bench::Session session(options.quick ? 1 : 7, options.only, options.tsv);
  const bench::Index count = options.quick ? 256 : 3000;
  if (options.in_double) {
    bench::run_network_contests<double>(session, digits, count);
  } else {
    bench::run_network_contests<float>(session, digits, count);
  }
  bench::run_training_contests(session, count);
  bench::run_rotation_contest(session, digits, count);
  bench::run_deformation_contest(session, digits, count);
  bench::run_table_contest(session, options.tables, options.quick ? 1000 : 1000000);
  if (digits.all) {
    bench::run_reading_contests(session, options.mnist);
  } else if (!options.tsv) {
    std::printf(
        "read_csv and read_idx are skipped: they need all of MNIST (cmake -P cmake/fetch_mnist.cmake)\n");
  }
}

/// @return false if backquery and the plain port were compared and differ
bool run(const Options& options) {
  if (options.help) return std::fputs(usage, stdout) >= 0;
  if (options.about) {
    print_build();
    return true;
  }
  if (options.job) {
    run_job(options);
    return true;
  }
  const bench::Digits digits = options.quick ? bench::bundled_digits(BENCHMARK_DIGITS)
                                             : bench::load_digits(options.mnist, BENCHMARK_DIGITS);
  if (!options.growth.empty()) {
    bench::show_growth(digits, options.growth, options.quick ? 1 : 5, options.quick ? 100 : 2000);
    return true;
  }
  if (options.agreement) return check_agreement(digits);
  if (!options.tsv) print_build();
  const bool agree = options.tsv || !options.only.empty() || check_agreement(digits);
  run_contests(options, digits);
  return agree;
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
