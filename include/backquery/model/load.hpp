/// @file
/// Loads a network from a file.
#pragma once

#include <backquery/detail/byte_reader.hpp>
#include <backquery/detail/crc32.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/model/detail/format.hpp>
#include <backquery/model/sections.hpp>
#include <backquery/network/neural_network.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace backquery {

namespace detail::model {

/// Returns all bytes of the file. Throws unless they are a complete, undamaged model of this version.
inline std::string checked_bytes(InputFile& file) {
  std::string bytes(opening_bytes, '\0');
  const auto at = [&bytes](std::size_t offset) {
    return reinterpret_cast<const unsigned char*>(bytes.data()) + offset;
  };
  const std::size_t got = file.read(bytes.data(), opening_bytes);
  if (got < sizeof magic || !std::equal(std::begin(magic), std::end(magic), at(0))) {
    file.fail("is not a backquery model: it does not begin as one");
  }
  if (got < opening_bytes) {
    file.fail("is cut short: it has ", got, " bytes, too few for a model");
  }
  const auto found_version = read_value<std::uint32_t>(at(version_at));
  if (found_version < 1 || found_version > version) {
    file.fail("is a model file of version ", found_version, ", expected version 1 to ", version,
              found_version > version ? "; a later backquery reads it" : "");
  }
  const auto stated = read_value<std::uint64_t>(at(length_at));
  const auto left = file.remaining();
  if (!left) {
    file.fail("has no size, expected a regular file");
  }
  const std::uint64_t length = opening_bytes + *left;
  if (length != stated) {
    file.fail(length < stated ? "is cut short: it has " : "goes on after its end: it has ", length,
              " bytes, expected ", stated);
  }
  if (length < opening_bytes + checksum_bytes) {
    file.fail("is damaged: it has ", length, " bytes, too few for a model");
  }
  if (length > bytes.max_size()) {  // of a 32-bit system
    file.fail("has ", length, " bytes, more than memory can hold");
  }
  bytes.resize(static_cast<std::size_t>(length));
  file.read_all(&bytes[opening_bytes], bytes.size() - opening_bytes);
  const std::size_t checksum_at = bytes.size() - checksum_bytes;
  if (crc32(at(0), checksum_at) != read_value<std::uint32_t>(at(checksum_at))) {
    file.fail("is damaged: its checksum does not match its bytes");
  }
  return bytes;
}

/// Reads the fields of a model consecutively. Every field is checked, because the checksum of a forged file
/// can be correct. Memory for values is allocated after the layer sizes have been found to match the number
/// of bytes.
template <typename Scalar>
class Parser {
 public:
  /// @param bytes  from checked_bytes
  Parser(const InputFile& file, const std::string& bytes)
      : bytes_(bytes),
        fields_(std::string_view(bytes).substr(opening_bytes, bytes.size() - opening_bytes - checksum_bytes),
                file.path()) {}

  NeuralNetwork<Scalar> network() {
    for_each_option(options_, [this](const char* name, auto& option) {
      option = fields_.take<std::decay_t<decltype(option)>>(name);
    });
    read_layers();
    const auto learning_rate = fields_.take<Scalar>("learning rate");
    check_length();
    Parameters<Scalar> parameters(std::move(sizes_), options_.biases);
    for (Index layer = 0; layer < parameters.layers(); ++layer) {
      fields_.take_values("weights", parameters.weights(layer));
      fields_.take_values("biases", parameters.biases(layer));
    }
    check_parameters<Scalar>("load", std::as_const(parameters).values());
    return {std::move(parameters), learning_rate, options_};
  }

  /// The sections behind the network.
  Sections sections() {
    Sections sections;
    while (fields_.left() > 0) {
      const auto name = fields_.take_text("name of a section");
      const auto content = fields_.take_text("content of a section");
      if (!sections.empty() && name <= sections.rbegin()->first) {
        fields_.fail("has a section '", name, "' behind '", sections.rbegin()->first,
                     "', expected sorted names");
      }
      sections.emplace_hint(sections.end(), name, content);
    }
    return sections;
  }

 private:
  [[nodiscard]] std::uint32_t found_version() const {
    return read_value<std::uint32_t>(reinterpret_cast<const unsigned char*>(bytes_.data()) + version_at);
  }

