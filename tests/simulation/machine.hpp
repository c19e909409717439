// The machine that the engine runs on: its disk, which may lose what was not synced, or the
// operating system's files, on which only processes die.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "simulation/lossy_vfs.hpp"
#include "storage/storage.hpp"

namespace quittance::simulation {

/// Where the books are.
enum class Medium {
  lossy_disk,  ///< SQLite on a simulated disk that loses what was not synced
  model_disk,  ///< the same disk, but an ideal one: a power cut takes nothing from it
  files,       ///< SQLite on the operating system's files
};

/// A folder of its own, removed at the end.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string file(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

class Machine {
 public:
  /// `checkpoint_pages`: how long the write-ahead log grows before it is carried into the file.
  Machine(Medium medium, base::Random& random, DiskOptions options, std::int64_t checkpoint_pages);

  base::Result<std::unique_ptr<storage::Connection>> connect(bool read_only) const;
  /// The engine's process, or the whole machine, dies at the `calls`-th write or sync from now.
  /// Without a lossy disk nothing is planned.
  void die_at(std::int64_t calls, Death how);
  /// The power may be cut from now on.
  void expect_cut();
  void die(Death how);
  bool dead() const { return disk_ && disk_->dead(); }
  /// After everything that had a connection is gone.
  void restart();
  DiskFigures figures() const { return disk_ ? disk_->figures() : DiskFigures{}; }
  /// Null: nobody watches the rows.
  ChangedRows* changed_rows() const { return disk_ ? &disk_->changed_rows() : nullptr; }
  bool loses() const { return disk_ != nullptr; }

 private:
  std::unique_ptr<LossyDisk> disk_;
  std::unique_ptr<LossyVfs> vfs_;
  std::unique_ptr<TempFolder> folder_;
  std::string path_ = "books.sqlite";
  std::string checkpoint_;
};

}  // namespace quittance::simulation
