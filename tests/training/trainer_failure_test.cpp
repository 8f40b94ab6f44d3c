/// @file
/// When training is refused or fails, what is said, and what stays as it was.
#include "catch.hpp"

#include <backquery/training/trainer.hpp>

#include "training_problem.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

using backquery::EpochRecord;
using backquery::Trainer;
using backquery::TrainingFailed;
using Catch::Matchers::ContainsSubstring;
using namespace training_problem;

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
    options.optimizer.learning_rate = 1e200;
    CHECK_THROWS_WITH(Trainer<double>(options).fit(wild, problem.source()),
                      ContainsSubstring("in epoch") && ContainsSubstring("learning rate, up to 1e+200"));
    CHECK(same_parameters(wild, tame));
  }
  SECTION("nothing is learned") {
    Matrix<double> alike = problem.x;
    alike.setConstant(0.5);
    const auto source = matrix_source<double>(alike, problem.t);
    options.optimizer.learning_rate = 1e-12;
    SECTION("for some epochs") {
      options.batch_size = 1;
      options.stuck_epochs = 4;
      CHECK_THROWS_AS(Trainer<double>(options).fit(net, source), TrainingFailed);
      CHECK_THROWS_WITH(Trainer<double>(options).fit(net, source),
                        ContainsSubstring("nothing was learned in 4 epochs") && ContainsSubstring("scaled"));
    }
    SECTION("before the validation loss is waited for in vain") {
      options.patience = 2;
      options.optimizer.learning_rate = 1e-300;
      CHECK_THROWS_WITH(Trainer<double>(options).fit(net, source, source),
                        ContainsSubstring("nothing was learned in 3 epochs"));
    }
    SECTION("after all hidden nodes have died, when the loss has fallen as far as it then can") {
      NetworkOptions relu = classifier();
      relu.hidden_activation = Activation::relu;
      NeuralNetwork<double> dead({6, 5, 3}, 1., relu);
      dead.set_biases(0, Vector<double>::Constant(5, -1000));
      dead.set_biases(1, Vector<double>::LinSpaced(3, 0, 4));
      options = adam(60, 0.01);
      options.batch_size = 4;
      std::vector<double> losses;
      Trainer<double> trainer(options);
      trainer.on_epoch([&](const EpochRecord& record, const auto&) {
        losses.push_back(record.loss);
        return true;
      });
      CHECK_THROWS_WITH(trainer.fit(dead, problem.source()), ContainsSubstring("nothing was learned in"));
      REQUIRE(losses.size() > 10);
      CHECK(losses[4] < 0.98 * losses[0]);
      options.epochs = 7;  // the loss has just fallen, but this is the end
      CHECK_THROWS_WITH(Trainer<double>(options).fit(dead, problem.source()),
                        ContainsSubstring("nothing was learned in 7 epochs"));
    }
    SECTION("by the notes' activation and loss") {
      NetworkOptions sigmoid;
      sigmoid.error_propagation = backquery::ErrorPropagation::gradient;
      NeuralNetwork<double> notes({6, 5, 3}, 1., sigmoid);
      notes.set_weights(1, Matrix<double>::Zero(3, 5));
      options.batch_size = 1;
      CHECK_THROWS_WITH(Trainer<double>(options).fit(notes, source),
                        ContainsSubstring("nothing was learned in 5 epochs"));
      Matrix<double> quantities = problem.t;
      quantities(0) = 0.5;  // no class any more
      CHECK(Trainer<double>(options).fit(notes, matrix_source<double>(alike, quantities)).size() == 10);
    }
    SECTION("and the loss is far off, even in few epochs") {
      options.batch_size = 1;
      options.epochs = 2;
      CHECK(Trainer<double>(options).fit(net, source).size() == 2);
      NeuralNetwork<double> far = net;
      far.set_biases(1, Vector<double>::LinSpaced(3, 0, 9));
      CHECK_THROWS_WITH(Trainer<double>(options).fit(far, source),
                        ContainsSubstring("after 2 epochs, where an answer that takes all classes for "
                                          "equally likely has 1.09861") &&
                            ContainsSubstring("learning rate, up to 1e-12, too small"));
      options.batch_size = 2;  // 40 steps
      CHECK(Trainer<double>(options).fit(far, source).size() == 2);
      options.batch_size = 1;
      const Matrix<double> fivefold = 5 * problem.t;  // has the fivefold loss
      CHECK(Trainer<double>(options).fit(net, matrix_source<double>(alike, fivefold)).size() == 2);
      return;
    }
    SECTION("in too few steps to tell, or without the check") {
      options.stuck_epochs = 4;
      CHECK(Trainer<double>(options).fit(net, source).size() == 10);
      options.batch_size = 1;
      options.stuck_epochs = 0;
      CHECK(Trainer<double>(options).fit(net, source).size() == 10);
      return;
    }
  }
  SECTION("a report throws") {
    Trainer<double> trainer(options);
    trainer.on_epoch([](const auto&, const auto&) -> bool { throw std::runtime_error("no paper"); });
    CHECK_THROWS_WITH(trainer.fit(net, problem.source()), "no paper");
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
    CHECK_THROWS_WITH(
        Trainer<double>(options).fit(net, matrix_source<double>(x, problem.t)),
        ContainsSubstring("Trainer::fit: training.fill: x has 7 rows, expected 6, the network's inputs"));
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
  SECTION("a sample is not finite, or no target") {
    auto x = problem.x;
    x(2, 17) = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH(
        Trainer<double>(options).fit(net, matrix_source<double>(x, problem.t)),
        ContainsSubstring("training.fill of sample 17: x(2, 0) is nan, expected a finite number"));
    auto t = problem.t;
    t(1, 23) = -1;
    CHECK_THROWS_WITH(
        Trainer<double>(options).fit(net, problem.source(), matrix_source<double>(problem.x, t)),
        ContainsSubstring("validation.fill of sample 23: t(1, 0) is -1, expected at least 0"));
  }
  SECTION("the validation loss is not finite") {
    Matrix<double> far = problem.t;
    far(0) = 1e300;
    NetworkOptions linear;
    NeuralNetwork<double> squared({6, 5, 3}, 1., linear);
    CHECK_THROWS_WITH(
        Trainer<double>(options).fit(squared, problem.source(), matrix_source<double>(problem.x, far)),
        ContainsSubstring("the validation loss became infinite in epoch 1"));
  }
  CHECK(same_parameters(net, before));
}

