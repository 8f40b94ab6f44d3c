/// @file
/// A network as exported C source, compiled by cc with the flags of this program. POSIX only.
#pragma once

#include <backquery/model/source.hpp>

#include <dlfcn.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "../support/temporary_folder.hpp"

namespace bench {

class ExportedSource {
 public:
  using Query = void (*)(const float* x, float* y);

  explicit ExportedSource(const backquery::NeuralNetwork<float>& network) {
    const TemporaryFolder folder;  // the loaded library does not need its file
    backquery::export_source(network, folder.file("network.c"), "network");
    const std::string library = folder.file("network.so");
    const std::string command =
        "cc " BENCHMARK_FLAGS " -shared -fPIC " + folder.file("network.c") + " -o " + library + " -lm";
    library_ = std::system(command.c_str()) == 0 ? dlopen(library.c_str(), RTLD_NOW) : nullptr;
    if (library_ == nullptr) throw std::runtime_error("failed: " + command);
  }
  ExportedSource(const ExportedSource&) = delete;
  ExportedSource& operator=(const ExportedSource&) = delete;
  ~ExportedSource() { dlclose(library_); }

  Query query() const { return reinterpret_cast<Query>(dlsym(library_, "network_query")); }

 private:
  void* library_;
};

}  // namespace bench
