/// @file
/// One step for each sample, in order.
#pragma once

#include <backquery/detail/kernels.hpp>
#include <backquery/detail/passes.hpp>
#include <backquery/detail/storage.hpp>

#include <Eigen/Core>

namespace backquery::detail {

/// Steps for the columns of x and t. A workspace shaped for two samples with inputs is needed.
template <typename Scalar>
class OnlineTraining {
 public:
  OnlineTraining(Parameters<Scalar>& parameters, const NetworkOptions& options, Workspace<Scalar>& workspace,
                 Scalar rate)
      : parameters_(parameters),
        workspace_(workspace),
        pass_{parameters, options, workspace, 0, 1},
        rate_(rate) {}

  void run(const Strided<const Scalar>& x, const Strided<const Scalar>& t) {
    auto w = parameters_.weights(0);
    pass_.first_sums(input(x, 0));
    for (Index sample = 0; sample < x.cols(); ++sample) {
      finish_sample(t, sample);
      const auto d = pass_.errors(1);
      const auto now = input(x, sample);
      if (sample + 1 < x.cols()) {
        const auto next = input(x, sample + 1);
        OneSample<Scalar>::start_sums(read_only_biases(), pass_.values(1));
        update_and_add_columns<Scalar>({w.data(), w.outerStride()}, w.cols(), now.data(), d.data(),
                                       next.data(), pass_.values(1).data(), w.outerStride());
      } else {
        update_columns<Scalar>(EveryColumn<Scalar>{w.data(), w.outerStride()}, w.cols(), now.data(), d.data(),
                               w.outerStride());
      }
    }
  }

 private:
  /// Column `sample` of x; consecutive ones lie in different places.
  ConstColumnsMap<Scalar> input(const Strided<const Scalar>& x, Index sample) {
    return contiguous_columns<Scalar>(x, sample, 1, [&] { return workspace_.values(0, sample % 2, 1); });
  }

  Eigen::Map<const VectorX<Scalar>> read_only_biases() const {
    return static_cast<const Parameters<Scalar>&>(parameters_).biases(0);
  }

  /// From the first layer's weighted sums to the deltas; updates all but the weights of the first layer.
  void finish_sample(const Strided<const Scalar>& t, Index sample) {
    const Index layers = parameters_.layers();
    pass_.remaining_sums();
    pass_.activate_output();
    const auto target = contiguous_columns<Scalar>(t, sample, 1, [&] { return pass_.errors(layers); });
    pass_.backward(target, rate_);
    for (Index layer = 1; layer < layers; ++layer) {
      OneSample<Scalar>::update(read_only<Scalar>(pass_.errors(layer + 1)),
                                read_only<Scalar>(pass_.values(layer)), parameters_.weights(layer),
                                parameters_.biases(layer));
    }
    OneSample<Scalar>::update_biases(read_only<Scalar>(pass_.errors(1)), parameters_.biases(0));
  }

  Parameters<Scalar>& parameters_;
  Workspace<Scalar>& workspace_;
  Pass<Scalar, OneSample<Scalar>> pass_;
  Scalar rate_;
};

}  // namespace backquery::detail
