// A program for a machine without heap and exceptions. CMakeLists.txt compiles it with -fno-exceptions
// -fno-rtti and links it without the C++ library. Returns 0 if all outputs are correct.
#include <backquery/network/fixed_network.hpp>

namespace {

// XOR with weights chosen by hand: one hidden node is OR, the other AND.
constexpr backquery::FixedNetwork<float, 2, 2, 1> exclusive_or({20, 20, 20, 20, -10, -30,  //
                                                                20, -20, -10},
                                                               backquery::Activation::sigmoid,
                                                               backquery::Activation::sigmoid);

bool is_correct(float a, float b, bool expected) {
  const float y = exclusive_or.query({a, b})[0];
  Eigen::Matrix<float, 1, 1> also;
  exclusive_or.query(Eigen::Vector2f(a, b), also);
  return (expected ? y > 0.9f : y < 0.1f) && also[0] == y;
}

}  // namespace

int main() {
  const bool all_correct =
      is_correct(0, 0, false) && is_correct(0, 1, true) && is_correct(1, 0, true) && is_correct(1, 1, false);
  return all_correct ? 0 : 1;
}
