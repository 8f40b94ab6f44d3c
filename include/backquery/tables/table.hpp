/// @file
/// Tables with named columns, as inputs and targets of a network.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/check.hpp>
#include <backquery/detail/random.hpp>

#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace backquery {

/// The names of one or several columns of a table: `"age"`, `{"rooms", "age"}` or a std::vector of strings.
class ColumnNames {
 public:
  /// One column.
  ColumnNames(const char* name) : names_{name} {}
  /// One column.
  ColumnNames(const std::string& name) : names_{name} {}
  /// One column.
  ColumnNames(std::string_view name) : names_{std::string(name)} {}
  /// Columns as a list in braces.
  ColumnNames(std::initializer_list<std::string_view> names) : names_(names.begin(), names.end()) {}
  /// Any number of columns.
  ColumnNames(std::vector<std::string> names) : names_(std::move(names)) {}

  /// In the order of the call.
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

namespace detail {

/// The name of a column, and the categories of a column of text. A category is the text of its index.
struct TableColumn {
  std::string name;
  bool is_text = false;
  std::vector<std::string> categories;
};

}  // namespace detail

/// A table of samples with named columns of numbers or text, which read_table returns.
///
/// In files, one line is one sample. In the matrices of this class, one column is one sample, as everywhere
/// in the library.
///
/// | call                              | result                | values                                   |
/// |-----------------------------------|-----------------------|------------------------------------------|
/// | `inputs({"rooms", "age"})`        | names x samples       | numbers, a row for each name             |
/// | `targets("price")`                | names x samples       | numbers, a row for each name             |
/// | `one_hot("species")`              | categories x samples  | 1 in the row of the category, 0 elsewhere|
/// | `labels("species")`               | samples               | the class: the index of the category     |
/// | `categories("species")`           | categories            | the text of each class                   |
///
/// ```cpp
/// #include <backquery/tables/read_table.hpp>
/// const backquery::Table<float> table = backquery::read_table<float>("houses.csv");
/// const auto [to_train, to_test] = backquery::split(table, 0.8, 1);
/// const Eigen::MatrixXf inputs = to_train.inputs({"rooms", "age"});
/// const Eigen::MatrixXf prices = to_train.targets("price");
/// ```
///
/// Columns of text become inputs by one_hot: `X << table.inputs({"rooms"}), table.one_hot("district");`.
///
/// @tparam Scalar_  float, double or long double
template <typename Scalar_ = double>
class Table {
  static_assert(std::is_floating_point_v<Scalar_>,
                "backquery: Table<Scalar> needs float, double or long double");

 public:
  using Scalar = Scalar_;                  ///< the type of all numbers
  using Matrix = detail::MatrixX<Scalar>;  ///< a column-major matrix

  /// An empty table.
  Table() = default;

