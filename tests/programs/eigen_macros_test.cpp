/// @file
/// The library in programs whose macros change Eigen: the default storage order, automatic resizing, initial
/// values, alignment and vectorization. CMakeLists.txt has the macros. Compares with golden data, and the
/// ways to compute one result with each other. Without Catch2, so that it compiles quickly.
#include <backquery/backquery.hpp>
#include <backquery/network/make_fixed_network.hpp>
#include <backquery/training/query_images.hpp>
#include <backquery/training/trainer.hpp>

#include <cmath>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "golden.hpp"
#include "matrices.hpp"
#include "temporary_folder.hpp"

namespace {

using Eigen::Index;
using Eigen::MatrixXd;  // of the default storage order
using Eigen::VectorXd;
using Network = backquery::NeuralNetwork<double>;
using OtherOrder = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic,
                                 MatrixXd::IsRowMajor ? Eigen::ColMajor : Eigen::RowMajor>;

int failures = 0;

void check(bool good, const std::string& what) {
  failures += good ? 0 : 1;
  if (!good) std::cerr << "failed: " << what << '\n';
}

template <typename A, typename B>
void check_equal(const Eigen::MatrixBase<A>& a, const Eigen::MatrixBase<B>& b, const std::string& what,
                 double tolerance = 1e-12) {
  const double difference = max_difference(a, b);
  check(difference <= tolerance, what + ", difference " + std::to_string(difference));
}

void follows_the_book() {
  for (const Golden& golden : golden_cases("network", "book_")) {
    const std::string name = golden.path();
    const std::vector<MatrixXd> weights{golden("wih"), golden("who")};
    const Network start(weights, golden.number("learning_rate"));
    const MatrixXd x = golden("inputs"), t = golden("targets");
    const OtherOrder other_x = x, other_t = t;
    check_equal(start.query(x), golden("query"), name + ": query");
    check_equal(start.query(other_x), golden("query"), name + ": query, other order");
    MatrixXd y(t.rows(), t.cols());
    OtherOrder other_y(t.rows(), t.cols());
    Network::Workspace workspace;
    start.query(x, y);
    start.query(x, other_y, workspace);
    check_equal(y, golden("query"), name + ": query into y");
    check_equal(other_y, golden("query"), name + ": query into y of the other order");
    if (name != "network/book_1-4-1") {
      check_equal(start.backquery(t), golden("backquery"), name + ": backquery");
      check_equal(start.backquery(other_t), golden("backquery"), name + ": backquery, other order");
    }
    Network at_once = start, other = start, one_by_one = start;
    at_once.train(x, t);
    other.train(other_x, other_t);
    for (Index i = 0; i < x.cols(); ++i) one_by_one.train(x.col(i), VectorXd(t.col(i)));
    for (const Network& trained : {at_once, other, one_by_one}) {
      check_equal(trained.weights(0), golden("wih_trained"), name + ": train");
      check_equal(trained.weights(1), golden("who_trained"), name + ": train");
    }
  }
}

backquery::NetworkOptions classifier() {
  auto options = backquery::NetworkOptions::classifier();
  options.hidden_activation = backquery::Activation::tanh;
  return options;
}

/// Samples with and without a background, in layers for each way to update the first layer.
void gradients_are_steps() {
  for (const bool images : {false, true}) {
    const MatrixXd x =
        images ? random_images<double>(100, 300, 0.01, 1) : random_matrix<double>(100, 300, 0.01, 1, 1);
    const MatrixXd t = random_matrix<double>(3, 300, 0.1, 0.9, 2);
    const Network start({100, 50, 3}, 0.1, classifier());
    Network::Gradients gradients, mean({100, 50, 3}, true);
    Network::Workspace workspace;
    Network trained = start, stepped = start;
    for (Index i = 0; i < 40; ++i) {
      stepped.gradients(x.col(i), t.col(i), gradients, workspace);
      stepped.step(gradients, 0.1);
    }
    trained.train(x.leftCols(40), t.leftCols(40));
    check_equal(trained.parameters(), stepped.parameters(), "gradients of one sample are the step of train");
    double loss = 0;
    for (Index i = 0; i < 300; ++i) {
      loss += start.gradients(x.col(i), t.col(i), gradients, workspace) / 300;
      mean.values() += gradients.values() / 300;
    }
    backquery::ThreadPool pool(2);
    const double mean_loss = start.gradients(x, OtherOrder(t), gradients, workspace, pool);
    check_equal(gradients.values(), mean.values(), "gradients of a batch are the mean");
    check(std::abs(mean_loss - loss) <= 1e-12 && std::abs(start.loss(x, t) - loss) <= 1e-12, "mean loss");
  }
}

void reads_files() {
  const std::string folder = BACKQUERY_TEST_DATA "/images/";
  const auto csv = backquery::read_csv(folder + "images.csv", 10, 3, 4);
  const auto idx = backquery::read_idx(folder + "images-idx3-ubyte", folder + "labels-idx1-ubyte");
  std::ifstream text(folder + "images.csv");
  Eigen::Matrix<int, 13, 7, Eigen::ColMajor> expected;
  for (int& value : expected.reshaped()) {
    text >> value;
    text.ignore();
  }
  for (const auto& images : {csv, idx, csv.block(0, 7)}) {
    check(images.labels.cast<int>() == expected.row(0).transpose(), "labels");
    check(images.pixels.cast<int>() == expected.bottomRows(12), "pixels");
  }
  const MatrixXd inputs = backquery::inputs(csv), targets = backquery::targets(csv);
  check_equal(inputs, (expected.bottomRows(12).cast<double>().array() / 255 * 0.99 + 0.01).matrix(),
              "inputs");
  check(targets(expected(0, 2), 2) == 0.99 && std::abs(targets.sum() - 7.56) < 1e-12, "targets");
  check(backquery::accuracy(targets, csv.labels) == 1, "accuracy");
  check(backquery::accuracy(OtherOrder(targets), csv.labels) == 1, "accuracy, other order");
  check(backquery::confusion_matrix(targets, csv.labels).trace() == 7, "confusion matrix");
  const Network net(12, 5, 10, 0.1);
  check_equal(backquery::query_images(net, csv), net.query(inputs), "query_images");
}

void transforms_images() {
  const Golden golden("augmentation/rotate_5x9");
  const MatrixXd image = golden("by_10/image"), expected = golden("by_10/result");
  const double degrees = golden.number("by_10/amount"), background = golden.number("by_10/background");
  check_equal(backquery::rotate(image, degrees, background), expected, "rotate");
  check_equal(backquery::rotate(OtherOrder(image), degrees, background), expected, "rotate, other order");
  const backquery::Rotation<double> rotation(5, 9, degrees, background);
  check_equal(rotation(image), expected, "Rotation of an image");
  // The pixels of an image are in a column, row by row.
  const VectorXd pixels = image.reshaped<Eigen::RowMajor>(), rotated = expected.reshaped<Eigen::RowMajor>();
  const MatrixXd set = pixels.replicate(1, 20);
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor> outputs(45, 20);
  rotation.apply(set, outputs);
  check_equal(outputs, rotated.replicate(1, 20), "Rotation of a set");
  check(backquery::flip_horizontal(image)(1, 0) == image(1, 8), "flip_horizontal");
  check(backquery::flip_vertical(image)(0, 1) == image(4, 1), "flip_vertical");
  check_equal(backquery::scale(image, 1.0), image, "scale");

  backquery::DeformationRanges ranges;
  ranges.degrees = 15;
  ranges.elastic_alpha = 1;
  ranges.elastic_sigma = 2;
  const backquery::Deformation<double> deformation(5, 9, ranges);
  deformation.apply(set, std::vector<int>(20, 0), outputs, 7, 100);
  for (Index i = 0; i < 20; ++i) {
    const MatrixXd alone = deformation(image, 7, static_cast<std::uint64_t>(100 + i));
    check_equal(alone.reshaped<Eigen::RowMajor>(), outputs.col(i), "Deformation of a set", 0);
    check(max_difference(alone, image) > 0.01, "Deformation changes the image");
  }
  MatrixXd numbered(5, 9);
  for (Index pixel = 0; pixel < 45; ++pixel)
    numbered(pixel / 9, pixel % 9) = 0.01 + 0.02 * static_cast<double>(pixel);
  const MatrixXd deformed = deformation(numbered, 7, 100);
  double sum = 0;
  for (Index pixel = 0; pixel < 45; ++pixel)
    sum += static_cast<double>(pixel + 1) * deformed(pixel / 9, pixel % 9);
  check(std::abs(sum - 359.315758139804) <= 1e-9, "Deformation as in a program without macros");
}

void trains_in_batches() {
  const MatrixXd x = random_matrix<double>(6, 70, -1, 1, 1);
  MatrixXd t = MatrixXd::Zero(3, 70);
  std::vector<int> labels;
  for (Index i = 0; i < 70; ++i) {
    labels.push_back(x(0, i) < -0.3 ? 0 : x(0, i) < 0.3 ? 1 : 2);
    t(labels.back(), i) = 1;
  }
  const Network start({6, 12, 3}, 0.1, classifier());
  backquery::TrainerOptions options;
  options.epochs = 1;
  options.batch_size = 70;
  options.optimizer.learning_rate = 0.1;
  Network by_fit = start, by_step = start;
  backquery::Trainer<double>(options).fit(by_fit, backquery::matrix_source<double>(x, t));
  Network::Gradients gradients;
  Network::Workspace workspace;
  by_step.gradients(x, t, gradients, workspace);
  by_step.step(gradients, 0.1);
  check_equal(by_fit.parameters(), by_step.parameters(), "a batch of Trainer is a step of the gradients");

  options.epochs = 60;
  options.batch_size = 32;  // the last batch has 6 samples
  options.optimizer.method = backquery::OptimizationMethod::adam;
  options.optimizer.learning_rate = 0.02;
  options.threads = 2;
  options.dropout = 0.05;
  options.label_smoothing = 0.05;
  options.batch_normalization = true;
  Network net = start;
  const auto source = backquery::matrix_source<double>(x, labels);
  const auto last =
      backquery::Trainer<double>(options).fit(net, source, backquery::subset(source, 0, 50)).history.back();
  check(*last.validation_accuracy > 0.9, "Trainer learns");
  check(backquery::accuracy(net.query(x), labels) > 0.9, "the trained network recognizes the samples");

  backquery::LabeledImages images{(x.array() * 100 + 100).matrix().cast<std::uint8_t>(),
                                  Eigen::Map<const Eigen::VectorXi>(labels.data(), 70).cast<std::uint8_t>(),
                                  2, 3, 3};
  backquery::DeformationRanges ranges;
  ranges.shift = 0.1;
  options.epochs = 3;
  const backquery::Deformation<double> deformation(2, 3, ranges);
  Network of_images = start;
  const auto trained = backquery::Trainer<double>(options).fit(
      of_images, backquery::transform(backquery::image_source<double>(images, {deformation}, 1),
                                      [](auto& inputs, const auto&, int) { inputs.array() += 0.001; }));
  check(trained.history.back().loss < trained.history.front().loss, "Trainer learns images");
}

void copies_networks() {
  const Network net({100, 20, 4, 3}, 0.1, classifier());
  const MatrixXd x = random_images<double>(100, 4, 0.01, 1);
  const auto fixed = backquery::make_fixed_network<100, 20, 4, 3>(net);
  Eigen::Vector3d y;
  fixed.query(Eigen::Matrix<double, 100, 1>(x.col(1)), y);
  check_equal(y, net.query(x.col(1)), "FixedNetwork");
  const Eigen::Matrix<double, 100, 4> fixed_x = x;
  fixed.query(fixed_x.col(2), y);
  check_equal(y, net.query(x.col(2)), "FixedNetwork of a column");

  const TemporaryFolder folder;
  const std::string path = folder.file("net.bqm");
  backquery::save(net, path);
  check_equal(backquery::load<double>(path).parameters(), net.parameters(), "save and load", 0);
  MatrixXd expected(3, 2);
  expected << 0.1, 1e-320, 0.2, 1e300, 0.3, -7;
  const auto golden = backquery::load<double>(BACKQUERY_TEST_DATA "/model/double_perceptron.bqm");
  check_equal(golden.weights(0), expected, "load of a file from another program", 0);
  Network changed = net;
  changed.set_weights(1, OtherOrder(2 * net.weights(1)));
  changed.set_biases(2, MatrixXd(x.topLeftCorner(3, 1)));
  check_equal(changed.weights(1), 2 * net.weights(1), "set_weights", 0);
  check_equal(changed.biases(2), x.col(0).head(3), "set_biases", 0);
}

}  // namespace

int main() try {
  follows_the_book();
  gradients_are_steps();
  reads_files();
  transforms_images();
  trains_in_batches();
  copies_networks();
  return failures == 0 ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
