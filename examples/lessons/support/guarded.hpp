/// @file
/// The end of a program: an exception becomes one line on the error stream and exit code 1.
#pragma once

#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace lesson {

/// Runs the program, a function that returns nothing or the exit code.
template <typename Program>
int guarded(const std::string& program_name, Program program) {
  try {
    int code = EXIT_SUCCESS;
    if constexpr (std::is_void_v<decltype(program())>) {
      program();
    } else {
      code = program();
    }
    if (!std::cout.flush()) {
      throw std::runtime_error("cannot write the output");
    }
    return code;
  } catch (const std::bad_alloc&) {
    std::cerr << program_name << ": not enough memory\n";
  } catch (const std::exception& error) {
    std::cerr << program_name << ": " << error.what() << '\n';
  }
  return EXIT_FAILURE;
}

}  // namespace lesson
