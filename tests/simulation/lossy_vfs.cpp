#include "simulation/lossy_vfs.hpp"

#include <cstring>
#include <new>

namespace quittance::simulation {
namespace {

/// An open file as SQLite sees it; SQLite allocates it. `methods` comes first, as in sqlite3_file.
struct OpenFile {
  const sqlite3_io_methods* methods = nullptr;
  LossyDisk* disk = nullptr;
  std::shared_ptr<DiskFile> file;
  std::string unnamed;  ///< a temporary file's own name
  int level = SQLITE_LOCK_NONE;
  bool syncs_names = false;
  bool maps_shm = false;
  unsigned shm_shared = 0;     ///< bits of the slots that it holds
  unsigned shm_exclusive = 0;  ///< the same
};

OpenFile& as_open(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }

LossyDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<LossyDisk*>(vfs->pAppData); }

bool alive(const OpenFile& open) { return open.disk->alive(*open.file); }

int result_of(bool done, int failure) { return done ? SQLITE_OK : failure; }

int unlock(sqlite3_file* file, int level);
int shm_unmap(sqlite3_file* file, int remove);

int close(sqlite3_file* file) {
  OpenFile& open = as_open(file);
  unlock(file, SQLITE_LOCK_NONE);
  if (open.maps_shm) shm_unmap(file, 0);
  if (!open.unnamed.empty() && alive(open)) open.disk->remove(open.unnamed, false);
  open.~OpenFile();
  return SQLITE_OK;
}

int read(sqlite3_file* file, void* into, int length, sqlite3_int64 offset) {
  const OpenFile& open = as_open(file);
  if (!alive(open)) return SQLITE_IOERR_READ;
  const std::span bytes(static_cast<char*>(into), static_cast<std::size_t>(length));
  return result_of(open.file->read(static_cast<std::size_t>(offset), bytes),
                   SQLITE_IOERR_SHORT_READ);
}

int write(sqlite3_file* file, const void* from, int length, sqlite3_int64 offset) {
  const OpenFile& open = as_open(file);
  if (!alive(open)) return SQLITE_IOERR_WRITE;
  const std::span bytes(static_cast<const char*>(from), static_cast<std::size_t>(length));
  return result_of(open.disk->write(*open.file, static_cast<std::size_t>(offset), bytes),
                   SQLITE_IOERR_WRITE);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  const OpenFile& open = as_open(file);
  if (!alive(open)) return SQLITE_IOERR_TRUNCATE;
  return result_of(open.disk->truncate(*open.file, static_cast<std::size_t>(size)),
                   SQLITE_IOERR_TRUNCATE);
}

int sync(sqlite3_file* file, int) {
  OpenFile& open = as_open(file);
  if (!alive(open)) return SQLITE_IOERR_FSYNC;
  return result_of(open.disk->sync(*open.file, open.syncs_names), SQLITE_IOERR_FSYNC);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  const OpenFile& open = as_open(file);
  if (!alive(open)) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(open.file->size());
  return SQLITE_OK;
}

int lock_shared(OpenFile& open, DiskFile::Locks& locks) {
  if (locks.exclusive || locks.pending) return SQLITE_BUSY;
  ++locks.shared;
  open.level = SQLITE_LOCK_SHARED;
  return SQLITE_OK;
}

int lock_reserved(OpenFile& open, DiskFile::Locks& locks) {
  if (locks.reserved && locks.reserved != &open) return SQLITE_BUSY;
  locks.reserved = &open;
  open.level = SQLITE_LOCK_RESERVED;
  return SQLITE_OK;
}

int lock_exclusive(OpenFile& open, DiskFile::Locks& locks) {
  if (locks.pending && locks.pending != &open) return SQLITE_BUSY;
  if (locks.reserved && locks.reserved != &open) return SQLITE_BUSY;
  locks.pending = &open;
  open.level = SQLITE_LOCK_PENDING;
  if (locks.shared > 1) return SQLITE_BUSY;
  locks.exclusive = &open;
  open.level = SQLITE_LOCK_EXCLUSIVE;
  return SQLITE_OK;
}

int lock(sqlite3_file* file, int level) {
  OpenFile& open = as_open(file);
  if (!alive(open)) return SQLITE_IOERR_LOCK;
  if (open.level >= level) return SQLITE_OK;
  DiskFile::Locks& locks = open.file->locks;
  if (level == SQLITE_LOCK_SHARED) return lock_shared(open, locks);
  if (level == SQLITE_LOCK_RESERVED) return lock_reserved(open, locks);
  return lock_exclusive(open, locks);
}

int unlock(sqlite3_file* file, int level) {
  OpenFile& open = as_open(file);
  if (open.level <= level) return SQLITE_OK;
  DiskFile::Locks& locks = open.file->locks;
  for (const void** owner : {&locks.reserved, &locks.pending, &locks.exclusive}) {
    if (*owner == &open) *owner = nullptr;
  }
  if (level == SQLITE_LOCK_NONE && open.level >= SQLITE_LOCK_SHARED) --locks.shared;
  open.level = level;
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* file, int* reserved) {
  *reserved = as_open(file).file->locks.reserved ? 1 : 0;
  return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }

int sector_size(sqlite3_file* file) {
  return static_cast<int>(as_open(file).disk->options().sector);
}

/// What the operating system's own VFS says of ordinary disks, so that the engine writes as there.
int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int shm_map(sqlite3_file* file, int index, int size, int extend, void volatile** region) {
  OpenFile& open = as_open(file);
  *region = nullptr;
  if (!alive(open)) return SQLITE_IOERR_SHMMAP;
  DiskFile::Locks& locks = open.file->locks;
  if (!open.maps_shm) {
    open.maps_shm = true;
    ++locks.shm_users;
  }
  const auto at = static_cast<std::size_t>(index);
  if (at >= locks.shm.size() && !extend) return SQLITE_OK;
  while (at >= locks.shm.size())
    locks.shm.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
  *region = locks.shm[at].get();
  return SQLITE_OK;
}

int shm_lock_slot(OpenFile& open, DiskFile::Locks& locks, std::size_t slot, int flags) {
  const unsigned bit = 1U << slot;
  if (flags & SQLITE_SHM_UNLOCK) {
    if (open.shm_shared & bit) --locks.shm_shared[slot];
    if (open.shm_exclusive & bit) locks.shm_exclusive[slot] = nullptr;
    open.shm_shared &= ~bit;
    open.shm_exclusive &= ~bit;
    return SQLITE_OK;
  }
  if (locks.shm_exclusive[slot] && locks.shm_exclusive[slot] != &open) return SQLITE_BUSY;
  if (flags & SQLITE_SHM_SHARED) {
    if (!(open.shm_shared & bit)) ++locks.shm_shared[slot];
    open.shm_shared |= bit;
    return SQLITE_OK;
  }
  const int own = open.shm_shared & bit ? 1 : 0;
  if (locks.shm_shared[slot] > own) return SQLITE_BUSY;
  locks.shm_exclusive[slot] = &open;
  open.shm_exclusive |= bit;
  return SQLITE_OK;
}

int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  OpenFile& open = as_open(file);
  const bool unlocks = (flags & SQLITE_SHM_UNLOCK) != 0;
  if (!unlocks && !alive(open)) return SQLITE_IOERR_SHMLOCK;
  DiskFile::Locks& locks = open.file->locks;
  for (int i = offset; i < offset + count; ++i) {
    const int code = shm_lock_slot(open, locks, static_cast<std::size_t>(i), flags);
    if (code == SQLITE_OK) continue;
    for (int taken = offset; taken < i; ++taken)
      shm_lock_slot(open, locks, static_cast<std::size_t>(taken), SQLITE_SHM_UNLOCK);
    return code;
  }
  return SQLITE_OK;
}

