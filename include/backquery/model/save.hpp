/// @file
/// Saves a network to a file.
#pragma once

#include <backquery/model/detail/crc32.hpp>
#include <backquery/model/detail/format.hpp>
#include <backquery/model/detail/replace_file.hpp>
#include <backquery/network/neural_network.hpp>

#include <cstdint>
#include <filesystem>
#include <iterator>
#include <type_traits>
#include <vector>

namespace backquery {

namespace detail::model {

/// A buffer of bytes to which numbers are appended.
struct Writer {
  std::vector<unsigned char> bytes;

  template <typename Value>
  void put(Value value) {
    if constexpr (std::is_enum_v<Value>) {
      put(find_entry(value)->file_id);
    } else if constexpr (std::is_same_v<Value, bool>) {
      put(std::uint32_t{value});
    } else {
      bytes.resize(bytes.size() + sizeof value);
      write_value(value, &bytes[bytes.size() - sizeof value]);
    }
  }
  template <typename Values>
  void put_values(const Values& values) {
    for (Index column = 0; column < values.cols(); ++column) {
      for (Index row = 0; row < values.rows(); ++row) {
        put(values(row, column));
      }
    }
  }
};

/// The content of the file, as format.hpp describes it.
template <typename Scalar>
std::vector<unsigned char> to_bytes(const NeuralNetwork<Scalar>& network) {
  Writer writer;
  writer.bytes.assign(std::begin(magic), std::end(magic));
  writer.put(version);
  writer.put(std::uint32_t{sizeof(Scalar)});
  writer.put(std::uint64_t{0});  // the length, set at the end
  for_each_option(network.options(), [&writer](auto option) { writer.put(option); });
  writer.put(static_cast<std::uint32_t>(network.layers()));
  for (Index layer = 0; layer < network.layers(); ++layer) {
    writer.put(network.activation(layer));
  }
  for (const Index size : network.layer_sizes()) {
    writer.put(static_cast<std::uint64_t>(size));
  }
  writer.put(network.learning_rate());
  for (Index layer = 0; layer < network.layers(); ++layer) {
    writer.put_values(network.weights(layer));
    writer.put_values(network.biases(layer));
  }
  write_value<std::uint64_t>(writer.bytes.size() + checksum_bytes, &writer.bytes[length_at]);
  writer.put(crc32(writer.bytes.data(), writer.bytes.size()));
  return writer.bytes;
}

}  // namespace detail::model

/// Saves sizes, options, learning rate, weights and biases of the network. Every value is exact.
/// model/detail/format.hpp describes the file.
///
/// The path holds the complete old file or the complete new one at all times, even if the program is killed
/// or another program saves to the same path. The file is written as path.0.tmp (or a higher number, at most
/// 99) and renamed when it is on the disk. A killed program can leave a *.tmp file behind. The new file has
/// the permissions of the old one. A symbolic link is replaced by a file, not followed. Windows does not
/// replace a file that a program has open; save then tries for two seconds before it throws.
///
/// ```cpp
/// backquery::save(net, "network.bqm");
/// const auto same = backquery::load<float>("network.bqm");
/// ```
///
/// @param network  a network of float or double
/// @param path     of the file, in an existing folder
/// @throws std::invalid_argument if a weight or bias is NaN or infinite; the old file is unchanged
/// @throws std::runtime_error "path: cannot be saved: reason"; the old file is unchanged
template <typename Scalar>
void save(const NeuralNetwork<Scalar>& network, const std::filesystem::path& path) {
  detail::model::check_scalar<Scalar>();
  detail::check_parameters<Scalar>("save", network.parameters());
  const std::vector<unsigned char> bytes = detail::model::to_bytes(network);
  detail::ReplacementFile file(path);
  file.write(bytes.data(), bytes.size());
  file.commit();
}

}  // namespace backquery
