/// @file
/// Training by mini-batches: what a step is, which samples make it, when it stops, and what is said when it fails.
#include "catch.hpp"

#include <backquery/training/trainer.hpp>

#include "matrices.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

using backquery::Activation;
using backquery::EpochRecord;
using backquery::Index;
using backquery::Loss;
using backquery::matrix_source;
using backquery::NetworkOptions;
using backquery::NeuralNetwork;
using backquery::OptimizationMethod;
using backquery::SampleSource;
using backquery::Trainer;
using backquery::TrainerOptions;
using backquery::TrainingFailed;
using Catch::Matchers::ContainsSubstring;

namespace {

NetworkOptions classifier() {
  NetworkOptions options;
  options.hidden_activation = Activation::tanh;
  options.output_activation = Activation::softmax;
  options.loss = Loss::cross_entropy;
  options.error_propagation = backquery::ErrorPropagation::gradient;
  options.biases = true;
  return options;
}

/// A class for each third of the range of the mean of the inputs.
template <typename Scalar>
struct Problem {
  Matrix<Scalar> x, t;
  explicit Problem(Index samples, std::uint64_t seed = 1)
      : x(random_matrix<Scalar>(6, samples, -1, 1, seed)) {
    t = Matrix<Scalar>::Zero(3, samples);
    for (Index i = 0; i < samples; ++i) {
      const Scalar mean = x.col(i).mean();
      t(mean < Scalar(-0.15) ? 0 : mean < Scalar(0.15) ? 1 : 2, i) = 1;
    }
  }
  [[nodiscard]] SampleSource<Scalar> source() const { return matrix_source<Scalar>(x, t); }
};

TrainerOptions adam(int epochs, double rate) {
  TrainerOptions options;
  options.epochs = epochs;
  options.batch_size = 32;
  options.optimizer.method = OptimizationMethod::adam;
  options.schedule.rate = rate;
  return options;
}

template <typename Scalar>
bool same_parameters(const NeuralNetwork<Scalar>& a, const NeuralNetwork<Scalar>& b) {
  return a.parameters() == b.parameters();
}

}  // namespace

TEMPLATE_TEST_CASE("a batch of all samples makes the step of their gradient", "[trainer]", float, double) {
  const Problem<TestType> problem(20);
  NeuralNetwork<TestType> net({6, 5, 3}, TestType(1), classifier()), expected = net;
  TrainerOptions options;
  options.epochs = 1;
  options.batch_size = 100;
  options.schedule.rate = 0.5;
  const auto history = Trainer<TestType>(options).fit(net, problem.source());

  typename NeuralNetwork<TestType>::Gradients gradients;
  backquery::Workspace<TestType> workspace;
  const TestType loss = expected.gradients(problem.x, problem.t, gradients, workspace);
  expected.step(gradients, TestType(0.5));
  const double bound = sizeof(TestType) == sizeof(float) ? 1e-6 : 1e-14;  // the order of the samples differs
  CHECK(max_difference(net.parameters(), expected.parameters()) <= bound);
  REQUIRE(history.size() == 1);
  CHECK(history[0].epoch == 1);
  CHECK(history[0].loss == Approx(loss));
  CHECK(history[0].learning_rate == 0.5);
  CHECK(history[0].seconds > 0);
  CHECK_FALSE(history[0].validation_loss.has_value());
}

