/// @file
/// A network of equal size in FANN, if CMake found FANN. FANN has biases and follows the gradients of the
/// squared error. This is nearly the same work as the book's rule, but gives other weights.
#pragma once

#include <floatfann.h>

#include <memory>
#include <stdexcept>

namespace bench {

class FannNetwork {
 public:
  FannNetwork(unsigned inputs, unsigned hidden, unsigned outputs, float rate)
      : network_(fann_create_standard(3, inputs, hidden, outputs), fann_destroy) {
    if (!network_) throw std::runtime_error("FANN could not create the network");
    fann_set_activation_function_hidden(network_.get(), FANN_SIGMOID);
    fann_set_activation_function_output(network_.get(), FANN_SIGMOID);
    fann_set_learning_rate(network_.get(), rate);
  }

  // FANN takes pointers to mutable values but does not change them.
  void train(const float* x, const float* t) {
    fann_train(network_.get(), const_cast<float*>(x), const_cast<float*>(t));
  }
  float query(const float* x) { return *fann_run(network_.get(), const_cast<float*>(x)); }

 private:
  std::unique_ptr<fann, decltype(&fann_destroy)> network_;
};

}  // namespace bench
