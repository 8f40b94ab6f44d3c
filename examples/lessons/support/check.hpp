/// @file
/// Checks of the numbers that a lesson prints: a wrong number prints a line and makes the program return 1.
///
///     lesson::Check check;
///     check.near("hidden output 1", h(0), 0.761, 0.0005);
///     return check.result();
#pragma once

#include <cmath>
#include <iomanip>
#include <iostream>
#include <string>

namespace lesson {

class Check {
 public:
  /// Checks that the value lies within the tolerance of an expected value from another source: the book, a
  /// calculation by hand, or a second method. NaN lies within no tolerance.
  void near(const std::string& what, double value, double expected, double tolerance) {
    const bool correct = std::abs(value - expected) <= tolerance;
    if (!correct) {
      std::cout << std::setprecision(12) << "MISMATCH: " << what << " is " << value << ", expected "
                << expected << " within " << tolerance << '\n';
    }
    count(correct);
  }

  /// Checks that the claim holds.
  void that(const std::string& claim, bool holds) {
    if (!holds) std::cout << "MISMATCH: it does not hold that " << claim << '\n';
    count(holds);
  }

  /// Prints the number of checks that hold.
  /// @return the exit code of the program
  int result() const {
    std::cout << "\n[" << checks_ - mismatches_ << " of " << checks_ << " checks of these numbers hold]\n";
    return mismatches_ == 0 && checks_ > 0 ? 0 : 1;
  }

 private:
  void count(bool correct) {
    ++checks_;
    if (!correct) ++mismatches_;
  }

  int checks_ = 0;
  int mismatches_ = 0;
};

}  // namespace lesson
