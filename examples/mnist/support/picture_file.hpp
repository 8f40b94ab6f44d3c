/// @file
/// Reads pictures (PNG, JPEG, BMP) as gray values.
#pragma once

#include <algorithm>
#include <backquery/images/digits_from_image.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>

#include "file_path.hpp"

// stb is a single header; its functions are made static here.
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_FAILURE_USERMSG
#include <stb_image.h>

namespace mnist {

using Index = Eigen::Index;

/// A gray picture, row by row from the top.
struct Photo {
  Index rows = 0, cols = 0;
  Eigen::Matrix<std::uint8_t, Eigen::Dynamic, 1> pixels;
};

/// The orientation that a camera stored in a JPEG file (EXIF), 1 to 8; 1, upright, if there is none.
inline int exif_orientation(const std::string& jpeg) {
  bool big = true;  // big-endian, as all of JPEG except for its TIFF part
  const auto value = [&](std::size_t at, std::size_t bytes) -> std::size_t {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      const std::size_t place = at + (big ? i : bytes - 1 - i);
      sum = sum << 8 | (place < jpeg.size() ? static_cast<unsigned char>(jpeg[place]) : 0u);
    }
    return sum;
  };
  for (std::size_t at = 2; jpeg.compare(0, 2, "\xff\xd8") == 0 && value(at, 1) == 0xff;
       at += 2 + value(at + 2, 2)) {
    const std::size_t tiff = at + 10;
    if (value(at + 1, 1) == 0xda || tiff >= jpeg.size()) {  // the pixels begin
      break;
    }
    if (value(at + 1, 1) != 0xe1 || jpeg.compare(at + 4, 4, "Exif") != 0) {
      continue;
    }
    big = jpeg.compare(tiff, 2, "MM") == 0;
    const std::size_t directory = tiff + value(tiff + 4, 4);
    for (std::size_t i = 0, count = value(directory, 2); i < count; ++i) {
      const std::size_t entry = directory + 2 + 12 * i;
      if (value(entry, 2) == 0x0112) {
        const std::size_t orientation = value(entry + 8, 2);
        return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
      }
    }
    break;
  }
  return 1;
}

/// The picture upright. Orientations 2, 4, 5 and 7 are mirrored, and 5 to 8 exchange rows and columns.
inline Photo upright(const Photo& photo, int orientation) {
  const bool exchanged = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Photo result = photo;
  if (exchanged) {
    std::swap(result.rows, result.cols);
  }
  for (Index row = 0; row < result.rows; ++row) {
    for (Index col = 0; col < result.cols; ++col) {
      const Index y = exchanged ? col : row, x = exchanged ? row : col;
      result.pixels(row * result.cols + col) = photo.pixels(
          (from_bottom ? photo.rows - 1 - y : y) * photo.cols + (from_right ? photo.cols - 1 - x : x));
    }
  }
  return result;
}

/// Replaces transparency by paper of the other brightness, so that black and white drawings on a transparent
/// ground are visible.
inline Photo on_paper(const std::uint8_t* gray_alpha, Index rows, Index cols) {
  Photo photo{rows, cols, {}};
  photo.pixels.resize(rows * cols);
  double brightness = 0, opacity = 1e-9;
  for (Index i = 0; i < rows * cols; ++i) {
    brightness += gray_alpha[2 * i] * static_cast<double>(gray_alpha[2 * i + 1]);
    opacity += gray_alpha[2 * i + 1];
  }
  const int paper = brightness / opacity < 128 ? 255 : 0;
  for (Index i = 0; i < rows * cols; ++i) {
    const int gray = gray_alpha[2 * i], alpha = gray_alpha[2 * i + 1];
    photo.pixels(i) = static_cast<std::uint8_t>((gray * alpha + paper * (255 - alpha) + 127) / 255);
  }
  return photo;
}

/// Whether a file begins as a PNG, JPEG or BMP file.
inline bool holds_picture(const std::string& path) {
  std::string start(std::size_t{1} << 20, '\0');  // the size of a JPEG follows its EXIF data
  std::ifstream file(file_path(path), std::ios::binary);
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  int width = 0, height = 0, channels = 0;
  return stbi_info_from_memory(reinterpret_cast<const stbi_uc*>(start.data()),
                               static_cast<int>(file.gcount()), &width, &height, &channels) != 0;
}

/// Reads a picture upright.
/// @throws std::runtime_error that names the path
inline Photo read_picture(const std::string& path) {
  constexpr double most = 1e8;  // pixels
  if (std::filesystem::is_directory(file_path(path))) {
    throw std::runtime_error(path + ": is a folder, expected a PNG, JPEG or BMP file; mnist_train --test " +
                             path + " tests a folder of labeled pictures");
  }
  std::ifstream file(file_path(path), std::ios::binary);
  if (!file) {
    throw std::runtime_error(path + ": cannot be opened");
  }
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  int width = 0, height = 0, channels = 0;
  if (bytes.size() > INT32_MAX ||
      stbi_info_from_memory(data, static_cast<int>(bytes.size()), &width, &height, &channels) == 0) {
    throw std::runtime_error(path + ": is no picture, expected a PNG, JPEG or BMP file");
  }
  if (static_cast<double>(width) * height > most) {
    throw std::runtime_error(path + ": has " + std::to_string(width) + " x " + std::to_string(height) +
                             " pixels, expected at most 100 megapixels");
  }
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(data, static_cast<int>(bytes.size()), &width, &height, &channels, 2),
      stbi_image_free);
  if (!pixels) {
    throw std::runtime_error(path + ": is damaged: " + stbi_failure_reason());
  }
  return upright(on_paper(pixels.get(), height, width), exif_orientation(bytes));
}

/// Finds one digit, or all digits.
/// @throws std::runtime_error that names the path
inline backquery::FoundDigits find_digits(const std::string& path, const Photo& photo, bool single) {
  try {
    return single ? backquery::digit_from_image(photo.pixels, photo.rows, photo.cols)
                  : backquery::digits_from_image(photo.pixels, photo.rows, photo.cols);
  } catch (const std::runtime_error& error) {
    const std::string reason = error.what();
    throw std::runtime_error(path + reason.substr(std::min(reason.find(": "), reason.size())));
  }
}

}  // namespace mnist
