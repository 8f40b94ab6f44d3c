// Reads the bytes of the fuzzer as a file that may be compressed: the result must be images or an error that
// names the file. Then compresses the bytes by zlib: the result must equal that of the reader of plain files.
// Build and run for a minute:
//
//   clang++ -std=c++17 -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -isystem /usr/include/eigen3
//       tests/fuzz/gzip_fuzz.cpp -o gzip_fuzz -lz
//   mkdir found && ./gzip_fuzz -max_total_time=60 found tests/fuzz/corpus/gzip

#include "memory_file.hpp"

#include <backquery/images/gzip.hpp>

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace {

using backquery::GzipFile;
using backquery::LabeledImages;

struct Outcome {
  LabeledImages images;
  std::string error;  // without the path
};

void require(bool condition) {
  if (!condition) std::abort();
}

template <typename Read>
Outcome outcome_of(const std::string& path, Read read) {
  Outcome outcome;
  try {
    outcome.images = read();
  } catch (const std::runtime_error& error) {
    outcome.error = error.what();
    require(outcome.error.rfind(path + ":", 0) == 0);
    outcome.error.erase(0, path.size());
  }
  return outcome;
}

template <typename File>
Outcome csv(const std::string& path) {
  return outcome_of(path, [&] { return backquery::read_csv(File(path)); });
}

/// The member of one call of gzip.
std::string compressed(const std::uint8_t* bytes, std::size_t size) {
  z_stream stream{};
  require(deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string result(deflateBound(&stream, static_cast<uLong>(size)), '\0');
  stream.next_in = const_cast<std::uint8_t*>(bytes);  // zlib does not write there
  stream.avail_in = static_cast<uInt>(size);
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  require(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFile plain(data, size);
  csv<GzipFile>(plain.path());
  outcome_of(plain.path(),
             [&] { return backquery::read_idx(GzipFile(plain.path()), GzipFile(plain.path())); });

  // The same bytes, compressed in two members.
  const std::size_t cut = size == 0 ? 0 : data[0] % size;
  const std::string members = compressed(data, cut) + compressed(data + cut, size - cut);
  const MemoryFile file(reinterpret_cast<const std::uint8_t*>(members.data()), members.size());
  const Outcome expected = csv<backquery::detail::InputFile>(plain.path());
  const Outcome found = csv<GzipFile>(file.path());
  require(found.error == expected.error && found.images.labels == expected.images.labels &&
          found.images.pixels == expected.images.pixels);
  return 0;
}
