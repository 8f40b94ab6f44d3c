/// @file
/// Headers, label columns and options for real CSV files.
#include "catch.hpp"
#include "read_text.hpp"

#include <backquery/images/read_csv.hpp>

#include <string>
#include <vector>

using backquery::LabeledImages;
using backquery::ReadOptions;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

ReadOptions label_column(const std::string& name) {
  ReadOptions options;
  options.label_column = name;
  return options;
}

ReadOptions from_one() {
  ReadOptions options;
  options.first_label = 1;
  return options;
}

/// A name for each of `count` pixels, each behind a comma.
std::string pixel_names(int count) {
  std::string names;
  for (int pixel = 1; pixel <= count; ++pixel) names += ",pixel" + std::to_string(pixel);
  return names;
}

}  // namespace

TEST_CASE("a header names the label column of a CSV") {
  check_seven_and_three("a,b,c,d,label\n0,10,200,255,7\n1,2,3,4,3\n");
  check_seven_and_three("a,b,c,d,\"Class\"\r\n0,10,200,255,7\r\n1,2,3,4,3\r\n");
  check_seven_and_three("\"a\";\"b\";TARGET;\"c\";\"d\"\n0;10;7;200;255\n1;2;3;3;4\n");
  check_seven_and_three("'a'\t'b'\t'c'\t' Digit '\t'd'\n0\t10\t200\t7\t255\n1\t2\t3\t3\t4\n");
  check_seven_and_three("1x1,1x2,2x1,2x2,label\n0,10,200,255,7\n1,2,3,4,3\n");
  check_seven_and_three("# a,y,b,c,d\n0,7,10,200,255\n1,3,2,3,4\n");
  const std::string unnamed =
      GENERATE(as<std::string>(), "Pixel0,a,b,c,d\n", "id,pixel,a,b,c\n", "p0,p1,p2,p3,category\n",
               "\"f_1\";\"f_2\";\"f_3\";\"f_4\";\"labels\"\n", "id,x1,x2,x3,z\n", "1x1,1x2,2x1,2x2,number\n");
  CHECK_THAT(error_of(unnamed + "7,0,10,200,255\n"),
             StartsWith("1:1: the first column is named like a pixel"));
  const std::string first =
      GENERATE(as<std::string>(), "digits,p0,p1,p2,p3\n", "V1,V2,V3,V4,V5\n", "c,1x1,1x2,2x1,2x2\n");
  check_seven_and_three(first + "7,0,10,200,255\n3,1,2,3,4\n");
}

TEST_CASE("an option chooses the label column of a CSV") {
  const std::string last = "0,10,200,255,7\n1,2,3,4,3\n";
  check_seven_and_three(last, label_column("last"));
  check_seven_and_three("a,b,c,d,e\n" + last, label_column("LAST"));
  check_seven_and_three("a,b,c,d,Zahl\n" + last, label_column("zahl"));
  check_seven_and_three("label,b,c,d,e\n" + last, label_column("e"));
  check_seven_and_three("pixel0,b,c,d,e\n" + last, label_column("e"));
  check_seven_and_three("id,b,c,d,e\n7,0,10,200,255\n3,1,2,3,4\n", label_column("id"));
  check_seven_and_three("label,b,c,d,e\n" + last, label_column("last"));
  check_seven_and_three("a,b,c,d,class\n7,0,10,200,255\n3,1,2,3,4\n", label_column("first"));
  check_seven_and_three("a,\"my, label\",b,c,d\n0,7,10,200,255\n1,3,2,3,4\n", label_column("My, Label"));
  CHECK(
      error_of("a,b,c,d,e\n" + last, 10, 0, 0, label_column("f")) ==
      "1:1: the header names no column \"f\", expected the name of the label column, \"first\" or \"last\"");
  CHECK(error_of(last, 10, 0, 0, label_column("class")) ==
        "1:1: the file has no header, thus no column \"class\", expected the name of the label column, "
        "\"first\" or \"last\"");
  CHECK(error_of("label,a,b,c,class\n" + last) ==
        "1:13: the header names two columns of labels, 1 and 5 (\"class\"), expected one; choose by "
        "ReadOptions::label_column, \"first\" or \"last\" (--label-column)");
}

