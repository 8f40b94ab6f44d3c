/// @file
/// Sources of training and validation samples.
#pragma once

#include <backquery/augmentation/deformation.hpp>
#include <backquery/detail/random.hpp>
#include <backquery/images/scaling.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace backquery {

/// Samples of one batch. Each sample has either a label or targets.
///
/// | member  | shape           | meaning                                                                |
/// |---------|-----------------|------------------------------------------------------------------------|
/// | x       | inputs x count  | the inputs                                                             |
/// | labels  | count           | the class of each sample, 0 to classes - 1; empty if there are targets |
/// | t       | outputs x count | the targets; not used if there are labels                              |
/// | weights | count           | the weight of each sample in the mean loss; empty: all 1; see weigh    |
template <typename Scalar_ = double>
struct Samples {
  using Scalar = Scalar_;                  ///< the type of all values
  using Matrix = detail::MatrixX<Scalar>;  ///< a column-major matrix

  Matrix x;                          ///< the inputs
  Matrix t;                          ///< the targets
  std::vector<int> labels;           ///< the class of each sample
  std::vector<Scalar> weights = {};  ///< the weight of each sample
};

/// Makes samples when a batch needs them. A set of images stays in bytes: only the samples of a batch are
/// converted to numbers. Each epoch can have its own augmentation.
///
/// ```cpp
/// const auto samples = backquery::image_source<float>(backquery::read_csv("mnist_train.csv"));
/// backquery::Trainer<float>().fit(net, subset(samples, 0, 50000), subset(samples, 50000, 10000));
/// ```
///
/// The functions below make sources that own their data; copies of a source share the data. Samples have
/// targets or labels. From labels, `Trainer` makes targets that suit the output activation of the network
/// (see Activation).
///
/// A network with one output has two classes. The output has the target of the label's class for class 1, and
/// the target of the other classes for class 0.
template <typename Scalar_ = double>
struct SampleSource {
  using Scalar = Scalar_;                  ///< the type of all values
  using Matrix = detail::MatrixX<Scalar>;  ///< a column-major matrix

  Index samples = 0;  ///< number of samples

  /// Sets batch.x, either batch.labels or batch.t, and batch.weights if samples have weights, for the samples
  /// with these indices, 0 to samples - 1. The epoch is 1 or more in training, and 0 for samples that are
  /// only evaluated. The result must depend on index and epoch alone. A call has at most 16 indices. With
  /// more than one thread (TrainerOptions::threads), several threads call this function at the same time, for
  /// different samples. The batch is empty before the call.
  std::function<void(const std::vector<Index>& indices, int epoch, Samples<Scalar>& batch)> fill;
};

namespace detail {

/// The largest number of samples in a call of `fill`. A constant, so that sources get the same calls on any
/// number of threads.
constexpr Index most_source_samples = 16;

/// to.col(k) = convert(from.col(indices[k]))
template <typename From, typename Scalar, typename Convert>
void gather(const From& from, const std::vector<Index>& indices, MatrixX<Scalar>& to,
            const Convert& convert) {
  to.resize(from.rows(), static_cast<Index>(indices.size()));
  for (Index k = 0; k < to.cols(); ++k) {
    to.col(k) = convert(from.col(indices[static_cast<std::size_t>(k)]));
  }
}

/// The labels of the samples with these indices.
template <typename Labels>
std::vector<int> gathered(const Labels& labels, const std::vector<Index>& indices) {
  std::vector<int> some;
  some.reserve(indices.size());
  for (const Index index : indices) {
    some.push_back(labels.data()[index]);
  }
  return some;
}

template <typename Scalar>
SampleSource<Scalar> matrix_source(Samples<Scalar> given) {
  const auto all = std::make_shared<const Samples<Scalar>>(std::move(given));
  return {all->x.cols(), [all](const std::vector<Index>& indices, int, Samples<Scalar>& batch) {
            const auto copy = [](const auto& column) { return column; };
            gather(all->x, indices, batch.x, copy);
            if (all->labels.empty()) {
              gather(all->t, indices, batch.t, copy);
            } else {
              batch.labels = gathered(all->labels, indices);
            }
          }};
}

}  // namespace detail

/// Samples from the columns of two matrices, which are moved or copied.
///
/// ```cpp
/// const auto samples = backquery::matrix_source<float>(X, T);
/// ```
///
/// @param x  inputs x samples
/// @param t  outputs x samples
/// @throws std::invalid_argument if the numbers of columns differ
template <typename Scalar>
SampleSource<Scalar> matrix_source(detail::MatrixX<Scalar> x, detail::MatrixX<Scalar> t) {
  detail::check_shape("matrix_source", "t", t, t.rows(), x.cols());
  return detail::matrix_source<Scalar>({std::move(x), std::move(t), {}});
}

