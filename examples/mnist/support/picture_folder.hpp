/// @file
/// A folder of pictures of single digits, named by their labels, as a set of images.
#pragma once

#include <backquery/detail/file_path.hpp>
#include <charconv>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "digits.hpp"
#include "picture_file.hpp"

namespace mnist {

/// Whether the name ends in .png, .jpg, .jpeg or .bmp.
inline bool is_picture(const std::filesystem::path& path) {
  std::string end = backquery::detail::path_text(path.extension());
  std::transform(end.begin(), end.end(), end.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return end == ".png" || end == ".jpg" || end == ".jpeg" || end == ".bmp";
}

/// The label in front of the first _ of the name: 7 for 7_anything.png.
inline std::uint8_t label_of(const std::string& path, Index classes, Index first_label) {
  const std::string name = file_name(path);
  int label = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), label);
  const bool is_label = error == std::errc() && *end == '_';
  if (!is_label || label < first_label || label - first_label >= classes) {
    throw std::runtime_error(path + ": the name has no label, expected a name such as " +
                             std::to_string(first_label + 7 % classes) + "_anything.png with a label from " +
                             std::to_string(first_label) + " to " +
                             std::to_string(first_label + classes - 1));
  }
  return static_cast<std::uint8_t>(label - first_label);
}

/// Reads the pictures of a folder, in the order of their names, by digit_from_image.
/// @param labels  if optional, the images get no labels unless each name has one
inline backquery::LabeledImages read_picture_folder(const std::string& folder, Index classes,
                                                    Index first_label, Labels labels) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(file_path(folder))) {
    if (entry.is_regular_file() && is_picture(entry.path())) {
      paths.push_back(backquery::detail::path_text(entry.path()));
    }
  }
  if (paths.empty()) {
    throw std::runtime_error(folder +
                             ": has no pictures, expected PNG, JPEG or BMP files such as 7_anything.png");
  }
  std::sort(paths.begin(), paths.end());
  backquery::LabeledImages images;
  images.rows = images.cols = 28;
  images.classes = classes;
  images.pixels.resize(28 * 28, static_cast<Index>(paths.size()));
  images.labels.resize(static_cast<Index>(paths.size()));
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto image = static_cast<Index>(i);
    if (images.labels.size() > 0) {
      try {
        images.labels(image) = label_of(paths[i], classes, first_label);
      } catch (const std::runtime_error&) {
        if (labels == Labels::required) {
          throw;
        }
        images.labels.resize(0);
      }
    }
    images.pixels.col(image) = find_digits(paths[i], read_picture(paths[i]), true).images.pixels.col(0);
  }
  return images;
}

/// Reads a folder of pictures, or a file as read_digits does.
inline backquery::LabeledImages read_digits_or_pictures(const std::string& path, Index classes,
                                                        const backquery::ReadOptions& options,
                                                        Labels labels) {
  return std::filesystem::is_directory(file_path(path))
             ? read_picture_folder(path, classes, options.first_label, labels)
             : read_digits(path, classes, options, labels);
}

}  // namespace mnist
