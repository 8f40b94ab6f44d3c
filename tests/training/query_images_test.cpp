/// @file
/// Outputs of a network for images, block by block.
#include "catch.hpp"

#include <backquery/training/query_images.hpp>

#include "matrices.hpp"

TEMPLATE_TEST_CASE("query_images gives the outputs of all images", "", float, double) {
  backquery::LabeledImages images;
  images.rows = images.cols = 5;
  images.classes = 3;
  images.pixels.setRandom(25, 1500);  // more than one block
  images.labels.setZero(1500);
  images.pixel_max = 250;
  const backquery::NeuralNetwork<TestType> net({25, 7, 3}, backquery::NetworkOptions::classifier());
  const Matrix<TestType> expected = net.query(backquery::inputs<TestType>(images));
  CHECK(backquery::query_images(net, images) == expected);
  const auto first = images.block(0, 1);
  CHECK(backquery::query_images(net, first) == net.query(backquery::inputs<TestType>(first)));
  const auto none = backquery::query_images(net, images.block(0, 0));
  CHECK(none.rows() == 3);
  CHECK(none.cols() == 0);
  images.pixels.conservativeResize(24, Eigen::NoChange);
  CHECK_THROWS_WITH(backquery::query_images(net, images),
                    "backquery::NeuralNetwork::query: x has 24 rows, expected 25");
}
