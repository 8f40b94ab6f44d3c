/// @file
/// The networks that numpy queried and trained: golden net0 .. net3.
#pragma once

#include <backquery/network/neural_network.hpp>

#include "golden.hpp"
#include "matrices.hpp"

#include <string>

template <typename Scalar>
Matrix<Scalar> golden(int number, const std::string& name) {
  return read_golden("net" + std::to_string(number) + "_" + name).cast<Scalar>();
}

/// The untrained network `number` of the golden set, with the options of the notes.
template <typename Scalar>
backquery::NeuralNetwork<Scalar> golden_network(int number) {
  return {{golden<Scalar>(number, "wih"), golden<Scalar>(number, "who")},
          golden<Scalar>(number, "learning_rate")(0, 0)};
}
