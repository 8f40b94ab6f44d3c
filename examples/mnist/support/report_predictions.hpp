/// @file
/// The predictions for the test images in a training report: confusion matrix, and the most confident
/// mistakes.
#pragma once

#include <algorithm>
#include <backquery/backquery.hpp>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "digits.hpp"
#include "html.hpp"
#include "report_pictures.hpp"
#include "terminal.hpp"

namespace mnist {

/// The predictions for labeled images.
struct ReportPredictions {
  const backquery::LabeledImages& images;
  Matrix outputs;
  Eigen::VectorXi predicted;
  int first_label;

  std::string label(Index of_class) const { return std::to_string(first_label + of_class); }

  /// A network with one output has two classes.
  double output(Index of_class, Index image) const {
    const auto value = static_cast<double>(outputs(outputs.rows() == 1 ? 0 : of_class, image));
    return outputs.rows() == 1 && of_class == 0 ? 1 - value : value;
  }
};

/// The class of a cell: the larger the share, 0 to 1, the more color. Roots make small shares visible.
inline std::string cell_start(const char* color, double share) {
  const auto level = static_cast<int>(std::ceil(10 * std::sqrt(share)));
  return "td class=\"" + std::string(color) + std::to_string(std::clamp(level, 1, 10)) + '"';
}

/// A share; an empty cell if `all` is 0.
inline std::string share_cell(int part, int all, int decimals) {
  char text[16];
  std::snprintf(text, sizeof text, "%.*f", decimals, static_cast<double>(part) / std::max(all, 1));
  return element("td class=\"share\"", all > 0 ? text : "");
}

inline std::string confusion_row(const Eigen::MatrixXi& confusion, Index row, double largest_mistake) {
  const int all = confusion.row(row).sum();
  std::string cells;
  for (Index col = 0; col < confusion.cols(); ++col) {
    const int count = confusion(row, col);
    const double share = count / std::max(static_cast<double>(all), 1.);
    const std::string start = count == 0   ? "td class=\"zero\""
                              : row == col ? cell_start("right", share)
                                           : cell_start("wrong", share / largest_mistake);
    cells += text_element(start, std::to_string(count));
  }
  return cells + share_cell(confusion(row, row), all, 4);
}

/// Rows: labels; columns: predictions.
inline std::string confusion_table(const ReportPredictions& predictions) {
  const Eigen::MatrixXi confusion =
      backquery::confusion_matrix(predictions.outputs, predictions.images.labels);
  double largest_mistake = 1e-9;
  for (Index row = 0; row < confusion.rows(); ++row) {
    for (Index col = 0; col < confusion.cols(); ++col) {
      const double share = confusion(row, col) / std::max(static_cast<double>(confusion.row(row).sum()), 1.);
      largest_mistake = row == col ? largest_mistake : std::max(largest_mistake, share);
    }
  }
  std::string head = text_element("th scope=\"col\"", "label"), body, precisions;
  for (Index i = 0; i < confusion.rows(); ++i) {
    const std::string label = predictions.label(i);
    head += text_element("th scope=\"col\"", label);
    body += element("tr",
                    text_element("th scope=\"row\"", label) + confusion_row(confusion, i, largest_mistake)) +
            '\n';
    precisions += share_cell(confusion(i, i), confusion.col(i).sum(), 2);
  }
  head += text_element("th scope=\"col\"", "correct");
  const std::string explanation =
      "Each row has the test images of one label, each column the images with one prediction. Blue cells are "
      "correct predictions, orange cells are mistakes; a stronger color is a larger share of the row. The "
      "last column has the recall of each label: the share of its images that were predicted correctly. The "
      "last row has the precision of each prediction: the share that was correct.";
  const std::string start =
      confusion.rows() > 12 ? "table class=\"confusion many\"" : "table class=\"confusion\"";
  return text_element("p class=\"note\"", explanation) +
         element(
             "div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Confusion matrix\"",
             element(start, text_element("caption", "Rows: labels. Columns: predictions.") +
                                element("thead", element("tr", head)) + '\n' + element("tbody", body) + '\n' +
                                element("tfoot", element("tr", text_element("th scope=\"row\"", "correct") +
                                                                   precisions + "<td></td>")))) +
         '\n';
}

/// The mistakes, the largest output of a wrong prediction first.
inline std::vector<Index> mistakes(const ReportPredictions& predictions) {
  std::vector<Index> wrong;
  for (Index image = 0; image < predictions.predicted.size(); ++image) {
    const int predicted = predictions.predicted(image);
    if (predicted >= 0 && predicted != predictions.images.labels(image)) {  // -1: an output is NaN
      wrong.push_back(image);
    }
  }
  std::stable_sort(wrong.begin(), wrong.end(), [&](Index a, Index b) {
    return predictions.output(predictions.predicted(a), a) > predictions.output(predictions.predicted(b), b);
  });
  return wrong;
}

/// One image with its label, the prediction, and both outputs.
inline std::string mistake_item(const ReportPredictions& predictions, Index image) {
  const auto& images = predictions.images;
  const Index predicted = predictions.predicted(image), label = images.labels(image);
  const std::string number = std::to_string(image + 1);
  const Eigen::VectorXf ink = images.pixels.col(image).cast<float>() / static_cast<float>(images.pixel_max);
  const auto line = [&](const char* role, Index of_class) {
    char output[16];
    std::snprintf(output, sizeof output, "%.2f", predictions.output(of_class, image));
    return element("div", element("span", role + element("strong", predictions.label(of_class))) + ' ' +
                              element("span", output));
  };
  const std::string caption = line("predicted ", predicted) + line("label ", label);
  return element("li", element("figure",
                               ink_picture(ink, {images.rows, images.cols},
                                           "Test image " + number + ", label " + predictions.label(label)) +
                                   element("figcaption", caption))) +
         '\n';
}

/// The section about the mistakes, without its heading.
inline std::string most_confident_mistakes(const ReportPredictions& predictions) {
  constexpr std::size_t most = 24;
  const std::vector<Index> wrong = mistakes(predictions);
  if (wrong.empty()) {
    return text_element("p", "All test images were predicted correctly.");
  }
  std::string items;
  for (std::size_t i = 0; i < std::min(most, wrong.size()); ++i) {
    items += mistake_item(predictions, wrong[i]);
  }
  const std::string all =
      wrong.size() > most
          ? "The " + std::to_string(most) + " of " + grouped(static_cast<long long>(wrong.size())) +
                " mistakes with the largest output for a wrong label, and the outputs for both labels."
          : "All mistakes, the largest output for a wrong label first, and the outputs for both labels.";
  const bool short_labels = predictions.first_label + predictions.images.classes <= 10;
  const std::string start = short_labels ? "ul class=\"pictures\"" : "ul class=\"pictures many\"";
  return text_element("p class=\"note\"", all) + element(start, items) + '\n';
}

}  // namespace mnist
