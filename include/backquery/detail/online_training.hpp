/// @file
/// One step for each sample, in order.
#pragma once

#include <backquery/detail/background.hpp>
#include <backquery/detail/kernels.hpp>
#include <backquery/detail/passes.hpp>
#include <backquery/detail/storage.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>

namespace backquery::detail {

/// Steps for the columns of x and t, all of which are applied when run returns. The first layer, where nearly
/// all weights are, goes one of two ways, whichever suits a piece of the samples:
///
/// - all columns: the update for one sample and the sums for the next in one trip through the weights;
/// - foreground: with x = b 1 + s and W = V + u 1', only the columns of V where s is not 0 are read or written
///   (see background.hpp): W x = V s + b V 1 + (1'x) u, and a step d x' adds d s' to V and b d to u.
///
/// The workspace must be shaped for two samples with inputs.
template <typename Scalar>
class OnlineTraining {
 public:
  OnlineTraining(Parameters<Scalar>& parameters, const NetworkOptions& options, RowSums<Scalar>& row_sums,
                 Workspace<Scalar>& workspace, Scalar rate)
      : parameters_(parameters),
        weights_(parameters.weights(0)),
        row_sums_(row_sums),
        workspace_(workspace),
        pass_{{parameters, options, nullptr}, workspace, 0, 1},
        rate_(rate) {}

  void run(const Strided<const Scalar>& x, const Strided<const Scalar>& t) {
    constexpr Index piece = 256;        // u must not grow large beside V
    constexpr Index least_samples = 8;  // that pay for folding u back into V
    for (Index first = 0; first < x.cols(); first += piece) {
      const Index count = std::min(piece, x.cols() - first);
      const auto background = background_of<Scalar>(x, first, count);
      if (background && count >= least_samples) {
        run_foreground(x, t, first, count, *background);
      } else {
        run_columns(x, t, first, count, background);
      }
    }
  }

 private:
  void run_columns(const Strided<const Scalar>& x, const Strided<const Scalar>& t, Index first, Index count,
                   const std::optional<Scalar>& background) {
    first_sums<Scalar, OneSample<Scalar>>({parameters_, pass_.network.options, row_sums_.get()},
                                          column(input(x, first)), background, pass_.values(1));
    for (Index sample = first; sample < first + count; ++sample) {
      finish_sample(t, sample);
      if (sample + 1 < first + count) {
        start_sums();
        update_and_add({input(x, sample)}, delta(), {input(x, sample + 1)}, sums());
      } else {
        fold({input(x, sample)}, delta());
      }
    }
  }

  void run_foreground(const Strided<const Scalar>& x, const Strided<const Scalar>& t, Index first,
                      Index count, Scalar background) {
    const Index n = weights_.outerStride(), inputs = weights_.cols();
    auto& [index, difference, room] = workspace_.foreground();
    index.resize(static_cast<std::size_t>(inputs));
    difference.resize(static_cast<std::size_t>(inputs));
    room.assign(static_cast<std::size_t>(2 * n), Scalar(0));
    const EveryColumn<Scalar> sums_and_shift{room.data(), n};  // V 1 and u
    Scalar* shift = sums_and_shift(1);
    if (const Scalar* known_sums = row_sums_.get()) {
      std::copy_n(known_sums, n, room.data());
    } else {
      sum_rows<Scalar>(read_only<Scalar>(weights_), room.data());
    }
    const ListedColumns<Scalar> listed{weights_.data(), n, index.data()};
    for (Index sample = first; sample < first + count; ++sample) {
      const Index places =
          list_foreground<Scalar>(input(x, sample), 1, inputs, background, index.data(), difference.data());
      const Scalar sum = Eigen::Map<const VectorX<Scalar>>(difference.data(), places).sum();
      const Scalar factors[] = {background, static_cast<Scalar>(inputs) * background + sum};
      start_sums();
      add_columns<Scalar>(sums_and_shift, 2, factors, sums(), n);
      add_columns<Scalar>(listed, places, difference.data(), sums(), n);

      finish_sample(t, sample);
      const Scalar growth[] = {sum, background};
      update_columns<Scalar>(listed, places, {difference.data()}, delta(), n);
      update_columns<Scalar>(sums_and_shift, 2, {growth}, delta(), n);
    }
    const Scalar one = 1;
    fold({&one, 0}, shift);
  }

  /// W += d x', and the row sums of the new W where they are wanted.
  void fold(Factors<Scalar> x, const Scalar* d) {
    if (Scalar* row_sums = row_sums_.refresh(read_only<Scalar>(weights_))) {
      const Scalar one = 1;
      std::fill_n(row_sums, weights_.outerStride(), Scalar(0));
      update_and_add(x, d, {&one, 0}, row_sums);
    } else {
      update_columns<Scalar>(EveryColumn<Scalar>{weights_.data(), weights_.outerStride()}, weights_.cols(), x,
                             d, weights_.outerStride());
    }
  }

  void update_and_add(Factors<Scalar> x, const Scalar* d, Factors<Scalar> next, Scalar* z) {
    update_and_add_columns<Scalar>({weights_.data(), weights_.outerStride()}, weights_.cols(), x, d, next, z,
                                   weights_.outerStride());
  }

  /// Values of sample `sample` of x; two consecutive ones lie in different places.
  const Scalar* input(const Strided<const Scalar>& x, Index sample) {
    return contiguous_columns<Scalar>(x, sample, 1, [&] { return workspace_.values(0, sample % 2, 1); })
        .data();
  }

  ConstColumnsMap<Scalar> column(const Scalar* x) const {
    return {x, weights_.cols(), 1, Eigen::OuterStride<>(weights_.cols())};
  }

  Scalar* sums() { return pass_.values(1).data(); }
  const Scalar* delta() { return pass_.errors(1).data(); }

  /// The first layer's weighted sums before any input: its biases.
  void start_sums() { OneSample<Scalar>::start_sums(pass_.network.parameters.biases(0), pass_.values(1)); }

  /// From the first layer's weighted sums to the deltas; updates all but the weights of the first layer.
  void finish_sample(const Strided<const Scalar>& t, Index sample) {
    const Index layers = parameters_.layers();
    pass_.remaining_sums();
    pass_.activate_output();
    pass_.backward(contiguous_columns<Scalar>(t, sample, 1, [&] { return pass_.errors(layers); }), rate_);
    for (Index layer = 1; layer < layers; ++layer) {
      OneSample<Scalar>::update(read_only<Scalar>(pass_.errors(layer + 1)),
                                read_only<Scalar>(pass_.values(layer)), parameters_.weights(layer),
                                parameters_.biases(layer));
    }
    OneSample<Scalar>::update_biases(read_only<Scalar>(pass_.errors(1)), parameters_.biases(0));
  }

  Parameters<Scalar>& parameters_;
  ColumnsMap<Scalar> weights_;  // of the first layer
  RowSums<Scalar>& row_sums_;
  Workspace<Scalar>& workspace_;
  Pass<Scalar, OneSample<Scalar>> pass_;
  Scalar rate_;
};

}  // namespace backquery::detail
