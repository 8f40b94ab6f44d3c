/// @file
/// A layer whose size is a compile-time constant. The sums of a block of nodes stay in registers for all
/// columns of the weights.
#pragma once

#include <backquery/detail/packet.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/network/detail/background.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <type_traits>
#include <utility>

namespace backquery::detail {

/// The nodes of a layer in blocks of packets. The last rows are padding.
template <typename Scalar, Index Nodes>
struct RowBlocks {
  static constexpr Index packet = Packet<Scalar>::size;
  static constexpr Index packets = ceil_div(Nodes, packet), rows = packets * packet;
  /// Half of the registers hold sums; the others hold factors.
  static constexpr Index packets_at_once = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS / 2;
  static constexpr Index last_packets = packets % packets_at_once;  // size of a last, smaller block
  static constexpr Index full = packets_at_once * packet, rows_in_full = rows - last_packets * packet;
  /// All blocks use this number of columns before the next columns, so that the weights are read nearly in
  /// order.
  static constexpr Index columns_at_once = packets > packets_at_once ? 8 : std::numeric_limits<Index>::max();
};

/// z += sum_k x_k column_k for a block of PacketCount packets. A small block uses several sums, because a
/// single sum would wait for each addition to end.
template <int PacketCount, typename Scalar, typename Columns, Index... Way>
void add_block(const Columns& column, Index count, const Scalar* x, Scalar* z,
               std::integer_sequence<Index, Way...>) {
  using Sums = Packets<Scalar, PacketCount>;
  constexpr Index ways = sizeof...(Way);
  Sums sums[ways] = {(static_cast<void>(Way), Sums::zero())...};
  const auto add = [&](Sums& sum, Index k) {
    sum.add(Sums::load(column(k), Packet<Scalar>::size), Packet<Scalar>::broadcast(x[k]));
  };
  const Index whole = count - count % ways;
  for (Index k = 0; k < whole; k += ways) {
    (add(sums[Way], k + Way), ...);
  }
  for (Index k = whole; k < count; ++k) {
    add(sums[0], k);
  }
  (sums[Way].add_to(z), ...);
}

/// @tparam KnowsRowSums  whether the layer has row sums for inputs with a background; see background.hpp
template <typename Scalar, Index Inputs, Index Nodes, bool KnowsRowSums>
class FixedLayer {
  using Blocks = RowBlocks<Scalar, Nodes>;

 public:
  static constexpr Index inputs = Inputs, nodes = Nodes;
  static constexpr Index rows = Blocks::rows;

  /// Sets a weight, or a bias if column == Inputs. Call sum_rows() after all weights are set.
  constexpr void set(Index row, Index column, Scalar value) noexcept {
    values_[static_cast<std::size_t>(column * rows + row)] = value;
  }

  constexpr void sum_rows() noexcept {
    for (Index row = 0; KnowsRowSums && row < Nodes; ++row) {
      Scalar sum = 0;
      for (Index column = 0; column < Inputs; ++column) {
        sum += values_[static_cast<std::size_t>(column * rows + row)];
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
        for_each_sparse_chunk<std::min<Index>(Inputs, 256)>(
            x, 1, Inputs, *background, [&](const SparseColumn<Scalar>& s, Index first) {
              add_columns(s.columns_of(values_.data() + first * rows, rows), s.count, s.difference, z);
            });
        return;
      }
    }
    add_columns(EveryColumn<const Scalar>{values_.data(), rows}, Inputs, x, z);
  }

 private:
  /// z += sum_k x_k column_k
  template <typename Columns>
  static void add_columns(const Columns& columns, Index count, const Scalar* x, Scalar* z) noexcept {
    for (Index first = 0; first < count; first += std::min(Blocks::columns_at_once, count)) {
      const Index some = std::min(Blocks::columns_at_once, count - first);
      const auto add_packets = [&](auto packets, Index row) {
        constexpr Index ways = std::min(Blocks::packets_at_once / packets, Inputs);
        add_block<packets>([&](Index k) { return columns(first + k) + row; }, some, x + first, z + row,
                           std::make_integer_sequence<Index, ways>());
      };
      for (Index row = 0; row < Blocks::rows_in_full; row += Blocks::full) {
        add_packets(std::integral_constant<Index, Blocks::packets_at_once>(), row);
      }
      if constexpr (Blocks::last_packets > 0) {
        add_packets(std::integral_constant<Index, Blocks::last_packets>(), Blocks::rows_in_full);
      }
    }
  }

  static constexpr std::size_t size = rows * (Inputs + 1);
  /// W column by column, then b.
  alignas(line_bytes) std::array<Scalar, size> values_{};
  alignas(line_bytes) std::array<Scalar, static_cast<std::size_t>(KnowsRowSums ? rows : 0)> row_sums_{};
};

}  // namespace backquery::detail
