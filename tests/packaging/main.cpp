// A program in two translation units: every function of the headers must be inline.
#include <backquery/backquery.hpp>

#include <iostream>

double trained_elsewhere();

int main() {
  backquery::NeuralNetwork<double> net(2, 3, 1, 0.5);
  const Eigen::Vector2d x(0.9, 0.1);
  net.train(x, Eigen::VectorXd::Constant(1, 0.99));
  const double here = net.query(x)(0);
  std::cout << "here " << here << ", elsewhere " << trained_elsewhere() << '\n';
  return here == trained_elsewhere() ? 0 : 1;
}
