/// @file
/// One step for each sample, in order.
#pragma once

#include <backquery/detail/kernels.hpp>
#include <backquery/detail/products.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/network/detail/background.hpp>
#include <backquery/network/detail/passes.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace backquery::detail {

/// Steps for the columns of x and t, all of which are applied when run returns. The first layer, where nearly
/// all weights are, goes one of three ways, whichever suits a piece of the samples. All are the same steps in
/// the same order, up to rounding:
///
/// - one by one:  W x, then W += d x';
/// - late:  the steps of a block of samples go into W together, as W += D X', and until then into the sums of
/// the later
///   samples by W x_k + sum_(i<k) d_i (x_i'x_k). So W is read and written once a block, by matrix products;
/// - foreground:  with x = b 1 + s and W = V + u 1', only the columns of V where s is not 0 are read or
/// written (see
///   background.hpp): W x = V s + b V 1 + (1'x) u, and a step d x' adds d s' to V and b d to u.
template <typename Scalar>
class OnlineTraining {
 public:
  /// Columns that the workspace must be shaped for, with inputs.
  static Index columns(ConstColumnsMap<Scalar> first_weights, Index samples) {
    return samples < least_samples || is_small(first_weights) ? 1 : std::min(late_samples, samples);
  }

  OnlineTraining(Parameters<Scalar>& parameters, const NetworkOptions& options,
                 FirstLayerRowSums<Scalar>& row_sums, Workspace<Scalar>& workspace, Scalar rate)
      : parameters_(parameters),
        options_(options),
        weights_(parameters.weights(0)),
        row_sums_(row_sums),
        workspace_(workspace),
        rate_(rate) {}

  void run(const Strided<const Scalar>& x, const Strided<const Scalar>& t) {
    constexpr Index piece = 256;  // u must not grow large beside V
    const bool few = x.cols() < least_samples, small = is_small(read_only<Scalar>(weights_));
    for (Index first = 0; first < x.cols(); first += piece) {
      const Index count = std::min(piece, x.cols() - first);
      const auto background = background_of<Scalar>(x, first, count);
      if (background && !few) {
        run_foreground(x, t, first, count, *background);
      } else if (few || small) {
        run_one_by_one(x, t, first, count, background);
      } else {
        run_late(x, t, first, count);
      }
    }
  }

 private:
  /// Samples whose steps are late together: enough to make the products pay, few enough for the sums of d_i
  /// (x_i'x_k).
  static constexpr Index late_samples = 32;

  /// Samples that pay for what the other ways need beside their steps.
  static constexpr Index least_samples = 8;

  /// Whether the weights stay in the processor's first cache from step to step.
  static bool is_small(ConstColumnsMap<Scalar> first_weights) {
    return first_weights.outerStride() * first_weights.cols() * static_cast<Index>(sizeof(Scalar)) <
           Index{32} * 1024;
  }

  void run_one_by_one(const Strided<const Scalar>& x, const Strided<const Scalar>& t, Index first,
                      Index count, const std::optional<Scalar>& background) {
    for (Index sample = first; sample < first + count; ++sample) {
      const auto input = contiguous_columns<Scalar>(x, sample, 1, [&] { return workspace_.values(0, 0, 1); });
      first_sums<Scalar, OneSample<Scalar>>({parameters_, options_, row_sums_.get()}, input, background,
                                            sums(0));
      finish_sample(t, sample, 0);
      OneSample<Scalar>::update(delta(0), input, weights_, parameters_.biases(0));
      row_sums_.step(read_only<Scalar>(weights_), delta(0).data(), input.sum());
    }
  }

  void run_late(const Strided<const Scalar>& x, const Strided<const Scalar>& t, Index first, Index count) {
    for (Index start = first; start < first + count; start += late_samples) {
      const Index samples = std::min(late_samples, first + count - start);
      auto inputs = workspace_.values(0, 0, samples);
      inputs = x.middleCols(start, samples);
      const auto xs = read_only<Scalar>(inputs);
      const auto products = products_between(xs);
      ManySamples<Scalar>::weighted_sums(std::as_const(parameters_).weights(0), biases(), xs,
                                         workspace_.values(1, 0, samples));
      const auto deltas = read_only<Scalar>(workspace_.errors(1, 0, samples));
      const Index n = weights_.outerStride();
      for (Index k = 0; k < samples; ++k) {
        add_columns<Scalar>(EveryColumn<const Scalar>{deltas.data(), n}, k,
                            products.data() + k * products.outerStride(), sums(k).data(), n);
        finish_sample(t, start + k, k);
      }
      add_product_transposed<Scalar>(deltas, xs, weights_);
      for (Index k = 0; k < samples; ++k) {
        OneSample<Scalar>::update_biases(delta(k), parameters_.biases(0));
      }
    }
    row_sums_.sum(read_only<Scalar>(weights_));
  }

