/// @file
/// Output at a terminal: a progress bar, and numbers and times in a readable form.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <iostream>
#include <string>

#ifdef _WIN32
#include <io.h>
#else
#include <unistd.h>
#endif

namespace mnist {

/// Whether output and errors go to a terminal, and not to a file or another program.
inline bool is_terminal() {
#ifdef _WIN32
  return _isatty(_fileno(stdout)) != 0 && _isatty(_fileno(stderr)) != 0;
#else
  return isatty(STDOUT_FILENO) != 0 && isatty(STDERR_FILENO) != 0;
#endif
}

/// 60000 as "60,000".
inline std::string grouped(long long count) {
  std::string digits = std::to_string(count);
  for (std::size_t place = digits.size(); place > 3 && digits[place - 4] != '-';) {
    place -= 3;
    digits.insert(place, ",");
  }
  return digits;
}

/// With four decimals.
inline std::string four_digits(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", share);
  return text;
}

/// 3725 seconds as "1:02:05", 72 as "1:12".
inline std::string clock(double seconds) {
  const auto whole = static_cast<long long>(seconds + 0.5);
  char text[48];
  if (whole < 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return text;
}

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// One line on the error stream, drawn after the first samples, then redrawn at most ten times a second, and
/// only at a terminal:
///
///     epoch 2 of 5 [=======>            ]  35 %  61,000 samples/s  0:08 left
///
/// Rate and remaining time are computed from all samples since the construction.
class ProgressBar {
 public:
  ProgressBar(long long all_samples, bool visible) : all_(all_samples), visible_(visible) {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { clear(); }

  /// Counts finished samples. `title` is printed before the bar.
  void advance(long long samples, const std::string& title) {
    done_ += samples;
    const double now = watch_.seconds();
    if (visible_ && (drawn_at_ < 0 || now - drawn_at_ >= 0.1)) {
      drawn_at_ = now;
      draw(title, now);
    }
  }

  /// Clears the line for other output.
  void clear() {
    if (drawn_at_ >= 0) {
      std::cerr << "\r\033[K" << std::flush;
    }
  }

 private:
  void draw(const std::string& title, double seconds) const {
    constexpr std::size_t width = 24;
    const double share = static_cast<double>(done_) / static_cast<double>(all_);
    const double rate = static_cast<double>(done_) / seconds;
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
    std::string bar = std::string(filled, '=') + '>' + std::string(width, ' ');
    bar.resize(width);
    std::cerr << "\r\033[K" << title << " [" << bar << "] " << static_cast<int>(100 * share) << " %  "
              << grouped(static_cast<long long>(rate)) << " samples/s  "
              << clock(static_cast<double>(all_ - done_) / rate) << " left" << std::flush;
  }

  long long all_;
  bool visible_;
  long long done_ = 0;
  double drawn_at_ = -1;  // seconds since the construction, below 0 before the first time
  Stopwatch watch_;
};

}  // namespace mnist
