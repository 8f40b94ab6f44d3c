/// @file
/// The header of NumPy's .npy files.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/input_file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// An .npy file holds one array. Its header is the text of a Python dictionary:
///
/// | bytes      | content                                                                                  |
/// |------------|------------------------------------------------------------------------------------------|
/// | 6          | 93 4E 55 4D 50 59: ".NUMPY"                                                              |
/// | 2          | format version: 1.0, 2.0 or 3.0                                                          |
/// | 2 or 4     | h, little-endian; 2 bytes in version 1.0                                                 |
/// | h          | {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, then spaces and a line feed |
/// | to the end | the values                                                                               |
///
/// Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
namespace backquery::detail::npy {

constexpr std::string_view magic("\x93NUMPY", 6);
/// Only structured types need longer headers.
constexpr std::size_t longest_header = 65535;

/// The entries of the dictionary.
struct Header {
  std::optional<std::string> descr;  // byte order, kind and bytes of a value: "<f4"
  std::optional<bool> fortran_order;
  std::optional<std::vector<std::uint64_t>> shape;
};

/// Parses the dictionary: any order of keys, white space between tokens, and a comma after the last entry.
class HeaderParser {
 public:
  /// @param text  the file up to the first value
  /// @param next  position of the dictionary
  HeaderParser(const InputFile& file, std::string_view text, std::size_t next)
      : file_(file), text_(text), next_(next) {}

  Header parse() {
    expect('{');
    while (!accept('}')) {
      take_entry();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (next_ < text_.size()) {
      fail("the end");
    }
    if (!header_.descr || !header_.fortran_order || !header_.shape) {
      file_.fail("is damaged: its header lacks descr, fortran_order or shape");
    }
    return std::move(header_);
  }

 private:
  void take_entry() {
    const std::size_t begin = next_;
    const std::string key = take_string();
    expect(':');
    if (key == "descr" && !header_.descr) {
      skip_blanks();
      if (next_ < text_.size() && (text_[next_] == '[' || text_[next_] == '(')) {
        file_.fail(
            "is a structured array, expected a plain one: save each field by itself, as in "
            "numpy.save(path, array[name])");
      }
      header_.descr = take_string();
    } else if (key == "fortran_order" && !header_.fortran_order) {
      header_.fortran_order = take_bool();
    } else if (key == "shape" && !header_.shape) {
      header_.shape = take_tuple();
    } else {
      next_ = begin;
      fail("descr, fortran_order and shape, once each");
    }
  }

  /// A string without escape sequences.
  std::string take_string() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') {
      expect('\'');
    }
    const std::size_t end = text_.find_first_of("'\"\\\n", next_);
    if (end == text_.npos || text_[end] != quote) {
      fail("a string in quotation marks");
    }
    std::string value(text_.substr(next_, end - next_));
    next_ = end + 1;
    return value;
  }

  bool take_bool() {
    skip_blanks();
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(next_, word.size()) == word) {
        next_ += word.size();
        return value;
      }
    }
    fail("True or False");
  }

  /// Sizes in parentheses. A single size needs a comma behind it, as in Python.
  std::vector<std::uint64_t> take_tuple() {
    std::vector<std::uint64_t> sizes;
    expect('(');
    while (!accept(')')) {
      sizes.push_back(take_size());
      if (!accept(',')) {
        if (sizes.size() == 1) {
          fail("','");
        }
        expect(')');
        break;
      }
    }
    return sizes;
  }

  std::uint64_t take_size() {
    skip_blanks();
    const std::size_t begin = next_;
    std::uint64_t size = 0;
    for (; next_ < text_.size() && text_[next_] >= '0' && text_[next_] <= '9'; ++next_) {
      const auto digit = static_cast<std::uint64_t>(text_[next_] - '0');
      constexpr auto most = static_cast<std::uint64_t>((std::numeric_limits<Index>::max)());
      if (size > (most - digit) / 10) {
        file_.fail("has more values in a row or column than memory can hold");
      }
      size = 10 * size + digit;
    }
    if (next_ == begin) {
      fail("a size");
    }
    if (next_ < text_.size() && text_[next_] == 'L') {  // Python 2 wrote long integers as 3L
      ++next_;
    }
    return size;
  }

  void skip_blanks() { next_ = (std::min)(text_.find_first_not_of(" \t\r\n", next_), text_.size()); }
  bool accept(char c) {
    skip_blanks();
    const bool found = next_ < text_.size() && text_[next_] == c;
    next_ += found ? 1 : 0;
    return found;
  }
  void expect(char c) {
    if (!accept(c)) {
      fail(std::string{'\'', c, '\''});
    }
  }
  [[noreturn]] void fail(const std::string& expected) const {
    file_.fail("is damaged: its header differs at byte ", next_, ", expected ", expected);
  }

  const InputFile& file_;
  std::string_view text_;
  std::size_t next_;
  Header header_;
};

/// Reads the header, up to the first value.
inline Header read_header(InputFile& file) {
  const std::string start = file.peek(12);
  if (start.compare(0, 4, "PK\x03\x04") == 0) {
    file.fail(
        "is a ZIP archive, as numpy.savez (.npz) writes it, expected an .npy file: save each array by "
        "itself, as in numpy.save(\"wih.npy\", wih); numpy.save(\"who.npy\", who)");
  }
  if (start.compare(0, magic.size(), magic) != 0) {
    file.fail("is not an .npy file: it does not begin as one");
  }
  const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(start[i])}; };
  const auto require = [&](bool long_enough) {
    if (!long_enough) {
      file.fail("is cut short: it ends inside its header");
    }
  };
  require(start.size() == 12);
  if (byte(6) < 1 || byte(6) > 3 || byte(7) != 0) {
    file.fail("has format version ", byte(6), ".", byte(7), ", expected 1.0, 2.0 or 3.0");
  }
  const bool is_long = byte(6) > 1;
  const std::size_t length = byte(8) | byte(9) << 8 | (is_long ? byte(10) << 16 | byte(11) << 24 : 0);
  if (length > longest_header) {
    file.fail("has a header of ", length, " bytes, expected at most ", longest_header,
              "; only structured arrays need more");
  }
  const std::size_t opening = is_long ? 12 : 10;
  std::string text(opening + length, ' ');
  require(file.read(text.data(), text.size()) == text.size());
  return HeaderParser(file, text, opening).parse();
}

}  // namespace backquery::detail::npy
