/// @file
/// Where a Trainer gets its samples from.
#pragma once

#include <backquery/detail/arguments.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/images/labelled_images.hpp>
#include <backquery/images/scaling.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <functional>
#include <vector>

namespace backquery {

/// Samples that are made when they are needed: of a set of images as bytes, or with an alteration of their own in every
/// epoch, only a batch exists as numbers.
template <typename Scalar_ = double>
struct SampleSource {
  using Scalar = Scalar_;
  using Matrix = detail::MatrixX<Scalar>;

  Index samples = 0;

  /// Makes x (inputs x count) and t (outputs x count) of the samples with these numbers, 0 to samples - 1, as they are
  /// to be in this epoch, 1 or more; 0 is for samples that are only looked at. What it makes of a sample must depend on
  /// its number and the epoch alone. It is called from one thread at a time, not always the same one.
  std::function<void(int epoch, const std::vector<Index>& numbers, Matrix& x, Matrix& t)> fill;
};

/// The columns of x and t, which must outlive the source.
/// @throws std::invalid_argument unless they have equally many
template <typename Scalar>
SampleSource<Scalar> matrix_source(const detail::MatrixX<Scalar>& x, const detail::MatrixX<Scalar>& t) {
  detail::check_shape("matrix_source", "t", t, t.rows(), x.cols());
  return {x.cols(), [&x, &t](int, const std::vector<Index>& numbers, auto& some_x, auto& some_t) {
            some_x.resize(x.rows(), static_cast<Index>(numbers.size()));
            some_t.resize(t.rows(), static_cast<Index>(numbers.size()));
            for (std::size_t k = 0; k < numbers.size(); ++k) {
              some_x.col(static_cast<Index>(k)) = x.col(numbers[k]);
              some_t.col(static_cast<Index>(k)) = t.col(numbers[k]);
            }
          }};
}

/// Images, which must outlive the source, as inputs<Scalar>(images) and targets<Scalar>(images, off, on) have them.
/// @param off, on  what a classifier with sigmoid can reach is 0.01 and 0.99; with softmax they are 0 and 1
template <typename Scalar>
SampleSource<Scalar> image_source(const LabelledImages& images, Scalar off, Scalar on) {
  return {images.labels.size(), [&images, off, on](int, const std::vector<Index>& numbers, auto& x, auto& t) {
            const auto count = static_cast<Index>(numbers.size());
            LabelledImages some{decltype(images.pixels)(images.pixels.rows(), count),
                                decltype(images.labels)(count), images.rows, images.cols, images.classes};
            for (Index k = 0; k < count; ++k) {
              const Index number = numbers[static_cast<std::size_t>(k)];
              some.pixels.col(k) = images.pixels.col(number);
              some.labels(k) = images.labels(number);
            }
            x = inputs<Scalar>(some);
            t = targets<Scalar>(some, off, on);
          }};
}

}  // namespace backquery
