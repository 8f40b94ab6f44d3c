// Hello, backquery: trains a network on 1,000 handwritten digits, prints the accuracy on 500 others, predicts
// one digit, and shows what a 7 looks like to the network. Run it in the root folder of this repository.
#include <backquery/backquery.hpp>

#include <exception>
#include <iostream>
#include <string>

// An image as text: one line for two rows of pixels, darker characters for larger values.
void print(const Eigen::VectorXf& image, Eigen::Index rows, Eigen::Index cols) {
  const std::string shades = " .:-=+*#%@";
  for (Eigen::Index row = 0; row < rows; row += 2) {
    std::string line;
    for (Eigen::Index col = 0; col < cols; ++col) {
      line += shades[static_cast<std::size_t>(9 * image(row * cols + col))];
    }
    std::cout << line << '\n';
  }
}

int main() try {
  const auto training = backquery::read_csv("examples/data/mnist_train_1000.csv");
  const auto test = backquery::read_csv("examples/data/mnist_test_500.csv");
  backquery::NeuralNetwork<float> net(784, 200, 10, 0.1f);
  for (int epoch = 0; epoch < 10; ++epoch) {
    net.train(backquery::inputs<float>(training), backquery::targets<float>(training));
  }

  const Eigen::MatrixXf images = backquery::inputs<float>(test);  // 784 x 500: one column is one image
  const Eigen::MatrixXf outputs = net.query(images);              // 10 x 500
  const double accuracy = backquery::accuracy(outputs, test.labels);
  std::cout << "accuracy on 500 test digits: " << accuracy << '\n';

  const int predicted = backquery::predicted_classes(outputs)(0);
  print(images.col(0), test.rows, test.cols);
  std::cout << "predicted: " << predicted << ", label: " << int(test.labels(0)) << '\n';

  Eigen::VectorXf targets = Eigen::VectorXf::Constant(10, 0.01f);
  targets(7) = 0.99f;
  const Eigen::VectorXf seven = net.backquery(targets);  // 784 pixels, 0.01 to 0.99
  print(seven, test.rows, test.cols);
  std::cout << "backquery: what a 7 looks like to this network\n";

  const bool correct =
      accuracy > 0.8 && predicted == test.labels(0) && backquery::predicted_classes(net.query(seven))(0) == 7;
  return correct ? 0 : 1;
} catch (const std::exception& error) {  // for example if a file is missing
  std::cerr << "hello: " << error.what() << '\n';
  return 1;
}
