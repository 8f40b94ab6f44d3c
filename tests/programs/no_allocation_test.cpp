/// @file
/// FixedNetwork allocates nothing; train and Optimizer::step nothing after the first call; query and Rotation
/// nothing if the caller provides the memory. Deformation allocates once for each block of images.
#include "count_allocations.hpp"

#include "catch.hpp"

#include <backquery/augmentation/deformation.hpp>
#include <backquery/augmentation/rotation.hpp>
#include <backquery/network/make_fixed_network.hpp>
#include <backquery/network/neural_network.hpp>
#include <backquery/training/optimizer.hpp>

#include "matrices.hpp"
#include "option_combinations.hpp"

namespace {

using backquery::NetworkOptions;
using backquery::NeuralNetwork;

std::vector<NetworkOptions> some_combinations() {
  NetworkOptions book, with_biases, leaky;
  with_biases.biases = true;
  with_biases.hidden_activation = backquery::Activation::scaled_tanh;
  with_biases.error_propagation = backquery::ErrorPropagation::gradient;
  with_biases.loss = backquery::Loss::binary_cross_entropy;
  leaky.hidden_activation = backquery::Activation::leaky_relu;
  leaky.output_activation = backquery::Activation::tanh;
  return {book, with_biases, leaky, NetworkOptions::classifier()};
}

}  // namespace

TEST_CASE("the counter counts every kind of allocation", "[allocation]") {
  void* volatile memory = nullptr;  // volatile, so that the pairs of new and delete are not optimized away
  CHECK(allocations_of([&] { memory = ::operator new(8); }) > 0);
  ::operator delete(memory);
  CHECK(allocations_of([&] { memory = ::operator new[](8); }) > 0);
  ::operator delete[](memory);
  CHECK(allocations_of([&] { memory = ::operator new (8, std::align_val_t{64}); }) > 0);
  ::operator delete (memory, std::align_val_t{64});
  CHECK(allocations_of([&] { memory = Eigen::internal::aligned_malloc(8); }) > 0);
  Eigen::internal::aligned_free(memory);
#ifdef REPLACES_MALLOC
  CHECK(allocations_of([&] { memory = std::malloc(8); }) > 0);
  std::free(memory);
  CHECK(allocations_of([&] { memory = std::calloc(8, 1); }) > 0);
  std::free(memory);
  CHECK(allocations_of([&] { memory = std::aligned_alloc(64, 64); }) > 0);
  std::free(memory);
#endif
  CHECK(allocations_of([] {}) == 0);
}

TEMPLATE_TEST_CASE("train allocates nothing after the first call", "[allocation]", float, double) {
  for (const NetworkOptions& options : some_combinations()) {
    CAPTURE(description(options));
    NeuralNetwork<TestType> net({21, 17, 9, 4}, TestType(0.1), options);
    const Matrix<TestType> x = random_matrix<TestType>(21, 5, 0.01, 1, 1);
    const Matrix<TestType> t = random_matrix<TestType>(4, 5, 0.01, 0.99, 2);
    const Vector<TestType> vector_x = x.col(0), vector_t = t.col(0);
    const RowMajorMatrix<TestType> row_major_x = x, row_major_t = t;
    net.train(vector_x, vector_t);
    CHECK(allocations_of([&] { net.train(vector_x, vector_t); }) == 0);
    CHECK(allocations_of([&] { net.train(x.col(1), t.col(1)); }) == 0);
    CHECK(allocations_of([&] { net.train(row_major_x.col(1), row_major_t.col(1)); }) == 0);
    CHECK(allocations_of([&] { net.train(TestType(2) * x.col(2) - x.col(3), t.col(2)); }) == 0);
    CHECK(allocations_of([&] { net.train(x, t); }) == 0);
    CHECK(allocations_of([&] { net.train(row_major_x, row_major_t); }) == 0);
  }
  // Layers above the 128 KiB that Eigen allows on the stack.
  NeuralNetwork<TestType> wide({50, 40000, 4}, TestType(0.1));
  const Vector<TestType> x = random_matrix<TestType>(50, 1, 0.01, 1, 1),
                         t = Vector<TestType>::Constant(4, TestType(0.5));
  wide.train(x, t);
  CHECK(allocations_of([&] { wide.train(x, t); }) == 0);
}

