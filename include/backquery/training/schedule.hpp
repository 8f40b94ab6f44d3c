/// @file
/// How the learning rate changes in the course of a training.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/enum_names.hpp>
#include <backquery/detail/storage.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

namespace backquery {

/// The course of the learning rate behind the warm-up. r is the highest rate, f the final_factor, and p goes
/// from 0 at the first step to 1, which is the end of the last one.
///
///     constant      r
///     step          r f^(k / drops), k = floor(p (drops + 1)): so many equal drops, evenly spaced
///     exponential   r f^p
///     cosine        from r to r f along half a cosine (Loshchilov and Hutter, 2017)
///     one_cycle     up to r along half a cosine, and down to r f along another (Smith and Topin, 2017)
enum class ScheduleShape { constant, step, exponential, cosine, one_cycle };

template <>
struct detail::EnumTable<ScheduleShape> {
  static constexpr const char* kind = "schedule";
  static constexpr EnumEntry<ScheduleShape> entries[] = {{ScheduleShape::constant, "constant"},
                                                         {ScheduleShape::step, "step"},
                                                         {ScheduleShape::exponential, "exponential"},
                                                         {ScheduleShape::cosine, "cosine"},
                                                         {ScheduleShape::one_cycle, "one_cycle"}};
};

/// Options of a Schedule. The defaults keep one rate from the first step to the last.
struct ScheduleOptions {
  ScheduleShape shape = ScheduleShape::constant;
  /// The highest one; finite and > 0. 0.01 to 0.1 suits sgd, 0.001 to 0.003 adam and adamw. 0, in
  /// TrainerOptions only, is the usual one of the optimizer: 0.1 for sgd, 0.001 for the others, both times 1
  /// - momentum.
  double rate = 0;

  /// Share of all steps on which the rate rises, 0 <= warm_up < 1: on a line (Goyal et al., 2017), for
  /// one_cycle along half a cosine. one_cycle needs it; 0.1 to 0.3 is usual.
  double warm_up = 0;

  double initial_factor = 0.04;  ///< share of rate that the warm-up starts from; 0 < initial_factor <= 1

  /// Share of rate that is left in the end, for all shapes but constant; 0 < final_factor <= 1, for cosine
  /// also 0.
  double final_factor = 0.01;

  int drops = 2;  ///< of step, at least 1

  /// One cycle with the proportions of PyTorch's OneCycleLR: from rate / 25 up to rate and down to rate /
  /// 250000.
  static ScheduleOptions one_cycle(double rate, double warm_up = 0.3) {
    return {ScheduleShape::one_cycle, rate, warm_up, 0.04, 4e-6, 1};
  }
};

namespace detail {

/// Whether a final_factor of 0 would make steps of 0; cosine's end is behind its last step.
inline bool needs_positive_end(ScheduleShape shape) {
  return shape != ScheduleShape::constant && shape != ScheduleShape::cosine;
}

inline void check_schedule(const ScheduleOptions& o) {
  if (find_entry(o.shape) == nullptr) {
    throw_invalid_argument("Schedule: options.shape has no value ", static_cast<int>(o.shape));
  }
  const auto check = [](bool right, const char* field, double value, const char* expected) {
    if (!is_finite(value) || !right) {
      throw_invalid_argument("Schedule: options.", field, " is ", value, ", expected ", expected);
    }
  };
  check(o.rate > 0, "rate", o.rate, "a finite number > 0");
  check(o.warm_up >= 0 && o.warm_up < 1, "warm_up", o.warm_up, "a share of all steps, 0 to below 1");
  check(o.initial_factor > 0 && o.initial_factor <= 1, "initial_factor", o.initial_factor, "above 0 to 1");
  check(o.final_factor >= 0 && o.final_factor <= 1, "final_factor", o.final_factor, "0 to 1");
  check(o.drops >= 1, "drops", o.drops, "at least 1");
  if (o.shape == ScheduleShape::one_cycle && !(o.warm_up > 0)) {
    throw_invalid_argument(
        "Schedule: options.warm_up is 0, but one_cycle starts with a warm-up; 0.3 is usual");
  }
  if (needs_positive_end(o.shape) && !(o.final_factor > 0)) {
    throw_invalid_argument("Schedule: options.final_factor is 0, which goes with cosine only, not ",
                           std::string(name(o.shape)));
  }
}

/// The lowest rate that there may be, but for cosine.
inline double least_rate(const ScheduleOptions& o) {
  return o.rate *
         std::min(o.warm_up > 0 ? o.initial_factor : 1, needs_positive_end(o.shape) ? o.final_factor : 1);
}

/// From `high` at p = 0 to `low` at p = 1. The square keeps small values that 1 + cos would cancel.
inline double cosine_between(double high, double low, double p) {
  const double c = std::cos(std::acos(-1.0) / 2 * p);
  return low + (high - low) * c * c;
}

}  // namespace detail

/// The learning rate as a function of the step. It has no state: steps may be asked for in any order.
class Schedule {
 public:
  /// @throws std::invalid_argument naming the option that is wrong
  explicit Schedule(const ScheduleOptions& options) : options_(options) { detail::check_schedule(options); }

  [[nodiscard]] const ScheduleOptions& options() const noexcept { return options_; }

  /// The rate of a step, 0 <= step < total_steps; whether steps are mini-batches or epochs is the caller's
  /// choice.
  ///
  /// With w = round(warm_up total_steps) the steps before w are those of the warm-up, and p = (step - w) /
  /// (total_steps
  /// - w). one_cycle is PyTorch's, which reaches its highest rate at step warm_up total_steps - 1, between
  /// two steps maybe, and its lowest at the last step.
  /// @throws std::invalid_argument for a step that is not there
  [[nodiscard]] double rate(Index step, Index total_steps) const {
    if (step < 0 || step >= total_steps) {
      detail::throw_invalid_argument("Schedule::rate: step is ", step,
                                     ", expected 0 to below total_steps, which is ", total_steps);
    }
    if (options_.shape == ScheduleShape::one_cycle) {
      return one_cycle(static_cast<double>(step), static_cast<double>(total_steps));
    }
    const auto warm = static_cast<Index>(std::round(options_.warm_up * static_cast<double>(total_steps)));
    if (step < warm) {
      const double p = static_cast<double>(step) / static_cast<double>(warm);
      return options_.rate * (options_.initial_factor + (1 - options_.initial_factor) * p);
    }
    return options_.rate * factor(step - warm, total_steps - warm);
  }

 private:
  [[nodiscard]] double factor(Index step, Index steps) const {
    const double p = static_cast<double>(step) / static_cast<double>(steps);
    switch (options_.shape) {
      case ScheduleShape::step: {
        const Index drop =
            step * (static_cast<Index>(options_.drops) + 1) / steps;  // whole numbers: no rounding
        return std::pow(options_.final_factor, static_cast<double>(drop) / options_.drops);
      }
      case ScheduleShape::exponential:
        return std::pow(options_.final_factor, p);
      case ScheduleShape::cosine:
        return detail::cosine_between(1, options_.final_factor, p);
      default:  // constant
        return 1;
    }
  }

  [[nodiscard]] double one_cycle(double step, double total_steps) const {
    const double peak = std::max(options_.warm_up * total_steps - 1, 0.0), last = total_steps - 1;
    if (step < peak) {
      return options_.rate * detail::cosine_between(1, options_.initial_factor, 1 - step / peak);
    }
    const double p = last > peak ? (step - peak) / (last - peak) : 0;
    return options_.rate * detail::cosine_between(1, options_.final_factor, p);
  }

  ScheduleOptions options_;
};

}  // namespace backquery
