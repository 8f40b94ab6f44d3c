/// @file
/// Saves a network to a file.
#pragma once

#include <backquery/detail/byte_writer.hpp>
#include <backquery/detail/crc32.hpp>
#include <backquery/detail/replace_file.hpp>
#include <backquery/model/detail/format.hpp>
#include <backquery/model/sections.hpp>
#include <backquery/network/neural_network.hpp>

#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>
#include <utility>

namespace backquery {

namespace detail::model {

/// The content of the file, as format.hpp describes it.
template <typename Scalar>
std::string to_bytes(const NeuralNetwork<Scalar>& network, const Sections& sections = {}) {
  ByteWriter file;
  file.bytes.assign(std::begin(magic), std::end(magic));
  file.put(version);
  file.put(std::uint32_t{sizeof(Scalar)});
  file.put(std::uint64_t{0});  // the length, set at the end
  const NetworkOptions& options = network.options();
  for_each_option(options, [&file](const char*, auto option) { file.put(option); });
  file.put(!options.activations.empty());
  file.put(static_cast<std::uint32_t>(network.layers()));
  for (Index layer = 0; layer < network.layers(); ++layer) {
    file.put(network.activation(layer));
  }
  for (const Index size : network.layer_sizes()) {
    file.put(static_cast<std::uint64_t>(size));
  }
  file.put(network.learning_rate());
  for (Index layer = 0; layer < network.layers(); ++layer) {
    file.put_values(network.weights(layer));
    file.put_values(network.biases(layer));
  }
  for (const auto& [name, content] : sections) {
    file.put_text(name);
    file.put_text(content);
  }
  file.overwrite<std::uint64_t>(length_at, file.bytes.size() + checksum_bytes);
  file.put(crc32(reinterpret_cast<const unsigned char*>(file.bytes.data()), file.bytes.size()));
  return std::move(file.bytes);
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
/// @param network   a network of float or double
/// @param path      of the file, in an existing folder
/// @param sections  further data for the same file, such as the names of the classes; see Sections
/// @throws std::invalid_argument if a weight or bias is NaN or infinite; the old file is unchanged
/// @throws std::runtime_error "path: cannot be saved: reason"; the old file is unchanged
template <typename Scalar>
void save(const NeuralNetwork<Scalar>& network, const std::filesystem::path& path,
          const Sections& sections = {}) {
  detail::model::check_scalar<Scalar>();
  detail::check_parameters<Scalar>("save", network.parameters());
  const std::string bytes = detail::model::to_bytes(network, sections);
  detail::ReplacementFile file(path);
  file.write(bytes.data(), bytes.size());
  file.commit();
}

}  // namespace backquery
