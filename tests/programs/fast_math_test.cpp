/// @file
/// Under -ffast-math the compiler assumes that no number is NaN or infinite. The library must reject these
/// numbers nevertheless.
#include "catch.hpp"

#include <backquery/network/neural_network.hpp>
#include <backquery/training/trainer.hpp>

#include "matrices.hpp"

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

using Eigen::Index;

namespace {

template <typename Scalar>
Scalar from_bits(std::uint64_t double_bits, std::uint32_t float_bits) {
  Scalar value;
  if constexpr (sizeof(Scalar) == sizeof float_bits) {
    std::memcpy(&value, &float_bits, sizeof value);
  } else {
    std::memcpy(&value, &double_bits, sizeof value);
  }
  return value;
}

/// Quiet and signaling NaN of both signs, and both infinities, made from bits, because the compiler may fold
/// other expressions.
template <typename Scalar>
std::vector<Scalar> bad_numbers() {
  return {from_bits<Scalar>(0x7ff8000000000000u, 0x7fc00000u),
          from_bits<Scalar>(0xfff8000000000000u, 0xffc00000u),
          from_bits<Scalar>(0x7ff0000000000001u, 0x7f800001u),
          from_bits<Scalar>(0x7ff0000000000000u, 0x7f800000u),
          from_bits<Scalar>(0xfff0000000000000u, 0xff800000u)};
}

/// Copies the bits without arithmetic.
template <typename Scalar>
void put(Matrix<Scalar>& matrix, Index row, Index col, const Scalar& value) {
  std::memcpy(&matrix(row, col), &value, sizeof value);
}

template <typename Scalar>
std::vector<unsigned char> bytes(const backquery::NeuralNetwork<Scalar>& net) {
  const auto values = net.parameters();
  std::vector<unsigned char> copy(static_cast<std::size_t>(values.size()) * sizeof(Scalar));
  std::memcpy(copy.data(), values.data(), copy.size());
  return copy;
}

/// Checks that a Trainer rejects the bad numbers in an option, and names it.
/// @param part  gives the part of TrainerOptions that has the option
template <typename Part, typename Member>
void check_rejected(const Part& part, const char* name, Member member) {
  for (const double& bad : bad_numbers<double>()) {
    backquery::TrainerOptions options;
    std::memcpy(&(part(options).*member), &bad, sizeof bad);
    CHECK_THROWS_WITH(backquery::Trainer<double>(options),
                      Catch::Matchers::ContainsSubstring(std::string("options.") + name + " is "));
  }
}

}  // namespace

TEMPLATE_TEST_CASE("under -ffast-math train names the bad input or target and changes nothing", "[fast-math]",
                   float, double) {
  backquery::NeuralNetwork<TestType> net({5, 4, 3}, TestType(0.1));
  const Matrix<TestType> good_x = random_matrix<TestType>(5, 6, 0.01, 1, 1);
  const Matrix<TestType> good_t = random_matrix<TestType>(3, 6, 0.01, 0.99, 2);
  const auto before = bytes(net);
  for (const TestType& bad : bad_numbers<TestType>()) {
    auto x = good_x;
    put(x, 4, 5, bad);
    CHECK_THROWS_WITH(net.train(x, good_t), Catch::Matchers::ContainsSubstring("x(4, 5)"));
    CHECK_THROWS_AS(net.train(x.col(5), good_t.col(5)), std::invalid_argument);
    auto t = good_t;
    put(t, 2, 3, bad);
    CHECK_THROWS_WITH(net.train(good_x, t), Catch::Matchers::ContainsSubstring("t(2, 3)"));
    CHECK_THROWS_AS(net.train(good_x.col(3), t.col(3)), std::invalid_argument);
    CHECK(bytes(net) == before);
  }
  CHECK_NOTHROW(net.train(good_x, good_t));
  CHECK(bytes(net) != before);
}

TEMPLATE_TEST_CASE("under -ffast-math bad learning rates and bad targets of backquery are rejected",
                   "[fast-math]", float, double) {
  backquery::NeuralNetwork<TestType> net({5, 4, 3}, TestType(0.1));
  for (const TestType& bad : bad_numbers<TestType>()) {
    CHECK_THROWS_AS(net.set_learning_rate(bad), std::invalid_argument);
    CHECK_THROWS_AS(backquery::NeuralNetwork<TestType>(5, 4, 3, bad), std::invalid_argument);
    Matrix<TestType> t = Matrix<TestType>::Constant(3, 2, TestType(0.4));
    put(t, 1, 1, bad);
    CHECK_THROWS_AS(net.backquery(t), std::invalid_argument);
  }
  CHECK(net.learning_rate() == TestType(0.1));
}

TEST_CASE("options of a training that are not finite are rejected under -ffast-math", "[fast-math]") {
  using Options = backquery::TrainerOptions;
  const auto whole = [](Options& o) -> Options& { return o; };
  check_rejected(whole, "label_smoothing", &Options::label_smoothing);
  check_rejected(whole, "dropout", &Options::dropout);

  using Method = backquery::OptimizerOptions;
  const auto method = [](Options& o) -> Method& { return o.optimizer; };
  check_rejected(method, "momentum", &Method::momentum);
  check_rejected(method, "decay", &Method::decay);
  check_rejected(method, "beta1", &Method::beta1);
  check_rejected(method, "beta2", &Method::beta2);
  check_rejected(method, "epsilon", &Method::epsilon);
  check_rejected(method, "weight_decay", &Method::weight_decay);
  check_rejected(method, "clip_norm", &Method::clip_norm);

  using Shape = backquery::ScheduleOptions;
  const auto shape = [](Options& o) -> Shape& { return o.schedule; };
  check_rejected(shape, "warm_up", &Shape::warm_up);
  check_rejected(shape, "initial_factor", &Shape::initial_factor);
  check_rejected(shape, "final_factor", &Shape::final_factor);
  CHECK_NOTHROW(backquery::Trainer<double>(Options()));
}
