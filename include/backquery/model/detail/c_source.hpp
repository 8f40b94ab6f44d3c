/// @file
/// The text of a C program for the queries of a network.
#pragma once

#include <backquery/detail/check.hpp>
#include <backquery/detail/storage.hpp>
#include <backquery/network/activation.hpp>

#include <algorithm>
#include <cstddef>
#include <iomanip>
#include <locale>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace backquery::detail::source {

/// Throws unless `name` is an identifier of C99 and C++11 that can begin other identifiers: no keyword, no
/// reserved identifier, and no underscore at the end, because two underscores are reserved in C++.
inline void check_name(const char* where, std::string_view name) {
  static constexpr std::string_view keywords =
      " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t class "
      "compl const const_cast constexpr continue decltype default delete do double dynamic_cast else enum "
      "explicit export extern false float for friend goto if inline int long mutable namespace new noexcept "
      "not not_eq nullptr operator or or_eq private protected public register reinterpret_cast restrict "
      "return short signed sizeof static static_assert static_cast struct switch template this thread_local "
      "throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor "
      "xor_eq ";
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const bool is_identifier =
      !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
      });
  if (!is_identifier || name.back() == '_' || name.find("__") != name.npos) {
    throw_invalid_argument(where, ": name is '", name,
                           "', expected a letter, then letters, digits and single underscores, without an "
                           "underscore at the end");
  }
  if (keywords.find(message(" ", name, " ")) != keywords.npos) {
    throw_invalid_argument(where, ": name is '", name, "', expected no keyword of C or C++");
  }
}

/// f(z) as an expression of C. For softmax, z already has the value exp z.
inline const char* expression_of(Activation f) {
  switch (f) {
    case Activation::identity:
      return "z";
    case Activation::sigmoid:
      return "1.0f / (1.0f + expf(-z))";
    case Activation::tanh:
      return "tanhf(z)";
    case Activation::scaled_tanh:
      return "1.7159f * tanhf(0.666666667f * z)";
    case Activation::relu:
      return "z < 0.0f ? 0.0f : z";
    case Activation::leaky_relu:
      return "z < 0.0f ? 0.01f * z : z";
    case Activation::softmax:
      return "z / sum";
    case Activation::elu:
      return "z < 0.0f ? expm1f(z) : z";
    case Activation::softplus:
      return "(z > 0.0f ? z : 0.0f) + log1pf(expf(-fabsf(z)))";
  }
  return "";  // for GCC, which warns because of values that are no enumerators
}

/// Writes a C file part by part. Layers are counted from 1. The outputs of odd and of even layers have an
/// array each.
class Writer {
 public:
  Writer(std::string_view name, const std::vector<Index>& layer_sizes) : name_(name), sizes_(layer_sizes) {
    text_.imbue(std::locale::classic());              // a decimal point in every locale
    text_ << std::showpoint << std::setprecision(9);  // a C compiler reads the same float
  }

  [[nodiscard]] std::string text() const { return text_.str(); }

  void put_opening() {
    text_ << "/* A network of " << sizes_.front() << " inputs and " << sizes_.back()
          << " outputs, exported by backquery: C99 and C++11; link it with -lm.\n\n   " << name_
          << "_query(x, y) computes the outputs y for the inputs x. y may be x. Its arrays take "
          << 4 * (widest(1) + widest(2)) << "\n   bytes of the stack.\n   " << name_
          << "_self_test() returns 0 if the outputs for a stored sample are correct, else 1. */\n"
          << "#include <math.h>\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\nvoid " << name_
          << "_query(const float* x, float* y);\nint " << name_
          << "_self_test(void);\n#ifdef __cplusplus\n}\n#endif\n";
  }

  template <typename Values>
  void put_array(const std::string& suffix, const char* comment, const Values& values) {
    text_ << "\n/* " << comment << " */\nstatic const float " << name_ << suffix << "[" << values.size()
          << "] = {";
    Index count = 0;
    for (Index column = 0; column < values.cols(); ++column) {
      for (Index row = 0; row < values.rows(); ++row, ++count) {
        text_ << (count == 0 ? "\n    " : count % 8 == 0 ? ",\n    " : ", ");
        text_ << values(row, column) << "f";
      }
    }
    text_ << "};\n";
  }

