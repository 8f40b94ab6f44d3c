/// @file
/// Loads a network from a file.
#pragma once

#include <backquery/detail/input_file.hpp>
#include <backquery/model/detail/crc32.hpp>
#include <backquery/model/detail/format.hpp>
#include <backquery/network/neural_network.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace backquery {

namespace detail::model {

/// Returns all bytes of the file. Throws unless they are a complete, undamaged model of this version.
inline std::vector<unsigned char> checked_bytes(InputFile& file) {
  std::vector<unsigned char> bytes(opening_bytes);
  const std::size_t got = file.read(bytes.data(), opening_bytes);
  if (got < sizeof magic || !std::equal(std::begin(magic), std::end(magic), bytes.begin())) {
    file.fail("is not a backquery model: it does not begin as one");
  }
  if (got < opening_bytes) {
    file.fail("is cut short: it has ", got, " bytes, too few for a model");
  }
  const auto found_version = read_value<std::uint32_t>(&bytes[version_at]);
  if (found_version != version) {
    file.fail("is a model file of version ", found_version, ", expected version ", version,
              found_version > version ? "; a later backquery reads it" : "");
  }
  const auto stated = read_value<std::uint64_t>(&bytes[length_at]);
  const auto left = file.remaining();
  if (!left) {
    file.fail("has no size, expected a regular file");
  }
  const std::uint64_t length = opening_bytes + *left;
  if (length != stated) {
    file.fail(length < stated ? "is cut short: it has " : "goes on after its end: it has ", length,
              " bytes, expected ", stated);
  }
  if (length < header_bytes + bytes_per_layer + bytes_of_input_size + checksum_bytes) {
    file.fail("is damaged: it has ", length, " bytes, too few for a model");
  }
  bytes.resize(static_cast<std::size_t>(length));
  file.read_all(&bytes[opening_bytes], bytes.size() - opening_bytes);
  const std::size_t checksum_at = bytes.size() - checksum_bytes;
  if (crc32(bytes.data(), checksum_at) != read_value<std::uint32_t>(&bytes[checksum_at])) {
    file.fail("is damaged: its checksum does not match its bytes");
  }
  return bytes;
}

/// Reads the numbers of a model consecutively. Every number is checked, because the checksum of a forged file
/// can be correct. Memory for values is allocated after the layer sizes have been found to match the number
/// of bytes.
template <typename Scalar>
class Parser {
 public:
  /// @param bytes  from checked_bytes: at least the header and one layer
  Parser(const InputFile& file, const std::vector<unsigned char>& bytes)
      : file_(file),
        next_(bytes.data() + opening_bytes),
        end_(bytes.data() + bytes.size() - checksum_bytes) {}

  NeuralNetwork<Scalar> network() {
    for_each_option(options_,
                    [this](auto& option) { option = this->template take<std::decay_t<decltype(option)>>(); });
    read_layers();
    const auto learning_rate = take<Scalar>();
    std::vector<MatrixX<Scalar>> weights(sizes_.size() - 1), biases(weights.size());
    for (std::size_t layer = 0; layer < weights.size(); ++layer) {
      weights[layer] = take_matrix(sizes_[layer + 1], sizes_[layer]);
      biases[layer] = take_matrix(options_.biases ? sizes_[layer + 1] : 0, 1);
    }
    NeuralNetwork<Scalar> network(std::move(weights), learning_rate, options_);
    for (std::size_t layer = 0; options_.biases && layer < biases.size(); ++layer) {
      network.set_biases(static_cast<Index>(layer), biases[layer]);
    }
    check_parameters<Scalar>("load", network.parameters());
    return network;
  }