  /// x_i'x_k for i < k, and 1 more with biases, which are the weights of a further input that is always 1.
  ColumnsMap<Scalar> products_between(ConstColumnsMap<Scalar> xs) {
    auto& room = workspace_.foreground().difference;
    const Index step = padded<Scalar>(late_samples);
    room.resize(static_cast<std::size_t>(std::max(step * late_samples, weights_.cols())));
    const auto columns = [&](Index first, Index count) {
      return ConstColumnsMap<Scalar>(xs.data() + first * xs.outerStride(), xs.rows(), count,
                                     Eigen::OuterStride<>(xs.outerStride()));
    };
    for (Index k = 0; k < xs.cols(); k += tile_columns) {
      const Index width = std::min<Index>(tile_columns, xs.cols() - k);
      dot_product<Scalar>(columns(0, k + width), columns(k, width),
                          {room.data() + k * step, k + width, width, Eigen::OuterStride<>(step)});
    }
    ColumnsMap<Scalar> products(room.data(), xs.cols(), xs.cols(), Eigen::OuterStride<>(step));
    if (options_.biases) {
      products.array() += Scalar(1);
    }
    return products;
  }

  void run_foreground(const Strided<const Scalar>& x, const Strided<const Scalar>& t, Index first,
                      Index count, Scalar background) {
    const Index n = weights_.outerStride(), inputs = weights_.cols();
    auto& [index, difference, room] = workspace_.foreground();
    index.resize(static_cast<std::size_t>(inputs));
    difference.resize(std::max(difference.size(), static_cast<std::size_t>(inputs)));
    room.assign(static_cast<std::size_t>(2 * n), Scalar(0));
    const EveryColumn<Scalar> sums_and_shift{room.data(), n};  // V 1 and u
    if (const Scalar* known_sums = row_sums_.get()) {
      std::copy_n(known_sums, n, room.data());
    } else {
      sum_rows<Scalar>(read_only<Scalar>(weights_), room.data());
    }
    const ListedColumns<Scalar> listed{weights_.data(), n, index.data()};
    for (Index sample = first; sample < first + count; ++sample) {
      const auto input = contiguous_columns<Scalar>(x, sample, 1, [&] { return workspace_.values(0, 0, 1); });
      const Index places =
          list_foreground<Scalar>(input.data(), 1, inputs, background, index.data(), difference.data());
      const Scalar sum = Eigen::Map<const VectorX<Scalar>>(difference.data(), places).sum();
      const Scalar factors[] = {background, static_cast<Scalar>(inputs) * background + sum};
      start_sums<Scalar>(biases(), sums(0));
      add_columns<Scalar>(sums_and_shift, 2, factors, sums(0).data(), n);
      add_columns<Scalar>(listed, places, difference.data(), sums(0).data(), n);

      finish_sample(t, sample, 0);
      const Scalar growth[] = {sum, background};
      update_columns<Scalar>(listed, places, {difference.data()}, delta(0).data(), n);
      update_columns<Scalar>(sums_and_shift, 2, {growth}, delta(0).data(), n);
      OneSample<Scalar>::update_biases(delta(0), parameters_.biases(0));
    }
    const Scalar one = 1;
    update_columns<Scalar>(EveryColumn<Scalar>{weights_.data(), n}, inputs, {&one, 0}, sums_and_shift(1), n);
    row_sums_.sum(read_only<Scalar>(weights_));
  }

  /// The pass of the sample in column k of the workspace.
  Pass<Scalar, OneSample<Scalar>> pass(Index k) {
    return {{parameters_, options_, nullptr}, workspace_, k, 1};
  }
  ColumnsMap<Scalar> sums(Index k) { return workspace_.values(1, k, 1); }
  ConstColumnsMap<Scalar> delta(Index k) { return read_only<Scalar>(workspace_.errors(1, k, 1)); }
  Eigen::Map<const VectorX<Scalar>> biases() const { return std::as_const(parameters_).biases(0); }

  /// From the first layer's weighted sums to its delta; updates the other layers.
  void finish_sample(const Strided<const Scalar>& t, Index sample, Index k) {
    const auto here = pass(k);
    const Index layers = parameters_.layers();
    here.remaining_sums();
    here.activate_output();
    here.backward(contiguous_columns<Scalar>(t, sample, 1, [&] { return here.errors(layers); }), rate_);
    for (Index layer = 1; layer < layers; ++layer) {
      OneSample<Scalar>::update(read_only<Scalar>(here.errors(layer + 1)),
                                read_only<Scalar>(here.values(layer)), parameters_.weights(layer),
                                parameters_.biases(layer));
    }
  }

  Parameters<Scalar>& parameters_;
  const NetworkOptions& options_;
  ColumnsMap<Scalar> weights_;  // of the first layer
  FirstLayerRowSums<Scalar>& row_sums_;
  Workspace<Scalar>& workspace_;
  Scalar rate_;
};

}  // namespace backquery::detail
