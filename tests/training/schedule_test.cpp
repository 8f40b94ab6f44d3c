/// @file
/// The learning rates of a schedule against hand arithmetic and against PyTorch's schedulers.
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

Eigen::RowVectorXd rates_of(const ScheduleOptions& options, Index total_steps) {
  const Schedule schedule(options);
  Eigen::RowVectorXd rates(total_steps);
  for (Index step = 0; step < total_steps; ++step) rates(step) = schedule.rate(step, total_steps);
  return rates;
}

ScheduleOptions options_of(ScheduleShape shape, double warm_up = 0) {
  ScheduleOptions options;
  options.shape = shape;
  options.rate = 0.3;
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
      {"one_cycle_0.1", ScheduleOptions::one_cycle(0.3, 0.1)},
      {"one_cycle_0.3", ScheduleOptions::one_cycle(0.3, 0.3)},
      {"one_cycle_0.33", ScheduleOptions::one_cycle(0.3, 0.33)},
      {"one_cycle_flat", options_of(ScheduleShape::one_cycle, 0.4)}};
  const Golden golden("training/schedules");
  CHECK(golden.size() == cases.size());
  for (const auto& [name, options] : cases) {
    CAPTURE(name);
    const Eigen::MatrixXd& expected = golden(name);
    CHECK(max_difference(rates_of(options, expected.cols()), expected) <= 1e-15);
  }
}

TEST_CASE("The default schedule is one rate, and one cycle rises over 0.3 of the steps", "[schedule]") {
  ScheduleOptions constant;
  constant.rate = 0.1;
  CHECK(rates_of(constant, 7) == Eigen::RowVectorXd::Constant(7, 0.1));
  const Schedule cycle(ScheduleOptions::one_cycle(2));
  CHECK(cycle.options().shape == ScheduleShape::one_cycle);
  CHECK_THAT(cycle.rate(0, 1000), WithinRel(2 / 25.0, rounding));
  CHECK_THAT(cycle.rate(299, 1000), WithinRel(2.0, rounding));
  CHECK_THAT(cycle.rate(999, 1000), WithinRel(2 / 250000.0, rounding));
}

TEST_CASE("Drops are evenly spaced and all alike", "[schedule]") {
  ScheduleOptions options;
  options.shape = ScheduleShape::step;
  options.rate = 8;
  options.final_factor = 0.25;
  options.drops = 2;
  CHECK(max_difference(rates_of(options, 7), Eigen::RowVectorXd{{8, 8, 8, 4, 4, 2, 2}}) <= rounding);
  CHECK(max_difference(rates_of(options, 2), Eigen::RowVectorXd{{8, 4}}) <= rounding);
  options.warm_up = 0.5;
  options.initial_factor = 0.25;
  CHECK(max_difference(rates_of(options, 6), Eigen::RowVectorXd{{2, 4, 6, 8, 4, 2}}) <= rounding);
}

TEST_CASE("A rate is above 0 at every step, however many there are", "[schedule]") {
  ScheduleOptions cosine = options_of(ScheduleShape::cosine);
  cosine.final_factor = 0;
  const Schedule to_zero(cosine), cycle(ScheduleOptions::one_cycle(0.1, 0.1));
  for (const Index total : {Index{1}, Index{2}, Index{3}, Index{5}, Index{1000}, Index{1} << 40}) {
    CAPTURE(total);
    for (const Index step : {Index{0}, total / 2, total - 1}) {
      CHECK(to_zero.rate(step, total) > 0);
      CHECK(to_zero.rate(step, total) <= 0.3);
      CHECK(cycle.rate(step, total) > 0);
      CHECK(cycle.rate(step, total) <= 0.1);
    }
  }
  CHECK(cycle.rate(0, 1) == 0.1);
  CHECK(cycle.rate(0, 10) == 0.1);  // the warm-up is a single step, the peak itself
}

TEST_CASE("Schedules have names", "[schedule]") {
  CHECK(backquery::name(ScheduleShape::one_cycle) == "one_cycle");
  CHECK(backquery::from_name<ScheduleShape>("cosine") == ScheduleShape::cosine);
  CHECK_THROWS_WITH(
      backquery::from_name<ScheduleShape>("linear"),
      "backquery::from_name: schedule is 'linear', expected one of constant, step, exponential, "
      "cosine, one_cycle");
}

TEST_CASE("A schedule refuses options that make no sense, by name", "[schedule]") {
  const auto refusal = [](const auto& change) {
    ScheduleOptions options;
    options.rate = 0.1;
    change(options);
    try {
      Schedule schedule(options);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinity = std::numeric_limits<double>::infinity();

  CHECK(refusal([](auto& o) { o.shape = static_cast<ScheduleShape>(5); }) ==
        "backquery::Schedule: options.shape has no value 5");
  CHECK(refusal([](auto& o) { o.rate = 0; }) ==
        "backquery::Schedule: options.rate is 0, expected a finite number > 0");
  CHECK(refusal([](auto& o) { o.rate = infinity; }) ==
        "backquery::Schedule: options.rate is inf, expected a finite number > 0");
  for (const double wrong : {-0.1, 1.0, not_a_number}) {
    CHECK_THAT(refusal([=](auto& o) { o.warm_up = wrong; }),
               Catch::Matchers::ContainsSubstring("options.warm_up is ") &&
                   Catch::Matchers::ContainsSubstring(", expected a share of all steps, 0 to below 1"));
  }
  for (const double wrong : {0.0, 1.1, not_a_number}) {
    CHECK_THAT(refusal([=](auto& o) { o.initial_factor = wrong; }),
               Catch::Matchers::ContainsSubstring("options.initial_factor is ") &&
                   Catch::Matchers::ContainsSubstring(", expected above 0 to 1"));
  }
  for (const double wrong : {-0.1, 1.1, not_a_number}) {
    CHECK_THAT(refusal([=](auto& o) { o.final_factor = wrong; }),
               Catch::Matchers::ContainsSubstring("options.final_factor is ") &&
                   Catch::Matchers::ContainsSubstring(", expected 0 to 1"));
  }
  CHECK(refusal([](auto& o) { o.drops = 0; }) ==
        "backquery::Schedule: options.drops is 0, expected at least 1");
  CHECK(refusal([](auto& o) { o.shape = ScheduleShape::one_cycle; }) ==
        "backquery::Schedule: options.warm_up is 0, but one_cycle starts with a warm-up; 0.3 is usual");
  for (const auto shape : {ScheduleShape::step, ScheduleShape::exponential, ScheduleShape::one_cycle}) {
    CHECK(refusal([=](auto& o) {
            o.shape = shape;
            o.warm_up = 0.1;
            o.final_factor = 0;
          }) == "backquery::Schedule: options.final_factor is 0, which goes with cosine only, not " +
                    std::string(backquery::name(shape)));
  }
  CHECK(refusal([](auto& o) { o.final_factor = 0; }) == "none");
}

TEST_CASE("A schedule refuses steps that are not there", "[schedule]") {
  const Schedule schedule(ScheduleOptions::one_cycle(0.1));
  CHECK_THROWS_WITH(schedule.rate(7, 7),
                    "backquery::Schedule::rate: step is 7, expected 0 to below total_steps, which is 7");
  CHECK_THROWS_AS(schedule.rate(-1, 7), std::invalid_argument);
  CHECK_THROWS_AS(schedule.rate(0, 0), std::invalid_argument);
}
