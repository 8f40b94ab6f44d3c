/// @file
/// Tables that describe networks and matrices.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <ostream>
#include <string>
#include <vector>

#include "../../mnist/support/terminal.hpp"
#include "model_file.hpp"

namespace model {

/// Prints rows of equal length in aligned columns.
inline void print_table(std::ostream& out, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    }
    out << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  }
}

inline std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// "-0.5 to 0.25"; NaN is ignored.
template <typename Values>
std::string range(const Values& values) {
  if (values.size() == 0) {
    return "none";
  }
  return number(values.template minCoeff<Eigen::PropagateNumbers>()) + " to " +
         number(values.template maxCoeff<Eigen::PropagateNumbers>());
}

inline std::string bytes_of(const std::string& path) {
  return mnist::grouped(static_cast<long long>(std::filesystem::file_size(mnist::file_path(path)))) +
         " bytes";
}

inline void describe_network(std::ostream& out, const std::string& path, const Model& model) {
  const Network& network = model.network;
  const NetworkOptions& options = network.options();
  std::string sizes;
  Index parameters = 0;
  for (Index layer = 0; layer < network.layers(); ++layer) {
    parameters += network.weights(layer).size() + network.biases(layer).size();
  }
  for (const Index size : network.layer_sizes()) {
    sizes += (sizes.empty() ? "" : "-") + std::to_string(size);
  }
  std::vector<std::vector<std::string>> rows = {
      {"file", path + ", " + bytes_of(path)},
      {"format", model.format},
      {"values", model.is_float ? "float" : "double"},
      {"network", sizes + (options.biases ? ", biases" : ", no biases")},
      {"parameters", mnist::grouped(parameters)},
      {"loss", std::string(backquery::name(options.loss))},
      {"error propagation", std::string(backquery::name(options.error_propagation))},
      {"learning rate", number(network.learning_rate())}};
  for (const auto& [name, content] : model.sections) {
    rows.push_back(
        {"section", name + ", " + mnist::grouped(static_cast<long long>(content.size())) + " bytes"});
  }
  print_table(out, rows);

  rows = {{"layer", "inputs", "nodes", "activation", "weights", options.biases ? "biases" : ""}};
  for (Index layer = 0; layer < network.layers(); ++layer) {
    const auto w = network.weights(layer);
    rows.push_back({std::to_string(layer + 1), std::to_string(w.cols()), std::to_string(w.rows()),
                    std::string(backquery::name(network.activation(layer))), range(w),
                    options.biases ? range(network.biases(layer)) : ""});
  }
  out << '\n';
  print_table(out, rows);
}

inline void describe_matrix(std::ostream& out, const std::string& path) {
  backquery::detail::InputFile file(mnist::file_path(path));
  const auto header = backquery::detail::npy::read_header(file);
  const Eigen::MatrixXd matrix = backquery::read_npy(mnist::file_path(path));
  print_table(out, {{"file", path + ", " + bytes_of(path)},
                    {"format", std::string(".npy, ") + (*header.fortran_order ? "Fortran" : "C") + " order"},
                    {"values", *header.descr},
                    {"rows", std::to_string(matrix.rows())},
                    {"columns", std::to_string(matrix.cols())},
                    {"range", range(matrix)},
                    {"not finite", mnist::grouped(matrix.size() - matrix.array().isFinite().count())}});
}

}  // namespace model
