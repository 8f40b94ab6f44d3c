/// @file
/// Messages of exceptions, for tests of arguments.
#pragma once

#include <backquery/network/neural_network.hpp>

#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>

/// The message of the std::invalid_argument that the function throws, or "nothing was thrown".
template <typename Function>
std::string message_of(const Function& function) {
  try {
    function();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing was thrown";
}

/// The message of the std::invalid_argument that a call throws. The message also says if the call changed the
/// bits of the network.
template <typename Scalar, typename Call>
std::string message_of(const backquery::NeuralNetwork<Scalar>& net, const Call& call) {
  const Eigen::Matrix<Scalar, Eigen::Dynamic, 1> parameters = net.parameters();
  const double rate = static_cast<double>(net.learning_rate());
  const std::string message = message_of(call);
  const auto bytes = static_cast<std::size_t>(parameters.size()) * sizeof(Scalar);
  const bool same = std::memcmp(parameters.data(), net.parameters().data(), bytes) == 0;
  return message +
         (same && static_cast<double>(net.learning_rate()) == rate ? "" : " (and the network changed)");
}
