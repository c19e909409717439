// A disk that loses what was not synced: the files of a simulated machine. Writes go to the cache
// at once, as on a real one; a power cut keeps of each unsynced sector the state that it had at
// some moment since the last sync, in any mixture over the sectors, and may tear one.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/base.hpp"
#include "simulation/changed_rows.hpp"

namespace quittance::simulation {

/// How the machine stops.
enum class Death {
  kill,       ///< the process goes; what it wrote is in the cache and stays
  power_cut,  ///< the machine goes; what was not synced stays or not
};

struct DiskOptions {
  std::size_t sector = 4'096;  ///< bytes that reach the platter together
  bool torn = false;           ///< a sector may be half old, half new
  bool loses = true;           ///< false: what was written stays, synced or not
  bool syncs = true;           ///< false: a disk that says "synced" and lies (planted)
  /// Remember what is not synced only once a power cut is expected, which is quicker.
  bool lazy = false;
};

/// What happened to a disk so far.
struct DiskFigures {
  std::int64_t calls = 0;  ///< that changed something or synced
  std::int64_t syncs = 0;
  std::int64_t power_cuts = 0;
  std::int64_t kills = 0;
  std::int64_t lost_sectors = 0;  ///< put back to an older state by a power cut
  std::int64_t torn_sectors = 0;
};

/// One file's bytes, and what each of its sectors was since the last sync. A machine that starts
/// again gets new ones: those of before it answer nothing any more.
class DiskFile {
 public:
  explicit DiskFile(std::size_t sector) : sector_(sector) {}
  /// Reads what there is; false when less than asked for, and then the rest is zeros.
  bool read(std::size_t offset, std::span<char> into) const;
  /// `keeps`: what was there before is remembered, for a power cut to come.
  void write(std::size_t offset, std::span<const char> from, bool keeps);
  void truncate(std::size_t size, bool keeps);
  void sync();
  std::size_t size() const { return bytes_.size(); }
  /// What a power cut leaves of it.
  std::unique_ptr<DiskFile> survivor(bool torn, base::Random& random, DiskFigures& figures) const;
  std::unique_ptr<DiskFile> copy() const;

  /// The locks of SQLite on the file and on its shared memory, and that memory: all of it is gone
  /// with the machine.
  struct Locks {
    int shared = 0;
    const void* reserved = nullptr;
    const void* pending = nullptr;
    const void* exclusive = nullptr;
    std::array<int, 8> shm_shared{};
    std::array<const void*, 8> shm_exclusive{};
    std::vector<std::unique_ptr<char[]>> shm;
    int shm_users = 0;
  };
  Locks locks;

 private:
  /// Remembers the sectors of a range as they are.
  void keep(std::size_t offset, std::size_t length);
  std::string sector_bytes(std::size_t index) const;

  std::size_t sector_;
  std::string bytes_;
  /// Per sector: states of it since the last sync, oldest first, without the present one.
  std::map<std::size_t, std::vector<std::string>> before_;
  std::vector<std::size_t> sizes_;  ///< the same for the file's size
};

class LossyDisk {
 public:
  LossyDisk(base::Random& random, DiskOptions options)
      : random_(random), options_(options), keeps_(!options.lazy) {}

  /// The machine stops at the `calls`-th call from now that changes or syncs something; 0: never.
  void die_at(std::int64_t calls, Death how);
  /// The power may be cut from now on. What was written before counts as synced.
  void expect_cut() { keeps_ = true; }
  /// It stops right here.
  void die(Death how);
  bool dead() const { return dead_; }
  /// The machine starts again, with the files that survived.
  void restart();
  const DiskFigures& figures() const { return figures_; }
  const DiskOptions& options() const { return options_; }
  /// Rows written through any connection to this disk.
  ChangedRows& changed_rows() { return changed_rows_; }

  // For the VFS. Each answers false once the machine is dead; the call at which it dies may or may
  // not have had its effect.
  /// Null: no such file, or dead.
  std::shared_ptr<DiskFile> open(const std::string& name, bool create);
  bool write(DiskFile& file, std::size_t offset, std::span<const char> from);
  bool truncate(DiskFile& file, std::size_t size);
  bool sync(DiskFile& file, bool names_too);
  bool remove(const std::string& name, bool names_too);
  bool exists(const std::string& name) const;
  /// Whether this file belongs to the machine that runs now.
  bool alive(const DiskFile& file) const { return !dead_ && living_.contains(&file); }

 private:
  using File = std::shared_ptr<DiskFile>;
  struct Entry {
    File file;  ///< empty: removed
    /// What the name stood for at the last sync of the folder, when that is something else.
    std::optional<File> before;
  };
  /// Counts a call. False: the machine is dead. After the call's effect comes `passed`.
  bool admit();
  bool passed();
  void sync_names();
  Entry survivor(const Entry& entry, Death how);

  base::Random& random_;
  DiskOptions options_;
  std::map<std::string, Entry> entries_;
  std::map<std::string, Entry> survivors_;  ///< of a dead machine
  std::unordered_set<const DiskFile*> living_;
  DiskFigures figures_;
  ChangedRows changed_rows_;
  std::int64_t countdown_ = 0;  ///< 0: no plan
  bool last_call_ = false;      ///< it dies after this one's effect
  Death how_ = Death::kill;
  bool keeps_;
  bool dead_ = false;
};

}  // namespace quittance::simulation
