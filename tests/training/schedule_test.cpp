/// @file
/// Factors of a schedule against hand arithmetic and the schedulers of PyTorch.
#include "catch.hpp"

#include <backquery/training/schedule.hpp>

#include "golden.hpp"
#include "matrices.hpp"

#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using backquery::Schedule;
using backquery::ScheduleOptions;
using backquery::ScheduleShape;
using Catch::Matchers::WithinRel;
using Eigen::Index;

namespace {

constexpr double rounding = 1e-14;  // relative

Eigen::RowVectorXd factors_of(const ScheduleOptions& options, Index total_steps) {
  const Schedule schedule(options);
  Eigen::RowVectorXd factors(total_steps);
  for (Index step = 0; step < total_steps; ++step) factors(step) = schedule.factor(step, total_steps);
  return factors;
}

ScheduleOptions options_of(ScheduleShape shape, double warm_up = 0) {
  ScheduleOptions options;
  options.shape = shape;
  options.initial_factor = 0.2;
  options.final_factor = shape == ScheduleShape::step ? 0.0625 : 0.05;
  options.drops = 4;
  options.warm_up = warm_up;
  return options;
}

}  // namespace

TEST_CASE("schedules give the learning rates of PyTorch", "[schedule]") {
  const std::vector<std::pair<std::string, ScheduleOptions>> cases = {
      {"constant", options_of(ScheduleShape::constant)},
      {"step", options_of(ScheduleShape::step)},
      {"exponential", options_of(ScheduleShape::exponential)},
      {"cosine", options_of(ScheduleShape::cosine)},
      {"constant_warm_up", options_of(ScheduleShape::constant, 0.25)},
      {"step_warm_up", options_of(ScheduleShape::step, 0.25)},
      {"exponential_warm_up", options_of(ScheduleShape::exponential, 0.25)},
      {"cosine_warm_up", options_of(ScheduleShape::cosine, 0.25)},
      {"one_cycle_0.1", ScheduleOptions::one_cycle(0.1)},
      {"one_cycle_0.3", ScheduleOptions::one_cycle(0.3)},
      {"one_cycle_0.33", ScheduleOptions::one_cycle(0.33)},
      {"one_cycle_flat", options_of(ScheduleShape::one_cycle, 0.4)}};
  const Golden golden("training/schedules");
  CHECK(golden.size() == cases.size());
  for (const auto& [name, options] : cases) {
    CAPTURE(name);
    const Eigen::MatrixXd& expected = golden(name);
    CHECK(max_difference(0.3 * factors_of(options, expected.cols()), expected) <= 1e-15);
  }
}

TEST_CASE("the default schedule is constant, and one cycle rises over 0.3 of the steps", "[schedule]") {
  CHECK(factors_of({}, 7) == Eigen::RowVectorXd::Ones(7));
  const Schedule cycle(ScheduleOptions::one_cycle());
  CHECK(cycle.options().shape == ScheduleShape::one_cycle);
  CHECK_THAT(cycle.factor(0, 1000), WithinRel(1 / 25.0, rounding));
  CHECK_THAT(cycle.factor(299, 1000), WithinRel(1.0, rounding));
  CHECK_THAT(cycle.factor(999, 1000), WithinRel(1 / 250000.0, rounding));
}

TEST_CASE("drops are evenly spaced and equal", "[schedule]") {
  ScheduleOptions options;
  options.shape = ScheduleShape::step;
  options.final_factor = 0.25;
  options.drops = 2;
  CHECK(max_difference(8 * factors_of(options, 7), Eigen::RowVectorXd{{8, 8, 8, 4, 4, 2, 2}}) <= rounding);
  CHECK(max_difference(8 * factors_of(options, 2), Eigen::RowVectorXd{{8, 4}}) <= rounding);
  options.warm_up = 0.5;
  options.initial_factor = 0.25;
  CHECK(max_difference(8 * factors_of(options, 6), Eigen::RowVectorXd{{2, 4, 6, 8, 4, 2}}) <= rounding);
}

