// A network as the controller of an inverted pendulum. It learns the torque of another controller. It runs
// with sizes known at compile time, no heap and no exceptions, in a loop of 1,000 steps per second.
#include <backquery/backquery.hpp>
#include <backquery/network/fixed_network.hpp>
#include <backquery/network/make_fixed_network.hpp>
#include <backquery/training/trainer.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>

namespace {

/// The controller to imitate: it cancels gravity and pulls the angle to 0; at most 15 N m.
double torque(double angle, double speed) {
  return std::clamp(-9.81 * std::sin(angle) - 20 * angle - 6 * speed, -15.0, 15.0);
}

}  // namespace

int main() try {
  // Samples of the controller. Inputs and targets are scaled to about -1 .. 1.
  constexpr double largest_angle = 1, largest_speed = 4, largest_torque = 15;
  Eigen::MatrixXf x = Eigen::MatrixXf::Random(2, 4000), t(1, 4000);
  for (Eigen::Index i = 0; i < x.cols(); ++i) {
    t(0, i) = static_cast<float>(torque(largest_angle * x(0, i), largest_speed * x(1, i)) / largest_torque);
  }
  backquery::NeuralNetwork<float> net({2, 32, 32, 1}, backquery::NetworkOptions::regression());
  backquery::TrainerOptions options;
  options.epochs = 30;
  options.batch_size = 32;
  options.optimizer.method = backquery::OptimizationMethod::adam;
  options.optimizer.learning_rate = 0.01;
  options.schedule = backquery::ScheduleOptions::one_cycle();
  const auto result = backquery::Trainer<float>(options).fit(net, backquery::matrix_source<float>(x, t));
  std::printf("R2 of the learned torque: %.4f\n", *result.history.back().r2);
  const auto controller = backquery::make_fixed_network<2, 32, 32, 1>(net);

  // The pendulum falls from 0.6 rad. Mass 1 kg, length 1 m: angle'' = 9.81 sin(angle) + torque.
  using Clock = std::chrono::steady_clock;
  constexpr double step = 0.001;  // seconds; the deadline of a query
  double angle = 0.6, speed = 0, longest = 0;
  int late = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto start = Clock::now();
    const std::array<float, 1> output = controller.query(
        {static_cast<float>(angle / largest_angle), static_cast<float>(speed / largest_speed)});
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    longest = std::max(longest, seconds);
    late += seconds > step ? 1 : 0;
    speed += step * (9.81 * std::sin(angle) + largest_torque * static_cast<double>(output[0]));
    angle += step * speed;
  }
  std::printf("angle after 5 s: %.4f rad; longest query: %.1f us of 1000, %d late\n", angle, 1e6 * longest,
              late);
  return std::abs(angle) < 0.02 ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "control: %s\n", error.what());
  return 1;
}
