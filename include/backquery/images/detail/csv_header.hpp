/// @file
/// Finds the columns of a CSV file from its start.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/file_kind.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/images/detail/csv_field.hpp>
#include <backquery/images/read_options.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace backquery::detail {

/// Whether a file needs a label column.
enum class CsvLabels {
  required,  ///< yes: the first column, unless the header or the options name another
  optional   ///< no: the file has labels if the header or the options name their column
};

/// The end of a message about a file whose images seem to have no labels.
constexpr const char* without_labels =
    "for a file without labels use read_images (mnist_train: --predict with --test)";

/// Calls visit(field) for each field of a line. The separator is the first comma, semicolon or tab outside
/// quotation marks.
template <typename Visit>
void for_each_field(std::string_view line, Visit visit) {
  char separator = '\0';
  bool in_quotes = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    in_quotes ^= line[i] == '"';
    if (in_quotes || (separator == '\0' ? !is_csv_separator(line[i]) : line[i] != separator)) continue;
    separator = line[i];
    visit(line.substr(begin, i - begin));
    begin = i + 1;
  }
  visit(line.substr(begin));
}

/// The columns of a file. They are counted from 0, without the index column.
struct CsvColumns {
  static constexpr std::size_t last = static_cast<std::size_t>(-1), none = last - 1;

  std::size_t start = 0;     // number of bytes before the first image: byte order mark and header
  Eigen::Index lines = 0;    // number of lines in these bytes
  std::size_t names = 0;     // names in the header, with the index column; 0: there is no header
  bool match_names = false;  // each line must have as many fields as names
  std::size_t index = 0;     // number of fields, 0 or 1, before the label and the pixels of each line
  std::size_t label = 0;     // the column of the label, or last, or none
  bool is_assumed = false;   // neither the header nor an option has named the label column
};