TEST_CASE("errors in a CSV with the label behind the pixels have line and column") {
  const std::string good = "0,10,200,255,7\n";
  const ReadOptions last = label_column("last");
  CHECK(error_of(good + "1,2,3,3\n", 10, 0, 0, last) == "2:8: 3 pixels, expected 4 (2 x 2)");
  CHECK(error_of(good + "1,2,3,4,5,3\n", 10, 0, 0, last) == "2:9: more than 4 pixels, expected 4 (2 x 2)");
  CHECK(error_of(good + "1,2,3,4,\n", 10, 0, 0, last) ==
        "2:9: label is \"\", expected a whole number from 0 to 9");
  CHECK(error_of(good + "1,2,3,x,3\n", 10, 0, 0, last) ==
        "2:7: pixel 3 is \"x\", expected a whole number from 0 to 255");
  CHECK_THAT(error_of(good + "1,2,3,4,10\n", 10, 0, 0, last),
             StartsWith("2:9: label is \"10\", expected a whole number from 0 to 9; for other labels set"));
  const std::string middle = "a,b,label,c,d\n1,2,7,3,4\n";
  CHECK(error_of(middle + "1,2\n") == "3:4: 2 pixels, expected 4 (2 x 2) and a label");
  CHECK(error_of("a,b,c,d,label\n1,2,3,4,7\n1,2,3,4\n") == "3:8: 4 pixels, expected 4 (2 x 2) and a label");
  CHECK(error_of(middle + "1,2,7\n") == "3:6: 2 pixels, expected 4 (2 x 2)");
  CHECK(error_of(middle + "1,2,7,3,4,5\n") == "3:11: more than 4 pixels, expected 4 (2 x 2)");
  CHECK_THAT(error_of(middle + "1,2,77,3,4\n"), StartsWith("3:5: label is \"77\", expected"));
  CHECK(error_of("a,b,label\n1,2,7,3,4\n") ==
        "2:10: 5 fields, expected 3, the number of names in the header");
}

TEST_CASE("the index column of pandas is skipped") {
  check_seven_and_three(",label,a,b,c,d\n0,7,0,10,200,255\n1,3,1,2,3,4\n");
  check_seven_and_three(";a;b;c;d;class\r\n0;0;10;200;255;7\r\n1;1;2;3;4;3\r\n");
  check_seven_and_three("\tlabel\ta\tb\tc\td\nx\t7\t0\t10\t200\t255\n\t3\t1\t2\t3\t4\n");
  check_seven_and_three("\"\",\"label\",\"a\",\"b\",\"c\",\"d\"\n\"1,2\",7,0,10,200,255\n\"2\",3,1,2,3,4\n");
  check_seven_and_three("Unnamed: 0,label,a,b,c,d\n17,7,0,10,200,255\n18,3,1,2,3,4\n");
  check_seven_and_three("id;label;a;b;c;d\na1;7;0;10;200;255\na2;3;1;2;3;4\n");
  check_seven_and_three(",0,1,2,3,4\n0,7,0,10,200,255\n1,3,1,2,3,4\n");
  check_seven_and_three(",0,1,2,3,4\n0,0,10,200,255,7\n1,1,2,3,4,3\n", label_column("last"));
  CHECK(error_of(",label,a,b,c,d\n7,0,10,200,255\n") ==
        "2:15: 5 fields, expected 6, the number of names in the header");
  CHECK_THAT(error_of(",7,0,10,200,255\n"), StartsWith("1:1: label is \"\", expected"));
}

