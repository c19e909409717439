// Books in files of SQLite.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "bench/engine.hpp"
#include "bench/raw_sqlite.hpp"

namespace quittance::bench {
namespace {

void flush_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 || ::fsync(descriptor) != 0) give_up("not on disk: " + file.string());
  ::close(descriptor);
}

class Sqlite final : public Engine {
 public:
  explicit Sqlite(const std::filesystem::path& folder) : folder_(folder) {}

  std::string name() const override { return "SQLite"; }
  double open_loop_rate() const override { return 1'500; }

  std::string take_in(const std::filesystem::path& file, const std::string&) override {
    return file.string();
  }

  std::string copy(const std::string& books, const std::string& name) override {
    const std::string file = (folder_ / (name + ".db")).string();
    remove(file);
    std::filesystem::copy_file(books, file);
    flush_file(file);
    return file;
  }

  void remove(const std::string& books) override {
    for (const char* suffix : {"", "-wal", "-shm"})
      std::filesystem::remove(books + suffix);
  }

  void change_in_bulk(const std::string& books, const std::string& script) override {
    const auto connection = storage::open_sqlite(books, false);
    if (!connection) give_up("the books cannot be opened");
    // Nothing here has to survive anything.
    const auto done = (*connection)
                          ->run_script(
                              "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                              "PRAGMA foreign_keys = 0; PRAGMA cache_size = -1000000;"
                              "BEGIN;" +
                              script + ";COMMIT");
    if (!done) give_up("the books cannot be changed: " + done.error().detail);
    flush_file(books);
  }

  double mib(const std::string& books) override {
    return static_cast<double>(std::filesystem::file_size(books)) / 1024 / 1024;
  }

  Sent record(const std::function<void()>& work) override {
    Recording recording = bench::record(work);
    const std::size_t statements = recording.steps();
    const std::size_t commits = recording.transactions.size();
    return {.replay = [recording = std::move(recording)](
                          const std::string& books) { return replay(books, recording); },
            .statements = statements,
            .commits = commits};
  }

  std::string describe() const override {
    return std::string("SQLite ") + sqlite3_libversion() + ", WAL, synchronous=FULL";
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace

std::unique_ptr<Engine> make_sqlite(const std::filesystem::path& folder) {
  return std::make_unique<Sqlite>(folder);
}

}  // namespace quittance::bench
