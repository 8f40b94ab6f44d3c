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

/// A block of samples of any values.
template <typename Scalar>
class DenseBlock {
 public:
  /// More samples make the matrix products faster; fewer make the sums of d_i (x_i'x_k) cheaper.
  static constexpr Index samples = 32;

  DenseBlock(ColumnsMap<Scalar> w, PassBuffers<Scalar>& buffers) : w_(w), buffers_(buffers) {}

  /// Reads `count` columns of x, from column `first` on.
  void read(const Strided<const Scalar>& x, Index first, Index count) {
    buffers_.inputs(0, count) = x.middleCols(first, count);
  }

  /// Z += W X
  void add_product(ColumnsMap<Scalar> z) const {
    detail::add_product<Scalar>(read_only(w_), inputs(z.cols()), z);
  }

  /// products(i, k) = x_i'x_k
  void multiply_inputs(ColumnsMap<Scalar> products) const {
    const auto xs = inputs(products.cols());
    dot_product<Scalar>(xs, xs, products);
  }

  /// W += D X' for the first samples, as many as D has columns.
  void add_steps(ConstColumnsMap<Scalar> d) { add_product_transposed<Scalar>(d, inputs(d.cols()), w_); }

  /// Completes W after the last step.
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
/// m is the number of inputs. A step W += d x' changes V by d s' and u by b d.
///
/// The three products with s have one form: a sum of columns of a matrix over the set bits of a mask. V s
/// sums columns of V over the inputs where the sample differs from b. With S, one s in each column, s_i's_k
/// sums columns of S' over the same inputs. The steps add to a column of V a sum of columns of D over the
/// samples that differ from b in this input.
template <typename Scalar>
class SparseBlock {
 public:
  /// Samples in a block.
  static constexpr Index samples = 16;

  /// @param row_sums  W 1, which must be known; add_steps keeps it up to date
  SparseBlock(ColumnsMap<Scalar> w, Scalar background, FirstLayerRowSums<Scalar>& row_sums,
              PassBuffers<Scalar>& buffers)
      : v_(w), background_(background), row_sums_(row_sums), buffers_(buffers) {
    buffers.foreground.resize(static_cast<std::size_t>(w.cols() * samples));
    buffers.foreground_columns.reserve(static_cast<std::size_t>(w.cols()));
    buffers.sample_masks.resize(static_cast<std::size_t>(groups() * samples));
    buffers.shift.assign(static_cast<std::size_t>(w.outerStride()), Scalar(0));
  }

  void read(const Strided<const Scalar>& x, Index first, Index count) {
    const auto inputs =
        contiguous_columns<Scalar>(x, first, count, [&] { return buffers_.inputs(0, count); });
    std::fill(buffers_.sample_masks.begin(), buffers_.sample_masks.end(), 0);
    buffers_.foreground_columns.clear();
    for (Index group = 0; group < groups(); ++group) {
      read_group(inputs, group);
    }
    sums_.setZero();
    for (const auto [c, mask] : buffers_.foreground_columns) {
      sums_ += Eigen::Map<const Sums, Eigen::Aligned64>(foreground(c));
    }
  }

  void add_product(ColumnsMap<Scalar> z) const {
    const Index n = v_.outerStride();
    for (Index k = 0; k < z.cols(); ++k) {
      add_column<Scalar>(row_sums_.get(), background_, z.data() + k * n, n);
      add_column<Scalar>(buffers_.shift.data(), sums_[k], z.data() + k * n, n);
    }
    for_each_masked_band<Scalar>(n, [&](auto* add, Index row) {
      for (Index group = 0; group < groups(); ++group) {  // a band of a group stays in the first-level cache
        const Index first = group * group_columns;
        for (Index k = 0; k < z.cols(); ++k) {
          add({v_.data() + first * n + row, n}, foreground(first) + k, samples, sample_mask(group, k),
              z.data() + k * n + row);
        }
      }
    });
  }

