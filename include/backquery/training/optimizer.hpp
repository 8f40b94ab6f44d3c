/// @file
/// How gradients become a step: stochastic gradient descent with momentum, RMSprop, Adam and AdamW.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/detail/thread_pool.hpp>
#include <backquery/network/neural_network.hpp>
#include <backquery/network/parameters.hpp>
#include <backquery/training/optimizer_options.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <vector>

namespace backquery {

/// Takes steps down the gradients of one network and keeps what its method remembers from step to step.
///
/// NaN and infinity among the gradients go into the parameters.
///
/// @tparam Scalar_  float, double or long double, as the network's
template <typename Scalar_ = double>
class Optimizer {
  static_assert(
      std::is_floating_point_v<Scalar_>,
      "backquery::Optimizer<Scalar>: Scalar must be a floating-point type: float, double or long double");

 public:
  using Scalar = Scalar_;
  using Vector = detail::VectorX<Scalar>;

  /// @throws std::invalid_argument naming the option that is wrong
  explicit Optimizer(const OptimizerOptions& options = {}) : options_(options) {
    detail::check_optimizer<Scalar>(options);
  }

  [[nodiscard]] const OptimizerOptions& options() const noexcept { return options_; }

  /// Steps since the first one, or since reset().
  [[nodiscard]] Index steps() const noexcept { return steps_; }

  /// Forgets all steps: the next one is a first one, of any network.
  void reset() noexcept { steps_ = 0; }

  /// One step. The bits do not depend on the number of threads; nothing is allocated after the first step.
  /// @param rate  finite and > 0
  /// @param pool  shares the work; without it the calling thread does all
  /// @throws std::invalid_argument, before anything is changed, for other values, and unless the gradients
  /// have the layers and biases of the network and of the steps before
  void step(NeuralNetwork<Scalar>& network, const Parameters<Scalar>& gradients, Scalar rate,
            ThreadPool& pool) {
    if (network.layer_sizes() != gradients.layer_sizes() ||
        network.options().biases != gradients.has_biases()) {
      detail::throw_invalid_argument(
          "Optimizer::step: the gradients are of a network with other layers or biases");
    }
    check_step(gradients, rate);
    network.update_parameters(
        [&](Eigen::Map<Vector> parameters) { take_step(parameters, gradients, rate, pool); });
  }
  void step(NeuralNetwork<Scalar>& network, const Parameters<Scalar>& gradients, Scalar rate) {
    ThreadPool caller;
    step(network, gradients, rate, caller);
  }

  /// The same for parameters that lie anywhere, in the layout of the gradients: for Trainer.
  void step(Eigen::Map<Vector> parameters, const Parameters<Scalar>& gradients, Scalar rate,
            ThreadPool& pool) {
    check_size(parameters, gradients);
    check_step(gradients, rate);
    take_step(parameters, gradients, rate, pool);
  }

  class Parts;
  /// A step that is taken in parts, as their gradients become known; it counts from now on. Not with
  /// clip_norm, which is for all of them.
  /// @throws std::invalid_argument with it, and as step
  Parts start_step(Eigen::Map<Vector> parameters, const Parameters<Scalar>& gradients, Scalar rate) {
    if (options_.clip_norm > 0) {
      detail::throw_invalid_argument("Optimizer::start_step: options.clip_norm is ", options_.clip_norm,
                                     ", which needs all gradients at once; expected 0");
    }
    check_size(parameters, gradients);
    check_step(gradients, rate);
    if (steps_ == 0) {
      start(gradients);
    }
    return {*this, parameters, gradients, next_factors(rate, 1)};
  }

 private:
  /// Constants are computed, and squares are summed, in at least double.
  using Wide = std::common_type_t<Scalar, double>;

  /// Part of the buffer that one thread takes; its borders are fixed, so that the bits do not depend on how
  /// many there are. Whole lines, and either weights or biases.
  struct Piece {
    Index start, size;
    bool weights;
  };
  static constexpr Index piece_size = 16384;

  /// Scalars that go through all lines of a rule while they are in the first cache.
  static constexpr Index block_size = 512;
  using Block = Eigen::Array<Scalar, Eigen::Dynamic, 1, 0, block_size, 1>;
  using View = Eigen::Map<Eigen::Array<Scalar, Eigen::Dynamic, 1>>;
  using ConstView = Eigen::Map<const Eigen::Array<Scalar, Eigen::Dynamic, 1>>;

