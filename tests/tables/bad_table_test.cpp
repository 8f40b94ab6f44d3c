/// @file
/// Texts that are no tables: the message has the line, the column and what is expected.
#include "table_text.hpp"

#include <string>

using Catch::Matchers::ContainsSubstring;

TEST_CASE("lines with too few or too many fields are rejected") {
  CHECK(table_error("a,b,c\n1,2,3\n4,5\n") == "3:4: 2 fields, expected 3, as in line 1");
  CHECK(table_error("a,b,c\n1,2,3\n4,5,6,7\n") == "3:6: more than 3 fields, expected 3, as in line 1");
  CHECK(table_error("a,b\n1,2,\n").rfind("2:4: more than 2 fields, expected 2", 0) == 0);
  CHECK(table_error("1,2\n3\n") == "2:2: 1 fields, expected 2, as in line 1");
  CHECK(table_error("a,b\nx,1,2\n") ==
        "2:4: more than 2 fields, expected 2, as in line 1; if the lines begin with names, write the file "
        "without them (row.names = FALSE in R)");
  CHECK(table_error("a,b\n1,2\n\n3,4\n") ==
        "3:1: blank line, expected a sample (only the end of the file may be blank)");
  backquery::TableOptions options;
  options.separator = ' ';
  CHECK(table_error("a b c\n1 2 \n", options) == "2:5: 2 fields, expected 3, as in line 1");
}

TEST_CASE("text among numbers is rejected") {
  CHECK(table_error("a,b\n1,2\n3,x\n") == "3:3: column \"b\" is \"x\", expected a number");
  CHECK(table_error("a,b\n1,2\n3,inf\n") == "3:3: column \"b\" is \"inf\", expected a number");
  CHECK(table_error("a,b\n1,2\n3,4 5\n") == "3:3: column \"b\" is \"4 5\", expected a number");
  CHECK(table_error("a,b\n1,2\n1e999,3\n") ==
        "3:1: column \"a\" is \"1e999\", expected a number in the range of the type");
  CHECK(table_error("a;b\n1.5;2\n3,5;4\n") ==
        "3:1: column \"a\" is \"3,5\", expected a number; set options.decimal_comma if numbers have a "
        "decimal comma");
  backquery::TableOptions options;
  options.decimal_comma = true;
  CHECK(table_error("a;b\n1,5;2\n3.5;4\n", options) ==
        "3:1: column \"a\" is \"3.5\", expected a number, with a decimal comma (options.decimal_comma)");
}

TEST_CASE("numbers among text are rejected, and the message names the options for them") {
  CHECK(table_error("a,b\nx,2\ny,3\n4,4\n") ==
        "4:1: column \"a\" is the number \"4\", expected text as in line 2, \"x\"; name the column in "
        "options.categories to read numbers as text");
  CHECK(table_error("age,2020\n34,1\n") ==
        "2:1: column \"0\" is the number \"34\", expected text as in line 1, \"age\"; name the column in "
        "options.categories to read numbers as text, or set options.header if line 1 has the names");
}

TEST_CASE("missing values are rejected unless the options state a value") {
  CHECK(table_error("a,b\n1,2\n,3\n") ==
        "3:1: column \"a\" is empty, expected a value; set options.missing to replace missing values");
  CHECK(table_error("a,b\n1,2\n3, NA \n") ==
        "3:4: column \"b\" is missing: \"NA\", expected a value; set options.missing to replace missing "
        "values");
  CHECK_THAT(table_error("a,b\nx,1\n?,2\n"), ContainsSubstring("3:1: column \"a\" is missing: \"?\""));
}

TEST_CASE("column names are different and not empty") {
  CHECK(table_error("a,b, a\n1,2,3\n") ==
        "1:6: column 3 has the name \"a\" of column 1, expected different names");
  CHECK_THAT(table_error(",b\n0,2\n"), ContainsSubstring("1:1: column 1 has no name, expected a name") &&
                                           ContainsSubstring("index=False"));
  CHECK_THAT(table_error("a,b,\n1,2,\n"), ContainsSubstring("1:5: column 3 has no name"));
  backquery::TableOptions options;
  options.categories["c"] = {};
  CHECK(table_error("a,b\n1,2\n", options) ==
        "1:1: there is no column \"c\", which options.categories names");
  CHECK(table_error("1,2\n", options) ==
        "1:1: there is no column \"c\", which options.categories names; without a header, the names are "
        "\"0\", \"1\" "
        "and so on");
  options.categories = {{"a", {"x", "y"}}};
  CHECK(table_error("a,b\nx,1\nz,2\n", options) ==
        "3:1: column \"a\" is \"z\", expected one of the 2 texts in options.categories");
}

