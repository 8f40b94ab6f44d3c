/// @file
/// The reader behind read_csv.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/csv_text.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/images/detail/csv_field.hpp>
#include <backquery/images/detail/csv_header.hpp>
#include <backquery/images/labeled_images.hpp>
#include <backquery/images/read_options.hpp>

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backquery::detail {

/// The largest number of pixels of an image. It limits the memory for the first line.
constexpr Eigen::Index largest_csv_image = Eigen::Index{1} << 24;

/// Reads one file in the format of read_csv. The columns are known from the header and the options
/// (CsvHeader), the separator from the first line of numbers (CsvText).
class CsvReader {
 public:
  /// @param rows, cols  the shape of an image, or both 0
  /// @param labels  optional: the result has no labels if neither the header nor an option names their column
  /// @param block_size  size of the buffer; at least 8
  CsvReader(InputFile& file, Eigen::Index classes, Eigen::Index rows, Eigen::Index cols,
            const ReadOptions& options = {}, CsvLabels labels = CsvLabels::required,
            std::size_t block_size = std::size_t{1} << 18)
      : file_(file),
        columns_(CsvHeader(file, options, labels).columns()),
        text_(file, columns_.start, columns_.lines, block_size),
        label_values_{static_cast<unsigned>(options.first_label),
                      static_cast<unsigned>(options.first_label + classes - 1)},
        pixel_values_{0, static_cast<unsigned>(options.pixel_max)},
        plain_pixels_(text_.separator(), options.pixel_max) {
    images_.classes = classes;
    images_.rows = rows;
    images_.cols = cols;
    images_.pixel_max = options.pixel_max;
    image_.resize(rows == 0 ? 1024 : static_cast<std::size_t>(rows * cols));
  }

  LabeledImages read() {
    for (; !text_.at_end("label,pixel,pixel,..."); ++samples_) {
      const std::uint8_t label = read_line();
      if (samples_ == 0) {
        check_first_line();
      }
      if (pixels_ != image_.size() || !labeled_) {
        text_.fail(pixels_, " pixels, expected ", image_.size(), " (", images_.rows, " x ", images_.cols, ")",
                   labeled_ ? "" : " and a label", other_labels(fields()));
      }
      append(label);
      text_.end_line();
    }
    if (samples_ == 0) {
      text_.fail("no image, expected label,pixel,pixel,...");
    }
    resize(samples_);
    check_label_column();
    return std::move(images_);
  }

 private:
  struct Range {
    unsigned smallest, largest;

    bool contains(unsigned value) const { return smallest <= value && value <= largest; }
  };

  bool has_labels() const { return columns_.label != CsvColumns::none; }

  /// The number of fields of the current line so far.
  std::size_t fields() const { return columns_.index + pixels_ + (has_labels() && labeled_ ? 1 : 0); }

  /// Reads the pixels of a line into image_, and moves the cursor to the end of the line.
  /// @return the label, counted from 0
  std::uint8_t read_line() {
    unsigned label = 0;
    pixels_ = 0;
    labeled_ = !has_labels();
    if (columns_.index != 0) text_.skip_field();
    for (;;) {
      const std::size_t space = image_.size() - pixels_;
      const std::size_t before_label = labeled_ ? space : columns_.label - pixels_;
      pixels_ += plain_pixels_.read(text_.cursor(), image_.data() + pixels_, (std::min)(space, before_label));
      const std::ptrdiff_t start = text_.column();
      const Number number = read_number();
      if (number.is_label) {
        label = number.value - label_values_.smallest;
        labeled_ = true;
      } else {
        if (pixels_ == image_.size()) grow_image(start);
        image_[pixels_++] = static_cast<std::uint8_t>(number.value);
      }
      if (text_.at_line_end()) return static_cast<std::uint8_t>(label);
      ++text_.cursor();
    }
  }

  struct Number {
    unsigned value;
    bool is_label;
  };

  bool is_label(bool at_line_end) const {
    return !labeled_ && (columns_.label == CsvColumns::last ? at_line_end : columns_.label == pixels_);
  }

  /// Reads the number at the cursor. Moves the cursor to the separator or line end after the number.
  Number read_number() {
    do {
      const CsvField field(text_.cursor(), text_.separator());
      Number number{};
      if (field.whole(number.value) && text_.is_field_end(field.end())) {
        number.is_label = is_label(text_.is_line_end(field.end()));
        if ((number.is_label ? label_values_ : pixel_values_).contains(number.value)) {
          text_.cursor() = field.end();
          return number;
        }
      }
    } while (text_.refill());
    reject_field();
  }

  [[noreturn]] void reject_field() {
    const std::string_view field = text_.field();
    const bool label = is_label(text_.is_line_end(field.data() + field.size()));
    const Range& range = label ? label_values_ : pixel_values_;
    const std::string name = label ? "label" : message("pixel ", pixels_);
    const std::string expected =
        message(", expected a whole number from ", range.smallest, " to ", range.largest);
    if (!text_.is_whole(field)) {
      text_.fail(name, " is longer than ", text_.block_size(), " characters", expected);
    }
    if (!label && pixels_ == image_.size()) {
      grow_image(text_.column());
    }
    text_.cursor() = field.data();
    text_.fail(name, " is ", quoted(field), expected, remedy(field, label));
  }

  /// The remedy if the line has a row name, if the field has more text behind a number, or if its number is
  /// not in the range; otherwise empty.
  std::string remedy(std::string_view field, bool label) const {
    if (has_row_names(fields() + text_.fields_left())) return row_names;
    const bool is_signed = !field.empty() && (field[0] == '-' || field[0] == '+');
    const CsvField number(field.data() + (is_signed ? 1 : 0), text_.separator());
    if (!number.is_number()) return "";
    const char* const end = number.end();
    if (end != field.data() + field.size()) {
      if (*end == '\r') return "; the file has line ends of a carriage return only: save it with line feeds";
      const bool other_separator = is_csv_separator(*end) || *end == '|' || *end == ':' || end[-1] == ' ';
      return other_separator ? "; separate numbers by commas, semicolons or tabs, the same in all lines" : "";
    }
    unsigned value;
    const bool is_whole = number.whole(value);
    if (!label) {
      return is_whole ? ""
                      : message("; if the pixels are scaled, multiply them by ", pixel_values_.largest,
                                " and round");
    }
    if (is_signed || !is_whole) return "";
    const std::string other = other_labels(fields() + text_.fields_left());
    return !other.empty() ? other
                          : "; for other labels set classes, first_label or label_column (--classes, "
                            "--first-label, --label-column)";
  }

  static constexpr const char* row_names =
      "; the line has one field more than the header, which may be a row name: write the file without row "
      "names (row.names = FALSE in R)";

  /// Whether the first line has one field more than the header, as R writes it.
  /// @param fields  of the line
  bool has_row_names(std::size_t fields) const {
    return samples_ == 0 && columns_.names > 1 && fields == columns_.names + 1;
  }

  /// The likely cause and the remedy if the first line has a row name, lacks an expected label, or has an
  /// unexpected one; otherwise empty.
  /// @param fields  of the line
  std::string other_labels(std::size_t fields) const {
    if (samples_ != 0) return "";
    if (has_row_names(fields)) return row_names;
    const std::size_t pixels = fields - columns_.index - (has_labels() ? 0 : 1);
    const auto size = static_cast<std::size_t>(images_.rows * images_.cols);
    if (pixels < 2 || (size != 0 ? size != pixels : !is_square(pixels))) return "";
    return message("; the line may be an image of ", pixels,
                   has_labels() ? message(" pixels without a label: ", without_labels)
                                : " pixels with a label: use read_csv for a file with labels");
  }

  static bool is_square(std::size_t pixels) { return side_of(pixels) * side_of(pixels) == pixels; }

  /// The side of the smallest square that has at least `pixels` pixels.
  static std::size_t side_of(std::size_t pixels) {
    std::size_t side = 1;
    while (side * side < pixels) ++side;
    return side;
  }

  /// Compares the first line with the header, and takes the size of an image from it.
  void check_first_line() {
    if ((columns_.match_names && fields() != columns_.names) ||
        (columns_.is_assumed && has_row_names(fields()))) {
      text_.fail(fields(), " fields, expected ", columns_.names, ", the number of names in the header",
                 has_row_names(fields()) ? row_names : "");
    }
    if (images_.rows != 0) return;
    if (!is_square(pixels_)) {
      text_.fail(pixels_, " pixels, expected a square number of them (for another shape give rows and cols)",
                 other_labels(fields()));
    }
    images_.rows = images_.cols = static_cast<Eigen::Index>(side_of(pixels_));
    image_.resize(pixels_);
  }

  /// @param column  of the pixel for which there is no space
  void grow_image(std::ptrdiff_t column) {
    if (images_.rows != 0) {
      text_.fail_at_column(column, "more than ", image_.size(), " pixels, expected ", image_.size(), " (",
                           images_.rows, " x ", images_.cols, ")",
                           other_labels(fields() + text_.fields_left()));
    }
    if (image_.size() == static_cast<std::size_t>(largest_csv_image)) {
      text_.fail_at_column(column, "more than ", largest_csv_image, " pixels, expected at most that many");
    }
    image_.resize(2 * image_.size());
  }

  void append(std::uint8_t label) {
    if (samples_ == images_.pixels.cols()) {
      resize(2 * samples_ + 1);
    }
    std::memcpy(images_.pixels.col(samples_).data(), image_.data(), image_.size());
    if (has_labels()) {
      images_.labels(samples_) = label;
    }
  }

  /// Eigen resizes by realloc, which can move pages instead of copying them.
  void resize(Eigen::Index samples) {
    images_.pixels.conservativeResize(static_cast<Eigen::Index>(image_.size()), samples);
    images_.labels.conservativeResize(has_labels() ? samples : 0);
  }

  /// Rejects a file whose last column is more likely to hold the labels than the first one, unless the header
  /// or an option has named the label column.
  void check_label_column() const {
    if (!columns_.is_assumed) return;
    const auto classes = static_cast<std::size_t>(images_.classes);
    std::bitset<256> in_first, in_last;
    for (const std::uint8_t label : images_.labels) in_first.set(label);
    if (in_first.count() == classes) return;
    for (const std::uint8_t value : images_.pixels.bottomRows(1).reshaped()) {
      if (!label_values_.contains(value)) return;
      in_last.set(value);
    }
    const bool is_likely = in_first.count() == 1 ? in_last.count() > 1 : in_last.count() == classes;
    if (!is_likely) return;
    const std::size_t first = 1 + columns_.index;
    file_.fail("column ", first, " has ", in_first.count(), " of ", classes, " labels, but column ",
               first + image_.size(), ", the last one, has ", in_last.count(),
               " of them and no other values: set label_column to \"last\" (--label-column last), or to "
               "\"first\" if column ",
               first, " has the labels");
  }

  InputFile& file_;
  CsvColumns columns_;
  CsvText text_;
  Range label_values_, pixel_values_;
  PlainPixels plain_pixels_;
  Eigen::Index samples_ = 0;
  std::size_t pixels_ = 0;           // of the current line
  bool labeled_ = false;             // whether the label of the current line has been read, or there is none
  std::vector<std::uint8_t> image_;  // the current line; has the size of an image after the first line
  LabeledImages images_;
};

}  // namespace backquery::detail
