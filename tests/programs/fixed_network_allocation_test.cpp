// A FixedNetwork allocates nothing. The test is a separate program, because the counter changes inline
// functions of Eigen.
#include "count_allocations.hpp"
//
#include <backquery/network/make_fixed_network.hpp>

#include "catch.hpp"
#include "enumerators.hpp"

using backquery::Activation;
using backquery::FixedNetwork;

TEST_CASE("the counter counts allocations", "[allocation]") {
  void* volatile memory = nullptr;  // volatile, so that the pair is not optimized away
  CHECK(allocations_of([&] { memory = ::operator new(8); }) > 0);
  ::operator delete(memory);
  CHECK(allocations_of([&] { memory = Eigen::internal::aligned_malloc(8); }) > 0);
  Eigen::internal::aligned_free(memory);
}

TEMPLATE_TEST_CASE("a FixedNetwork allocates nothing in its constructor, setters and queries", "[allocation]",
                   float, double) {
  // The weights of the second layer exceed the 128 KiB that Eigen allows for fixed-size matrices.
  using Fixed = FixedNetwork<TestType, 100, 300, 200, 10>;
  static typename Fixed::Table table;
  static Fixed fixed(Activation::sigmoid, Activation::softmax);
  static typename Fixed::Input x;
  static const Eigen::Matrix<TestType, 10, 200> weights = Eigen::Matrix<TestType, 10, 200>::Constant(1);
  Eigen::Matrix<TestType, 10, 1> y;
  for (const Activation hidden : hidden_activations()) {
    for (const int step : {1, 10}) {  // without and with a background
      for (std::size_t k = 0; k < x.size(); ++k)
        x[k] = k % static_cast<std::size_t>(step) == 0 ? TestType(k) : 0;
      const Eigen::Map<const Eigen::Matrix<TestType, 100, 1>> map(x.data());
      CHECK(allocations_of([&] { fixed = Fixed(table, hidden, Activation::softmax); }) == 0);
      CHECK(allocations_of([&] { fixed.template set_weights<2>(weights); }) == 0);
      typename Fixed::Output output;
      CHECK(allocations_of([&] { output = fixed.query(x); }) == 0);
      CHECK(output[0] > TestType(0));
      CHECK(allocations_of([&] { fixed.query(map, y); }) == 0);
      CHECK(allocations_of([&] { fixed.query(TestType(2) * map, y); }) == 0);
    }
  }
}
