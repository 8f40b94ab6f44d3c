/// @file
/// The recipe of a training: names and values that determine the result.
#pragma once

#include <backquery/detail/byte_reader.hpp>
#include <backquery/detail/byte_writer.hpp>
#include <backquery/detail/crc32.hpp>
#include <backquery/detail/thread_pool.hpp>
#include <backquery/network/neural_network.hpp>
#include <backquery/training/sample_source.hpp>
#include <backquery/training/trainer_options.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace backquery::detail {

/// The text of a checksum: eight digits of base 16.
inline std::string checksum_text(std::string_view bytes) {
  char digits[9];
  const auto checksum = crc32(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  std::snprintf(digits, sizeof digits, "%08lx", static_cast<unsigned long>(checksum));
  return digits;
}

/// The bytes of a matrix or vector in memory.
template <typename Values>
std::string_view bytes_of(const Values& values) {
  using Value = std::decay_t<decltype(*values.data())>;
  return {reinterpret_cast<const char*>(values.data()),
          static_cast<std::size_t>(values.size()) * sizeof(Value)};
}

/// The shortest text with 6, 15 or 17 digits that gives the number again.
inline std::string exact_text(double value) {
  char text[32];
  for (const int digits : {6, 15, 17}) {
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    if (std::strtod(text, nullptr) == value) {
      break;
    }
  }
  return text;
}

/// Names and values that determine the result of a training. A checkpoint has the recipe of its training. A
/// training with another recipe does not continue it.
class Recipe {
 public:
  /// @param training  the name of the program or class that trains
  explicit Recipe(const std::string& training) {
    add("checkpoint version", 1);  // version of the state, equal for all trainings
    add("training", training);
  }

  void add(const std::string& name, const std::string& value) { fields_.emplace_back(name, value); }
  template <typename Value>
  void add(const std::string& name, const Value& value) {
    if constexpr (std::is_enum_v<Value>) {
      add(name, std::string(find_entry(value)->name));
    } else if constexpr (std::is_same_v<Value, bool>) {
      add(name, std::string(value ? "true" : "false"));
    } else if constexpr (std::is_floating_point_v<Value>) {
      add(name, exact_text(static_cast<double>(value)));
    } else {
      add(name, message(value));
    }
  }

  /// The network at the start of the training.
  template <typename Scalar>
  void add(const NeuralNetwork<Scalar>& network) {
    std::string sizes = message(network.inputs()), activations;
    for (Index layer = 0; layer < network.layers(); ++layer) {
      sizes += message("-", network.layer_sizes()[static_cast<std::size_t>(layer) + 1]);
      activations += message(layer == 0 ? "" : "-", find_entry(network.activation(layer))->name);
    }
    add("network.layer_sizes", sizes);
    add("network.activations", activations);
    add("network.loss", network.options().loss);
    add("network.biases", network.options().biases);
    add("network.initializer", network.options().initializer);
    add("network.error_propagation", network.options().error_propagation);
    add("network.seed", network.options().seed);
    add("checksum of the network at the start", checksum_text(bytes_of(network.parameters())));
  }

  /// Structured bindings, so that a new option does not compile until it is added here.
  void add(const TrainerOptions& options) {
    const auto& [epochs, batch_size, schedule, optimizer, smoothing, dropout, normalization, patience, seed,
                 threads] = options;
    add("options.epochs", epochs);
    add("options.batch_size", batch_size);
    const auto& [shape, warm_up, initial_factor, final_factor, drops] = schedule;
    add("options.schedule.shape", shape);
    add("options.schedule.warm_up", warm_up);
    add("options.schedule.initial_factor", initial_factor);
    add("options.schedule.final_factor", final_factor);
    add("options.schedule.drops", drops);
    const auto& [method, rate, momentum, nesterov, decay, beta1, beta2, epsilon, weight_decay, clip_norm] =
        optimizer;
    add("options.optimizer.method", method);
    add("options.optimizer.learning_rate", rate ? exact_text(*rate) : "unset");
    add("options.optimizer.momentum", momentum);
    add("options.optimizer.nesterov", nesterov);
    add("options.optimizer.decay", decay);
    add("options.optimizer.beta1", beta1);
    add("options.optimizer.beta2", beta2);
    add("options.optimizer.epsilon", epsilon);
    add("options.optimizer.weight_decay", weight_decay);
    add("options.optimizer.clip_norm", clip_norm);
    add("options.label_smoothing", smoothing);
    add("options.dropout", dropout);
    add("options.batch_normalization", normalization);
    add("options.patience", patience);
    add("options.seed", seed);
    static_cast<void>(threads);  // no result depends on it
  }

  /// The samples without their transforms: epoch 0.
  template <typename Scalar>
  void add(const std::string& name, const SampleSource<Scalar>& source, ThreadPool& pool) {
    std::vector<std::string> checksums(
        static_cast<std::size_t>(ceil_div(source.samples, most_source_samples)));
    pool.run(static_cast<Index>(checksums.size()), [&](Index block) {
      const Index first = block * most_source_samples;
      std::vector<Index> indices(
          static_cast<std::size_t>((std::min)(most_source_samples, source.samples - first)));
      std::iota(indices.begin(), indices.end(), first);
      Samples<Scalar> samples;
      source.fill(indices, 0, samples);
      checksums[static_cast<std::size_t>(block)] =
          checksum_text(bytes_of(samples.x)) + checksum_text(bytes_of(samples.t)) +
          checksum_text(bytes_of(samples.labels)) + checksum_text(bytes_of(samples.weights));
    });
    std::string all;
    for (const std::string& checksum : checksums) {
      all += checksum;
    }
    add(name + ".samples", source.samples);
    add("checksum of " + name, checksum_text(all));
  }

  /// Throws std::runtime_error that names the first field that differs, if there is one.
  /// @param found  from bytes() of the recipe of the checkpoint
  /// @param path   of the checkpoint
  void check_equal(std::string_view found, const std::string& path) const {
    ByteReader reader(found, path);
    for (const auto& [name, value] : fields_) {
      if (reader.left() == 0) {
        reader.fail("is the checkpoint of another training: it has no field '", name, "'");
      }
      const auto found_name = reader.take_text("name in the recipe"),
                 found_value = reader.take_text("value in the recipe");
      if (found_name != name) {
        reader.fail("is the checkpoint of another training: it has the field '", found_name, "', expected '",
                    name, "'");
      }
      if (found_value != value) {
        reader.fail("is the checkpoint of another training: ", name, " is ", found_value, ", expected ",
                    value);
      }
    }
    if (reader.left() > 0) {
      reader.fail("is the checkpoint of another training: it has the field '",
                  reader.take_text("name in the recipe"), "', expected no more");
    }
  }

  [[nodiscard]] std::string bytes() const {
    ByteWriter writer;
    for (const auto& [name, value] : fields_) {
      writer.put_text(name);
      writer.put_text(value);
    }
    return writer.bytes;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace backquery::detail