TEST_CASE("row names of R are reported if they have no name in the header") {
  const std::string remedy =
      "; the line has one field more than the header, which may be a row name: write the file without row "
      "names (row.names = FALSE in R)";
  const std::string text =
      GENERATE(as<std::string>(),
               "\"label\",\"a\",\"b\",\"c\",\"d\"\n\"1\",7,0,10,200,255\n",  // write.table
               "label,a,b,c,d\n1,7,0,10,200,255\n",                          // quote = FALSE
               "label;a;b;c;d\n\"digit one\";7;0;10;200;255\n",
               "\"label\"\t\"a\"\t\"b\"\t\"c\"\t\"d\"\n\"100\"\t7\t0\t10\t200\t255\n",
               "a,b,c,d,label\n1,0,10,200,255,7\n", "a,b,c,d,label\nx,0,10,200,255,7\n",
               "a,b,label,c,d\n1,0,1,7,200,255\n", "V1,V2,V3,V4,V5\n1,7,0,10,200,255\n");
  CAPTURE(text);
  CHECK_THAT(error_of(text), StartsWith("2:") && EndsWith(remedy));
  CHECK_THAT(error_of(text, 10, 2, 2), EndsWith(remedy));
  CHECK(labels(read_text("# digits\n7,1\n")) == std::vector<int>{7});
  CHECK_THAT(error_of("V1,V2,V3,V4\n1,0,10,200,255\n"), EndsWith(remedy));  // no label
  check_seven_and_three("V1,V2,V3,V4\n7,0,10,200,255\n3,1,2,3,4\n", label_column("first"));
  CHECK_THAT(error_of("label,a,b,c,d\n7,0,1,2,3\n300,7,0,1,2,3\n"), !ContainsSubstring("row name"));
  CHECK_THAT(error_of("label,a,b,c,d\n1,x,7,0,1,2,3\n"), !ContainsSubstring("row name"));
}

TEST_CASE("a header of column numbers is not read as an image") {
  check_seven_and_three("0,1,2,3,4\n7,0,10,200,255\n3,1,2,3,4\n");
  check_seven_and_three("\xef\xbb\xbf\"0\";\"1\";\"2\";\"3\";\"4\"\r\n7;0;10;200;255\r\n3;1;2;3;4\r\n");
  check_seven_and_three("0,1,2,3,class\n0,10,200,255,7\n1,2,3,4,3\n");
  check_seven_and_three(",0,1,2,3,label\n0,0,10,200,255,7\n1,1,2,3,4,3\n");
  CHECK_THAT(error_of("0,1,2,x,4\n"), StartsWith("1:7: pixel 2 is \"x\", expected"));
  check_seven_and_three("0\t1\t2\t3\t4\n0\t10\t200\t255\t7\n1\t2\t3\t4\t3\n", label_column("last"));
  CHECK(labels(read_text("0,1,2,3,4\n0,1,2,3,4\n7,0,0,0,0\n")) == std::vector<int>{0, 0, 7});
  CHECK(labels(read_text("0,1,2,3,5\n7,0,0,0,0\n")) == std::vector<int>{0, 7});
  CHECK(labels(read_text("1,2,3,4,5\n7,0,0,0,0\n")) == std::vector<int>{1, 7});
  std::string numbers = "0", image = "5";
  for (int i = 1; i <= 80 * 80; ++i) numbers += "," + std::to_string(i), image += ",1";
  const LabeledImages large = read_text(numbers + "\n" + image + "\n");
  CHECK(labels(large) == std::vector<int>{5});
  CHECK(large.rows == 80);
}

TEST_CASE("a header may be longer than a block of the reader") {
  const int count = 200 * 200;
  std::string image;
  for (int i = 0; i < count; ++i) image += std::to_string(i % 256) + ",";
  for (const char* line_end : {"\n", "\r\n"}) {
    const LabeledImages images =
        read_text("first" + pixel_names(count - 1) + ",label" + line_end + image + "8" + line_end);
    CHECK(labels(images) == std::vector<int>{8});
    CHECK(images.rows == 200);
    CHECK(images.pixels(count - 1, 0) == (count - 1) % 256);
  }
  for (int length = 4090; length < 4100;
       ++length) {  // around the number of bytes that the reader examines first
    check_seven_and_three(std::string(static_cast<std::size_t>(length - 14), 'a') +
                          ",b,c,d,label\r\n0,10,200,255,7\r\n1,2,3,4,3\r\n");
  }
}

