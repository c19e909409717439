#include "audit/notary.hpp"

namespace quittance::audit {

using base::Result;
using base::Task;
using storage::StoredCheckpoint;
using storage::WritableBooks;

Task<Result<StoredCheckpoint>> Notary::checkpoint() {
  const base::Time now = clock_.now();
  std::move_only_function<Result<StoredCheckpoint>(WritableBooks&)> work =
      [this, now](WritableBooks& books) -> Result<StoredCheckpoint> {
    TRY(const base::Frontier frontier, books.audit_frontier());
    TRY(auto newest, books.newest_checkpoint());
    const auto size = static_cast<std::int64_t>(frontier.size());
    if (newest && newest->size == size) return std::move(*newest);
    StoredCheckpoint made{.size = size,
                          .note = sign_checkpoint(key_, {.origin = origin_,
                                                         .size = frontier.size(),
                                                         .root = frontier.root(),
                                                         .signed_at = now}),
                          .created_at = now};
    TRY_VOID(books.insert_checkpoint(made));
    return made;
  };
  co_return co_await store_.write<StoredCheckpoint>(std::move(work));
}

Task<void> Notary::run(base::Duration interval) {
  for (bool running = true; running;) {
    const auto made = co_await checkpoint();
    if (!made) log_.error("checkpoint.failed", {{"detail", made.error().detail}});
    co_await base::Sleep{interval};
  }
}

std::string origin_of(std::string_view public_url) {
  const std::size_t scheme = public_url.find("://");
  if (scheme != std::string_view::npos) public_url.remove_prefix(scheme + 3);
  while (public_url.ends_with('/'))
    public_url.remove_suffix(1);
  return std::string(public_url) + "/log";
}

}  // namespace quittance::audit
