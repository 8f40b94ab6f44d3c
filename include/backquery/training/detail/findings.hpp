/// @file
/// The findings of diagnose.
#pragma once

#include <backquery/training/detail/examination.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace backquery::detail {

template <typename Scalar>
bool equal_columns(const MatrixX<Scalar>& m, const VectorX<Scalar>& column) {
  return ((m.colwise() - column).array() == 0).all();
}

/// The findings of an examination. A function returns an empty text if it finds nothing.
template <typename Scalar>
struct Findings {
  const Examination<Scalar>& e;
  const MatrixX<Scalar>& x = e.batch.x;
  const MatrixX<Scalar>& t = e.batch.t;

  /// All findings, one in each line: faults of the samples, then of the network, then "nothing was learned".
  /// @param in_order  whether the training takes the samples in the order of the source
  [[nodiscard]] std::string text(bool in_order) const {
    std::string lines;
    const auto add = [&lines](const std::string& line) {
      if (!line.empty()) lines += (lines.empty() ? "" : "\n") + line + '.';
    };
    add(equal_targets());
    add(equal_inputs());
    if (in_order) add(sorted());
    add(dark_inputs());
    const bool little_learned = e.little_learned();
    if (little_learned) {
      add(not_scaled("inputs", "x", x,
                     "Scale each row to about -1 .. 1, or to mean 0 and standard deviation 1; pixels to "
                     "0.01 .. 1"));
      add(not_scaled("targets", "t", t,
                     "Subtract the mean of each row, and divide by its standard deviation"));
    } else if (!e.have_classes) {
      add(small_targets());
    }
    if (little_learned && lines.empty()) {  // otherwise the state of the layers may follow from the samples
      const LayerStates states = layer_states(e);
      add(flat_layer(states));
      add(vanishing_gradients(states));
      add(imbalanced());
    }
    if (e.nothing_learned() && (e.diverged() || e.has_enough_samples())) {
      const bool has_cause = !lines.empty();
      add(nothing_learned());
      if (!has_cause) {
        lines +=
            "\nIs the learning rate too small or too large, or are the epochs too few? Are the inputs "
            "scaled, to 0.01 .. 1 for pixels? Do the labels belong to the samples?";
      }
    }
    return lines;
  }

 private:
  /// All targets are equal. If they are equal in the examination, up to 10,000 samples are compared.
  [[nodiscard]] std::string equal_targets() const {
    const Index all = e.source.samples, compared = std::min<Index>(all, 10000);
    bool equal = all >= 2 && equal_columns<Scalar>(t, t.col(0));
    SampleBatch<Scalar> batch;
    for (Index start = 0; equal && e.samples() < all && start < compared; start += 1000) {
      batch.indices.clear();
      for (Index i = start; i < (std::min)(start + 1000, compared); ++i) {
        batch.indices.push_back(i * all / compared);
      }
      batch.fill("diagnose: source", e.source, 0, e.network);
      equal = equal_columns<Scalar>(batch.t, t.col(0));
    }
    if (!equal) {
      return {};
    }
    const std::string which =
        message("all ", compared, compared < all ? " examined samples" : " samples", " have the same ");
    return e.have_classes ? message(which, "class, ", e.first_label + e.batch.labels.front(),
                                    ": a classifier needs samples of every class. The label may come from "
                                    "the wrong column of the file")
                          : which + "targets: there is nothing to learn";
  }

  /// All inputs are equal, although the targets differ.
  [[nodiscard]] std::string equal_inputs() const {
    if (!equal_columns<Scalar>(x, x.col(0)) || equal_columns<Scalar>(t, t.col(0))) {
      return {};
    }
    return message("the inputs are the same in all ", e.samples(),
                   " examined samples, but the targets differ. The inputs may come from the wrong columns");
  }

