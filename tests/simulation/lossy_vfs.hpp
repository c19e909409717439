// SQLite's door to a LossyDisk. The WAL index lives in the memory of the simulated machine.
#pragma once

#include <sqlite3.h>

#include <string>

#include "simulation/lossy_disk.hpp"

namespace quittance::simulation {

/// Registers a VFS with SQLite as long as it lives; connections must be closed before.
class LossyVfs {
 public:
  explicit LossyVfs(LossyDisk& disk);
  ~LossyVfs();
  LossyVfs(const LossyVfs&) = delete;
  LossyVfs& operator=(const LossyVfs&) = delete;
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  sqlite3_vfs vfs_{};
};

}  // namespace quittance::simulation