TEST_CASE("what has been learned already is not taken for nothing", "[trainer]") {
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
  options.optimizer.learning_rate = 1e-9;  // the loss stays where it is
  CHECK(Trainer<double>(options).fit(net, sorted.source()).size() == 20);
}

TEST_CASE("a network is at chance where neither its answers nor its loss beat one answer to all",
          "[trainer]") {
  const auto at_chance = [](Index samples, Index right, Index most_frequent, double loss) {
    return backquery::detail::BaselineComparison{samples, right, most_frequent, loss, 1, 4.6, true}
        .at_chance();
  };
  CHECK(at_chance(1000, 100, 100, 0.951));
  CHECK_FALSE(at_chance(1000, 100, 100, 0.949));
  CHECK(at_chance(1000, 128, 100, 0.951));  // 100 and three times 9.5
  CHECK_FALSE(at_chance(1000, 129, 100, 0.951));
  CHECK_FALSE(at_chance(1000, 129, 100, 4.5));
  CHECK(at_chance(1000, 129, 100, 4.6));
  CHECK(at_chance(100, 20, 20, 0.9995));
  CHECK_FALSE(at_chance(100, 20, 20, 0.998));
  CHECK_FALSE(at_chance(1000, 1000, 995, 1.1));  // all right is no luck
  CHECK_FALSE(at_chance(20, 16, 10, 1.1));
  CHECK_FALSE(backquery::detail::BaselineComparison{1000, 100, 100, 1, 1, 4.6, false}.at_chance());
}

TEST_CASE("the least loss of one answer to all is that of the mean of the targets", "[trainer]") {
  Eigen::ArrayXXd t(2, 4);
  t << 1, 0, 1, 1, 0, 1, 0, 0;
  const double entropy = -0.75 * std::log(0.75) - 0.25 * std::log(0.25);
  using backquery::detail::least_constant_loss;
  CHECK(least_constant_loss(Loss::squared_error, t) == Approx(0.1875));  // 1/2 (0.75 0.25 + 0.25 0.75)
  CHECK(least_constant_loss(Loss::cross_entropy, t) == Approx(entropy));
  CHECK(least_constant_loss(Loss::binary_cross_entropy, t) == Approx(2 * entropy));
  using backquery::detail::far_loss;
  CHECK(far_loss(Loss::cross_entropy, 10, 1) == Approx(4.60517));
  CHECK(far_loss(Loss::cross_entropy, 10, 3) == Approx(13.81551));
  CHECK(far_loss(Loss::binary_cross_entropy, 10, 1) == Approx(13.8629));
  CHECK(far_loss(Loss::squared_error, 10, 1) > 1e300);
}

TEST_CASE("small problems may stand still for long", "[trainer]") {
  Matrix<double> x(2, 4), t(2, 4);
  x << 0, 0, 1, 1, 0, 1, 0, 1;
  t << 1, 0, 0, 1, 0, 1, 1, 0;
  NetworkOptions sigmoid;
  sigmoid.error_propagation = backquery::ErrorPropagation::gradient;
  NeuralNetwork<double> net({2, 4, 2}, 1., sigmoid);
  TrainerOptions options;
  options.epochs = 2000;
  CHECK(Trainer<double>(options).fit(net, matrix_source<double>(x, t)).size() == 2000);
}

