// Writes the book's CSV format, a line label,pixel,... for each image, from the original IDX files of MNIST:
//
//     mnist_idx_to_csv train-images-idx3-ubyte mnist_train.csv
//
// The label file is found beside the image file by its usual name.
#include <backquery/backquery.hpp>
#include <iostream>
#include <string>

#include "../lessons/support/guarded.hpp"
#include "support/command_line.hpp"
#include "support/digits.hpp"
#include "support/output_file.hpp"
#include "support/terminal.hpp"

namespace {

void write_lines(const backquery::LabeledImages& images, mnist::OutputFile& csv) {
  std::string line;
  for (Eigen::Index image = 0; image < images.pixels.cols(); ++image) {
    line = std::to_string(images.labels(image));
    for (Eigen::Index pixel = 0; pixel < images.pixels.rows(); ++pixel) {
      line.append(",").append(std::to_string(images.pixels(pixel, image)));
    }
    line += '\n';
    csv.write(line.data(), line.size());
  }
}

void run(int argc, char** argv) {
  std::string images_path, csv_path;
  CLI::App app("Writes a line label,pixel,... for each image of an IDX file with its label file beside it.",
               "mnist_idx_to_csv");
  app.add_option("IMAGES", images_path,
                 "such as train-images-idx3-ubyte with train-labels-idx1-ubyte beside it")
      ->type_name("")
      ->required();
  app.add_option("CSV", csv_path, "the file to write")->type_name("")->required();
  if (!mnist::parse(app, argc, argv)) {
    return;
  }
  mnist::require_writable(csv_path);
  constexpr Eigen::Index any_byte =
      256;  // other sets have more than ten classes, such as the letters of EMNIST
  const backquery::LabeledImages images = mnist::read_idx_pair(mnist::open_images(images_path), any_byte);
  mnist::OutputFile csv(csv_path);
  write_lines(images, csv);
  csv.commit();
  std::cout << csv_path << ": " << mnist::grouped(images.pixels.cols()) << " images of " << images.rows
            << " x " << images.cols << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  return lesson::guarded("mnist_idx_to_csv", [&] { run(argc, argv); });
}
