#include "sandbox/shelf.hpp"

namespace quittance::sandbox {

using base::ErrorCode;
using base::Json;

base::Result<std::unique_ptr<Shelf>> Shelf::open(const std::string& path, base::Log& log) {
  auto shelf = std::make_unique<Shelf>();
  if (path.empty()) return shelf;
  const Journal::Reader read = [&shelf](const Json& line) -> base::Result<void> {
    const auto kind = line["kind"].string();
    const auto id = line["id"].string();
    if (!kind || !id) return base::fail(ErrorCode::storage_failure, "A line of no known kind.");
    shelf->keep(*kind, *id, line["object"]);
    return {};
  };
  TRY(shelf->journal_, Journal::open(path, read, log));
  return shelf;
}

base::Result<void> Shelf::put(const std::string& kind, const std::string& id, Json object) {
  if (size_ >= kObjectLimit && find(kind, id) == nullptr) {
    return base::fail(ErrorCode::overloaded, "This simulator is full; reset it.");
  }
  if (journal_) {
    TRY_VOID(journal_->append(Json::object({{"kind", kind}, {"id", id}, {"object", object}})));
  }
  keep(kind, id, std::move(object));
  return {};
}

void Shelf::keep(const std::string& kind, const std::string& id, Json object) {
  Kind& shelved = kinds_[kind];
  const auto [place, is_new] = shelved.objects.try_emplace(id);
  place->second = std::move(object);
  if (!is_new) return;
  shelved.order.push_front(&place->second);
  ++size_;
}

const Json* Shelf::find(std::string_view kind, std::string_view id) const {
  const auto shelved = kinds_.find(kind);
  if (shelved == kinds_.end()) return nullptr;
  const auto found = shelved->second.objects.find(std::string(id));
  return found == shelved->second.objects.end() ? nullptr : &found->second;
}

std::vector<const Json*> Shelf::newest(std::string_view kind) const {
  const auto shelved = kinds_.find(kind);
  if (shelved == kinds_.end()) return {};
  return {shelved->second.order.begin(), shelved->second.order.end()};
}

base::Result<void> Shelf::clear() {
  if (journal_) TRY_VOID(journal_->clear());
  kinds_.clear();
  size_ = 0;
  return {};
}

}  // namespace quittance::sandbox
