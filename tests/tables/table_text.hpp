/// @file
/// Reads texts as tables.
#pragma once

#include "catch.hpp"
#include "temporary_folder.hpp"

#include <backquery/tables/read_table.hpp>

#include <stdexcept>
#include <string>
#include <vector>

template <typename Scalar = double>
backquery::Table<Scalar> table_of(const std::string& text, const backquery::TableOptions& options = {}) {
  TemporaryFolder folder;
  return backquery::read_table<Scalar>(folder.write("table.csv", text), options);
}

/// The error message for the text, without the path and the colon behind it.
inline std::string table_error(const std::string& text, const backquery::TableOptions& options = {}) {
  TemporaryFolder folder;
  const std::string path = folder.write("table.csv", text);
  try {
    static_cast<void>(backquery::read_table<double>(path, options));
  } catch (const std::runtime_error& error) {
    const std::string what = error.what();
    REQUIRE(what.rfind(path, 0) == 0);
    return what.substr(path.size() + 1);
  }
  return "nothing";
}

using Names = std::vector<std::string>;

/// The values of a column of numbers.
inline std::vector<double> numbers_of(const backquery::Table<double>& table, const std::string& name) {
  const Eigen::MatrixXd row = table.inputs(name);
  return {row.data(), row.data() + row.size()};
}

/// The texts of a column.
inline Names texts_of(const backquery::Table<double>& table, const std::string& name) {
  Names texts;
  for (const int label : table.labels(name)) {
    texts.push_back(table.categories(name)[static_cast<std::size_t>(label)]);
  }
  return texts;
}
