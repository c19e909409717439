// The bank's memory on disk: one JSON object a line, on disk before anybody is told about it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/base.hpp"

namespace quittance::sandbox {

/// An append-only file with one writer. Not for use by two threads at once.
class Journal {
 public:
  /// A file larger than this is refused at opening, and takes no more lines.
  static constexpr std::size_t kFileLimitBytes = 256u * 1024 * 1024;

  /// Reads one line that is complete.
  using Reader = std::function<base::Result<void>(const base::Json& line)>;

  /// Opens or creates `path`, locks it against a second process and hands every complete line to
  /// `read`. A last line without its newline was never acknowledged: it is cut off. Anything else
  /// that does not read is `storage_failure`, since the books are not to be guessed at.
  static base::Result<std::unique_ptr<Journal>> open(const std::string& path, const Reader& read,
                                                     base::Log& log);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Returns once the line is on disk (fdatasync). On failure the file is as before.
  base::Result<void> append(const base::Json& line);
  /// Forgets everything.
  base::Result<void> clear();

 private:
  Journal(int file, std::size_t size) : file_(file), size_(size) {}
  int file_;
  std::size_t size_;  ///< bytes of complete lines
};

}  // namespace quittance::sandbox
