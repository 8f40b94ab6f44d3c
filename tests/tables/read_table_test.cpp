/// @file
/// Accepted texts of tables.
#include "table_text.hpp"

#include <backquery/detail/random.hpp>

#include <cstdio>
#include <limits>
#include <string>
#include <vector>

using Values = std::vector<double>;

namespace {

/// Checks that the text has columns "a" and "b" with 1.5, -2, 30 and 4, 5, 0.6.
void check_a_and_b(const std::string& text, const backquery::TableOptions& options = {}) {
  CAPTURE(text);
  const auto table = table_of(text, options);
  CHECK(table.names() == Names{"a", "b"});
  CHECK(table.samples() == 3);
  CHECK(numbers_of(table, "a") == Values{1.5, -2, 30});
  CHECK(numbers_of(table, "b") == Values{4, 5, 0.6});
}

}  // namespace

TEST_CASE("a table is read with every separator and line end") {
  check_a_and_b("a,b\n1.5,4\n-2,5\n30,0.6\n");
  check_a_and_b("a;b\n1.5;4\n-2;5\n30;0.6");
  check_a_and_b("a\tb\n1.5\t4\n-2\t5\n30\t0.6\n\n\n");
  check_a_and_b("a,b\r\n1.5,4\r\n-2,5\r\n30,0.6\r\n");
  check_a_and_b("a,b\r\n1.5,4\r\n-2,5\r\n30,0.6\r");
  check_a_and_b("\xef\xbb\xbf\"a\",\"b\"\n\"1.5\",\" 4 \"\n\"-2\",5\n30,\"0.6\"\n");
  check_a_and_b("sep=;\r\na;b\r\n1.5;4\r\n-2;5\r\n30;0.6\r\n");
  check_a_and_b(" a , b\n 1.5,4\n\t-2 ,\t5\n  30, 0.6 \n  \n");
  check_a_and_b("a,b\n+1.5e0,4.\n-.2E1,500e-2\n3e+1,+.6\n");
}

TEST_CASE("a table is read with a given separator") {
  backquery::TableOptions options;
  options.separator = '|';
  check_a_and_b("a|b\n1.5|4\n-2|5\n30|0.6\n", options);
  options.separator = ':';
  check_a_and_b("a:b\n1.5:4\n-2:5\n30:0.6\n", options);
  options.separator = ' ';
  check_a_and_b("a b\n1.5 4\n-2 5\n30 0.6\n", options);
  check_a_and_b("   a    b\n 1.5   4 \n  -2\t 5  \n\t30\t0.6\t\n   \n", options);
  check_a_and_b("\"a\" \"b\"\r\n1.5 \"4\"\r\n-2   5\r\n30 0.6 \r\n", options);
}

TEST_CASE("numbers have a decimal comma on request") {
  backquery::TableOptions options;
  options.decimal_comma = true;
  check_a_and_b("a;b\n1,5;4\n-2;5\n30;0,6\n", options);
  check_a_and_b("a\tb\n1,5\t4,0\n-2\t5\n30\t,6\n", options);
  check_a_and_b("a;b\n\"1,5\";4\n-2,00;5\n3,0e1;0,6\n", options);
}

TEST_CASE("the separator is the character that fits the first two lines") {
  CHECK(table_of("age, in years;price, in EUR\n1;2\n").names() == Names{"age, in years", "price, in EUR"});
  CHECK(table_of("a;b,c;d\n1,2\n").names() == Names{"a;b", "c;d"});
  CHECK(table_of("\"a;b;c\",d\n1,2\n").names() == Names{"a;b;c", "d"});
  CHECK(table_of("a,\tb\n1,\t2\n").names() == Names{"a", "b"});
  CHECK(table_of("name\tcity\nDoe, J.\tX; Y\n").names() == Names{"name", "city"});
  CHECK(table_of("only\n1\n").names() == Names{"only"});
}

