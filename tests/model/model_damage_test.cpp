/// @file
/// load throws for damaged files, other formats and forged files.
#include <backquery/model/load.hpp>
#include <backquery/model/save.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "enumerators.hpp"
#include "model_files.hpp"
#include "temporary_folder.hpp"

namespace {

using backquery::NetworkOptions;
using backquery::NeuralNetwork;
using Catch::Matchers::ContainsSubstring;

// Byte offsets of format.hpp.
constexpr std::size_t at_version = 8, at_value_bytes = 12, at_length = 16, at_loss = 32, at_initializer = 36;
constexpr std::size_t at_error_propagation = 40, at_biases = 44, at_hidden_activation = 48, at_by_layer = 52;
constexpr std::size_t at_layers = 56, at_activations = 60;

/// A small model file in a folder of its own.
class SmallModel {
 public:
  explicit SmallModel(std::vector<backquery::Index> sizes = {2, 2}) : path_(folder_.file("small.bqm")) {
    NetworkOptions options = NetworkOptions::classifier();
    options.hidden_activation = backquery::Activation::tanh;
    if (sizes.back() == 1) {  // softmax needs two outputs
      options.output_activation = backquery::Activation::sigmoid;
      options.loss = backquery::Loss::binary_cross_entropy;
    }
    backquery::save(NeuralNetwork<float>(std::move(sizes), 0.1f, options), path_);
    bytes = read_bytes(path_);
  }

  /// The text of the exception of `load` for the changed bytes, without the path; empty if it does not throw.
  template <typename Scalar = float>
  std::string error_text(const std::string& changed) const {
    overwrite(changed);
    try {
      (void)backquery::load<Scalar>(path_);
    } catch (const std::runtime_error& error) {
      const std::string text = error.what();
      const std::string start = path_ + ": ";
      return text.compare(0, start.size(), start) == 0 ? text.substr(start.size()) : "names no file: " + text;
    }
    return "";
  }

  std::string bytes;

 private:
  // In place, because some file systems wait for the disk when a file is truncated and written again.
  void overwrite(const std::string& changed) const {
    std::fstream stream(path_, std::ios::in | std::ios::out | std::ios::binary);
    stream.write(changed.data(), static_cast<std::streamsize>(changed.size()));
    stream.close();
    if (!stream) throw std::runtime_error("cannot write " + path_);
    std::filesystem::resize_file(path_, changed.size());
  }

  TemporaryFolder folder_;
  std::string path_;
};

/// The largest file number of an enumeration.
template <typename Enum>
std::string last() {
  return std::to_string(enumerators<Enum>().size() - 1);
}

constexpr auto huge = std::uint64_t(1) << 62;

}  // namespace

TEST_CASE("load throws for a file with any byte changed to any other value", "[model]") {
  const SmallModel model;
  std::size_t thrown = 0;
  for (std::size_t i = 0; i < model.bytes.size(); ++i) {
    for (int change = 1; change < 256; ++change) {
      std::string changed = model.bytes;
      changed[i] = static_cast<char>(changed[i] ^ change);
      const std::string error_text = model.error_text(changed);
      if (error_text.empty() || error_text.compare(0, 5, "names") == 0) {
        FAIL("byte " << i << " changed by " << change << ": '" << error_text << "'");
      }
      ++thrown;
    }
  }
  CHECK(thrown == 255 * model.bytes.size());
  CHECK(model.error_text(model.bytes).empty());
}

TEST_CASE("load throws for a file cut at any byte, and for a longer file", "[model]") {
  const SmallModel model;
  for (std::size_t length = 0; length < model.bytes.size(); ++length) {
    INFO("cut to " << length << " bytes");
    const std::string cut = model.bytes.substr(0, length);
    CHECK_THAT(model.error_text(cut),
               ContainsSubstring(length < 8 ? "is not a backquery model" : "is cut short"));
    // Also with correct length and checksum, if the file is long enough to contain them.
    if (length >= 28) CHECK_THAT(model.error_text(sealed(cut)), !Catch::Matchers::Equals(""));
  }
  CHECK(model.error_text(model.bytes + 'x') == "goes on after its end: it has " +
                                                   std::to_string(model.bytes.size() + 1) +
                                                   " bytes, expected " + std::to_string(model.bytes.size()));
  CHECK(model.error_text(sealed(model.bytes + std::string(4, '\0'))) ==
        "is damaged: it ends within the field 'name of a section'");
}

