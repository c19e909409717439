#include "sandbox/journal.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace quittance::sandbox {
namespace {

std::unexpected<base::Error> failed(std::string_view what) {
  return base::fail(base::ErrorCode::storage_failure, "The bank's data file cannot be used.", {},
                    std::string(what) + ": " + std::generic_category().message(errno));
}

base::Result<std::string> read_all(int file, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(file, bytes.data() + done, size - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

/// Hands on every complete line; returns how many bytes they take.
base::Result<std::size_t> read_lines(std::string_view bytes, const Journal::Reader& read) {
  std::size_t at = 0;
  std::size_t number = 0;
  for (std::size_t end = bytes.find('\n'); end != std::string_view::npos;
       end = bytes.find('\n', at)) {
    ++number;
    auto json = base::Json::parse(bytes.substr(at, end - at));
    auto taken = json ? read(*json) : base::Result<void>(std::unexpected(json.error()));
    if (!taken) {
      return base::fail(base::ErrorCode::storage_failure, "The bank's data file is damaged.", {},
                        "line " + std::to_string(number) + ": " + taken.error().message + " " +
                            taken.error().detail);
    }
    at = end + 1;
  }
  return at;
}

}  // namespace

base::Result<std::unique_ptr<Journal>> Journal::open(const std::string& path, const Reader& read,
                                                     base::Log& log) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return failed("open");
  std::unique_ptr<Journal> journal(new Journal(file, 0));
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) return failed("another process has it; lock");
  struct stat facts{};
  if (::fstat(file, &facts) != 0) return failed("stat");
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (size > kFileLimitBytes) {
    return base::fail(base::ErrorCode::storage_failure, "The bank's data file is too large.");
  }
  TRY(const std::string bytes, read_all(file, size));
  TRY(journal->size_, read_lines(bytes, read));
  if (journal->size_ < bytes.size()) {
    log.warning("sandbox.torn_line_cut", {{"bytes", bytes.size() - journal->size_}});
    if (::ftruncate(file, static_cast<off_t>(journal->size_)) != 0) return failed("truncate");
    if (::fdatasync(file) != 0) return failed("sync");
  }
  return journal;
}

Journal::~Journal() { ::close(file_); }

base::Result<void> Journal::append(const base::Json& line) {
  const std::string bytes = line.dump() + "\n";
  if (size_ + bytes.size() > kFileLimitBytes) {
    return base::fail(base::ErrorCode::overloaded, "The bank's books are full. Reset the bank.");
  }
  const auto undo = [this] {
    if (::ftruncate(file_, static_cast<off_t>(size_)) != 0) return failed("undo of a write");
    return failed("write");
  };
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put =
        ::pwrite(file_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(size_ + done));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return undo();
    done += static_cast<std::size_t>(put);
  }
  if (::fdatasync(file_) != 0) return undo();
  size_ += bytes.size();
  return {};
}

base::Result<void> Journal::clear() {
  if (::ftruncate(file_, 0) != 0) return failed("truncate");
  if (::fdatasync(file_) != 0) return failed("sync");
  size_ = 0;
  return {};
}

}  // namespace quittance::sandbox
