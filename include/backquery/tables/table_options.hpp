/// @file
/// Options of the reader of tables.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/check.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace backquery {

/// Options of read_table. The defaults suit a CSV with a header and without missing values.
///
/// ```cpp
/// backquery::TableOptions options;
/// options.decimal_comma = true;                  // 3,5 instead of 3.5
/// options.missing = 0;                           // instead of empty fields, NA, NaN and ?
/// options.categories["postcode"] = {};           // text, although it looks like numbers
/// options.categories["species"] = {"cat", "dog"};  // class 0 and 1; any other text is an error
/// ```
struct TableOptions {
  /// The character between two fields. NUL: comma, semicolon or tab, chosen by the first two lines. A blank
  /// stands for any number of blanks.
  char separator = '\0';

  bool decimal_comma = false;  ///< numbers have a comma instead of a point

  /// Whether the first line has the names of the columns. Unset: yes, unless one of its fields is a number.
  /// The numbers 0, 1, 2 and so on, which pandas writes for columns without names, are a header, too, if
  /// there are at least three.
  std::optional<bool> header;

  /// The value that replaces a missing number; finite, or NaN if the program replaces it later. Unset: a
  /// missing value is an error. If this option is set, a missing value in a column of text is the category
  /// "".
  std::optional<double> missing;

  /// Columns of text and their categories. For an empty list, the categories are the different texts of the
  /// column. In a column that is named here, every text is a category, also numbers, NA and the empty text.
  /// Give the list of the training data (`Table::categories`), so that other files have equal class indices.
  std::map<std::string, std::vector<std::string>> categories;
};

namespace detail {

constexpr bool is_table_separator(char c) {
  const bool is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return c == '\t' ||
         (c >= ' ' && c < 0x7f && !is_alphanumeric && c != '"' && c != '+' && c != '-' && c != '.');
}

/// Throws std::invalid_argument unless every option is valid.
inline void check_table_options(const TableOptions& options) {
  constexpr const char* where = "read_table";
  if (options.separator != '\0' && !is_table_separator(options.separator)) {
    throw_invalid_argument(
        where, ": options.separator is character ", int{options.separator},
        ", expected a tab, a blank or a printable character other than letters, digits and "
        "\" + - .");
  }
  if (options.separator == ',' && options.decimal_comma) {
    throw_invalid_argument(where,
                           ": options.separator is a comma, expected another character because of "
                           "options.decimal_comma");
  }
  if (options.missing && !is_finite(*options.missing) && !is_nan(*options.missing)) {
    throw_invalid_argument(where, ": options.missing is ", *options.missing,
                           ", expected a finite number or NaN");
  }
  for (const auto& [name, categories] : options.categories) {
    for (std::size_t i = 0; i < categories.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (categories[i] == categories[j]) {
          throw_invalid_argument(where, ": options.categories[\"", name, "\"] has \"", categories[i],
                                 "\" at ", j, " and ", i, ", expected different texts");
        }
      }
    }
  }
}

}  // namespace detail

}  // namespace backquery
