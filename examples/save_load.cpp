// Saves a network to a file and loads it again. The loaded network gives the same outputs, bit for bit, and
// its training continues where it stopped. A damaged file is rejected.
#include <backquery/backquery.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <stdexcept>

int main() {
  // XOR: one column is one sample.
  Eigen::MatrixXd x(2, 4), t(1, 4);
  x << 0.01, 0.01, 1, 1,  //
      0.01, 1, 0.01, 1;
  t << 0.01, 0.99, 0.99, 0.01;

  backquery::NetworkOptions options;
  options.biases = true;
  backquery::NeuralNetwork<double> net({2, 6, 1}, 0.5, options);
  for (int pass = 0; pass < 2000; ++pass) net.train(x, t);

  const char* const path = "save_load.model";
  backquery::save(net, path);
  auto loaded = backquery::load<double>(path);
  const bool same_outputs = loaded.query(x) == net.query(x);
  std::cout << "outputs of the loaded network: " << loaded.query(x) << '\n';

  for (int pass = 0; pass < 1000; ++pass) {
    net.train(x, t);
    loaded.train(x, t);
  }
  const bool same_training = loaded.query(x) == net.query(x);
  std::cout << "after 1,000 more passes:       " << loaded.query(x) << '\n';

  // Half of the file is no model: load throws, and the message names the reason.
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  bool rejected = false;
  try {
    (void)backquery::load<double>(path);
  } catch (const std::runtime_error& error) {
    rejected = true;
    std::cout << "rejected: " << error.what() << '\n';
  }
  std::remove(path);
  return same_outputs && same_training && rejected ? 0 : 1;
}
