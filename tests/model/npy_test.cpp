/// @file
/// read_npy and write_npy: files of numpy (data/npy), forged headers, damaged files.
#include <backquery/model/npy.hpp>

#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "matrices.hpp"
#include "model_files.hpp"
#include "temporary_folder.hpp"

namespace {

using backquery::read_npy;
using backquery::write_npy;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

/// The path of a file that numpy wrote.
std::string numpy_file(const std::string& name) {
  return BACKQUERY_TEST_DATA "/npy/" + name;
}

/// The error message of read_npy for a file, without its path; empty if the file is read.
template <typename Scalar = double>
std::string npy_error(const std::string& path) {
  try {
    (void)read_npy<Scalar>(path);
  } catch (const std::runtime_error& error) {
    const std::string text = error.what();
    return text.compare(0, path.size() + 2, path + ": ") == 0 ? text.substr(path.size() + 2)
                                                              : "no path: " + text;
  }
  return "";
}

/// An .npy file of version 1.0 with this header, or with another version.
std::string npy_bytes(const std::string& header, const std::string& values, char version = 1) {
  const auto length = static_cast<unsigned>(header.size());
  std::string bytes = "\x93NUMPY";
  bytes += {version, 0, static_cast<char>(length & 255u), static_cast<char>(length >> 8 & 255u)};
  if (version > 1) bytes += {static_cast<char>(length >> 16 & 255u), static_cast<char>(length >> 24)};
  return bytes + header + values;
}

/// The header of a C-ordered array of bytes.
std::string bytes_of_shape(const std::string& shape) {
  return "{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + ", }";
}

/// The error message of read_npy for a file with these bytes.
std::string error_of_bytes(const std::string& bytes) {
  static const TemporaryFolder folder;
  return npy_error(folder.write("a.npy", bytes));
}

template <typename M>
void check_round_trip(const M& matrix, const Matrix<double>& expected) {
  const TemporaryFolder folder;
  write_npy(folder.file("a.npy"), matrix);
  const Matrix<double> read = read_npy<double>(folder.file("a.npy"));
  CHECK(max_difference(read, expected) == 0);
  CHECK(read_bytes(folder.file("a.npy")).size() % 64 ==
        static_cast<std::size_t>(matrix.size()) * sizeof(typename M::Scalar) % 64);
}

}  // namespace

TEMPLATE_TEST_CASE("arrays of numpy are read in each type, byte order and storage order", "[npy]", float,
                   double) {
  using Scalar = TestType;
  for (const std::string order : {"", "big_"}) {
    for (const std::string type : {"f2", "f4", "f8"}) {
      CAPTURE(order, type);
      Matrix<Scalar> expected(2, 3);
      expected << Scalar(1.5), Scalar(-0.0), 65504, Scalar(0x1p-14), Scalar(0x1p-24),
          -std::numeric_limits<Scalar>::infinity();
      const Matrix<Scalar> read = read_npy<Scalar>(numpy_file(order + type + ".npy"));
      CHECK(read == expected);
      CHECK(std::signbit(read(0, 1)));
    }
    for (const int bits : {8, 16, 32, 64}) {
      if (order == "big_" && bits == 8) continue;
      const std::string size = std::to_string(bits / 8) + ".npy";
      Matrix<Scalar> expected(2, 3);
      expected << static_cast<Scalar>(-std::ldexp(1.0, bits - 1)),
          static_cast<Scalar>(std::ldexp(1.0L, bits - 1) - 1), 1, 2, 3, 100;
      CHECK(read_npy<Scalar>(numpy_file(order + "i" + size)) == expected);
      expected(0, 0) = 0;
      expected(0, 1) = static_cast<Scalar>(std::ldexp(1.0L, bits) - 1);
      CHECK(read_npy<Scalar>(numpy_file(order + "u" + size)) == expected);
    }
  }
  const Matrix<Scalar> bools = (Matrix<Scalar>(2, 3) << 1, 0, 0, 0, 1, 1).finished();
  CHECK(read_npy<Scalar>(numpy_file("b1.npy")) == bools);
  CHECK(std::isnan(read_npy<Scalar>(numpy_file("not_a_number.npy"))(0)));
}

TEST_CASE("a vector of numpy is one column, and a single value a matrix of one", "[npy]") {
  const Eigen::Vector3d values(0.5, -0.25, 3);
  CHECK(max_difference(read_npy(numpy_file("vector.npy")), values) == 0);
  CHECK(max_difference(read_npy(numpy_file("row.npy")), values.transpose()) == 0);
  CHECK(max_difference(read_npy(numpy_file("value.npy")), values.head(1)) == 0);
  CHECK(read_npy(numpy_file("empty.npy")).rows() == 0);
  CHECK(read_npy(numpy_file("empty.npy")).cols() == 3);
}

