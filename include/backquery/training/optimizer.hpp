/// @file
/// Gradient descent by one of the methods of optimization_methods.hpp.
#pragma once

#include <backquery/network/neural_network.hpp>
#include <backquery/training/optimization_methods.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <type_traits>
#include <vector>

namespace backquery {

namespace detail {

/// @throws std::invalid_argument for a value out of range, an unknown method, or an option that the method
/// does not have
template <typename Scalar>
void check_optimizer(const OptimizerOptions& o) {
  const OptionCheck check{"Optimizer"};
  using Limits = std::numeric_limits<Scalar>;
  const auto fits = [](double value, Scalar least) {
    using Widest = long double;
    return Widest(value) >= Widest(least) && Widest(value) <= Widest((Limits::max)());
  };
  const double rate = o.learning_rate.value_or(1);
  check(fits(rate, Limits::denorm_min()), "learning_rate", rate,
        "a finite number > 0 that the network's Scalar can hold");
  check.share("momentum", o.momentum);
  check.share("decay", o.decay);
  check.share("beta1", o.beta1);
  check.share("beta2", o.beta2);
  check(fits(o.epsilon, (Limits::min)()), "epsilon", o.epsilon,
        "a normal number > 0, without which a gradient of 0 would give 0 / 0");
  check(fits(o.weight_decay, 0), "weight_decay", o.weight_decay, "a finite number >= 0");
  check(o.clip_norm >= 0, "clip_norm", o.clip_norm, "a finite number >= 0, where 0 stands for no clipping");
  check_enumerator("Optimizer", "options.method", o.method);
  visit(o.method, [&o](auto method) {
    if (o.momentum > 0 && !method.allows_momentum) {
      throw_invalid_argument("Optimizer: options.momentum is ", o.momentum,
                             ", which needs method sgd or rmsprop");
    }
    if (o.nesterov && !(method.allows_nesterov && o.momentum > 0)) {
      throw_invalid_argument("Optimizer: options.nesterov is true, which needs method sgd and momentum > 0");
    }
  });
}

}  // namespace detail

/// Takes gradient steps for one network. The moments of the method are kept from step to step:
///
/// ```cpp
/// backquery::OptimizerOptions options;
/// options.method = backquery::OptimizationMethod::adam;
/// backquery::Optimizer<float> optimizer(options);
/// backquery::Parameters<float> gradients;
/// backquery::Workspace<float> workspace;
/// for (int step = 0; step < 100; ++step) {
///   net.gradients(X, T, gradients, workspace);
///   optimizer.step(net, gradients);
/// }
/// ```
///
/// NaN and infinity in the gradients spread to the parameters. A copy has the same moments.
///
/// @tparam Scalar_  float, double or long double, as the network's
template <typename Scalar_ = double>
class Optimizer {
  static_assert(
      std::is_floating_point_v<Scalar_>,
      "backquery::Optimizer<Scalar>: Scalar must be a floating-point type: float, double or long double");

 public:
  using Scalar = Scalar_;                  ///< the type of all values
  using Vector = detail::VectorX<Scalar>;  ///< a column vector

  /// @throws std::invalid_argument that names the wrong option
  explicit Optimizer(const OptimizerOptions& options = {}) : options_(options) {
    detail::check_optimizer<Scalar>(options);
  }

  /// The options that the constructor took.
  [[nodiscard]] const OptimizerOptions& options() const noexcept { return options_; }

  /// options().learning_rate; if it is unset, the usual rate of the method times 1 - momentum.
  [[nodiscard]] double learning_rate() const {
    const double usual = detail::visit(options_.method, [](auto method) { return method.learning_rate; });
    return options_.learning_rate.value_or(usual * (1 - options_.momentum));
  }

  /// Number of steps since construction or reset().
  [[nodiscard]] Index steps() const noexcept { return steps_; }

  /// Forgets all steps. The next step is a first step and may be for another network.
  void reset() noexcept { steps_ = 0; }

