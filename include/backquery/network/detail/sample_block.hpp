/// @file
/// Blocks of samples for delayed steps. A block computes the products of its samples with the weights W of
/// the first layer, and with each other.
#pragma once

#include <backquery/detail/kernels.hpp>
#include <backquery/detail/products.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/network/detail/background.hpp>
#include <backquery/network/detail/pass_buffers.hpp>
#include <backquery/network/detail/passes.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace backquery::detail {

/// Samples in a block. More samples make the matrix products faster; fewer keep the sums of d_i (x_i'x_k)
/// cheap.
constexpr Index block_samples = 32;

/// A block of samples of any values.
template <typename Scalar>
class DenseBlock {
 public:
  DenseBlock(ColumnsMap<Scalar> w, PassBuffers<Scalar>& buffers) : w_(w), buffers_(buffers) {}

  /// The block becomes columns first .. first + count of x.
  void read(const Strided<const Scalar>& x, Index first, Index count) {
    buffers_.inputs(0, count) = x.middleCols(first, count);
  }

  /// Z += W X
  void add_product(ColumnsMap<Scalar> z) const {
    detail::add_product<Scalar>(read_only(w_), inputs(z.cols()), z);
  }

  /// products(i, k) = x_i'x_k for i < k
  void multiply_inputs(ColumnsMap<Scalar> products) const {
    for (Index k = 0; k < products.cols(); k += tile_columns) {
      const Index width = std::min<Index>(tile_columns, products.cols() - k);
      const auto xs = inputs(k + width);
      dot_product<Scalar>(
          xs, columns_of(xs, k, width),
          {products.col(k).data(), k + width, width, Eigen::OuterStride<>(products.outerStride())});
    }
  }

  /// W += D X' for the first samples, as many as D has columns.
  void add_steps(ConstColumnsMap<Scalar> d) { add_product_transposed<Scalar>(d, inputs(d.cols()), w_); }

  /// Completes the steps.
  void finish() {}

 private:
  [[nodiscard]] ConstColumnsMap<Scalar> inputs(Index count) const {
    return read_only(buffers_.inputs(0, count));
  }

  ColumnsMap<Scalar> w_;
  PassBuffers<Scalar>& buffers_;
};

/// A block of samples with a background, x = b 1 + s, with the functions of DenseBlock. Only columns of W for
/// which an s is not 0 are read and written. Until finish(), the memory of W contains V:
///
///     W = V + u 1'      W x = b (W 1) + (1's) u + V s      x_i'x_k = s_i's_k + b (1's_i + 1's_k) + m b^2
///
/// A step W += d x' changes V by d s' and u by b d.
///
/// The three products with s have one form: a sum of columns of a matrix, over the bits of a mask. W x sums
/// columns of V over the places where the sample is not b, and x_i'x_k sums columns of the transposed s over
/// the same places. A step sums columns of D over the samples that are not b in this column of V.
template <typename Scalar>
class SparseBlock {
 public:
  /// @param row_sums  W 1, which must be known; up to date after every call
  SparseBlock(ColumnsMap<Scalar> w, Scalar background, FirstLayerRowSums<Scalar>& row_sums,
              PassBuffers<Scalar>& buffers)
      : v_(w), background_(background), row_sums_(row_sums), buffers_(buffers) {
    for (Index k = 0; k < half; ++k) {
      powers_[k] = static_cast<Scalar>(1 << k);
    }
    buffers.foreground.resize(static_cast<std::size_t>(w.cols() * block_samples));
    buffers.foreground_columns.resize(static_cast<std::size_t>(w.cols()));
    buffers.sample_masks.resize(static_cast<std::size_t>(groups() * block_samples));
    buffers.shift.assign(static_cast<std::size_t>(w.outerStride()), Scalar(0));
  }

  void read(const Strided<const Scalar>& x, Index first, Index count) {
    const auto inputs =
        contiguous_columns<Scalar>(x, first, count, [&] { return buffers_.inputs(0, count); });
    std::fill(buffers_.sample_masks.begin(), buffers_.sample_masks.end(), 0);
    found_ = 0;
    for (Index group = 0; group < groups(); ++group) {
      read_group(inputs, group);
    }
    sums_.setZero();
    for (Index j = 0; j < found_; ++j) {
      sums_ += Eigen::Map<const Sums, Eigen::AlignedMax>(foreground(foreground_column(j).index));
    }
  }

  void add_product(ColumnsMap<Scalar> z) const {
    const Index n = v_.outerStride();
    for (Index k = 0; k < z.cols(); ++k) {
      add_column<Scalar>(row_sums_.get(), background_, z.data() + k * n, n);
      add_column<Scalar>(buffers_.shift.data(), sums_[k], z.data() + k * n, n);
    }
    for_each_band<band_packets>(n / Packet<Scalar>::size, [&](auto packets, Index packet) {
      const Index first = packet * Packet<Scalar>::size;
      for (Index group = 0; group < groups(); ++group) {  // a band of a group stays in the first-level cache
        for (Index k = 0; k < z.cols(); ++k) {
          add_masked_columns<packets.value, Scalar>({v_.data() + group * group_columns * n + first, n},
                                                    foreground(group * group_columns) + k, block_samples,
                                                    sample_mask(group, k), z.data() + k * n + first);
        }
      }
    });
  }

