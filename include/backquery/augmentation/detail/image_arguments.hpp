/// @file
/// What functions over images refuse in their arguments.
#pragma once

#include <Eigen/Core>
#include <functional>

#include <backquery/detail/check.hpp>

namespace backquery::detail {

/// Throws std::invalid_argument unless x is rows x cols; `argument` names function and argument.
template <typename X>
void require_shape(const char* argument, const X& x, Eigen::Index rows, Eigen::Index cols) {
  if (x.rows() != rows || x.cols() != cols) {
    throw_invalid_argument(argument, " is ", x.rows(), " x ", x.cols(), ", expected ", rows, " x ", cols);
  }
}

/// Throws std::invalid_argument if the two share memory; `complaint` says who lies where whom.
template <typename From, typename To>
void require_apart(const char* complaint, const From& from, const To& to) {
  const auto end = [](const auto& m) {
    return m.data() + (m.rows() - 1) * m.rowStride() + (m.cols() - 1) * m.colStride() + 1;
  };
  const std::less<const void*> before;  // pointers into different memory
  if (from.size() > 0 && to.size() > 0 && before(from.data(), end(to)) && before(to.data(), end(from))) {
    throw_invalid_argument(complaint, " does, expected memory of its own");
  }
}

inline void require_size(const char* function, const char* argument, Eigen::Index size,
                         Eigen::Index largest) {
  if (size < 0 || size > largest) {
    throw_invalid_argument(function, ": ", argument, " is ", size, ", expected 0 to ", largest);
  }
}

}  // namespace backquery::detail
