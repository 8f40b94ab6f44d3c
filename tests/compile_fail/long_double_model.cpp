#include <backquery/model/load.hpp>
#include <backquery/model/save.hpp>

#ifdef BACKQUERY_EXPECT_ERROR
using Scalar = long double;
#else
using Scalar = double;
#endif

void round_trip(const backquery::NeuralNetwork<Scalar>& net) {
  backquery::save(net, "model");
  backquery::load<Scalar>("model");
}
