/// @file
/// Random deformation of many images of one size.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <backquery/augmentation/deformation_ranges.hpp>
#include <backquery/augmentation/detail/deformation_draw.hpp>
#include <backquery/augmentation/detail/gaussian.hpp>
#include <backquery/augmentation/detail/resampler.hpp>
#include <backquery/detail/background_level.hpp>
#include <backquery/detail/thread_pool.hpp>

namespace backquery {

/// Deforms each image at random within ranges: rotation, scaling, shear, shift, flips and elastic
/// deformation, in one bilinear resampling about the center. The ranges may depend on the class of an image:
/// a 1 or a 7 must be rotated less than an 8 to stay recognizable (D. C. Ciresan et al., "Deep, big, simple
/// neural nets for handwritten digit recognition", Neural Computation 22, 2010).
///
/// | symbol  | shape                 | meaning                                              |
/// |---------|-----------------------|------------------------------------------------------|
/// | inputs  | rows * cols x samples | an image row by row in each column, as from inputs() |
/// | labels  | samples               | the class of each image, 0 to classes - 1            |
/// | outputs | rows * cols x samples | the deformed images                                  |
///
/// ```cpp
/// backquery::DeformationRanges ranges;
/// ranges.degrees = 15;
/// ranges.scale = 0.15;
/// ranges.elastic_sigma = 5;
/// ranges.elastic_alpha = 36;
/// const backquery::Deformation<float> deformation(28, 28, ranges);
/// Eigen::MatrixXf deformed(X.rows(), X.cols());
/// deformation.apply(X, training.labels, deformed, 1, 0);
/// ```
///
/// Source points outside the image and NaN pixels have the same effects as in rotate.
///
/// A Deformation does not change. Any number of threads may use it at the same time.
template <typename Scalar_ = double>
class Deformation {
 public:
  using Scalar = Scalar_;                  ///< the type of all values
  using Index = Eigen::Index;              ///< the type of sizes and indices
  using Matrix = detail::MatrixX<Scalar>;  ///< a column-major matrix

  /// @param rows, cols  size of the images; 0 to 2147483647, and at most 2147483647 pixels
  /// @param ranges      for images of every class
  /// @param background  value of points outside an image, as in rotate; finite
  /// @throws std::invalid_argument that names the wrong argument (all members)
  Deformation(Index rows, Index cols, const DeformationRanges& ranges,
              Scalar background = background_level<Scalar>)
      : Deformation(rows, cols, std::vector<DeformationRanges>{ranges}, background) {}

  /// @param ranges  ranges[c] for class c; a single element is for every class. This is a template, so that
  ///                {} means DeformationRanges.
  template <typename Allocator>
  Deformation(Index rows, Index cols, std::vector<DeformationRanges, Allocator> ranges,
              Scalar background = background_level<Scalar>)
      : ranges_(checked(std::move(ranges))), resampler_("Deformation", rows, cols, background) {
    for (const DeformationRanges& range : ranges_) {
      filters_.emplace_back(range.elastic_sigma);
    }
  }

  /// Rows of an image.
  [[nodiscard]] Index rows() const noexcept { return resampler_.shape().rows; }
  /// Columns of an image.
  [[nodiscard]] Index cols() const noexcept { return resampler_.shape().cols; }
  /// The ranges of each class, or one element for all classes.
  [[nodiscard]] const std::vector<DeformationRanges>& ranges() const noexcept { return ranges_; }

  /// One image, deformed like the image with this index in apply.
  /// @param image  rows() x cols(), in any storage order; the result has the same order
  /// @param label  class of the image; needed only if each class has its own ranges
  template <typename Image>
  [[nodiscard]] auto operator()(const Eigen::MatrixBase<Image>& image, std::uint64_t seed,
                                std::uint64_t index, Index label = 0) const {
    detail::check_image_shape("Deformation", "image", image, rows(), cols());
    check_label("Deformation", 0, label);
    return detail::resample_image(image, [&](const Scalar* pixels, Scalar* result) {
      Matrix fields = no_fields();
      deform(pixels, label, detail::CounterRng(seed, index), fields, result);
    });
  }

