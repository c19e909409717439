// The auditor follows the log where it speaks of money: what came, what was refused, what went
// back.
#include <algorithm>

#include "simulation/auditor.hpp"

namespace quittance::simulation {

using base::Json;

namespace {

std::string name_of(std::int64_t order_id) { return "order " + std::to_string(order_id); }

std::string word(const Json& details, std::string_view field) {
  return details[field].text_or_empty();
}

}  // namespace

bool Auditor::follow_settled(std::int64_t id, const Json& details) {
  const std::string reference = word(details, "provider_ref");
  if (!seen_refs_.insert(word(details, "provider") + ":" + reference).second) {
    return broken("no transfer is counted twice", reference + " once", "again");
  }
  const SeenSession* asked = session(word(details, "session_id"));
  const bool alone = asked && asked->order_id == 0;
  if (!asked || (!alone && asked->order_id != id)) {
    return broken("money is counted for its own order", "a session of " + name_of(id), reference);
  }
  const bool late = details["paid_at"].integer().value_or(0) > asked->expires_at;
  if (word(details, "source") == "manual") return follow_stated(id, details, late);
  const sandbox::Transfer* truth = transfer(reference);
  if (!truth) return broken("only the bank's money is counted", "a transfer", reference);
  if (!check_good(*truth, *asked)) return false;
  if (base::to_ms(truth->created_at) != details["paid_at"].integer()) {
    return broken("it is written when the money was paid", base::to_iso8601(truth->created_at),
                  std::to_string(details["paid_at"].integer().value_or(0)));
  }
  settled_md5s_.insert(asked->md5);
  if (!alone) {
    model_.receive(id, {.reference = reference, .amount = truth->amount.minor, .late = late});
  }
  return true;
}

/// The transfer may be counted for this session.
bool Auditor::check_good(const sandbox::Transfer& truth, const SeenSession& asked) {
  if (truth.md5 != asked.md5) {
    return broken("money is counted for the QR that was paid", truth.md5, asked.md5);
  }
  if (truth.status != sandbox::TransferStatus::succeeded) {
    return broken("only money that arrived is counted", "a transfer that succeeded",
                  std::string(transfer_status_word(truth.status)));
  }
  if (truth.receiver != parts_.merchant_account) {
    return broken("only money that reached us is counted", parts_.merchant_account, truth.receiver);
  }
  if (currency_code(truth.amount.currency) != asked.currency) {
    return broken("only money of the right currency is counted", asked.currency,
                  std::string(currency_code(truth.amount.currency)));
  }
  return true;
}

/// A person's word: all that is owed, and a second person's where the sum asks for it (C13).
bool Auditor::follow_stated(std::int64_t id, const Json& details, bool late) {
  const std::int64_t owed = model_.owed(id);
  if (!parts_.facts.manual_asked.contains(id) || owed == 0) {
    return broken("a person settles only what is owed, and only when asked to",
                  "no settlement of " + name_of(id), "a manual one");
  }
  const std::string approver = word(details, "approver");
  if (model_.stated(id) + owed >= second_person_from(id) &&
      (approver.empty() || approver == "staff" || !parts_.facts.second_person_asked.contains(id))) {
    return broken("a large sum takes the word of two persons (C13)", "a second person",
                  approver.empty() ? "nobody" : approver);
  }
  const std::string reference = word(details, "provider_ref");
  // The bank will say of this transfer, if it is one, that its QR is paid.
  if (const sandbox::Transfer* truth = transfer(reference)) stated_md5s_.insert(truth->md5);
  model_.receive(id, {.reference = reference, .amount = owed, .late = late, .by_hand = true});
  return true;
}

std::int64_t Auditor::second_person_from(std::int64_t order_id) const {
  const auto limit = parts_.second_person_from.find(model_.orders().at(order_id).currency);
  return limit == parts_.second_person_from.end() ? INT64_MAX : limit->second;
}

bool Auditor::follow_second_person(std::int64_t id, const Json& details) {
  const std::int64_t owed = model_.owed(id);
  // Of all that was said together, or a large sum could be said in parts.
  const std::int64_t said = model_.stated(id) + owed;
  if (details["amount_minor"].integer() != owed || said < second_person_from(id)) {
    return broken("a second person is asked for only where the sum asks for it",
                  std::to_string(second_person_from(id)), std::to_string(owed));
  }
  model_.flag(id, "approval");
  return true;
}

bool Auditor::follow_rejected(std::int64_t id) {
  if (!parts_.facts.rejection_asked.contains(id)) {
    return broken("a claim is rejected by a person", name_of(id) + " goes on", "rejected");
  }
  model_.reject(id);
  return true;
}

/// N3: staff hand over what is paid in full and was not completed for want of goods.
bool Auditor::follow_handed_over(std::int64_t id) {
  const ModelOrder& order = model_.orders().at(id);
  if (!parts_.facts.manual_asked.contains(id) || model_.owed(id) != 0 ||
      order.status == "completed" || order.status == "refunded") {
    return broken("only what is paid in full and waits is handed over, and when asked for",
                  name_of(id) + " as it is", "handed over");
  }
  model_.hand_over(id);
  return true;
}

/// Good money may be refused only when it is counted already.
bool Auditor::follow_refused(std::int64_t id, const Json& details) {
  const std::string reference = word(details, "provider_ref");
  const SeenSession* asked = session(word(details, "session_id"));
  if (!asked) return broken("evidence has its session", reference, "none");
  if (word(details, "kind") != "payment") return follow_return_refused(id, details);
  // What a person says of money that is counted elsewhere is refused like a bank's word.
  if (word(details, "source") == "manual") {
    model_.flag(id, "mismatch");
    return true;
  }
  const sandbox::Transfer* truth = transfer(reference);
  if (!truth) return broken("only what the bank said is evidence", "a transfer", reference);
  const bool ours = truth->receiver == parts_.merchant_account;
  const bool same_currency = currency_code(truth->amount.currency) == asked->currency;
  const bool good = truth->md5 == asked->md5 &&
                    truth->status == sandbox::TransferStatus::succeeded && ours && same_currency;
  // A person may have named this transfer as the money of another QR, whoever it went to.
  const bool counted_elsewhere = seen_refs_.contains("bakong:" + reference);
  if (good && !counted_elsewhere) {
    return broken("good money is not refused", reference + " counted", word(details, "outcome"));
  }
  if ((ours || counted_elsewhere) && asked->order_id != 0) model_.flag(id, "mismatch");
  return true;
}

/// Money goes back because somebody asked for just that, or because the bank took it.
bool Auditor::follow_returned(std::int64_t id, const Json& details) {
  const ReturnAsked found{.order_id = id,
                          .kind = word(details, "kind"),
                          .against = word(details, "against"),
                          .amount_minor = details["amount_minor"].integer().value_or(0)};
  auto& asked = parts_.facts.returns_asked;
  const auto match = std::ranges::find(asked, found);
  if (match == asked.end()) {
    return broken("money goes back only when somebody asked for it",
                  "no " + found.kind + " of " + name_of(id), std::to_string(found.amount_minor));
  }
  asked.erase(match);
  if (!model_.give_back(id, found.against, found.amount_minor, found.kind,
                        word(details, "provider_ref"))) {
    return broken("no more goes back than came", "no " + found.kind + " of " + found.against,
                  std::to_string(found.amount_minor));
  }
  return true;
}

/// A return may be refused only when there is not so much left of that money.
bool Auditor::follow_return_refused(std::int64_t id, const Json& details) {
  const ModelOrder& order = model_.orders().at(id);
  const auto piece = order.pieces.find(word(details, "against"));
  if (piece == order.pieces.end()) return true;
  const std::int64_t left = piece->second.counted - piece->second.counted_back +
                            piece->second.excess - piece->second.excess_back;
  if (details["amount_minor"].integer().value_or(0) > left) return true;
  return broken("what the bank took back is written down", "a reversal of " + name_of(id),
                word(details, "outcome"));
}

}  // namespace quittance::simulation
