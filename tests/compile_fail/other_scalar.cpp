#include <backquery/network/neural_network.hpp>

#ifdef BACKQUERY_EXPECT_ERROR
using Scalar = float;
#else
using Scalar = double;
#endif

Eigen::MatrixXd ask(const backquery::NeuralNetwork<double>& net, const Eigen::MatrixX<Scalar>& samples) {
  return net.query(samples);
}
