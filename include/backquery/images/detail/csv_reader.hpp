/// @file
/// How read_csv reads.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/images/labeled_images.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace backquery::detail {

/// The most pixels an image may have, so that the first line cannot fill the memory.
constexpr Eigen::Index largest_csv_image = Eigen::Index{1} << 24;

constexpr bool is_csv_space(char c) {
  return c == ' ' || c == '\t';
}

/// 0 to 9 for a digit, more for anything else.
constexpr unsigned csv_digit(char c) {
  return static_cast<unsigned>(c) - unsigned{'0'};
}

/// Reads pixels of one to three digits with a comma behind as long as they come, at most `room` of them. What
/// is unusual, wrong, last in its line or cut off is left to CsvReader::number. The text must be readable for
/// 7 bytes past a NUL that ends it.
/// @return how many pixels were read; the cursor stands behind the last comma
inline std::size_t read_plain_pixels(const char*& cursor, std::uint8_t* pixels, std::size_t room) {
  const char* c = cursor;
  std::size_t count = 0;
  while (count < room) {
    if (room - count >= 4 && std::memcmp(c, "0,0,0,0,", 8) == 0) {  // most of a picture is background
      std::memset(pixels + count, 0, 4);
      count += 4;
      c += 8;
      continue;
    }
    unsigned value = csv_digit(*c);
    if (value > 9) break;
    int digits = 1;
    for (; digits < 3 && csv_digit(c[digits]) <= 9; ++digits) {
      value = value * 10 + csv_digit(c[digits]);
    }
    if (value > 255 || c[digits] != ',') break;
    pixels[count++] = static_cast<std::uint8_t>(value);
    c += digits + 1;
  }
  cursor = c;
  return count;
}

/// One reading of a file in the format of read_csv. The text passes through a buffer of fixed size, so that a
/// line may be long without taking memory; only a single field must fit into the buffer.
///
/// Invariant: cursor_ to end_ is text still to be read, and *end_ is NUL, as no text is. What looks wrong may
/// only be cut off by the end of the buffer: before anything is refused, `refill` must have nothing more to
/// give.
class CsvReader {
 public:
  /// The shape is known, or both rows and cols are 0. A block has at least 8 bytes.
  CsvReader(const std::string& path, Eigen::Index classes, Eigen::Index rows, Eigen::Index cols,
            std::size_t block_size = std::size_t{1} << 18)
      : file_(path),
        block_size_(block_size),
        text_(block_size + overread),
        cursor_(text_.data()),
        end_(text_.data()) {
    images_.classes = classes;
    images_.rows = rows;
    images_.cols = cols;
    image_.resize(rows == 0 ? 1024 : static_cast<std::size_t>(rows * cols));
  }