  /// What is the same for all parameters in a step.
  struct Factors {
    Scalar clip;       // of the gradients
    Scalar rate;       // with adam's correction of m
    Scalar root;       // adam's correction of sqrt(s)
    Scalar shrinkage;  // rate weight_decay of adamw
  };

  [[nodiscard]] bool is_adam() const {
    return options_.method == OptimizationMethod::adam || options_.method == OptimizationMethod::adamw;
  }
  [[nodiscard]] bool has_means() const { return is_adam() || options_.momentum > 0; }
  [[nodiscard]] bool has_squares() const { return options_.method != OptimizationMethod::sgd; }

  static void check_size(Eigen::Map<Vector> parameters, const Parameters<Scalar>& gradients) {
    if (parameters.size() != gradients.values().size()) {
      detail::throw_invalid_argument("Optimizer::step: parameters has ", parameters.size(),
                                     " values, expected ", gradients.values().size(),
                                     " as the gradients have");
    }
  }

  void check_step(const Parameters<Scalar>& gradients, Scalar rate) const {
    detail::check_rate("Optimizer::step", "rate", rate);
    if (steps_ > 0 && (layer_sizes_ != gradients.layer_sizes() || biases_ != gradients.has_biases())) {
      detail::throw_invalid_argument(
          "Optimizer::step: the gradients have other layers or biases than those of the steps before; "
          "call reset() first");
    }
  }

  void take_step(Eigen::Map<Vector> parameters, const Parameters<Scalar>& gradients, Scalar rate,
                 ThreadPool& pool) {
    if (steps_ == 0) {
      start(gradients);
    }
    const Parts parts(*this, parameters, gradients, next_factors(rate, clip_of(gradients, pool)));
    pool.run(static_cast<Index>(pieces_.size()), [&](Index i) {
      const Piece& piece = pieces_[static_cast<std::size_t>(i)];
      parts.take(piece.start, piece.size, piece.weights);
    });
  }

  void start(const Parameters<Scalar>& gradients) {
    pieces_.clear();
    const Scalar* const first = gradients.values().data();
    for (Index layer = 0; layer < gradients.layers(); ++layer) {
      const auto w = gradients.weights(layer);
      const auto b = gradients.biases(layer);
      cut(w.data() - first, w.outerStride() * w.cols(), true);
      cut(w.data() - first + w.outerStride() * w.cols(), b.size() == 0 ? 0 : w.outerStride(), false);
    }
    sums_.resize(pieces_.size());
    const auto size = static_cast<std::size_t>(gradients.values().size());
    means_.assign(has_means() ? size : 0, Scalar(0));
    squares_.assign(has_squares() ? size : 0, Scalar(0));
    layer_sizes_ = gradients.layer_sizes();
    biases_ = gradients.has_biases();
  }

  void cut(Index start, Index size, bool weights) {
    for (Index done = 0; done < size; done += piece_size) {
      pieces_.push_back({start + done, std::min(piece_size, size - done), weights});
    }
  }

  Wide clip_of(const Parameters<Scalar>& gradients, ThreadPool& pool) {
    if (options_.clip_norm == 0) {
      return 1;
    }
    const Wide norm = norm_of(gradients, pool);
    return norm > options_.clip_norm ? options_.clip_norm / norm : 1;
  }

  Factors next_factors(Scalar rate, Wide clip) {
    ++steps_;
    Wide wide_rate = rate, root = 1;
    if (is_adam()) {
      const auto t = static_cast<Wide>(steps_);
      wide_rate /= 1 - std::pow(static_cast<Wide>(options_.beta1), t);
      root /= std::sqrt(1 - std::pow(static_cast<Wide>(options_.beta2), t));
    }
    return {static_cast<Scalar>(clip), static_cast<Scalar>(wide_rate), static_cast<Scalar>(root),
            static_cast<Scalar>(rate * options_.weight_decay)};
  }

  Wide norm_of(const Parameters<Scalar>& gradients, ThreadPool& pool) {
    // As many sums as a line has scalars, since a single one would wait for each addition.
    constexpr int line = static_cast<int>(detail::padded<Scalar>(1));
    using Line = Eigen::Map<const Eigen::Array<Scalar, line, 1>>;
    const Scalar* const g = gradients.values().data();
    pool.run(static_cast<Index>(pieces_.size()), [&](Index i) {
      const Piece& piece = pieces_[static_cast<std::size_t>(i)];
      Eigen::Array<Wide, line, 1> sums = Eigen::Array<Wide, line, 1>::Zero();
      for (Index at = piece.start; at < piece.start + piece.size; at += line) {
        sums += Line(g + at).template cast<Wide>().square();
      }
      sums_[static_cast<std::size_t>(i)] = sums.sum();
    });
    Wide sum = 0;
    for (const Wide part : sums_) {
      sum += part;
    }
    return std::sqrt(sum);
  }