 private:
  void read_layers() {
    const auto layers = take<std::uint32_t>();
    if (layers < 1 || layers > (left() - bytes_of_input_size) / bytes_per_layer) {
      file_.fail("has ", layers, " layers, expected at least 1 and no more than its length holds");
    }
    for (std::uint32_t layer = 1; layer < layers; ++layer) {
      if (take<Activation>() != options_.hidden_activation) {
        file_.fail("has hidden layers of different activations, expected one for all");
      }
    }
    options_.output_activation = take<Activation>();

    // A size is at most the number of values; otherwise the products below could overflow.
    const std::uint64_t most = left() / sizeof(Scalar);
    for (std::uint32_t layer = 0; layer <= layers; ++layer) {
      const auto size = take<std::uint64_t>();
      if (size < 1 || size > most) {
        file_.fail("has a layer of size ", size, ", expected at least 1 and no more than its length holds");
      }
      sizes_.push_back(static_cast<Index>(size));
    }
    check_length();
  }

  /// Throws unless learning rate, weights and biases are exactly the rest of the file.
  void check_length() const {
    std::uint64_t bytes = left();
    bool fits = bytes >= sizeof(Scalar);
    bytes -= fits ? sizeof(Scalar) : 0;
    for (std::size_t layer = 1; fits && layer < sizes_.size(); ++layer) {
      const std::uint64_t columns = static_cast<std::uint64_t>(sizes_[layer - 1]) + (options_.biases ? 1 : 0);
      const std::uint64_t column_bytes = static_cast<std::uint64_t>(sizes_[layer]) * sizeof(Scalar);
      fits = columns <= bytes / column_bytes;
      bytes -= fits ? columns * column_bytes : 0;
    }
    if (!fits || bytes != 0) {
      file_.fail("has ", left(), " bytes of values, which its layer sizes do not account for");
    }
  }

  std::size_t left() const { return static_cast<std::size_t>(end_ - next_); }

  /// The next number; an enumerator is given by its file_id.
  template <typename Value>
  Value take() {
    if constexpr (std::is_enum_v<Value>) {
      const auto number = take<std::uint32_t>();
      for (const auto& entry : EnumTable<Value>::entries) {
        if (entry.file_id == number) {
          return entry.value;
        }
      }
      file_.fail("has ", EnumTable<Value>::kind, " number ", number, ", expected 0 to ",
                 std::size(EnumTable<Value>::entries) - 1);
    } else if constexpr (std::is_same_v<Value, bool>) {
      const auto number = take<std::uint32_t>();
      if (number > 1) {
        file_.fail("has biases ", number, ", expected 0 or 1");
      }
      return number == 1;
    } else {
      const auto value = read_value<Value>(next_);
      next_ += sizeof value;
      return value;
    }
  }

  MatrixX<Scalar> take_matrix(Index rows, Index cols) {
    MatrixX<Scalar> values(rows, cols);
    for (Scalar& value : values.reshaped()) {
      value = take<Scalar>();
    }
    return values;
  }

  const InputFile& file_;
  const unsigned char* next_;
  const unsigned char* end_;  // position of the checksum
  NetworkOptions options_;
  std::vector<Index> sizes_;
};

template <typename Scalar>
void check_value_bytes(const InputFile& file, std::uint32_t found) {
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
/// results as for the saved network. Windows does not open a file that is being replaced; load then tries for
/// two seconds before it throws.
///
/// Damaged and forged files are safe to load. The memory used is at most 18 times the length of the file: its
/// bytes, its weights, and the padded weights of the network, where a column of one float takes 64 bytes.
///
/// @tparam Scalar  float or double, as in the saved network
/// @param path     of the file
/// @throws std::runtime_error "path: reason" if the file does not exist, is no model, is cut short, is
///         changed in any byte, has a later version or another Scalar, or describes an invalid network
template <typename Scalar>
[[nodiscard]] NeuralNetwork<Scalar> load(const std::filesystem::path& path) {
  detail::model::check_scalar<Scalar>();
  detail::InputFile file(path);
  const std::vector<unsigned char> bytes = detail::model::checked_bytes(file);
  detail::model::check_value_bytes<Scalar>(
      file, detail::model::read_value<std::uint32_t>(&bytes[detail::model::value_bytes_at]));
  try {
    return detail::model::Parser<Scalar>(file, bytes).network();
  } catch (const std::invalid_argument& error) {  // an invalid argument is bad data here
    file.fail("holds no valid network: ", error.what());
  }
}

}  // namespace backquery
