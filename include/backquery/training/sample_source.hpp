/// @file
/// Where a Trainer gets its samples from.
#pragma once

#include <backquery/augmentation/deformation.hpp>
#include <backquery/detail/check.hpp>
#include <backquery/detail/random.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/images/labeled_images.hpp>
#include <backquery/images/scaling.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace backquery {

/// Samples that are made when they are needed: of a set of images as bytes, or with an alteration of their
/// own in every epoch, only a batch exists as numbers.
template <typename Scalar_ = double>
struct SampleSource {
  using Scalar = Scalar_;
  using Matrix = detail::MatrixX<Scalar>;

  Index samples = 0;

  /// Makes x (inputs x count) and t (outputs x count) of the samples with these numbers, 0 to samples - 1, as
  /// they are to be in this epoch, 1 or more; 0 is for samples that are only looked at. What it makes of a
  /// sample must depend on its number and the epoch alone. It is called from one thread at a time, not always
  /// the same one.
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

// Of a temporary nothing would be left to take samples from.
template <typename Scalar>
SampleSource<Scalar> matrix_source(const detail::MatrixX<Scalar>&& x,
                                   const detail::MatrixX<Scalar>& t) = delete;
template <typename Scalar>
SampleSource<Scalar> matrix_source(const detail::MatrixX<Scalar>& x,
                                   const detail::MatrixX<Scalar>&& t) = delete;
template <typename Scalar>
SampleSource<Scalar> matrix_source(const detail::MatrixX<Scalar>&& x,
                                   const detail::MatrixX<Scalar>&& t) = delete;

/// `count` samples of a source, from number `first` on: subset(all, 0, 50000) to train on, and subset(all,
/// 50000, 10000) to validate. They are in the source's order: what is sorted by class must be shuffled
/// before.
/// @throws std::invalid_argument unless the source has them
template <typename Scalar>
SampleSource<Scalar> subset(SampleSource<Scalar> source, Index first, Index count) {
  if (first < 0 || count < 0 || count > source.samples || first > source.samples - count) {
    detail::throw_invalid_argument("subset: first is ", first, " and count is ", count,
                                   ", but the source has ", source.samples, " samples");
  }
  if (!source.fill) {
    return {count, nullptr};
  }
  return {count, [first, fill = std::move(source.fill)](int epoch, const std::vector<Index>& numbers, auto& x,
                                                        auto& t) {
            std::vector<Index> of_source = numbers;
            for (Index& number : of_source) {
              number += first;
            }
            fill(epoch, of_source, x, t);
          }};
}

namespace detail {

template <typename Scalar>
void check_image_source(const LabeledImages& images, Scalar off, Scalar on) {
  check_levels("image_source", "off", off, "on", on);
  check_labels("image_source: images.pixels", images.pixels.cols(), images.labels.size());
  if (images.labels.size() > 0) {
    check_classes("image_source", images);
  }
}

/// Copies of the images with these numbers.
inline LabeledImages picked(const LabeledImages& images, const std::vector<Index>& numbers) {
  LabeledImages some;
  some.rows = images.rows;
  some.cols = images.cols;
  some.classes = images.classes;
  const auto count = static_cast<Index>(numbers.size());
  some.pixels.resize(images.pixels.rows(), count);
  some.labels.resize(count);
  for (Index k = 0; k < count; ++k) {
    const Index number = numbers[static_cast<std::size_t>(k)];
    some.pixels.col(k) = images.pixels.col(number);
    some.labels(k) = images.labels(number);
  }
  return some;
}

}  // namespace detail

/// Images, which must outlive the source, as inputs<Scalar>(images) and targets<Scalar>(images, off, on) have
/// them.
/// @param off, on  finite and different: what a classifier with sigmoid can reach is 0.01 and 0.99; with
/// softmax they are
///                 0 and 1
/// @throws std::invalid_argument if off or on is none of these, pixels and labels are not equally many, or a
/// label is not below images.classes
template <typename Scalar>
SampleSource<Scalar> image_source(const LabeledImages& images, Scalar off, Scalar on) {
  detail::check_image_source(images, off, on);
  return {images.labels.size(), [&images, off, on](int, const std::vector<Index>& numbers, auto& x, auto& t) {
            const LabeledImages some = detail::picked(images, numbers);
            x = inputs<Scalar>(some);
            t = targets<Scalar>(some, off, on);
          }};
}

/// The same, each image deformed anew in every epoch but 0. A draw belongs to an image, an epoch and the
/// seed, whatever the order of the images. The deformation's background should be 0.01, which is what inputs
/// makes of a 0.
/// @param by_epoch  that of epoch 1 first; the last one serves all later epochs as well
/// @throws std::invalid_argument if there is none, or one for images of other rows, columns or fewer classes;
/// and as above
template <typename Scalar>
SampleSource<Scalar> image_source(const LabeledImages& images, Scalar off, Scalar on,
                                  std::vector<Deformation<Scalar>> by_epoch, std::uint64_t seed) {
  detail::check_image_source(images, off, on);
  if (by_epoch.empty()) {
    detail::throw_invalid_argument("image_source: by_epoch is empty, expected at least one deformation");
  }
  for (const Deformation<Scalar>& deformation : by_epoch) {
    if (deformation.rows() != images.rows || deformation.cols() != images.cols) {
      detail::throw_invalid_argument("image_source: a deformation is for ", deformation.rows(), " x ",
                                     deformation.cols(), " pixels, but the images have ", images.rows, " x ",
                                     images.cols);
    }
    if (deformation.ranges().size() > 1 && static_cast<Index>(deformation.ranges().size()) < images.classes) {
      detail::throw_invalid_argument("image_source: a deformation has ranges for ",
                                     deformation.ranges().size(), " classes, but the images have ",
                                     images.classes);
    }
  }
  const auto fill = [&images, off, on, seed, by_epoch = std::move(by_epoch)](
                        int epoch, const std::vector<Index>& numbers, auto& x, auto& t) {
    const LabeledImages some = detail::picked(images, numbers);
    x = inputs<Scalar>(some);
    t = targets<Scalar>(some, off, on);
    if (epoch > 0) {
      const detail::CounterRng of_epoch(seed, static_cast<std::uint64_t>(epoch));
      detail::MatrixX<Scalar> deformed(x.rows(), x.cols());
      by_epoch[std::min(static_cast<std::size_t>(epoch), by_epoch.size()) - 1].apply(x, some.labels, deformed,
                                                                                     of_epoch(0), numbers);
      x.swap(deformed);
    }
  };
  return {images.labels.size(), fill};
}

template <typename Scalar>
SampleSource<Scalar> image_source(const LabeledImages& images, Scalar off, Scalar on,
                                  Deformation<Scalar> deformation, std::uint64_t seed) {
  return image_source<Scalar>(images, off, on, std::vector<Deformation<Scalar>>{std::move(deformation)},
                              seed);
}

template <typename Scalar>
SampleSource<Scalar> image_source(const LabeledImages&& images, Scalar off, Scalar on) = delete;
template <typename Scalar>
SampleSource<Scalar> image_source(const LabeledImages&& images, Scalar off, Scalar on,
                                  Deformation<Scalar> deformation, std::uint64_t seed) = delete;

template <typename Scalar>
SampleSource<Scalar> image_source(const LabeledImages&& images, Scalar off, Scalar on,
                                  std::vector<Deformation<Scalar>> by_epoch, std::uint64_t seed) = delete;

}  // namespace backquery