  /// Deforms all images of a set. The random values of an image depend on the seed and the index of the image
  /// alone, not on other images, blocks or threads. Builds with and without fused multiply-add use the same
  /// random values, but their results may differ by rounding. Allocates memory once for every 16 images.
  /// @param labels   an Eigen vector or std::vector of integers, one for each image. The values have an
  ///                 effect only if each class has its own ranges.
  /// @param outputs  receives the images; memory apart from inputs: a matrix, block or Map whose columns have
  ///                 no gaps
  /// @param seed     determines the random values; a different seed in each epoch gives new images
  /// @param indices  an integer: the index of the image in the first column, followed by consecutive indices;
  ///                 or a std::vector<Index> with an index for each column
  /// @param pool     shares the work
  template <typename Inputs, typename Labels, typename Outputs, typename Indices>
  void apply(const Eigen::MatrixBase<Inputs>& inputs, const Labels& labels, Outputs&& outputs,
             std::uint64_t seed, const Indices& indices, ThreadPool& pool) const {
    check_sizes(labels, indices, inputs.cols());
    constexpr Index block = 16;
    detail::resample_images<Scalar>("Deformation::apply", rows() * cols(), inputs, outputs, block, pool,
                                    [&](Index first, Index end, const auto& from, auto& to) {
                                      Matrix fields = no_fields();
                                      for (Index image = first; image < end; ++image) {
                                        deform(from.col(image).data(), at(labels, image),
                                               detail::CounterRng(seed, index_of(indices, image)), fields,
                                               to.col(image).data());
                                      }
                                    });
  }
  /// Deforms all images of a set in the calling thread alone.
  template <typename Inputs, typename Labels, typename Outputs, typename Indices>
  void apply(const Eigen::MatrixBase<Inputs>& inputs, const Labels& labels, Outputs&& outputs,
             std::uint64_t seed, const Indices& indices) const {
    ThreadPool caller;
    apply(inputs, labels, outputs, seed, indices, caller);
  }

 private:
  /// A buffer for three fields: down, right, and a temporary field for smoothing.
  [[nodiscard]] Matrix no_fields() const { return Matrix::Zero(resampler_.shape().size(), 3); }

  void deform(const Scalar* image, Index label, const detail::CounterRng& random, Matrix& fields,
              Scalar* result) const {
    const std::size_t group = ranges_.size() == 1 ? 0 : static_cast<std::size_t>(label);
    const DeformationRanges& ranges = ranges_[group];
    if (is_identity(ranges)) {
      std::copy_n(image, rows() * cols(), result);
      return;
    }
    detail::DisplacementFields<Scalar> displacements = resampler_.no_displacements();
    if (ranges.elastic_alpha > 0) {
      const detail::FieldShape& shape = resampler_.shape();
      Scalar* const down = fields.col(0).data();
      Scalar* const right = fields.col(1).data();
      detail::draw_fields(random, shape, ranges.elastic_alpha, down, right);
      filters_[group](shape, down, fields.col(2).data());
      filters_[group](shape, right, fields.col(2).data());
      displacements = {down, right, shape.stride()};
    }
    resampler_(image, detail::source_map(detail::draw_affine(ranges, random)), displacements, result);
  }

  static std::vector<DeformationRanges> checked(std::vector<DeformationRanges> ranges) {
    if (ranges.empty()) {
      detail::throw_invalid_argument("Deformation: ranges is empty, expected one, or one for each class");
    }
    for (std::size_t group = 0; group < ranges.size(); ++group) {
      detail::check_ranges(ranges.size() == 1 ? "" : "ranges[" + std::to_string(group) + "].", ranges[group]);
    }
    return ranges;
  }

  template <typename Labels>
  static Index at(const Labels& labels, Index image) {
    static_assert(std::is_integral_v<std::decay_t<decltype(labels[0])>>,
                  "backquery::Deformation: labels must be integers");
    return static_cast<Index>(labels.begin()[image]);
  }

  template <typename Indices>
  static std::uint64_t index_of(const Indices& indices, Index image) {
    if constexpr (std::is_integral_v<Indices>) {
      return static_cast<std::uint64_t>(indices) + static_cast<std::uint64_t>(image);
    } else {
      return static_cast<std::uint64_t>(at(indices, image));
    }
  }

  void check_label(const char* function, Index image, Index label) const {
    if (ranges_.size() > 1) {
      detail::check_label(function, image, label, static_cast<Index>(ranges_.size()));
    }
  }

  template <typename Labels, typename Indices>
  void check_sizes(const Labels& labels, const Indices& indices, Index samples) const {
    static constexpr const char* where = "Deformation::apply";
    static constexpr const char* which = ", one for each column of inputs";
    detail::check_entries(where, "labels", labels, samples, which);
    if constexpr (!std::is_integral_v<Indices>) {
      detail::check_entries(where, "indices", indices, samples, which);
    }
    for (Index image = 0; image < samples; ++image) {
      check_label(where, image, at(labels, image));
    }
  }

  std::vector<DeformationRanges> ranges_;
  std::vector<detail::GaussianFilter<Scalar>> filters_;
  detail::Resampler<Scalar> resampler_;
};

}  // namespace backquery
