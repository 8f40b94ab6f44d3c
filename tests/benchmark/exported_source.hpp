/// @file
/// A network as exported C source, compiled by cc with the flags of this program. POSIX only.
#pragma once

#include <backquery/model/source.hpp>

#include <dlfcn.h>
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace bench {

class ExportedSource {
 public:
  using Query = void (*)(const float* x, float* y);

  explicit ExportedSource(const backquery::NeuralNetwork<float>& network) {
    std::string folder = (std::filesystem::temp_directory_path() / "backquery-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error(folder + ": cannot be created");
    backquery::export_source(network, folder + "/network.c", "network");
    const std::string command =
        "cc " BENCHMARK_FLAGS " -shared -fPIC " + folder + "/network.c -o " + folder + "/network.so -lm";
    const bool compiled = std::system(command.c_str()) == 0;
    library_ = compiled ? dlopen((folder + "/network.so").c_str(), RTLD_NOW) : nullptr;
    std::filesystem::remove_all(folder);
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