TEMPLATE_TEST_CASE("train on images and query of an image allocate nothing after a sample without background",
                   "[allocation]", float, double) {
  NeuralNetwork<TestType> net({100, 17, 4}, TestType(0.1));
  const Vector<TestType> image = random_images<TestType>(100, 1, 0.01, 1);
  const Vector<TestType> t = Vector<TestType>::Constant(4, TestType(0.5));
  Vector<TestType> y(4);
  net.train(random_matrix<TestType>(100, 1, 0, 1, 2), t);
  CHECK(allocations_of([&] { net.train(image, t); }) == 0);
  const Matrix<TestType> images = random_images<TestType>(100, 70, 0.01, 1);
  const RowMajorMatrix<TestType> row_major = images;
  const Matrix<TestType> targets = t.replicate(1, 70);
  net.train(images, targets);
  CHECK(allocations_of([&] { net.train(images, targets); }) == 0);
  CHECK(allocations_of([&] { net.train(row_major, targets); }) == 0);
  CHECK(allocations_of([&] { net.query(image, y); }) == 0);
}

TEMPLATE_TEST_CASE("query into the caller's vector allocates nothing", "[allocation]", float, double) {
  for (const NetworkOptions& options : some_combinations()) {
    CAPTURE(description(options));
    const NeuralNetwork<TestType> net({21, 17, 9, 4}, TestType(0.1), options);
    const Matrix<TestType> x = random_matrix<TestType>(21, 5, 0.01, 1, 1);
    const Vector<TestType> vector_x = x.col(0);
    const RowMajorMatrix<TestType> row_major_x = x;
    Vector<TestType> y(4);
    RowMajorMatrix<TestType> row_major_y(4, 5);
    CHECK(allocations_of([&] { net.query(vector_x, y); }) == 0);
    CHECK(allocations_of([&] { net.query(x.col(1), y); }) == 0);
    CHECK(allocations_of([&] { net.query(row_major_x.col(1), y); }) == 0);
    CHECK(allocations_of([&] { net.query(TestType(2) * x.col(2) - x.col(3), y); }) == 0);
    auto strided = row_major_y.col(2);
    CHECK(allocations_of([&] { net.query(row_major_x.col(1), strided); }) == 0);
  }
}

TEMPLATE_TEST_CASE("query allocates nothing with a workspace that was used before", "[allocation]", float,
                   double) {
  const NeuralNetwork<TestType> wide({50, 20000, 4}, TestType(0.1)), narrow({50, 30, 4}, TestType(0.1));
  const Matrix<TestType> x = random_matrix<TestType>(50, 40, 0.01, 1, 1);
  typename NeuralNetwork<TestType>::Workspace workspace;
  Matrix<TestType> outputs(4, 40);
  Vector<TestType> y(4);
  wide.query(x.col(0), y, workspace);
  CHECK(allocations_of([&] { wide.query(x.col(1), y, workspace); }) == 0);
  CHECK(allocations_of([&] { narrow.query(x, outputs, workspace); }) == 0);
}

TEMPLATE_TEST_CASE("gradients and step allocate nothing after the first call", "[allocation]", float,
                   double) {
  using Network = NeuralNetwork<TestType>;
  Network net({21, 17, 4}, TestType(0.1), NetworkOptions::classifier());
  const Matrix<TestType> x = random_matrix<TestType>(21, 100, 0.01, 1, 1);
  const Matrix<TestType> t = random_matrix<TestType>(4, 100, 0.01, 0.99, 2);
  typename Network::Gradients gradients;
  typename Network::Workspace workspace;
  backquery::ThreadPool pool(2);
  net.gradients(x, t, gradients, workspace, pool);
  CHECK(allocations_of([&] {
          net.gradients(x, t, gradients, workspace);
          net.gradients(x, t, gradients, workspace, pool);
          net.step(gradients, TestType(0.1));
        }) == 0);
}

