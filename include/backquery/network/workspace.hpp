/// @file
/// The memory that a network needs in addition to its parameters.
#pragma once

#include <backquery/network/detail/pass_buffers.hpp>

#include <type_traits>

namespace backquery {

/// Memory for the values and errors of every layer. Calls of any network can share a workspace, one call at a
/// time:
///
/// ```cpp
/// backquery::Workspace<float> workspace;
/// backquery::Parameters<float> gradients;
/// for (int step = 0; step < 100; ++step) {
///   net.gradients(X, T, gradients, workspace);  // allocates in the first call only
///   net.step(gradients, 0.1f);
/// }
/// ```
///
/// A workspace grows when a call needs more memory, and never shrinks. Its contents have no meaning between
/// calls.
///
/// @tparam Scalar_  float, double or long double, as the network's
template <typename Scalar_ = double>
class Workspace {
  static_assert(
      std::is_floating_point_v<Scalar_>,
      "backquery::Workspace<Scalar>: Scalar must be a floating-point type: float, double or long double");

 public:
  using Scalar = Scalar_;  ///< the type of all values

  // Internal: the memory of passes, also for training/.
  friend detail::PassBuffers<Scalar>& buffers_of(Workspace& workspace) { return workspace.buffers_; }

 private:
  detail::PassBuffers<Scalar> buffers_;
};

}  // namespace backquery