void shm_barrier(sqlite3_file*) {}

int shm_unmap(sqlite3_file* file, int) {
  OpenFile& open = as_open(file);
  if (!open.maps_shm) return SQLITE_OK;
  DiskFile::Locks& locks = open.file->locks;
  for (std::size_t slot = 0; slot < locks.shm_shared.size(); ++slot)
    shm_lock_slot(open, locks, slot, SQLITE_SHM_UNLOCK);
  open.maps_shm = false;
  if (--locks.shm_users == 0) locks.shm.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods{
    .iVersion = 2,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = device_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  file->pMethods = nullptr;
  LossyDisk& disk = disk_of(vfs);
  const bool creates = (flags & SQLITE_OPEN_CREATE) != 0;
  std::string unnamed;
  if (!name) unnamed = "temporary " + std::to_string(disk.figures().calls);
  std::shared_ptr<DiskFile> found = disk.open(name ? name : unnamed, creates || !name);
  if (!found) return SQLITE_CANTOPEN;
  auto* opened = new (file) OpenFile;
  opened->methods = &kMethods;
  opened->disk = &disk;
  opened->file = std::move(found);
  opened->unnamed = std::move(unnamed);
  // As the operating system's VFS has it: the first sync of a new journal also syncs its folder.
  constexpr int kJournals = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
  opened->syncs_names = creates && (flags & kJournals) != 0;
  if (flags_out) *flags_out = flags;
  return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_names) {
  LossyDisk& disk = disk_of(vfs);
  if (!disk.exists(name)) return SQLITE_IOERR_DELETE_NOENT;
  return result_of(disk.remove(name, sync_names != 0), SQLITE_IOERR_DELETE);
}

int access(sqlite3_vfs* vfs, const char* name, int, int* answer) {
  *answer = disk_of(vfs).exists(name) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* into) {
  return result_of(std::snprintf(into, static_cast<std::size_t>(size), "%s", name) < size,
                   SQLITE_CANTOPEN);
}

/// The same every time: nothing in a simulation is left to chance.
int randomness(sqlite3_vfs*, int count, char* into) {
  std::memset(into, 7, static_cast<std::size_t>(count));
  return count;
}

/// Nobody else runs meanwhile.
int pass_time(sqlite3_vfs*, int microseconds) { return microseconds; }

int last_error(sqlite3_vfs*, int, char*) { return 0; }

int current_time(sqlite3_vfs*, sqlite3_int64* julian_ms) {
  constexpr sqlite3_int64 kAnyDay = 212'500'000'000'000;
  *julian_ms = kAnyDay;
  return SQLITE_OK;
}

void note_change(void* disk, int, const char*, const char* table, sqlite3_int64 row_id) {
  static_cast<LossyDisk*>(disk)->changed_rows().note(table, row_id);
}

/// Every new connection of the process comes by here; those to a lossy disk are watched.
int watch(sqlite3* database, char**, const sqlite3_api_routines*) {
  sqlite3_vfs* vfs = nullptr;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);
  if (vfs && vfs->xOpen == open) sqlite3_update_hook(database, note_change, vfs->pAppData);
  return SQLITE_OK;
}

}  // namespace

LossyVfs::LossyVfs(LossyDisk& disk)
    : name_("lossy-" + std::to_string(reinterpret_cast<std::uintptr_t>(&disk))) {
  vfs_.iVersion = 2;
  vfs_.szOsFile = sizeof(OpenFile);
  vfs_.mxPathname = 512;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = &disk;
  vfs_.xOpen = open;
  vfs_.xDelete = remove;
  vfs_.xAccess = access;
  vfs_.xFullPathname = full_path;
  vfs_.xRandomness = randomness;
  vfs_.xSleep = pass_time;
  vfs_.xGetLastError = last_error;
  vfs_.xCurrentTimeInt64 = current_time;
  sqlite3_vfs_register(&vfs_, 0);
  sqlite3_auto_extension(reinterpret_cast<void (*)()>(watch));
}

LossyVfs::~LossyVfs() { sqlite3_vfs_unregister(&vfs_); }

}  // namespace quittance::simulation