/// Reads the start of a file up to the first image, and finds the columns.
///
/// - A line "sep=;" before the header, which Excel needs, is skipped.
/// - The first line is a header if its first field begins with a letter, an apostrophe, '_', '#', or digits
///   and an x.
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
    // The pixels of Kaggle's MNIST have the names 1x1, 1x2 and so on.
    const std::size_t behind_digits = text.find_first_not_of("0123456789", at);
    if (behind_digits != at) return behind_digits != std::string_view::npos && text[behind_digits] == 'x';
    const char c = lower_case(text[at]);
    return (c >= 'a' && c <= 'z') || c == '_' || c == '#' || c == '\'' ||
           static_cast<unsigned char>(c) >= 0x80;
  }

  using Fields = std::vector<std::string_view>;

  /// Whether the fields from `begin` on are exactly 0, 1, 2 and so on. Names may follow.
  static bool is_numbered(const Fields& fields, std::size_t begin) {
    std::size_t count = 0;
    while (begin + count < fields.size() && normal(fields[begin + count]) == std::to_string(count)) ++count;
    return count > 0 && fields.size() > begin + 1 &&
           std::all_of(fields.data() + begin + count, fields.data() + fields.size(), begins_like_name);
  }

  /// Whether the text, the first bytes of the file, begins with a header. A line 0, 1, 2 and so on that is
  /// longer than these bytes is a header, because its numbers exceed the largest pixel, 255.
  bool is_header(std::string_view text) const {
    const std::size_t end = (std::min)(text.find_first_of("\r\n"), text.size());
    Fields fields;
    for_each_field(text.substr(0, end), [&](std::string_view field) { fields.push_back(field); });
    const bool is_cut_off = end == text.size() && text.size() + columns_.start == first_bytes;
    if (is_cut_off && fields.size() > 2) fields.pop_back();
    if (!normal(fields[0]).empty()) {
      return begins_like_name(fields[0]) || (is_numbered(fields, 0) && !is_repeated(text, end));
    }
    return fields.size() > 1 && (begins_like_name(fields[1]) || is_numbered(fields, 1));
  }

  /// Whether the second line equals the first line, which ends at `end`, except in the first field.
  static bool is_repeated(std::string_view text, std::size_t end) {
    const auto behind_first_field = [](std::string_view line) {
      const auto separator = std::find_if(line.begin(), line.end(), is_csv_separator);
      return line.substr(static_cast<std::size_t>(separator - line.begin()));
    };
    const std::string_view next = text.substr((std::min)(text.find_first_not_of("\r\n", end), text.size()));
    return behind_first_field(next.substr(0, next.find_first_of("\r\n"))) ==
           behind_first_field(text.substr(0, end));
  }

  /// The line at columns_.start. It must be text, so that a binary file is rejected.
  std::string_view line() {
    std::string_view text;
    std::size_t end = 0;
    for (std::size_t size = first_bytes; size <= 2 * longest; size *= 2) {
      text = std::string_view(file_.peek(size)).substr(columns_.start);
      end = (std::min)(text.find('\n', end), text.size());
      if (end < text.size() || text.size() + columns_.start < size) break;
    }
    text = text.substr(0, (std::min)(end, longest + 1));
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    const auto bad = std::find_if(text.begin(), text.end(),
                                  [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\t'; });
    if (bad != text.end()) {
      fail(static_cast<std::size_t>(bad - text.begin()), "the header holds byte ", int{*bad},
           ", expected text");
    }
    if (text.size() > longest) {
      fail(longest, "the header is too long, expected at most ", longest, " characters");
    }
    return text;
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
    for_each_field(header, [&](std::string_view field) {
      read_name(normal(field), static_cast<std::size_t>(field.data() - header.data()));
      ++columns_.names;
    });
    if (columns_.names == 1) columns_.index = 0;
  }

  /// Reads the name of column columns_.names, which begins `offset` bytes behind the start of the line.
  void read_name(const std::string& name, std::size_t offset) {
    const std::size_t column = columns_.names - columns_.index;
    const std::string stem = name.substr(0, name.find_last_not_of("0123456789") + 1);
    if (column == 0) first_stem_ = stem;
    if (column == 1) is_series_ = stem == first_stem_ && !stem.empty();
    last_stem_ = stem;
    const bool is_label = wanted_.empty() ? is_one_of(label_names, name) : name == wanted_;
    if (!is_label) {
      if (columns_.names == 0 && is_one_of(index_names, name)) columns_.index = 1;
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

  /// Whether the first name, behind the index column, names a pixel: it begins with "pixel", or it begins a
  /// series such as p0, p1, and the last name does not continue this series.
  bool is_pixel_first() const {
    return starts_with(first_stem_, "pixel") || (is_series_ && last_stem_ != first_stem_);
  }

  void find_label(CsvLabels labels) {
    if (wanted_ == "first") {
      columns_.label = 0;
    } else if (wanted_ == "last") {
      columns_.label = CsvColumns::last;
    } else if (named_ != 0) {
      columns_.label = named_ - 1 - columns_.index;
    } else if (!wanted_.empty()) {
      fail(
          0,
          columns_.names == 0 ? "the file has no header, thus no column \"" : "the header names no column \"",
          wanted_, "\", expected the name of the label column, \"first\" or \"last\"");
    } else if (labels == CsvLabels::required) {
      if (is_pixel_first()) {
        fail(0,
             "the first column is named like a pixel, and no column is named label, class, target, digit or "
             "y: set label_column (--label-column), or ",
             without_labels);
      }
      columns_.is_assumed = true;
    }
    columns_.match_names = columns_.index != 0 || (named_ > 1 && columns_.label == named_ - 1);
  }

  /// @param offset  from the start of the line
  template <typename... Parts>
  [[noreturn]] void fail(std::size_t offset, const Parts&... parts) const {
    throw std::runtime_error(message(file_.path(), ":", columns_.lines + 1, ":", offset + 1, ": ", parts...));
  }

  InputFile& file_;
  std::string wanted_;
  CsvColumns columns_;
  std::string first_stem_, last_stem_;  // the names without digits at the end
  bool is_series_ = false;              // the second name has the stem of the first one
  std::size_t named_ = 0;               // the number of the column that the header names, from 1; 0: none
};

}  // namespace backquery::detail
