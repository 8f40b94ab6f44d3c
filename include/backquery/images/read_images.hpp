/// @file
/// Reads images that have no labels.
#pragma once

#include <backquery/detail/input_file.hpp>
#include <backquery/images/detail/csv_reader.hpp>
#include <backquery/images/detail/idx_file.hpp>
#include <backquery/images/labeled_images.hpp>
#include <backquery/images/read_csv.hpp>
#include <backquery/images/read_idx.hpp>
#include <backquery/images/read_options.hpp>

#include <filesystem>

namespace backquery {

namespace detail {

/// Whether the file begins with two zero bytes, as IDX files do and text does not.
inline bool is_idx(InputFile& file) {
  const auto& start = file.peek(2);
  return start.size() >= 2 && start[0] == 0 && start[1] == 0;
}

}  // namespace detail

/// Reads an opened file, for example a `GzipFile`.
inline LabeledImages read_images(detail::InputFile&& file, Eigen::Index classes = 10, Eigen::Index rows = 0,
                                 Eigen::Index cols = 0, const ReadOptions& options = {}) {
  detail::check_csv_arguments("read_images", classes, rows, cols, options);
  if (!detail::is_idx(file)) {
    return detail::read_csv_file(file, classes, rows, cols, options, detail::CsvLabels::optional);
  }
  detail::check_idx_arguments("read_images", classes, options);
  detail::IdxImages opened(file);
  if (rows != 0 &&
      (rows != static_cast<Eigen::Index>(opened.rows) || cols != static_cast<Eigen::Index>(opened.cols))) {
    file.fail("has images of ", opened.rows, " x ", opened.cols, ", expected ", rows, " x ", cols);
  }
  LabeledImages images;
  images.classes = classes;
  opened.read(options, images);
  return images;
}

/// Reads images that have no labels, for example the test set of a competition, from a CSV file or from the
/// images file of an IDX pair; the start of the file decides. The formats are those of read_csv and read_idx.
///
/// ```cpp
/// const backquery::LabeledImages unknown = backquery::read_images("test.csv");
/// const auto outputs = backquery::query_images(net, unknown);
/// const Eigen::VectorXi digits = backquery::predicted_classes(outputs);
/// ```
///
/// In the result, labels is empty, except for a CSV whose label column the header or options.label_column
/// names.
///
/// @param classes, rows, cols, options  as for read_csv
/// @throws std::invalid_argument and std::runtime_error as read_csv and read_idx do
inline LabeledImages read_images(const std::filesystem::path& path, Eigen::Index classes = 10,
                                 Eigen::Index rows = 0, Eigen::Index cols = 0,
                                 const ReadOptions& options = {}) {
  detail::check_csv_arguments("read_images", classes, rows, cols, options);  // before the file is opened
  return read_images(detail::InputFile(path), classes, rows, cols, options);
}

}  // namespace backquery
