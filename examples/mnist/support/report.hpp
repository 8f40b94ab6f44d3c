/// @file
/// The training report: one HTML file about a network, its training and its predictions for test images. It
/// needs no other file, no network access and no script.
///
///     History history;  // an EpochRecord for each epoch, such as FitResult::history
///     mnist::write_report("report.html", history, network, test);
#pragma once

#include <backquery/backquery.hpp>
#include <backquery/build_info.hpp>
#include <backquery/training/query_images.hpp>
#include <string>
#include <utility>
#include <vector>

#include "digits.hpp"
#include "html.hpp"
#include "network_text.hpp"
#include "output_file.hpp"
#include "report_curves.hpp"
#include "report_pictures.hpp"
#include "report_predictions.hpp"
#include "report_style.hpp"
#include "terminal.hpp"

namespace mnist {

/// The texts of a report, apart from the results.
struct ReportFacts {
  std::string subject;                                        ///< a line below the title
  int first_label = 0;                                        ///< the label of the first class
  std::vector<std::pair<std::string, std::string>> settings;  ///< name and value
  std::string command;             ///< the shell command that reproduces the results; may be empty
  std::vector<std::string> notes;  ///< sentences about the command
  /// How loss and accuracy of EpochRecord were computed; the default is for the history of a Trainer.
  std::string training_curve = "Training images are evaluated during the training steps, with augmentation.";
};

namespace detail {

inline std::string loss_text(const Network& network) {
  const backquery::NetworkOptions& options = network.options();
  std::string text = "The loss is the mean of " + std::string(name(options.loss)) + " over the images";
  text += options.loss == backquery::Loss::squared_error ? ": half the sum of (target - output)^2. " : ". ";
  if (network.layers() > 1 && options.error_propagation == backquery::ErrorPropagation::split_by_weights) {
    text +=
        "The network was trained by the book's rule, split_by_weights, which follows the gradient of this "
        "loss in the last layer only. The rule minimizes no single loss. ";
  }
  return text;
}

/// HTML of a command whose lines break only at spaces, not at the hyphens of an option.
inline std::string breakable(const std::string& command) {
  std::string html = "<span>";
  for (const char letter : escaped(command)) {
    html += letter == ' ' ? std::string("</span> <span>") : std::string(1, letter);
  }
  return html + "</span>";
}

inline std::string key_figure(const std::string& name, const std::string& value, const std::string& note) {
  return element("div", text_element("dt", name) + text_element("dd", value) + text_element("dd", note)) +
         '\n';
}

inline std::string section(const std::string& title, const std::string& content) {
  return element("section", text_element("h2", title) + '\n' + content) + '\n';
}

inline std::string settings_table(const Network& network, const ReportFacts& facts) {
  const backquery::NetworkOptions& options = network.options();
  std::vector<std::pair<std::string, std::string>> rows = {
      {"Network", sizes_text(network)},
      {"Activations", activations_text(network)},
      {"Biases", options.biases ? "yes" : "no"},
      {"Loss", std::string(name(options.loss))},
      {"Error propagation", std::string(name(options.error_propagation))}};
  rows.insert(rows.end(), facts.settings.begin(), facts.settings.end());
  rows.emplace_back("Build", backquery::build_info<Network::Scalar>().text());
  std::string body;
  for (const auto& [name, value] : rows) {
    body += element("tr", text_element("th scope=\"row\"", name) + text_element("td", value)) + '\n';
  }
  return element("table class=\"settings\"",
                 text_element("caption", "Values that determine the results") + element("tbody", body)) +
         '\n';
}

/// The numbers at the top, at most four.
inline std::string key_figures(const History& history, const Network& network,
                               const ReportPredictions& test) {
  std::string figures;
  const auto images = static_cast<long long>(test.images.pixels.cols());
  if (test.images.labels.size() > 0) {
    const auto correct = (test.predicted.array() == test.images.labels.cast<int>().array()).count();
    figures += key_figure("Accuracy", four_digits(backquery::accuracy(test.outputs, test.images.labels)),
                          grouped(correct) + " of " + grouped(images) + " test images");
  } else {
    figures += key_figure("Test images", grouped(images), "without labels");
  }
  if (!history.empty()) {
    double seconds = 0;
    for (const auto& record : history) {
      seconds += record.seconds;
    }
    if (history.back().validation_loss) {
      figures += key_figure("Loss", short_number(*history.back().validation_loss), "of the test images");
    }
    figures += key_figure("Epochs", grouped(history.back().epoch),
                          "in " + (seconds < 60 ? short_seconds(seconds) : clock(seconds)));
  }
  Index parameters = 0;
  for (Index layer = 0; layer < network.layers(); ++layer) {
    parameters += network.weights(layer).size() + network.biases(layer).size();
  }
  return element("dl class=\"key-figures\"",
                 figures + key_figure("Network", sizes_text(network), grouped(parameters) + " parameters")) +
         '\n';
}

inline std::string report_body(const History& history, const Network& network, const ReportPredictions& test,
                               const ReportFacts& facts) {
  const ImageSize size{test.images.rows, test.images.cols};
  const bool has_labels = test.images.labels.size() > 0;
  std::string body = section(
      "Learning curves",
      history.empty()
          ? text_element("p", "No epoch was trained in this run.")
          : curves(history) + text_element("p class=\"note\"", loss_text(network) + facts.training_curve));
  if (has_labels) {
    body += section("Confusion matrix", confusion_table(test));
    body += section("Most confident mistakes", most_confident_mistakes(test));
  } else {
    body += section("Predictions", text_element("p",
                                                "The test images have no labels, so there is no accuracy, no "
                                                "confusion matrix and no list of mistakes."));
  }
  const bool has_hidden = network.layer_sizes().size() > 2;
  body += section(has_hidden ? "Weights of the hidden nodes" : "Weights of the output nodes",
                  unit_pictures(network, size));
  body += section("Portraits", portrait_pictures(network, size, facts.first_label));
  std::string reproduction = settings_table(network, facts);
  if (!facts.command.empty()) {
    reproduction += text_element("h3", "Command") + element("pre", element("code", breakable(facts.command)));
  }
  for (const std::string& note : facts.notes) {
    reproduction += text_element("p class=\"note\"", note);
  }
  return body + section("Settings", reproduction);
}

}  // namespace detail

/// Writes the report. After a failure, an older file of the same name is unchanged.
/// @param path     in UTF-8
/// @param history  an EpochRecord for each epoch, in order; may be empty. Validation values are those of the
///                 test images
/// @param test     images of the network's size. Without labels, the report has no accuracy
/// @throws std::invalid_argument if the images do not fit the network
/// @throws std::runtime_error that names the path
inline void write_report(const std::string& path, const History& history, const Network& network,
                         const backquery::LabeledImages& test, const ReportFacts& facts = {}) {
  Matrix outputs = backquery::query_images(network, test);
  Eigen::VectorXi predicted = backquery::predicted_classes(outputs);
  const ReportPredictions predictions{test, std::move(outputs), std::move(predicted), facts.first_label};
  const std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      // Nothing is loaded and no script runs, whatever the texts contain.
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'\">\n"
      "<title>Training report</title>\n<link rel=\"icon\" href=\"data:,\">\n" +
      element("style", report_style()) + "\n</head>\n<body>\n" +
      element("header", text_element("h1", "Training report") + '\n' +
                            (facts.subject.empty() ? "" : text_element("p", facts.subject) + '\n') +
                            detail::key_figures(history, network, predictions)) +
      '\n' + element("main", '\n' + detail::report_body(history, network, predictions, facts)) +
      "\n</body>\n</html>\n";
  OutputFile file(path);
  file.write(html.data(), html.size());
  file.commit();
}

}  // namespace mnist
