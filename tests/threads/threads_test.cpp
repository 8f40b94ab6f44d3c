/// @file
/// Calls of const members from several threads at once. The build with ThreadSanitizer finds races, for
/// which one Scalar is enough.
#include "catch.hpp"

#include <backquery/augmentation/deformation.hpp>
#include <backquery/augmentation/rotation.hpp>
#include <backquery/network/neural_network.hpp>

#include "matrices.hpp"

#include <limits>
#include <thread>
#include <vector>

using Eigen::Index;

namespace {

/// Runs work(0) .. work(count - 1), each in its own thread.
template <typename Work>
void in_threads(int count, const Work& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  for (auto& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("several threads can query one network at once, with the same outputs", "[threads]") {
  const backquery::NeuralNetwork<float> net({70, 17, 13, 5}, 0.1f);
  const Matrix<float> x = random_images<float>(70, 64, 0.01, 1);
  const Matrix<float> t = random_matrix<float>(5, 64, 0.01, 0.99, 2);
  const Matrix<float> outputs = net.query(x), portraits = net.backquery(t);
  const Vector<float> output = net.query(x.col(7));

  std::vector<int> correct(4, 0);
  in_threads(4, [&](int i) {
    bool same = true;
    Vector<float> y(5);
    for (int round = 0; round < 50; ++round) {
      net.query(x.col(7), y);
      same = same && y == output && net.query(x.col(7)) == output;
      same = same && net.query(x) == outputs && net.backquery(t) == portraits;
    }
    correct[static_cast<std::size_t>(i)] = same;
  });
  CHECK(correct == std::vector<int>(4, 1));
}

TEST_CASE("several threads can compute gradients of one network at once, with one pool or one pool each",
          "[threads]") {
  using Network = backquery::NeuralNetwork<float>;
  const Network net({70, 17, 5}, 0.1f, backquery::NetworkOptions::classifier());
  const Matrix<float> x = random_images<float>(70, 200, 0.01, 1);
  const Matrix<float> t = random_matrix<float>(5, 200, 0.01, 0.99, 2);
  Network::Gradients expected;
  Network::Workspace workspace;
  const auto loss = net.gradients(x, t, expected, workspace);

  const bool one_pool = GENERATE(true, false);
  backquery::ThreadPool shared(3);
  std::vector<int> correct(3, 0);
  in_threads(3, [&](int i) {
    bool same = true;
    Network::Gradients gradients;
    Network::Workspace own;
    backquery::ThreadPool own_pool(1 + i);
    for (int round = 0; round < 10; ++round) {
      same = same && net.gradients(x, t, gradients, own, one_pool ? shared : own_pool) == loss &&
             gradients.values() == expected.values();
    }
    correct[static_cast<std::size_t>(i)] = same;
  });
  CHECK(correct == std::vector<int>(3, 1));
}

TEST_CASE("gradients name the first value that is not finite, on any number of threads", "[threads]") {
  const backquery::NeuralNetwork<float> net({70, 17, 5}, 0.1f, backquery::NetworkOptions::classifier());
  Matrix<float> x = random_images<float>(70, 300, 0.01, 1);
  const Matrix<float> t = random_matrix<float>(5, 300, 0.01, 0.99, 2);
  x(3, 290) = x(66, 101) = x(2, 102) = x(1, 250) = std::numeric_limits<float>::infinity();
  backquery::Parameters<float> gradients;
  backquery::Workspace<float> workspace;
  backquery::ThreadPool pool(GENERATE(1, 2, 3));
  for (int round = 0; round < 20; ++round) {
    CHECK_THROWS_WITH(net.gradients(x, t, gradients, workspace, pool),
                      "backquery::NeuralNetwork::gradients: x(66, 101) is inf, expected a finite number");
  }
}

TEST_CASE("a pool shares the images of a Rotation and of a Deformation", "[threads]") {
  const Matrix<float> images = random_images<float>(81, 200, 0.01, 1);
  const std::vector<int> labels(200);
  const backquery::Rotation<float> rotation(9, 9, 20, 0.01f);
  backquery::DeformationRanges ranges;
  ranges.degrees = 10, ranges.elastic_sigma = 2, ranges.elastic_alpha = 5;
  const backquery::Deformation<float> deformation(9, 9, ranges, 0.01f);
  Matrix<float> turned(81, 200), turned_alone(81, 200), deformed(81, 200), deformed_alone(81, 200);
  rotation.apply(images, turned_alone);
  backquery::ThreadPool pool(3);
  rotation.apply(images, turned, pool);
  CHECK(turned == turned_alone);
  deformation.apply(images, labels, deformed_alone, 1, 0);
  deformation.apply(images, labels, deformed, 1, 0, pool);
  CHECK(deformed == deformed_alone);
}
