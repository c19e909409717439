// The objects of one rail's simulator, in its own dialect: what the wire shows is what is kept.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/base.hpp"
#include "sandbox/journal.hpp"

namespace quittance::sandbox {

/// Objects by kind and id. Not for use by two threads at once.
class Shelf {
 public:
  /// More objects than this of all kinds together are refused (law 9).
  static constexpr std::size_t kObjectLimit = 500'000;

  /// `path` empty: memory only. Errors as Journal::open.
  static base::Result<std::unique_ptr<Shelf>> open(const std::string& path, base::Log& log);

  /// Puts or replaces; on disk before it returns. overloaded when the shelf is full.
  base::Result<void> put(const std::string& kind, const std::string& id, base::Json object);
  /// Null when there is none; valid until the shelf is cleared, changing with every put.
  const base::Json* find(std::string_view kind, std::string_view id) const;
  /// In the order of their first put, the newest first.
  std::vector<const base::Json*> newest(std::string_view kind) const;
  base::Result<void> clear();

 private:
  struct Kind {
    std::deque<const base::Json*> order;
    std::unordered_map<std::string, base::Json> objects;
  };
  void keep(const std::string& kind, const std::string& id, base::Json object);

  std::unique_ptr<Journal> journal_;
  std::map<std::string, Kind, std::less<>> kinds_;
  std::size_t size_ = 0;
};

}  // namespace quittance::sandbox
