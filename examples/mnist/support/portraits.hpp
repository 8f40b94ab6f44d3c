/// @file
/// Portraits: the images that `backquery` computes for each label, as a picture and as text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "digits.hpp"
#include "output_file.hpp"

// stb is a single header; its functions are made static here.
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb_image_write.h>

namespace mnist {

/// One portrait in each column, one for each label: the inputs, 0.01 to 0.99, that backquery computes for it.
inline Matrix portraits(const Network& network) {
  Matrix targets = Matrix::Constant(network.outputs(), network.outputs(), 0.01f);
  targets.diagonal().setConstant(0.99f);
  return network.backquery(targets);
}

/// The portraits; or nothing and the reason, for example "activation relu has no inverse".
inline std::optional<Matrix> portraits_if_any(const Network& network, std::string& reason) {
  try {
    return portraits(network);
  } catch (const std::invalid_argument& error) {
    reason = error.what();
    reason.erase(0, reason.rfind(": ") + 2);  // the function
    return std::nullopt;
  }
}

/// Gray values, row by row; 0 is black. With 4 channels, a pixel is red, green, blue and opacity.
struct Picture {
  int width = 0;
  int height = 0;
  std::vector<unsigned char> pixels;
  int channels = 1;
};

/// All portraits in one picture, dark on white; each pixel becomes a square of 4 x 4.
inline Picture draw(const Matrix& portraits, Index rows, Index cols, Index in_a_row = 5) {
  constexpr Index zoom = 4, margin = 12;
  const Index cell_height = zoom * rows + margin, cell_width = zoom * cols + margin;
  const Index grid_rows = (portraits.cols() + in_a_row - 1) / in_a_row;
  const Index width = in_a_row * cell_width + margin, height = grid_rows * cell_height + margin;
  Picture picture{static_cast<int>(width), static_cast<int>(height),
                  std::vector<unsigned char>(static_cast<std::size_t>(width * height), 255)};
  for (Index digit = 0; digit < portraits.cols(); ++digit) {
    const Index top = margin + digit / in_a_row * cell_height;
    const Index left = margin + digit % in_a_row * cell_width;
    for (Index y = 0; y < zoom * rows; ++y) {
      for (Index x = 0; x < zoom * cols; ++x) {
        const float ink = std::clamp(portraits(y / zoom * cols + x / zoom, digit), 0.0f, 1.0f);
        picture.pixels[static_cast<std::size_t>((top + y) * width + left + x)] =
            static_cast<unsigned char>(255.0f * (1.0f - ink) + 0.5f);
      }
    }
  }
  return picture;
}

/// The bytes of a PNG file.
/// @throws std::runtime_error that begins with `name`
inline std::string encode_png(const std::string& name, const Picture& picture) {
  std::string bytes;
  const auto append = [](void* to, void* data, int size) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
  };
  if (stbi_write_png_to_func(append, &bytes, picture.width, picture.height, picture.channels,
                             picture.pixels.data(), picture.width * picture.channels) == 0) {
    throw std::runtime_error(name + ": the picture cannot be encoded as PNG");
  }
  return bytes;
}

/// Writes the picture as PNG.
/// @throws std::runtime_error that names the path
inline void write_png(const std::string& path, const Picture& picture) {
  const std::string bytes = encode_png(path, picture);
  OutputFile file(path);
  file.write(bytes.data(), bytes.size());
  file.commit();
}

/// One portrait as text: one character for two rows of a column, in ten shades.
inline std::vector<std::string> as_text(const Matrix& portraits, Index digit, Index rows, Index cols) {
  const std::string shades = " .:-=+*#%@";
  std::vector<std::string> lines;
  for (Index row = 0; row < rows; row += 2) {
    std::string line;
    for (Index col = 0; col < cols; ++col) {
      const Index below = std::min(row + 1, rows - 1);
      const float ink = std::clamp(
          (portraits(row * cols + col, digit) + portraits(below * cols + col, digit)) / 2, 0.0f, 1.0f);
      line += shades[static_cast<std::size_t>(ink * 9.0f + 0.5f)];
    }
    lines.push_back(line);
  }
  return lines;
}

}  // namespace mnist