TEST_CASE("smoothed labels of a rare class are no failure", "[trainer]") {
  // 1 in 100 is of the second class where the input is -1, 9 in 100 where it is 1: no answer but the first is
  // right.
  const Index samples = 1000;
  Matrix<double> x(1, samples), t = Matrix<double>::Zero(2, samples);
  for (Index i = 0; i < samples; ++i) {
    const bool high = i % 2 == 1;
    x(i) = high ? 1 : -1;
    t(i / 2 % 100 < (high ? 9 : 1) ? 1 : 0, i) = 1;
  }
  NeuralNetwork<double> net({1, 4, 2}, 1., classifier());
  TrainerOptions options = adam(40, 0.01);
  options.label_smoothing = 0.1;
  CHECK(Trainer<double>(options).fit(net, matrix_source<double>(x, t)).size() == 40);
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
  CHECK(refusal([](auto& o) {
          o.batch_size = 1;
          o.batch_normalization = true;
        }) == "backquery::Trainer: options.batch_size is 1, expected at least 2 for batch_normalization");
  CHECK(refusal([](auto& o) { o.patience = -1; }) ==
        "backquery::Trainer: options.patience is -1, expected at least 0");
  CHECK(refusal([](auto& o) { o.stuck_epochs = -1; }) ==
        "backquery::Trainer: options.stuck_epochs is -1, expected at least 0");
  CHECK(refusal([](auto& o) { o.threads = 0; }) ==
        "backquery::Trainer: options.threads is 0, expected at least 1");
  for (const double s : {-0.1, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THAT(refusal([s](auto& o) { o.label_smoothing = s; }),
               ContainsSubstring("options.label_smoothing is") && ContainsSubstring("expected 0 to below 1"));
    CHECK_THAT(refusal([s](auto& o) { o.dropout = s; }),
               ContainsSubstring("options.dropout is") && ContainsSubstring("expected 0 to below 1"));
  }
  CHECK_THAT(refusal([](auto& o) { o.optimizer.learning_rate = -1; }),
             ContainsSubstring("learning_rate is -1"));
  CHECK_THAT(refusal([](auto& o) { o.optimizer.momentum = 2; }), ContainsSubstring("momentum is 2"));
  TrainerOptions tiny;
  tiny.optimizer.learning_rate = 1e-60;
  CHECK_THROWS_WITH(Trainer<float>(tiny),
                    ContainsSubstring("learning_rate is 1e-60") && ContainsSubstring("Scalar can hold"));
  TrainerOptions to_nothing;
  to_nothing.optimizer.learning_rate = 0.5;
  to_nothing.schedule.shape = backquery::ScheduleShape::exponential;
  to_nothing.schedule.final_factor = 1e-50;
  CHECK_THROWS_WITH(Trainer<float>(to_nothing), ContainsSubstring("falls to, or starts from, 5e-51") &&
                                                    ContainsSubstring("Scalar can hold"));
  CHECK_NOTHROW(Trainer<double>(to_nothing));
  CHECK_THAT(refusal([](auto& o) { o.optimizer.beta1 = 1; }), ContainsSubstring("beta1 is 1"));

  NeuralNetwork<double> net({6, 5, 3}, 1., classifier());
  CHECK_THROWS_WITH(
      Trainer<double>().fit(net, {}),
      "backquery::Trainer::fit: training has 0 samples and no fill, expected at least 1 and a fill");
  const Problem<double> problem(10);
  NeuralNetwork<double> single({6, 5, 1}, 1., NetworkOptions());
  TrainerOptions smooth;
  smooth.label_smoothing = 0.1;
  CHECK_THROWS_WITH(Trainer<double>(smooth).fit(single, problem.source()),
                    ContainsSubstring("options.label_smoothing is 0.1, but a single output"));
  auto options = adam(1, 0.1);
  options.patience = 1;
  CHECK_THROWS_WITH(
      Trainer<double>(options).fit(net, problem.source()),
      ContainsSubstring("options.patience is 1") && ContainsSubstring("validation has 0 samples"));
  for (const bool biases : {false, true}) {
    auto network = classifier();
    network.biases = biases;
    if (biases) {
      network.loss = Loss::squared_error;
      network.output_activation = Activation::sigmoid;
      network.error_propagation = backquery::ErrorPropagation::split_by_weights;
    }
    NeuralNetwork<double> other({6, 5, 3}, 1., network);
    auto normalized = adam(1, 0.1);
    normalized.batch_normalization = true;
    CHECK_THROWS_WITH(Trainer<double>(normalized).fit(other, problem.source()),
                      ContainsSubstring("options.batch_normalization is true, which needs"));
    if (biases) {
      auto dropping = adam(1, 0.1);
      dropping.dropout = 0.5;
      CHECK_THROWS_WITH(Trainer<double>(dropping).fit(other, problem.source()),
                        ContainsSubstring("options.dropout is 0.5, which needs"));
    }
  }
  const Matrix<double> t = Matrix<double>::Zero(3, 9);
  CHECK_THROWS_WITH(matrix_source<double>(problem.x, t), ContainsSubstring("matrix_source: t has"));
}
