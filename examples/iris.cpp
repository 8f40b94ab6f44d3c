// From a table to a deployed network: classifies 150 irises by the sizes of sepals and petals. The deployed
// network takes centimeters. Run it in the root folder of this repository.
#include <backquery/backquery.hpp>
#include <backquery/network/fixed_network.hpp>
#include <backquery/network/fold.hpp>
#include <backquery/network/make_fixed_network.hpp>
#include <backquery/tables/read_table.hpp>
#include <backquery/tables/standardizer.hpp>
#include <backquery/training/trainer.hpp>

#include <array>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

int main() try {
  const std::vector<std::string> features = {"sepal_length", "sepal_width", "petal_length", "petal_width"};
  const auto table = backquery::read_table<float>("examples/data/iris.csv");
  const auto [training, test] = backquery::split(table, 0.7, 1);
  const Eigen::MatrixXf x = training.inputs(features);

  // Every input gets mean 0 and deviation 1. The numbers come from the training samples alone.
  const backquery::Standardizer<float> standardizer(x, features);
  backquery::NeuralNetwork<float> net({4, 16, 3}, backquery::NetworkOptions::classifier());
  backquery::TrainerOptions options;
  options.epochs = 60;
  options.batch_size = 16;
  options.optimizer.method = backquery::OptimizationMethod::adam;
  options.optimizer.learning_rate = 0.01;
  options.schedule = backquery::ScheduleOptions::one_cycle();
  backquery::Trainer<float>(options).fit(
      net, backquery::matrix_source<float>(standardizer.apply(x), training.labels("species")));

  // The standardizer becomes a part of the first layer.
  net = backquery::fold_inputs(net, standardizer.scale(), standardizer.offset());
  const Eigen::MatrixXf outputs = net.query(test.inputs(features));
  const double accuracy = backquery::accuracy(outputs, test.labels("species"));
  const Eigen::VectorXd recall = backquery::recall(outputs, test.labels("species"));
  std::printf("accuracy on %d test flowers: %.3f\n", static_cast<int>(test.samples()), accuracy);
  for (int i = 0; i < 3; ++i) {
    std::printf("  recall of %s: %.3f\n", table.categories("species")[static_cast<std::size_t>(i)].c_str(),
                recall(i));
  }

  const auto deployed = backquery::make_fixed_network<4, 16, 3>(net);
  const std::array<float, 3> probabilities = deployed.query({5.1f, 3.5f, 1.4f, 0.2f});  // centimeters
  std::printf("a flower with petals of 1.4 x 0.2 cm is setosa with a probability of %.3f\n",
              probabilities[0]);
  return accuracy >= 0.9 && probabilities[0] > 0.9f ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "iris: %s\n", error.what());
  return 1;
}
