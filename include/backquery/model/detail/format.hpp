/// @file
/// The format of model files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

/// A model file holds one network and named sections of other data. L is the number of weight matrices, n_0
/// the number of inputs, n_l the nodes of layer l, and v the bytes of a value: 4 for float (IEEE 754
/// binary32), 8 for double (binary64). All numbers are little-endian, integers unsigned; nothing is padded.
/// This is version 2:
///
/// | offset        | bytes         | content                                                          |
/// |---------------|---------------|------------------------------------------------------------------|
/// | 0             | 8             | 89 42 51 4D 0D 0A 1A 0A: ".BQM" and line ends, which change in   |
/// |               |               | a transfer as text                                               |
/// | 8             | 4             | version: 2                                                       |
/// | 12            | 4             | v                                                                |
/// | 16            | 8             | length of the whole file                                         |
/// | 24            | 8             | options.seed                                                     |
/// | 32            | 4             | options.loss                                                     |
/// | 36            | 4             | options.initializer                                              |
/// | 40            | 4             | options.error_propagation                                        |
/// | 44            | 4             | options.biases: 0 or 1                                           |
/// | 48            | 4             | options.hidden_activation                                        |
/// | 52            | 4             | 1 if options.activations has the activations, 0 if it is empty   |
/// | 56            | 4             | L, at least 1                                                    |
/// | 60            | 4 L           | activations of layers 1 to L; if the field at 52 is 0, all but   |
/// |               |               | the last are equal to the field at 48                            |
/// | 60 + 4 L      | 8 (L + 1)     | n_0 to n_L, each at least 1                                      |
/// | 68 + 12 L     | v             | learning rate, finite and > 0                                    |
/// | 68 + 12 L + v |               | for each layer l = 1 to L:                                       |
/// |               | v n_l n_(l-1) | its weights, n_l x n_(l-1), column by column                     |
/// |               | v n_l         | its biases, only if there are biases                             |
/// | then          |               | for each section, sorted by name, each name once:                |
/// |               | 8             | m, the length of the name                                        |
/// |               | m             | the name                                                         |
/// |               | 8             | c, the length of the content                                     |
/// |               | c             | the content                                                      |
/// | at the end    | 4             | CRC-32 (as in zlib and PNG) of all bytes before                  |
///
/// The value of an option is the file_id of its EnumEntry, for example in network/activation.hpp. A reader
/// ignores sections with names that it does not know, so that an addition needs no new version.
///
/// Version 1 lacks the field at 52, so that all later fields begin 4 bytes earlier, and has no sections.
///
/// The first 12 bytes are the same in all versions, so that an older library can name a later version.
namespace backquery::detail::model {

constexpr unsigned char magic[8] = {0x89, 'B', 'Q', 'M', '\r', '\n', 0x1a, '\n'};
constexpr std::uint32_t version = 2;

constexpr std::size_t version_at = 8;
constexpr std::size_t value_bytes_at = 12;
constexpr std::size_t length_at = 16;
constexpr std::size_t opening_bytes = 24;    // up to the length, inclusive
constexpr std::size_t bytes_per_layer = 12;  // its activation and its size
constexpr std::size_t bytes_of_input_size = 8;
constexpr std::size_t checksum_bytes = 4;

/// Calls each(name, option) for the options at 24 to 48, in their order.
template <typename Options, typename Each>
void for_each_option(Options& options, const Each& each) {
  each("seed", options.seed);
  each("loss", options.loss);
  each("initializer", options.initializer);
  each("error_propagation", options.error_propagation);
  each("biases", options.biases);
  each("activation", options.hidden_activation);
}

template <typename Scalar>
constexpr void check_scalar() {
  static_assert(std::is_same_v<Scalar, float> || std::is_same_v<Scalar, double>,
                "backquery: model files hold float or double, no long double");
  static_assert(sizeof(float) == 4 && sizeof(double) == 8);
}

}  // namespace backquery::detail::model