TEST_CASE("every epoch takes each sample once, in an order that the seed draws", "[trainer]") {
  const Problem<double> problem(50);
  const auto orders = [&](std::uint64_t seed) {
    std::vector<std::vector<Index>> taken(3);
    std::vector<std::size_t> sizes;
    auto source = problem.source();
    source.fill = [&, plain = source.fill](int epoch, const std::vector<Index>& numbers, auto& x, auto& t) {
      auto& of_epoch = taken[static_cast<std::size_t>(epoch - 1)];
      of_epoch.insert(of_epoch.end(), numbers.begin(), numbers.end());
      sizes.push_back(numbers.size());
      plain(epoch, numbers, x, t);
    };
    NeuralNetwork<double> net({6, 5, 3}, 1., classifier());
    auto options = adam(3, 0.01);
    options.batch_size = 16;
    options.seed = seed;
    Trainer<double>(options).fit(net, source);
    CHECK(sizes == std::vector<std::size_t>{16, 16, 16, 2, 16, 16, 16, 2, 16, 16, 16, 2});
    return taken;
  };
  const auto first = orders(1);
  std::vector<Index> all(50);
  for (Index i = 0; i < 50; ++i) all[static_cast<std::size_t>(i)] = i;
  for (auto order : first) {
    CHECK(order != all);
    std::sort(order.begin(), order.end());
    CHECK(order == all);
  }
  CHECK(first[0] != first[1]);
  CHECK(first[1] != first[2]);
  CHECK(orders(1) == first);
  CHECK(orders(2)[0] != first[0]);
}

TEMPLATE_TEST_CASE("the weights do not depend on the number of threads", "[trainer]", float, double) {
  const Problem<TestType> problem(300);
  std::vector<NeuralNetwork<TestType>> trained;
  for (const int threads : {1, 2, 3}) {
    NeuralNetwork<TestType> net({6, 80, 40, 3}, TestType(1), classifier());
    auto options = adam(3, 0.01);
    options.batch_size = 130;
    options.threads = threads;
    Trainer<TestType>(options).fit(net, problem.source());
    trained.push_back(net);
  }
  CHECK(same_parameters(trained[0], trained[1]));
  CHECK(same_parameters(trained[0], trained[2]));
}

TEST_CASE("it learns, and says how well on samples that it was not trained on", "[trainer]") {
  const Problem<float> training(1500), validation(2300, 2);  // by pieces of 1000
  NeuralNetwork<float> net({6, 30, 3}, 1.f, classifier());
  auto options = adam(30, 0.01);
  options.schedule = backquery::ScheduleOptions::one_cycle(0.02);
  const auto history = Trainer<float>(options).fit(net, training.source(), validation.source());
  REQUIRE(history.size() == 30);
  CHECK(history.back().loss < history.front().loss / 4);
  CHECK(*history.back().validation_accuracy > 0.95);
  Index right = 0;
  const Matrix<float> answers = net.query(validation.x);
  for (Index i = 0; i < answers.cols(); ++i) {
    Index answer = 0, wanted = 0;
    answers.col(i).maxCoeff(&answer);
    validation.t.col(i).maxCoeff(&wanted);
    right += answer == wanted ? 1 : 0;
  }
  CHECK(*history.back().validation_accuracy ==
        Approx(static_cast<double>(right) / static_cast<double>(answers.cols())));
  CHECK(*history.back().validation_loss == Approx(net.loss(validation.x, validation.t)));
  CHECK(history[5].learning_rate > history.back().learning_rate);
}

TEST_CASE("XOR is learnt from every one of 20 seeds", "[trainer]") {
  Matrix<double> x(2, 4), t(1, 4);
  x << 0, 0, 1, 1, 0, 1, 0, 1;
  t << 0, 1, 1, 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    NetworkOptions network;
    network.hidden_activation = Activation::tanh;
    network.loss = Loss::binary_cross_entropy;
    network.error_propagation = backquery::ErrorPropagation::gradient;
    network.biases = true;
    network.seed = seed;
    NeuralNetwork<double> net({2, 4, 1}, 1., network);
    auto options = adam(1000, 0.05);
    options.batch_size = 4;
    Trainer<double>(options).fit(net, matrix_source<double>(x, t));
    const Matrix<double> y = net.query(x);
    CHECK(max_difference(y, t) < 0.1);
  }
}