  LabeledImages read() {
    refill();
    skip_byte_order_mark();
    skip_header();
    Eigen::Index samples = 0;
    while (!at_end()) {
      const std::uint8_t label = number(static_cast<unsigned>(images_.classes) - 1, 0);
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

  /// Moves the text that is left to the front of the buffer and fills the rest from the file.
  /// @return false if the file has no more text, or the buffer no more room
  bool refill() {
    const auto left = static_cast<std::size_t>(end_ - cursor_);
    const std::size_t room = block_size_ - left;
    if (file_ended_ || room == 0) {
      return false;
    }
    char* const text = text_.data();
    line_start_ -= cursor_ - text;
    std::memmove(text, cursor_, left);
    const std::size_t got = file_.read(text + left, room);
    file_ended_ = got < room;
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

  /// Skips a first line that is no data. It must be text: a binary file is no long header.
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

  /// Whether nothing but blank lines is left. A blank line before an image is refused.
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

  /// Leaves at least two bytes at the cursor unless the file has no more: what is_line_end must see.
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

  /// The number at the cursor, with the comma or the end of the line behind it. Moves the cursor there.
  /// @param field  0 for the label, then the pixels
  std::uint8_t number(unsigned largest, std::size_t field) {
    do {
      const char* c = cursor_;
      while (is_csv_space(*c)) ++c;
      const char* const first_digit = c;
      unsigned value = 0;
      for (; csv_digit(*c) <= 9 && value <= largest; ++c) value = value * 10 + csv_digit(*c);
      const bool complete = c > first_digit && value <= largest;
      while (is_csv_space(*c)) ++c;
      if (complete && (*c == ',' || is_line_end(c))) {
        cursor_ = c;
        return static_cast<std::uint8_t>(value);
      }
    } while (refill());
    refuse_field(largest, field);
  }

  /// Reads the pixels of a line into image_, from the comma behind the label to the end of the line.
  void read_pixels() {
    std::size_t count = 0;
    while (*cursor_ == ',') {
      ++cursor_;
      count += read_plain_pixels(cursor_, image_.data() + count, image_.size() - count);
      if (count == image_.size()) {
        make_room();
      }
      image_[count] = number(255, count + 1);
      ++count;
    }
    if (images_.rows == 0) {
      set_shape(static_cast<Eigen::Index>(count));
    }
    if (count != image_.size()) {
      fail(count, " pixels, expected ", image_.size(), " (", images_.rows, " x ", images_.cols, ")");
    }
  }

  void make_room() {
    if (images_.rows != 0) {
      fail("more than ", image_.size(), " pixels, expected ", image_.size(), " (", images_.rows, " x ",
           images_.cols, ")");
    }
    if (image_.size() == static_cast<std::size_t>(largest_csv_image)) {
      fail("more than ", largest_csv_image, " pixels, expected at most that many");
    }
    image_.resize(2 * image_.size());
  }

  /// The first line decides how many pixels an image has.
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

  /// Eigen resizes by realloc, which moves pages instead of copying them where the system can.
  void resize(Eigen::Index samples) {
    images_.pixels.conservativeResize(static_cast<Eigen::Index>(image_.size()), samples);
    images_.labels.conservativeResize(samples);
  }

  [[noreturn]] void refuse_field(unsigned largest, std::size_t field) {
    const char* end = cursor_;
    while (end != end_ && *end != ',' && !is_line_end(end)) ++end;
    const std::string name = field == 0 ? "label" : message("pixel ", field - 1);
    const std::string expected = message(", expected a whole number from 0 to ", largest);
    if (end == end_ && !file_ended_) {
      fail(name, " is longer than ", block_size_, " characters", expected);
    }
    while (is_csv_space(*cursor_)) ++cursor_;
    fail(name, " is ", quoted(cursor_, end), expected);
  }

  /// The start of the text with what cannot be printed as \xNN.
  static std::string quoted(const char* begin, const char* end) {
    constexpr std::ptrdiff_t longest = 20;
    static constexpr char hex[] = "0123456789abcdef";
    std::string result = "\"";
    for (const char* c = begin; c != end && c != begin + longest; ++c) {
      const auto byte = static_cast<unsigned char>(*c);
      if (byte >= ' ' && byte < 0x7f) {
        result += *c;
      } else {
        result.append("\\x").append(1, hex[byte >> 4]).append(1, hex[byte & 15]);
      }
    }
    return result + (end - begin > longest ? "...\"" : "\"");
  }

  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    fail_at(line_, cursor_ - text_.data() - line_start_ + 1, parts...);
  }

  template <typename... Parts>
  [[noreturn]] void fail_at(Eigen::Index line, std::ptrdiff_t column, const Parts&... parts) const {
    throw std::runtime_error(message(file_.path(), ":", line, ":", column, ": ", parts...));
  }

  InputFile file_;
  std::size_t block_size_;
  std::vector<char> text_;
  const char* cursor_;
  const char* end_;
  bool file_ended_ = false;
  Eigen::Index line_ = 1;
  std::ptrdiff_t line_start_ =
      0;  // from the start of the buffer; negative once the start of the line has left it
  std::vector<std::uint8_t>
      image_;  // the line being read; its size is that of an image once the shape is known
  LabeledImages images_;
};

}  // namespace backquery::detail