TEST_CASE("arrays of numpy that are no real matrix are rejected with a remedy", "[npy]") {
  const std::string type = "holds values of type '", expected = "', expected real numbers: these are ";
  CHECK(npy_error(numpy_file("complex.npy")) ==
        type + "<c16" + expected + "complex numbers; save array.real and array.imag in two files");
  CHECK(npy_error(numpy_file("text.npy")) ==
        type + "<U1" + expected + "text; save array.astype(\"float64\")");
  CHECK(npy_error(numpy_file("bytes.npy")) ==
        type + "|S1" + expected + "text; save array.astype(\"float64\")");
  CHECK(npy_error(numpy_file("date.npy")) ==
        type + "<M8[s]" + expected + "dates; save array.astype(\"int64\")");
  CHECK(npy_error(numpy_file("duration.npy")) ==
        type + "<m8[s]" + expected + "durations; save array.astype(\"int64\")");
  CHECK(npy_error(numpy_file("raw.npy")) ==
        type + "|V2" + expected + "raw bytes; save array.astype(\"float32\")");
  CHECK(npy_error(numpy_file("object.npy")) ==
        type + "|O" + expected +
            "Python objects; save array.astype(\"float64\"), or each array of a list in a file of its own");
  CHECK(npy_error(numpy_file("structured.npy")) ==
        "is a structured array, expected a plain one: save each field by itself, as in numpy.save(path, "
        "array[name])");
  CHECK(npy_error(numpy_file("cube.npy")) ==
        "has 3 dimensions, expected at most 2; save array.reshape(len(array), -1)");
  CHECK(
      npy_error(numpy_file("archive.npz")) ==
      "is a ZIP archive, as numpy.savez (.npz) writes it, expected an .npy file: save each array by itself, "
      "as in numpy.save(\"wih.npy\", wih); numpy.save(\"who.npy\", who)");
  CHECK(npy_error<float>(numpy_file("large.npy")) ==
        "holds 1e+300, which is beyond the range of float; read it as double");
  CHECK(npy_error<double>(numpy_file("large.npy")).empty());
  CHECK_THAT(npy_error(numpy_file("none.npy")), StartsWith("cannot be opened: "));
}

TEST_CASE("headers of .npy files may have any order of keys, blanks and quotation marks", "[npy]") {
  for (const std::string header :
       {"{\"shape\":(2,3),\"fortran_order\":False,\"descr\":\"|u1\"}",
        " { 'fortran_order' : False , 'descr' : 'u1' , 'shape' : ( 2 , 3 , ) , } \t\n",
        "{'descr': '<u1', 'fortran_order': False, 'shape': (2L, 3L), }\n",
        "{'descr':'>u1','fortran_order':False,'shape':(2,3)}"}) {
    for (const char version : {'\1', '\2', '\3'}) {
      CAPTURE(header, version);
      CHECK(error_of_bytes(npy_bytes(header, "abcdef", version)).empty());
    }
  }
}

TEST_CASE("damaged headers of .npy files are rejected with the position", "[npy]") {
  const std::string damaged = "is damaged: its header differs at byte ";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", damaged + "10, expected '{'"},
      {"{", damaged + "11, expected '''"},
      {"{}", "is damaged: its header lacks descr, fortran_order or shape"},
      {"{'descr': 'u1', 'shape': (2, 3)}", "is damaged: its header lacks descr, fortran_order or shape"},
      {"{'descr': 'u1', 'descr': 'u1'}", damaged + "26, expected descr, fortran_order and shape, once each"},
      {"{'depth': 3}", damaged + "11, expected descr, fortran_order and shape, once each"},
      {"{'fortran_order': 1}", damaged + "28, expected True or False"},
      {"{'descr\": 'u1'}", damaged + "12, expected a string in quotation marks"},
      {"{'shape': (3)}", damaged + "22, expected ','"},
      {"{'shape': (3 4)}", damaged + "23, expected ','"},
      {"{'shape': (2, 3 4)}", damaged + "26, expected ')'"},
      {"{'shape': (-3,)}", damaged + "21, expected a size"},
      {"{'shape': (,)}", damaged + "21, expected a size"},
      {"{'shape': 6}", damaged + "20, expected '('"},
      {bytes_of_shape("(2, 3)") + "x", damaged + "69, expected the end"},
      {bytes_of_shape("(99999999999999999999, 0)"),
       "has more values in a row or column than memory can hold"},
      {"{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}",
       "holds values of type '<f16', expected real numbers: these are long double values; save "
       "array.astype(\"float64\")"},
      {"{'descr': '', 'fortran_order': False, 'shape': (1,)}",
       "holds values of the unknown type '', expected real numbers"},
      {"{'descr': '<i3', 'fortran_order': False, 'shape': (1,)}",
       "holds values of the unknown type '<i3', expected real numbers"},
  };
  for (const auto& [header, expected] : cases) {
    CAPTURE(header);
    CHECK(error_of_bytes(npy_bytes(header, "abcdef")) == expected);
  }
}