  /// Takes one step. The bits do not depend on the number of threads. Nothing is allocated after the first
  /// step.
  /// @param rate  finite and > 0: learning_rate(), or its product with a factor of a Schedule
  /// @param pool  shares the work; without it the calling thread does all
  /// @throws std::invalid_argument, before anything is changed, for an invalid rate, and unless the gradients
  /// have the layers and biases of the network and of the previous steps
  void step(NeuralNetwork<Scalar>& network, const Parameters<Scalar>& gradients, Scalar rate,
            ThreadPool& pool) {
    if (!gradients.same_layout(layers_of(network).parameters)) {
      detail::throw_invalid_argument(
          "Optimizer::step: the gradients are of a network with other layers or biases");
    }
    network.update_parameters(
        [&](Eigen::Map<Vector> parameters) { step(parameters, gradients, rate, pool); });
  }
  /// Takes one step in the calling thread alone.
  void step(NeuralNetwork<Scalar>& network, const Parameters<Scalar>& gradients, Scalar rate) {
    ThreadPool caller;
    step(network, gradients, rate, caller);
  }
  /// Takes one step with the rate learning_rate().
  void step(NeuralNetwork<Scalar>& network, const Parameters<Scalar>& gradients) {
    step(network, gradients, static_cast<Scalar>(learning_rate()));
  }

  /// Takes one step for parameters anywhere in memory, in the layout of the gradients.
  void step(Eigen::Map<Vector> parameters, const Parameters<Scalar>& gradients, Scalar rate,
            ThreadPool& pool) {
    Step step = start_step(parameters, gradients, rate);
    if (options_.clip_norm > 0) {
      const Wide norm = norm_of(gradients.values(), pool);
      step.clip = static_cast<Scalar>(norm > options_.clip_norm ? options_.clip_norm / norm : 1);
    }
    for (Index layer = 0; layer < gradients.layers(); ++layer) {
      const auto w = gradients.weights(layer);
      const Index start = w.data() - step.gradients, size = w.outerStride() * w.cols();
      pool.run(detail::ceil_div(size, chunk_size), [&](Index chunk) {
        const Index done = chunk * chunk_size;
        update(step, start + done, (std::min)(chunk_size, size - done), true);
      });
    }
    update_biases(step, gradients);
  }

  /// Takes one step, equal to step() bit for bit, while the gradients are computed. Weights are updated as
  /// soon as their gradients are known, while the gradients are in the cache; otherwise threads would wait
  /// for memory. Clipping needs the norm of all gradients, so the whole step then comes last.
  /// @param compute  compute(on_weights) sets the gradients. It calls on_weights(start, size), in any thread,
  /// when the gradients of `size` weights from index `start` of the buffer are known. These are whole lines,
  /// and each weight comes once.
  template <typename Compute>
  void fused_step(Eigen::Map<Vector> parameters, const Parameters<Scalar>& gradients, Scalar rate,
                  ThreadPool& pool, const Compute& compute) {
    std::optional<Step> step;
    if (options_.clip_norm == 0) {
      step = start_step(parameters, gradients, rate);
    }
    compute([&](Index start, Index size) {
      if (step) {
        update(*step, start, size, true);
      }
    });
    if (step) {
      update_biases(*step, gradients);
    } else {
      this->step(parameters, gradients, rate, pool);
    }
  }

  /// Lists everything that the next steps depend on, besides the options, for a checkpoint. Internal.
  /// @param gradients   of the network
  /// @param most_steps  an upper limit of steps()
  template <typename Archive>
  void visit_state(Archive& archive, const Parameters<Scalar>& gradients, Index most_steps) {
    if (steps_ == 0) {
      start(gradients);
    }
    archive.count(steps_, most_steps);
    archive(constants_.momentum_product, means_, squares_);
  }

 private:
  /// The type of constants and of sums of squares: at least double.
  using Wide = std::common_type_t<Scalar, double>;

  /// The number of values that one thread takes at once. It is a constant, so that the bits do not depend on
  /// the number of threads.
  static constexpr Index chunk_size = 16384;

  /// Data of one step, common to all parameters.
  struct Step {
    Scalar* parameters;
    const Scalar* gradients;
    Scalar clip;       // factor of the gradients
    Scalar rate;       // divided by the method's rate_divisor
    Scalar shrinkage;  // rate weight_decay, if the decay is decoupled
  };

  /// Sets the moments before the first step.
  void start(const Parameters<Scalar>& gradients) {
    const auto size = static_cast<std::size_t>(gradients.values().size());
    detail::visit(options_.method, [&](auto method) {
      means_.assign(method.keeps_mean(options_) ? size : 0, Scalar(0));
      squares_.assign(method.keeps_square ? size : 0, Scalar(0));
    });
    constants_ = {};
    layer_sizes_ = gradients.layer_sizes();
    biases_ = gradients.has_biases();
  }

