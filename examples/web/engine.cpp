// The library as functions for JavaScript, compiled to WebAssembly. Only page/backquery.js, the interface
// for pages, calls these functions.
//
// An object is a pointer, which JavaScript passes back, and frees by the function that ends in _free. An
// array as an argument is a pointer and a length. give() hands over the arrays of a result, in order. A C++
// exception becomes a JavaScript Error with the same text.
#include <emscripten/em_js.h>
#include <emscripten/emscripten.h>

#include <algorithm>
#include <backquery/backquery.hpp>
#include <backquery/build_info.hpp>
#include <backquery/images/digits_from_image.hpp>
#include <backquery/training/query_images.hpp>
#include <cstdint>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../mnist/support/dream.hpp"
#include "../mnist/support/targets.hpp"
#include "support/book_training.hpp"
#include "support/engine_benchmark.hpp"
#include "support/layers.hpp"
#include "support/one_step.hpp"

// Keeps the text of an error. JavaScript throws it after the call has returned: an error that is thrown here
// would pass the C++ frames without giving their stack memory back.
EM_JS(void, fail, (const char* text), { Module['failure'] = UTF8ToString(text); });
// Appends a copy of the bytes to the results of the call.
EM_JS(void, give_bytes, (const void* bytes, std::size_t size),
      { Module['given'].push(HEAPU8.slice(bytes, bytes + size).buffer); });

namespace {

using backquery::LabeledImages;
using web::Index;
using web::Network;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Floats = Eigen::Map<const Eigen::VectorXf>;

/// Runs a function. Its exceptions become JavaScript errors.
template <typename Function>
auto guarded(const Function& function) {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    fail("backquery: out of memory");
  } catch (const std::exception& error) {
    fail(error.what());
  }
  return decltype(function())();
}

/// Hands over the values of a matrix in the order of its memory.
template <typename Matrix>
void give(const Eigen::PlainObjectBase<Matrix>& matrix) {
  give_bytes(matrix.data(), static_cast<std::size_t>(matrix.size()) * sizeof(typename Matrix::Scalar));
}
void give(const std::string& bytes) {
  give_bytes(bytes.data(), bytes.size());
}

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE Network* network_create(const Index* sizes, Index count, float learning_rate,
                                             double seed) {
  return guarded([=] {
    backquery::NetworkOptions options;
    options.seed = static_cast<std::uint64_t>(seed);
    return new Network(std::vector<Index>(sizes, sizes + count), learning_rate, options);
  });
}

EMSCRIPTEN_KEEPALIVE Network* network_load(const char* path) {
  return guarded([=] { return new Network(backquery::load<float>(path)); });
}

EMSCRIPTEN_KEEPALIVE void network_free(Network* network) {
  delete network;
}

EMSCRIPTEN_KEEPALIVE void network_save(const Network* network, const char* path) {
  guarded([=] { backquery::save(*network, path); });
}

EMSCRIPTEN_KEEPALIVE void network_layer_sizes(const Network* network) {
  guarded([=] {
    give(Eigen::Map<const Eigen::Matrix<Index, -1, 1>>(network->layer_sizes().data(), network->layers() + 1)
             .eval());
  });
}

EMSCRIPTEN_KEEPALIVE float network_learning_rate(const Network* network) {
  return network->learning_rate();
}

EMSCRIPTEN_KEEPALIVE void network_set_learning_rate(Network* network, float rate) {
  guarded([=] { network->set_learning_rate(rate); });
}

EMSCRIPTEN_KEEPALIVE bool network_has_inverse(const Network* network) {
  return web::has_inverse(*network);
}

EMSCRIPTEN_KEEPALIVE void network_query(const Network* network, const float* inputs, Index count) {
  guarded([=] { give(network->query(Floats(inputs, count))); });
}

