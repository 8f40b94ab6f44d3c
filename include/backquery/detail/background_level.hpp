/// @file
/// The value of a blank pixel.
#pragma once

namespace backquery {

/// The input that inputs() makes from a pixel 0, and the default background of the augmentations.
template <typename Scalar>
inline constexpr Scalar background_level = Scalar(0.01L);

}  // namespace backquery