  void multiply_inputs(ColumnsMap<Scalar> products) const {
    for (Index k = 1; k < products.cols(); ++k) {
      Scalar* const column = products.data() + k * products.outerStride();
      const Scalar rest = background_ * (sums_[k] + static_cast<Scalar>(v_.cols()) * background_);
      for (Index i = 0; i < samples; ++i) {
        column[i] = background_ * sums_[i] + rest;
      }
      for (Index group = 0; group < groups(); ++group) {
        const Scalar* const s = foreground(group * group_columns);
        add_masked_columns<samples / Packet<Scalar>::size, Scalar>({s, samples}, s + k, samples,
                                                                   sample_mask(group, k), column);
      }
    }
  }

  void add_steps(ConstColumnsMap<Scalar> d) {
    const Index n = v_.outerStride();
    const std::uint64_t taken = first_bits(d.cols());
    for_each_masked_band<Scalar>(n, [&](auto* add, Index row) {
      for (const auto [c, mask] : buffers_.foreground_columns) {
        add({d.data() + row, n}, foreground(c), 1, mask & taken, v_.data() + c * n + row);
      }
    });
    alignas(line_bytes) Scalar factors[samples];
    std::fill_n(factors, samples, background_);
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
  using Sums = Eigen::Array<Scalar, samples, 1>;

  /// The number of inputs in a group. Each sample has a mask for each group.
  static constexpr Index group_columns = 64;
  static_assert(group_columns <= least_inputs_with_background);

  [[nodiscard]] Index groups() const { return ceil_div(v_.cols(), group_columns); }
  [[nodiscard]] const Scalar* foreground(Index column) const {
    return buffers_.foreground.data() + column * samples;
  }
  [[nodiscard]] std::uint64_t sample_mask(Index group, Index k) const {
    return buffers_.sample_masks[static_cast<std::size_t>(group * samples + k)];
  }

  void read_group(const ConstColumnsMap<Scalar>& x, Index group) {
    // For the last group, the comparison may begin in the group before it, to have 64 inputs.
    const Index start = (std::min)(group * group_columns, x.rows() - group_columns);
    alignas(line_bytes) Scalar masks[group_columns];
    find_foreground(x, start, masks);
    std::uint64_t* const sample_masks = buffers_.sample_masks.data() + group * samples;
    const Scalar b = background_;
    for (Index c = group * group_columns; c < start + group_columns; ++c) {
      auto mask = static_cast<std::uint32_t>(static_cast<std::int32_t>(masks[c - start]));
      if (mask == 0) {
        continue;
      }
      buffers_.foreground_columns.push_back({c, mask});
      Scalar* const s = buffers_.foreground.data() + c * samples;
      std::fill_n(s, samples, Scalar(0));
      for (; mask != 0; mask &= mask - 1) {
        const Index k = lowest_bit(mask);
        s[k] = x.data()[k * x.outerStride() + c] - b;
        sample_masks[k] |= std::uint64_t{1} << (c - group * group_columns);
      }
    }
  }

  /// Bit k of masks[j] is 1 if x(start + j, k) differs from the background. A mask is a sum of powers of two,
  /// which is exact in every Scalar.
  void find_foreground(const ConstColumnsMap<Scalar>& x, Index start, Scalar* masks) const {
    using P = Packet<Scalar>;
    const P b = P::broadcast(background_);
    for (Index j = 0; j < group_columns; j += P::size) {
      P sum = P::broadcast(Scalar(0)), power = P::broadcast(Scalar(1));
      for (Index k = 0; k < x.cols(); ++k) {
        const Scalar* const values = x.data() + k * x.outerStride() + start + j;
        sum = sum.plus_if_different(P::load_unaligned(values), b, power);
        power = power.plus(power, P::broadcast(Scalar(1)));
      }
      sum.store(masks + j);
    }
  }

  ColumnsMap<Scalar> v_;
  Scalar background_;
  FirstLayerRowSums<Scalar>& row_sums_;
  PassBuffers<Scalar>& buffers_;
  Sums sums_ = Sums::Zero();  // 1's of each sample
};

}  // namespace backquery::detail
