/// @file
/// The enumerations as text, for command lines and messages: name(Activation::relu) == "relu".
#pragma once

#include <backquery/detail/check.hpp>

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

namespace backquery {

namespace detail {

/// Each enumeration specialises this with `kind` (what it is called) and `values` (its names, in order, from
/// 0).
template <typename Enum>
struct EnumNames;

/// Whether the value is one of the enumeration's own and no cast from a foreign number.
template <typename Enum>
constexpr bool is_known(Enum value) {
  return static_cast<std::size_t>(value) < std::size(EnumNames<Enum>::values);
}

}  // namespace detail

/// The name of the value, spelt as in the source.
/// @throws std::invalid_argument if the value is none of the enumeration's
template <typename Enum, typename Names = detail::EnumNames<Enum>>
std::string_view name(Enum value) {
  if (!detail::is_known(value)) {
    detail::throw_invalid_argument("name: ", Names::kind, " has no value ", static_cast<int>(value));
  }
  return Names::values[static_cast<std::size_t>(value)];
}

/// The value of that name: from_name<Activation>("relu") == Activation::relu.
/// @throws std::invalid_argument that lists the right names
template <typename Enum>
Enum from_name(std::string_view text) {
  using Names = detail::EnumNames<Enum>;
  std::string known;
  for (std::size_t i = 0; i < std::size(Names::values); ++i) {
    if (Names::values[i] == text) {
      return static_cast<Enum>(i);
    }
    known.append(i == 0 ? "" : ", ").append(Names::values[i]);
  }
  detail::throw_invalid_argument("from_name: ", Names::kind, " is '", std::string(text),
                                 "', expected one of ", known);
}

}  // namespace backquery