  /// No input exceeds a tenth of the range 0.01 .. 1 of pixels. Inputs that are equal are another finding.
  [[nodiscard]] std::string dark_inputs() const {
    const Scalar largest = x.maxCoeff();
    if (x.minCoeff() < 0 || largest > Scalar(0.109) || equal_columns<Scalar>(x, x.col(0))) {
      return {};
    }
    return message("no input exceeds ", largest,
                   ", about a tenth of the usual range 0.01 .. 1. If the largest possible pixel of the file "
                   "is less than 255, set pixel_max to it (16 for the digits of UCI; mnist_train: "
                   "--pixel-max 16); scale other inputs to 0 .. 1");
  }

  /// Neighbors are more alike than in a random order, and the network has learned nothing, or predicts the
  /// class of the last sample too often. The difference of two samples is 0 or 1 for classes, otherwise the
  /// square of the distance of their targets. The sum of the differences of neighbors is at most half of its
  /// mean in a random order, and at least four standard deviations below this mean. Two standard deviations
  /// are sufficient if the class of the last sample is predicted too often.
  [[nodiscard]] std::string sorted() const {
    const auto& labels = e.batch.labels;
    const Index samples = e.samples();
    double pairs = 0, neighbors = 0, sum = 0, squares = 0;
    for (Index i = 0; i < samples; ++i) {
      for (Index j = i + 1; j < samples; ++j) {
        const double difference = e.have_classes ? (labels.data()[i] != labels.data()[j] ? 1 : 0)
                                                 : static_cast<double>((t.col(i) - t.col(j)).squaredNorm());
        sum += difference;
        squares += difference * difference;
        if (e.batch.indices.data()[j] == e.batch.indices.data()[i] + 1) {
          ++pairs;
          neighbors += difference;
        }
      }
    }
    const double all = e.comparison.samples * (e.comparison.samples - 1) / 2, mean = sum / all,
                 random = pairs * mean, deviation = std::sqrt(pairs * (squares / all - mean * mean));
    const auto last = std::count(labels.begin(), labels.end(), labels.back());
    const auto favored = std::count(e.predicted.begin(), e.predicted.end(), labels.back());
    const bool favors_last =
        e.have_classes && static_cast<double>(favored) > 1.5 * static_cast<double>(last) + 2;
    // False for differences that overflow.
    const bool is_sorted = neighbors <= random / 2 && neighbors <= random - (favors_last ? 2 : 4) * deviation;
    if (!is_sorted || !(favors_last || e.nothing_learned())) {
      return {};
    }
    return (e.have_classes ? message("the samples are sorted by class: ", pairs - neighbors, " of ", pairs,
                                     " neighbors have the same class")
                           : message("the samples are sorted by target: the squared differences of neighbors "
                                     "are ",
                                     neighbors / random, " times those in a random order")) +
           (favors_last ? message(", and ", favored, " of ", samples,
                                  " predictions are the class of the last sample, ",
                                  e.first_label + labels.back(), ", which ", last, " samples have")
                        : "") +
           ". NeuralNetwork::train takes samples in their order: shuffle them (mnist_train: "
           "--shuffle), or use a Trainer";
  }

  /// The predictions are no better than the mean of the targets, or than the most frequent class.
  [[nodiscard]] std::string nothing_learned() const {
    const Comparison& c = e.comparison;
    const std::string errors =
        message("the mean ", std::string(name(e.compared_loss())), " is ", c.error, ", and ",
                c.constant_error, " if the mean of the targets is predicted for all samples");
    return e.have_classes
               ? message("nothing was learned: ", c.correct, " of ", e.samples(),
                         " predictions are correct, and the most frequent class alone has ", c.most_frequent,
                         " samples; ", errors)
               : message("nothing was learned from ", e.samples(), " examined samples: the predictions are ",
                         c.error > 1.01 * c.constant_error ? "worse" : "no better", " than a constant; ",
                         errors);
  }

