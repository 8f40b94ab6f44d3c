/// @file
/// Samples most of whose values are one and the same, as the background of an image is:
///
///     x = b 1 + s       b the background, s the foreground, zero in most places
///
/// so that W x = b (W 1) + W s and d x' = b d 1' + d s': with the row sums W 1 at hand, only the columns of
/// the foreground are touched. The same in exact arithmetic for any b; rounding is that of |b| times the sum
/// of |w|, even where x_k = 0 takes a weight out of W x. It saves work where s has few values.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/kernels.hpp>
#include <backquery/detail/storage.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <optional>

namespace backquery::detail {

/// Networks with fewer inputs have nothing to gain.
constexpr Index least_inputs_with_background = 64;

/// The value of most of the samples' values, judged by 32 of them spread over all, if at least 5 in 8 have
/// it.
template <typename Scalar>
std::optional<Scalar> background_of(const Strided<const Scalar>& x, Index first, Index count) {
  constexpr Index probes = 32;
  if (x.rows() < least_inputs_with_background || count < 1) {
    return std::nullopt;
  }
  Scalar values[probes];
  Index row = 0;
  for (Index k = 0; k < probes; ++k) {
    values[k] = x(row, first + k * count / probes);
    row += x.rows() * 5 / 8 + 1;  // well apart from one sample to the next
    row -= row < x.rows() ? 0 : x.rows();
  }
  // Majority vote of Boyer and Moore: if one value has most of the votes, it is the candidate.
  Scalar candidate = values[0];
  Index lead = 0;
  for (const Scalar value : values) {
    candidate = lead == 0 ? value : candidate;
    lead += value == candidate ? 1 : -1;
  }
  const auto votes = std::count(values, values + probes, candidate);
  return votes * 8 >= probes * 5 ? std::optional<Scalar>(candidate) : std::nullopt;
}

/// Lists where n values, `step` apart, differ from the background, and by how much. Both lists have room for
/// n.
template <typename Scalar>
Index list_foreground(const Scalar* x, Index step, Index n, Scalar background, Index* index,
                      Scalar* difference) {
  Index count = 0;
  for (Index k = 0; k < n; ++k) {  // no branch: which value is background cannot be predicted
    index[count] = k;
    difference[count] = x[k * step] - background;
    count += static_cast<Index>(x[k * step] != background);
  }
  return count;
}

/// z += W x for contiguous x, given the row sums W 1.
template <typename Scalar>
void add_weighted_sums(ConstColumnsMap<Scalar> w, const Scalar* row_sums, const Scalar* x, Scalar background,
                       Scalar* z) {
  constexpr Index piece = 256;  // bounds the lists, so that they fit on the stack
  Index index[piece];
  Scalar difference[piece];
  const Index n = w.outerStride();
  add_columns<Scalar>(EveryColumn<const Scalar>{row_sums, n}, 1, &background, z, n);
  for (Index first = 0; first < w.cols(); first += piece) {
    const Index length = std::min(piece, w.cols() - first);
    const Index count = list_foreground<Scalar>(x + first, 1, length, background, index, difference);
    add_columns<Scalar>(ListedColumns<const Scalar>{w.data() + first * n, n, index}, count, difference, z, n);
  }
}

/// The row sums W 1, padded as the columns of W.
template <typename Scalar>
void sum_rows(ConstColumnsMap<Scalar> w, Scalar* row_sums) {
  const Index n = w.outerStride();
  std::fill_n(row_sums, n, Scalar(0));
  for (Index k = 0; k < w.cols(); ++k) {
    const Scalar one = 1;
    add_columns<Scalar>(EveryColumn<const Scalar>{w.data() + k * n, n}, 1, &one, row_sums, n);
  }
}

/// The row sums of a network's first layer, kept up to date so that a query need not compute them.
template <typename Scalar>
class FirstLayerRowSums {
 public:
  /// Null where they are not known: for few inputs, or infinite weights.
  [[nodiscard]] const Scalar* get() const { return known_ ? values_.data() : nullptr; }

  void sum(ConstColumnsMap<Scalar> w) {
    known_ = w.cols() >= least_inputs_with_background;
    values_.resize(known_ ? static_cast<std::size_t>(w.outerStride()) : 0);
    if (known_) {
      sum_rows<Scalar>(w, values_.data());
      // With infinite weights the short way could meet infinity - infinity where W x does not.
      known_ = std::all_of(values_.begin(), values_.end(), [](Scalar sum) { return is_finite(sum); });
    }
    steps_ = 0;
  }

  /// After W += d x', of which the row sums are d (1'x). They are added up anew before rounding can be seen.
  void step(ConstColumnsMap<Scalar> w, const Scalar* d, Scalar sum_of_x) {
    if (++steps_ >= 256) {
      sum(w);
    } else if (known_) {
      add_columns<Scalar>(EveryColumn<const Scalar>{d, w.outerStride()}, 1, &sum_of_x, values_.data(),
                          w.outerStride());
    }
  }

 private:
  LineVector<Scalar> values_;
  int steps_ = 0;
  bool known_ = false;
};

}  // namespace backquery::detail
