#include "books_commands.hpp"

#include <sys/stat.h>

#include <cstdio>
#include <filesystem>

namespace quittance {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;
using base::Result;

int complain(const base::Error& error) {
  std::fprintf(stderr, "quittance: %s\n", error.message.c_str());
  if (!error.detail.empty()) std::fprintf(stderr, "  (%s)\n", error.detail.c_str());
  return 1;
}

Result<storage::Copied> copy(const std::string& from, const std::string& to) {
  if (!storage::is_postgres(from) && !fs::exists(from)) {
    return fail(ErrorCode::not_found, "There is no database at " + from + ".");
  }
  const base::SystemClock clock;
  TRY(const auto source, storage::open_database(from, true));
  TRY(const auto target, storage::open_database(to, false));
  return storage::copy_books(*source, *target, clock);
}

void tell(const storage::Copied& copied) {
  std::printf(
      "%lld rows of %lld tables; %lld entries of the audit log, root %s, the same in both\n",
      static_cast<long long>(copied.rows), static_cast<long long>(copied.tables),
      static_cast<long long>(copied.audit_entries), copied.audit_root.c_str());
}

/// Everything in the data folder but the database itself: keys that no database holds.
Result<std::int64_t> copy_keys(const Config& config, const fs::path& folder) {
  std::int64_t copied = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(config.data_dir, error)) {
    const std::string name = entry.path().filename();
    if (!entry.is_regular_file() || name.starts_with("quittance.db")) continue;
    fs::copy_file(entry.path(), folder / name, error);
    if (error) break;
    ++copied;
  }
  if (error) {
    return fail(ErrorCode::storage_failure, "The keys cannot be copied.", "", error.message());
  }
  return copied;
}

Result<std::int64_t> back_up(const Config& config, const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    return fail(ErrorCode::conflict, folder.string() + " is there already: name a new folder.");
  }
  fs::create_directories(folder, error);
  if (error || ::chmod(folder.c_str(), S_IRWXU) != 0) {
    return fail(ErrorCode::storage_failure, "Cannot write to " + folder.string() + ".");
  }
  const std::string file = folder / "quittance.db";
  if (storage::is_postgres(config.books())) {
    TRY(const storage::Copied copied, copy(config.books(), file));
    tell(copied);
  } else {
    TRY_VOID(storage::back_up_file(config.books(), file));
  }
  return copy_keys(config, folder);
}

}  // namespace

int run_copy(const std::string& from, const std::string& to) {
  const auto copied = copy(from, to);
  if (!copied) return complain(copied.error());
  tell(*copied);
  return 0;
}

int run_backup(const Config& config, const std::string& to) {
  const auto keys = back_up(config, to);
  if (!keys) return complain(keys.error());
  std::printf("the books and %lld keys are in %s; start a server on it with --data\n",
              static_cast<long long>(*keys), to.c_str());
  return 0;
}

}  // namespace quittance