  /// Counts the step. update() follows for all parameters.
  Step start_step(Eigen::Map<Vector> parameters, const Parameters<Scalar>& gradients, Scalar rate) {
    if (parameters.size() != gradients.values().size()) {
      detail::throw_invalid_argument("Optimizer::step: parameters has ", parameters.size(),
                                     " values, expected ", gradients.values().size(),
                                     " as the gradients have");
    }
    detail::check_rate("Optimizer::step", "rate", rate);
    if (steps_ == 0) {
      start(gradients);
    } else if (layer_sizes_ != gradients.layer_sizes() || biases_ != gradients.has_biases()) {
      detail::throw_invalid_argument(
          "Optimizer::step: the gradients have other layers or biases than those of the steps before; "
          "call reset() first");
    }
    ++steps_;
    constants_ = detail::visit(options_.method, [this](auto method) {
      return method.constants(options_, static_cast<Wide>(steps_), constants_);
    });
    return {parameters.data(), gradients.values().data(), Scalar(1),
            static_cast<Scalar>(Wide(rate) / constants_.rate_divisor),
            static_cast<Scalar>(Wide(rate) * Wide(options_.weight_decay))};
  }

  Wide norm_of(Eigen::Map<const Vector> values, ThreadPool& pool) {
    // One sum for each scalar of a line, because a single sum would wait for each addition.
    constexpr int line = static_cast<int>(detail::padded<Scalar>(1));
    using Line = Eigen::Map<const Eigen::Array<Scalar, line, 1>>;
    chunk_sums_.resize(static_cast<std::size_t>(detail::ceil_div(values.size(), chunk_size)));
    pool.run(static_cast<Index>(chunk_sums_.size()), [&](Index chunk) {
      const Index end = (std::min)((chunk + 1) * chunk_size, values.size());
      Eigen::Array<Wide, line, 1> sums = Eigen::Array<Wide, line, 1>::Zero();
      for (Index at = chunk * chunk_size; at < end; at += line) {
        sums += Line(values.data() + at).template cast<Wide>().square();
      }
      chunk_sums_[static_cast<std::size_t>(chunk)] = sums.sum();
    });
    return std::sqrt(std::accumulate(chunk_sums_.begin(), chunk_sums_.end(), Wide(0)));
  }

  void update_biases(const Step& step, const Parameters<Scalar>& gradients) {
    for (Index layer = 0; layer < gradients.layers(); ++layer) {
      const auto b = gradients.biases(layer);
      update(step, b.data() - step.gradients, detail::padded<Scalar>(b.size()), false);
    }
  }

  /// Updates `size` parameters from index `start` of the buffer: whole lines of either weights or biases. Any
  /// thread may call this function; each parameter must be updated once. The step is computed in a local
  /// block, so that the bits do not depend on the alignment of the parameters.
  void update(const Step& step, Index start, Index size, bool weights) {
    using View = detail::ParameterView<Scalar>;
    const auto decay = static_cast<Scalar>(options_.weight_decay);
    const bool decays = weights && decay > 0;
    detail::visit(options_.method, [&](auto method) {
      for (Index at = start; at < start + size; at += detail::optimizer_block) {
        const Index count = (std::min)(detail::optimizer_block, start + size - at);
        const auto moment = [&](detail::LineVector<Scalar>& all) {
          return View(all.empty() ? nullptr : all.data() + at, count);
        };
        View w(step.parameters + at, count);
        const Eigen::Map<const Eigen::Array<Scalar, Eigen::Dynamic, 1>> g(step.gradients + at, count);
        detail::OptimizerBlock<Scalar> d = step.clip * g;
        if (decays && !method.decouples_weight_decay) {
          d += decay * w;
        }
        method.direction(options_, constants_, d, moment(means_), moment(squares_));
        d *= step.rate;
        if (decays && method.decouples_weight_decay) {
          d += step.shrinkage * w;
        }
        w -= d;
      }
    });
  }

  OptimizerOptions options_;
  std::vector<Index> layer_sizes_;  // layout of the gradients of the first step, with biases_
  bool biases_ = false;
  std::vector<Wide> chunk_sums_;        // sums of squared gradients, one for each chunk
  detail::LineVector<Scalar> means_;    // m or v, if the method has one
  detail::LineVector<Scalar> squares_;  // s, if the method has one
  detail::StepConstants<Wide> constants_;
  Index steps_ = 0;
};

}  // namespace backquery
