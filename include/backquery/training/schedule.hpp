/// @file
/// Schedules of the learning rate during a training, one struct for each.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/enum_names.hpp>

#include <algorithm>
#include <cmath>

namespace backquery {

/// Factor of the learning rate after the warm-up. f is the final_factor. p goes from 0 (first step) to 1 (end
/// of the last step).
///
///     constant      1
///     step          f^(k / drops), k = floor(p (drops + 1)): `drops` equal drops, evenly spaced
///     exponential   f^p
///     cosine        from 1 to f along half a cosine (Loshchilov and Hutter, 2017)
///     one_cycle     up to 1 along half a cosine, and down to f along another (Smith and Topin, 2017)
enum class ScheduleShape { constant, step, exponential, cosine, one_cycle };

/// Options of a Schedule. By default the learning rate is constant.
struct ScheduleOptions {
  ScheduleShape shape = ScheduleShape::constant;  ///< see ScheduleShape

  /// Share of all steps in which the rate rises, 0 <= warm_up < 1: linearly (Goyal et al., 2017), or for
  /// one_cycle along half a cosine. one_cycle needs a warm-up; 0.1 to 0.3 is usual.
  double warm_up = 0;

  double initial_factor = 0.04;  ///< at the start of the warm-up; 0 < initial_factor <= 1

  /// At the end, for all shapes except constant; 0 < final_factor <= 1, for cosine also 0.
  double final_factor = 0.01;

  int drops = 2;  ///< number of drops of the shape step, at least 1

  /// One cycle with the proportions of PyTorch's OneCycleLR: from 1 / 25 up to 1 and down to 1 / 250000.
  static ScheduleOptions one_cycle(double warm_up = 0.3) {
    return {ScheduleShape::one_cycle, warm_up, 0.04, 4e-6, 1};
  }
};

namespace detail {

/// From `high` at p = 0 to `low` at p = 1 along half a cosine. Unlike 1 + cos, the square is exact for small
/// values.
inline double cosine_between(double high, double low, double p) {
  const double c = std::cos(std::acos(-1.0) / 2 * p);
  return low + (high - low) * c * c;
}

namespace schedule_shapes {

/// Properties of a shape whose struct does not state them.
struct Defaults {
  static constexpr bool warms_up_itself = false;
  static constexpr bool needs_positive_end = true;  ///< a final_factor of 0 would give steps of 0
};

// `factor` gives the factor of a step, 0 <= step < steps, after the warm-up.

struct Constant : Defaults {
  static constexpr EnumEntry<ScheduleShape> entry{ScheduleShape::constant, "constant"};
  static constexpr bool needs_positive_end = false;

  static double factor(const ScheduleOptions&, Index, Index) { return 1; }
};

struct Step : Defaults {
  static constexpr EnumEntry<ScheduleShape> entry{ScheduleShape::step, "step"};

  static double factor(const ScheduleOptions& o, Index step, Index steps) {
    const Index drop = step * (static_cast<Index>(o.drops) + 1) / steps;  // integers: no rounding
    return std::pow(o.final_factor, static_cast<double>(drop) / o.drops);
  }
};

struct Exponential : Defaults {
  static constexpr EnumEntry<ScheduleShape> entry{ScheduleShape::exponential, "exponential"};

  static double factor(const ScheduleOptions& o, Index step, Index steps) {
    return std::pow(o.final_factor, static_cast<double>(step) / static_cast<double>(steps));
  }
};

/// Reaches final_factor after the last step.
struct Cosine : Defaults {
  static constexpr EnumEntry<ScheduleShape> entry{ScheduleShape::cosine, "cosine"};
  static constexpr bool needs_positive_end = false;

  static double factor(const ScheduleOptions& o, Index step, Index steps) {
    return cosine_between(1, o.final_factor, static_cast<double>(step) / static_cast<double>(steps));
  }
};

/// As in PyTorch: factor 1 at step warm_up steps - 1, which may lie between two steps, and the final factor
/// at the last step.
struct OneCycle : Defaults {
  static constexpr EnumEntry<ScheduleShape> entry{ScheduleShape::one_cycle, "one_cycle"};
  static constexpr bool warms_up_itself = true;

