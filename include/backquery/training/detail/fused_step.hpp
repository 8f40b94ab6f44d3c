/// @file
/// A step that is taken while the gradients are computed.
#pragma once

#include <backquery/detail/storage.hpp>
#include <backquery/detail/thread_pool.hpp>
#include <backquery/network/parameters.hpp>
#include <backquery/training/optimizer.hpp>

#include <Eigen/Core>

#include <optional>

namespace backquery::detail {

/// One step of an optimizer, equal to Optimizer::step bit for bit. It updates weights as soon as their
/// gradients are known, while these are in the cache: otherwise the threads would wait for memory. Clipping
/// needs the norm of all gradients; with it, finish() takes the whole step.
template <typename Scalar>
class FusedStep {
 public:
  /// Optimizer, parameters and gradients must outlive this object. @throws as Optimizer::step
  FusedStep(Optimizer<Scalar>& optimizer, Eigen::Map<VectorX<Scalar>> parameters,
            const Parameters<Scalar>& gradients, Scalar rate)
      : optimizer_(optimizer), parameters_(parameters), gradients_(gradients), rate_(rate) {
    if (optimizer.options().clip_norm == 0) {
      step_ = optimizer.start_step(parameters, gradients, rate);
    }
  }

  /// To be called, by any thread, when the gradients of these weights are known: `size` values from index
  /// `start` of the buffer, in whole lines. Each weight once.
  void operator()(Index start, Index size) const {
    if (step_) {
      optimizer_.update(*step_, start, size, true);
    }
  }

  /// Completes the step when all gradients are known.
  void finish(ThreadPool& pool) {
    if (!step_) {
      optimizer_.step(parameters_, gradients_, rate_, pool);
      return;
    }
    for (Index layer = 0; layer < gradients_.layers(); ++layer) {
      const auto b = gradients_.biases(layer);
      if (b.size() > 0) {
        optimizer_.update(*step_, b.data() - gradients_.values().data(), padded<Scalar>(b.size()), false);
      }
    }
  }

 private:
  Optimizer<Scalar>& optimizer_;
  Eigen::Map<VectorX<Scalar>> parameters_;
  const Parameters<Scalar>& gradients_;
  Scalar rate_;
  std::optional<typename Optimizer<Scalar>::Step> step_;
};

}  // namespace backquery::detail
