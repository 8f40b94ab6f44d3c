// A program that uses protozero through backquery::onnx.
#include <backquery/model/onnx.hpp>

#include <exception>
#include <iostream>

int main() {
  try {
    (void)backquery::import_onnx<float>("missing.onnx");
  } catch (const std::exception& error) {
    std::cout << error.what() << '\n';
    return 0;
  }
  return 1;
}
