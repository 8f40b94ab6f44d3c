#include <backquery/backquery.hpp>

double trained_elsewhere() {
  backquery::NeuralNetwork<double> net(2, 3, 1, 0.5);
  const Eigen::Vector2d x(0.9, 0.1);
  net.train(x, Eigen::VectorXd::Constant(1, 0.99));
  return net.query(x)(0);
}
