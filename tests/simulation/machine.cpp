#include "simulation/machine.hpp"

#include <unistd.h>

#include <stdexcept>

namespace quittance::simulation {

TempFolder::TempFolder() {
  // Memory when there is such a folder: what is proved here does not hang on the disk's speed.
  const std::filesystem::path memory = "/dev/shm";
  const auto root =
      std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
  std::string name = (root / "quittance_simulate_XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("no folder for the database");
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Machine::Machine(Medium medium, base::Random& random, DiskOptions options,
                 std::int64_t checkpoint_pages)
    : checkpoint_("PRAGMA wal_autocheckpoint=" + std::to_string(checkpoint_pages)) {
  switch (medium) {
    case Medium::model_disk:
      options.loses = false;
      [[fallthrough]];
    case Medium::lossy_disk:
      disk_ = std::make_unique<LossyDisk>(random, options);
      vfs_ = std::make_unique<LossyVfs>(*disk_);
      break;
    case Medium::files:
      folder_ = std::make_unique<TempFolder>();
      path_ = folder_->file(path_);
      break;
  }
}

base::Result<std::unique_ptr<storage::Connection>> Machine::connect(bool read_only) const {
  TRY(auto connection, storage::open_sqlite(path_, read_only, vfs_ ? vfs_->name() : ""));
  if (!read_only) TRY_VOID(connection->run_script(checkpoint_));
  return connection;
}

void Machine::die_at(std::int64_t calls, Death how) {
  if (disk_) disk_->die_at(calls, how);
}

void Machine::expect_cut() {
  if (disk_) disk_->expect_cut();
}

void Machine::die(Death how) {
  if (disk_) disk_->die(how);
}

void Machine::restart() {
  if (disk_) disk_->restart();
}

}  // namespace quittance::simulation
