// A program that links zlib through backquery::gzip.
#include <backquery/images/gzip.hpp>

#include <exception>
#include <iostream>

int main() {
  try {
    backquery::read_csv(backquery::GzipFile("missing.csv.gz"));
  } catch (const std::exception& error) {
    std::cout << error.what() << '\n';
    return 0;
  }
  return 1;
}
