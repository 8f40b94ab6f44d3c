/// @file
/// The reader behind read_table.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/csv_text.hpp>
#include <backquery/detail/decimal.hpp>
#include <backquery/detail/file_kind.hpp>
#include <backquery/detail/input_file.hpp>
#include <backquery/tables/detail/table_column.hpp>
#include <backquery/tables/detail/table_field.hpp>
#include <backquery/tables/table.hpp>
#include <backquery/tables/table_options.hpp>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace backquery::detail {

/// The start of a table: byte order mark, a line "sep=;" for Excel, and the separator.
struct TableStart {
  std::size_t bytes = 0;  // before the first line
  Index lines = 0;        // in these bytes
  char separator;

  TableStart(InputFile& file, const TableOptions& options) : separator(options.separator) {
    constexpr std::size_t first_bytes = std::size_t{1} << 16;
    std::string_view text = file.peek(first_bytes);
    if (const char* remedy = foreign_format(text.substr(0, file_kind_bytes))) file.fail(remedy);
    if (starts_with(text, "\xef\xbb\xbf")) bytes = 3;
    text.remove_prefix(bytes);
    if (starts_with(text, "sep=") && text.size() > 5 && is_table_separator(text[4]) &&
        (text[5] == '\n' || starts_with(text.substr(5), "\r\n"))) {
      const std::size_t line = text.find('\n') + 1;
      if (separator == '\0') separator = text[4];
      bytes += line;
      lines = 1;
    }
    if (separator == '\0') separator = table_separator(text, options.decimal_comma);
  }
};

/// Reads a table in one pass. The names of the columns come from the header or are numbers, and the first
/// value of each column decides between numbers and text.
template <typename Scalar>
class TableReader {
 public:
  /// @param block_size  size of the buffer; at least 8. No field may be longer
  TableReader(InputFile& file, const TableOptions& options, std::size_t block_size = std::size_t{1} << 18)
      : TableReader(file, options, TableStart(file, options), block_size) {}