  static double factor(const ScheduleOptions& o, Index step, Index steps) {
    const auto k = static_cast<double>(step), n = static_cast<double>(steps);
    const double peak = (std::max)(o.warm_up * n - 1, 0.0), last = n - 1;
    constexpr double rounding = 1e-9;  // a fused multiply-add can put the peak slightly above a step
    if (k < peak - rounding) {
      return cosine_between(1, o.initial_factor, 1 - k / peak);
    }
    return cosine_between(1, o.final_factor, last > peak ? (k - peak) / (last - peak) : 0);
  }
};

}  // namespace schedule_shapes

template <>
struct EnumTable<ScheduleShape>
    : StructTable<schedule_shapes::Constant, schedule_shapes::Step, schedule_shapes::Exponential,
                  schedule_shapes::Cosine, schedule_shapes::OneCycle> {
  static constexpr const char* kind = "schedule";
};

inline void check_schedule(const ScheduleOptions& o) {
  check_enumerator("Schedule", "options.shape", o.shape);
  const OptionCheck check{"Schedule"};
  check(o.warm_up >= 0 && o.warm_up < 1, "warm_up", o.warm_up, "a share of all steps, 0 to below 1");
  check(o.initial_factor > 0 && o.initial_factor <= 1, "initial_factor", o.initial_factor, "above 0 to 1");
  check(o.final_factor >= 0 && o.final_factor <= 1, "final_factor", o.final_factor, "0 to 1");
  check(o.drops >= 1, "drops", o.drops, "at least 1");
  visit(o.shape, [&o](auto shape) {
    if (shape.warms_up_itself && !(o.warm_up > 0)) {
      throw_invalid_argument("Schedule: options.warm_up is 0, but ", shape.entry.name,
                             " starts with a warm-up; 0.3 is usual");
    }
    if (shape.needs_positive_end && !(o.final_factor > 0)) {
      throw_invalid_argument("Schedule: options.final_factor is 0, which goes with cosine only, not ",
                             shape.entry.name);
    }
  });
}

/// The smaller of the first and the last factor. The final factor of cosine and constant is ignored, because
/// it may be 0 or has no effect.
inline double least_factor(const ScheduleOptions& o) {
  const bool needs_positive_end = visit(o.shape, [](auto shape) { return shape.needs_positive_end; });
  return (std::min)(o.warm_up > 0 ? o.initial_factor : 1, needs_positive_end ? o.final_factor : 1);
}

}  // namespace detail

/// Factor of the learning rate as a function of the step. A Schedule has no state: steps may come in any
/// order.
///
/// ```cpp
/// const backquery::Schedule schedule(backquery::ScheduleOptions::one_cycle());
/// const double highest_rate = 0.01, rate_of_step_10 = highest_rate * schedule.factor(10, 100);
/// ```
class Schedule {
 public:
  /// @throws std::invalid_argument that names the wrong option
  explicit Schedule(const ScheduleOptions& options = {}) : options_(options) {
    detail::check_schedule(options);
  }

  /// The options that the constructor took.
  [[nodiscard]] const ScheduleOptions& options() const noexcept { return options_; }

  /// The factor of a step, above 0 and at most 1. With w = round(warm_up total_steps), the warm-up has the
  /// steps before w, and p = (step - w) / (total_steps - w) for all shapes but one_cycle.
  /// @param step         0 <= step < total_steps; a step may be a mini-batch or an epoch
  /// @throws std::invalid_argument for a step out of this range
  [[nodiscard]] double factor(Index step, Index total_steps) const {
    if (step < 0 || step >= total_steps) {
      detail::throw_invalid_argument("Schedule::factor: step is ", step,
                                     ", expected 0 to below total_steps, which is ", total_steps);
    }
    return detail::visit(options_.shape, [&](auto shape) {
      const auto warm =
          shape.warms_up_itself
              ? Index(0)
              : static_cast<Index>(std::round(options_.warm_up * static_cast<double>(total_steps)));
      if (step < warm) {
        const double p = static_cast<double>(step) / static_cast<double>(warm);
        return options_.initial_factor + (1 - options_.initial_factor) * p;
      }
      return shape.factor(options_, step - warm, total_steps - warm);
    });
  }

 private:
  ScheduleOptions options_;
};

}  // namespace backquery
