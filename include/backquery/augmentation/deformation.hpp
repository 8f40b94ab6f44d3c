/// @file
/// Random deformation of many images of one size.
#pragma once

#include <Eigen/Core>
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
#include <backquery/augmentation/detail/image_arguments.hpp>
#include <backquery/augmentation/detail/resampler.hpp>
#include <backquery/detail/random.hpp>
#include <backquery/detail/thread_pool.hpp>

namespace backquery {

/// Deforms each image as chance has it within ranges: turned, enlarged or shrunk, sheared, shifted, flipped
/// and elastically, all in one bilinear resampling about the center. The ranges may depend on the class of an
/// image: a 1 and a 7 bear less of a turn than an 8 (D. C. Ciresan et al., "Deep, big, simple neural nets for
/// handwritten digit recognition", Neural Computation 22, 2010).
///
/// | symbol  | shape                 | meaning                                                      |
/// |---------|-----------------------|--------------------------------------------------------------|
/// | inputs  | rows * cols x samples | an image row by row in each column, as backquery::inputs has |
/// | labels  | samples               | the class of each image, 0 to classes - 1                    |
/// | outputs | rows * cols x samples | the same images deformed                                     |
///
///     backquery::DeformationRanges ranges;
///     ranges.degrees = 15;
///     ranges.scale = 0.15;
///     ranges.elastic_sigma = 5;
///     ranges.elastic_alpha = 36;
///     const backquery::Deformation<float> deform(28, 28, ranges, 0.01f);
///     deform.apply(x, labels, deformed, seed, 0);
///
/// As in rotate, a source point outside the image, whose edge is inside, gives the background, with no
/// blending across the edge. A NaN pixel spreads to the results whose source points lie within a pixel of it.
///
/// It does not change: any number of threads may use one at the same time.
template <typename Scalar_ = double>
class Deformation {
  static_assert(std::is_floating_point_v<Scalar_>,
                "backquery::Deformation: integers cannot be interpolated; write Deformation<float>");

 public:
  using Scalar = Scalar_;
  using Index = Eigen::Index;
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

  /// @param rows, cols  of the images; 0 to 32767
  /// @param ranges      for images of every class
  /// @param background  what comes from outside an image, as in rotate; finite
  /// @throws std::invalid_argument naming what is wrong (all members)
  Deformation(Index rows, Index cols, const DeformationRanges& ranges, Scalar background)
      : Deformation(rows, cols, std::vector<DeformationRanges>{ranges}, background) {}

  /// @param ranges  those of class c at ranges[c]; a single one is for every class
  Deformation(Index rows, Index cols, std::vector<DeformationRanges> ranges, Scalar background)
      : ranges_(checked(std::move(ranges))), warp_(checked("rows", rows), checked("cols", cols), background) {
    detail::require_finite("Deformation", "background", background);
    for (const DeformationRanges& range : ranges_) {
      filters_.emplace_back(range.elastic_sigma);
    }
  }

  [[nodiscard]] Index rows() const noexcept { return warp_.shape().rows; }
  [[nodiscard]] Index cols() const noexcept { return warp_.shape().cols; }
  /// One for every class, or a single one for all.
  [[nodiscard]] const std::vector<DeformationRanges>& ranges() const noexcept { return ranges_; }

  /// All images of a set deformed, each by a draw of its own that depends on nothing but the seed and the
  /// number of the image: not on the images before it, on how a set is cut into blocks, or on threads. Builds
  /// for processors with and without fused multiply-add draw the same, and their results may differ by
  /// rounding. Memory is allocated for every 16 images, not for each.
  /// @param labels       an Eigen vector or std::vector of integers, one for each image; if there is one
  /// range for all,
  ///                     what they are does not matter
  /// @param outputs      memory that holds no part of inputs: a matrix, block or Map whose columns have no
  /// gaps
  /// @param seed         another seed, another draw: one that an epoch is mixed into draws anew in each epoch
  /// @param first_image  the number of the image in the first column; the others follow
  /// @param pool         shares the work; without it the calling thread does all
  template <typename Inputs, typename Labels, typename Outputs>
  void apply(const Eigen::MatrixBase<Inputs>& inputs, const Labels& labels, Outputs&& outputs,
             std::uint64_t seed, std::uint64_t first_image, ThreadPool& pool) const {
    apply_to_each(
        inputs, labels, outputs, seed,
        [first_image](Index column) { return first_image + static_cast<std::uint64_t>(column); }, pool);
  }
  template <typename Inputs, typename Labels, typename Outputs>
  void apply(const Eigen::MatrixBase<Inputs>& inputs, const Labels& labels, Outputs&& outputs,
             std::uint64_t seed, std::uint64_t first_image) const {
    ThreadPool caller;
    apply(inputs, labels, outputs, seed, first_image, caller);
  }

  /// The same for images in any order.
  /// @param numbers  of the images in the columns, in that order
  template <typename Inputs, typename Labels, typename Outputs>
  void apply(const Eigen::MatrixBase<Inputs>& inputs, const Labels& labels, Outputs&& outputs,
             std::uint64_t seed, const std::vector<Index>& numbers, ThreadPool& pool) const {
    if (static_cast<Index>(numbers.size()) != inputs.cols()) {
      detail::throw_invalid_argument("Deformation::apply: numbers has ", numbers.size(),
                                     " entries, expected ", inputs.cols(), ", one for each column of inputs");
    }
    apply_to_each(
        inputs, labels, outputs, seed,
        [&numbers](Index column) {
          return static_cast<std::uint64_t>(numbers[static_cast<std::size_t>(column)]);
        },
        pool);
  }
  template <typename Inputs, typename Labels, typename Outputs>
  void apply(const Eigen::MatrixBase<Inputs>& inputs, const Labels& labels, Outputs&& outputs,
             std::uint64_t seed, const std::vector<Index>& numbers) const {
    ThreadPool caller;
    apply(inputs, labels, outputs, seed, numbers, caller);
  }

