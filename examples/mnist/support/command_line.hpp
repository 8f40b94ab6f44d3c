/// @file
/// Command lines of the MNIST programs, on top of CLI11: numbers with a stated range, and error messages that
/// name the option that was probably meant.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <numeric>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#ifdef _WIN32
#include <backquery/detail/file_path.hpp>

// Declared here, because windows.h defines macros such as near and min.
extern "C" {
__declspec(dllimport) wchar_t** __stdcall CommandLineToArgvW(const wchar_t* line, int* count);
__declspec(dllimport) wchar_t* __stdcall GetCommandLineW();
__declspec(dllimport) void* __stdcall LocalFree(void* memory);
}
#endif

namespace mnist {

/// A check for CLI11: the text is a number that `allowed` accepts. `expected` describes these numbers for the
/// message.
inline CLI::Validator number(const std::string& expected, const std::function<bool(double)>& allowed) {
  const auto check = [expected, allowed](const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    const bool is_number = !text.empty() && end == text.c_str() + text.size();
    return is_number && allowed(value) ? std::string() : "is '" + text + "', expected " + expected;
  };
  return CLI::Validator(check, "");
}

/// A check for CLI11: decimal digits of a number from `low` to `high`. Removes leading zeros, which CLI11
/// reads as the prefix of an octal number.
inline CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
  const auto check = [low, high](std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) {
      return "is '" + text + "', expected a whole number from " + std::to_string(low) + " to " +
             std::to_string(high);
    }
    text = std::to_string(value);
    return std::string();
  };
  return CLI::Validator(check, "");
}

/// Levenshtein distance: the smallest number of letters to insert, delete or replace that changes `a` into
/// `b`.
inline std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

/// A message that names the option that was probably meant, or all options.
inline std::string unknown_argument(const CLI::App& app, const std::vector<std::string>& unknown) {
  const auto dashed = [](const std::string& text) { return text.rfind('-', 0) == 0; };
  const auto found = std::find_if(unknown.begin(), unknown.end(), dashed);
  const std::string argument = found != unknown.end() ? *found : unknown.empty() ? "" : unknown.front();
  const std::string wrong = argument.substr(0, argument.find('='));

  std::string nearest, all;
  std::size_t least = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    all.append(all.empty() ? "" : ", ").append(name);
    const bool begins = wrong.size() > 3 && name.rfind(wrong, 0) == 0;
    const std::size_t far = begins ? 0 : distance(wrong, name);
    if (far < least) {
      least = far;
      nearest = name;
    }
  }
  if (!dashed(argument)) {
    return "unexpected argument '" + argument + "'; files are named by options, see --help";
  }
  return "unknown option " + wrong +
         (nearest.empty() ? "; the options are " + all : "; did you mean " + nearest + "? --help lists all");
}

/// The end of a message about a missing argument: the arguments without a dash, in order.
inline std::string expected_arguments(const CLI::App& app) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      text += ' ' + option->get_name() + (option->get_items_expected_max() > 1 ? "..." : "");
    }
  }
  return text.empty() ? text : ", expected" + text;
}

inline void add_mnist_folder(CLI::App& app, std::string& folder) {
  app.add_option("--mnist", folder, "folder of the four IDX files")->type_name("DIR")->capture_default_str();
}

/// The arguments in UTF-8, without the name of the program. On Windows, `argv` has no characters that the
/// code page lacks.
inline std::vector<std::string> arguments(int argc, char** argv) {
#ifdef _WIN32
  int count = argc;
  wchar_t** const wide = CommandLineToArgvW(GetCommandLineW(), &count);
  if (wide != nullptr) {
    std::vector<std::string> result;
    for (int i = 1; i < count; ++i) {
      result.push_back(backquery::detail::path_text(wide[i]));
    }
    LocalFree(wide);
    return result;
  }
#endif
  return {argv + std::min(argc, 1), argv + argc};
}

/// Reads the command line. Returns false after --help, which ends the program.
/// @throws std::invalid_argument that names the wrong argument and the expected value
inline bool parse(CLI::App& app, int argc, char** argv) {
  try {
    std::vector<std::string> reversed = arguments(argc, argv);  // the order that CLI11 expects
    std::reverse(reversed.begin(), reversed.end());
    app.parse(std::move(reversed));
    return true;
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return false;
  } catch (const CLI::ExtrasError&) {
    throw std::invalid_argument(unknown_argument(app, app.remaining()));
  } catch (const CLI::RequiredError& error) {
    throw std::invalid_argument(error.what() + expected_arguments(app) + "; see --help");
  } catch (const CLI::ParseError& error) {
    throw std::invalid_argument(std::string(error.what()) + "; see --help");
  }
}

}  // namespace mnist
