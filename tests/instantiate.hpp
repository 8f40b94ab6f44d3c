/// @file
/// Uses every template of the library in float, for checks that compile all headers.
#pragma once

#include <backquery/backquery.hpp>
#include <backquery/build_info.hpp>
#include <backquery/images/digits_from_image.hpp>
#include <backquery/model/npy.hpp>
#include <backquery/model/source.hpp>
#include <backquery/network/make_fixed_network.hpp>
#include <backquery/tables/read_table.hpp>
#include <backquery/tables/standardizer.hpp>
#include <backquery/training/query_images.hpp>
#include <backquery/training/trainer.hpp>

#include <vector>

template class backquery::NeuralNetwork<float>;
template class backquery::FixedNetwork<float, 70, 17, 3>;
template class backquery::Trainer<float>;
template class backquery::Optimizer<float>;
template class backquery::Rotation<float>;
template class backquery::Deformation<float>;
template class backquery::Table<float>;
template class backquery::Standardizer<float>;

inline void instantiate(Eigen::MatrixXf& x, Eigen::MatrixXf& t, Eigen::VectorXf& vector,
                        const std::vector<int>& labels) {
  backquery::NeuralNetwork<float> net({70, 17, 3}, 0.1f);
  backquery::Parameters<float> gradients;
  backquery::Workspace<float> workspace;
  backquery::ThreadPool pool(2);
  net.train(x, t);
  net.train(vector, t.col(0));
  t = net.query(x);
  net.query(vector, t.col(0));
  net.query(x, t, workspace);
  vector = net.backquery(t).col(0);
  net.set_weights(0, 2 * net.weights(0));
  net.set_biases(0, vector);
  net = backquery::fold_outputs(backquery::fold_inputs(net, vector, -vector), vector, vector);
  t(0) = net.loss(x, t) + net.gradients(x, t, gradients, workspace, pool) + net.input_gradients(x, t)(0);
  backquery::make_fixed_network<70, 17, 3>(net).query(vector.head<70>(), t.col(0).head<3>());
  backquery::save(backquery::load<float>("a"), "b");
  backquery::write_npy("a", backquery::read_npy<float>("b"));
  backquery::export_source(net, "a", "b");

  backquery::LabeledImages images = backquery::read_csv("c");
  images = backquery::read_idx("d", "e");
  images = backquery::digit_from_image(images.pixels.col(0), 10, 7).images;
  images = backquery::digits_from_image(images.pixels.col(0), 28, 28).images;
  x = backquery::inputs<float>(images);
  t = backquery::targets<float>(images);
  t(0) = static_cast<float>(
      backquery::accuracy(t, labels) + backquery::confusion_matrix(t, images.labels).sum() +
      backquery::precision(t, labels)(0) + backquery::recall(t, labels)(0) +
      backquery::f1_score(t, labels)(0) + backquery::log_loss(t, labels) +
      backquery::top_k_accuracy(t, labels, 2) + backquery::r2(t, t) + backquery::mean_squared_error(t, t) +
      backquery::mean_absolute_error(t, t) + backquery::root_mean_squared_error(t, t));
  t = backquery::query_images(net, images);

  const auto [first, second] = backquery::split(backquery::read_table<float>("f"), 0.5, 1);
  x = backquery::Standardizer<float>(first.inputs({"g", "h"})).apply(second.inputs("g"));
  x = backquery::Standardizer<float>::to_range(x, 0.01f, 0.99f).undo(second.one_hot("i"));

  x = backquery::rotate(x, 10, 0.0f);
  x = backquery::scale(x, 1.1, 0.0f);
  x = backquery::flip_horizontal(backquery::flip_vertical(x));
  backquery::Rotation<float>(10, 7, 10).apply(x, t, pool);
  const backquery::Deformation<float> deformation(10, 7, backquery::DeformationRanges());
  deformation.apply(x, labels, t, 1, 0);
  const auto source = backquery::image_source<float>(images, {deformation}, 1);
  backquery::Trainer<float>().fit(net, subset(source, 0, 10), backquery::matrix_source<float>(x, t));
  backquery::Trainer<float>().fit(
      net, backquery::transform(source, [](auto& inputs, const auto&, int) { inputs *= 2; }),
      backquery::matrix_source<float>(x, labels));
}
