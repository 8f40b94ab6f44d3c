/// @file
/// save keeps the old file until the new file is complete: failures, races, kills, permissions.
#include <backquery/model/load.hpp>
#include <backquery/model/save.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "full_disk.hpp"
#endif

#include "catch.hpp"
#include "model_files.hpp"
#include "temporary_folder.hpp"

namespace {

using backquery::NeuralNetwork;
using Catch::Matchers::StartsWith;

NeuralNetwork<float> network_of_seed(std::uint64_t seed) {
  backquery::NetworkOptions options;
  options.seed = seed;
  return NeuralNetwork<float>({40, 60, 10}, 0.1f, options);  // larger than a buffer of stdio
}

std::ptrdiff_t files_in(const TemporaryFolder& folder) {
  return std::distance(std::filesystem::directory_iterator(folder.path()),
                       std::filesystem::directory_iterator());
}

std::uint64_t seed_of(const std::string& path) {
  return backquery::load<float>(path).options().seed;
}

}  // namespace

TEST_CASE("save replaces an existing file and leaves no other file", "[model]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("network.bqm");
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    backquery::save(network_of_seed(seed), path);
    CHECK(seed_of(path) == seed);
    CHECK(files_in(folder) == 1);
  }
  folder.write("network.bqm", std::string(1000000, 'x'));  // a longer file, and no model
  backquery::save(network_of_seed(4), path);
  CHECK(seed_of(path) == 4);
}

TEST_CASE("save ignores the temporary files of a killed program", "[model]") {
  const TemporaryFolder folder;
  folder.write("network.bqm.0.tmp", "half a mod");
  std::filesystem::create_directory(folder.file("network.bqm.1.tmp"));
  backquery::save(network_of_seed(5), folder.file("network.bqm"));
  CHECK(seed_of(folder.file("network.bqm")) == 5);
  CHECK(read_bytes(folder.file("network.bqm.0.tmp")) == "half a mod");
  CHECK(files_in(folder) == 3);
}

TEST_CASE("save tries a hundred temporary names, then throws and keeps all files", "[model]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("network.bqm");
  backquery::save(network_of_seed(1), path);
  for (int number = 0; number < 100; ++number) {
    const std::string name = path + "." + std::to_string(number) + ".tmp";
    if (number % 2 == 0) {
      folder.write(std::filesystem::path(name).filename().string(), "left behind");
    } else {
      std::filesystem::create_directory(name);
    }
  }
  CHECK_THROWS_WITH(
      backquery::save(network_of_seed(2), path),
      path + ": cannot be saved: 100 temporary files exist, delete them: " + path + ".0.tmp to .99.tmp");
  CHECK(seed_of(path) == 1);
  CHECK(files_in(folder) == 101);
  std::filesystem::remove(path + ".99.tmp");
  backquery::save(network_of_seed(2), path);
  CHECK(seed_of(path) == 2);
}

TEST_CASE("save and load accept names that are not ASCII, and messages write them in UTF-8", "[model]") {
  const TemporaryFolder folder;
  const std::filesystem::path path = std::filesystem::path(folder.path()) / u"Netz-\u00fc\u5b57.bqm";
  for (const std::uint64_t seed : {1u, 2u}) {  // a new file, and a replaced one
    backquery::save(network_of_seed(seed), path);
    CHECK(backquery::load<float>(path).options().seed == seed);
    CHECK(files_in(folder) == 1);
  }
  CHECK_THROWS_WITH(backquery::load<double>(path),
                    Catch::Matchers::ContainsSubstring("Netz-\xc3\xbc\xe5\xad\x97.bqm: holds float values"));
  CHECK_THROWS_WITH(backquery::save(network_of_seed(1), path / "network"),
                    Catch::Matchers::ContainsSubstring("Netz-\xc3\xbc\xe5\xad\x97.bqm") &&
                        Catch::Matchers::ContainsSubstring("cannot be saved: "));
}

#ifdef _WIN32
TEST_CASE("save waits for a program that reads the file, then throws and keeps the old file", "[model]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("network.bqm");
  backquery::save(network_of_seed(1), path);
  {
    const backquery::detail::InputFile reader(path);
    CHECK_THROWS_WITH(backquery::save(network_of_seed(2), path), StartsWith(path + ": cannot be saved: "));
  }
  CHECK(seed_of(path) == 1);
  CHECK(files_in(folder) == 1);

  auto reader = std::make_unique<backquery::detail::InputFile>(path);
  std::thread closer([&reader] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    reader.reset();
  });
  backquery::save(network_of_seed(3), path);
  closer.join();
  CHECK(seed_of(path) == 3);
}
#endif

