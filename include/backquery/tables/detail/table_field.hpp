/// @file
/// Fields of a table as text.
#pragma once

#include <backquery/detail/csv_text.hpp>
#include <backquery/detail/decimal.hpp>
#include <backquery/detail/file_kind.hpp>
#include <backquery/tables/table_options.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace backquery::detail {

/// A field without its quotation marks, or without the blanks around it.
struct TableField {
  std::string text;
  Index line = 0;             // of its first character, from 1
  std::ptrdiff_t column = 0;  // of its first character in the line, from 1
};

/// Whether the text stands for a value that is missing.
inline bool is_missing(const std::string& text) {
  if (text.size() > 4) return false;
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), lower_case);
  return lower.empty() || lower == "?" || lower == "na" || lower == "nan" || lower == "n/a" ||
         lower == "null";
}

/// Whether the text is a number, with or without blanks around it.
/// @param in_range  receives whether the number is in the range of Scalar
template <typename Scalar>
bool read_decimal(const std::string& text, char point, Scalar& value, bool& in_range) {
  const std::size_t begin = (std::min)(text.find_first_not_of(" \t"), text.size());
  const std::size_t end = text.find_last_not_of(" \t") + 1;
  const std::string padded =
      text.substr(begin, end - begin) + std::string(8, '\0');  // Decimal reads whole words
  const Decimal decimal(padded.data(), point);
  if (!decimal.is_number() || decimal.end() != padded.data() + (padded.size() - 8)) return false;
  in_range = decimal.read(value);
  return true;
}

inline bool is_decimal(const std::string& text, char point) {
  double value;
  bool in_range;
  return read_decimal(text, point, value, in_range);
}

/// Reads the fields of a table.
///
/// - Text in quotation marks may have separators and line ends; "" in it is one quotation mark.
/// - Other text ends at a separator or line end, and may have quotation marks behind its first character.
class TableFields {
 public:
  explicit TableFields(CsvText& text) : text_(text) {}

  /// Reads the field at the cursor of the text. Moves the cursor to the separator or line end behind the
  /// field.
  void read(TableField& field) {
    while (!parse(field)) {
      if (text_.refill()) continue;
      if (text_.is_cut(text_.end())) {
        text_.fail("the field is longer than ", text_.block_size(),
                   " characters, expected a separator or a line end",
                   is_quoted_ ? " behind a closing quotation mark" : "");
      }
      text_.fail("the quotation mark is not closed, expected another one before the end of the file");
    }
  }

 private:
  /// @return false if the buffer ends inside the field; the cursor is at the first character of the field
  bool parse(TableField& field) {
    const char* c = text_.cursor();
    while (is_csv_blank(*c, text_.separator())) ++c;
    text_.cursor() = c;
    field.text.clear();
    field.line = text_.line();
    field.column = text_.column();
    is_quoted_ = *c == '"';
    return is_quoted_ ? parse_quoted(c + 1, field.text) : parse_plain(c, field.text);
  }

  bool parse_quoted(const char* c, std::string& text) {
    for (;;) {
      const auto left = static_cast<std::size_t>(text_.end() - c);
      const auto* const mark = static_cast<const char*>(std::memchr(c, '"', left));
      if (mark == nullptr || text_.is_cut(mark + 1)) return false;
      if (std::memchr(c, '\0', static_cast<std::size_t>(mark - c)) != nullptr) {
        text_.advance(static_cast<const char*>(std::memchr(c, '\0', left)));
        text_.fail("byte 0, expected text");
      }
      text.append(c, mark);
      c = mark + 1;
      if (*c != '"') break;
      text += '"';
      ++c;
    }
    const char* const end = field_end(c);
    if (end == nullptr) return false;
    text_.advance(end);
    if (!is_end(end)) {
      text_.fail(detail::quoted(std::string_view(end, 1)),
                 " behind a closing quotation mark, expected a separator or a "
                 "line end; a quotation mark in a text is written as \"\"");
    }
    return true;
  }

  bool parse_plain(const char* c, std::string& text) {
    const char* end = c;
    while (!is_end(end) && (static_cast<unsigned char>(*end) >= ' ' || *end == '\t')) ++end;
    if (text_.is_cut(end) || (*end == '\r' && text_.is_cut(end + 1))) return false;
    if (!is_end(end)) {
      text_.cursor() = end;
      text_.fail("byte ", int{*end}, ", expected text",
                 *end == '\r' ? "; a line end is a line feed, perhaps behind a carriage return" : "");
    }
    const char* last = end;
    while (last != c && is_csv_blank(last[-1], text_.separator())) --last;
    text.assign(c, last);
    const char* const behind = field_end(last);
    if (behind == nullptr) return false;
    text_.cursor() = behind;
    return true;
  }

  bool is_end(const char* c) const {
    return text_.is_field_end(c) || (text_.separator() == ' ' && *c == '\t');
  }

  /// Skips blanks. Blanks are one separator if a blank is the separator; the last of them is the result then.
  /// @return null if the buffer ends
  const char* field_end(const char* c) const {
    const char* end = c;
    while (is_csv_blank(*end, text_.separator())) ++end;
    if (text_.is_cut(end) || (*end == '\r' && text_.is_cut(end + 1))) return nullptr;
    return text_.separator() == ' ' && end != c && !text_.is_line_end(end) ? end - 1 : end;
  }

  CsvText& text_;
  bool is_quoted_ = false;
};

/// The separator of a table: the candidate that is equally often in the first two lines, outside quotation
/// marks, else the most frequent one in the first line. A tab beside another candidate is a blank.
/// @param text  the first lines
inline char table_separator(std::string_view text, bool decimal_comma) {
  const std::string_view candidates(decimal_comma ? "\t;" : "\t;,");
  std::array<std::array<std::size_t, 3>, 2> counts{};
  std::size_t line = 0;
  bool in_quotes = false;
  for (std::size_t i = 0; i < text.size() && line < counts.size(); ++i) {
    in_quotes ^= text[i] == '"';
    if (in_quotes) continue;
    const std::size_t candidate = candidates.find(text[i]);
    const auto is_other = [&](std::size_t at) {
      return at < text.size() && text[at] != '\t' && candidates.find(text[at]) != std::string_view::npos;
    };
    if (candidate != std::string_view::npos && (text[i] != '\t' || (!is_other(i - 1) && !is_other(i + 1)))) {
      ++counts[line][candidate];
    }
    if (text[i] == '\n') ++line;
  }
  std::size_t best = candidates.size() - 1;
  for (std::size_t candidate = candidates.size(); candidate-- > 0;) {
    if (counts[0][candidate] >= counts[0][best]) best = candidate;
  }
  for (std::size_t candidate = 0; candidate < candidates.size(); ++candidate) {
    if (counts[0][candidate] != 0 && counts[0][candidate] == counts[1][candidate])
      return candidates[candidate];
  }
  return counts[0][best] == 0 ? (decimal_comma ? ';' : ',') : candidates[best];
}

}  // namespace backquery::detail