TEST_CASE("a first column of equal values before a last column of labels is rejected") {
  const std::string pixels = "0,1,6,15,12,1,0,0,0";  // UCI optdigits, cut to 3 x 3
  const std::string text = pixels + ",7\n" + pixels + ",3\n" + pixels + ",7\n";
  CHECK(error_of(text) ==
        " column 1 has 1 of 10 labels, but column 10, the last one, has 2 of them and no other values: set "
        "label_column to \"last\" (--label-column last), or to \"first\" if column 1 has the labels");
  CHECK_THAT(error_of("a,b,c,d,e\n4,0,0,0,1\n4,0,0,0,2\n"), StartsWith(" column 1 has 1 of 10 labels, but"));
  CHECK_THAT(error_of(",a,b,c,d,e\n0,4,0,0,0,1\n1,4,0,0,0,2\n"), StartsWith(" column 2 has 1 of 10 labels"));
  CHECK_THAT(error_of("1,0,0,0,1\n1,0,0,0,26\n", 26, 0, 0, from_one()),
             StartsWith(" column 1 has 1 of 26 labels"));
  CHECK(read_text("1,0,0,0,0\n1,0,0,0,1\n", 10, 0, 0, label_column("first")).labels.size() == 2);
  CHECK(read_text("label,a,b,c,d\n1,0,0,0,0\n1,0,0,0,1\n").labels.size() == 2);
  // Sets of one class whose last pixel is no label.
  CHECK(read_text("1,0,9,9,0\n1,9,0,9,0\n").labels.size() == 2);
  CHECK(read_text("1,0,9,9,0\n1,9,0,9,10\n").labels.size() == 2);
  CHECK(read_text("1,0,9,9,5\n").labels.size() == 1);
  // A set that is sorted by class.
  std::string sorted;
  for (int i = 0; i < 3000; ++i)
    sorted += std::to_string(i / 2999) + ",0,0,0," + std::to_string(i % 2) + "\n";
  CHECK(read_text(sorted).labels.size() == 3000);
}

TEST_CASE("a first column that lacks classes before a last column of all classes is rejected") {
  const auto text = [](int in_first, int in_last, int first = 0) {
    std::string lines;
    for (int i = 0; i < 60; ++i) {
      lines +=
          std::to_string(i * i % in_first + first) + ",0,200,9," + std::to_string(i % in_last + first) + "\n";
    }
    return lines;
  };
  CHECK(error_of(text(3, 10)) ==
        " column 1 has 2 of 10 labels, but column 5, the last one, has 10 of them and no other values: set "
        "label_column to \"last\" (--label-column last), or to \"first\" if column 1 has the labels");
  CHECK_THAT(error_of(text(16, 4), 4),
             StartsWith("3:1: label is \"4\", expected a whole number from 0 to 3"));
  CHECK_THAT(error_of(text(7, 26, 1), 26, 0, 0, from_one()), StartsWith(" column 1 has 4 of 26 labels, but"));
  CHECK(labels(read_text(text(3, 10), 10, 0, 0, label_column("last")))[59] == 9);
  CHECK(labels(read_text(text(3, 10), 10, 0, 0, label_column("first")))[2] == 1);
  // Pixels in the last column.
  CHECK(read_text(text(3, 9)).labels.size() == 60);
  CHECK(read_text(text(3, 11)).labels.size() == 60);
  CHECK(read_text(text(60, 10), 60).labels.size() == 60);
}

TEST_CASE("labels may begin at another number than 0") {
  const std::string remedy =
      "; for other labels set classes, first_label or label_column (--classes, --first-label, "
      "--label-column)";
  const LabeledImages images = read_text("1,0,0,0,0\n26,1,2,3,4\n", 26, 0, 0, from_one());
  CHECK(labels(images) == std::vector<int>{0, 25});
  CHECK(images.classes == 26);
  CHECK(error_of("0,0,0,0,0\n", 26, 0, 0, from_one()) ==
        "1:1: label is \"0\", expected a whole number from 1 to 26" + remedy);
  CHECK(error_of("27,0,0,0,0\n", 26, 0, 0, from_one()) ==
        "1:1: label is \"27\", expected a whole number from 1 to 26" + remedy);
}

TEST_CASE("pixels of a CSV may end at another number than 255") {
  ReadOptions optdigits;
  optdigits.pixel_max = 16;
  const LabeledImages images = read_text("1,0,16,3,4\n", 10, 0, 0, optdigits);
  CHECK(images.pixel_max == 16);
  CHECK(column(images, 0) == std::vector<int>{0, 16, 3, 4});
  CHECK(error_of("1,0,16,3,4\n1,0,17,3,4\n", 10, 0, 0, optdigits) ==
        "2:5: pixel 1 is \"17\", expected a whole number from 0 to 16");
}

