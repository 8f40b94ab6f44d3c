/// @file
/// Compiler settings that affect the speed and the rounding of a program.
#pragma once

#include <backquery/version.hpp>

#include <Eigen/Core>

#include <string>
#include <type_traits>

namespace backquery {

/// The result of build_info.
struct BuildInfo {
  std::string version;          ///< version of backquery: "0.2.0"
  std::string eigen;            ///< version of Eigen: "3.4.0"
  std::string scalar;           ///< "float", "double" or "long double"
  bool optimized = false;       ///< if false, training takes about forty times as long
  std::string instruction_set;  ///< instruction sets in use: "SSE, SSE2", "WebAssembly SIMD", or "None"
  bool fast_math = false;       ///< -ffast-math or -ffinite-math-only: results may differ in the last digits
  bool blas = false;  ///< EIGEN_USE_BLAS; affects only Eigen's products, which the library does not use

  /// One line: "backquery 0.2.0, Eigen 3.4.0, float, optimized, SSE, SSE2", followed by "fast-math" and
  /// "BLAS" if they apply.
  [[nodiscard]] std::string text() const {
    return "backquery " + version + ", Eigen " + eigen + ", " + scalar +
           (optimized ? ", optimized, " : ", not optimized, ") + instruction_set +
           (fast_math ? ", fast-math" : "") + (blas ? ", BLAS" : "");
  }
};

/// The settings of the calling file. Files of one program may have different settings.
///
/// ```cpp
/// std::cout << backquery::build_info<float>().text() << std::endl;
/// ```
///
/// @tparam Scalar  type of the networks: float, double or long double
template <typename Scalar = double>
[[nodiscard]] static BuildInfo build_info() {
  static_assert(std::is_floating_point_v<Scalar>, "backquery: Scalar must be a floating-point type");
  const auto dotted = [](int a, int b, int c) {
    return std::to_string(a) + '.' + std::to_string(b) + '.' + std::to_string(c);
  };
  BuildInfo info;
  info.version = dotted(BACKQUERY_VERSION_MAJOR, BACKQUERY_VERSION_MINOR, BACKQUERY_VERSION_PATCH);
#ifdef EIGEN_PATCH_VERSION  // since Eigen 5, "world" is not part of the version
  info.eigen = dotted(EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION, EIGEN_PATCH_VERSION);
#else
  info.eigen = dotted(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION);
#endif
  info.scalar = std::is_same_v<Scalar, float>    ? "float"
                : std::is_same_v<Scalar, double> ? "double"
                                                 : "long double";
#if defined(__OPTIMIZE__) || (defined(_MSC_VER) && defined(NDEBUG))
  info.optimized = true;
#endif
  info.instruction_set = Eigen::SimdInstructionSetsInUse();
#ifdef __wasm_simd128__  // unknown to Eigen, see detail/packet.hpp
  info.instruction_set = "WebAssembly SIMD";
#endif
#ifndef EIGEN_VECTORIZE_AVX512  // Eigen names FMA and AVX2 only for AVX-512
#ifdef EIGEN_VECTORIZE_AVX2
  info.instruction_set.insert(0, "AVX2, ");
#endif
#ifdef EIGEN_VECTORIZE_FMA
  info.instruction_set.insert(0, "FMA, ");
#endif
#endif
#if defined(__FAST_MATH__) || defined(_M_FP_FAST) || \
    (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ > 0)
  info.fast_math = true;
#endif
#ifdef EIGEN_USE_BLAS
  info.blas = true;
#endif
  return info;
}

}  // namespace backquery
