// Reads the bytes of the fuzzer with the reader of read_table. The first byte chooses the options. The result
// must be a std::runtime_error that names the file, or a table. Writing and reading it again must give the
// same table, and reading it as float the rounded values. The result must not depend on the block size of the
// reader. Build and run for a minute:
//
//   clang++ -std=c++17 -g -O1 -fsanitize=fuzzer,address,undefined -Iinclude -isystem /usr/include/eigen3
//       tests/fuzz/read_table_fuzz.cpp -o read_table_fuzz
//   mkdir found && ./read_table_fuzz -max_total_time=60 found tests/fuzz/corpus/table

#include "memory_file.hpp"

#include <backquery/tables/read_table.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using backquery::Table;
using backquery::TableOptions;

void require(bool condition) {
  if (!condition) std::abort();
}

TableOptions options_of(unsigned byte) {
  TableOptions options;
  options.separator = "\0\0\0;,\t |"[byte % 8];
  options.decimal_comma = (byte & 8) != 0 && options.separator != ',';
  if ((byte & 16) != 0) options.header = (byte & 8) != 0;
  if ((byte & 32) != 0) options.missing = -1;
  if ((byte & 64) != 0) options.categories["c"] = {};
  if ((byte & 128) != 0) options.categories["d"] = {"x", "", "z"};
  return options;
}

template <typename Scalar>
struct Outcome {
  Table<Scalar> table;
  std::string error;
};

template <typename Scalar>
Outcome<Scalar> read(const std::string& path, const TableOptions& options, std::size_t block_size) {
  Outcome<Scalar> outcome;
  try {
    backquery::detail::InputFile file(path);
    outcome.table = backquery::detail::TableReader<Scalar>(file, options, block_size).read();
  } catch (const std::runtime_error& error) {
    outcome.error = error.what();
    require(outcome.error.rfind(path + ":", 0) == 0);
  }
  return outcome;
}

/// Whether the reader rejected a field that is longer than its blocks.
bool field_too_long(const std::string& error) {
  return error.find(" is longer than ") != std::string::npos;
}

template <typename Scalar>
bool same(const Table<Scalar>& a, const Table<Scalar>& b) {
  if (a.names() != b.names() || a.samples() != b.samples()) return false;
  for (const std::string& name : a.names()) {
    if (a.is_text(name) != b.is_text(name)) return false;
    if (a.is_text(name) ? a.categories(name) != b.categories(name) || a.labels(name) != b.labels(name)
                        : a.inputs(name) != b.inputs(name)) {
      return false;
    }
  }
  return true;
}

std::string in_quotes(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string field(const Table<double>& table, const std::string& name, Eigen::Index sample) {
  if (table.is_text(name)) {
    const auto label = static_cast<std::size_t>(table.labels(name)[static_cast<std::size_t>(sample)]);
    return in_quotes(table.categories(name)[label]);
  }
  char number[64];
  std::snprintf(number, sizeof number, "%.17g", table.inputs(name)(sample));
  return number;
}

/// Writes the table, and reads it with its categories in the options.
void check_copy(const Table<double>& table) {
  TableOptions options;
  options.separator = ';';
  options.header = true;
  std::string text;
  for (const std::string& name : table.names()) {
    text += in_quotes(name) + ';';
    if (table.is_text(name)) options.categories[name] = table.categories(name);
  }
  text.back() = '\n';
  for (Eigen::Index sample = 0; sample < table.samples(); ++sample) {
    for (const std::string& name : table.names()) text += field(table, name, sample) + ';';
    text.back() = '\n';
  }
  const MemoryFile file(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  const auto copy = read<double>(file.path(), options, std::size_t{1} << 18);
  require(copy.error.empty() && same(copy.table, table));
}

void check_float(const Table<double>& table, const Outcome<float>& rounded) {
  if (!rounded.error.empty()) {
    require(rounded.error.find("in the range of the type") != std::string::npos);
    return;
  }
  require(rounded.table.names() == table.names());
  for (const std::string& name : table.names()) {
    if (table.is_text(name)) continue;
    const Eigen::MatrixXd x = table.inputs(name), error = x - rounded.table.inputs(name).cast<double>();
    require((error.array().abs() <= 0x1p-24 * x.array().abs() + 0x1p-149).all());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 4000) return 0;
  const TableOptions options = options_of(data[0]);
  const MemoryFile file(data + 1, size - 1);
  const auto outcome = read<double>(file.path(), options, 4096);
  for (const std::size_t block_size : {std::size_t{8}, std::size_t{11}, std::size_t{64}}) {
    const auto other = read<double>(file.path(), options, block_size);
    require(field_too_long(other.error) ||
            (other.error == outcome.error && same(other.table, outcome.table)));
  }
  const auto rounded = read<float>(file.path(), options, 64);
  if (!outcome.error.empty()) return 0;
  require(outcome.table.samples() > 0);
  if (!field_too_long(rounded.error)) check_float(outcome.table, rounded);
  if (size < 1000) check_copy(outcome.table);
  return 0;
}
