/// @file
/// The reader behind read_csv.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/images/detail/csv_field.hpp>
#include <backquery/images/labeled_images.hpp>
#include <backquery/images/read_options.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace backquery::detail {

/// The largest number of pixels of an image. It limits the memory for the first line.
constexpr Eigen::Index largest_csv_image = Eigen::Index{1} << 24;

/// Reads one file in the format of read_csv, through a buffer of fixed size. A line may be longer than the
/// buffer, but a field may not.
///
/// Invariant: cursor_ to end_ is unread text, and *end_ is NUL, which no text contains. A field that looks
/// wrong may be cut off by the end of the buffer. So before a field is rejected, `refill` must have returned
/// false.
class CsvReader {
 public:
  /// @param rows, cols  the shape of an image, or both 0
  /// @param block_size  size of the buffer; at least 8
  CsvReader(InputFile& file, Eigen::Index classes, Eigen::Index rows, Eigen::Index cols,
            const ReadOptions& options = {}, std::size_t block_size = std::size_t{1} << 18)
      : file_(file),
        options_(options),
        block_size_(block_size),
        text_(block_size + overread),
        cursor_(text_.data()),
        end_(text_.data()) {
    images_.classes = classes;
    images_.rows = rows;
    images_.cols = cols;
    images_.pixel_max = options.pixel_max;
    image_.resize(rows == 0 ? 1024 : static_cast<std::size_t>(rows * cols));
  }

  LabeledImages read() {
    refill();
    skip_byte_order_mark();
    skip_header();
    Eigen::Index samples = 0;
    while (!at_end()) {
      const auto first = static_cast<unsigned>(options_.first_label);
      const auto label = static_cast<std::uint8_t>(
          number(first, first + static_cast<unsigned>(images_.classes) - 1, 0) - first);
      read_pixels();
      append(samples++, label);
      end_line();
    }
    if (samples == 0) {
      fail("no image, expected label,pixel,pixel,...");
    }
    resize(samples);
    return std::move(images_);
  }

 private:
  static constexpr std::size_t overread = 8;
  static constexpr std::size_t longest_header = std::size_t{1} << 24;

  /// Moves the unread text to the front of the buffer and fills the rest from the file.
  /// @return false if the file has ended or the buffer is full
  bool refill() {
    const auto left = static_cast<std::size_t>(end_ - cursor_);
    const std::size_t space = block_size_ - left;
    if (file_ended_ || space == 0) {
      return false;
    }
    char* const text = text_.data();
    line_start_ -= cursor_ - text;
    std::memmove(text, cursor_, left);
    const std::size_t got = file_.read(text + left, space);
    file_ended_ = got < space;
    cursor_ = text;
    end_ = text + left + got;
    std::memset(text + left + got, 0, overread);
    return true;
  }

  void skip_byte_order_mark() {
    if (std::memcmp(cursor_, "\xef\xbb\xbf", 3) == 0) {
      cursor_ += 3;
      line_start_ = 3;
    }
  }

  /// Skips a header line. The header must be text, so that a binary file is rejected.
  void skip_header() {
    skip_spaces();
    const auto first = static_cast<unsigned char>(*cursor_);
    const bool letter = (first | 0x20) >= 'a' && (first | 0x20) <= 'z';
    if (!letter && first != '"' && first != '\'' && first != '_' && first != '#' && first < 0x80) {
      return;
    }
    for (std::size_t length = 0;; ++length, ++cursor_) {
      if (end_ - cursor_ < 2) refill();
      if (is_line_end(cursor_)) break;
      if (static_cast<unsigned char>(*cursor_) < ' ' && *cursor_ != '\t') {
        fail("the header holds byte ", static_cast<int>(*cursor_), ", expected text");
      }
      if (length == longest_header) {
        fail("the header goes on, expected at most ", longest_header, " characters");
      }
    }
    end_line();
  }

  /// Whether only blank lines are left. A blank line before an image is rejected.
  bool at_end() {
    Eigen::Index blank = 0;
    for (;;) {
      skip_spaces();
      if (cursor_ == end_) return true;
      if (!is_line_end(cursor_)) break;
      if (blank == 0) blank = line_;
      end_line();
    }
    if (blank != 0) {
      fail_at(blank, 1, "blank line, expected label,pixel,pixel,... (only the end of the file may be blank)");
    }
    return false;
  }

  /// Makes the two bytes that is_line_end reads available at the cursor, unless the file ends before.
  void skip_spaces() {
    do {
      while (is_csv_space(*cursor_)) ++cursor_;
    } while (end_ - cursor_ < 2 && refill());
  }

  bool is_line_end(const char* c) const {
    if (*c == '\n' || (*c == '\r' && c[1] == '\n')) {
      return true;
    }
    return file_ended_ && (c == end_ || (*c == '\r' && c + 1 == end_));
  }