  /// The magnitude of a value of m, which is x or t, is above 10, or the magnitudes of all are below 0.1.
  /// Small inputs without a negative value are excluded, because dark_inputs reports them.
  [[nodiscard]] std::string not_scaled(const char* what, const char* name, const MatrixX<Scalar>& m,
                                       const char* remedy) const {
    Index row = 0, column = 0;
    const Scalar largest = m.cwiseAbs().maxCoeff(&row, &column);
    if (largest <= 10 && (largest >= Scalar(0.1) || (&m == &x && x.minCoeff() >= 0))) {
      return {};
    }
    return message("the ", what, " are not scaled: the largest is ", m(row, column), ", in row ", row, " of ",
                   name, ". ", remedy);
  }

  /// The standard deviation of a row of t is below a tenth of the largest one, and the row is predicted no
  /// better than by its mean. Targets within -1 .. 1, such as pixels of an autoencoder, are on one scale.
  [[nodiscard]] std::string small_targets() const {
    if (t.cwiseAbs().maxCoeff() <= 1) {
      return {};
    }
    const VectorX<Scalar> squares = (t.colwise() - t.rowwise().mean()).rowwise().squaredNorm(),
                          errors = (t - e.outputs).rowwise().squaredNorm();
    Index large = 0;
    const Scalar largest = squares.maxCoeff(&large);
    for (Index row = 0; row < t.rows(); ++row) {
      const bool constant = squares(row) <= Scalar(1e-6) * t.row(row).squaredNorm();
      if (!constant && squares(row) < largest / 100 && errors(row) > Scalar(0.99) * squares(row)) {
        return message("row ", row, " of the targets is not learned: its standard deviation is ",
                       std::sqrt(squares(row) / largest), " times the standard deviation of row ", large,
                       ", so its errors hardly change the loss. Divide each row by its standard deviation");
      }
    }
    return {};
  }

  /// More than 0.8 of the samples have the same class, and nothing was learned.
  [[nodiscard]] std::string imbalanced() const {
    const Comparison& c = e.comparison;
    if (!e.have_classes || !e.nothing_learned() || c.most_frequent <= 0.8 * c.samples) {
      return {};
    }
    return message("the classes are imbalanced: one class has ", c.most_frequent, " of ", c.samples,
                   " samples. Train for more epochs or with a larger learning rate, or weigh the samples by "
                   "balanced_weights");
  }

  /// More than 95 % of the outputs of a layer are where the derivative of the activation is nearly 0. The
  /// output layer is exempt if its loss is fused, because its gradient then has no factor f'(z).
  [[nodiscard]] std::string flat_layer(const LayerStates& states) const {
    const auto found =
        std::find_if(states.flat.begin(), states.flat.end(), [](double s) { return s > 0.95; });
    const Index layer = found - states.flat.begin(), layers = e.network.layers();
    if (layer == layers || (layer == layers - 1 && is_fused(e.network.options().loss))) {
      return {};
    }
    return message(
        "layer ", layer, " passes no gradient: ", std::floor(100 * *found), " % of its outputs are where ",
        std::string(name(e.network.activation(layer))),
        " is flat. Reduce the learning rate, scale inputs to at most 1, or use another initializer; "
        "leaky_relu, instead of relu, is never flat");
  }

  /// In the first layer, the gradients with respect to the pre-activations are below 1/200 of the gradients
  /// in the last layer. In a network of fewer than 5 layers, a flat layer is reported alone.
  [[nodiscard]] std::string vanishing_gradients(const LayerStates& states) const {
    const double ratio = states.gradients.front() / states.gradients.back();
    const Index layers = e.network.layers();
    if (layers < 3 || !(ratio < 0.005) || (layers < 5 && !flat_layer(states).empty())) {
      return {};
    }
    return message("the gradients vanish: in the first of ", layers, " layers they are ", ratio,
                   " times those in the last. Use fewer layers, or relu with the initializer he, or tanh "
                   "with glorot, and ErrorPropagation::gradient; batch_normalization of a Trainer also "
                   "helps");
  }
};

}  // namespace backquery::detail
