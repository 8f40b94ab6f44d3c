// Fits a curve through noisy samples, prints the error, and writes the picture regression.svg.
#include <backquery/backquery.hpp>
#include <backquery/training/trainer.hpp>

#include <cmath>
#include <cstdio>
#include <exception>
#include <random>
#include <vector>

#include "lessons/support/svg.hpp"

namespace {

double curve(double x) {
  return std::sin(3 * x) + 0.3 * x * x;
}

std::vector<double> values(const Eigen::MatrixXd& row) {
  return {row.data(), row.data() + row.size()};
}

}  // namespace

int main() try {
  // 300 samples of the curve for x from -2 to 2, with noise of deviation 0.2. One column is one sample.
  std::mt19937 random(1);
  const auto uniform = [&random] { return static_cast<double>(random()) / 4294967296.0; };
  Eigen::MatrixXd x(1, 300), t(1, 300);
  for (Eigen::Index i = 0; i < x.cols(); ++i) {
    x(0, i) = 4 * uniform() - 2;
    double noise = -6;  // the sum of 12 uniform numbers is almost normal
    for (int k = 0; k < 12; ++k) noise += uniform();
    t(0, i) = curve(x(0, i)) + 0.2 * noise;
  }

  backquery::NeuralNetwork<double> net({1, 20, 20, 1}, backquery::NetworkOptions::regression());
  backquery::TrainerOptions options;
  options.epochs = 400;
  options.batch_size = 32;
  options.optimizer.method = backquery::OptimizationMethod::adam;
  options.optimizer.learning_rate = 0.02;
  options.schedule = backquery::ScheduleOptions::one_cycle();
  const auto result = backquery::Trainer<double>(options).fit(net, backquery::matrix_source<double>(x, t));
  std::printf("root mean squared error of the samples: %.3f (noise: 0.2), R2 %.3f\n",
              *result.history.back().root_mean_squared_error, *result.history.back().r2);

  const Eigen::MatrixXd grid = Eigen::RowVectorXd::LinSpaced(200, -2, 2), truth = grid.unaryExpr(&curve);
  const Eigen::MatrixXd fitted = net.query(grid);
  const double error = backquery::root_mean_squared_error(fitted, truth);
  std::printf("root mean squared error of the curve: %.3f\n", error);

  lesson::Plot plot("A curve fitted to noisy samples", {"x", -2, 2}, {"y", -2, 3});
  plot.dots("samples", values(x), values(t));
  plot.line("curve", values(grid), values(truth));
  plot.line("network", values(grid), values(fitted));
  plot.write("regression.svg");
  std::printf("picture: regression.svg\n");
  return error < 0.1 ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "regression: %s\n", error.what());
  return 1;
}