  void begin_query() {
    text_ << "\nvoid " << name_ << "_query(const float* x, float* y) {\n  float odd[" << widest(1) << "];\n";
    if (sizes_.size() > 2) {
      text_ << "  float even[" << widest(2) << "];\n";
    }
    text_ << "  long i, n;\n";
  }

  void put_layer(Index layer, Activation f, bool biases) {
    const std::string z = buffer(layer);
    text_ << "\n  /* layer " << layer << ": " << size(layer - 1) << " inputs, " << size(layer) << " nodes, "
          << name(f) << " */\n";
    begin_loop(layer);
    text_ << "    " << z << "[n] = ";
    if (biases) {
      text_ << name_ << "_biases_" << layer << "[n];\n  }\n";
    } else {
      text_ << "0.0f;\n  }\n";
    }
    const Index whole = size(layer - 1) / 4 * 4;
    if (whole > 0) {
      text_ << "  for (i = 0; i < " << whole << "; i += 4) {\n";
      put_products(layer, 4);
    }
    if (whole < size(layer - 1)) {
      text_ << "  {\n    i = " << whole << ";\n";
      put_products(layer, size(layer - 1) - whole);
    }
    put_activation(layer, f);
  }

  void end_query() {
    const Index last = static_cast<Index>(sizes_.size()) - 1;
    text_ << "\n";
    begin_loop(last);
    text_ << "    y[n] = " << buffer(last) << "[n];\n  }\n}\n";
  }

  /// A function that compares the outputs for the array _sample with the array _outputs.
  void put_self_test(float tolerance) {
    text_ << "\nint " << name_ << "_self_test(void) {\n  float y[" << sizes_.back()
          << "];\n  int wrong = 0;\n"
          << "  long n;\n  " << name_ << "_query(" << name_ << "_sample, y);\n";
    begin_loop(static_cast<Index>(sizes_.size()) - 1);
    text_ << "    wrong |= !(fabsf(y[n] - " << name_ << "_outputs[n]) <= " << tolerance
          << "f);\n  }\n  return wrong;\n}\n";
  }

 private:
  [[nodiscard]] Index size(Index layer) const { return sizes_[static_cast<std::size_t>(layer)]; }

  [[nodiscard]] static const char* buffer(Index layer) { return layer % 2 != 0 ? "odd" : "even"; }

  /// The nodes of the widest of the layers `first`, `first` + 2 and so on; 0 if there is none.
  [[nodiscard]] Index widest(std::size_t first) const {
    Index most = 0;
    for (std::size_t layer = first; layer < sizes_.size(); layer += 2) {
      most = (std::max)(most, sizes_[layer]);
    }
    return most;
  }

  void begin_loop(Index layer) { text_ << "  for (n = 0; n < " << size(layer) << "; ++n) {\n"; }

  /// Adds the products of inputs i to i + count - 1. Compilers vectorize the loop over the nodes, and a
  /// product of several inputs at once saves loads and stores of the sums.
  void put_products(Index layer, Index count) {
    const std::string x = layer == 1 ? "x" : buffer(layer - 1);
    text_ << "    const float* w = " << name_ << "_weights_" << layer << " + " << size(layer) << " * i;\n";
    std::string sum;
    for (Index k = 0; k < count; ++k) {
      text_ << "    const float x" << k << " = " << x << "[i + " << k << "];\n";
      sum += message(k == 0 ? "" : " + ", "w[n + ", k * size(layer), "] * x", k);
    }
    text_ << "  ";
    begin_loop(layer);
    text_ << "      " << buffer(layer) << "[n] += " << sum << ";\n    }\n  }\n";
  }

  void put_activation(Index layer, Activation f) {
    const std::string z = message(buffer(layer), "[n]");
    if (f == Activation::softmax) {
      text_ << "  float largest = " << buffer(layer) << "[0], sum = 0.0f;\n";
      begin_loop(layer);
      text_ << "    largest = " << z << " > largest ? " << z << " : largest;\n  }\n";
      begin_loop(layer);
      text_ << "    " << z << " = expf(" << z << " - largest);\n    sum += " << z << ";\n  }\n";
    }
    if (f != Activation::identity) {
      begin_loop(layer);
      text_ << "    const float z = " << z << ";\n    " << z << " = " << expression_of(f) << ";\n  }\n";
    }
  }

  std::string name_;
  const std::vector<Index>& sizes_;
  std::ostringstream text_;
};

}  // namespace backquery::detail::source
