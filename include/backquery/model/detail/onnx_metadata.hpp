/// @file
/// Options of a network in the metadata of an ONNX file.
#pragma once

#include <backquery/detail/enum_names.hpp>
#include <backquery/model/detail/onnx_messages.hpp>
#include <backquery/network/options.hpp>

#include <cstdint>
#include <limits>
#include <locale>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backquery::detail::onnx {

/// Options of a network that an ONNX graph does not state.
template <typename Scalar>
struct Training {
  NetworkOptions options;
  Scalar learning_rate = Scalar(0.1L);
};

/// Calls each(key, value) for the fields that the metadata store.
template <typename Fields, typename Each>
void for_each_field(Fields& training, const Each& each) {
  each("backquery.loss", training.options.loss);
  each("backquery.learning_rate", training.learning_rate);
  each("backquery.error_propagation", training.options.error_propagation);
  each("backquery.initializer", training.options.initializer);
  each("backquery.seed", training.options.seed);
}

/// The text of a value: the name of an enumerator, or all digits of a number.
template <typename Value>
std::string metadata_text(const Value& value) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  if constexpr (std::is_enum_v<Value>) {
    text << name(value);
  } else {
    text.precision(std::numeric_limits<Value>::max_digits10);
    text << value;
  }
  return text.str();
}

/// Sets the value from its text. Returns a description of the accepted texts, empty if this text is one.
template <typename Value>
std::string read_metadata(std::string_view text, Value& value) {
  if constexpr (std::is_enum_v<Value>) {
    std::string known;
    for (const auto& entry : EnumTable<Value>::entries) {
      if (entry.name == text) {
        value = entry.value;
        return "";
      }
      known.append(known.empty() ? "one of " : ", ").append(entry.name);
    }
    return known;
  } else {
    std::istringstream stream{std::string(text)};
    stream.imbue(std::locale::classic());
    // A stream would read "-1" as a large unsigned number.
    return text.find('-') == 0 || !(stream >> value) ||
                   stream.peek() != std::istringstream::traits_type::eof()
               ? "a number of at least 0"
               : "";
  }
}

template <typename Scalar>
void read_metadata(const std::vector<TextPair>& metadata, Training<Scalar>& training) {
  for_each_field(training, [&](std::string_view key, auto& value) {
    for (const TextPair& pair : metadata) {
      const std::string expected = pair.first == key ? read_metadata(pair.second, value) : "";
      if (!expected.empty()) {
        reject("has the metadata ", key, " = ", quoted(pair.second), ", expected ", expected);
      }
    }
  });
}

}  // namespace backquery::detail::onnx
