// Imports the bytes of the fuzzer: the result must be a std::runtime_error that names the file, or a network
// that is exported and imported as the same network. Build and run for a minute:
//
//   clang++ -std=c++17 -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -isystem /usr/include/eigen3
//       tests/fuzz/onnx_fuzz.cpp -o onnx_fuzz
//   mkdir found && ./onnx_fuzz -max_total_time=60 found tests/data/onnx

#include "memory_file.hpp"

#include <backquery/model/onnx.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

template <typename Scalar>
void check_import(const std::string& path) {
  namespace onnx = backquery::detail::onnx;
  try {
    const std::string bytes = onnx::to_bytes(backquery::import_onnx<Scalar>(path));
    const MemoryFile file(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    require(onnx::to_bytes(backquery::import_onnx<Scalar>(file.path())) == bytes);
  } catch (const std::runtime_error& error) {
    require(std::string(error.what()).rfind(path + ": ", 0) == 0);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFile file(data, size);
  check_import<float>(file.path());
  check_import<double>(file.path());
  return 0;
}
