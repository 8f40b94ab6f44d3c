/// @file
/// Recognition of files that are given to a reader of another format.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace backquery::detail {

/// Number of bytes from the start of a file that foreign_format needs. Web pages may begin with blank lines.
constexpr std::size_t file_kind_bytes = 512;

/// A file format: its first bytes, and its name with the remedy.
struct FileKind {
  std::string_view start;  // letters in lower case
  const char* remedy;      // follows the path in the message
};

inline constexpr const char* is_utf16 =
    "is UTF-16 text: save it as UTF-8 (iconv -f UTF-16 -t UTF-8, \"CSV UTF-8\" in Excel, Out-File -Encoding "
    "utf8 in PowerShell)";
inline constexpr const char* is_zip =
    "is a ZIP archive (.zip, .xlsx, .npz): unpack it, or save the table as CSV";
inline constexpr const char* is_markup =
    "is HTML or XML: a download link often gives a web page instead of the file; download the file itself";
inline constexpr const char* is_json =
    "is JSON: convert it to CSV, for example by pandas.read_json(...).to_csv(..., index=False)";
inline constexpr const char* is_picture =
    "is a picture: the readers take files with many images; write the gray values of each picture as a line "
    "of "
    "a CSV";
inline constexpr const char* is_compressed = "is compressed: unpack it (bunzip2, unxz, unzstd or 7z)";
inline constexpr const char* is_hdf5 = "is an HDF5 or MATLAB file: export its arrays as CSV";
inline constexpr const char* is_parquet =
    "is a Parquet file: convert it to CSV, one column for the label and one for each pixel";
inline constexpr const char* is_pickle = "is a pickle of Python: load it there and save it by numpy.savetxt";
inline constexpr const char* is_arff = "is an ARFF file: download the data set as CSV";

// clang-format off
inline constexpr FileKind file_kinds[] = {
    {"\xff\xfe", is_utf16},
    {"\xfe\xff", is_utf16},
    {"\x1f\x8b", "is compressed by gzip: unpack it (gunzip), or read GzipFile(path) of backquery/images/gzip.hpp"},
    {"pk\x03\x04", is_zip},
    {"pk\x05\x06", is_zip},
    {"\xd0\xcf\x11\xe0", "is an Excel file of old format (.xls): save the table as CSV"},
    {"\x89png", is_picture},
    {"\xff\xd8\xff", is_picture},
    {"gif87a", is_picture},
    {"gif89a", is_picture},
    {"p5\n", is_picture},
    {"bzh91ay", is_compressed},
    {"\xfd" "7zxz", is_compressed},
    {"\x28\xb5\x2f\xfd", is_compressed},
    {"7z\xbc\xaf", is_compressed},
    {"\x93numpy", "is a NumPy array: save it as CSV by numpy.savetxt(path, array, fmt=\"%d\", delimiter=\",\")"},
    {"\x80\x02", is_pickle},
    {"\x80\x03", is_pickle},
    {"\x80\x04", is_pickle},
    {"\x80\x05", is_pickle},
    {"\x89hdf", is_hdf5},
    {"matlab 5", is_hdf5},
    {"matlab 7", is_hdf5},
    {"par1\x15", is_parquet},
    {{"\0\0\x08\x03", 4}, "is an IDX file of images: read it by read_idx, with the IDX file of its labels"},
    {{"\0\0\x08\x01", 4}, "is an IDX file of labels: read it by read_idx, after the IDX file of the images"},
    {"version https://git-lfs", "is a pointer of Git LFS: fetch the file itself by git lfs pull"},
    {"%pdf", "is a PDF document, expected a data file"},
    {"@relation", is_arff},
    {"%", is_arff},
    {"<", is_markup},
    {"{", is_json},
    {"[", is_json},
};
// clang-format on

constexpr char lower_case(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

inline bool starts_with(std::string_view text, std::string_view start) {
  if (text.size() < start.size()) return false;
  for (std::size_t i = 0; i < start.size(); ++i) {
    if (lower_case(text[i]) != start[i]) return false;
  }
  return true;
}

/// Whether the bytes are text: printable characters, blanks, tabs and line ends.
inline bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    return (static_cast<unsigned char>(c) >= ' ' && c != 0x7f) || c == '\t' || c == '\r' || c == '\n';
  });
}

/// Recognizes files that hold no text of numbers and are often given to a reader by mistake.
/// @param start  the first bytes of the file; file_kind_bytes are enough
/// @return the kind of the file and the remedy, "is ...: ...", or null for any other file
inline const char* foreign_format(std::string_view start) {
  const auto holds_nul = [&](std::size_t byte) { return start[byte] == '\0'; };
  if (start.size() >= 4 && holds_nul(0) == holds_nul(2) && holds_nul(1) == holds_nul(3) &&
      holds_nul(0) != holds_nul(1)) {
    return is_utf16;  // without a byte order mark
  }
  std::string_view text = start;
  if (starts_with(text, "\xef\xbb\xbf")) text.remove_prefix(3);
  text.remove_prefix((std::min)(text.find_first_not_of(" \t\r\n"), text.size()));
  for (const FileKind& kind : file_kinds) {
    if (starts_with(start, kind.start) || starts_with(text, kind.start)) return kind.remedy;
  }
  return nullptr;
}

}  // namespace backquery::detail
