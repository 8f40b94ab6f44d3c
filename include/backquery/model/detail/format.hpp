/// @file
/// The format of model files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

/// A model file of version 1 holds one network. L is its number of weight matrices, n_0 its inputs, n_l the
/// nodes of layer l, and v the bytes of a value: 4 for float (IEEE 754 binary32), 8 for double (binary64).
/// All numbers are little-endian, integers unsigned; nothing is padded.
///
/// | offset        | bytes         | content                                                          |
/// |---------------|---------------|------------------------------------------------------------------|
/// | 0             | 8             | 89 42 51 4D 0D 0A 1A 0A: ".BQM" and line ends, which change in   |
/// |               |               | a transfer as text                                               |
/// | 8             | 4             | version: 1                                                       |
/// | 12            | 4             | v                                                                |
/// | 16            | 8             | length of the whole file                                         |
/// | 24            | 8             | options.seed                                                     |
/// | 32            | 4             | options.loss                                                     |
/// | 36            | 4             | options.initializer                                              |
/// | 40            | 4             | options.error_propagation                                        |
/// | 44            | 4             | options.biases: 0 or 1                                           |
/// | 48            | 4             | options.hidden_activation                                        |
/// | 52            | 4             | L, at least 1                                                    |
/// | 56            | 4 L           | activations of layers 1 to L; all but the last as at 48          |
/// | 56 + 4 L      | 8 (L + 1)     | n_0 to n_L, each at least 1                                      |
/// | 64 + 12 L     | v             | learning rate, finite and > 0                                    |
/// | 64 + 12 L + v |               | for each layer l = 1 to L:                                       |
/// |               | v n_l n_(l-1) | its weights, n_l x n_(l-1), column by column                     |
/// |               | v n_l         | its biases, only if there are biases                             |
/// | at the end    | 4             | CRC-32 (as in zlib and PNG) of all bytes before                  |
///
/// The value of an option is the file_id of its EnumEntry, for example in network/activation.hpp.
///
/// The first 12 bytes are the same in all versions, so that an older library can name a later version.
namespace backquery::detail::model {

constexpr unsigned char magic[8] = {0x89, 'B', 'Q', 'M', '\r', '\n', 0x1a, '\n'};
constexpr std::uint32_t version = 1;

constexpr std::size_t version_at = 8;
constexpr std::size_t value_bytes_at = 12;
constexpr std::size_t length_at = 16;
constexpr std::size_t opening_bytes = 24;    // up to the length, inclusive
constexpr std::size_t header_bytes = 56;     // up to L, inclusive
constexpr std::size_t bytes_per_layer = 12;  // its activation and its size
constexpr std::size_t bytes_of_input_size = 8;
constexpr std::size_t checksum_bytes = 4;

/// Calls each(option) for the options at 24 to 48, in their order.
template <typename Options, typename Each>
void for_each_option(Options& options, const Each& each) {
  each(options.seed);
  each(options.loss);
  each(options.initializer);
  each(options.error_propagation);
  each(options.biases);
  each(options.hidden_activation);
}

/// The unsigned integer with the bits of a value.
template <typename Value>
using BitsOf = std::conditional_t<sizeof(Value) == 4, std::uint32_t, std::uint64_t>;

/// An integer or floating-point number, little-endian on every machine.
template <typename Value>
Value read_value(const unsigned char* bytes) {
  BitsOf<Value> bits = 0;
  for (std::size_t i = 0; i < sizeof bits; ++i) {
    bits |= static_cast<BitsOf<Value>>(bytes[i]) << (8 * i);
  }
  Value value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <typename Value>
void write_value(Value value, unsigned char* bytes) {
  BitsOf<Value> bits;
  std::memcpy(&bits, &value, sizeof bits);
  for (std::size_t i = 0; i < sizeof bits; ++i) {
    bytes[i] = static_cast<unsigned char>(bits >> (8 * i));
  }
}

template <typename Scalar>
constexpr void check_scalar() {
  static_assert(std::is_same_v<Scalar, float> || std::is_same_v<Scalar, double>,
                "backquery: model files of version 1 hold float or double, no long double");
  static_assert(sizeof(float) == 4 && sizeof(double) == 8);
}

}  // namespace backquery::detail::model