TEST_CASE("label smoothing moves the targets towards their mean", "[trainer]") {
  const Problem<double> problem(20);
  NeuralNetwork<double> smoothed({6, 5, 3}, 1., classifier()), expected = smoothed;
  TrainerOptions options;
  options.epochs = 3;
  options.label_smoothing = 0.3;
  Trainer<double>(options).fit(smoothed, problem.source());

  const Matrix<double> by_hand = (problem.t.array() * 0.7 + 0.1).matrix();  // a third of 0.3 for each class
  options.label_smoothing = 0;
  Trainer<double>(options).fit(expected, matrix_source<double>(problem.x, by_hand));
  CHECK(max_difference(smoothed.parameters(), expected.parameters()) <= 1e-14);
}

TEST_CASE("early stopping returns the network with the smallest validation loss", "[trainer]") {
  const Problem<double> training(12), validation(300, 2);  // few samples are soon learnt by heart
  NeuralNetwork<double> net({6, 40, 3}, 1., classifier());
  auto options = adam(400, 0.02);
  options.patience = 5;
  std::vector<double> losses;
  Trainer<double> trainer(options);
  trainer.on_epoch([&](const EpochRecord& record, const NeuralNetwork<double>& now) {
    CHECK(now.loss(validation.x, validation.t) == Approx(*record.validation_loss));
    losses.push_back(*record.validation_loss);
    return true;
  });
  const auto history = trainer.fit(net, training.source(), validation.source());
  REQUIRE(history.size() < 400);
  REQUIRE(losses.size() == history.size());
  const auto best = std::min_element(losses.begin(), losses.end());
  CHECK(losses.end() - best == 6);
  CHECK(net.loss(validation.x, validation.t) == Approx(*best));
}

TEST_CASE("a report can end the training", "[trainer]") {
  const Problem<double> problem(40);
  NeuralNetwork<double> net({6, 5, 3}, 1., classifier());
  Trainer<double> trainer(adam(10, 0.01));
  trainer.on_epoch([](const EpochRecord& record, const auto&) { return record.epoch < 3; });
  CHECK(trainer.fit(net, problem.source()).size() == 3);
}

TEST_CASE("training that fails says what to look at and leaves the network as it was", "[trainer]") {
  const Problem<double> problem(40);
  NeuralNetwork<double> net({6, 5, 3}, 1., classifier());
  const NeuralNetwork<double> before = net;
  TrainerOptions options;
  SECTION("the loss is not finite") {
    NetworkOptions linear;
    linear.hidden_activation = linear.output_activation = Activation::identity;
    NeuralNetwork<double> wild({6, 5, 3}, 1., linear);
    const NeuralNetwork<double> tame = wild;
    options.schedule.rate = 1e200;
    CHECK_THROWS_WITH(Trainer<double>(options).fit(wild, problem.source()),
                      ContainsSubstring("in epoch") && ContainsSubstring("learning rate, 1e+200"));
    CHECK(same_parameters(wild, tame));
  }
  SECTION("nothing is learnt") {
    options.schedule.rate = 1e-12;
    options.stuck_epochs = 4;
    Matrix<double> alike = problem.x;
    alike.setConstant(0.5);
    CHECK_THROWS_AS(Trainer<double>(options).fit(net, matrix_source<double>(alike, problem.t)),
                    TrainingFailed);
    CHECK_THROWS_WITH(Trainer<double>(options).fit(net, matrix_source<double>(alike, problem.t)),
                      ContainsSubstring("nothing was learnt in 4 epochs") && ContainsSubstring("scaled"));
    options.stuck_epochs = 0;
    CHECK(Trainer<double>(options).fit(net, matrix_source<double>(alike, problem.t)).size() == 10);
    return;
  }
  SECTION("samples cannot be made") {
    auto source = problem.source();
    source.fill = [plain = source.fill](int epoch, const std::vector<Index>& numbers, auto& x, auto& t) {
      if (epoch == 2) throw std::runtime_error("no more samples");
      plain(epoch, numbers, x, t);
    };
    CHECK_THROWS_WITH(Trainer<double>(options).fit(net, source), "no more samples");
  }
  SECTION("samples do not suit the network") {
    const Matrix<double> x = Matrix<double>::Zero(7, 40);
    CHECK_THROWS_WITH(Trainer<double>(options).fit(net, matrix_source<double>(x, problem.t)),
                      ContainsSubstring("Trainer::fit: fill: x has 7 rows, expected 6"));
  }
  SECTION("samples are not those that were asked for, while the next batch is in the making") {
    options.batch_size = 10;
    options.threads = 2;
    auto source = problem.source();
    source.fill = [&, plain = source.fill](int epoch, const std::vector<Index>& numbers, auto& x, auto& t) {
      plain(epoch, numbers, x, t);
      if (epoch == 2) x.conservativeResize(6, 11);
    };
    CHECK_THROWS_WITH(Trainer<double>(options).fit(net, source),
                      ContainsSubstring("x has 11 columns, expected 10"));
    source.fill = [&, plain = problem.source().fill](int epoch, const std::vector<Index>& numbers, auto& x,
                                                     auto& t) {
      plain(epoch, numbers, x, t);
      if (epoch == 2) x(0) = std::numeric_limits<double>::infinity();
    };
    CHECK_THROWS_WITH(Trainer<double>(options).fit(net, source),
                      ContainsSubstring("is inf, expected a finite number"));
  }
  SECTION("the validation loss is not finite") {
    Matrix<double> far = problem.t;
    far(0) = 1e300;
    NetworkOptions linear;
    NeuralNetwork<double> squared({6, 5, 3}, 1., linear);
    CHECK_THROWS_WITH(
        Trainer<double>(options).fit(squared, problem.source(), matrix_source<double>(problem.x, far)),
        ContainsSubstring("the validation loss became inf in epoch 1"));
  }
  CHECK(same_parameters(net, before));
}

