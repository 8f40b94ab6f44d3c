#include <backquery/network/neural_network.hpp>

#ifdef BACKQUERY_EXPECT_ERROR
using Scalar = int;
#else
using Scalar = double;
#endif

backquery::NeuralNetwork<Scalar> net(1, 1, 1, Scalar(1));
