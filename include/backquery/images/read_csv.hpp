/// @file
/// Images as comma-separated values.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/images/detail/csv_reader.hpp>
#include <backquery/images/labeled_images.hpp>

#include <Eigen/Core>

#include <string>

namespace backquery {

/// Reads a set of images from a text file with one image a line: its label, then its pixels row by row, such
/// as
///
///     7,0,0,84,185,159,151,60,36,0
///
/// The label is a whole number from 0 to classes - 1, each pixel one from 0 to 255. What is harmless is read:
/// a header (a first line that begins with a letter, a quotation mark, '_' or '#'), the line ends of Windows,
/// a missing last line end, blank lines at the end, spaces and tabs around a number, leading zeros, a UTF-8
/// byte order mark. The file may be a pipe. It is read in blocks: beyond up to twice the
/// images themselves, memory is taken for one block and one image, whatever the file.
///
/// @param classes  how many classes there are, 1 to 256
/// @param rows, cols  the shape of an image, both at least 1, at most 2^24 pixels; or both 0: the first line
///        decides how many pixels an image has, and it is square
/// @throws std::invalid_argument if classes, rows or cols is out of range
/// @throws std::runtime_error "file:line:column: what, expected what" for all else, with pixels counted from
/// 0;
///         "file: why" for a file that cannot be opened or read. There is no partial result.
inline LabeledImages read_csv(const std::string& path, Eigen::Index classes = 10, Eigen::Index rows = 0,
                              Eigen::Index cols = 0) {
  if (classes < 1 || classes > 256) {
    detail::throw_invalid_argument("read_csv: classes is ", classes, ", expected 1 to 256");
  }
  if (rows != 0 || cols != 0) {
    if (rows < 1 || cols < 1) {
      detail::throw_invalid_argument("read_csv: rows x cols is ", rows, " x ", cols,
                                     ", expected both at least 1, or both 0");
    }
    if (rows > detail::largest_csv_image / cols) {
      detail::throw_invalid_argument("read_csv: rows x cols is ", rows, " x ", cols, ", expected at most ",
                                     detail::largest_csv_image, " pixels");
    }
  }
  return detail::CsvReader(path, classes, rows, cols).read();
}

}  // namespace backquery
