#include "simulation/lossy_disk.hpp"

#include <algorithm>
#include <cstring>

namespace quittance::simulation {
namespace {

constexpr std::size_t kStatesKept = 8;

}  // namespace

bool DiskFile::read(std::size_t offset, std::span<char> into) const {
  const std::size_t there = offset < bytes_.size() ? bytes_.size() - offset : 0;
  const std::size_t length = std::min(there, into.size());
  if (length > 0) std::memcpy(into.data(), bytes_.data() + offset, length);
  std::memset(into.data() + length, 0, into.size() - length);
  return length == into.size();
}

std::string DiskFile::sector_bytes(std::size_t index) const {
  std::string bytes(sector_, '\0');
  read(index * sector_, bytes);
  return bytes;
}

void DiskFile::keep(std::size_t offset, std::size_t length) {
  if (sizes_.empty() || sizes_.back() != bytes_.size()) sizes_.push_back(bytes_.size());
  if (length == 0) return;
  for (std::size_t i = offset / sector_; i <= (offset + length - 1) / sector_; ++i) {
    std::vector<std::string>& states = before_[i];
    // Of very many states since a sync the first few and the last are enough to choose from.
    if (states.size() == kStatesKept) states.pop_back();
    states.push_back(sector_bytes(i));
  }
}

void DiskFile::write(std::size_t offset, std::span<const char> from, bool keeps) {
  if (keeps) keep(offset, from.size());
  if (offset + from.size() > bytes_.size()) bytes_.resize(offset + from.size());
  std::memcpy(bytes_.data() + offset, from.data(), from.size());
}

void DiskFile::truncate(std::size_t size, bool keeps) {
  if (keeps) keep(size, size < bytes_.size() ? bytes_.size() - size : 0);
  bytes_.resize(size);
}

void DiskFile::sync() {
  before_.clear();
  sizes_.clear();
}

std::unique_ptr<DiskFile> DiskFile::copy() const {
  auto twin = std::make_unique<DiskFile>(sector_);
  twin->bytes_ = bytes_;
  twin->before_ = before_;
  twin->sizes_ = sizes_;
  return twin;
}

std::unique_ptr<DiskFile> DiskFile::survivor(bool torn, base::Random& random,
                                             DiskFigures& figures) const {
  auto left = std::make_unique<DiskFile>(sector_);
  left->bytes_ = bytes_;
  // Its size is one that the file had; what was never written there reads as zeros.
  const std::uint64_t pick = random.below(sizes_.size() + 1);
  const std::size_t size = pick < sizes_.size() ? sizes_[pick] : bytes_.size();
  if (left->bytes_.size() < size) left->bytes_.resize(size);
  for (const auto& [index, states] : before_) {
    // Every other sector has made it whole.
    const bool whole = random.below(2) == 0;
    const std::uint64_t state = whole ? states.size() : random.below(states.size() + 1);
    if (state == states.size()) continue;
    std::string bytes = states[state];
    const std::string newer = state + 1 < states.size() ? states[state + 1] : sector_bytes(index);
    ++figures.lost_sectors;
    if (torn && random.below(4) == 0) {
      const std::size_t cut = 1 + random.below(sector_ - 1);
      bytes.replace(0, cut, newer, 0, cut);
      ++figures.torn_sectors;
    }
    const std::size_t at = index * sector_;
    if (at >= left->bytes_.size()) continue;
    std::memcpy(left->bytes_.data() + at, bytes.data(),
                std::min(sector_, left->bytes_.size() - at));
  }
  left->bytes_.resize(size);
  return left;
}

void LossyDisk::die_at(std::int64_t calls, Death how) {
  countdown_ = calls;
  how_ = how;
  if (calls > 0) expect_cut();
}

bool LossyDisk::admit() {
  if (dead_) return false;
  ++figures_.calls;
  if (countdown_ == 0 || --countdown_ > 0) return true;
  // Dead before the call has its effect, or right after it and before anybody hears of it.
  if (random_.below(2) == 0) {
    last_call_ = true;
    return true;
  }
  die(how_);
  return false;
}

bool LossyDisk::passed() {
  if (last_call_) die(how_);
  return !dead_;
}

LossyDisk::Entry LossyDisk::survivor(const Entry& entry, Death how) {
  if (how == Death::kill || !options_.loses) {
    Entry same;
    if (entry.file) same.file = entry.file->copy();
    if (entry.before) same.before = *entry.before ? File((*entry.before)->copy()) : nullptr;
    return same;
  }
  const bool old_name = entry.before.has_value() && random_.below(2) == 0;
  const File& file = old_name ? *entry.before : entry.file;
  Entry left;
  if (file) left.file = file->survivor(options_.torn, random_, figures_);
  return left;
}

void LossyDisk::die(Death how) {
  if (dead_) return;
  dead_ = true;
  last_call_ = false;
  countdown_ = 0;
  // What a killed process left in the cache may still be lost by the next one's power cut.
  keeps_ = !options_.lazy || (how == Death::kill && keeps_);
  ++(how == Death::kill ? figures_.kills : figures_.power_cuts);
  survivors_.clear();
  for (const auto& [name, entry] : entries_) {
    Entry left = survivor(entry, how);
    if (left.file || left.before) survivors_[name] = std::move(left);
  }
}

void LossyDisk::restart() {
  if (!dead_) die(Death::kill);
  entries_ = std::move(survivors_);
  survivors_.clear();
  living_.clear();
  for (const auto& [name, entry] : entries_)
    living_.insert(entry.file.get());
  dead_ = false;
}

std::shared_ptr<DiskFile> LossyDisk::open(const std::string& name, bool create) {
  if (dead_) return nullptr;
  const auto known = entries_.find(name);
  if (known != entries_.end() && known->second.file) return known->second.file;
  if (!create || !admit()) return nullptr;
  auto file = std::make_shared<DiskFile>(options_.sector);
  living_.insert(file.get());
  Entry& entry = entries_[name];
  if (!entry.before) entry.before = entry.file;
  entry.file = file;
  return passed() ? file : nullptr;
}

bool LossyDisk::write(DiskFile& file, std::size_t offset, std::span<const char> from) {
  if (!admit()) return false;
  file.write(offset, from, keeps_);
  return passed();
}

bool LossyDisk::truncate(DiskFile& file, std::size_t size) {
  if (!admit()) return false;
  file.truncate(size, keeps_);
  return passed();
}

bool LossyDisk::sync(DiskFile& file, bool names_too) {
  if (!admit()) return false;
  ++figures_.syncs;
  if (options_.syncs) {
    file.sync();
    if (names_too) sync_names();
  }
  return passed();
}

void LossyDisk::sync_names() {
  for (auto& [name, entry] : entries_)
    entry.before.reset();
}

bool LossyDisk::remove(const std::string& name, bool names_too) {
  if (!admit()) return false;
  Entry& entry = entries_[name];
  if (!entry.before) entry.before = entry.file;
  entry.file = nullptr;
  if (names_too && options_.syncs) sync_names();
  return passed();
}

bool LossyDisk::exists(const std::string& name) const {
  const auto known = entries_.find(name);
  return known != entries_.end() && known->second.file;
}

}  // namespace quittance::simulation
