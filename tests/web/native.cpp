// The library compiled for this processor, with which the tests compare the page:
//
//     native train MODEL CSV EPOCHS DEGREES SEED OUT    trains like mnist_train; SEED -1: does not shuffle
//     native outputs MODEL CSV                          prints the outputs for each image
//     native benchmark CSV                              prints the speed, like engine.benchmark
#include <backquery/backquery.hpp>
#include <backquery/build_info.hpp>
#include <backquery/training/query_images.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "../../examples/mnist/support/training.hpp"
#include "../../examples/web/support/engine_benchmark.hpp"

namespace {

void train(const std::vector<std::string>& arguments) {
  auto network = backquery::load<float>(arguments[1]);
  auto images = backquery::read_csv(arguments[2]);
  const int seed = std::stoi(arguments[5]);
  backquery::detail::RandomEngine random(static_cast<std::uint64_t>(seed));
  for (int epoch = 0; epoch < std::stoi(arguments[3]); ++epoch) {
    if (seed >= 0) {
      mnist::shuffle(images, random);
    }
    mnist::train_epoch(network, images, std::stod(arguments[4]),
                       [&](mnist::Index) { network.update_parameters([](auto) {}); });
  }
  backquery::save(network, arguments[6]);
}

void print_outputs(const std::vector<std::string>& arguments) {
  const auto network = backquery::load<float>(arguments[1]);
  const Eigen::MatrixXf outputs = backquery::query_images(network, backquery::read_csv(arguments[2]));
  for (const float output : outputs.reshaped()) {
    std::printf("%.9g\n", static_cast<double>(output));
  }
}

void print_speed(const std::vector<std::string>& arguments) {
  const auto digits = backquery::read_csv(arguments[1]);
  const Eigen::Vector3d speed = web::benchmark(&digits, 300);
  std::printf("%g %g %g\n%s\n", speed(0), speed(1), speed(2), backquery::build_info<float>().text().c_str());
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 7 && arguments[0] == "train") {
    train(arguments);
  } else if (arguments.size() == 3 && arguments[0] == "outputs") {
    print_outputs(arguments);
  } else if (arguments.size() == 2 && arguments[0] == "benchmark") {
    print_speed(arguments);
  } else {
    std::fprintf(stderr, "usage: see the comment at the top of native.cpp\n");
    return 2;
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "native: %s\n", error.what());
  return 1;
}
