#ifdef BACKQUERY_EXPECT_ERROR
#include <backquery/backquery.hpp>
#else
#include <backquery/metrics.hpp>
#include <backquery/network/fixed_network.hpp>

backquery::FixedNetwork<float, 3, 2>::Output query(const backquery::FixedNetwork<float, 3, 2>& net) {
  return net.query({0.1f, 0.2f, 0.3f});
}
#endif