TEST_CASE("files without samples are rejected") {
  CHECK(table_error("") == "1:1: the file is empty, expected a header or a sample");
  CHECK(table_error("\n \r\n") == "3:1: the file is empty, expected a header or a sample");
  CHECK(table_error("\xef\xbb\xbf") == "1:1: the file is empty, expected a header or a sample");
  CHECK(table_error("a,b\n") == "2:1: no sample, expected a line of 2 fields");
  CHECK(table_error("a,b") == "2:1: no sample, expected a line of 2 fields");
}

TEST_CASE("quotation marks that are not closed and text behind them are rejected") {
  CHECK(table_error("a,b\n1,\"2\n3,4\n") ==
        "2:3: the quotation mark is not closed, expected another one before the end of the file");
  CHECK(table_error("\"a,b\n1,2\n") ==
        "1:1: the quotation mark is not closed, expected another one before the end of the file");
  CHECK(table_error("a,b\n\"x\"y,2\n") ==
        "2:4: \"y\" behind a closing quotation mark, expected a separator or a line end; a quotation mark in "
        "a text "
        "is written as \"\"");
  CHECK_THAT(table_error("a,b\n\"x\n\ny\" z,2\n"), ContainsSubstring("4:4: \"z\" behind a closing"));
}

TEST_CASE("bytes that are no text are rejected") {
  using namespace std::string_literals;
  CHECK(table_error("a,b\n1,2\n3,\0\n"s) == "3:3: byte 0, expected text");
  CHECK(table_error("a,b\n1,2\n3,4\0\n"s) == "3:4: byte 0, expected text");
  CHECK(table_error("a,b\nx,2\n\"y\0z\",4\n"s) == "3:3: byte 0, expected text");
  CHECK(table_error("a,\0b\n1,2\n"s) == "1:3: byte 0, expected text");
  CHECK(table_error("a,b\n1,2\n\0\0"s) == "3:1: byte 0, expected text");
  CHECK_THAT(table_error("a,b\r1,2\r3,4\r"), ContainsSubstring("1:4: byte 13, expected text; a line end is"));
  CHECK_THAT(table_error("\xff\xfe"
                         "a\0,\0"s),
             ContainsSubstring("is UTF-16 text"));
  CHECK_THAT(table_error("PK\x03\x04"), ContainsSubstring("is a ZIP archive"));
  CHECK_THAT(table_error("<html>"), ContainsSubstring("is HTML"));
}

TEST_CASE("errors behind text with line ends have the correct line") {
  CHECK(table_error("a,b\n\"x\n\n\",1\ny,z\n") == "5:3: column \"b\" is \"z\", expected a number");
  CHECK(table_error("\"a\nb\",c\nx,1\ny,z\n") == "4:3: column \"c\" is \"z\", expected a number");
  CHECK(table_error("a,b\nx,1\n\"\n1\n\",y\n") == "5:3: column \"b\" is \"y\", expected a number");
}

TEST_CASE("long fields and long first lines are rejected with little memory") {
  const std::string field(std::size_t{1} << 18, 'x');
  CHECK_THAT(table_error("a,b\n" + field + "y,1\n"),
             ContainsSubstring("2:1: the field is longer than 262144"));
  CHECK_THAT(table_error("a,b\n1,\"" + field + "y\n"),
             ContainsSubstring("2:3: the field is longer than 262144"));
  CHECK_THAT(table_error("a,b\n1," + std::string(std::size_t{1} << 18, '7')),
             ContainsSubstring("2:3: the field"));
  CHECK(table_of("a,b\nx,1\n" + field.substr(100) + ",1\n").categories("a").size() == 2);
  CHECK_THAT(table_error(std::string(std::size_t{3} << 20, ',')),
             ContainsSubstring(
                 "the first line has 1048577 fields of 0 characters, expected at most 1048576 fields"));
}

TEST_CASE("options out of range are rejected before the file is opened") {
  const auto misuse = [](const backquery::TableOptions& options) {
    CHECK_THROWS_AS(backquery::read_table<double>("no such file", options), std::invalid_argument);
  };
  for (const char separator : {'a', '0', '"', '.', '-', '+', '\n', '\r', '\x01', '\x80'}) {
    backquery::TableOptions options;
    options.separator = separator;
    misuse(options);
  }
  backquery::TableOptions options;
  options.separator = ',';
  options.decimal_comma = true;
  misuse(options);
  options = {};
  options.missing = std::numeric_limits<double>::infinity();
  misuse(options);
  options = {};
  options.categories["a"] = {"x", "y", "x"};
  misuse(options);
}
