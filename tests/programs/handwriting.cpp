// Measures how many digits are recognized on pictures of pages: each test digit enlarged at a random place,
// and pages with lines of digits. Without arguments, a short trial uses a network that is trained on the
// bundled sample.
//
//     handwriting MODEL FOLDER     with all test digits of MNIST in the folder, and 500 pages
#include <backquery/backquery.hpp>
#include <backquery/images/digits_from_image.hpp>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "pages.hpp"

namespace {

using backquery::LabeledImages;
using pages::Index;
using pages::Paper;
using Network = backquery::NeuralNetwork<float>;

constexpr const char* names[] = {"plain", "ruled", "squared"};

double accuracy(const Network& net, const LabeledImages& images) {
  return backquery::accuracy(net.query(backquery::inputs<float>(images)), images.labels);
}

Network trained_on_sample() {
  const auto digits = backquery::read_csv(std::string(BACKQUERY_EXAMPLE_DATA) + "/mnist_train_1000.csv");
  Network net(784, 100, 10, 0.1f);
  for (int epoch = 0; epoch < 8; ++epoch) {
    net.train(backquery::inputs<float>(digits), backquery::targets<float>(digits));
  }
  return net;
}

/// The whole page in 28 x 28 pixels, light on dark, without any search.
void resize(const pages::Page& page, LabeledImages& images, Index image) {
  backquery::detail::GrayPlane values =
      backquery::detail::reduced(page.pixels.data(), page.rows, page.cols, 1);
  values = backquery::detail::area_averages(values, 28, 28);
  for (Index i = 0; i < values.size(); ++i) {
    const float value = page.dark_ink ? 255 - values.data()[i] : values.data()[i];
    images.pixels(i, image) = static_cast<std::uint8_t>(value);
  }
}

/// Prints the accuracy on pages with one digit. Returns whether it is at most `allowed` below the accuracy on
/// the digits as they are.
bool check_single_digits(const Network& net, const LabeledImages& test, Paper paper, double allowed) {
  pages::PagePrinter printer(test, 1);
  LabeledImages found = test, resized = test;
  int failures = 0;
  for (Index image = 0; image < test.labels.size(); ++image) {
    const pages::Page page = printer.page_with(image, paper);
    resize(page, resized, image);
    found.pixels.col(image).setZero();
    try {
      found.pixels.col(image) =
          backquery::digit_from_image(page.pixels, page.rows, page.cols).images.pixels.col(0);
    } catch (const std::runtime_error&) {
      ++failures;
    }
  }
  const double reached = accuracy(net, found), plain = accuracy(net, test);
  std::printf("one digit on %s paper: accuracy %.4f (as it is: %.4f), not found: %d, plain resizing: %.4f\n",
              names[static_cast<int>(paper)], reached, plain, failures, accuracy(net, resized));
  return reached >= plain - allowed;
}

/// Prints the share of pages with 5 to 12 digits that are read without a fault.
/// @param only_counts  for a weak network: the number of digits must be correct
bool check_pages(const Network& net, const LabeledImages& test, Paper paper, int count, bool only_counts) {
  pages::PagePrinter printer(test, 2);
  backquery::detail::RandomEngine random(3);
  const auto below = [&random](Index n) {
    return static_cast<Index>(backquery::detail::uniform_below(random, static_cast<std::uint64_t>(n)));
  };
  int exact = 0, counted = 0;
  for (int i = 0; i < count; ++i) {
    std::vector<Index> digits(static_cast<std::size_t>(5 + below(8)));
    std::vector<int> expected, read;
    for (Index& digit : digits) {
      digit = below(test.labels.size());
      expected.push_back(test.labels(digit));
    }
    const pages::Page page = printer.page_with(digits, 1 + i % 2, paper);
    try {
      const auto found = backquery::digits_from_image(page.pixels, page.rows, page.cols);
      const Eigen::VectorXi predicted =
          backquery::predicted_classes(net.query(backquery::inputs<float>(found.images)));
      read.assign(predicted.data(), predicted.data() + predicted.size());
    } catch (const std::runtime_error&) {
    }
    exact += read == expected ? 1 : 0;
    counted += read.size() == expected.size() ? 1 : 0;
  }
  std::printf("%d pages of %s paper with 5 to 12 digits: exact %.3f, correct number of digits %.3f\n", count,
              names[static_cast<int>(paper)], static_cast<double>(exact) / count,
              static_cast<double>(counted) / count);
  return (only_counts ? counted : exact) >= 0.95 * count;
}

bool run(int argc, char** argv) {
  const bool all = argc == 3;
  const std::string folder = all ? argv[2] : BACKQUERY_EXAMPLE_DATA;
  const Network net = all ? backquery::load<float>(argv[1]) : trained_on_sample();
  const LabeledImages test =
      all ? backquery::read_idx(folder + "/t10k-images-idx3-ubyte", folder + "/t10k-labels-idx1-ubyte")
          : backquery::read_csv(folder + "/mnist_test_500.csv").block(0, 150);
  bool passed = true;
  for (const Paper paper : {Paper::plain, Paper::ruled, Paper::squared}) {
    // A digit of the short trial is 0.7 points.
    const double allowed = !all ? 0.05 : paper == Paper::plain ? 0.01 : 0.02;
    passed = check_single_digits(net, test, paper, allowed) && passed;
  }
  for (const Paper paper : {Paper::plain, Paper::ruled, Paper::squared}) {
    const bool must_pass = check_pages(net, test, paper, all ? 500 : 20, !all);
    passed = passed && (must_pass || paper != Paper::plain);
  }
  return passed;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv) ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "handwriting: %s\n", error.what());
    return 1;
  }
}