  /// Steps from the end of a line to the start of the next.
  void end_line() {
    if (*cursor_ == '\r') ++cursor_;
    if (*cursor_ == '\n') ++cursor_;
    line_start_ = cursor_ - text_.data();
    ++line_;
  }

  /// Reads the number at the cursor. Moves the cursor to the comma or line end after the number.
  /// @param field  0 for the label, then the pixels
  unsigned number(unsigned smallest, unsigned largest, std::size_t field) {
    do {
      const char* c = cursor_;
      while (is_csv_space(*c)) ++c;
      const char* const first_digit = c;
      unsigned value = 0;
      for (; csv_digit(*c) <= 9 && value <= largest; ++c) value = value * 10 + csv_digit(*c);
      const bool complete = c > first_digit && value >= smallest && value <= largest;
      while (is_csv_space(*c)) ++c;
      if (complete && (*c == ',' || is_line_end(c))) {
        cursor_ = c;
        return value;
      }
    } while (refill());
    reject_field(smallest, largest, field);
  }

  /// Reads the pixels of a line into image_, from the comma after the label to the end of the line.
  void read_pixels() {
    const auto pixel_max = static_cast<unsigned>(options_.pixel_max);
    std::size_t count = 0;
    while (*cursor_ == ',') {
      ++cursor_;
      count += read_plain_pixels(cursor_, image_.data() + count, image_.size() - count, pixel_max);
      if (count == image_.size()) {
        grow_image();
      }
      image_[count] = static_cast<std::uint8_t>(number(0, pixel_max, count + 1));
      ++count;
    }
    if (images_.rows == 0) {
      set_shape(static_cast<Eigen::Index>(count));
    }
    if (count != image_.size()) {
      fail(count, " pixels, expected ", image_.size(), " (", images_.rows, " x ", images_.cols, ")");
    }
  }

  void grow_image() {
    if (images_.rows != 0) {
      fail("more than ", image_.size(), " pixels, expected ", image_.size(), " (", images_.rows, " x ",
           images_.cols, ")");
    }
    if (image_.size() == static_cast<std::size_t>(largest_csv_image)) {
      fail("more than ", largest_csv_image, " pixels, expected at most that many");
    }
    image_.resize(2 * image_.size());
  }

  /// Takes the number of pixels of an image from the first line.
  void set_shape(Eigen::Index pixels) {
    Eigen::Index side = 1;
    while (side * side < pixels) ++side;
    if (side * side != pixels) {
      fail(pixels, " pixels, expected a square number of them (for another shape give rows and cols)");
    }
    images_.rows = side;
    images_.cols = side;
    image_.resize(static_cast<std::size_t>(pixels));
  }

  void append(Eigen::Index sample, std::uint8_t label) {
    if (sample == images_.labels.size()) {
      resize(2 * sample + 1);
    }
    std::memcpy(images_.pixels.col(sample).data(), image_.data(), image_.size());
    images_.labels(sample) = label;
  }

  /// Eigen resizes by realloc, which can move pages instead of copying them.
  void resize(Eigen::Index samples) {
    images_.pixels.conservativeResize(static_cast<Eigen::Index>(image_.size()), samples);
    images_.labels.conservativeResize(samples);
  }

  [[noreturn]] void reject_field(unsigned smallest, unsigned largest, std::size_t field) {
    const char* end = cursor_;
    while (end != end_ && *end != ',' && !is_line_end(end)) ++end;
    const std::string name = field == 0 ? "label" : message("pixel ", field - 1);
    const std::string expected = message(", expected a whole number from ", smallest, " to ", largest);
    if (end == end_ && !file_ended_) {
      fail(name, " is longer than ", block_size_, " characters", expected);
    }
    while (is_csv_space(*cursor_)) ++cursor_;
    fail(name, " is ", quoted(cursor_, end), expected);
  }

  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    fail_at(line_, cursor_ - text_.data() - line_start_ + 1, parts...);
  }

  template <typename... Parts>
  [[noreturn]] void fail_at(Eigen::Index line, std::ptrdiff_t column, const Parts&... parts) const {
    throw std::runtime_error(message(file_.path(), ":", line, ":", column, ": ", parts...));
  }

  InputFile& file_;
  ReadOptions options_;
  std::size_t block_size_;
  std::vector<char> text_;
  const char* cursor_;
  const char* end_;
  bool file_ended_ = false;
  Eigen::Index line_ = 1;
  std::ptrdiff_t line_start_ = 0;    // from the start of the buffer; negative if it has left the buffer
  std::vector<std::uint8_t> image_;  // the current line; has the size of an image after the first line
  LabeledImages images_;
};

}  // namespace backquery::detail
