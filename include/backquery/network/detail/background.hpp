/// @file
/// Samples with a background: most values of a sample equal one constant, as in an image.
///
///     x = b 1 + s       b background (a scalar), s foreground: zero in most places
///
/// Therefore W x = b (W 1) + W s and d x' = b d 1' + d s'. If the row sums W 1 are known, only the columns of
/// W for the foreground are read or written. In exact arithmetic this holds for any b. The rounding error
/// grows with |b| times the sum of |w|, even if x_k = 0 removes a weight from W x.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/kernels.hpp>
#include <backquery/detail/storage.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace backquery::detail {

/// Networks with fewer inputs are not faster with a background.
constexpr Index least_inputs_with_background = 64;

/// The most frequent value of the inputs, found among 32 values spread over all samples. Empty unless at
/// least 5 of 8 probed values are equal.
template <typename Scalar>
std::optional<Scalar> background_of(const Strided<const Scalar>& x, Index first, Index count) {
  constexpr Index probes = 32, least_votes = 20;
  if (x.rows() < least_inputs_with_background || count < 1) {
    return std::nullopt;
  }
  Scalar values[probes];
  Index row = 0;
  for (Index k = 0; k < probes; ++k) {
    values[k] = x(row, first + k * count / probes);
    row += x.rows() * 5 / 8 + 1;  // probes neighboring samples in distant rows
    row -= row < x.rows() ? 0 : x.rows();
  }
  for (Index k = 0; k <= probes - least_votes; ++k) {  // a value with enough votes is among these
    int votes = 0;
    for (const Scalar value : values) {
      votes += static_cast<int>(value == values[k]);
    }
    if (votes >= least_votes) {
      return values[k];
    }
  }
  return std::nullopt;
}

/// Lists the values of x, `step` apart, that differ from the background: their indices, and x_k - b. Returns
/// their number. Both buffers have at least n elements.
template <typename Scalar>
EIGEN_ALWAYS_INLINE Index list_foreground(const Scalar* x, Index step, Index n, Scalar background,
                                          Index* index, Scalar* difference) {
  Index count = 0, k = 0;      // no branches, because their prediction would often fail
  constexpr Index block = 64;  // the compiler vectorizes comparisons of a constant number of values
  for (; step == 1 && k + block <= n; k += block) {
    bool differs[block];
    for (Index i = 0; i < block; ++i) {
      differs[i] = x[k + i] != background;
    }
    for (Index i = 0; i < block; ++i) {
      index[count] = k + i;
      count += static_cast<Index>(differs[i]);
    }
  }
  for (Index j = 0; j < count; ++j) {
    difference[j] = x[index[j]] - background;
  }
  for (; k < n; ++k) {
    index[count] = k;
    difference[count] = x[k * step] - background;
    count += static_cast<Index>(x[k * step] != background);
  }
  return count;
}

/// The number of values in a chunk of a column. The list of a chunk is on the stack.
constexpr Index sparse_chunk = 1024;

/// Computes W s for a column x = b 1 + s of n values, `step` apart: calls add(columns, count, factors) for
/// each chunk of x. The product is the sum of factors[k] columns(k).
template <Index chunk_size = sparse_chunk, typename Scalar, typename Add>
void for_each_sparse_chunk(EveryColumn<const Scalar> w, const Scalar* x, Index step, Index n,
                           Scalar background, const Add& add) {
  Index index[static_cast<std::size_t>(chunk_size)];
  Scalar difference[static_cast<std::size_t>(chunk_size)];
  for (Index first = 0; first < n; first += chunk_size) {
    const Index size = (std::min)(chunk_size, n - first);
    const Index count = list_foreground<Scalar>(x + first * step, step, size, background, index, difference);
    add(ListedColumns<const Scalar>{w(first), w.step, index}, count, difference);
  }
}

/// z += W x = b (W 1) + W s for values x, `step` apart.
template <typename Scalar>
void add_sparse_product(ConstColumnsMap<Scalar> w, const Scalar* row_sums, const Scalar* x, Index step,
                        Scalar background, Scalar* z) {
  const Index n = w.outerStride();
  add_column<Scalar>(row_sums, background, z, n);
  for_each_sparse_chunk<>(EveryColumn<const Scalar>{w.data(), n}, x, step, w.cols(), background,
                          [&](const auto& columns, Index count, const Scalar* factors) {
                            add_columns<Scalar>(columns, count, factors, z, n);
                          });
}

/// Computes the row sums W 1, padded like the columns of W.
template <typename Scalar>
void sum_rows(ConstColumnsMap<Scalar> w, Scalar* row_sums) {
  const Index n = w.outerStride();
  std::fill_n(row_sums, n, Scalar(0));
  for (Index k = 0; k < w.cols(); ++k) {
    add_column<Scalar>(w.data() + k * n, 1, row_sums, n);
  }
}

/// The row sums of a network's first layer. They are kept up to date, so that a query need not compute them.
template <typename Scalar>
class FirstLayerRowSums {
 public:
  /// Null if the sums are not known: for few inputs, or infinite weights.
  [[nodiscard]] const Scalar* get() const { return known_ ? values_.data() : nullptr; }

  /// Whether the sums show that all weights are finite: an infinite or NaN weight makes its sum infinite or
  /// NaN. Sums above `largest` in magnitude do not count.
  [[nodiscard]] bool prove_finite(Scalar largest) const {
    return known_ && steps_ == 0 && std::all_of(values_.begin(), values_.end(), [largest](Scalar sum) {
             return std::abs(sum) <= largest;
           });
  }

  void sum(ConstColumnsMap<Scalar> w) {
    known_ = w.cols() >= least_inputs_with_background;
    values_.resize(known_ ? static_cast<std::size_t>(w.outerStride()) : 0);
    if (known_) {
      sum_rows<Scalar>(w, values_.data());
      // For infinite weights the shortcut could compute infinity - infinity, unlike W x.
      known_ = std::all_of(values_.begin(), values_.end(), [](Scalar sum) { return is_finite(sum); });
    }
    steps_ = 0;
  }

  /// Updates the sums after a step W += d x': W 1 += (1'x) d. Rounding errors accumulate, so every 256th step
  /// computes the sums anew.
  void step(ConstColumnsMap<Scalar> w, const Scalar* d, Scalar sum_of_x) {
    if (++steps_ >= 256) {
      sum(w);
    } else if (known_) {
      add_column<Scalar>(d, sum_of_x, values_.data(), w.outerStride());
    }
  }

  /// Updates the sums after the steps W += D X': W 1 += D (X' 1). Rounding errors accumulate, so the caller
  /// must call sum() after some steps.
  /// @param sums_of_x  X' 1, the sum of each sample
  void add_steps(ConstColumnsMap<Scalar> d, const Scalar* sums_of_x) {
    add_few_columns<Scalar>({d.data(), d.outerStride()}, d.cols(), sums_of_x, values_.data(),
                            d.outerStride());
  }

 private:
  LineVector<Scalar> values_;
  int steps_ = 0;
  bool known_ = false;
};

}  // namespace backquery::detail