TEST_CASE("the first line is a header unless it has a number") {
  CHECK(table_of("1,2\n3,4\n").names() == Names{"0", "1"});
  CHECK(table_of("1,2\n3,4\n").samples() == 2);
  CHECK(table_of("5.1,3.5,Iris-setosa\n4.9,3,Iris-setosa\n").samples() == 2);
  CHECK(table_of("0,1\n0,0\n").samples() == 2);
  CHECK(table_of("0,1,2\n5,6,7\n").samples() == 1);  // pandas: DataFrame(matrix).to_csv(path, index=False)
  backquery::TableOptions options;
  options.header = true;
  CHECK(table_of("2019,2020\n5,6\n", options).names() == Names{"2019", "2020"});
  options.header = false;
  CHECK(texts_of(table_of("x,y\nz,y\n", options), "0") == Names{"x", "z"});
}

TEST_CASE("text may have separators, quotation marks and line ends in quotation marks") {
  const auto table = table_of(
      "\"n, m\",x\n\"a, \"\"b\"\"\",1\n\"two\nlines\r\n\",2\n 5\" pipe ,3\n\" c \" ,4\n\"\"\"\",5\n");
  CHECK(table.names() == Names{"n, m", "x"});
  CHECK(texts_of(table, "n, m") == Names{"a, \"b\"", "two\nlines\r\n", "5\" pipe", " c ", "\""});
  CHECK(numbers_of(table, "x") == Values{1, 2, 3, 4, 5});
}

TEST_CASE("missing values are replaced by the stated value") {
  backquery::TableOptions options;
  options.missing = -1;
  const auto table = table_of("a,b,c\n,x,\n1,NA,?\nnan,y,N/A\n2,,null\n\"\",\"?\",NaN\n", options);
  CHECK(numbers_of(table, "a") == Values{-1, 1, -1, 2, -1});
  CHECK(texts_of(table, "b") == Names{"x", "", "y", "", ""});
  CHECK(numbers_of(table, "c") == Values{-1, -1, -1, -1, -1});
  CHECK(texts_of(table_of("a\n?\nNA\nx\n", options), "a") == Names{"", "", "x"});
  options.missing = std::numeric_limits<double>::quiet_NaN();
  CHECK(backquery::detail::is_nan(numbers_of(table_of("a,b\n,1\n", options), "a")[0]));
}

TEST_CASE("categories are sorted, or in the order of the options") {
  const std::string text = "s,n\nb,10\nA,9\na,2\nb,2\n";
  backquery::TableOptions options;
  options.categories["n"] = {};
  const auto table = table_of(text, options);
  CHECK(table.categories("s") == Names{"A", "a", "b"});
  CHECK(table.labels("s") == std::vector<int>{2, 0, 1, 2});
  CHECK(table.categories("n") == Names{"2", "9", "10"});
  CHECK(table.labels("n") == std::vector<int>{2, 1, 0, 0});
  options.categories = {{"s", {"b", "z", "a", "A"}}};
  const auto given = table_of(text, options);
  CHECK(given.categories("s") == Names{"b", "z", "a", "A"});
  CHECK(given.labels("s") == std::vector<int>{0, 3, 2, 0});
  options.categories = {{"c", {}}};
  CHECK(texts_of(table_of("c,x\nNA,1\n,2\n?,3\n", options), "c") == Names{"NA", "", "?"});
}

TEMPLATE_TEST_CASE("numbers are rounded correctly and independent of the size of the buffer", "[table]",
                   float, double) {
  backquery::detail::RandomEngine engine(1);
  std::string text = "x,y,\"z\"\n";
  std::vector<TestType> expected;
  for (int i = 0; i < 300; ++i) {
    for (int column = 0; column < 3; ++column) {
      char number[64];
      const double value = backquery::detail::uniform_symmetric(engine()) * 1000;
      std::snprintf(number, sizeof number, "%.*g", static_cast<int>(engine() % 20), value);
      expected.push_back(std::is_same_v<TestType, float>
                             ? std::strtof(number, nullptr)
                             : static_cast<TestType>(std::strtod(number, nullptr)));
      text.append(number).append(column == 2 ? "\n" : ",");
    }
  }
  TemporaryFolder folder;
  const std::string path = folder.write("table.csv", text);
  for (const std::size_t block : {32u, 33u, 40u, 61u, 128u, 4096u}) {
    CAPTURE(block);
    backquery::detail::InputFile file(path);
    const backquery::TableOptions options;
    const auto table = backquery::detail::TableReader<TestType>(file, options, block).read();
    const auto values = table.inputs({"x", "y", "z"});
    CHECK(std::vector<TestType>(values.data(), values.data() + values.size()) == expected);
  }
}
