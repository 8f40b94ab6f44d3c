/// @file
/// The findings of diagnose, one function for each. A function returns an empty text if it finds nothing.
#pragma once

#include <backquery/training/detail/examination.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <vector>

namespace backquery::detail {

template <typename Scalar>
bool equal_columns(const MatrixX<Scalar>& m, const VectorX<Scalar>& column) {
  return ((m.colwise() - column).array() == 0).all();
}

/// All targets are equal. If they are equal in the examination, up to 10,000 samples are compared.
template <typename Scalar>
std::string equal_targets(const Examination<Scalar>& e) {
  const Index all = e.source.samples, compared = std::min<Index>(all, 10000);
  const VectorX<Scalar> first = e.batch.t.col(0);
  bool equal = all >= 2 && equal_columns<Scalar>(e.batch.t, first);
  SampleBatch<Scalar> batch;
  for (Index start = 0; equal && e.samples() < all && start < compared; start += 1000) {
    batch.indices.clear();
    for (Index i = start; i < (std::min)(start + 1000, compared); ++i) {
      batch.indices.push_back(i * all / compared);
    }
    batch.fill("diagnose: source", e.source, 0, e.network);
    equal = equal_columns<Scalar>(batch.t, first);
  }
  if (!equal) {
    return {};
  }
  const std::string which = message(compared < all ? "all of " : "all ", compared,
                                    compared < all ? " examined samples" : " samples", " have the same ");
  return e.have_classes ? message(which, "class, ", e.first_label + e.batch.labels.front(),
                                  ": a classifier needs samples of every class. The label may come from the "
                                  "wrong column of the file")
                        : which + "targets: there is nothing to learn";
}

/// All inputs are equal, although the targets differ.
template <typename Scalar>
std::string equal_inputs(const Examination<Scalar>& e) {
  const bool equal = equal_columns<Scalar>(e.batch.x, e.batch.x.col(0));
  if (!equal || equal_columns<Scalar>(e.batch.t, e.batch.t.col(0))) {
    return {};
  }
  return message("the inputs are the same in all ", e.samples(),
                 " examined samples, but the targets differ. The inputs may come from the wrong columns");
}

/// No input exceeds a tenth of the range 0.01 .. 1 of pixels. Inputs that are equal are another finding.
template <typename Scalar>
std::string dark_inputs(const Examination<Scalar>& e) {
  const Scalar largest = e.batch.x.maxCoeff();
  if (e.batch.x.minCoeff() < 0 || largest > Scalar(0.109) ||
      equal_columns<Scalar>(e.batch.x, e.batch.x.col(0))) {
    return {};
  }
  return message("no input exceeds ", largest,
                 ", about a tenth of the usual range 0.01 .. 1. If the largest possible pixel of the file "
                 "is less than 255, set pixel_max to it (16 for the digits of UCI; mnist_train: "
                 "--pixel-max 16); scale other inputs to 0 .. 1");
}

/// Neighbors have the same class more often than in a random order, by more than four standard deviations,
/// and the network has learned nothing or predicts the last class too often.
template <typename Scalar>
std::string sorted_by_class(const Examination<Scalar>& e) {
  const auto& labels = e.batch.labels;
  double pairs = 0, alike = 0, chance = 0;
  for (std::size_t i = 1; i < labels.size(); ++i) {
    if (e.batch.indices[i] == e.batch.indices[i - 1] + 1) {
      ++pairs;
      alike += labels[i] == labels[i - 1] ? 1 : 0;
    }
  }
  for (Index label = 0; label < classes_of(e.network.outputs()); ++label) {
    chance += std::pow(
        static_cast<double>(std::count(labels.begin(), labels.end(), label)) / e.comparison.samples, 2);
  }
  const double random = pairs * chance, deviation = std::sqrt(random * (1 - chance));
  const auto last = std::count(labels.begin(), labels.end(), labels.back());
  const auto favored = std::count(e.predicted.begin(), e.predicted.end(), labels.back());
  const bool symptom =
      e.nothing_learned() || static_cast<double>(favored) > 1.5 * static_cast<double>(last) + 2;
  if (!e.have_classes || !symptom || alike < random + 4 * deviation || pairs - alike > (pairs - random) / 2) {
    return {};
  }
  return message("the samples are sorted by class: ", alike, " of ", pairs,
                 " neighbors have the same class, and ", favored, " of ", e.samples(),
                 " predictions are the last class, ", e.first_label + labels.back(), ", which ", last,
                 " samples have. NeuralNetwork::train takes samples in their order: shuffle them "
                 "(mnist_train: --shuffle), or use a Trainer");
}

/// The predictions are no better than the mean of the targets, or than the most frequent class.
template <typename Scalar>
std::string nothing_learned(const Examination<Scalar>& e) {
  const Comparison& c = e.comparison;
  const std::string loss(name(e.compared_loss()));
  const std::string errors = message("the mean ", loss, " is ", c.error, ", and ", c.constant_error,
                                     " if the mean of the targets is predicted for all samples");
  if (!e.have_classes) {
    return message("nothing was learned from ", e.samples(), " examined samples: the predictions are ",
                   c.error > 1.01 * c.constant_error ? "worse" : "no better", " than a constant; ", errors);
  }
  return message("nothing was learned: ", c.correct, " of ", e.samples(),
                 " predictions are correct, and the most frequent class alone has ", c.most_frequent,
                 " samples; ", errors);
}

/// An input is above 10.
template <typename Scalar>
std::string unscaled_inputs(const Examination<Scalar>& e) {
  Index row = 0, column = 0;
  const Scalar largest = e.batch.x.cwiseAbs().maxCoeff(&row, &column);
  if (!(largest > 10)) {
    return {};
  }
  return message("the inputs are not scaled: the largest is ", e.batch.x(row, column), ", in row ", row,
                 " of x. Scale each row to about -1 .. 1, or to mean 0 and standard deviation 1; pixels to "
                 "0.01 .. 1");
}

/// A target is above 10.
template <typename Scalar>
std::string unscaled_targets(const Examination<Scalar>& e) {
  Index row = 0, column = 0;
  const Scalar largest = e.batch.t.cwiseAbs().maxCoeff(&row, &column);
  if (!(largest > 10)) {
    return {};
  }
  return message("the targets are not scaled: the largest is ", e.batch.t(row, column), ", in row ", row,
                 " of t. Subtract the mean of each row, and divide by its standard deviation");
}

/// More than 95 % of the outputs of a layer are where the derivative of the activation is nearly 0. The
/// output layer is exempt if its loss is fused, because its gradient then has no factor f'(z).
template <typename Scalar>
std::string flat_layer(const Examination<Scalar>& e, const LayerStates& states) {
  const auto found = std::find_if(states.flat.begin(), states.flat.end(), [](double s) { return s > 0.95; });
  const Index layer = found - states.flat.begin();
  if (layer == e.network.layers() ||
      (layer == e.network.layers() - 1 && is_fused(e.network.options().loss))) {
    return {};
  }
  return message("layer ", layer, " passes no gradient: ", std::floor(100 * *found),
                 " % of its outputs are where ", std::string(name(e.network.activation(layer))),
                 " is flat. Scale the inputs, reduce the learning rate, or use another initializer; "
                 "leaky_relu, instead of relu, is never flat");
}

/// The gradients with respect to the pre-activations of the first layer are below 1/200 of those of the last
/// layer. In a network of fewer than 5 layers, a flat layer is reported alone.
template <typename Scalar>
std::string vanishing_gradients(const Examination<Scalar>& e, const LayerStates& states) {
  const double ratio = states.gradients.front() / states.gradients.back();
  const Index layers = e.network.layers();
  if (layers < 3 || !(ratio < 0.005) || (layers < 5 && !flat_layer(e, states).empty())) {
    return {};
  }
  return message("the gradients vanish: in the first of ", layers, " layers they are ", ratio,
                 " times those in the last. Use fewer layers, or relu with the initializer he, or tanh with "
                 "glorot, and ErrorPropagation::gradient; batch_normalization of a Trainer also helps");
}

/// All findings, one in each line; "nothing was learned" comes first, then its causes.
/// @param in_order  whether the training takes the samples in the order of the source
template <typename Scalar>
std::string findings(const Examination<Scalar>& e, bool in_order) {
  std::vector<std::string> lines{equal_targets(e), equal_inputs(e), dark_inputs(e)};
  if (in_order) {
    lines.push_back(sorted_by_class(e));
  }
  if (e.nothing_learned()) {
    const LayerStates states = layer_states(e);
    const std::string more[] = {unscaled_inputs(e), unscaled_targets(e), flat_layer(e, states),
                                vanishing_gradients(e, states)};
    lines.insert(lines.end(), std::begin(more), std::end(more));
  }
  std::string causes;
  for (const std::string& line : lines) {
    causes += line.empty() ? "" : '\n' + line + '.';
  }
  if (!e.nothing_learned() || !(e.diverged() || e.has_enough_samples())) {
    return causes.empty() ? causes : causes.substr(1);
  }
  return nothing_learned(e) + '.' +
         (!causes.empty()
              ? causes
              : "\nIs the learning rate too small or too large, or are the epochs too few? Are the "
                "inputs scaled, to 0.01 .. 1 for pixels? Do the labels belong to the samples?");
}

}  // namespace backquery::detail
