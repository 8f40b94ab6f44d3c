/// @file
/// The untrained networks of the golden data: tests/data/network/book_*.txt.
#pragma once

#include <backquery/network/neural_network.hpp>

#include "golden.hpp"
#include "matrices.hpp"

#include <vector>

/// The network with the weights `wih` and `who` and with the options of the book.
template <typename Scalar>
backquery::NeuralNetwork<Scalar> golden_network(const Golden& golden) {
  const std::vector<Matrix<Scalar>> weights = {golden("wih").cast<Scalar>(), golden("who").cast<Scalar>()};
  return {weights, static_cast<Scalar>(golden.number("learning_rate"))};
}