TEST_CASE("what has been learnt already is not taken for nothing", "[trainer]") {
  Problem<double> sorted(1200);
  std::vector<Index> order(1200);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) {
    Index class_a = 0, class_b = 0;
    sorted.t.col(a).maxCoeff(&class_a);
    sorted.t.col(b).maxCoeff(&class_b);
    return class_a < class_b;
  });
  const Problem<double> given = sorted;
  for (std::size_t i = 0; i < order.size(); ++i) {
    sorted.x.col(static_cast<Index>(i)) = given.x.col(order[i]);
    sorted.t.col(static_cast<Index>(i)) = given.t.col(order[i]);
  }
  NeuralNetwork<double> net({6, 5, 3}, 1., classifier());
  auto options = adam(20, 0.02);
  Trainer<double>(options).fit(net, sorted.source());
  options.schedule.rate = 1e-9;  // the loss stays where it is
  CHECK(Trainer<double>(options).fit(net, sorted.source()).size() == 20);
}

TEST_CASE("views of the network stay alive, and batches may be as large as can be", "[trainer]") {
  const Problem<double> problem(30);
  NeuralNetwork<double> net({6, 5, 3}, 1., classifier());
  const auto weights = net.weights(0);
  const Matrix<double> before = weights;
  auto options = adam(2, 0.01);
  options.batch_size = std::numeric_limits<Index>::max();
  const auto history = Trainer<double>(options).fit(net, problem.source());
  CHECK(history.back().loss > 0);
  CHECK(history.back().learning_rate == 0.01);
  CHECK(weights == net.weights(0));
  CHECK(weights != before);
}

