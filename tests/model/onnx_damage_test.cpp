/// @file
/// import_onnx is safe for files that are damaged or forged: it throws, or returns the network in the file.
#include <backquery/model/onnx.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "matrices.hpp"
#include "model_files.hpp"
#include "onnx_graph.hpp"
#include "sanitizer.hpp"
#include "temporary_folder.hpp"

#if defined(__linux__) && !defined(UNDER_SANITIZER)
#include <sys/resource.h>
#endif

namespace onnx_graph {

namespace {

using Catch::Matchers::ContainsSubstring;

/// While it exists, the program can allocate 64 MiB more (Linux, without sanitizers): more is a
/// std::bad_alloc.
class MemoryLimit {
#if defined(__linux__) && !defined(UNDER_SANITIZER)
 public:
  MemoryLimit() {
    getrlimit(RLIMIT_AS, &old_);
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    rlimit limit = old_;
    limit.rlim_cur = pages * 4096 + (std::size_t{64} << 20);
    setrlimit(RLIMIT_AS, &limit);
  }
  MemoryLimit(const MemoryLimit&) = delete;
  ~MemoryLimit() {
    setrlimit(RLIMIT_AS, &old_);
  }

 private:
  rlimit old_{};
#else
 public:
  MemoryLimit() {}
  ~MemoryLimit() {}
#endif
};

/// A file whose bytes change many times. It is overwritten in place, because some file systems wait for
/// the disk when a file is truncated and written again.
class ChangingFile {
 public:
  explicit ChangingFile(const std::string& bytes) : path_(folder_.write("changing.onnx", bytes)) {}

  /// The error message for these bytes without the path, or "imported" for a network with these parameters
  /// and activations.
  std::string result(const std::string& bytes, const backquery::NeuralNetwork<double>& expected) const {
    std::fstream stream(path_, std::ios::in | std::ios::out | std::ios::binary);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    stream.close();
    std::filesystem::resize_file(path_, bytes.size());
    try {
      const auto network = backquery::import_onnx<double>(path_);
      bool same =
          network.layer_sizes() == expected.layer_sizes() && network.parameters() == expected.parameters();
      for (backquery::Index layer = 0; same && layer < network.layers(); ++layer) {
        same = network.activation(layer) == expected.activation(layer);
      }
      return same ? "imported" : "another network";
    } catch (const std::runtime_error& error) {
      const std::string text = error.what();
      return text.rfind(path_ + ": ", 0) == 0 ? "rejected" : "names no file: " + text;
    }
  }

 private:
  TemporaryFolder folder_;
  std::string path_;
};

/// A file, and the positions of numbers in it: they have no checksum.
struct Example {
  std::string bytes;
  std::vector<bool> is_number;

  explicit Example(std::string file) : bytes(std::move(file)), is_number(bytes.size()) {
    const auto network = imported(bytes);
    for (backquery::Index layer = 0; layer < network.layers(); ++layer) {
      for (const Eigen::MatrixXd& m :
           {Eigen::MatrixXd(network.weights(layer)), Eigen::MatrixXd(network.biases(layer))}) {
        mark(raw(m));
        mark(raw(m.transpose()));
        mark(raw(m.cast<float>()));
        mark(raw(m.transpose().cast<float>()));
      }
    }
    mark(raw(Eigen::MatrixXd::Constant(1, 1, 2.0 / 3)));
    mark(raw(Eigen::MatrixXd::Constant(1, 1, 1.7159)));
    mark(raw(Eigen::MatrixXf::Ones(1, 1)));  // alpha and beta
  }

