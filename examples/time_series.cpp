// Predicts the next value of a series from the last 20 values.
#include <backquery/backquery.hpp>
#include <backquery/training/trainer.hpp>

#include <cmath>
#include <cstdio>
#include <exception>
#include <random>

int main() try {
  // Two oscillations with noise of deviation 0.1.
  std::mt19937 random(1);
  Eigen::VectorXd series(1000);
  for (Eigen::Index i = 0; i < series.size(); ++i) {
    const auto time = static_cast<double>(i);
    double noise = -6;  // the sum of 12 uniform numbers is almost normal
    for (int k = 0; k < 12; ++k) noise += static_cast<double>(random()) / 4294967296.0;
    series(i) = std::sin(0.2 * time) + 0.5 * std::sin(0.47 * time) + 0.1 * noise;
  }

  // One column is one sample: a window of the series; its target is the value behind the window.
  constexpr Eigen::Index window = 20;
  const Eigen::Index samples = series.size() - window, training = 800;
  Eigen::MatrixXd x(window, samples), t(1, samples);
  for (Eigen::Index i = 0; i < samples; ++i) {
    x.col(i) = series.segment(i, window);
    t(0, i) = series(i + window);
  }

  backquery::NeuralNetwork<double> net({window, 16, 1}, backquery::NetworkOptions::regression());
  backquery::TrainerOptions options;
  options.epochs = 60;
  options.batch_size = 32;
  options.optimizer.method = backquery::OptimizationMethod::adam;
  options.optimizer.learning_rate = 0.005;
  options.schedule = backquery::ScheduleOptions::one_cycle();
  // The test samples are later than the training samples: never shuffle a series before it is split.
  backquery::Trainer<double>(options).fit(
      net, backquery::matrix_source<double>(x.leftCols(training), t.leftCols(training)));

  const Eigen::MatrixXd later = x.rightCols(samples - training), truth = t.rightCols(samples - training);
  const double error = backquery::root_mean_squared_error(net.query(later), truth);
  const double last_value = backquery::root_mean_squared_error(later.bottomRows(1), truth);
  std::printf("root mean squared error: network %.3f, the last value as prediction %.3f, noise 0.1\n", error,
              last_value);
  return error < 0.15 && error < 0.6 * last_value ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "time_series: %s\n", error.what());
  return 1;
}