  /// Some parameters w with gradients g; `at` is where they are in the buffer. What is computed goes by way
  /// of a block of our own, so that the bits do not depend on where w lies either.
  void update(View w, ConstView g, Index at, bool weights, const Factors& factors) {
    Block step = factors.clip * g;
    const bool decays = weights && options_.weight_decay > 0;
    const bool decoupled = options_.method == OptimizationMethod::adamw;
    if (decays && !decoupled) {
      step += static_cast<Scalar>(options_.weight_decay) * w;
    }
    if (is_adam()) {
      adapt_moments(step, at, factors.root);
    } else {
      gather_momentum(step, at);
    }
    step *= factors.rate;
    if (decays && decoupled) {
      step += factors.shrinkage * w;
    }
    w -= step;
  }

  /// From gradients to what adam and adamw multiply by the rate.
  void adapt_moments(Block& step, Index at, Scalar root) {
    View m(means_.data() + at, step.size()), s(squares_.data() + at, step.size());
    m += static_cast<Scalar>(1 - options_.beta1) * (step - m);
    drop_tiny(m);
    s += static_cast<Scalar>(1 - options_.beta2) * (step.square() - s);
    drop_tiny(s);
    step = m / (root * s.sqrt() + static_cast<Scalar>(options_.epsilon));
  }

  /// From gradients to what sgd and rmsprop multiply by the rate.
  void gather_momentum(Block& step, Index at) {
    if (has_squares()) {
      View s(squares_.data() + at, step.size());
      s += static_cast<Scalar>(1 - options_.decay) * (step.square() - s);
      drop_tiny(s);
      step /= s.sqrt() + static_cast<Scalar>(options_.epsilon);
    }
    if (options_.momentum > 0) {
      const auto momentum = static_cast<Scalar>(options_.momentum);
      View v(means_.data() + at, step.size());
      v = momentum * v + step;
      drop_tiny(v);
      if (options_.nesterov) {
        step += momentum * v;
      } else {
        step = v;
      }
    }
  }

  /// Rounds to multiples of a number, 1e-32 in float, that stays normal when it is multiplied by a rate, and
  /// whose root, 1e-16, is nothing beside an epsilon that makes sense. The means of a node that died would
  /// fade away for ever otherwise, and denormal numbers take more than twice the time.
  static void drop_tiny(View x) {
    using Limits = std::numeric_limits<Scalar>;
    constexpr Scalar large = Limits::min() / Limits::epsilon() * Scalar(0x1p20);
    x = (x + large) - large;
  }

  OptimizerOptions options_;
  std::vector<Index> layer_sizes_;  // of the first step's gradients, and whether they have biases
  bool biases_ = false;
  std::vector<Piece> pieces_;
  std::vector<Wide> sums_;              // of the squared gradients of each piece
  detail::LineVector<Scalar> means_;    // m or v, where the method has one
  detail::LineVector<Scalar> squares_;  // s, where the method has one
  Index steps_ = 0;
};

/// The parts of a step: each once, in any order, by any threads. The optimizer, parameters and gradients must
/// stay.
template <typename Scalar>
class Optimizer<Scalar>::Parts {
 public:
  /// @param start, size  place in the buffer, whole lines, of weights only or of biases only
  void take(Index start, Index size, bool weights) const {
    for (Index at = start; at < start + size; at += block_size) {
      const Index count = std::min(block_size, start + size - at);
      optimizer_->update({parameters_ + at, count}, {gradients_ + at, count}, at, weights, factors_);
    }
  }

 private:
  friend class Optimizer;
  Parts(Optimizer& optimizer, Eigen::Map<Vector> parameters, const Parameters<Scalar>& gradients,
        const Factors& factors)
      : optimizer_(&optimizer),
        parameters_(parameters.data()),
        gradients_(gradients.values().data()),
        factors_(factors) {}

  Optimizer* optimizer_;
  Scalar* parameters_;
  const Scalar* gradients_;
  Factors factors_;
};

}  // namespace backquery
