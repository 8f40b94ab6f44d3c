/// @file
/// Arguments of the functions over images: validation, storage orders, and sets of images in blocks.
#pragma once

#include <algorithm>
#include <functional>
#include <type_traits>
#include <utility>

#include <backquery/augmentation/detail/field.hpp>
#include <backquery/detail/check.hpp>
#include <backquery/detail/thread_pool.hpp>

namespace backquery::detail {

/// The size of the images. Throws std::invalid_argument unless the indices of all pixels, and of one further
/// row, are 32-bit integers and the background is finite.
template <typename Scalar>
FieldShape checked_shape(const char* function, Index rows, Index cols, Scalar background) {
  static_assert(std::is_floating_point_v<Scalar>,
                "backquery: integers cannot be interpolated; write image.cast<float>() for the image, and "
                "Rotation<float> or Deformation<float>");
  constexpr Index largest = 2147483647;
  const auto check_side = [=](const char* argument, Index size) {
    if (size < 0 || size > largest) {
      throw_invalid_argument(function, ": ", argument, " is ", size, ", expected 0 to ", largest);
    }
  };
  check_side("rows", rows);
  check_side("cols", cols);
  if (cols > 0 && rows > largest / cols) {  // without a product, which a 32-bit Index may not hold
    throw_invalid_argument(function, ": rows x cols is ", rows, " x ", cols, ", expected at most ", largest,
                           " pixels");
  }
  check_finite(function, "background", background);
  return {rows, cols};
}

template <typename X>
void check_image_shape(const char* function, const char* argument, const X& x, Index rows, Index cols) {
  if (x.rows() != rows || x.cols() != cols) {
    throw_invalid_argument(function, ": ", argument, " is ", x.rows(), " x ", x.cols(), ", expected ", rows,
                           " x ", cols);
  }
}

/// Throws std::invalid_argument if the memory of the two matrices overlaps.
template <typename From, typename To>
void check_apart(const char* function, const From& inputs, const To& outputs) {
  const auto end = [](const auto& m) {
    return m.data() + (m.rows() - 1) * m.rowStride() + (m.cols() - 1) * m.colStride() + 1;
  };
  const std::less<const void*> before;  // also orders pointers into different arrays
  if (inputs.size() > 0 && outputs.size() > 0 && before(inputs.data(), end(outputs)) &&
      before(outputs.data(), end(inputs))) {
    throw_invalid_argument(function, ": outputs lies where inputs does, expected memory of its own");
  }
}

/// Calls resample(pixels, result), which needs images row by row, for an image in any storage order. Returns
/// the result in the storage order of the image.
template <typename Image, typename Resample>
auto resample_image(const Eigen::MatrixBase<Image>& image, const Resample& resample) {
  using Scalar = typename Image::Scalar;
  using Pixels = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Pixels pixels = image;
  Pixels result(pixels.rows(), pixels.cols());
  resample(pixels.data(), result.data());
  constexpr int order = Image::IsRowMajor ? Eigen::RowMajor : Eigen::ColMajor;
  return Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, order>(std::move(result));
}

/// Validates the arguments of `function`, a member `apply`. Then calls resample(first, end, inputs, outputs)
/// for each block of consecutive images.
template <typename Scalar, typename Inputs, typename Outputs, typename Resample>
void resample_images(const char* function, Index pixels, const Eigen::MatrixBase<Inputs>& inputs,
                     Outputs& outputs, Index block, ThreadPool& pool, const Resample& resample) {
  static_assert(
      std::is_same_v<typename Inputs::Scalar, Scalar> && std::is_same_v<typename Outputs::Scalar, Scalar>,
      "backquery: the scalar type of inputs or outputs differs from that of the Rotation or Deformation; "
      "convert inputs with .cast<Scalar>()");
  static_assert(
      (Outputs::InnerStrideAtCompileTime == 1 && !Outputs::IsRowMajor) || Outputs::ColsAtCompileTime == 1,
      "backquery: the columns of outputs must have no gaps: pass a matrix of Eigen::ColMajor");
  check_image_shape(function, "inputs", inputs, pixels, inputs.cols());
  check_image_shape(function, "outputs", outputs, pixels, inputs.cols());
  const Eigen::Ref<const MatrixX<Scalar>> from(inputs.derived());
  Eigen::Ref<MatrixX<Scalar>> to(outputs);
  check_apart(function, from, to);
  pool.run(ceil_div(from.cols(), block), [&](Index task) {
    resample(task * block, (std::min)(from.cols(), (task + 1) * block), from, to);
  });
}

}  // namespace backquery::detail