EMSCRIPTEN_KEEPALIVE void network_query_layers(const Network* network, const float* inputs, Index count) {
  guarded([=] {
    const Eigen::VectorXf x = Floats(inputs, count);
    const Eigen::VectorXf outputs = network->query(x);  // checks x
    give(x);
    for (Index layers = 1; layers < network->layers(); ++layers) {
      give(web::query_first_layers(*network, layers, x));
    }
    give(outputs);
  });
}

EMSCRIPTEN_KEEPALIVE void network_backquery(const Network* network, const float* targets, Index count) {
  guarded([=] { give(network->backquery(Floats(targets, count))); });
}

EMSCRIPTEN_KEEPALIVE void network_input_gradients(const Network* network, const float* inputs, Index count,
                                                  const float* targets, Index outputs) {
  guarded([=] { give(network->input_gradients(Floats(inputs, count), Floats(targets, outputs))); });
}

/// @param options  steps, rate, smoothness, contrast and ink of mnist::DreamOptions
EMSCRIPTEN_KEEPALIVE void network_dream(const Network* network, const float* start, Index count,
                                        const float* targets, Index outputs, const double* options) {
  guarded([=] {
    mnist::DreamOptions dream;
    dream.steps = static_cast<int>(options[0]);
    dream.rate = options[1];
    dream.smoothness = options[2];
    dream.contrast = options[3];
    dream.ink = options[4];
    give(mnist::dream(*network, Floats(start, count), Floats(targets, outputs), dream));
  });
}

EMSCRIPTEN_KEEPALIVE void network_weights(const Network* network, Index layer) {
  guarded([=] { give(RowMajor(network->weights(layer))); });
}

EMSCRIPTEN_KEEPALIVE void network_set_weights(Network* network, Index layer, const float* values, Index rows,
                                              Index cols) {
  guarded([=] { network->set_weights(layer, Eigen::Map<const RowMajor>(values, rows, cols)); });
}

/// Gives accuracy and loss, then the confusion matrix row by row. `limit`: number of images.
EMSCRIPTEN_KEEPALIVE void network_evaluate(const Network* network, const LabeledImages* digits, Index limit) {
  guarded([=] {
    const LabeledImages images = digits->block(0, std::min(limit, digits->pixels.cols()));
    const Eigen::MatrixXf outputs = backquery::query_images(*network, images);
    const double accuracy = backquery::accuracy(outputs, images.labels);
    give(Eigen::Vector2d(accuracy, mnist::mean_loss(*network, images)));
    using Counts = Eigen::Matrix<int, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    give(Counts(backquery::confusion_matrix(outputs, images.labels)));
  });
}

EMSCRIPTEN_KEEPALIVE void digit_from_image(const std::uint8_t* pixels, Index count, Index rows, Index cols) {
  guarded([=] {
    const Eigen::Map<const Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 1>> gray(pixels, count);
    give(backquery::inputs<float>(backquery::digit_from_image(gray, rows, cols).images));
  });
}

/// The number of digits in a picture.
EMSCRIPTEN_KEEPALIVE Index count_digits(const std::uint8_t* pixels, Index count, Index rows, Index cols) {
  return guarded([=] {
    const Eigen::Map<const Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 1>> gray(pixels, count);
    return backquery::digits_from_image(gray, rows, cols).images.pixels.cols();
  });
}

/// Reads a CSV file, or, with a second path, a pair of IDX files.
EMSCRIPTEN_KEEPALIVE LabeledImages* digits_read(const char* path, const char* labels_path) {
  return guarded([=] {
    return new LabeledImages(labels_path == nullptr ? backquery::read_csv(path)
                                                    : backquery::read_idx(path, labels_path));
  });
}

/// Gives rows, columns and classes of the images, then labels and pixels.
EMSCRIPTEN_KEEPALIVE void digits_content(const LabeledImages* digits) {
  guarded([=] {
    give(Eigen::Matrix<Index, 3, 1>(digits->rows, digits->cols, digits->classes));
    give(digits->labels);
    give(digits->pixels);
  });
}