  /// For read_table. A column of text has the indices of its categories as values.
  Table(std::vector<detail::TableColumn> columns, Matrix values)
      : columns_(std::move(columns)), values_(std::move(values)) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      rows_.emplace(columns_[i].name, static_cast<Index>(i));
    }
  }

  /// The number of samples.
  Index samples() const { return values_.cols(); }

  /// The names of all columns, in the order of the file.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& column : columns_) names.push_back(column.name);
    return names;
  }

  /// Whether the column has text.
  /// @throws std::invalid_argument if there is no such column
  bool is_text(const std::string& name) const { return column(row("is_text", name)).is_text; }

  /// Columns of numbers as inputs of a network.
  /// @throws std::invalid_argument if there is no such column, or if it has text
  Matrix inputs(const ColumnNames& names) const { return numbers("inputs", names.names()); }

  /// Columns of numbers as targets of a network.
  /// @throws std::invalid_argument if there is no such column, or if it has text
  Matrix targets(const ColumnNames& names) const { return numbers("targets", names.names()); }

  /// The different texts of a column. read_table sorts them: numbers by their values, then texts by their
  /// bytes.
  /// @throws std::invalid_argument if there is no such column, or if it has numbers
  const std::vector<std::string>& categories(const std::string& name) const {
    return column(text_row("categories", name)).categories;
  }

  /// The class of each sample: the index of its text in categories(name).
  /// @throws std::invalid_argument if there is no such column, or if it has numbers
  std::vector<int> labels(const std::string& name) const {
    const Index row = text_row("labels", name);
    std::vector<int> labels(static_cast<std::size_t>(samples()));
    for (std::size_t sample = 0; sample < labels.size(); ++sample) {
      labels[sample] = static_cast<int>(values_(row, static_cast<Index>(sample)));
    }
    return labels;
  }

  /// The classes as inputs, or as targets of a network: categories x samples, `on` in the row of the class,
  /// `off` elsewhere.
  /// @param off, on  finite. The defaults suit inputs and softmax; for sigmoids use 0.01 and 0.99
  /// @throws std::invalid_argument if there is no such column, if it has numbers, or if off or on is not
  /// finite
  Matrix one_hot(const std::string& name, Scalar off = Scalar(0), Scalar on = Scalar(1)) const {
    const Index row = text_row("one_hot", name);
    detail::check_finite("Table::one_hot", "off", off);
    detail::check_finite("Table::one_hot", "on", on);
    Matrix result = Matrix::Constant(static_cast<Index>(column(row).categories.size()), samples(), off);
    for (Index sample = 0; sample < samples(); ++sample) {
      result(static_cast<Index>(values_(row, sample)), sample) = on;
    }
    return result;
  }

  /// The samples with these indices, in this order.
  /// @throws std::invalid_argument if an index is not 0 to samples() - 1
  Table subset(const std::vector<Index>& indices) const {
    Matrix values(values_.rows(), static_cast<Index>(indices.size()));
    for (std::size_t i = 0; i < indices.size(); ++i) {
      if (indices[i] < 0 || indices[i] >= samples()) {
        detail::throw_invalid_argument("Table::subset: index ", i, " is ", indices[i], ", expected 0 to ",
                                       samples() - 1);
      }
      values.col(static_cast<Index>(i)) = values_.col(indices[i]);
    }
    return {columns_, std::move(values)};
  }

 private:
  const detail::TableColumn& column(Index row) const { return columns_[static_cast<std::size_t>(row)]; }

  Index row(const char* function, const std::string& name) const {
    const auto found = rows_.find(name);
    if (found == rows_.end()) {
      constexpr std::size_t most = 20;
      std::string list;
      for (std::size_t i = 0; i < columns_.size() && i < most; ++i) {
        list.append(i == 0 ? "\"" : ", \"").append(columns_[i].name).append("\"");
      }
      detail::throw_invalid_argument("Table::", function, ": there is no column \"", name, "\", expected ",
                                     columns_.empty() ? "none, because the table is empty" : list,
                                     columns_.size() > most ? " ..." : "");
    }
    return found->second;
  }

  Index text_row(const char* function, const std::string& name) const {
    const Index found = row(function, name);
    if (!column(found).is_text) {
      detail::throw_invalid_argument("Table::", function, ": column \"", name,
                                     "\" has numbers, expected text; name it in TableOptions::categories to "
                                     "read its numbers as text");
    }
    return found;
  }

  Matrix numbers(const char* function, const std::vector<std::string>& names) const {
    if (names.empty()) {
      detail::throw_invalid_argument("Table::", function, ": names is empty, expected at least one name");
    }
    std::vector<Index> rows;
    for (const std::string& name : names) {
      rows.push_back(row(function, name));
      if (column(rows.back()).is_text) {
        const auto& texts = column(rows.back()).categories;
        detail::throw_invalid_argument(
            "Table::", function, ": column \"", name, "\" has text",
            texts.empty() ? "" : detail::message(", such as \"", texts.front(), "\""),
            ", expected numbers; use one_hot or labels, or TableOptions for decimal commas");
      }
    }
    Matrix result(static_cast<Index>(rows.size()), samples());
    for (Index sample = 0; sample < samples(); ++sample) {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        result(static_cast<Index>(i), sample) = values_(rows[i], sample);
      }
    }
    return result;
  }

  std::vector<detail::TableColumn> columns_;
  std::unordered_map<std::string, Index> rows_;
  Matrix values_;  // columns of the table x samples
};

/// Divides the samples of a table at random into two parts, for example for training and test. The same seed
/// gives the same parts on every platform.
///
/// ```cpp
/// #include <backquery/tables/read_table.hpp>
/// const auto [to_train, to_test] = backquery::split(backquery::read_table<float>("houses.csv"), 0.8, 1);
/// ```
///
/// @param share  the share of the first part, above 0 and below 1; the number of samples is rounded
/// @param seed   of the random order. Both parts are in random order
/// @throws std::invalid_argument if share is out of range, or if a part would be empty
template <typename Scalar>
std::pair<Table<Scalar>, Table<Scalar>> split(const Table<Scalar>& table, double share, std::uint64_t seed) {
  if (!detail::is_finite(share) || !(share > 0 && share < 1)) {
    detail::throw_invalid_argument("split: share is ", share, ", expected above 0 and below 1");
  }
  const Index samples = table.samples();
  const auto first = static_cast<Index>(std::floor(share * static_cast<double>(samples) + 0.5));
  if (first < 1 || first >= samples) {
    detail::throw_invalid_argument("split: share ", share, " of ", samples, " samples gives parts of ", first,
                                   " and ", samples - first, ", expected at least 1 in each");
  }
  const std::vector<Index> order = detail::shuffled(samples, detail::RandomEngine(seed));
  const auto middle = order.begin() + first;
  return {table.subset({order.begin(), middle}), table.subset({middle, order.end()})};
}

}  // namespace backquery
