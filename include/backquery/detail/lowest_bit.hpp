/// @file
/// The lowest set bit of a mask.
#pragma once

#include <backquery/detail/storage.hpp>

#include <cstdint>

namespace backquery::detail {

/// The index of the lowest set bit. The mask must not be 0.
inline Index lowest_bit(std::uint64_t mask) {
#if defined(__GNUC__)
  return __builtin_ctzll(mask);
#else
  Index place = 0;
  while ((mask >> place & 1) == 0) {
    ++place;
  }
  return place;
#endif
}

}  // namespace backquery::detail