TEST_CASE("transposition swaps rows and columns of each image of a CSV") {
  ReadOptions transposed;
  transposed.transpose = true;
  const LabeledImages images = read_text("1,1,2,3,4,5,6\n2,7,8,9,10,11,12\n", 10, 2, 3, transposed);
  CHECK(images.rows == 3);
  CHECK(images.cols == 2);
  CHECK(column(images, 0) == std::vector<int>{1, 4, 2, 5, 3, 6});
  CHECK(column(images, 1) == std::vector<int>{7, 10, 8, 11, 9, 12});
}

TEST_CASE("files of OpenML, UCI and Kaggle are read without changes") {
  std::string blank;
  for (int i = 0; i < 784; ++i) blank += "0,";
  std::string names = pixel_names(784).substr(1) + ",class\n";
  const LabeledImages openml = read_text(names + blank + "5\n" + blank + "0\n");
  CHECK(labels(openml) == std::vector<int>{5, 0});
  CHECK(openml.rows == 28);
  CHECK((openml.pixels.array() == 0).all());

  ReadOptions uci = label_column("last");
  uci.pixel_max = 16;
  std::string optdigits;
  for (int i = 0; i < 64; ++i) optdigits += std::to_string(i % 17) + ",";
  const LabeledImages digits = read_text(optdigits + "0\n" + optdigits + "7\n", 10, 0, 0, uci);
  CHECK(labels(digits) == std::vector<int>{0, 7});
  CHECK(digits.rows == 8);
  CHECK(digits.pixels(16, 1) == 16);

  const LabeledImages kaggle = read_text("label" + pixel_names(784) + "\n1," + blank.substr(2) + "9\n");
  CHECK(labels(kaggle) == std::vector<int>{1});
  CHECK(kaggle.pixels(783, 0) == 9);
}

TEST_CASE("a missing label column is reported if the first line of a CSV has the pixels of an image") {
  const std::string remedy =
      "the line may be an image of 4 pixels without a label: "
      "for a file without labels use read_images (mnist_train: --predict with --test)";
  CHECK_THAT(error_of("a,b,c,d\n0,1,2,3\n"), StartsWith("2:8: 3 pixels") && ContainsSubstring(remedy));
  CHECK_THAT(error_of("9,1,2,3\n"), StartsWith("1:8: 3 pixels") && ContainsSubstring(remedy));
  CHECK_THAT(error_of("200;1;2;3\n1;1;1;1\n"),
             StartsWith("1:1: label is \"200\"") && ContainsSubstring(remedy));
  CHECK_THAT(error_of("9,1,2,3\n", 10, 1, 4), StartsWith("1:8: 3 pixels") && ContainsSubstring(remedy));
  CHECK_THAT(error_of("0,1,2,9\n", 10, 0, 0, label_column("last")), ContainsSubstring(remedy));
  CHECK_THAT(error_of("9,1,2,3,4\n9,1,2,3\n"), !ContainsSubstring("without a label"));
  CHECK_THAT(error_of("9,1,2,3\n", 10, 2, 3), !ContainsSubstring("without a label"));
}

TEST_CASE("labels of a CSV may be optional") {
  const auto read = [](const std::string& text, const ReadOptions& options = {}) {
    TemporaryFolder folder;
    backquery::detail::InputFile file(folder.write("digits.csv", text));
    return backquery::detail::CsvReader(file, 10, 0, 0, options, backquery::detail::CsvLabels::optional)
        .read();
  };
  const LabeledImages images = read("a,b,c,d\n0,10,200,255\n1,2,3,4\n");
  CHECK(images.labels.size() == 0);
  CHECK(column(images, 0) == std::vector<int>{0, 10, 200, 255});
  CHECK(column(images, 1) == std::vector<int>{1, 2, 3, 4});
  CHECK(labels(read("a,b,c,d,label\n0,10,200,255,7\n1,2,3,4,3\n")) == std::vector<int>{7, 3});
  CHECK(labels(read("0,10,200,255,7\n1,2,3,4,3\n", label_column("last"))) == std::vector<int>{7, 3});
  CHECK_THROWS_WITH(read("7,0,10,200,255\n"),
                    ContainsSubstring("5 pixels, expected a square") &&
                        ContainsSubstring("an image of 4 pixels with a label: use read_csv"));
}