TEST_CASE("options and samples that make no sense are refused", "[trainer]") {
  const auto refusal = [](auto change) {
    TrainerOptions options;
    change(options);
    try {
      Trainer<double> trainer(options);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("nothing");
  };
  CHECK(refusal([](auto& o) { o.epochs = 0; }) ==
        "backquery::Trainer: options.epochs is 0, expected at least 1");
  CHECK(refusal([](auto& o) { o.batch_size = 0; }) ==
        "backquery::Trainer: options.batch_size is 0, expected at least 1");
  CHECK(refusal([](auto& o) { o.patience = -1; }) ==
        "backquery::Trainer: options.patience is -1, expected at least 0");
  CHECK(refusal([](auto& o) { o.stuck_epochs = -1; }) ==
        "backquery::Trainer: options.stuck_epochs is -1, expected at least 0");
  CHECK(refusal([](auto& o) { o.threads = 0; }) ==
        "backquery::Trainer: options.threads is 0, expected at least 1");
  for (const double s : {-0.1, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THAT(refusal([s](auto& o) { o.label_smoothing = s; }),
               ContainsSubstring("options.label_smoothing is") && ContainsSubstring("expected 0 to below 1"));
  }
  CHECK_THAT(refusal([](auto& o) { o.schedule.rate = 0; }), ContainsSubstring("rate is 0"));
  CHECK_THAT(refusal([](auto& o) { o.optimizer.beta1 = 1; }), ContainsSubstring("beta1 is 1"));

  NeuralNetwork<double> net({6, 5, 3}, 1., classifier());
  CHECK_THROWS_WITH(
      Trainer<double>().fit(net, {}),
      "backquery::Trainer::fit: training has 0 samples and no fill, expected at least 1 and a fill");
  const Problem<double> problem(10);
  auto options = adam(1, 0.1);
  options.patience = 1;
  CHECK_THROWS_WITH(Trainer<double>(options).fit(net, problem.source()),
                    ContainsSubstring("validation has 0 samples"));
  const Matrix<double> t = Matrix<double>::Zero(3, 9);
  CHECK_THROWS_WITH(matrix_source<double>(problem.x, t), ContainsSubstring("matrix_source: t has"));
}

TEST_CASE("images become samples when they are needed", "[trainer]") {
  backquery::LabelledImages images;
  images.rows = images.cols = 2;
  images.classes = 3;
  images.pixels.resize(4, 3);
  images.pixels << 0, 255, 51, 102, 0, 255, 255, 51, 0, 0, 102, 51;
  images.labels.resize(3);
  images.labels << 2, 0, 1;
  const auto source = backquery::image_source<double>(images, 0., 1.);
  CHECK(source.samples == 3);
  Matrix<double> x, t;
  source.fill(1, {2, 0}, x, t);
  const Matrix<double> all_x = backquery::inputs<double>(images),
                       all_t = backquery::targets<double>(images, 0., 1.);
  CHECK(x.col(0) == all_x.col(2));
  CHECK(x.col(1) == all_x.col(0));
  CHECK(t.col(0) == all_t.col(2));
  CHECK(t.col(1) == all_t.col(0));
}

TEST_CASE("each image is deformed by a draw of its own in every epoch, whatever the order", "[trainer]") {
  backquery::LabelledImages images;
  images.rows = images.cols = 9;
  images.classes = 2;
  images.pixels.setRandom(81, 4);
  images.labels.setZero(4);
  backquery::DeformationRanges ranges;
  ranges.degrees = 30;
  const backquery::Deformation<double> deformation(9, 9, ranges, 0.01);
  const auto source = backquery::image_source<double>(images, 0., 1., deformation, 7);
  Matrix<double> x, turned_round, second, plain, t;
  source.fill(1, {0, 1, 2, 3}, x, t);
  source.fill(1, {3, 2, 1, 0}, turned_round, t);
  source.fill(2, {0, 1, 2, 3}, second, t);
  source.fill(0, {0, 1, 2, 3}, plain, t);
  CHECK(plain == backquery::inputs<double>(images));
  for (Index i = 0; i < 4; ++i) {
    CHECK(x.col(i) == turned_round.col(3 - i));
    CHECK(x.col(i) != second.col(i));
    CHECK(x.col(i) != plain.col(i));
  }
  const auto other = backquery::image_source<double>(images, 0., 1., deformation, 8);
  other.fill(1, {0, 1, 2, 3}, second, t);
  CHECK(x != second);
}
