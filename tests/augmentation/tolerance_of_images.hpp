/// @file
/// How far a computed image may lie from the true one.
#pragma once

/// Largest absolute difference allowed from scipy and from the formulas, for levels between 0 and 1.
template <typename Scalar>
constexpr double tolerance = sizeof(Scalar) == sizeof(float) ? 1e-6 : 1e-12;
