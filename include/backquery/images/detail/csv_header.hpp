/// @file
/// Finds the columns of a CSV file from its start.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/images/detail/csv_field.hpp>
#include <backquery/images/detail/file_kind.hpp>
#include <backquery/images/read_options.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace backquery::detail {

/// Whether a file needs a label column.
enum class CsvLabels {
  required,  ///< yes: the first column, unless the header or the options name another
  optional   ///< no: the file has labels if the header or the options name their column
};

/// Takes the fields of a line, one after the other.
class CsvFields {
 public:
  explicit CsvFields(std::string_view line) : line_(line) {
    const std::size_t end = field_end(is_csv_separator);
    if (end != line_.size()) separator_ = line_[end];
  }

  /// Takes the next field. Returns false behind the last one.
  bool next(std::string_view& field) {
    if (begin_ > line_.size()) return false;
    const char separator = separator_;
    const std::size_t end = field_end([separator](char c) { return c == separator; });
    field = line_.substr(begin_, end - begin_);
    begin_ = end + 1;
    return true;
  }

 private:
  /// The end of the field at begin_. A separator in quotation marks does not end it.
  template <typename IsSeparator>
  std::size_t field_end(const IsSeparator& is_separator) const {
    bool in_quotes = false;
    std::size_t end = begin_;
    for (; end < line_.size() && (in_quotes || !is_separator(line_[end])); ++end) {
      in_quotes ^= line_[end] == '"';
    }
    return end;
  }

  std::string_view line_;
  std::size_t begin_ = 0;
  char separator_ = ',';
};

/// The columns of a file, counted from 0 behind the index column.
struct CsvColumns {
  static constexpr std::size_t last = static_cast<std::size_t>(-1), none = last - 1;

  std::size_t start = 0;     // number of bytes before the first image: byte order mark and header
  Eigen::Index lines = 0;    // number of lines in these bytes
  std::size_t names = 0;     // of the header, with the index column; 0: there is no header
  bool match_names = false;  // each line must have as many fields as names
  bool has_index = false;    // each line begins with a field that is neither label nor pixel
  std::size_t label = 0;     // the column of the label, or last, or none
  bool is_assumed = false;   // neither the header nor an option has named the label column
};

/// Reads the start of a file up to the first image, and finds the columns.
///
/// - A line "sep=;" before the header, which Excel needs, is skipped.
/// - The first line is a header if its first field begins with a letter, an apostrophe, '_' or '#'.
/// - A first line of exactly 0, 1, 2 and so on, perhaps before names, is also a header, because pandas writes
///   numbers for columns without names. Both lines are images if the second line is equal except in its first
///   field.
/// - An empty first field belongs to an index column; the other fields then decide whether the line is a
///   header. A first name in index_names also marks an index column.
class CsvHeader {
 public:
  CsvHeader(InputFile& file, const ReadOptions& options, CsvLabels labels)
      : file_(file), wanted_(normal(options.label_column)) {
    columns_.label = labels == CsvLabels::required ? 0 : CsvColumns::none;
    const std::string_view text = file_.peek(first_bytes);
    if (const char* remedy = foreign_format(text)) {
      file_.fail(remedy);
    }
    columns_.start = starts_with(text, "\xef\xbb\xbf") ? 3 : 0;
    if (starts_with(text.substr(columns_.start), "sep=")) {  // a line for Excel
      skip(line());
    }
    if (!is_header(std::string_view(file_.peek(first_bytes)).substr(columns_.start))) {
      find_label(labels);
      return;
    }
    const std::string_view header = line();
    read_names(header);
    find_label(labels);
    skip(header);
  }

  const CsvColumns& columns() const { return columns_; }

 private:
  static constexpr std::size_t first_bytes = 4096;
  static constexpr std::size_t longest = std::size_t{1} << 24;
  static constexpr std::array<std::string_view, 5> label_names = {"label", "class", "target", "digit", "y"};
  static constexpr std::array<std::string_view, 4> index_names = {"", "unnamed: 0", "index", "id"};