  Table<Scalar> read() {
    read_first_line();
    while (!text_.at_end("a sample")) {
      read_line(next_values());
      ++samples_;
    }
    if (samples_ == 0) {
      text_.fail("no sample, expected a line of ", columns_.size(), " fields");
    }
    values_.conservativeResize(values_.rows(), samples_);
    std::vector<TableColumn> columns;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      std::vector<Index> new_ids;
      columns.push_back(columns_[i].finished(point_, new_ids));
      if (!columns.back().is_text) continue;
      for (Scalar& value : values_.row(static_cast<Index>(i))) {
        value = static_cast<Scalar>(new_ids[static_cast<std::size_t>(value)]);
      }
    }
    return {std::move(columns), std::move(values_)};
  }

 private:
  using Kind = ReadColumn::Kind;

  // They limit the memory for the first line.
  static constexpr std::size_t most_columns = std::size_t{1} << 20;
  static constexpr std::size_t longest_line = std::size_t{1} << 24;

  TableReader(InputFile& file, const TableOptions& options, const TableStart& start, std::size_t block_size)
      : options_(options),
        point_(options.decimal_comma ? ',' : '.'),
        text_(file, start.bytes, start.lines, block_size, start.separator),
        fields_(text_) {}

  /// Space for the values of the next sample. Eigen resizes by realloc, which can move pages instead of
  /// copying them.
  Scalar* next_values() {
    if (samples_ == values_.cols()) {
      values_.conservativeResize(static_cast<Index>(columns_.size()), 2 * samples_ + 1);
    }
    return values_.col(samples_).data();
  }

  bool at_line_end() { return text_.is_line_end(text_.cursor()); }

  /// Reads the header, or the first sample if there is none.
  void read_first_line() {
    if (text_.at_end("a header or a sample")) {
      text_.fail("the file is empty, expected a header or a sample");
    }
    first_line_ = text_.line();
    std::vector<TableField> fields;
    std::size_t length = 0;
    for (;; ++text_.cursor()) {
      fields.emplace_back();
      fields_.read(fields.back());
      length += fields.back().text.size();
      if (fields.size() > most_columns || length > longest_line) {
        text_.fail("the first line has ", fields.size(), " fields of ", length,
                   " characters, expected at most ", most_columns, " fields and ", longest_line,
                   " characters; is the separator correct?");
      }
      if (at_line_end()) break;
    }
    const bool has_header = options_.header ? *options_.header : is_header(fields);
    name_columns(fields, has_header);
    values_.resize(static_cast<Index>(columns_.size()), 0);
    if (!has_header) {
      Scalar* const values = next_values();
      for (std::size_t i = 0; i < fields.size(); ++i) values[i] = value_of(fields[i], columns_[i]);
      ++samples_;
    }
    text_.end_line();
  }

  bool is_header(const std::vector<TableField>& fields) const {
    const auto holds_number = [this](const TableField& field) { return is_decimal(field.text, point_); };
    std::size_t numbered = 0;
    while (numbered < fields.size() && fields[numbered].text == std::to_string(numbered)) ++numbered;
    return (numbered == fields.size() && numbered >= 3) ||
           std::none_of(fields.begin(), fields.end(), holds_number);
  }

  void name_columns(std::vector<TableField>& fields, bool has_header) {
    columns_.resize(fields.size());
    std::unordered_map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      columns_[i].name = has_header ? fields[i].text : std::to_string(i);
      if (has_header) check_name(fields[i], i, known.emplace(fields[i].text, i).first->second);
    }
    for (const auto& [name, categories] : options_.categories) {
      const auto column = std::find_if(columns_.begin(), columns_.end(),
                                       [&name = name](const ReadColumn& c) { return c.name == name; });
      if (column == columns_.end()) {
        text_.fail_at(first_line_, 1, "there is no column ", detail::quoted(name),
                      ", which options.categories names",
                      has_header ? "" : "; without a header, the names are \"0\", \"1\" and so on");
      }
      column->kind = Kind::any_text;
      column->is_closed = !categories.empty();
      for (const std::string& category : categories) column->id(category);
    }
  }

  /// @param same  the index of the first column with this name
  void check_name(const TableField& field, std::size_t i, std::size_t same) const {
    if (field.text.empty()) {
      text_.fail_at(field.line, field.column, "column ", i + 1,
                    " has no name, expected a name; if the column has "
                    "the names of lines, write the file without them (index=False in pandas, "
                    "row.names = FALSE in R)");
    }
    if (same != i) {
      text_.fail_at(field.line, field.column, "column ", i + 1, " has the name ", detail::quoted(field.text),
                    " of column ", same + 1, ", expected different names");
    }
  }

  void read_line(Scalar* values) {
    const std::size_t count = columns_.size();
    for (std::size_t i = 0;;) {
      i += read_plain_numbers(values, i);
      if (i == count) break;
      fields_.read(field_);
      if (i > 0 && text_.separator() == ' ' && field_.text.empty() && at_line_end()) fail_count(i);
      values[i] = value_of(field_, columns_[i]);
      if (at_line_end() != (++i == count)) fail_count(i);
      if (i == count) break;
      ++text_.cursor();
    }
    text_.end_line();
  }

  /// Reads numbers from column `first` on. Stops at any other field, for example at a field that the buffer
  /// may hold in part.
  /// @return the number of fields; the cursor is behind the last separator, or at the end of the line
  std::size_t read_plain_numbers(Scalar* values, std::size_t first) {
    const std::size_t last = columns_.size() - 1;
    const char separator = text_.separator(), point = point_;
    const char* c = text_.cursor();
    std::size_t i = first;
    for (; i < last && columns_[i].kind == Kind::numbers; ++i) {
      const char* end = read_plain_decimal(c, point, values[i]);
      if (end == nullptr || *end != separator) {
        end = read_any_decimal(c, values[i]);
        if (end == nullptr || *end != separator) break;
      }
      c = end + 1;
    }
    if (i == last && columns_[i].kind == Kind::numbers) {
      const char* end = read_plain_decimal(c, point, values[i]);
      if (end == nullptr || !text_.is_line_end(end)) end = read_any_decimal(c, values[i]);
      if (end != nullptr && text_.is_line_end(end)) {
        c = end;
        ++i;
      }
    }
    text_.cursor() = c;
    return i - first;
  }

  const char* read_any_decimal(const char* text, Scalar& value) const {
    const Decimal decimal(text, point_);
    return decimal.is_number() && decimal.read(value) ? decimal.end() : nullptr;
  }

  Scalar value_of(const TableField& field, ReadColumn& column) {
    if (column.kind == Kind::any_text) return category(field, field.text, column);
    if (is_missing(field.text)) {
      if (!options_.missing) {
        fail(field, column, field.text.empty() ? "is empty" : "is missing: " + detail::quoted(field.text),
             ", expected a value; set options.missing to replace missing values");
      }
      return column.kind == Kind::text ? category(field, "", column) : static_cast<Scalar>(*options_.missing);
    }
    Scalar value{};
    bool in_range = true;
    if (read_decimal(field.text, point_, value, in_range)) {
      if (column.kind == Kind::text) {
        fail(
            field, column, "is the number " + detail::quoted(field.text),
            message(", expected text as in line ", column.first_line, ", ", detail::quoted(column.first_text),
                    "; name the column in options.categories to read numbers as text",
                    column.first_line != first_line_
                        ? ""
                        : message(", or set options.header if line ", first_line_, " has the names")));
      }
      if (!in_range) {
        fail(field, column, "is " + detail::quoted(field.text),
             ", expected a number in the range of the type");
      }
      column.kind = Kind::numbers;
      return value;
    }
    if (column.kind == Kind::numbers) reject_text(field, column);
    if (column.kind == Kind::unknown) start_text(field, column);
    return category(field, field.text, column);
  }

  Scalar category(const TableField& field, const std::string& text, ReadColumn& column) {
    const std::size_t known = column.ids.size();
    const Index id = column.id(text);
    if (column.ids.size() != known && column.is_closed) {
      fail(field, column, "is " + detail::quoted(text),
           message(", expected one of the ", known, " texts in options.categories"));
    }
    constexpr int digits = (std::min)(std::numeric_limits<Scalar>::digits, 31);
    if (id > (Index{1} << digits) - 1) {
      fail(field, column, "has too many different texts", message(", expected at most ", Index{1} << digits));
    }
    return static_cast<Scalar>(id);
  }

  void start_text(const TableField& field, ReadColumn& column) {
    column.kind = Kind::text;
    column.first_text = field.text;
    column.first_line = field.line;
    const Index row = &column - columns_.data();
    if (samples_ > 0) values_.row(row).head(samples_).setConstant(category(field, "", column));
  }

  [[noreturn]] void reject_text(const TableField& field, const ReadColumn& column) const {
    const bool is_other = is_decimal(field.text, point_ == '.' ? ',' : '.');
    fail(field, column, "is " + detail::quoted(field.text),
         message(", expected a number", !is_other ? ""
                                        : point_ == '.'
                                            ? "; set options.decimal_comma if numbers have a decimal comma"
                                            : ", with a decimal comma (options.decimal_comma)"));
  }

  [[noreturn]] void fail(const TableField& field, const ReadColumn& column, const std::string& what,
                         const std::string& expected) const {
    text_.fail_at(field.line, field.column, "column ", detail::quoted(column.name), " ", what, expected);
  }

  /// @param fields  that have been read
  [[noreturn]] void fail_count(std::size_t fields) {
    const bool is_short = at_line_end();
    text_.fail(is_short ? "" : "more than ", fields, " fields, expected ", columns_.size(), ", as in line ",
               first_line_,
               is_short || samples_ > 0 ? ""
                                        : "; if the lines begin with names, write the file without them "
                                          "(row.names = FALSE in R)");
  }

  const TableOptions& options_;
  char point_;
  CsvText text_;
  TableFields fields_;
  TableField field_;
  std::vector<ReadColumn> columns_;
  Index first_line_ = 1;
  Index samples_ = 0;
  detail::MatrixX<Scalar> values_;  // columns of the table x samples, with space for more
};

}  // namespace backquery::detail
