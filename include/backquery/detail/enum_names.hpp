/// @file
/// One table for each enumeration; names of enumerators for command lines and messages.
#pragma once

#include <backquery/detail/check.hpp>

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace backquery {

namespace detail {

/// An enumerator, its name, and its number in files, which never changes once it is released.
template <typename Enum>
struct EnumEntry {
  Enum value;
  std::string_view name;
  std::uint32_t file_id = 0;
};

/// The table of an enumeration, specialized next to the enumeration. `kind` is the subject of messages;
/// `entries` are the EnumEntries of all enumerators. Enumerators are 0, 1, 2, ...
template <typename Enum>
struct EnumTable;

/// A table with a struct for each enumerator. Each struct has the EnumEntry `entry` and further members,
/// which have the same names in all structs.
template <typename First, typename... Others>
struct StructTable {
  static constexpr decltype(First::entry) entries[] = {First::entry, Others::entry...};
};

/// Whether the value is an enumerator: compilers print an enumerator as "Activation::tanh" and another value
/// as "(Activation)9". False if the compiler has no __PRETTY_FUNCTION__.
template <typename Enum, Enum value>
constexpr bool is_enumerator() {
#ifdef __GNUC__
  const std::string_view text = __PRETTY_FUNCTION__;  // ends with "value = Activation::tanh]"
  const char first = text[text.rfind('=') + 2];
  return first != '(' && first != '-' && !(first >= '0' && first <= '9');
#else
  return false;
#endif
}

/// The entry of the value; null for a value that is no enumerator.
template <typename Enum>
constexpr const EnumEntry<Enum>* find_entry(Enum value) {
  static_assert(!is_enumerator<Enum, static_cast<Enum>(std::size(EnumTable<Enum>::entries))>(),
                "backquery: an enumerator is missing in its EnumTable");
  for (const auto& entry : EnumTable<Enum>::entries) {
    if (entry.value == value) {
      return &entry;
    }
  }
  return nullptr;
}

/// Throws std::invalid_argument unless the value is an enumerator.
/// @param subject  the name of the enumeration, or of the option that has the value
template <typename Enum>
void check_enumerator(const char* where, const char* subject, Enum value) {
  if (find_entry(value) == nullptr) {
    throw_invalid_argument(where, ": ", subject, " has no value ", static_cast<int>(value));
  }
}

template <typename Enum, typename Use, typename First, typename... Others>
constexpr auto visit(Enum value, const Use& use, StructTable<First, Others...>) {
  if constexpr (sizeof...(Others) > 0) {
    if (value != First::entry.value) {
      return visit(value, use, StructTable<Others...>());
    }
  }
  return use(First());
}

/// Returns use(the struct of the value). For a value that is no enumerator, uses the last struct.
template <typename Enum, typename Use>
constexpr auto visit(Enum value, const Use& use) {
  return visit(value, use, EnumTable<Enum>());
}

}  // namespace detail

/// The name of the value, as in the source: name(Activation::relu) == "relu".
/// @throws std::invalid_argument if the value is no enumerator
template <typename Enum, typename Table = detail::EnumTable<Enum>>
std::string_view name(Enum value) {
  detail::check_enumerator("name", Table::kind, value);
  return detail::find_entry(value)->name;
}

/// The value with this name: from_name<Activation>("relu") == Activation::relu.
/// @throws std::invalid_argument that lists the known names
template <typename Enum>
Enum from_name(std::string_view text) {
  std::string known;
  for (const auto& entry : detail::EnumTable<Enum>::entries) {
    if (entry.name == text) {
      return entry.value;
    }
    known.append(known.empty() ? "" : ", ").append(entry.name);
  }
  detail::throw_invalid_argument("from_name: ", detail::EnumTable<Enum>::kind, " is '", text,
                                 "', expected one of ", known);
}

}  // namespace backquery