TEST_CASE("the factor is above 0 and at most 1 at every step, for any number of steps", "[schedule]") {
  ScheduleOptions cosine = options_of(ScheduleShape::cosine);
  cosine.final_factor = 0;
  const Schedule to_zero(cosine), cycle(ScheduleOptions::one_cycle(0.1));
  for (const Index total :
       {Index{1}, Index{2}, Index{3}, Index{5}, Index{1000}, Index{1} << (sizeof(Index) * 5)}) {
    CAPTURE(total);
    for (const Index step : {Index{0}, total / 2, total - 1}) {
      CHECK(to_zero.factor(step, total) > 0);
      CHECK(to_zero.factor(step, total) <= 1);
      CHECK(cycle.factor(step, total) > 0);
      CHECK(cycle.factor(step, total) <= 1);
    }
  }
  CHECK(cycle.factor(0, 1) == 1);
  CHECK(cycle.factor(0, 10) == 1);  // the warm-up is a single step, the peak itself
}

TEST_CASE("schedules have names", "[schedule]") {
  CHECK(backquery::name(ScheduleShape::one_cycle) == "one_cycle");
  CHECK(backquery::from_name<ScheduleShape>("cosine") == ScheduleShape::cosine);
  CHECK_THROWS_WITH(
      backquery::from_name<ScheduleShape>("linear"),
      "backquery::from_name: schedule is 'linear', expected one of constant, step, exponential, "
      "cosine, one_cycle");
}

TEST_CASE("a schedule rejects invalid options and names them", "[schedule]") {
  const auto message_for = [](const auto& change) {
    ScheduleOptions options;
    change(options);
    try {
      Schedule schedule(options);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();

  CHECK(message_for([](auto& o) { o.shape = static_cast<ScheduleShape>(5); }) ==
        "backquery::Schedule: options.shape has no value 5");
  for (const double wrong : {-0.1, 1.0, nan}) {
    CHECK_THAT(message_for([=](auto& o) { o.warm_up = wrong; }),
               Catch::Matchers::ContainsSubstring("options.warm_up is ") &&
                   Catch::Matchers::ContainsSubstring(", expected a share of all steps, 0 to below 1"));
  }
  for (const double wrong : {0.0, 1.1, nan}) {
    CHECK_THAT(message_for([=](auto& o) { o.initial_factor = wrong; }),
               Catch::Matchers::ContainsSubstring("options.initial_factor is ") &&
                   Catch::Matchers::ContainsSubstring(", expected above 0 to 1"));
  }
  for (const double wrong : {-0.1, 1.1, nan}) {
    CHECK_THAT(message_for([=](auto& o) { o.final_factor = wrong; }),
               Catch::Matchers::ContainsSubstring("options.final_factor is ") &&
                   Catch::Matchers::ContainsSubstring(", expected 0 to 1"));
  }
  CHECK(message_for([](auto& o) { o.drops = 0; }) ==
        "backquery::Schedule: options.drops is 0, expected at least 1");
  CHECK(message_for([](auto& o) { o.shape = ScheduleShape::one_cycle; }) ==
        "backquery::Schedule: options.warm_up is 0, but one_cycle starts with a warm-up; 0.3 is usual");
  for (const auto shape : {ScheduleShape::step, ScheduleShape::exponential, ScheduleShape::one_cycle}) {
    CHECK(message_for([=](auto& o) {
            o.shape = shape;
            o.warm_up = 0.1;
            o.final_factor = 0;
          }) == "backquery::Schedule: options.final_factor is 0, which goes with cosine only, not " +
                    std::string(backquery::name(shape)));
  }
  CHECK(message_for([](auto& o) { o.final_factor = 0; }) == "none");
}

TEST_CASE("a schedule rejects steps out of range", "[schedule]") {
  const Schedule schedule(ScheduleOptions::one_cycle());
  CHECK_THROWS_WITH(schedule.factor(7, 7),
                    "backquery::Schedule::factor: step is 7, expected 0 to below total_steps, which is 7");
  CHECK_THROWS_AS(schedule.factor(-1, 7), std::invalid_argument);
  CHECK_THROWS_AS(schedule.factor(0, 0), std::invalid_argument);
}