TEST_CASE("save throws for a missing folder and for a path that is a folder", "[model]") {
  const TemporaryFolder folder;
  const auto network = network_of_seed(1);
  CHECK_THROWS_WITH(backquery::save(network, folder.file("none/network.bqm")),
                    folder.file("none/network.bqm") + ": cannot be saved: No such file or directory");
  CHECK_THROWS_WITH(backquery::save(network, folder.path()),
                    folder.path() + ": cannot be saved: expected a regular file or none");
  CHECK_THROWS_AS(backquery::save(network, ""), std::runtime_error);
  CHECK(files_in(folder) == 0);
}

TEST_CASE("threads that save to one path leave one complete model", "[model]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("network.bqm");
  backquery::save(network_of_seed(0), path);
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    threads.emplace_back([seed, &path] {
      const auto network = network_of_seed(seed);
      for (int i = 0; i < 30; ++i) backquery::save(network, path);
    });
  }
  int complete = 0;
  for (int i = 0; i < 100; ++i) complete += seed_of(path) <= 3 ? 1 : 0;
  for (auto& thread : threads) thread.join();
  CHECK(complete == 100);
  CHECK(seed_of(path) >= 1);
  CHECK(files_in(folder) == 1);
}

#if defined(__unix__) || defined(__APPLE__)

namespace {

mode_t permissions(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw std::runtime_error("cannot stat " + path);
  return status.st_mode & 0777;
}

}  // namespace

TEST_CASE("save to a full disk throws, keeps the old file and leaves no other file", "[model]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("network.bqm");
  backquery::save(network_of_seed(1), path);
  const std::string old = read_bytes(path);
  const auto network = network_of_seed(2);
  for (const std::size_t space : {std::size_t(0), std::size_t(100), std::size_t(2048), old.size() - 1}) {
    std::string error_text;
    {
      const FullDisk full(space);
      try {
        backquery::save(network, path);
      } catch (const std::runtime_error& error) {
        error_text = error.what();
      }
    }
    INFO("space for " << space << " bytes");
    CHECK(error_text == path + ": cannot be saved: File too large");
    CHECK((read_bytes(path) == old));
    CHECK(files_in(folder) == 1);
  }
  {
    const FullDisk full(old.size());
    backquery::save(network, path);
  }
  CHECK(seed_of(path) == 2);
}

TEST_CASE("save into a read-only folder throws and keeps the old file", "[model]") {
  if (::geteuid() == 0) {
    WARN("skipped: root may write everywhere");
    return;
  }
  const TemporaryFolder folder;
  const std::string path = folder.file("network.bqm");
  backquery::save(network_of_seed(1), path);
  ::chmod(folder.path().c_str(), 0555);
  CHECK_THROWS_WITH(backquery::save(network_of_seed(2), path), path + ": cannot be saved: Permission denied");
  ::chmod(folder.path().c_str(), 0755);
  CHECK(seed_of(path) == 1);
  CHECK(files_in(folder) == 1);
}

// A pipe, not /dev/null: a broken `save` in a test run by root would replace the device.
TEST_CASE("save throws for pipes and devices, which a rename would replace", "[model]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(backquery::save(network_of_seed(1), path),
                    path + ": cannot be saved: expected a regular file or none");
  CHECK(std::filesystem::is_fifo(path));
  CHECK(files_in(folder) == 1);
}

TEST_CASE("load rejects a pipe, whose size is unknown", "[model]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const auto bytes = backquery::detail::model::to_bytes(network_of_seed(1));
  std::thread writer([&] {
    std::ofstream(path).write(reinterpret_cast<const char*>(bytes.data()),
                              static_cast<std::streamsize>(bytes.size()));
  });
  CHECK_THROWS_WITH(backquery::load<float>(path), path + ": has no size, expected a regular file");
  writer.join();
}

TEST_CASE("a saved file has the permissions of the old file, or of a new file", "[model]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("network.bqm");
  backquery::save(network_of_seed(1), path);
  CHECK(permissions(path) == permissions(folder.write("other", "")));
  ::chmod(path.c_str(), 0600);
  backquery::save(network_of_seed(2), path);
  CHECK(permissions(path) == 0600);
  ::chmod(path.c_str(), 0664);
  backquery::save(network_of_seed(3), path);
  CHECK(permissions(path) == 0664);
}

TEST_CASE("a program killed while it saves leaves the complete old or new model", "[model]") {
  const TemporaryFolder folder;
  const std::string path = folder.file("network.bqm");
  const auto old = network_of_seed(1), fresh = network_of_seed(2);
  backquery::save(old, path);
  for (int kill = 0; kill < 40; ++kill) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      for (;;) {
        backquery::save(fresh, path);
        backquery::save(old, path);
      }
    }
    ::usleep(static_cast<useconds_t>(500 + 97 * kill));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    const auto seed = seed_of(path);
    CHECK((seed == 1 || seed == 2));
  }
}

#endif
