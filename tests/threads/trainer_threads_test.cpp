/// @file
/// Trainer with several threads; the build with ThreadSanitizer finds races, for which one Scalar is
/// enough. training/trainer_test.cpp compares the weights of both, bit for bit.
#include "catch.hpp"

#include <backquery/training/trainer.hpp>

#include "training_problem.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using backquery::Trainer;
using namespace training_problem;

TEST_CASE("training on deformed images gives the same weights on any number of threads, whatever the options",
          "[trainer]") {
  backquery::LabeledImages images;
  images.rows = images.cols = 12;
  images.classes = 3;
  images.pixels.setZero(144, 700);
  images.labels.resize(700);
  for (Index image = 0; image < 700; ++image) {  // a bar whose width depends on the class
    images.labels(image) = static_cast<std::uint8_t>(image % 3);
    images.pixels.col(image).segment(36 + image % 7, 12 * (1 + image % 3)).setConstant(200);
  }
  backquery::DeformationRanges ranges;
  ranges.degrees = 10, ranges.shift = 1, ranges.elastic_sigma = 3, ranges.elastic_alpha = 10;
  const backquery::Deformation<float> deformation(12, 12, ranges, 0.01f);
  const bool every_option = GENERATE(false, true);
  std::vector<NeuralNetwork<float>> trained;
  for (const int threads : {1, 2, 3}) {
    NeuralNetwork<float> net({144, 80, 40, 3}, 1.0f, NetworkOptions::classifier());
    auto options = adam(3, 0.01);
    options.batch_size = 300;  // more than one chunk of the workspace
    options.threads = threads;
    if (every_option) {
      options.batch_normalization = true;
      options.dropout = 0.2;
      options.label_smoothing = 0.1;
      options.optimizer.clip_norm = 0.5;
    }
    Trainer<float>(options).fit(net, backquery::image_source<float>(images, {deformation}, 5),
                                backquery::image_source<float>(images));
    trained.push_back(net);
  }
  CHECK(same_parameters(trained[0], trained[1]));
  CHECK(same_parameters(trained[0], trained[2]));
}

TEST_CASE("the threads of a training prepare the samples of a batch at the same time", "[trainer]") {
  const Problem<float> problem(64);
  std::atomic<int> begun{0};
  auto source = problem.source();
  source.fill = [&, plain = source.fill](const std::vector<Index>& indices, int epoch, auto& batch) {
    if (epoch > 0) {
      ++begun;
      while (begun < 2) std::this_thread::yield();  // until another thread calls
    }
    plain(indices, epoch, batch);
  };
  NeuralNetwork<float> net({6, 5, 3}, classifier());
  auto options = adam(1, 0.01);
  options.batch_size = 64;
  options.threads = 2;
  Trainer<float>(options).fit(net, source);
  CHECK(begun == 4);
}

TEST_CASE("a training names the first wrong sample of a batch, on any number of threads", "[trainer]") {
  const Problem<float> problem(64);
  NeuralNetwork<float> net({6, 5, 3}, classifier());
  const NeuralNetwork<float> before = net;
  auto options = adam(1, 0.01);
  options.batch_size = 64;
  std::set<std::string> messages;
  for (int round = 0; round < 30; ++round) {
    options.threads = 1 + round % 3;
    auto source = problem.source();
    source.fill = [plain = source.fill](const std::vector<Index>& indices, int epoch, auto& batch) {
      plain(indices, epoch, batch);
      if (epoch > 0) batch.x(0, 3) = std::numeric_limits<float>::infinity();  // in each of four blocks
    };
    try {
      Trainer<float>(options).fit(net, source);
    } catch (const std::invalid_argument& error) {
      messages.insert(error.what());
    }
  }
  CHECK(messages.size() == 1);
  CHECK(same_parameters(net, before));
}

TEST_CASE("exceptions of callbacks and sources pass through fit with several threads", "[trainer]") {
  const Problem<float> problem(64);
  NeuralNetwork<float> net({6, 5, 3}, classifier());
  const NeuralNetwork<float> before = net;
  TrainerOptions options;
  options.batch_size = 16;
  options.threads = 3;
  Trainer<float> trainer(options);
  trainer.on_epoch([](const auto&, const auto&) -> bool { throw std::runtime_error("no paper"); });
  CHECK_THROWS_WITH(trainer.fit(net, problem.source()), "no paper");
  auto source = problem.source();
  source.fill = [plain = source.fill](const std::vector<Index>& indices, int epoch, auto& batch) {
    if (epoch == 2) throw std::runtime_error("no more samples");
    plain(indices, epoch, batch);
  };
  CHECK_THROWS_WITH(Trainer<float>(options).fit(net, source), "no more samples");
  CHECK(same_parameters(net, before));
}

TEST_CASE("a training with one thread creates no other", "[trainer]") {
  const Problem<float> problem(64);
  const std::filesystem::path tasks = "/proc/self/task";  // Linux only
  const auto count = [&] {
    return std::filesystem::exists(tasks) ? std::distance(std::filesystem::directory_iterator(tasks),
                                                          std::filesystem::directory_iterator())
                                          : 0;
  };
  const auto threads_before = count();
  std::set<std::thread::id> used;
  auto source = problem.source();
  source.fill = [&, plain = source.fill](const std::vector<Index>& indices, int epoch, auto& batch) {
    used.insert(std::this_thread::get_id());
    CHECK(count() == threads_before);
    plain(indices, epoch, batch);
  };
  NeuralNetwork<float> net({6, 5, 3}, classifier());
  Trainer<float>(adam(2, 0.01)).fit(net, source);
  CHECK(used == std::set<std::thread::id>{std::this_thread::get_id()});
}
