/// @file
/// The enumerators of an enumeration, for tests that must hold for all of them.
#pragma once

#include <backquery/network/options.hpp>

#include <string>
#include <vector>

template <typename Enum>
std::vector<Enum> enumerators() {
  std::vector<Enum> values;
  for (const auto& entry : backquery::detail::EnumTable<Enum>::entries) values.push_back(entry.value);
  return values;
}

/// The activations that a hidden layer can have: all but softmax.
inline std::vector<backquery::Activation> hidden_activations() {
  std::vector<backquery::Activation> values;
  for (const auto f : enumerators<backquery::Activation>()) {
    if (f != backquery::Activation::softmax) values.push_back(f);
  }
  return values;
}