  void mark(const std::string& number) {
    for (auto at = bytes.find(number); at != std::string::npos; at = bytes.find(number, at + 1)) {
      std::fill_n(is_number.begin() + static_cast<std::ptrdiff_t>(at), number.size(), true);
    }
  }
};

std::vector<Example> examples() {
  const TemporaryFolder folder;
  backquery::NetworkOptions options = backquery::NetworkOptions::classifier();
  options.activations = {backquery::Activation::scaled_tanh, backquery::Activation::softmax};
  backquery::NeuralNetwork<double> network({3, 4, 2}, 0.1, options);
  network.set_biases(0, random_matrix<double>(4, 1, -1, 1, 1));
  network.set_biases(1, random_matrix<double>(2, 1, -1, 1, 2));
  backquery::export_onnx(network, folder.file("own.onnx"));
  return {Example(read_bytes(folder.file("own.onnx"))),
          Example(read_bytes(BACKQUERY_TEST_DATA "/onnx/view_product.onnx"))};
}

/// A tensor of 2 x 2 doubles with these entries for its data, which are in a file.
std::string external_tensor(const std::string& name,
                            const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string bytes = tensor(name, {2, 2}, float64, "", 12);
  protozero::pbf_writer writer(bytes);
  for (const auto& [key, value] : entries) {
    protozero::pbf_writer entry(writer, 13);
    entry.add_string(1, key);
    entry.add_string(2, value);
  }
  writer.add_enum(14, 1);
  return bytes;
}

/// The message for a model in this folder, without its path; "imported" if its first weights are 1.
std::string import_in(const TemporaryFolder& folder, const Model& model) {
  const std::string path = folder.write("model.onnx", model.bytes());
  try {
    const auto network = backquery::import_onnx<double>(path);
    return network.weights(0) == Eigen::Matrix2d::Ones() ? "imported" : "other weights";
  } catch (const std::runtime_error& error) {
    return std::string(error.what()).substr(path.size() + 2);
  }
}

/// The message for a model with one external tensor.
std::string external(const std::vector<std::pair<std::string, std::string>>& entries,
                     const TemporaryFolder& folder) {
  return import_in(folder, {{{"MatMul", {"x", "W"}, {"y"}}}, {external_tensor("W", entries)}});
}

}  // namespace

TEST_CASE("an ONNX file that is cut at any byte is rejected") {
  for (const Example& example : examples()) {
    const auto expected = imported(example.bytes);
    const ChangingFile file(example.bytes);
    const MemoryLimit limit;
    std::string wrong;
    for (std::size_t size = 0; size < example.bytes.size(); ++size) {
      const std::string result = file.result(example.bytes.substr(0, size), expected);
      if (result != "rejected") wrong += std::to_string(size) + ": " + result + "\n";
    }
    CHECK(wrong == "");
  }
}

TEST_CASE("a changed byte of an ONNX file is rejected, has no effect, or changes a number") {
  for (const Example& example : examples()) {
    const auto expected = imported(example.bytes);
    const ChangingFile file(example.bytes);
    const MemoryLimit limit;
    std::size_t rejected = 0;
    std::string wrong;
    for (std::size_t at = 0; at < std::min<std::size_t>(example.bytes.size(), 1024); ++at) {
      for (const int value : {0x00, 0xff, ~example.bytes[at] & 0xff}) {
        std::string changed = example.bytes;
        changed[at] = static_cast<char>(value);
        const std::string result = file.result(changed, expected);
        rejected += result == "rejected" ? 1 : 0;
        const bool allowed = result == "rejected" || result == "imported" ||
                             (result == "another network" && example.is_number[at]);
        if (!allowed) wrong += std::to_string(at) + ": " + result + "\n";
      }
    }
    CHECK(wrong == "");
    CHECK(rejected > 1000);
  }
}

TEST_CASE("external data must be in the folder of the model, with the bytes that the dimensions state") {
  const TemporaryFolder folder;
  folder.write("data.bin", raw(Eigen::MatrixXd::Ones(1, 5)));
  std::filesystem::create_directory(folder.file("sub"));
  std::filesystem::copy(folder.file("data.bin"), folder.file("sub/data.bin"));
  CHECK(external({{"location", "data.bin"}}, folder) == "imported");
  CHECK(external({{"location", "data.bin"}, {"offset", "8"}, {"length", "32"}, {"checksum", "any"}},
                 folder) == "imported");
  CHECK(external({{"location", "./sub/data.bin"}, {"offset", "8"}}, folder) == "imported");

  const std::string tensor_text = "the external data of tensor 'W' ";
  const std::string beyond = external({{"location", "data.bin"}, {"offset", "9"}}, folder);
  CHECK_THAT(beyond,
             ContainsSubstring(tensor_text +
                               "are 32 bytes from byte 9 on, and 32 with the tensors before it, but ") &&
                 ContainsSubstring("data.bin has 40 bytes"));
  CHECK_THAT(external({{"location", "data.bin"}, {"offset", "9999999999999999999"}}, folder),
             ContainsSubstring("from byte 9999999999999999999 on"));
  CHECK(external({{"location", "data.bin"}, {"length", "16"}}, folder) ==
        tensor_text + "have the length 16, expected 32 for its dimensions");
  CHECK(external({{"location", "data.bin"}, {"offset", "-8"}}, folder) ==
        tensor_text + "have the offset '-8', expected a whole number");
  CHECK_THAT(external({{"location", "none.bin"}}, folder),
             ContainsSubstring(tensor_text + "are in 'none.bin', which cannot be opened: "));
  CHECK(external({{"location", "sub"}}, folder) == tensor_text + "are in 'sub', expected a regular file");
  CHECK(external({{"length", "32"}}, folder) == tensor_text + "are in '', expected the name of a file");
  const std::string outside = "', expected a file in the folder of the model";
  for (const std::string& path : {folder.file("data.bin"), std::string("../data.bin"),
                                  std::string("sub/../data.bin"), std::string("/dev/zero")}) {
    CHECK(external({{"location", path}}, folder) == tensor_text + "are in '" + path + outside);
  }
}

TEST_CASE("external tensors may share a file, but must not be larger together than the file") {
  const TemporaryFolder folder;
  folder.write("data.bin", raw(Eigen::MatrixXd::Ones(1, 8)));
  for (const auto& [offset, message] :
       {std::pair("32", "imported"), std::pair("16", "imported"), std::pair("40", "from byte 40 on")}) {
    const Model model{{{"MatMul", {"x", "W"}, {"z"}}, {"MatMul", {"z", "V"}, {"y"}}},
                      {external_tensor("W", {{"location", "data.bin"}}),
                       external_tensor("V", {{"location", "data.bin"}, {"offset", offset}})}};
    CHECK_THAT(import_in(folder, model), ContainsSubstring(message));
  }
  folder.write("data.bin", raw(Eigen::MatrixXd::Ones(1, 7)));
  const Model model{
      {{"MatMul", {"x", "W"}, {"z"}}, {"MatMul", {"z", "V"}, {"y"}}},
      {external_tensor("W", {{"location", "data.bin"}}), external_tensor("V", {{"location", "./data.bin"}})}};
  CHECK_THAT(import_in(folder, model),
             ContainsSubstring("are 32 bytes from byte 0 on, and 64 with the tensors before it"));
}

#ifndef _WIN32
TEST_CASE("external data behind a symbolic link must be in the folder of the model, too") {
  const TemporaryFolder folder, elsewhere;
  elsewhere.write("data.bin", raw(Eigen::MatrixXd::Ones(1, 4)));
  folder.write("data.bin", raw(Eigen::MatrixXd::Ones(1, 4)));
  std::filesystem::create_symlink("data.bin", folder.file("inside"));
  std::filesystem::create_symlink(elsewhere.file("data.bin"), folder.file("outside"));
  std::filesystem::create_directory_symlink(elsewhere.path(), folder.file("there"));
  CHECK(external({{"location", "inside"}}, folder) == "imported");
  for (const char* path : {"outside", "there/data.bin"}) {
    CHECK(external({{"location", path}}, folder) ==
          std::string("the external data of tensor 'W' are in '") + path +
              "', a symbolic link to a file outside the folder of the model");
  }
}
#endif

TEST_CASE("forged sizes of an ONNX file are rejected before memory is allocated") {
  const MemoryLimit limit;
  const auto with_dims = [](const Dims& dims) {
    return rejection(
        Model{{{"MatMul", {"x", "W"}, {"y"}}}, {tensor("W", dims, float64, std::string(32, '\0'))}}.bytes());
  };
  CHECK(with_dims({2, 2}) == "imported");
  CHECK(with_dims({2, 3}) ==
        "has the tensor 'W' with 32 bytes of data, expected 48 for its dimensions, 2 x 3");
  const std::int64_t huge = std::int64_t{1} << 62;
  for (const Dims& dims : {Dims{huge, huge}, Dims{-2, 2}, Dims{2, -2}, Dims{1, 1, 1, 1, 1, 1, 1, 2, 2}}) {
    CHECK_THAT(with_dims(dims), ContainsSubstring("which are negative, too large or more than 8"));
  }
  CHECK_THAT(with_dims({huge / 64, 4}), ContainsSubstring("has the tensor 'W' with 32 bytes of data"));
  CHECK_THAT(with_dims({0, 5}), ContainsSubstring("has the tensor 'W' with 32 bytes of data, expected 0"));
  // A layer that is used many times, and an input of a forged size.
  Model model{{}, {matrix("W", Eigen::MatrixXd::Ones(40, 40)), number("c", 1)}};
  for (int layer = 0; layer < 2000; ++layer) {
    model.nodes.push_back({"MatMul",
                           {layer == 0 ? "x" : "h" + std::to_string(layer), "W"},
                           {layer == 1999 ? "y" : "h" + std::to_string(layer + 1)}});
  }
  model.input = {-1, 40};
  CHECK_THAT(rejection(model.bytes()),
             ContainsSubstring("has layers that share matrices, expected no more weights than bytes"));
  model.nodes = {{"Mul", {"x", "c"}, {"y"}}};
  model.input = {-1, huge};
  CHECK_THAT(rejection(model.bytes()), ContainsSubstring("has no linear layer"));
}

TEST_CASE("a small ONNX file of many nodes needs little memory") {
  const MemoryLimit limit;
  // Scalings of wide layers that share a matrix.
  Model model{{}, {matrix("W", Eigen::MatrixXd::Ones(1, 10000))}, {-1, 1}};
  for (int layer = 0; layer < 2000; ++layer) {
    model.nodes.push_back({"Gemm",
                           {layer == 0 ? "x" : "h" + std::to_string(layer), "W"},
                           {layer == 1999 ? "y" : "h" + std::to_string(layer + 1)},
                           {{"alpha", 2.0f}, {"transB", std::int64_t{layer % 2}}}});
  }
  CHECK_THAT(rejection(model.bytes()), ContainsSubstring("has layers that share matrices"));
  // A shape of many dimensions, of which each node has a copy.
  model.nodes.clear();
  for (int node = 0; node < 2000; ++node) {
    model.nodes.push_back(
        {"Identity", {node == 0 ? "x" : "h" + std::to_string(node)}, {"h" + std::to_string(node + 1)}});
  }
  model.nodes.push_back({"Flatten", {"h2000"}, {"y"}});
  model.input = Dims(20000, 1);
  CHECK(rejection(model.bytes()) == "has the input 'x' of 20000 dimensions, expected 2 to 8, samples first");
}

}  // namespace onnx_graph
