/// @file
/// Separators and spellings of numbers of real CSV files.
#include "catch.hpp"
#include "read_text.hpp"

#include <string>

using backquery::ReadOptions;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

TEST_CASE("the first line of a CSV decides between comma, semicolon and tab") {
  check_seven_and_three("7;0;10;200;255\n3;1;2;3;4\n");
  check_seven_and_three("7\t0\t10\t200\t255\r\n3\t1\t2\t3\t4\r\n");
  check_seven_and_three("7 \t 0\t 10\t200 \t255\n3\t1\t2\t3\t4 \n\n");
  check_seven_and_three("7\t,0\t,\t10,200,255\n3,1,2,3,4\n");  // blanks
  check_seven_and_three("label;a;b;c;d\n7;0;10;200;255\n3;1;2;3;4");
  check_seven_and_three(
      "\xef\xbb\xbf\"label\"\t\"a\"\t\"b\"\t\"c\"\t\"d\"\r\n7\t0\t10\t200\t255\r\n3\t1\t2\t3\t4\r\n");
  check_seven_and_three("sep=;\r\nlabel;a;b;c;d\r\n7;0;10;200;255\r\n3;1;2;3;4\r\n");
  CHECK_THAT(error_of("7;0;10;200;255\n3,1,2,3,4\n"), StartsWith("2:1: label is \"3,1,2,3,4\", expected"));
  CHECK_THAT(error_of("7,0,10,200,255\n3,1,2;3,4\n"), StartsWith("2:5: pixel 1 is \"2;3\", expected"));
  CHECK(error_of("7\t0\t10\t200\t255\n3\t1\t\t3\t4\n") ==
        "2:5: pixel 1 is \"\", expected a whole number from 0 to 255");
  const std::string field = GENERATE(as<std::string>(), "7 0 10 200 255", "7.0e+00 0.0e+00 1.0e+01", "7|0|10",
                                     "7 1:10 2:200", "7,0;0,0;10,0", "7;0,10");
  CHECK_THAT(error_of(field + "\n"), ContainsSubstring("; separate numbers by commas, semicolons or tabs"));
  CHECK_THAT(error_of("7;0;10;200;255\r3;1;2;3;4\r"),
             EndsWith("of a carriage return only: save it with line feeds"));
  CHECK(error_of("7;0;10;200;256\r\n") == "1:12: pixel 3 is \"256\", expected a whole number from 0 to 255");
  CHECK(error_of("7;0;10;200;255;\n") == "1:16: pixel 4 is \"\", expected a whole number from 0 to 255");
}

TEST_CASE("a CSV may have quoted numbers and whole numbers that are written as floats") {
  check_seven_and_three("\"7\",\"0\",\"10\",\"200\",\"255\"\n\"3\",\"1\",\"2\",\"3\",\"4\"\n");
  check_seven_and_three("7,\"0\", \" 10 \" ,200,255\n3,\"1\",2,3,\"4\"\r\n");
  check_seven_and_three("7.0,0.0,10.0,200.0,255.0\n3.0,1.0,2.0,3.0,4.0\n");
  check_seven_and_three("7.,00.,10.000,200.0,255.00000000000000000000000000000000000\n3.0,1,2,3,4\n");
  check_seven_and_three(
      "7.000000000000000000e+00,0.000000000000000000e+00,1.000000000000000000e+01,"
      "2.000000000000000000e+02,2.550000000000000000e+02\n3e0,1E+0,2e-0,0.3e1,400e-2\n");
  check_seven_and_three("\"7.0\";\"0e5\";\"1e1\";\"2.e2\";\"25.5e1\"\n3;1;2;3;.4e1\n");
  CHECK_THAT(error_of("7,0,10,200,2.551e2\n"), StartsWith("1:12: pixel 3 is \"2.551e2\", expected"));
  CHECK_THAT(error_of("7,0,10,200,2.56e2\n"), StartsWith("1:12: pixel 3 is \"2.56e2\", expected"));
  CHECK_THAT(error_of("7,0,10,200,1e999999999999999999999\n"), StartsWith("1:12: pixel 3 is \"1e9999"));
}

TEST_CASE("the message about a pixel with a fraction has the remedy for scaled pixels") {
  const std::string remedy = "; if the pixels are scaled, multiply them by 255 and round";
  const std::string field = GENERATE(as<std::string>(), "0.5", "3.92156862745098e-03", "-0.25", "\"0.5\"",
                                     ".1", "-1.000000000000000001");
  CHECK(error_of("7,0," + field + ",0,0\n").find(remedy) != std::string::npos);
  ReadOptions of_16;
  of_16.pixel_max = 16;
  CHECK_THAT(error_of("7,0,0.5,0,0\n", 10, 0, 0, of_16), ContainsSubstring("multiply them by 16 and round"));
  CHECK_THAT(error_of("7,0,0.x,0,0\n"), !ContainsSubstring("scaled"));
}
