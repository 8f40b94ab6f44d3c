#include <backquery/network/neural_network.hpp>

#ifdef BACKQUERY_EXPECT_ERROR
const std::vector<int> layer_sizes{784, 200, 10};
#else
const std::vector<Eigen::Index> layer_sizes{784, 200, 10};
#endif

backquery::NeuralNetwork<double> from_vector(layer_sizes, 0.1);
backquery::NeuralNetwork<double> from_list({784, 200, 10}, 0.1);