/// Samples with labels instead of targets.
/// @param labels  the class of each column of x, from 0
/// @throws std::invalid_argument if the number of labels differs from the number of columns
template <typename Scalar>
SampleSource<Scalar> matrix_source(detail::MatrixX<Scalar> x, std::vector<int> labels) {
  detail::check_entries("matrix_source", "labels", labels, x.cols(), ", one for each column of x");
  return detail::matrix_source<Scalar>({std::move(x), {}, std::move(labels)});
}

/// `count` samples of a source from index `first` on, in the order of the source. If the source is sorted by
/// class, shuffle it first.
/// @throws std::invalid_argument unless 0 <= first, 0 <= count and first + count <= source.samples
template <typename Scalar>
SampleSource<Scalar> subset(SampleSource<Scalar> source, Index first, Index count) {
  if (first < 0 || count < 0 || count > source.samples || first > source.samples - count) {
    detail::throw_invalid_argument("subset: first is ", first, " and count is ", count,
                                   ", but the source has ", source.samples, " samples");
  }
  if (!source.fill) {
    return {count, nullptr};
  }
  return {count, [first, fill = std::move(source.fill)](const std::vector<Index>& indices, int epoch,
                                                        Samples<Scalar>& batch) {
            std::vector<Index> of_source = indices;
            for (Index& index : of_source) {
              index += first;
            }
            fill(of_source, epoch, batch);
          }};
}

/// Samples whose losses have weights, for classes of different size or samples of different importance. The
/// mean loss of a batch is the sum of weight times loss, divided by the sum of the weights, so that only the
/// ratios of the weights count. Samples of weight 0 have no effect, except on batch normalization.
///
/// ```cpp
/// const std::vector<int> labels = {0, 1, 1};
/// auto samples = backquery::matrix_source<float>(X, labels);
/// samples = backquery::weigh(std::move(samples), backquery::balanced_weights<float>(labels));
/// ```
///
/// @param weights  of all samples of the source; finite and at least 0, not all 0
/// @throws std::invalid_argument unless each sample has such a weight
template <typename Scalar>
SampleSource<Scalar> weigh(SampleSource<Scalar> source, std::vector<Scalar> weights) {
  detail::check_entries("weigh", "weights", weights, source.samples, ", one for each sample");
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!detail::is_finite(weights[i]) || weights[i] < 0) {
      detail::throw_invalid_argument("weigh: weights[", i, "] is ", weights[i],
                                     ", expected a finite number, at least 0");
    }
  }
  if (!source.fill) {
    return source;
  }
  return {source.samples, [fill = std::move(source.fill),
                           weights = std::make_shared<const std::vector<Scalar>>(std::move(weights))](
                              const std::vector<Index>& indices, int epoch, Samples<Scalar>& batch) {
            fill(indices, epoch, batch);
            batch.weights.clear();
            for (const Index index : indices) {
              batch.weights.push_back((*weights)[static_cast<std::size_t>(index)]);
            }
          }};
}

/// The weights with which every class has the same share of the loss: samples / (classes in the labels *
/// samples of the class), whose mean is 1. scikit-learn calls them "balanced".
/// @param labels  the class of each sample, from 0: a std::vector<int> or an Eigen vector
/// @throws std::invalid_argument for a label below 0
template <typename Scalar, typename Labels>
std::vector<Scalar> balanced_weights(const Labels& labels) {
  std::vector<Index> counts;
  for (Index i = 0; i < static_cast<Index>(labels.size()); ++i) {
    const auto label = labels.data()[i];
    if (label < 0) {
      detail::throw_invalid_argument("balanced_weights: labels[", i, "] is ", label, ", expected at least 0");
    }
    const auto needed = static_cast<std::size_t>(label) + 1;
    counts.resize((std::max)(counts.size(), needed));
    ++counts[needed - 1];
  }
  const auto classes =
      static_cast<double>(counts.size()) - static_cast<double>(std::count(counts.begin(), counts.end(), 0));
  std::vector<Scalar> weights;
  weights.reserve(static_cast<std::size_t>(labels.size()));
  for (Index i = 0; i < static_cast<Index>(labels.size()); ++i) {
    const Index count = counts[static_cast<std::size_t>(labels.data()[i])];
    weights.push_back(
        static_cast<Scalar>(static_cast<double>(labels.size()) / (classes * static_cast<double>(count))));
  }
  return weights;
}