  void read_layers() {
    const bool by_layer = found_version() > 1 && fields_.take<bool>("field of activations");
    const auto layers = fields_.take<std::uint32_t>("number of layers");
    if (layers < 1 || fields_.left() < bytes_of_input_size ||
        layers > (fields_.left() - bytes_of_input_size) / bytes_per_layer) {
      fields_.fail("has ", layers, " layers, expected at least 1 and no more than its length holds");
    }
    std::vector<Activation> activations(layers);
    for (Activation& activation : activations) {
      activation = fields_.take<Activation>("activation");
    }
    options_.output_activation = activations.back();
    if (by_layer) {
      options_.activations = std::move(activations);
    } else if (std::any_of(activations.begin(), activations.end() - 1,
                           [this](Activation hidden) { return hidden != options_.hidden_activation; })) {
      fields_.fail("has hidden layers of different activations, expected one for all");
    }

    // A size is at most the number of values; otherwise the products below could overflow.
    const std::uint64_t most = fields_.left() / sizeof(Scalar);
    for (std::uint32_t layer = 0; layer <= layers; ++layer) {
      const auto size = fields_.take<std::uint64_t>("size of a layer");
      if (size < 1 || size > most) {
        fields_.fail("has a layer of size ", size, ", expected at least 1 and no more than its length holds");
      }
      sizes_.push_back(static_cast<Index>(size));
    }
  }

  /// Throws unless weights and biases fit the rest of the file, and are all of it in version 1.
  void check_length() const {
    std::uint64_t bytes = fields_.left();
    bool fits = true;
    for (std::size_t layer = 1; fits && layer < sizes_.size(); ++layer) {
      const std::uint64_t columns = static_cast<std::uint64_t>(sizes_[layer - 1]) + (options_.biases ? 1 : 0);
      const std::uint64_t column_bytes = static_cast<std::uint64_t>(sizes_[layer]) * sizeof(Scalar);
      fits = columns <= bytes / column_bytes;
      bytes -= fits ? columns * column_bytes : 0;
    }
    if (!fits || (found_version() == 1 && bytes != 0)) {
      fields_.fail("has ", fields_.left(), " bytes of values, which its layer sizes do not account for");
    }
  }

  const std::string& bytes_;
  ByteReader fields_;  // between the opening and the checksum
  NetworkOptions options_;
  std::vector<Index> sizes_;
};

template <typename Scalar>
void check_value_bytes(const InputFile& file, const std::string& bytes) {
  const auto found =
      read_value<std::uint32_t>(reinterpret_cast<const unsigned char*>(bytes.data()) + value_bytes_at);
  if (found != sizeof(Scalar) && (found == sizeof(float) || found == sizeof(double))) {
    const char* name = found == sizeof(float) ? "float" : "double";
    file.fail("holds ", name, " values; write backquery::load<", name, ">(path)");
  }
  if (found != sizeof(Scalar)) {
    file.fail("has values of ", found, " bytes, expected 4 (float) or 8 (double)");
  }
}

}  // namespace detail::model

/// Loads a network from a file that `save` wrote. Every value is exact. Further training gives the same
/// results as for the saved network, up to rounding after `train` with few samples: a network updates the
/// sums of its weights after such steps, whereas load computes them anew. Files of all earlier versions of
/// the format are read. Windows does not open a file that is being replaced; load then tries for two seconds
/// before it throws.
///
/// Damaged and forged files are safe to load. The memory used is at most 18 times the length of the file: its
/// bytes, its sections, and the padded weights of the network, where a column of one float takes 64 bytes.
///
/// @tparam Scalar   float or double, as in the saved network
/// @param path      of the file
/// @param sections  receives all sections of the file; see Sections
/// @throws std::runtime_error "path: reason" if the file does not exist, is no model, is cut short, is
///         changed in any byte, has a later version or another Scalar, or describes an invalid network
template <typename Scalar>
[[nodiscard]] NeuralNetwork<Scalar> load(const std::filesystem::path& path, Sections& sections) {
  detail::model::check_scalar<Scalar>();
  detail::InputFile file(path);
  const std::string bytes = detail::model::checked_bytes(file);
  detail::model::check_value_bytes<Scalar>(file, bytes);
  try {
    detail::model::Parser<Scalar> parser(file, bytes);
    NeuralNetwork<Scalar> network = parser.network();
    sections = parser.sections();
    return network;
  } catch (const std::invalid_argument& error) {  // an invalid argument is bad data here
    file.fail("holds no valid network: ", error.what());
  }
}

/// Loads a network and ignores the sections of the file.
template <typename Scalar>
[[nodiscard]] NeuralNetwork<Scalar> load(const std::filesystem::path& path) {
  Sections ignored;
  return load<Scalar>(path, ignored);
}

}  // namespace backquery
