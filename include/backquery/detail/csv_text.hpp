/// @file
/// The text of a CSV file, block by block.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/input_file.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace backquery::detail {

/// Whether the character may stand around a number.
constexpr bool is_csv_blank(char c, char separator) {
  return c == ' ' || (c == '\t' && separator != '\t');
}

constexpr bool is_csv_separator(char c) {
  return c == ',' || c == ';' || c == '\t';
}

/// The value 0 to 9 of a digit; more than 9 for any other character.
constexpr unsigned csv_digit(char c) {
  return static_cast<unsigned>(c) - unsigned{'0'};
}

/// The first characters of the text, in quotation marks. Unprintable bytes are written as \xNN.
inline std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 20;
  static constexpr char hex[] = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte < 0x7f) {
      result += c;
    } else {
      result.append("\\x").append(1, hex[byte >> 4]).append(1, hex[byte & 15]);
    }
  }
  return result + (text.size() > longest ? "...\"" : "\"");
}

/// A text that is read through a buffer of fixed size. A line may be longer than the buffer, but a field may
/// not.
///
/// Invariant: the text from cursor() to the end of the buffer is unread, and NULs, which no text contains,
/// are behind it. The last field in the buffer may be incomplete, so `refill` must have returned false before
/// a field is rejected.
class CsvText {
 public:
  /// @param start, lines  number of bytes to skip, and number of lines in these bytes
  /// @param block_size  size of the buffer; at least 8
  /// @param separator  NUL: the first comma, semicolon or tab outside quotation marks in the first line; a
  ///        tab beside another separator is a blank
  CsvText(InputFile& file, std::size_t start, Eigen::Index lines, std::size_t block_size,
          char separator = '\0')
      : file_(file),
        block_size_(block_size),
        text_(block_size + overread),
        cursor_(text_.data()),
        end_(text_.data()),
        separator_(separator),
        line_(lines + 1) {
    std::vector<char> skipped(start);
    file_.read(skipped.data(), start);
    refill();
    skip_blanks();
    if (separator_ == '\0') find_separator();
  }

  char separator() const { return separator_; }
  const char*& cursor() { return cursor_; }

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

  /// Whether only blank lines are left. A blank line before another line is rejected.
  /// @param expected  describes a line
  bool at_end(const char* expected) {
    Eigen::Index blank = 0;
    for (;;) {
      skip_blanks();
      if (cursor_ == end_) return true;
      if (!is_line_end(cursor_)) break;
      if (blank == 0) blank = line_;
      end_line();
    }
    if (blank != 0) {
      fail_at(blank, 1, "blank line, expected ", expected, " (only the end of the file may be blank)");
    }
    return false;
  }

  /// Whether a field ends at c.
  bool is_field_end(const char* c) const { return *c == separator_ || is_line_end(c); }

  bool is_line_end(const char* c) const {
    if (*c == '\n' || (*c == '\r' && c[1] == '\n')) {
      return true;
    }
    return file_ended_ && (c == end_ || (*c == '\r' && c + 1 == end_));
  }

  /// The field at the cursor without the blanks before it, or all the unread text if no field ends in it.
  std::string_view field() const {
    const char* begin = cursor_;
    while (is_csv_blank(*begin, separator_)) ++begin;
    const char* end = begin;
    while (end != end_ && !is_field_end(end)) ++end;
    return {begin, static_cast<std::size_t>(end - begin)};
  }

  /// How many fields of the line the buffer holds from the cursor on.
  std::size_t fields_left() const {
    std::size_t fields = 1;
    for (const char* c = cursor_; c != end_ && !is_line_end(c); ++c) fields += *c == separator_ ? 1 : 0;
    return fields;
  }

  /// Moves the cursor behind the field and its separator.
  void skip_field() {
    bool in_quotes = false;
    for (;; ++cursor_) {
      if (end_ - cursor_ < 2) refill();
      if (is_line_end(cursor_)) return;
      if (*cursor_ == separator_ && !in_quotes) break;
      in_quotes ^= *cursor_ == '"';
    }
    ++cursor_;
  }

  /// Steps from the end of a line to the start of the next.
  void end_line() {
    if (*cursor_ == '\r') ++cursor_;
    if (*cursor_ == '\n') ++cursor_;
    line_start_ = cursor_ - text_.data();
    ++line_;
  }

  const char* end() const { return end_; }

  /// Whether more text can follow: the buffer ends at c, but the file does not.
  bool is_cut(const char* c) const { return c == end_ && !file_ended_; }

  Eigen::Index line() const { return line_; }

  /// Moves the cursor to c, behind text in quotation marks that may have line ends.
  void advance(const char* c) {
    for (; cursor_ != c; ++cursor_) {
      if (*cursor_ != '\n') continue;
      line_start_ = cursor_ + 1 - text_.data();
      ++line_;
    }
  }

  std::size_t block_size() const { return block_size_; }
  bool at_line_end() const { return *cursor_ != separator_; }

  /// Whether the buffer holds the whole field.
  bool is_whole(std::string_view field) const { return file_ended_ || field.data() + field.size() != end_; }

  /// The number of the character at the cursor in its line.
  std::ptrdiff_t column() const { return cursor_ - text_.data() - line_start_ + 1; }

  template <typename... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    fail_at(line_, column(), parts...);
  }

  template <typename... Parts>
  [[noreturn]] void fail_at_column(std::ptrdiff_t column, const Parts&... parts) const {
    fail_at(line_, column, parts...);
  }

  template <typename... Parts>
  [[noreturn]] void fail_at(Eigen::Index line, std::ptrdiff_t column, const Parts&... parts) const {
    throw std::runtime_error(message(file_.path(), ":", line, ":", column, ": ", parts...));
  }

 private:
  static constexpr std::size_t overread = 24;

  /// Makes the two bytes that is_line_end reads available at the cursor, unless the file ends before.
  void skip_blanks() {
    do {
      while (is_csv_blank(*cursor_, separator_)) ++cursor_;
    } while (end_ - cursor_ < 2 && refill());
  }

  void find_separator() {
    const char *c, *after;
    do {
      bool in_quotes = false;
      for (c = cursor_; c != end_ && *c != '\n' && (in_quotes || !is_csv_separator(*c)); ++c) {
        in_quotes ^= *c == '"';
      }
      after = c;
      while (is_csv_blank(*after, ',')) ++after;
    } while (after == end_ && refill());
    if (after == end_ && !file_ended_) {
      fail("the first field is longer than ", block_size_, " characters, expected a number and a separator");
    }
    separator_ = is_csv_separator(*after) ? *after : is_csv_separator(*c) ? *c : ',';
  }

  InputFile& file_;
  std::size_t block_size_;
  std::vector<char> text_;
  const char* cursor_;
  const char* end_;
  bool file_ended_ = false;
  char separator_;
  Eigen::Index line_;
  std::ptrdiff_t line_start_ = 0;  // from the start of the buffer; negative if it has left the buffer
};

}  // namespace backquery::detail