/// A source whose inputs go through `f(x, indices, epoch)` in every training epoch: any augmentation.
///
/// ```cpp
/// // Every second epoch trains on the negatives of the images.
/// const auto samples = backquery::transform(
///     backquery::image_source<float>(training), [](Eigen::MatrixXf& x, const auto& /*indices*/, int epoch) {
///       if (epoch % 2 == 0) x.array() = 1.01f - x.array();
///     });
/// ```
///
/// @param f  changes the matrix x, inputs x count, in place; column k is the sample indices[k]. The result
/// must depend on index and epoch alone; otherwise a training cannot be reproduced. The epoch is 1 or more,
/// because samples that are only evaluated (epoch 0) stay unchanged. Several threads may call f at the same
/// time, for different samples.
template <typename Scalar, typename F>
SampleSource<Scalar> transform(SampleSource<Scalar> source, F f) {
  static_assert(std::is_invocable_v<F&, detail::MatrixX<Scalar>&, const std::vector<Index>&, int>,
                "backquery::transform: f must be callable as f(x, indices, epoch) with a matrix x of "
                "Eigen::ColMajor, const std::vector<Eigen::Index>& indices, int epoch");
  if (!source.fill) {
    return source;
  }
  return {source.samples, [fill = std::move(source.fill), f = std::move(f)](
                              const std::vector<Index>& indices, int epoch, Samples<Scalar>& batch) {
            fill(indices, epoch, batch);
            if (epoch > 0) {
              f(batch.x, indices, epoch);
            }
          }};
}

/// Images with their labels. The inputs are inputs<Scalar>(images).
/// @param images  shared with other sources; the overload below owns a set that is moved or copied
/// @throws std::invalid_argument for a null pointer, for images that have not one label each, for a label
/// that is not below images.classes, or for a pixel_max that is not 1 to 255
template <typename Scalar>
SampleSource<Scalar> image_source(std::shared_ptr<const LabeledImages> images) {
  if (!images) {
    detail::throw_invalid_argument("image_source: images is null, expected images");
  }
  detail::check_labels("image_source: images.pixels", images->pixels.cols(), images->labels.size());
  if (images->labels.size() > 0) {
    detail::check_classes("image_source", *images);
  }
  const auto levels = detail::pixel_levels<Scalar>("image_source", *images);
  return {images->labels.size(), [images = std::move(images), levels](const std::vector<Index>& indices, int,
                                                                      Samples<Scalar>& batch) {
            detail::gather(images->pixels, indices, batch.x, [&](const auto& pixels) {
              return pixels.unaryExpr([&](std::uint8_t pixel) { return levels[pixel]; });
            });
            batch.labels = detail::gathered(images->labels, indices);
          }};
}

/// Images with their labels, owned by the source.
template <typename Scalar>
SampleSource<Scalar> image_source(LabeledImages images) {
  return image_source<Scalar>(std::make_shared<const LabeledImages>(std::move(images)));
}

/// Images that are deformed anew in every training epoch. The deformation of an image depends on its index,
/// the epoch and the seed alone.
///
/// ```cpp
/// backquery::DeformationRanges ranges;
/// ranges.degrees = 15;
/// const backquery::Deformation<float> deformation(28, 28, ranges, 0.01f);
/// const auto samples = backquery::image_source<float>(training, {deformation}, 1);
/// ```
///
/// @param by_epoch  the deformation of each epoch, beginning with epoch 1; later epochs use the last one. The
/// background should be 0.01, the input of a pixel 0
/// @throws std::invalid_argument as above, and if by_epoch is empty, or a deformation is for images of
/// another size or for fewer classes
template <typename Scalar>
SampleSource<Scalar> image_source(std::shared_ptr<const LabeledImages> images,
                                  std::vector<Deformation<Scalar>> by_epoch, std::uint64_t seed) {
  SampleSource<Scalar> plain = image_source<Scalar>(images);
  if (by_epoch.empty()) {
    detail::throw_invalid_argument("image_source: by_epoch is empty, expected at least one deformation");
  }
  for (const Deformation<Scalar>& deformation : by_epoch) {
    if (deformation.rows() != images->rows || deformation.cols() != images->cols) {
      detail::throw_invalid_argument("image_source: a deformation is for ", deformation.rows(), " x ",
                                     deformation.cols(), " pixels, but the images have ", images->rows, " x ",
                                     images->cols);
    }
    const auto classes = static_cast<Index>(deformation.ranges().size());
    if (classes > 1 && classes < images->classes) {
      detail::throw_invalid_argument("image_source: a deformation has ranges for ", classes,
                                     " classes, but the images have ", images->classes);
    }
  }
  return transform(std::move(plain), [=](auto& x, const std::vector<Index>& indices, int epoch) {
    const auto& deformation = by_epoch[(std::min)(static_cast<std::size_t>(epoch), by_epoch.size()) - 1];
    const detail::CounterRng of_epoch(seed, static_cast<std::uint64_t>(epoch));
    detail::MatrixX<Scalar> deformed(x.rows(), x.cols());
    deformation.apply(x, detail::gathered(images->labels, indices), deformed, of_epoch(0), indices);
    x.swap(deformed);
  });
}

/// Deformed images, owned by the source.
template <typename Scalar>
SampleSource<Scalar> image_source(LabeledImages images, std::vector<Deformation<Scalar>> by_epoch,
                                  std::uint64_t seed) {
  return image_source<Scalar>(std::make_shared<const LabeledImages>(std::move(images)), std::move(by_epoch),
                              seed);
}

}  // namespace backquery
