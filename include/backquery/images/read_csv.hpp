/// @file
/// Reads images from comma-separated values.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/images/detail/csv_reader.hpp>
#include <backquery/images/labeled_images.hpp>
#include <backquery/images/read_options.hpp>

#include <filesystem>

namespace backquery {

namespace detail {

inline void check_csv_arguments(const char* function, Eigen::Index classes, Eigen::Index rows,
                                Eigen::Index cols, const ReadOptions& options) {
  check_read_options(function, classes, options);
  if (rows != 0 || cols != 0) {
    if (rows < 1 || cols < 1) {
      throw_invalid_argument(function, ": rows x cols is ", rows, " x ", cols,
                             ", expected both at least 1, or both 0");
    }
    if (rows > largest_csv_image / cols) {
      throw_invalid_argument(function, ": rows x cols is ", rows, " x ", cols, ", expected at most ",
                             largest_csv_image, " pixels");
    }
  }
}

/// @param labels  whether the file must have labels
inline LabeledImages read_csv_file(InputFile& file, Eigen::Index classes, Eigen::Index rows,
                                   Eigen::Index cols, const ReadOptions& options, CsvLabels labels) {
  LabeledImages images = CsvReader(file, classes, rows, cols, options, labels).read();
  if (options.transpose) {
    images.transpose();
  }
  return images;
}

}  // namespace detail

/// Reads an opened file, for example a `GzipFile`.
inline LabeledImages read_csv(detail::InputFile&& file, Eigen::Index classes = 10, Eigen::Index rows = 0,
                              Eigen::Index cols = 0, const ReadOptions& options = {}) {
  detail::check_csv_arguments("read_csv", classes, rows, cols, options);
  return detail::read_csv_file(file, classes, rows, cols, options, detail::CsvLabels::required);
}

/// Reads a set of images from a text file. Each line is an image: its label, then its pixels row by row:
///
///     7,0,0,84,185,159,151,60,36,0
///
/// The label is a whole number from 0 to classes - 1, and each pixel a whole number from 0 to 255.
/// ReadOptions describes files with other labels, pixels or columns.
///
/// | part      | accepted text                                                                          |
/// |-----------|----------------------------------------------------------------------------------------|
/// | separator | comma, semicolon or tab; the first line of numbers decides                             |
/// | number    | `5`, `005`, `5.0`, `5.000e+00`, `"5"`, with blanks around it; no fractions             |
/// | header    | a first line that begins with a letter, apostrophe, '_', '#' or a name such as 1x1;    |
/// |           | also exactly 0, 1, 2 and so on, which pandas writes for columns without names; names   |
/// |           | may follow                                                                             |
/// | index     | a first column that the header leaves unnamed or names `Unnamed: 0`, `index` or `id`   |
/// |           | is skipped                                                                             |
/// | label     | the column that the header names label, class, target, digit or y, else the first one  |
/// | lines     | Windows line ends, no last line end, blank lines at the end, a UTF-8 byte order mark   |
///
/// A first line of exactly 0, 1, 2 and so on is no header if the second line is equal except in its first
/// field. For a file of another format, the message names the format and the remedy.
///
/// If neither the header nor options.label_column names the label column, a file is rejected whose first
/// column probably has no labels:
///
/// - The first name of the header, after an index column, begins with "pixel", or it begins a series such as
///   p0, p1, and the last name does not continue this series.
/// - The first line behind the header has one field more than the header: it may begin with a row name of R.
/// - All values of the last column are possible labels, and the first column is constant but the last column
///   is not.
/// - All values of the last column are possible labels, and the last column has every label but the first
///   column does not.
///
/// Any other file with its labels in the last column is rejected if the first column has a value that is no
/// possible label. Otherwise, pixels are taken for labels: set label_column to "last".
///
/// The file may be a pipe. Reading needs at most twice the memory of the result, one block of the file or the
/// header, and one image.
///
/// ```cpp
/// const backquery::LabeledImages images = backquery::read_csv("mnist_train.csv");
/// ```
///
/// @param classes  number of classes, 1 to 256
/// @param rows, cols  shape of an image: both at least 1, at most 2^24 pixels. If both are 0, images are
///        square, and the first line gives their size.
/// @param options  differences from MNIST. With options.transpose, rows and cols are the shape before
///        the transposition
/// @throws std::invalid_argument if classes, rows, cols or an option is out of range
/// @throws std::runtime_error "file:line:column: ..., expected ..." for a wrong line, and "file: reason" for
///         a file that cannot be opened or read. There is no partial result.
inline LabeledImages read_csv(const std::filesystem::path& path, Eigen::Index classes = 10,
                              Eigen::Index rows = 0, Eigen::Index cols = 0, const ReadOptions& options = {}) {
  detail::check_csv_arguments("read_csv", classes, rows, cols, options);  // before the file is opened
  return read_csv(detail::InputFile(path), classes, rows, cols, options);
}

}  // namespace backquery
