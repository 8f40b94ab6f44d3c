/// @file
/// Rotation of many images of one size by one angle.
#pragma once

#include <backquery/augmentation/detail/resampling_table.hpp>
#include <backquery/detail/background_level.hpp>
#include <backquery/detail/thread_pool.hpp>

namespace backquery {

/// Rotates many images. The source points are computed once; the results are equal to rotate.
///
/// | symbol  | shape                 | meaning                                              |
/// |---------|-----------------------|------------------------------------------------------|
/// | image   | rows x cols           | row 0 on top                                         |
/// | inputs  | rows * cols x samples | an image row by row in each column, as from inputs() |
/// | outputs | rows * cols x samples | the rotated images                                   |
///
/// ```cpp
/// const backquery::Rotation<float> rotation(28, 28, 10);
/// Eigen::MatrixXf rotated(X.rows(), X.cols());
/// rotation.apply(X, rotated);
/// ```
///
/// A Rotation does not change. Any number of threads may use it at the same time.
template <typename Scalar_ = double>
class Rotation {
 public:
  using Scalar = Scalar_;      ///< the type of all values
  using Index = Eigen::Index;  ///< the type of sizes and indices

  /// @param rows, cols  size of the images; 0 to 2147483647, and at most 2147483647 pixels
  /// @param degrees     anticlockwise as displayed; any finite angle
  /// @param background  value of points outside an image, as in rotate; finite
  /// @throws std::invalid_argument that names the wrong argument (all members)
  Rotation(Index rows, Index cols, double degrees, Scalar background = background_level<Scalar>)
      : table_("Rotation", rows, cols, detail::checked_rotation("Rotation", degrees), background) {}

  /// Rows of an image.
  [[nodiscard]] Index rows() const noexcept { return table_.shape().rows; }
  /// Columns of an image.
  [[nodiscard]] Index cols() const noexcept { return table_.shape().cols; }

  /// One image, rotated.
  /// @param image  rows() x cols(), in any storage order; the result has the same order
  template <typename Image>
  [[nodiscard]] auto operator()(const Eigen::MatrixBase<Image>& image) const {
    detail::check_image_shape("Rotation", "image", image, rows(), cols());
    return detail::resample_image(image, table_);
  }

  /// Rotates all images of a set. Allocates no memory, except for a copy of inputs if they are an expression
  /// or their columns have gaps.
  /// @param outputs  receives the images; memory apart from inputs: a matrix, block or Map whose columns have
  ///                 no gaps
  /// @param pool     shares the work; several threads are faster for more than some hundred images
  template <typename Inputs, typename Outputs>
  void apply(const Eigen::MatrixBase<Inputs>& inputs, Outputs&& outputs, ThreadPool& pool) const {
    constexpr Index block = 64;
    detail::resample_images<Scalar>("Rotation::apply", rows() * cols(), inputs, outputs, block, pool,
                                    [this](Index first, Index end, const auto& from, auto& to) {
                                      for (Index image = first; image < end; ++image) {
                                        table_(from.col(image).data(), to.col(image).data());
                                      }
                                    });
  }
  /// Rotates all images of a set in the calling thread alone.
  template <typename Inputs, typename Outputs>
  void apply(const Eigen::MatrixBase<Inputs>& inputs, Outputs&& outputs) const {
    ThreadPool caller;
    apply(inputs, outputs, caller);
  }

 private:
  detail::ResamplingTable<Scalar> table_;
};

}  // namespace backquery
