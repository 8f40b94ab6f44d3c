/// @file
/// Inputs, targets and classes of tables, and their division into parts.
#include "table_text.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using Catch::Matchers::ContainsSubstring;

namespace {

std::string misuse_of_table(const backquery::Table<double>& table, const std::string& call) {
  try {
    if (call == "unknown") table.inputs({"a", "z"});
    if (call == "text") table.targets("s");
    if (call == "number") table.one_hot("a");
    if (call == "no names") table.inputs(Names());
    if (call == "subset") table.subset({0, 4});
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing";
}

/// Samples 0 to n - 1.
backquery::Table<double> counted(int n) {
  std::string text = "i,s\n";
  for (int i = 0; i < n; ++i) {
    text.append(std::to_string(i)).append(i % 2 == 0 ? ",even\n" : ",odd\n");
  }
  return table_of(text);
}

}  // namespace

TEMPLATE_TEST_CASE("columns become rows of inputs and targets, and classes", "[table]", EVERY_SCALAR) {
  using Matrix = typename backquery::Table<TestType>::Matrix;
  const auto table = table_of<TestType>("a,s,b\n1,y,4\n2,x,5\n3,y,6\n");
  CHECK(table.samples() == 3);
  CHECK(table.is_text("s"));
  CHECK_FALSE(table.is_text("b"));
  const Matrix both = (Matrix(2, 3) << 4, 5, 6, 1, 2, 3).finished();
  CHECK(table.inputs({"b", "a"}) == both);
  CHECK(table.targets(Names{"b", "a"}) == both);
  CHECK(table.targets("a") == both.bottomRows(1));
  CHECK(table.labels("s") == std::vector<int>{1, 0, 1});
  CHECK(table.one_hot("s") == (Matrix(2, 3) << 0, 1, 0, 1, 0, 1).finished());
  const auto off = static_cast<TestType>(0.01), on = static_cast<TestType>(0.99);
  CHECK(table.one_hot("s", off, on) == (Matrix(2, 3) << off, on, off, on, off, on).finished());
  const auto last = table.subset({2, 2});
  CHECK(last.inputs("a") == Matrix::Constant(1, 2, 3));
  CHECK(last.categories("s") == Names{"x", "y"});
}

TEST_CASE("misuse of a table is rejected with the names of its columns") {
  const auto table = table_of("a,s\n1,x\n2,y\n3,x\n4,x\n");
  CHECK(misuse_of_table(table, "unknown") ==
        "backquery::Table::inputs: there is no column \"z\", expected \"a\", \"s\"");
  CHECK(misuse_of_table(table, "text") ==
        "backquery::Table::targets: column \"s\" has text, such as \"x\", expected numbers; use one_hot or "
        "labels, or TableOptions for decimal commas");
  CHECK(misuse_of_table(table, "number") ==
        "backquery::Table::one_hot: column \"a\" has numbers, expected text; name it in "
        "TableOptions::categories to "
        "read its numbers as text");
  CHECK(misuse_of_table(table, "no names") ==
        "backquery::Table::inputs: names is empty, expected at least one name");
  CHECK(misuse_of_table(table, "subset") == "backquery::Table::subset: index 1 is 4, expected 0 to 3");
  CHECK_THAT(misuse_of_table({}, "unknown"), ContainsSubstring("expected none, because the table is empty"));
}

TEST_CASE("split divides the samples at random, equally for equal seeds") {
  const auto table = counted(100);
  const auto [first, second] = backquery::split(table, 0.8, 1);
  CHECK(first.samples() == 80);
  CHECK(second.samples() == 20);
  std::vector<double> all = numbers_of(first, "i");
  const std::vector<double> rest = numbers_of(second, "i");
  CHECK_FALSE(std::is_sorted(all.begin(), all.end()));
  CHECK(*std::max_element(rest.begin(), rest.end()) - *std::min_element(rest.begin(), rest.end()) > 40);
  for (Eigen::Index sample = 0; sample < 20; ++sample) {
    const bool odd = static_cast<int>(rest[static_cast<std::size_t>(sample)]) % 2 != 0;
    CHECK(second.labels("s")[static_cast<std::size_t>(sample)] == (odd ? 1 : 0));
  }
  CHECK(all == numbers_of(backquery::split(table, 0.8, 1).first, "i"));
  CHECK(all != numbers_of(backquery::split(table, 0.8, 2).first, "i"));
  all.insert(all.end(), rest.begin(), rest.end());
  CHECK(std::set<double>(all.begin(), all.end()).size() == 100);
}

TEST_CASE("split rejects shares that leave a part without samples") {
  const auto table = counted(3);
  for (const double share : {0.0, 1.0, -0.5, 2.0, 0.1, 0.9, std::nan("")}) {
    CAPTURE(share);
    CHECK_THROWS_AS(backquery::split(table, share, 1), std::invalid_argument);
  }
  CHECK(backquery::split(table, 0.5, 1).first.samples() == 2);
}
