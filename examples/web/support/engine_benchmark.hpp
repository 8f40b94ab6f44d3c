/// @file
/// The speed of the library on this device.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <chrono>

namespace web {

/// The duration of a call in seconds.
template <typename Function>
double seconds(const Function& function) {
  const auto start = std::chrono::steady_clock::now();
  function();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Random inputs; a fifth of their values is not blank, as in MNIST.
inline Eigen::MatrixXf sparse_inputs(Eigen::Index samples) {
  const Eigen::ArrayXXf random = (Eigen::ArrayXXf::Random(784, samples) + 1.0f) / 2.0f;
  return (random < 0.19f).select(0.01f + 5.0f * random, 0.01f);
}

/// Microseconds for a query of MNIST-like inputs and of dense inputs, and samples/s of a training, for the
/// network 784-200-10. Each is the best of several repetitions, because other programs use the processor,
/// too.
/// @param digits   28 x 28 images for the inputs; null: random inputs
/// @param samples  number of inputs
inline Eigen::Vector3d benchmark(const backquery::LabeledImages* digits, Eigen::Index samples) {
  constexpr int repetitions = 5;
  backquery::NeuralNetwork<float> network(784, 200, 10, 0.1f);
  const Eigen::MatrixXf x =
      digits != nullptr ? backquery::inputs<float>(digits->block(0, std::min(samples, digits->pixels.cols())))
                        : sparse_inputs(samples);
  const Eigen::MatrixXf dense = (Eigen::MatrixXf::Random(784, x.cols()).array() + 1.0f) / 2.0f;
  Eigen::MatrixXf t = Eigen::MatrixXf::Constant(10, x.cols(), 0.01f);
  for (Eigen::Index sample = 0; sample < x.cols(); ++sample) {
    t(sample % 10, sample) = 0.99f;
  }
  Eigen::VectorXf y(10);
  const auto query = [&](const Eigen::MatrixXf& inputs) {
    for (Eigen::Index sample = 0; sample < inputs.cols(); ++sample) {
      network.query(inputs.col(sample), y);
    }
  };
  Eigen::Vector3d best = Eigen::Vector3d::Constant(1e9);
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    const Eigen::Vector3d times(seconds([&] { query(x); }), seconds([&] { query(dense); }),
                                seconds([&] { network.train(x, t); }));
    best = best.cwiseMin(times);
  }
  const auto count = static_cast<double>(x.cols());
  return {1e6 * best(0) / count, 1e6 * best(1) / count, count / best(2)};
}

}  // namespace web
