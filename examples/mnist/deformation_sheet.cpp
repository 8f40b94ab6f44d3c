// Draws random deformations of digits. Each row shows the first digit of a class of the bundled sample,
// unchanged on the left, then ten times deformed at random. All classes have the same ranges, whereas
// mnist_ladder halves the angle for 1 and 7.
//
//     deformation_sheet                                     elastic and affine, as in rung 6 of mnist_ladder
//     deformation_sheet --degrees 0 --scale 0 --shift 0     elastic alone
//     deformation_sheet --elastic-alpha 0 --shear 0.3       affine alone, with a shear
//     deformation_sheet --seed 2 --png other.png            another seed
#include <backquery/augmentation/deformation.hpp>
#include <backquery/backquery.hpp>
#include <cstdint>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "../lessons/support/guarded.hpp"
#include "support/command_line.hpp"
#include "support/digits.hpp"
#include "support/ladder.hpp"
#include "support/portraits.hpp"

namespace {

using mnist::Index;
using mnist::Matrix;

struct Options {
  std::string images = mnist::training_sample;
  std::string png = "deformation_sheet.png";
  std::uint64_t seed = 1;
  backquery::DeformationRanges ranges;
};

std::optional<Options> parse_options(int argc, char** argv) {
  Options options;
  backquery::DeformationRanges& ranges = options.ranges = mnist::ladder()[5].deformation;
  CLI::App app("Draws a sheet of randomly deformed digits.", "deformation_sheet");
  app.get_formatter()->column_width(34);
  const auto add = [&app](const char* option, auto& value, const char* type, const char* meaning) {
    return app.add_option(option, value, meaning)->type_name(type)->capture_default_str();
  };
  const auto range = [&add](const char* option, double& value, const char* meaning, double largest,
                            const std::string& expected) {
    add(option, value, "X", meaning)->check(mnist::number(expected, [largest](double x) {
      return x >= 0 && x <= largest;
    }));
  };
  add("--images", options.images, "FILE", "images to show (bundled sample)");
  add("--png", options.png, "FILE.png", "the picture to write, dark on white");
  add("--seed", options.seed, "N", "the same seed gives the same sheet")
      ->check(mnist::whole_number(0, UINT64_MAX));
  range("--degrees", ranges.degrees, "rotate by up to X to either side", 180, "an angle from 0 to 180");
  range("--scale", ranges.scale, "scale x and y independently by 1 - X to 1 + X", 0.99,
        "a share from 0 to 0.99");
  range("--shear", ranges.shear, "shear by up to X columns for each row", 100, "a number from 0 to 100");
  range("--shift", ranges.shift, "shift by up to X pixels", 1e6, "a number from 0 to 1e6");
  app.add_flag("--flip-horizontal", ranges.flip_horizontal, "exchange left and right for half of the images");
  app.add_flag("--flip-vertical", ranges.flip_vertical, "exchange top and bottom for half of the images");
  range("--elastic-sigma", ranges.elastic_sigma, "width of the Gaussian in pixels", 1000,
        "a number from 0 to 1000");
  range("--elastic-alpha", ranges.elastic_alpha, "strength of the elastic deformation; 0 is none", 1e6,
        "a number from 0 to 1e6");
  if (!mnist::parse(app, argc, argv)) {
    return std::nullopt;
  }
  mnist::require_writable_png("--png", options.png);
  return options;
}

/// The first image of each class that has images, repeated `copies` times.
Matrix first_of_each_class(const backquery::LabeledImages& images, Index copies, std::vector<int>& labels) {
  Matrix first(images.pixels.rows(), images.classes * copies);
  for (Index label = 0; label < images.classes; ++label) {
    for (Index image = 0; image < images.labels.size(); ++image) {
      if (images.labels(image) == label) {
        first.middleCols(static_cast<Index>(labels.size()), copies).colwise() =
            backquery::inputs<float>(images.block(image, 1)).col(0);
        labels.insert(labels.end(), static_cast<std::size_t>(copies), static_cast<int>(label));
        break;
      }
    }
  }
  return first.leftCols(static_cast<Index>(labels.size()));
}

void run(const Options& options) {
  constexpr Index deformations = 10, in_a_row = 1 + deformations;
  const backquery::LabeledImages images = mnist::read_digits(options.images);
  std::vector<int> labels;
  const Matrix originals = first_of_each_class(images, in_a_row, labels);
  Matrix sheet(originals.rows(), originals.cols());
  const backquery::Deformation<float> deform(images.rows, images.cols, options.ranges);
  deform.apply(originals, labels, sheet, options.seed, 0);
  for (Index image = 0; image < sheet.cols(); image += in_a_row) {
    sheet.col(image) = originals.col(image);
  }
  mnist::write_png(options.png, mnist::draw(sheet, images.rows, images.cols, in_a_row));
  std::cout << options.png << ": " << sheet.cols() / in_a_row << " images, each as it is and deformed "
            << deformations << " times\n";
}

}  // namespace

int main(int argc, char** argv) {
  return lesson::guarded("deformation_sheet", [&] {
    if (const auto options = parse_options(argc, argv)) {
      run(*options);
    }
  });
}
