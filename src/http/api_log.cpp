// The audit log for everybody: signed heads, and proofs that consist of hashes only. What an entry
// says is for the holder of its order and for staff.
#include "audit/audit.hpp"
#include "http/handlers.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using storage::Books;
using storage::StoredCheckpoint;

Result<std::int64_t> number_query(const Visit& visit, std::string_view name) {
  const auto found = visit.query.find(name);
  const auto number =
      found == visit.query.end() ? std::nullopt : Json(Json::Number{found->second}).integer();
  if (!number || *number < 0) {
    return fail(ErrorCode::invalid_request, "Send `" + std::string(name) + "` as a whole number.",
                std::string(name));
  }
  return *number;
}

/// The newest checkpoint that is signed already: asking for it makes nobody write.
Result<StoredCheckpoint> newest(Books& books) {
  TRY(auto checkpoint, books.newest_checkpoint());
  if (!checkpoint) return fail(ErrorCode::not_found, "No head of the log is signed yet.");
  return std::move(*checkpoint);
}

/// The entry that the receipt of an order rests on: the last one that counted money for it.
Result<storage::AuditEntry> settling_entry(Books& books, core::OrderId id) {
  TRY(const auto entries, books.audit_of("order", id.value()));
  std::optional<storage::AuditEntry> found;
  for (const storage::AuditEntry& entry : entries) {
    if (entry.action == "settlement.recorded") found = entry;
  }
  if (!found) return fail(ErrorCode::not_found, "No money is counted for this order yet.");
  return std::move(*found);
}

}  // namespace

Answered show_checkpoint(Services& services, Visit&) {
  storage::Reading<StoredCheckpoint> look = newest;
  CO_TRY(const StoredCheckpoint checkpoint, co_await services.store.read(std::move(look)));
  auto response = text_response(checkpoint.note, "text/plain; charset=utf-8");
  response.headers.add("Cache-Control", "no-store");
  co_return response;
}

Answered show_log_key(Services& services, Visit&) {
  const std::string& key = services.notary.public_key();
  co_return json_response(
      Json::object({{"origin", services.notary.origin()},
                    {"algorithm", "ed25519"},
                    {"public_key", base::to_base64(key)},
                    {"verifier_key", audit::verifier_key(services.notary.origin(), key)}}));
}

Answered show_log_proof(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t seq, number_query(visit, "seq"));
  storage::Reading<Json> prove = [seq](Books& books) -> Result<Json> {
    TRY(const StoredCheckpoint checkpoint, newest(books));
    TRY(const audit::Proof proof, audit::prove(books, seq, checkpoint));
    return audit::proof_json(proof);
  };
  CO_TRY(const Json json, co_await services.store.read(std::move(prove)));
  co_return json_response(json);
}

Answered show_log_growth(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t from, number_query(visit, "from"));
  CO_TRY(const std::int64_t to, number_query(visit, "to"));
  storage::Reading<Json> prove = [from, to](Books& books) -> Result<Json> {
    TRY(const auto hashes, audit::prove_growth(books, from, to));
    return Json::object({{"from", from}, {"to", to}, {"hashes", audit::hashes_json(hashes)}});
  };
  CO_TRY(const Json json, co_await services.store.read(std::move(prove)));
  co_return json_response(json);
}

Answered sign_checkpoint(Services& services, Visit&) {
  CO_TRY(const StoredCheckpoint checkpoint, co_await services.notary.checkpoint());
  co_return json_response(
      Json::object({{"success", true}, {"size", checkpoint.size}, {"checkpoint", checkpoint.note}}),
      201);
}

base::Task<Result<SettlementProof>> prove_settlement(Services& services, core::OrderId id,
                                                     bool staff) {
  using Covered = std::pair<storage::AuditEntry, bool>;
  storage::Reading<Covered> covered = [id](Books& books) -> Result<Covered> {
    TRY(auto entry, settling_entry(books, id));
    TRY(const auto checkpoint, books.newest_checkpoint());
    const bool is = checkpoint && checkpoint->size >= entry.seq;
    return Covered(std::move(entry), is);
  };
  CO_TRY(const auto known, co_await services.store.read(std::move(covered)));
  const storage::AuditEntry& entry = known.first;
  // The first look at a receipt after the money came has the log signed up to it.
  if (!known.second) CO_TRY_VOID(co_await services.notary.checkpoint());
  storage::Reading<audit::Proof> prove = [&entry](Books& books) -> Result<audit::Proof> {
    TRY(const StoredCheckpoint checkpoint, newest(books));
    return audit::prove(books, entry.seq, checkpoint);
  };
  CO_TRY(audit::Proof proof, co_await services.store.read(std::move(prove)));
  const std::string key =
      audit::verifier_key(services.notary.origin(), services.notary.public_key());
  // What a member of staff stated has their name and words in it, which are not the payer's.
  const bool open = staff || entry.actor == "system";
  Json file = open ? audit::proof_file(proof, entry, key) : audit::proof_json(proof);
  if (!open) file.set("key", key);
  co_return SettlementProof{.seq = entry.seq, .note = proof.note, .file = std::move(file)};
}

Answered show_order_proof(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("id"));
  CO_TRY(const core::Order order, co_await order_for(services, visit, core::OrderId(id)));
  const bool staff = visit.actor.is_staff();
  CO_TRY(const SettlementProof proof, co_await prove_settlement(services, order.id, staff));
  co_return json_response(proof.file);
}

Answered show_order_history(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("id"));
  CO_TRY(const core::Order order, co_await order_for(services, visit, core::OrderId(id)));
  const auto audience = visit.actor.is_staff() ? audit::Audience::staff : audit::Audience::holder;
  storage::Reading<std::vector<audit::HistoryLine>> tell = [&](Books& books) {
    return audit::history(books, order.id, audience);
  };
  CO_TRY(const auto lines, co_await services.store.snapshot(std::move(tell)));
  co_return json_response(
      Json::object({{"order_id", order.id.value()}, {"history", audit::history_json(lines)}}));
}

}  // namespace quittance::http