TEST_CASE("the shape of an .npy file must match its size before memory is allocated", "[npy]") {
  const auto error_of_shape = [](const std::string& shape) {
    return error_of_bytes(npy_bytes(bytes_of_shape(shape), "abcdef"));
  };
  CHECK(error_of_shape("(6,)").empty());
  CHECK(error_of_shape("(5,)") ==
        "goes on after its end: it has 6 bytes of values, expected 5 x 1 values of 1 bytes");
  CHECK(error_of_shape("(2, 4)") ==
        "is cut short: it has 6 bytes of values, expected 2 x 4 values of 1 bytes");
  CHECK(error_of_shape("(0, 9)") ==
        "goes on after its end: it has 6 bytes of values, expected 0 x 9 values of 1 bytes");
  for (const std::string shape : {"(9223372036854775807, 9223372036854775807)", "(4294967296, 4294967296)",
                                  "(9223372036854775807,)", "(2, 9223372036854775806)"}) {
    CHECK_THAT(error_of_shape(shape), StartsWith("is cut short: it has 6 bytes of values"));
  }
  CHECK(error_of_bytes(npy_bytes(bytes_of_shape("(0, 9223372036854775807)"), "")).empty());
  CHECK(error_of_bytes("") == "is not an .npy file: it does not begin as one");
  CHECK(error_of_bytes("label,pixel\n5,0\n") == "is not an .npy file: it does not begin as one");
  CHECK(error_of_bytes(npy_bytes("{}", "", 4)) == "has format version 4.0, expected 1.0, 2.0 or 3.0");
  CHECK(error_of_bytes(std::string("\x93NUMPY\2\0\0\0\0\x80{}", 14)) ==
        "has a header of 2147483648 bytes, expected at most 65535; only structured arrays need more");
}

TEST_CASE("an .npy file that is cut at any byte, or has any byte changed, gives an error or a matrix",
          "[npy]") {
  const TemporaryFolder folder;
  for (const std::string name : {"f4.npy", "big_i8.npy", "big_f4.npy", "vector.npy"}) {
    const std::string bytes = read_bytes(numpy_file(name));
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const std::string text = npy_error(folder.write("cut.npy", bytes.substr(0, length)));
      INFO(name << " cut to " << length << " bytes: " << text);
      CHECK_THAT(text, ContainsSubstring(length < 6 ? "is not an .npy file" : "is cut short"));
    }
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      for (const int change : {0x00, 0xff, bytes[i] ^ 0xff, bytes[i] ^ 1, bytes[i] ^ 0x80}) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(change);
        const std::string text = npy_error<float>(folder.write("changed.npy", changed));
        INFO(name << ", byte " << i << " set to " << change << ": " << text);
        CHECK(text.compare(0, 7, "no path") != 0);
        if (text.empty()) CHECK(read_npy<float>(folder.file("changed.npy")).size() <= 48);
      }
    }
  }
}

TEST_CASE("read_npy reads what write_npy writes", "[npy]") {
  const Matrix<double> m = random_matrix<double>(70, 30, -1, 1, 1);
  check_round_trip(m, m);
  check_round_trip(Matrix<float>(m.cast<float>()), m.cast<float>().cast<double>());
  check_round_trip(RowMajorMatrix<double>(m), m);
  check_round_trip(m.topRows(3) + m.bottomRows(3), m.topRows(3) + m.bottomRows(3));
  check_round_trip(m.transpose() * m, m.transpose() * m);
  check_round_trip(m.col(3), m.col(3));
  check_round_trip(m.row(3), m.row(3));
  check_round_trip(Matrix<double>(0, 3), Matrix<double>(0, 3));
  check_round_trip((m.array() > 0).matrix(), (m.array() > 0).cast<double>().matrix());
  const Matrix<std::int64_t> integers = (1e6 * m).cast<std::int64_t>();
  check_round_trip(integers, integers.cast<double>());
  check_round_trip(integers.cast<signed char>(), integers.cast<signed char>().cast<double>());
  check_round_trip(integers.cast<std::uint16_t>(), integers.cast<std::uint16_t>().cast<double>());
}

TEST_CASE("write_npy writes the bytes that the format describes", "[npy]") {
  const TemporaryFolder folder;
  write_npy(folder.file("a.npy"), (Matrix<float>(2, 3) << 1, 2, 3, 4, 5, 6).finished());
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  header += std::string(117 - header.size(), ' ') + '\n';
  const std::string values("\0\0\x80\x3f\0\0\0@\0\0@@\0\0\x80@\0\0\xa0@\0\0\xc0@", 24);  // 1 is 3f800000
  CHECK(read_bytes(folder.file("a.npy")) == npy_bytes(header, values));
  write_npy(folder.file("a.npy"), Vector<std::uint8_t>::Constant(2, 'x'));
  CHECK_THAT(read_bytes(folder.file("a.npy")),
             ContainsSubstring("'|u1', 'fortran_order': False, 'shape': (2,), }"));
}

TEST_CASE("write_npy leaves the old file if it fails", "[npy]") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(write_npy(folder.path(), Matrix<float>::Zero(1, 1)),
                    folder.path() + ": cannot be saved: expected a regular file or none");
  CHECK_THROWS_WITH(write_npy(folder.file("none/a.npy"), Matrix<float>::Zero(1, 1)),
                    ContainsSubstring("none/a.npy: cannot be saved: "));
}
