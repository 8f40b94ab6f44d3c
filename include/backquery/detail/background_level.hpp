/// @file
/// The value of a blank pixel.
#pragma once

namespace backquery {

/// inputs() makes this of a pixel 0, and it is the default background of the augmentations.
template <typename Scalar>
inline constexpr Scalar background_level = Scalar(0.01L);

}  // namespace backquery
