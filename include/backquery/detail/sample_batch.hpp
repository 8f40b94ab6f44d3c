/// @file
/// Samples on their way from a source through a network, and what the network's answers are worth.
#pragma once

#include <backquery/detail/arguments.hpp>
#include <backquery/detail/check.hpp>
#include <backquery/detail/parallel.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/metrics.hpp>
#include <backquery/network/neural_network.hpp>
#include <backquery/training/sample_source.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
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
    check_shape(where, "x", x, network.inputs(), count);
    check_shape(where, "t", t, network.outputs(), count);
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

/// Calls use(batch) for `count` of the samples, spread over all, as they are and by pieces.
template <typename Scalar, typename Use>
void for_each_batch(const char* argument, const NeuralNetwork<Scalar>& network,
                    const SampleSource<Scalar>& source, Index count, const Use& use) {
  constexpr Index piece = 1000;
  SampleBatch<Scalar> batch;
  for (Index first = 0; first < count; first += piece) {
    batch.numbers.clear();
    for (Index i = first; i < std::min(count, first + piece); ++i) {
      batch.numbers.push_back(i * source.samples / count);
    }
    batch.fill(argument, source, 0, network);
    use(std::as_const(batch));
  }
}

struct Verdict {
  double loss = 0;      ///< mean over the samples
  double accuracy = 0;  ///< share of the samples whose largest output is where the largest target is
};

template <typename Scalar>
Verdict verdict_on(const NeuralNetwork<Scalar>& network, const SampleSource<Scalar>& source, Team& team,
                   int threads) {
  constexpr Index block_size = 250;  // of columns that one thread judges, whatever the number of threads
  Verdict sums;
  for_each_batch("validation", network, source, source.samples, [&](const SampleBatch<Scalar>& batch) {
    const Index columns = batch.x.cols(), blocks = (columns + block_size - 1) / block_size;
    std::vector<Verdict> parts(static_cast<std::size_t>(blocks));
    Team::Call(team, static_cast<int>(std::min<Index>(threads, blocks))).run(blocks, [&](Index block) {
      const Index first = block * block_size, count = std::min(block_size, columns - first);
      const auto x = batch.x.middleCols(first, count), t = batch.t.middleCols(first, count);
      const MatrixX<Scalar> answers = network.query(x);
      Verdict& part = parts[static_cast<std::size_t>(block)];
      part.loss = static_cast<double>(network.loss(x, t)) * static_cast<double>(count);
      for (Index column = 0; column < count; ++column) {
        part.accuracy += answer(answers.col(column)) == answer(t.col(column)) ? 1 : 0;
      }
    });
    for (const Verdict& part : parts) {
      sums.loss += part.loss;
      sums.accuracy += part.accuracy;
    }
  });
  const auto samples = static_cast<double>(source.samples);
  return {sums.loss / samples, sums.accuracy / samples};
}

/// Right answers to some samples of a classification, beside what whoever knows no more than the classes could reach.
struct Knowledge {
  Index samples = 0;
  Index right = 0;
  Index most_frequent = 0;      ///< samples of the most frequent class
  bool classification = false;  ///< every sample has one class, and there are several of them

  [[nodiscard]] bool none() const { return classification && right <= most_frequent; }
};

template <typename Scalar>
Knowledge knowledge_of(const char* argument, const NeuralNetwork<Scalar>& network,
                       const SampleSource<Scalar>& source) {
  std::vector<Index> frequency(static_cast<std::size_t>(network.outputs()));
  Knowledge known;
  known.samples = std::min<Index>(source.samples, 1000);
  Index classified = 0;
  for_each_batch(argument, network, source, known.samples, [&](const SampleBatch<Scalar>& batch) {
    const MatrixX<Scalar> answers = network.query(batch.x);
    for (Index column = 0; column < answers.cols(); ++column) {
      const auto t = batch.t.col(column);
      if (const Index wanted = answer(t); wanted >= 0 && (t.array() == t(wanted)).count() == 1) {
        ++classified;
        ++frequency[static_cast<std::size_t>(wanted)];
        known.right += answer(answers.col(column)) == wanted ? 1 : 0;
      }
    }
  });
  known.most_frequent = *std::max_element(frequency.begin(), frequency.end());
  known.classification = classified == known.samples && known.most_frequent < known.samples;
  return known;
}

}  // namespace backquery::detail
