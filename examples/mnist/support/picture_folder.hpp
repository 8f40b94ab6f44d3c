/// @file
/// A folder of pictures of single digits, named by their labels, as a set of images.
#pragma once

#include <backquery/detail/file_path.hpp>
#include <charconv>
#include <filesystem>
#include <optional>
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

/// The label in front of the first _ of the name: 7 for 7_anything.png. Nothing if there is none.
inline std::optional<std::uint8_t> label_of(const std::string& path, Index classes, Index first_label) {
  const std::string name = file_name(path);
  int label = -1;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), label);
  const bool is_label = error == std::errc() && *end == '_';
  if (!is_label || label < first_label || label - first_label >= classes) {
    return std::nullopt;
  }
  return static_cast<std::uint8_t>(label - first_label);
}

/// @throws std::runtime_error that names up to 20 rejected pictures, if there are any
/// @param reasons   for each rejected picture, its path and the reason
/// @param pictures  the number of all pictures of the folder
inline void require_all_read(const std::string& folder, const std::vector<std::string>& reasons,
                             std::size_t pictures) {
  constexpr std::size_t most = 20;
  if (reasons.empty()) {
    return;
  }
  if (reasons.size() == 1) {
    throw std::runtime_error(reasons.front());
  }
  std::string text = folder + ": " + std::to_string(reasons.size()) + " of " + std::to_string(pictures) +
                     " pictures are rejected";
  for (std::size_t i = 0; i < std::min(reasons.size(), most); ++i) {
    text += "\n  " + reasons[i];
  }
  if (reasons.size() > most) {
    text += "\n  and " + std::to_string(reasons.size() - most) + " more";
  }
  throw std::runtime_error(text);
}

/// Reads the pictures of a folder, in the order of their names, by digit_from_image.
/// @param labels  if optional, the images get no labels unless each name has one
/// @throws std::runtime_error that names all rejected pictures
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
  std::vector<std::string> rejected;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto image = static_cast<Index>(i);
    const auto label = label_of(paths[i], classes, first_label);
    if (!label && labels == Labels::required) {
      rejected.push_back(paths[i] + ": the name has no label, expected a name such as " +
                         std::to_string(first_label + 7 % classes) + "_anything.png with a label from " +
                         std::to_string(first_label) + " to " + std::to_string(first_label + classes - 1));
      continue;
    }
    if (!label) {
      images.labels.resize(0);
    } else if (images.labels.size() > 0) {
      images.labels(image) = *label;
    }
    try {
      images.pixels.col(image) = find_digits(paths[i], read_picture(paths[i]), true).images.pixels.col(0);
    } catch (const std::runtime_error& error) {
      rejected.emplace_back(error.what());
    }
  }
  require_all_read(folder, rejected, paths.size());
  return images;
}

/// Reads a folder of pictures, or a file as read_digits does.
inline backquery::LabeledImages read_digits_or_pictures(const std::string& path, Index classes,
                                                        const backquery::ReadOptions& options,
                                                        Labels labels) {
  if (std::filesystem::is_directory(file_path(path))) {
    return read_picture_folder(path, classes, options.first_label, labels);
  }
  try {
    return read_digits(path, classes, options, labels);
  } catch (const std::runtime_error&) {
    if (std::filesystem::is_regular_file(file_path(path)) && holds_picture(path)) {
      throw std::runtime_error(path +
                               ": is a picture: give the folder of pictures named by their labels, such as "
                               "7_anything.png, or use mnist_query");
    }
    throw;
  }
}

}  // namespace mnist
