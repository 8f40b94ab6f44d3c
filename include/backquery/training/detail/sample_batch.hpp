/// @file
/// Samples on their way from a source to a network.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/network/loss.hpp>
#include <backquery/network/neural_network.hpp>
#include <backquery/training/sample_source.hpp>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace backquery::detail {

template <typename Scalar>
struct SampleBatch {
  std::vector<Index> numbers;
  MatrixX<Scalar> x, t;

  /// Has the source make the samples with these numbers, which must suit the network.
  /// @param argument  what the source is called
  void fill(const char* argument, const SampleSource<Scalar>& source, int epoch,
            const NeuralNetwork<Scalar>& network) {
    const std::string name = std::string("Trainer::fit: ") + argument + ".fill";
    const char* const where = name.c_str();
    source.fill(epoch, numbers, x, t);
    const auto count = static_cast<Index>(numbers.size());
    check_shape(where, "x", x, network.inputs(), count, ", the network's inputs");
    check_shape(where, "t", t, network.outputs(), count, ", the network's outputs");
    const auto check_columns = [&](const char* place, Index first, Index columns) {
      check_finite<Scalar>(place, "x", strided(x.middleCols(first, columns)));
      check_targets<Scalar>(place, network.options().loss, strided(t.middleCols(first, columns)));
    };
    try {
      check_columns(where, 0, count);
    } catch (const std::invalid_argument&) {  // a column of a shuffled batch says little: which sample is it?
      for (Index column = 0; column < count; ++column) {
        const Index number = numbers[static_cast<std::size_t>(column)];
        check_columns((name + " of sample " + std::to_string(number)).c_str(), column, 1);
      }
      throw;
    }
  }
};

}  // namespace backquery::detail