 private:
  template <typename Inputs, typename Labels, typename Outputs, typename NumberOf>
  void apply_to_each(const Eigen::MatrixBase<Inputs>& inputs, const Labels& labels, Outputs&& outputs,
                     std::uint64_t seed, const NumberOf& number_of, ThreadPool& pool) const {
    using Result = std::decay_t<Outputs>;
    static_assert(
        std::is_same_v<typename Inputs::Scalar, Scalar> && std::is_same_v<typename Result::Scalar, Scalar>,
        "backquery::Deformation: an argument's scalar type differs from the deformation's; convert it with "
        ".cast<Scalar>()");
    static_assert(
        (Result::InnerStrideAtCompileTime == 1 && !Result::IsRowMajor) || Result::ColsAtCompileTime == 1,
        "backquery::Deformation::apply: the columns of outputs must have no gaps");
    detail::require_shape("Deformation::apply: inputs", inputs, rows() * cols(), inputs.cols());
    detail::require_shape("Deformation::apply: outputs", outputs, rows() * cols(), inputs.cols());
    check_labels(labels, inputs.cols());
    const Eigen::Ref<const Matrix> from(inputs.derived());
    Eigen::Ref<Matrix> to(outputs);
    detail::require_apart("Deformation::apply: outputs lies where inputs", from, to);
    constexpr Index piece = 16;
    pool.run((from.cols() + piece - 1) / piece, [&](Index task) {
      Scratch scratch(warp_);
      const Index end = std::min(from.cols(), (task + 1) * piece);
      for (Index image = task * piece; image < end; ++image) {
        const std::size_t group = ranges_.size() == 1 ? 0 : static_cast<std::size_t>(at(labels, image));
        const detail::CountedWords words(seed, number_of(image));
        deform(from.col(image).data(), group, words, scratch, to.col(image).data());
      }
    });
  }

  /// Memory for one image after the other.
  struct Scratch {
    explicit Scratch(const detail::Warp<Scalar>& warp)
        : fields(Fields::Zero(warp.shape().size(), 3)),
          none(Fields::Zero(warp.shape().stride(), 1)),
          framed(warp.framed_size(), 1) {}

    using Fields = Matrix;
    Fields fields;  // down, right, and one to smooth them by
    Fields none;    // a row of them that moves nothing
    Fields framed;
  };

  void deform(const Scalar* image, std::size_t group, const detail::CountedWords& words, Scratch& scratch,
              Scalar* result) const {
    const DeformationRanges& ranges = ranges_[group];
    if (is_identity(ranges)) {
      std::copy_n(image, rows() * cols(), result);
      return;
    }
    const detail::AffineMap map = detail::source_map(detail::draw_affine(ranges, words));
    detail::DisplacementFields<Scalar> moved{scratch.none.data(), scratch.none.data(), 0};
    if (ranges.elastic_alpha > 0) {
      const detail::FieldShape& shape = warp_.shape();
      Scalar* down = scratch.fields.col(0).data();
      Scalar* right = scratch.fields.col(1).data();
      detail::draw_fields(words, shape, ranges.elastic_alpha, down, right);
      filters_[group](shape, down, scratch.fields.col(2).data());
      filters_[group](shape, right, scratch.fields.col(2).data());
      moved = {down, right, shape.stride()};
    }
    warp_.apply(image, map, moved, scratch.framed.data(), result);
  }

  static Index checked(const char* argument, Index size) {
    detail::require_size("Deformation", argument, size, 32767);
    return size;
  }

  static std::vector<DeformationRanges> checked(std::vector<DeformationRanges> ranges) {
    if (ranges.empty())
      detail::throw_invalid_argument("Deformation: ranges is empty, expected one, or one for each class");
    for (std::size_t group = 0; group < ranges.size(); ++group) {
      detail::require_ranges(ranges.size() == 1 ? "" : "ranges[" + std::to_string(group) + "].",
                             ranges[group]);
    }
    return ranges;
  }

  template <typename Labels>
  static Index at(const Labels& labels, Index image) {
    using Label = std::decay_t<decltype(labels[0])>;
    static_assert(std::is_integral_v<Label>, "backquery::Deformation: labels must be integers");
    if constexpr (std::is_same_v<Labels, std::vector<Label>>) {
      return static_cast<Index>(labels[static_cast<std::size_t>(image)]);
    } else {
      return static_cast<Index>(labels[image]);
    }
  }

  template <typename Labels>
  void check_labels(const Labels& labels, Index samples) const {
    if (static_cast<Index>(labels.size()) != samples) {
      detail::throw_invalid_argument("Deformation::apply: labels has ", labels.size(), " entries, expected ",
                                     samples, ", one for each column of inputs");
    }
    const auto classes = static_cast<Index>(ranges_.size());
    for (Index image = 0; classes > 1 && image < samples; ++image) {
      const Index label = at(labels, image);  // a huge unsigned one turns negative
      if (label < 0 || label >= classes) {
        detail::throw_invalid_argument("Deformation::apply: label ", image, " is ", label, ", expected 0 to ",
                                       classes - 1);
      }
    }
  }

  std::vector<DeformationRanges> ranges_;
  std::vector<detail::GaussianFilter<Scalar>> filters_;
  detail::Warp<Scalar> warp_;
};

}  // namespace backquery