TEMPLATE_TEST_CASE("a Rotation into the caller's memory allocates nothing", "[allocation]", float, double) {
  const backquery::Rotation<TestType> rotation(9, 7, 10, TestType(0.01));
  const Matrix<TestType> set = random_matrix<TestType>(63, 200, 0.01, 1, 1);
  Matrix<TestType> rotated_set(63, 200);
  CHECK(allocations_of([&] { rotation.apply(set, rotated_set); }) == 0);
  CHECK(allocations_of([&] { rotation.apply(set.leftCols(9), rotated_set.rightCols(9)); }) == 0);
  CHECK(allocations_of([&] { rotation.apply(set.col(3), rotated_set.col(5)); }) == 0);
}

TEMPLATE_TEST_CASE("a Deformation allocates once for 16 images", "[allocation]", float, double) {
  backquery::DeformationRanges ranges;
  ranges.degrees = 15, ranges.elastic_sigma = 2, ranges.elastic_alpha = 5;
  const backquery::Deformation<TestType> deform(9, 7, ranges, TestType(0.01));
  const Matrix<TestType> set = random_matrix<TestType>(63, 16, 0.01, 1, 1);
  const std::vector<int> labels(16), label(1);
  Matrix<TestType> deformed(63, 16);
  const auto of_one = allocations_of([&] { deform.apply(set.col(3), label, deformed.col(5), 1, 0); });
  CHECK(of_one > 0);
  CHECK(allocations_of([&] { deform.apply(set, labels, deformed, 1, 0); }) == of_one);
}

TEMPLATE_TEST_CASE("a step of an Optimizer allocates nothing after the first, nor after reset",
                   "[optimizer][allocation]", float, double) {
  for (const auto method : {backquery::OptimizationMethod::sgd, backquery::OptimizationMethod::rmsprop,
                            backquery::OptimizationMethod::adamw}) {
    CAPTURE(backquery::name(method));
    backquery::OptimizerOptions options;
    options.method = method;
    options.momentum = method == backquery::OptimizationMethod::adamw ? 0 : 0.9;
    options.weight_decay = 0.1;
    options.clip_norm = 1;
    NeuralNetwork<TestType> net({200, 170, 7}, TestType(0.1), backquery::NetworkOptions::classifier());
    backquery::Parameters<TestType> gradients(net.layer_sizes(), true);
    gradients.weights(0).setOnes();
    backquery::Optimizer<TestType> optimizer(options);
    backquery::ThreadPool pool(2);
    optimizer.step(net, gradients, TestType(0.1), pool);
    CHECK(allocations_of([&] { optimizer.step(net, gradients, TestType(0.1), pool); }) == 0);
    CHECK(allocations_of([&] {
            optimizer.reset();
            optimizer.step(net, gradients, TestType(0.1));
          }) == 0);
  }
}

TEMPLATE_TEST_CASE("a FixedNetwork allocates nothing in its constructor, setters and queries", "[allocation]",
                   float, double) {
  // The weights of the second layer exceed the 128 KiB that Eigen allows for fixed-size matrices.
  using Fixed = backquery::FixedNetwork<TestType, 100, 300, 200, 10>;
  static typename Fixed::Table table;
  static Fixed fixed(backquery::Activation::sigmoid, backquery::Activation::softmax);
  static typename Fixed::Input x;
  static const Eigen::Matrix<TestType, 10, 200> weights = Eigen::Matrix<TestType, 10, 200>::Constant(1);
  Eigen::Matrix<TestType, 10, 1> y;
  for (const auto hidden : hidden_activations()) {
    for (const int step : {1, 10}) {  // without and with a background
      for (std::size_t k = 0; k < x.size(); ++k)
        x[k] = k % static_cast<std::size_t>(step) == 0 ? TestType(k) : 0;
      const Eigen::Map<const Eigen::Matrix<TestType, 100, 1>> map(x.data());
      CHECK(allocations_of([&] { fixed = Fixed(table, hidden, backquery::Activation::softmax); }) == 0);
      CHECK(allocations_of([&] { fixed.template set_weights<2>(weights); }) == 0);
      typename Fixed::Output output;
      CHECK(allocations_of([&] { output = fixed.query(x); }) == 0);
      CHECK(output[0] > TestType(0));
      CHECK(allocations_of([&] { fixed.query(map, y); }) == 0);
      CHECK(allocations_of([&] { fixed.query(TestType(2) * map, y); }) == 0);
    }
  }
}
