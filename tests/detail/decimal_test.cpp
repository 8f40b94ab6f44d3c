/// @file
/// Decimal numbers in texts, compared with strtof, strtod and strtold of the C library.
#include "catch.hpp"

#include <backquery/detail/decimal.hpp>
#include <backquery/detail/random.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <locale>
#include <string>
#include <vector>

namespace {

template <typename Scalar>
Scalar by_c_library(const std::string& text) {
  if constexpr (std::is_same_v<Scalar, float>) {
    return std::strtof(text.c_str(), nullptr);
  } else if constexpr (std::is_same_v<Scalar, double>) {
    return std::strtod(text.c_str(), nullptr);
  } else {
    return std::strtold(text.c_str(), nullptr);
  }
}

std::string padded(const std::string& text) {
  return text + std::string(24, '\0');
}

template <typename Scalar>
bool same(Scalar a, Scalar b) {
  return a == b && std::signbit(a) == std::signbit(b);
}

/// Checks both ways of reading a number.
template <typename Scalar>
void check_number(const std::string& text) {
  CAPTURE(text);
  const std::string bytes = padded(text);
  const auto expected = by_c_library<Scalar>(text);
  const backquery::detail::Decimal decimal(bytes.data(), '.');
  REQUIRE(decimal.is_number());
  REQUIRE(decimal.end() == bytes.data() + text.size());
  Scalar value{};
  const bool in_range = backquery::detail::is_finite(expected);
  REQUIRE(decimal.read(value) == in_range);
  if (in_range) REQUIRE(same(value, expected));
  const char* const end = backquery::detail::read_plain_decimal(bytes.data(), '.', value);
  if (end == bytes.data() + text.size()) REQUIRE(same(value, expected));
}

std::string printed(const char* format, int places, double value) {
  char text[512];
  std::snprintf(text, sizeof text, format, places, value);
  return text;
}

}  // namespace

TEMPLATE_TEST_CASE("numbers with few and with many digits are rounded as by the C library", "[decimal]",
                   float, double, long double) {
  backquery::detail::RandomEngine engine(1);
  for (int i = 0; i < 3000; ++i) {
    const double unit = backquery::detail::uniform_symmetric(engine());
    const double wide = std::ldexp(unit, static_cast<int>(engine() % 300) - 150);
    const int places = static_cast<int>(engine() % 25);
    check_number<TestType>(printed("%.*g", places, unit * 1000));
    check_number<TestType>(printed("%.*f", places, unit * 1000));
    check_number<TestType>(printed("%.*g", places, wide));
    check_number<TestType>(printed("%.*e", places, wide));
    std::string digits = std::to_string(engine()).substr(0, 1 + engine() % 20);
    check_number<TestType>(digits);
    check_number<TestType>(digits.insert(engine() % (digits.size() + 1), "."));
    check_number<TestType>("-" + digits + "e" + std::to_string(static_cast<int>(engine() % 80) - 40));
  }
}

TEMPLATE_TEST_CASE("numbers halfway between two floating-point numbers are rounded as by the C library",
                   "[decimal]", float, double, long double) {
  for (const char* text : {"0",
                           "-0",
                           "0.0",
                           "00000000000000000000.5",
                           "0.000000000000000000000000000001",
                           ".5",
                           "5.",
                           "+1",
                           "+.5e1",
                           "9007199254740992",
                           "9007199254740993",
                           "9007199254740995",
                           "9007199254740993.00000000000000000001",
                           "1e22",
                           "1e23",
                           "8.5e22",
                           "123456789012345678",
                           "18446744073709551615",
                           "18446744073709551616",
                           "84.27300643920898",
                           "33.81332969665527",  // wrong in float if rounded to double first
                           "16777216",
                           "16777217",
                           "16777218",
                           "16777219",
                           "1.00000017881393432617187499",
                           "1.00000017881393432617187500",
                           "1.00000017881393432617187501",
                           "33554431",
                           "99999999",
                           "9999999.5",
                           "1.1754943508222875e-38",
                           "1.17549431e-38",
                           "1.4e-45",
                           "7.006492321624085e-46",
                           "7.006492321624086e-46",
                           "4.9406564584124654e-324",
                           "2.4703282292062327e-324",
                           "2.4703282292062328e-324",
                           "2.2250738585072011e-308",
                           "2.2250738585072012e-308",
                           "1e-400",
                           "1e-40000",
                           "1e-99999999999999999999",
                           "3.4028235e38",
                           "3.4028235677973366e38",
                           "3.4028235677973367e38",
                           "1.7976931348623157e308",
                           "1.7976931348623159e308"}) {
    check_number<TestType>(text);
  }
}

TEST_CASE("numbers above the largest finite number are out of range") {
  for (const char* text : {"1e400", "1.5e400", "-0.001e9999999999", "123456789012345678901234567890e300"}) {
    double value = 0;
    CAPTURE(text);
    CHECK_FALSE(backquery::detail::Decimal(padded(text).data(), '.').read(value));
  }
  float value = 0;
  CHECK_FALSE(backquery::detail::Decimal(padded("1e39").data(), '.').read(value));
  CHECK(backquery::detail::Decimal(padded("0e999999").data(), '.').read(value));
  CHECK(value == 0);
}

TEST_CASE("a number ends at the first character that is no part of it") {
  using backquery::detail::Decimal;
  const auto length = [](const std::string& text, char point = '.') {
    const std::string bytes = padded(text);
    const Decimal decimal(bytes.data(), point);
    return decimal.is_number() ? decimal.end() - bytes.data() : -1;
  };
  CHECK(length("12,5") == 2);
  CHECK(length("12,5", ',') == 4);
  CHECK(length("12.5", ',') == 2);
  CHECK(length("1.2.3") == 3);
  CHECK(length("1e") == 1);
  CHECK(length("1e+") == 1);
  CHECK(length("1E5x") == 3);
  CHECK(length("1-2") == 1);
  for (const char* text : {"", "-", ".", "+.", "e5", "--1", "+-1", " 1", "x", "nan", "inf", "-.e1", "\xb2"}) {
    CAPTURE(text);
    CHECK(length(text) == -1);
  }
}

TEST_CASE("the stream that replaces std::from_chars ignores the locale") {
  struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
  };
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Comma));
  using backquery::detail::decimal_by_stream;
  const double value = decimal_by_stream<double>("3.14159265358979323846264338327950288", false);
  const float narrow = decimal_by_stream<float>("1.00000017881393432617187501", false);
  const double large = decimal_by_stream<double>("1e400", false),
               small = decimal_by_stream<double>("1e-400", true);
  std::locale::global(before);
  CHECK(value == 3.141592653589793);
  CHECK(narrow == std::strtof("1.00000017881393432617187501", nullptr));
  CHECK_FALSE(backquery::detail::is_finite(large));
  CHECK(small == 0);
}
