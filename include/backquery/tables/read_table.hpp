/// @file
/// Reads tables of numbers and text from comma-separated values.
#pragma once

#include <backquery/detail/require_exceptions.hpp>

#include <backquery/detail/input_file.hpp>
#include <backquery/tables/detail/table_reader.hpp>
#include <backquery/tables/table.hpp>
#include <backquery/tables/table_options.hpp>

#include <filesystem>

namespace backquery {

/// Reads an opened file, for example a `GzipFile`.
template <typename Scalar = double>
[[nodiscard]] Table<Scalar> read_table(detail::InputFile&& file, const TableOptions& options = {}) {
  detail::check_table_options(options);
  return detail::TableReader<Scalar>(file, options).read();
}

/// Reads a table from a text file. Each line is a sample, the first line may have the names of the columns:
///
///     rooms,age,district,price
///     4,35.5,north,250000
///
/// | part       | accepted text                                                                            |
/// |------------|------------------------------------------------------------------------------------------|
/// | separator  | comma, semicolon or tab, by the first two lines; any other by an option                  |
/// | header     | a first line without numbers, or exactly 0, 1, 2 and so on; an option decides otherwise. |
/// |            | Names are different and not empty. Without a header, the names are "0", "1" and so on    |
/// | number     | `5`, `-0.5`, `+.5`, `5e-3`, with blanks or quotation marks around it; a comma instead of |
/// |            | the point by an option. Each number is rounded correctly                                 |
/// | text       | any other field. The first value of a column decides between numbers and text; a column  |
/// |            | with both is an error, unless options.categories names it                                |
/// | quotes     | `"a, ""b"""` is the text `a, "b"`; it may have line ends, and its blanks belong to it    |
/// | missing    | an empty field, NA, N/A, NaN, null and ?, in upper or lower case: an error or, by an     |
/// |            | option, a value                                                                          |
/// | lines      | Windows line ends, no last line end, blank lines at the end, a UTF-8 byte order mark     |
///
/// All lines have the same number of fields. The file may be a pipe. Reading needs at most twice the memory
/// of the result, a block of the file, and the first line. A field has at most 262,144 characters, the first
/// line at most 2^24 characters in 2^20 fields.
///
/// ```cpp
/// #include <backquery/tables/read_table.hpp>
/// const auto houses = backquery::read_table<float>("houses.csv");
/// const Eigen::MatrixXf inputs = houses.inputs({"rooms", "age"});
/// const Eigen::MatrixXf prices = houses.targets("price");
/// const Eigen::MatrixXf districts = houses.one_hot("district");
/// ```
///
/// @tparam Scalar  float, double or long double
/// @throws std::invalid_argument if an option is out of range
/// @throws std::runtime_error "file:line:column: ..., expected ..." for a wrong line, and "file: reason" for
///         a file that cannot be opened or read, or that has another format. There is no partial result.
template <typename Scalar = double>
[[nodiscard]] Table<Scalar> read_table(const std::filesystem::path& path, const TableOptions& options = {}) {
  detail::check_table_options(options);  // before the file is opened
  return read_table<Scalar>(detail::InputFile(path), options);
}

}  // namespace backquery
