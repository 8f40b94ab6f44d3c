/// @file
/// Rotation of many images of one size by one angle.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <type_traits>

#include <backquery/augmentation/detail/image_arguments.hpp>
#include <backquery/augmentation/detail/affine_map.hpp>
#include <backquery/augmentation/detail/resampling_table.hpp>
#include <backquery/detail/thread_pool.hpp>

namespace backquery {

/// rotate, prepared for a size, an angle and a background: where the pixels come from is worked out once, and
/// an image then costs a blend of four pixels for each of its own. The results are those of rotate.
///
/// | symbol  | shape                 | meaning                                                      |
/// |---------|-----------------------|--------------------------------------------------------------|
/// | image   | rows x cols           | row 0 on top                                                 |
/// | inputs  | rows * cols x samples | an image row by row in each column, as backquery::inputs has |
/// | outputs | rows * cols x samples | the same images turned                                       |
///
///     const backquery::Rotation<float> turn(28, 28, 10, 0.01f);
///     turn.apply(x, turned);
///
/// It does not change: any number of threads may use one at the same time.
template <typename Scalar_ = double>
class Rotation {
  static_assert(std::is_floating_point_v<Scalar_>,
                "backquery::Rotation: integers cannot be interpolated; write Rotation<float>");
  template <int Order>
  using Pixels = Eigen::Matrix<Scalar_, Eigen::Dynamic, Eigen::Dynamic, Order>;
  template <typename Image>
  static constexpr int order = Image::IsRowMajor ? Eigen::RowMajor : Eigen::ColMajor;

 public:
  using Scalar = Scalar_;
  using Index = Eigen::Index;
  using Matrix = Pixels<Eigen::ColMajor>;

  /// @param rows, cols  of the images; 0 to 2147483647
  /// @param degrees     anticlockwise as displayed; any finite angle
  /// @param background  what comes from outside an image, as in rotate; finite
  /// @throws std::invalid_argument naming what is wrong (all members)
  Rotation(Index rows, Index cols, double degrees, Scalar background)
      : rows_(checked_size("rows", rows)),
        cols_(checked_size("cols", cols)),
        by_rows_(checked_map(degrees, background), rows, cols, background),
        by_columns_(checked_map(degrees, background), rows, cols, background) {}

  [[nodiscard]] Index rows() const noexcept { return rows_; }
  [[nodiscard]] Index cols() const noexcept { return cols_; }

  /// An image turned, in the storage order of the image.
  template <typename Image>
  [[nodiscard]] auto operator()(const Eigen::MatrixBase<Image>& image) const {
    Pixels<order<Image>> turned(rows_, cols_);
    (*this)(image, turned);
    return turned;
  }

  /// The same into memory of the caller's, which holds no part of the image. Nothing is allocated if both lie
  /// there in the same storage order and without gaps.
  /// @param turned  rows() x cols(): a matrix, block or Map
  template <typename Image, typename Turned>
  void operator()(const Eigen::MatrixBase<Image>& image, Turned&& turned) const {
    using Plain = Pixels<order<Image>>;
    check_scalars<Image, std::decay_t<Turned>>();
    detail::require_shape("Rotation: image", image, rows_, cols_);
    detail::require_shape("Rotation: turned", turned, rows_, cols_);
    const Eigen::Ref<const Plain> source(image.derived());
    detail::require_apart("Rotation: turned lies where image", source, turned);
    if (source.outerStride() != source.innerSize()) {
      (*this)(Plain(source), turned);
    } else if (order<std::decay_t<Turned>> != order<Image> || turned.innerStride() != 1 ||
               turned.outerStride() != turned.innerSize()) {
      turned = (*this)(source);
    } else if constexpr (order<Image> == Eigen::RowMajor) {
      by_rows_.apply(source.data(), turned.data());
    } else {
      by_columns_.apply(source.data(), turned.data());
    }
  }

  /// All images of a set turned. Nothing is allocated, unless inputs is an expression or its columns have
  /// gaps: these are copied first.
  /// @param outputs  memory that holds no part of inputs: a matrix, block or Map whose columns have no gaps
  /// @param pool     shares the work; more than one thread pays from some hundred images on
  template <typename Inputs, typename Outputs>
  void apply(const Eigen::MatrixBase<Inputs>& inputs, Outputs&& outputs, ThreadPool& pool) const {
    using Result = std::decay_t<Outputs>;
    check_scalars<Inputs, Result>();
    static_assert(
        (Result::InnerStrideAtCompileTime == 1 && !Result::IsRowMajor) || Result::ColsAtCompileTime == 1,
        "backquery::Rotation::apply: the columns of outputs must have no gaps");
    detail::require_shape("Rotation::apply: inputs", inputs, rows_ * cols_, inputs.cols());
    detail::require_shape("Rotation::apply: outputs", outputs, rows_ * cols_, inputs.cols());
    const Eigen::Ref<const Matrix> from(inputs.derived());
    Eigen::Ref<Matrix> to(outputs);
    detail::require_apart("Rotation::apply: outputs lies where inputs", from, to);
    constexpr Index piece = 64;
    pool.run((from.cols() + piece - 1) / piece, [&](Index task) {
      const Index end = std::min(from.cols(), (task + 1) * piece);
      for (Index image = task * piece; image < end; ++image) {
        by_rows_.apply(from.col(image).data(), to.col(image).data());
      }
    });
  }

  /// The same in the calling thread.
  template <typename Inputs, typename Outputs>
  void apply(const Eigen::MatrixBase<Inputs>& inputs, Outputs&& outputs) const {
    ThreadPool caller;
    apply(inputs, outputs, caller);
  }

 private:
  static Index checked_size(const char* argument, Index size) {
    detail::require_size("Rotation", argument, size, 2147483647);
    return size;
  }

  static detail::LinearMap checked_map(double degrees, Scalar background) {
    detail::require_finite("Rotation", "degrees", degrees);
    detail::require_finite("Rotation", "background", background);
    return detail::rotation(degrees);
  }

  template <typename... Arguments>
  static constexpr void check_scalars() {
    static_assert(
        (std::is_same_v<typename Arguments::Scalar, Scalar> && ...),
        "backquery::Rotation: an argument's scalar type differs from the rotation's; convert it with "
        ".cast<Scalar>()");
  }

  Index rows_, cols_;
  detail::ResamplingTable<Scalar, Eigen::RowMajor> by_rows_;
  detail::ResamplingTable<Scalar, Eigen::ColMajor> by_columns_;
};

}  // namespace backquery