  void multiply_inputs(ColumnsMap<Scalar> products) const {
    for (Index k = 1; k < products.cols(); ++k) {
      Scalar* const column = products.data() + k * products.outerStride();
      const Scalar rest = background_ * (sums_[k] + static_cast<Scalar>(v_.cols()) * background_);
      for (Index i = 0; i < block_samples; ++i) {
        column[i] = background_ * sums_[i] + rest;
      }
      for_each_band<band_packets>(ceil_div(k, Packet<Scalar>::size), [&](auto packets, Index packet) {
        const Index first = packet * Packet<Scalar>::size;
        for (Index group = 0; group < groups(); ++group) {
          const Scalar* s = foreground(group * group_columns);
          add_masked_columns<packets.value, Scalar>({s + first, block_samples}, s + k, block_samples,
                                                    sample_mask(group, k), column + first);
        }
      });
    }
  }

  void add_steps(ConstColumnsMap<Scalar> d) {
    const Index n = v_.outerStride();
    const std::uint64_t samples = first_bits(d.cols());
    for_each_band<band_packets>(n / Packet<Scalar>::size, [&](auto packets, Index packet) {
      const Index first = packet * Packet<Scalar>::size;
      for (Index j = 0; j < found_; ++j) {
        const auto [c, mask] = foreground_column(j);
        add_masked_columns<packets.value, Scalar>({d.data() + first, n}, foreground(c), 1, mask & samples,
                                                  v_.data() + c * n + first);
      }
    });
    alignas(line_bytes) Scalar factors[block_samples];
    std::fill_n(factors, block_samples, background_);
    add_few_columns<Scalar>({d.data(), n}, d.cols(), factors, buffers_.shift.data(), n);
    for (Index k = 0; k < d.cols(); ++k) {
      factors[k] = sums_[k] + static_cast<Scalar>(v_.cols()) * background_;
    }
    row_sums_.add_steps(d, factors);
  }

  void finish() {
    const Index n = v_.outerStride();
    for (Index k = 0; k < v_.cols(); ++k) {
      add_column<Scalar>(buffers_.shift.data(), 1, v_.data() + k * n, n);
    }
  }

 private:
  using Sums = Eigen::Array<Scalar, block_samples, 1>;

  /// Columns of W for which a sample has one mask.
  static constexpr Index group_columns = 64;
  static_assert(group_columns <= least_inputs_with_background);
  static constexpr Index half = block_samples / 2;

  [[nodiscard]] Index groups() const { return ceil_div(v_.cols(), group_columns); }
  [[nodiscard]] const Scalar* foreground(Index column) const {
    return buffers_.foreground.data() + column * block_samples;
  }
  [[nodiscard]] ForegroundColumn foreground_column(Index j) const {
    return buffers_.foreground_columns[static_cast<std::size_t>(j)];
  }
  [[nodiscard]] std::uint64_t sample_mask(Index group, Index k) const {
    return buffers_.sample_masks[static_cast<std::size_t>(group * block_samples + k)];
  }

  void read_group(const ConstColumnsMap<Scalar>& x, Index group) {
    // The last group may begin with columns of the group before it.
    const Index start = (std::min)(group * group_columns, x.rows() - group_columns);
    std::uint32_t masks[group_columns];
    find_foreground(x, start, masks);
    std::uint64_t* const sample_masks = buffers_.sample_masks.data() + group * block_samples;
    ForegroundColumn* const columns = buffers_.foreground_columns.data();
    const Scalar b = background_;
    Index found = found_;
    for (Index c = group * group_columns; c < start + group_columns; ++c) {
      std::uint64_t mask = masks[c - start];
      columns[found] = {c, masks[c - start]};
      found += static_cast<Index>(mask != 0);
      Scalar* const s = buffers_.foreground.data() + c * block_samples;
      if (mask != 0) {
        std::fill_n(s, block_samples, Scalar(0));
      }
      for (; mask != 0; mask &= mask - 1) {
        const Index k = lowest_bit(mask);
        s[k] = x.data()[k * x.outerStride() + c] - b;
        sample_masks[k] |= std::uint64_t{1} << (c - group * group_columns);
      }
    }
    found_ = found;
  }

  /// Bit k of mask j: x(start + j, k) differs from the background. Masks of a half of the samples are sums of
  /// powers of two, which are exact.
  void find_foreground(const ConstColumnsMap<Scalar>& x, Index start, std::uint32_t* masks) const {
    using P = Packet<Scalar>;
    alignas(line_bytes) Scalar low[group_columns], high[group_columns];
    const P b = P::broadcast(background_);
    for (Index j = 0; j < group_columns; j += P::size) {
      P low_sum = P::broadcast(Scalar(0)), high_sum = low_sum;
      for (Index k = 0; k < half; ++k) {
        const auto values = [&](Index sample) {
          return P::load_unaligned(x.data() + (std::min)(sample, x.cols() - 1) * x.outerStride() + start + j);
        };
        low_sum = low_sum.plus_if_different(values(k), b, P::broadcast(powers_[k]));
        high_sum = high_sum.plus_if_different(values(k + half), b, P::broadcast(powers_[k]));
      }
      low_sum.store(low + j);
      high_sum.store(high + j);
    }
    const auto samples = static_cast<std::uint32_t>(first_bits(x.cols()));
    for (Index j = 0; j < group_columns; ++j) {
      masks[j] = samples & (static_cast<std::uint32_t>(static_cast<std::int32_t>(low[j])) |
                            static_cast<std::uint32_t>(static_cast<std::int32_t>(high[j])) << half);
    }
  }

  ColumnsMap<Scalar> v_;
  Scalar background_;
  FirstLayerRowSums<Scalar>& row_sums_;
  PassBuffers<Scalar>& buffers_;
  Scalar powers_[half];
  Index found_ = 0;           // number of columns with a foreground
  Sums sums_ = Sums::Zero();  // 1's of each sample
};

}  // namespace backquery::detail
