// A program in two translation units: every function of the headers must be inline.
#include <backquery/backquery.hpp>

#include <iostream>
#include <string_view>

std::string_view name_elsewhere();

int main() {
  const backquery::NeuralNetwork<double> net(2, 3, 1, 0.5);
  const double y = net.query(Eigen::Vector2d(0.9, 0.1))(0);
  std::cout << name_elsewhere() << " output: " << y << '\n';
  return y > 0 && y < 1 && name_elsewhere() == backquery::name(net.options().output_activation) ? 0 : 1;
}
