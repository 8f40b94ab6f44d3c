/// @file
/// Reads the golden data of tests/data, which tests/data/golden.py computes.
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

/// The matrices of one text file, or of one of its cases, by name. The file repeats a line "name rows cols"
/// and the rows; a line that begins with # is a comment.
class Golden {
 public:
  /// Reads tests/data/`path`.txt. Throws std::runtime_error if the file is missing or ends within a matrix.
  explicit Golden(const std::string& path) : path_(path) {
    std::ifstream file(std::string(BACKQUERY_TEST_DATA) + "/" + path + ".txt");
    for (std::string name; file >> name;) {
      if (name.front() == '#') {
        file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
        continue;
      }
      Eigen::Index rows = 0, cols = 0;
      file >> rows >> cols;
      Eigen::MatrixXd matrix(rows, cols);
      for (double& value : matrix.reshaped<Eigen::RowMajor>()) file >> value;
      if (!file) throw std::runtime_error(path + ": the matrix " + name + " is incomplete");
      matrices_[name] = matrix;
    }
    if (matrices_.empty()) throw std::runtime_error(path + ": no golden data");
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::size_t size() const { return matrices_.size(); }

  /// Throws std::runtime_error if no matrix has this name.
  [[nodiscard]] const Eigen::MatrixXd& operator()(const std::string& name) const {
    const auto found = matrices_.find(name);
    if (found == matrices_.end()) throw std::runtime_error(path_ + ": no matrix " + name);
    return found->second;
  }
  /// The only coefficient of a 1 x 1 matrix.
  [[nodiscard]] double number(const std::string& name) const { return (*this)(name).value(); }

  /// The cases of the file, sorted by name. The matrix "by_10/image" is the image of the case by_10. A file
  /// whose names have no slash is one case.
  [[nodiscard]] std::vector<Golden> cases() const {
    std::map<std::string, Matrices> by_path;
    for (const auto& [name, matrix] : matrices_) {
      const auto slash = name.find('/');
      if (slash == std::string::npos) {
        by_path[path_][name] = matrix;
      } else {
        by_path[path_ + '/' + name.substr(0, slash)][name.substr(slash + 1)] = matrix;
      }
    }
    std::vector<Golden> result;
    for (const auto& [path, matrices] : by_path) result.push_back(Golden(path, matrices));
    return result;
  }

 private:
  using Matrices = std::map<std::string, Eigen::MatrixXd>;

  Golden(const std::string& path, const Matrices& matrices) : path_(path), matrices_(matrices) {}

  std::string path_;
  Matrices matrices_;
};

/// All cases of the files below tests/data/`folder` whose name begins with `kind`, sorted by name. Throws
/// std::runtime_error if there are none.
inline std::vector<Golden> golden_cases(const std::string& folder, const std::string& kind) {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(BACKQUERY_TEST_DATA) + "/" + folder)) {
    const std::string name = entry.path().stem().string();
    if (name.compare(0, kind.size(), kind) == 0) names.push_back(name);
  }
  if (names.empty()) throw std::runtime_error(folder + ": no golden data for " + kind);
  std::sort(names.begin(), names.end());
  std::vector<Golden> cases;
  for (const std::string& name : names) {
    for (const Golden& golden : Golden(folder + "/" + name).cases()) cases.push_back(golden);
  }
  return cases;
}
