/// @file
/// Paths of files in messages, and files that another program has open.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

namespace backquery::detail {

/// The path for a message: UTF-8 on Windows, the bytes of the path elsewhere. `path::string` throws on
/// Windows for names that the code page lacks.
inline std::string path_text(const std::filesystem::path& path) {
  const auto text = path.u8string();  // a std::u8string since C++20
  return {text.begin(), text.end()};
}

/// Calls `attempt` once, on Windows repeatedly for two seconds until it returns true. Windows neither
/// replaces a file that a program reads nor opens a file that is being replaced.
/// @return whether an attempt succeeded
template <typename Attempt>
bool retry_while_in_use(Attempt attempt) {
#ifdef _WIN32
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (std::chrono::steady_clock::now() < end) {
    if (attempt()) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
#endif
  return attempt();
}

}  // namespace backquery::detail
