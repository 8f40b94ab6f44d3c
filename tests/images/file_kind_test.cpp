/// @file
/// Files that are given to a reader of another format.
#include "catch.hpp"
#include "read_text.hpp"

#include <string>

using Catch::Matchers::StartsWith;

TEST_CASE("the messages about files of other formats have the remedy") {
  using namespace std::string_literals;
  const auto [bytes, remedy] = GENERATE(table<std::string, std::string>({
      {"\xff\xfe\x37\0,\0\x30\0"s, "is UTF-16 text: save it as UTF-8"},
      {"\xfe\xff\0\x37\0,"s, "is UTF-16"},
      {"7\0,\0000\0,\0"s, "is UTF-16"},
      {"\0l\0a\0b\0e\0l"s, "is UTF-16"},
      {"\x1f\x8b\x08\0\0\0"s, "is compressed by gzip: unpack it (gunzip)"},
      {"PK\x03\x04\x14\0"s, "is a ZIP archive (.zip, .xlsx, .npz)"},
      {"\x89PNG\r\n\x1a\n"s, "is a picture"},
      {"\xff\xd8\xff\xe0"s, "is a picture"},
      {"\xfd\x37zXZ\0"s, "is compressed"},
      {"\x93NUMPY\x01\0"s, "is a NumPy array: save it as CSV"},
      {"\x80\x04\x95"s, "is a pickle"},
      {"\x89HDF\r\n"s, "is an HDF5"},
      {"PAR1\x15\0"s, "is a Parquet file"},
      {"\0\0\x08\x03\0\0\xea\x60"s, "is an IDX file of images: read it by read_idx"},
      {"\0\0\x08\x01\0\0\xea\x60"s, "is an IDX file of labels: read it by read_idx"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:1\n"s, "is a pointer of Git LFS"},
      {"@RELATION mnist_784\n"s, "is an ARFF file"},
      {"<!DOCTYPE html><html>"s, "is HTML or XML: a download link"},
      {"\r\n\r\n  <HTML>"s, "is HTML"},
      {"\xef\xbb\xbf<?xml version=\"1.0\"?>"s, "is HTML or XML"},
      {"{\"label\": [7]}"s, "is JSON"},
      {" [[7, 0, 0]]"s, "is JSON"},
  }));
  CHECK_THAT(error_of(bytes), StartsWith(" " + remedy));
  CHECK_THAT(error_of(bytes + "\n7,0,0,0,0\n"), StartsWith(" " + remedy));
}