/// A part of the images: those with index i where (i + 1) % every is 0, or the others.
EMSCRIPTEN_KEEPALIVE LabeledImages* digits_part(const LabeledImages* digits, Index every, bool others) {
  return guarded([=] {
    if (every < 1) {
      throw std::invalid_argument("split: every is " + std::to_string(every) + ", expected at least 1");
    }
    std::vector<Index> indices;
    for (Index image = 0; image < digits->pixels.cols(); ++image) {
      if (((image + 1) % every == 0) != others) {
        indices.push_back(image);
      }
    }
    LabeledImages part = digits->block(0, 0);
    part.pixels = digits->pixels(Eigen::all, indices);
    part.labels = digits->labels(indices);
    return new LabeledImages(std::move(part));
  });
}

EMSCRIPTEN_KEEPALIVE void digits_free(LabeledImages* digits) {
  delete digits;
}

/// @param seed  of the order of the images and of the deformation
/// @param ranges  degrees, scale, shear, shift, elastic_sigma and elastic_alpha of the deformation; may be
/// null
EMSCRIPTEN_KEEPALIVE web::BookTraining* training_create(const LabeledImages* digits, double degrees,
                                                        double seed, bool shuffle, const double* ranges) {
  return guarded([=] {
    web::TrainingOptions options;
    options.degrees = degrees;
    options.seed = static_cast<std::uint64_t>(seed);
    options.shuffle = shuffle;
    if (ranges != nullptr) {
      options.deformation = {ranges[0], ranges[1], ranges[2], ranges[3], false, false, ranges[4], ranges[5]};
    }
    return new web::BookTraining(*digits, options);
  });
}

EMSCRIPTEN_KEEPALIVE Index training_run(web::BookTraining* training, Network* network, Index samples) {
  return guarded([=] { return training->run(*network, samples); });
}

/// Gives the sample that training_run trains next: inputs, targets, and label and copy.
EMSCRIPTEN_KEEPALIVE void training_next(web::BookTraining* training, const Network* network) {
  guarded([=] {
    const web::BookTraining::Next next = training->next(*network);
    give(next.x);
    give(next.t);
    give(Eigen::Matrix<Index, 2, 1>(next.label, next.copy));
  });
}

EMSCRIPTEN_KEEPALIVE Index training_epoch(const web::BookTraining* training) {
  return training->epoch();
}

EMSCRIPTEN_KEEPALIVE Index training_position(const web::BookTraining* training) {
  return training->position();
}

EMSCRIPTEN_KEEPALIVE Index training_samples_per_epoch(const web::BookTraining* training) {
  return training->samples_per_epoch();
}

EMSCRIPTEN_KEEPALIVE void training_free(web::BookTraining* training) {
  delete training;
}

/// Gives the vectors of web::OneStep, in their order.
/// @param sizes    of the layers, `count` of them; inputs first
/// @param weights  of all layers, one after the other, each row by row
EMSCRIPTEN_KEEPALIVE void worked_example(const Index* sizes, Index count, const double* weights,
                                         const double* inputs, const double* targets, double learning_rate,
                                         const char* activation) {
  guarded([=] {
    web::one_step({sizes, sizes + count}, weights, inputs, targets, learning_rate, activation,
                  [](const auto& values) { give(values); });
  });
}

EMSCRIPTEN_KEEPALIVE void build_text() {
  guarded([] {
    const backquery::BuildInfo build = backquery::build_info<float>();
    give(build.text());
    give(build.instruction_set);
    give(build.version);
  });
}

/// Gives microseconds for a query of digits and of dense inputs, and samples/s of a training.
/// @param digits  null: random inputs; a fifth of their values is not blank, as in MNIST
EMSCRIPTEN_KEEPALIVE void benchmark(const LabeledImages* digits, Index samples) {
  guarded([=] { give(web::benchmark(digits, samples)); });
}

}  // extern "C"
