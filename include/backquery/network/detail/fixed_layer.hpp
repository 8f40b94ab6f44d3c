/// @file
/// Layers with sizes that are compile-time constants. The sums of a narrow layer stay in registers for all
/// columns of the weights.
#pragma once

#include <backquery/detail/kernels.hpp>
#include <backquery/detail/packet.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/network/activation.hpp>
#include <backquery/network/detail/background.hpp>

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

namespace backquery::detail {

/// @tparam KnowsRowSums  whether the layer has row sums for inputs with a background; see background.hpp
template <typename Scalar, Index Inputs, Index Nodes, bool KnowsRowSums>
class FixedLayer {
  static constexpr Index packets = ceil_div(Nodes, Packet<Scalar>::size);
  /// Half of the registers hold sums; the others hold factors.
  static constexpr Index most_sums = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS / 2;
  static constexpr bool is_narrow = packets <= most_sums;

 public:
  /// The number of nodes, including padding.
  static constexpr Index rows = is_narrow ? packets * Packet<Scalar>::size : padded<Scalar>(Nodes);

  /// Sets `count` columns of the matrix (W b), weights and biases, from column `first` on, to value(row,
  /// column). The column of the first value is 0.
  template <typename Value>
  constexpr void set(Index first, Index count, const Value& value) noexcept {
    for (Index column = 0; column < count; ++column) {
      for (Index row = 0; row < Nodes; ++row) {
        at(row, first + column) = value(row, column);
      }
    }
    for (Index row = 0; KnowsRowSums && row < Nodes; ++row) {
      Scalar sum = 0;
      for (Index column = 0; column < Inputs; ++column) {
        sum += at(row, column);
      }
      row_sums_[static_cast<std::size_t>(row)] = sum;
    }
  }

  /// z = W x + b; z has `rows` values and starts on a line.
  void pre_activations(const Scalar* x, Scalar* z) const noexcept {
    std::copy_n(values_.data() + rows * Inputs, rows, z);
    if constexpr (KnowsRowSums) {
      if (const auto background = background_of<Scalar>({x, Inputs, 1, {Inputs, 1}}, 0, 1)) {
        add_columns(EveryColumn<const Scalar>{row_sums_.data(), rows}, 1, &*background, z);
        for_each_sparse_chunk<(std::min)(Inputs, sparse_chunk)>(
            EveryColumn<const Scalar>{values_.data(), rows}, x, 1, Inputs, *background,
            [z](const auto& columns, Index count, const Scalar* factors) {
              add_columns(columns, count, factors, z);
            });
        return;
      }
    }
    add_columns(EveryColumn<const Scalar>{values_.data(), rows}, Inputs, x, z);
  }

 private:
  constexpr Scalar& at(Index row, Index column) noexcept {
    return values_[static_cast<std::size_t>(column * rows + row)];
  }

  /// z += sum_k x_k column_k
  template <typename Columns>
  static void add_columns(const Columns& columns, Index count, const Scalar* x, Scalar* z) noexcept {
    if constexpr (is_narrow) {
      constexpr Index ways = (std::min)(most_sums / packets, Inputs);
      add_narrow_columns<packets>(columns, count, x, z, std::make_integer_sequence<Index, ways>());
    } else {
      detail::add_columns<Scalar>(columns, count, x, z, rows);
    }
  }

  static constexpr std::size_t size = rows * (Inputs + 1);
  /// W column by column, then b.
  alignas(line_bytes) std::array<Scalar, size> values_{};
  alignas(line_bytes) std::array<Scalar, static_cast<std::size_t>(KnowsRowSums ? rows : 0)> row_sums_{};
};

/// The layers of these sizes as one value. Unlike std::tuple, it is trivially copyable.
template <typename Scalar, bool IsFirst, Index... Sizes>
struct FixedLayers {
  static constexpr std::size_t parameters = 0;
};
template <typename Scalar, bool IsFirst, Index Inputs, Index Nodes, Index... Others>
struct FixedLayers<Scalar, IsFirst, Inputs, Nodes, Others...> : FixedLayers<Scalar, false, Nodes, Others...> {
  using Rest = FixedLayers<Scalar, false, Nodes, Others...>;
  static constexpr bool is_last = sizeof...(Others) == 0;

  /// Number of weights and biases.
  static constexpr std::size_t parameters = Nodes * (Inputs + 1) + Rest::parameters;

  FixedLayer<Scalar, Inputs, Nodes, IsFirst && Inputs >= least_inputs_with_background> layer;

  template <Index Number>
  constexpr auto& at() noexcept {
    if constexpr (Number == 0) {
      return layer;
    } else {
      return Rest::template at<Number - 1>();
    }
  }

  /// Reads the weights column by column, then the biases, layer by layer.
  constexpr void read(const Scalar* table) noexcept {
    layer.set(0, Inputs + 1, [table](Index row, Index column) { return table[column * Nodes + row]; });
    if constexpr (!is_last) {
      Rest::read(table + Nodes * (Inputs + 1));
    }
  }

  /// The outputs y for the inputs x.
  /// @param activations  of this layer and the layers behind
  void forward(const Scalar* x, Scalar* y, const Activation* activations) const noexcept {
    constexpr Index rows = decltype(layer)::rows;
    alignas(line_bytes) Scalar z[static_cast<std::size_t>(rows)];
    layer.pre_activations(x, z);
    activate<Scalar>(*activations, {z, Nodes, 1, Eigen::OuterStride<>(rows)});
    if constexpr (is_last) {
      std::copy_n(z, Nodes, y);
    } else {
      Rest::forward(z, y, activations + 1);
    }
  }
};

}  // namespace backquery::detail