TEST_CASE("load throws for a file that is no model", "[model]") {
  const SmallModel model;
  CHECK(model.error_text("") == "is not a backquery model: it does not begin as one");
  CHECK(model.error_text("label,pixel\n5,0\n") == "is not a backquery model: it does not begin as one");
  std::string as_text = model.bytes;
  as_text.erase(as_text.find('\r'), 1);
  CHECK(model.error_text(as_text) == "is not a backquery model: it does not begin as one");
}

TEST_CASE("load names a version that it cannot read", "[model]") {
  const SmallModel model;
  CHECK(model.error_text(with_value(model.bytes, at_version, std::uint32_t(3))) ==
        "is a model file of version 3, expected version 1 to 2; a later backquery reads it");
  CHECK(model.error_text(with_value(model.bytes, at_version, std::uint32_t(0))) ==
        "is a model file of version 0, expected version 1 to 2");
}

TEST_CASE("load names the scalar type of a model and the call that loads it", "[model]") {
  const SmallModel model;
  CHECK(model.error_text<double>(model.bytes) == "holds float values; write backquery::load<float>(path)");
  CHECK(model.error_text(sealed(with_value(model.bytes, at_value_bytes, std::uint32_t(8)))) ==
        "holds double values; write backquery::load<double>(path)");
  CHECK(model.error_text(sealed(with_value(model.bytes, at_value_bytes, std::uint32_t(16)))) ==
        "has values of 16 bytes, expected 4 (float) or 8 (double)");
}

TEST_CASE("load throws for a wrong checksum", "[model]") {
  const SmallModel model;
  std::string changed = model.bytes;
  changed[changed.size() - 10] ^= 1;
  CHECK(model.error_text(changed) == "is damaged: its checksum does not match its bytes");
}

TEST_CASE("load throws for unknown numbers of options", "[model]") {
  const SmallModel model({2, 3, 2});
  const auto changed = [&](std::size_t offset, std::uint32_t number) {
    return model.error_text(sealed(with_value(model.bytes, offset, number)));
  };
  CHECK(changed(at_loss, 9) == "has loss number 9, expected 0 to " + last<backquery::Loss>());
  CHECK(changed(at_initializer, 6) == "has initializer number 6, expected 0 to 5");
  CHECK(changed(at_error_propagation, 2) == "has error_propagation number 2, expected 0 to 1");
  CHECK(changed(at_biases, 2) == "has biases 2, expected 0 or 1");
  const std::string expected = ", expected 0 to " + last<backquery::Activation>();
  CHECK(changed(at_hidden_activation, 99) == "has activation number 99" + expected);
  CHECK(changed(at_activations, 0xffffffffu) == "has activation number 4294967295" + expected);
  CHECK(changed(at_by_layer, 2) == "has field of activations 2, expected 0 or 1");
  CHECK(changed(at_activations, 1) == "has hidden layers of different activations, expected one for all");
}

TEST_CASE("load throws for invalid networks", "[model]") {
  const SmallModel model;  // one layer, 2 x 2: its sizes are at 64 and 72, the learning rate at 80
  const auto with_rate = [&](float rate) {
    return model.error_text(sealed(with_value(model.bytes, 80, rate)));
  };
  CHECK(with_rate(0.2f).empty());
  CHECK(with_rate(0) ==
        "holds no valid network: backquery::NeuralNetwork: learning_rate is 0, expected a finite "
        "number > 0");
  CHECK_THAT(with_rate(-1), ContainsSubstring("learning_rate is -1"));
  CHECK_THAT(with_rate(std::numeric_limits<float>::quiet_NaN()), ContainsSubstring("learning_rate is nan"));
  CHECK_THAT(with_rate(std::numeric_limits<float>::infinity()), ContainsSubstring("learning_rate is inf"));
  // Softmax is allowed with cross_entropy only.
  CHECK_THAT(model.error_text(sealed(with_value(model.bytes, at_activations, std::uint32_t(1)))),
             ContainsSubstring("holds no valid network"));
  CHECK_THAT(model.error_text(sealed(with_value(model.bytes, at_hidden_activation, std::uint32_t(6)))),
             ContainsSubstring("holds no valid network"));
  const SmallModel single({2, 1});
  const std::string softmax = with_value(single.bytes, at_activations, std::uint32_t(6));
  CHECK(single.error_text(sealed(with_value(softmax, at_loss, std::uint32_t(2)))) ==
        "holds no valid network: backquery::NeuralNetwork: options.output_activation is softmax with 1 "
        "output, which is always 1; use sigmoid with binary_cross_entropy, or 2 outputs");
}

