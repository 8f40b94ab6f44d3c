/// @file
/// Reads files that are compressed by gzip. Needs zlib: link with -lz, or in CMake with the target
/// backquery::gzip of `find_package(backquery COMPONENTS gzip)`. This header is not part of backquery.hpp.
#pragma once

#include <backquery/detail/input_file.hpp>
#include <backquery/images/read_csv.hpp>
#include <backquery/images/read_idx.hpp>
#include <backquery/images/read_images.hpp>

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <vector>

namespace backquery {

/// A file for the readers of images that may be compressed by gzip. Its first two bytes decide; any other
/// file is read as it is.
///
/// ```cpp
/// using backquery::GzipFile;
/// const auto kaggle = backquery::read_csv(GzipFile("train.csv.gz"));
/// const auto mnist = backquery::read_idx(GzipFile("train-images-idx3-ubyte.gz"),
///                                        GzipFile("train-labels-idx1-ubyte.gz"));
/// ```
///
/// The file is decompressed while it is read, so that the readers need the memory of the result, not of the
/// whole text. Several compressed members, one behind the other, are read as one file, as by gzip. Lines and
/// columns in messages refer to the decompressed text. A file may be a pipe, too.
///
/// A small file can expand to a result 1032 times its size. A reader of an IDX file allocates at most three
/// times the decompressed bytes plus 1 MiB, whatever sizes the header of the IDX file states.
///
/// Every error is a std::runtime_error that names the file: compressed data that are truncated or damaged,
/// and bytes behind them.
class GzipFile : public detail::InputFile {
 public:
  /// @throws std::runtime_error "path: reason" if the file cannot be opened or read
  explicit GzipFile(const std::filesystem::path& path) : InputFile(path), input_(std::size_t{1} << 16) {
    refill();
    if (at_magic()) {
      stream_.reset(new z_stream{});
      check(inflateInit2(stream_.get(), 16 + MAX_WBITS));  // 16: the format of gzip
    }
  }

 private:
  std::size_t read_next(void* bytes, std::size_t size) override {
    auto* const output = static_cast<unsigned char*>(bytes);
    return stream_ != nullptr ? decompress(output, size) : copy(output, size);
  }

  std::optional<std::uint64_t> size_of_next() override {
    const auto next = stream_ != nullptr ? std::nullopt : InputFile::size_of_next();
    return next ? std::optional(left_ + *next) : std::nullopt;
  }

  struct End {
    void operator()(z_stream* stream) const {
      inflateEnd(stream);
      delete stream;
    }
  };

  /// Moves the unread bytes to the front of the buffer and fills the rest from the file.
  void refill() {
    std::copy_n(next_, left_, input_.data());
    next_ = input_.data();
    left_ += InputFile::read_next(input_.data() + left_, input_.size() - left_);
  }

  bool at_magic() const { return left_ >= 2 && next_[0] == 0x1f && next_[1] == 0x8b; }

  std::size_t copy(unsigned char* output, std::size_t size) {
    const std::size_t buffered = (std::min)(size, left_);
    std::copy_n(next_, buffered, output);
    next_ += buffered;
    left_ -= buffered;
    return buffered + InputFile::read_next(output + buffered, size - buffered);
  }

  std::size_t decompress(unsigned char* output, std::size_t size) {
    std::size_t done = 0;
    while (done < size && !ended_) {
      if (left_ == 0) refill();
      if (left_ == 0) fail("truncated: the file ends inside the data compressed by gzip");
      const std::size_t space = std::min<std::size_t>(size - done, (std::numeric_limits<uInt>::max)());
      stream_->next_in = next_;
      stream_->avail_in = static_cast<uInt>(left_);
      stream_->next_out = output + done;
      stream_->avail_out = static_cast<uInt>(space);
      const int code = inflate(stream_.get(), Z_NO_FLUSH);
      next_ += left_ - stream_->avail_in;
      left_ = stream_->avail_in;
      done += space - stream_->avail_out;
      check(code);
      if (code == Z_STREAM_END) end_member();
    }
    return done;
  }

  /// Starts the next member, if there is one.
  void end_member() {
    if (left_ < 2) refill();
    ended_ = left_ == 0;
    if (ended_) return;
    if (!at_magic()) fail("trailing bytes after the data compressed by gzip");
    check(inflateReset(stream_.get()));
  }

  void check(int code) const {
    if (code == Z_MEM_ERROR) throw std::bad_alloc();
    if (code != Z_OK && code != Z_STREAM_END) {
      fail("damaged: the data compressed by gzip have an ",
           stream_->msg != nullptr ? stream_->msg : zError(code));
    }
  }

  std::vector<unsigned char> input_;  // a block of the file
  unsigned char* next_ = input_.data();
  std::size_t left_ = 0;                   // from next_ on
  std::unique_ptr<z_stream, End> stream_;  // null: the file is not compressed
  bool ended_ = false;
};

}  // namespace backquery