  template <std::size_t count>
  static bool is_one_of(const std::array<std::string_view, count>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  /// A name without blanks, quotation marks and '#' at both ends, in lower case.
  static std::string normal(std::string_view name) {
    constexpr const char* around = " \t\"'#";
    const std::size_t begin = (std::min)(name.find_first_not_of(around), name.size());
    std::string result(name.substr(begin, name.find_last_not_of(around) + 1 - begin));
    std::transform(result.begin(), result.end(), result.begin(), lower_case);
    return result;
  }

  static bool begins_like_name(std::string_view text) {
    const std::size_t at = text.find_first_not_of(" \t\"");
    if (at == std::string_view::npos) return false;
    const char c = lower_case(text[at]);
    return (c >= 'a' && c <= 'z') || c == '_' || c == '#' || c == '\'' ||
           static_cast<unsigned char>(c) >= 0x80;
  }

  /// Whether the fields of a line are exactly 0, 1, 2 and so on, perhaps before names. The last field may be
  /// cut off.
  static bool is_numbered(CsvFields fields, bool is_cut_off) {
    std::size_t count = 0;
    bool are_numbers = true;
    std::string_view field, next;
    for (bool more = fields.next(field); more; field = next, ++count) {
      more = fields.next(next);
      are_numbers = are_numbers && normal(field) == std::to_string(count);
      if (!are_numbers && !begins_like_name(field)) {
        return is_cut_off && !more && count > 1;
      }
    }
    return count > 1;
  }

  /// Whether the text, the first bytes of the file, begins with a header. A line 0, 1, 2 and so on that is
  /// longer than these bytes is a header, because its numbers exceed the largest pixel, 255.
  bool is_header(std::string_view text) const {
    const std::size_t end = (std::min)(text.find_first_of("\r\n"), text.size());
    const bool is_cut_off = end == text.size() && text.size() + columns_.start == first_bytes;
    const CsvFields fields(text.substr(0, end));
    CsvFields rest = fields;
    std::string_view first, second;
    rest.next(first);
    if (!normal(first).empty()) {
      return begins_like_name(first) || (is_numbered(fields, is_cut_off) && !is_repeated(text, end));
    }
    CsvFields names = rest;
    return names.next(second) && (begins_like_name(second) || is_numbered(rest, is_cut_off));
  }

  /// Whether the second line equals the first line, which ends at `end`, except in the first field.
  static bool is_repeated(std::string_view text, std::size_t end) {
    const auto behind_first_field = [](std::string_view line) {
      return line.substr((std::min)(line.find_first_of(",;\t"), line.size()));
    };
    const std::string_view next = text.substr((std::min)(text.find_first_not_of("\r\n", end), text.size()));
    return behind_first_field(next.substr(0, next.find_first_of("\r\n"))) ==
           behind_first_field(text.substr(0, end));
  }

  /// The header line. It must be text, so that a binary file is rejected.
  std::string_view line() {
    const std::size_t start = columns_.start;
    for (std::size_t at = start, size = first_bytes;; size *= 2) {
      const std::string_view text = file_.peek(size);
      for (; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const bool at_last = at + 1 == text.size();
        if (byte == '\n' || (byte == '\r' && (at_last || text[at + 1] == '\n'))) {
          if (byte == '\r' && at_last && text.size() >= size) break;  // the next byte is unknown
          return text.substr(start, at - start);
        }
        if (byte < ' ' && byte != '\t') {
          fail(at - start, "the header holds byte ", static_cast<int>(byte), ", expected text");
        }
        if (at - start == longest) {
          fail(longest, "the header is too long, expected at most ", longest, " characters");
        }
      }
      if (text.size() < size) return text.substr(start);
    }
  }

  void skip(std::string_view line) {
    const std::string_view text = file_.peek(0);
    columns_.start += line.size();
    for (const char end : {'\r', '\n'}) {
      if (columns_.start < text.size() && text[columns_.start] == end) ++columns_.start;
    }
    ++columns_.lines;
  }

  void read_names(std::string_view header) {
    CsvFields fields(header);
    for (std::string_view field; fields.next(field); ++columns_.names) {
      read_name(normal(field), static_cast<std::size_t>(field.data() - header.data()));
    }
    columns_.has_index = columns_.has_index && columns_.names > 1;
  }

  /// Reads the name of column columns_.names, which begins `offset` bytes behind the start of the line.
  void read_name(const std::string& name, std::size_t offset) {
    const bool is_label = wanted_.empty() ? is_one_of(label_names, name) : name == wanted_;
    if (!is_label) {
      const bool is_first = columns_.names == 0 || (columns_.names == 1 && columns_.has_index);
      pixel_first_ |= is_first && starts_with(name, "pixel");
      columns_.has_index |= columns_.names == 0 && is_one_of(index_names, name);
      return;
    }
    if (named_ != 0) {
      fail(offset, "the header names two columns of labels, ", named_, " and ", columns_.names + 1, " (\"",
           name,
           "\"), expected one; choose by ReadOptions::label_column, \"first\" or \"last\" "
           "(--label-column)");
    }
    named_ = columns_.names + 1;
  }

  void find_label(CsvLabels labels) {
    const std::size_t index = columns_.has_index ? 1 : 0;
    if (wanted_ == "first") {
      columns_.label = 0;
    } else if (wanted_ == "last") {
      columns_.label = CsvColumns::last;
    } else if (named_ != 0) {
      columns_.label = named_ - 1 - index;
    } else if (!wanted_.empty()) {
      fail(
          0,
          columns_.names == 0 ? "the file has no header, thus no column \"" : "the header names no column \"",
          wanted_, "\", expected the name of the label column, \"first\" or \"last\"");
    } else if (labels == CsvLabels::required) {
      if (pixel_first_) {
        fail(0,
             "the first column is named pixel, and no column label, class, target, digit or y: set "
             "label_column (--label-column), or use read_images for a file without labels");
      }
      columns_.is_assumed = true;
    }
    columns_.match_names = columns_.has_index || (named_ > 1 && columns_.label == named_ - 1);
  }

  /// @param offset  from the start of the line
  template <typename... Parts>
  [[noreturn]] void fail(std::size_t offset, const Parts&... parts) const {
    throw std::runtime_error(message(file_.path(), ":", columns_.lines + 1, ":", offset + 1, ": ", parts...));
  }

  InputFile& file_;
  std::string wanted_;
  CsvColumns columns_;
  bool pixel_first_ = false;  // the header names the first column behind the index pixel, pixel0 and so on
  std::size_t named_ = 0;     // the number of the column that the header names, from 1; 0: none
};

}  // namespace backquery::detail