TEST_CASE("load checks layer sizes before it allocates memory for them", "[model]") {
  const SmallModel model;  // one layer, 2 x 2: its sizes are at 64 and 72
  const auto with_sizes = [&](std::uint64_t inputs, std::uint64_t nodes) {
    return model.error_text(sealed(with_value(with_value(model.bytes, 64, inputs), 72, nodes)));
  };
  CHECK(with_sizes(2, 2).empty());
  for (const std::uint64_t size : {std::uint64_t(0), std::uint64_t(100), huge, huge * 2, ~std::uint64_t(0)}) {
    CHECK_THAT(with_sizes(size, 2), ContainsSubstring("layer of size " + std::to_string(size)));
    CHECK_THAT(with_sizes(2, size), ContainsSubstring("layer of size " + std::to_string(size)));
  }
  CHECK(with_sizes(1, 3).empty());  // as many values
  for (const std::uint64_t inputs : {3u, 6u}) {
    CHECK(with_sizes(inputs, 2) == "has 24 bytes of values, which its layer sizes do not account for");
    CHECK(with_sizes(inputs, 6) == "has 24 bytes of values, which its layer sizes do not account for");
  }
  CHECK(with_sizes(1, 2) ==
        "is damaged: it ends within the field 'content of a section'");  // 8 bytes are left
  const std::string old = read_bytes(BACKQUERY_TEST_DATA "/model/float_classifier.bqm");
  CHECK_THAT(model.error_text(sealed(old + "12345678")), ContainsSubstring("layer sizes do not account for"));
}

TEST_CASE("load throws for forged sections", "[model]") {
  const SmallModel model;
  const auto section = [](std::uint64_t name_bytes, const std::string& name, std::uint64_t content_bytes) {
    return with_value(std::string(8, ' '), 0, name_bytes) + name +
           with_value(std::string(8, ' '), 0, content_bytes);
  };
  const auto with_sections = [&](const std::string& sections) {
    std::string bytes = model.bytes;
    return model.error_text(sealed(bytes.insert(bytes.size() - 4, sections)));
  };
  CHECK(with_sections(section(1, "a", 0) + section(1, "b", 0)).empty());
  CHECK(with_sections(section(1, "b", 0) + section(1, "a", 0)) ==
        "has a section 'a' behind 'b', expected sorted names");
  CHECK(with_sections(section(1, "a", 0) + section(1, "a", 0)) ==
        "has a section 'a' behind 'a', expected sorted names");
  const std::string ends = "is damaged: it ends within the field ";
  for (const std::uint64_t size : {std::uint64_t(17), huge, ~std::uint64_t(0)}) {
    CHECK(with_sections(section(size, "a", 0)) == ends + "'name of a section'");
    CHECK(with_sections(section(1, "a", size)) == ends + "'content of a section'");
  }
}

TEST_CASE("load throws for a number of layers that does not fit the file", "[model]") {
  const SmallModel model;
  for (const std::uint32_t layers : {0u, 4u, 0x80000000u, 0xffffffffu}) {
    CHECK(model.error_text(sealed(with_value(model.bytes, at_layers, layers))) ==
          "has " + std::to_string(layers) + " layers, expected at least 1 and no more than its length holds");
  }
  const SmallModel shallow({1, 1});  // the lists of three layers would take all bytes
  CHECK_FALSE(shallow.error_text(sealed(with_value(shallow.bytes, at_layers, std::uint32_t(2)))).empty());
}

TEST_CASE("load throws for a wrong length in the header", "[model]") {
  const SmallModel model;
  CHECK(model.error_text(with_value(model.bytes, at_length, huge)) ==
        "is cut short: it has " + std::to_string(model.bytes.size()) + " bytes, expected " +
            std::to_string(huge));
  CHECK_THAT(model.error_text(with_value(model.bytes, at_length, std::uint64_t(0))),
             ContainsSubstring("goes on after its end"));
  CHECK(model.error_text(with_value(model.bytes.substr(0, 27), at_length, std::uint64_t(27))) ==
        "is damaged: it has 27 bytes, too few for a model");
}

TEST_CASE("load throws for a missing file and for a folder", "[model]") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(backquery::load<float>(folder.file("none.bqm")),
                    folder.file("none.bqm") + ": cannot be opened: No such file or directory");
  CHECK_THROWS_AS(backquery::load<float>(folder.path()), std::runtime_error);
}
