#include "detect/asker.hpp"

#include <algorithm>

#include "detect/lapse.hpp"
#include "detect/pace.hpp"

namespace quittance::detect {
namespace {

using base::Result;
using base::Task;
using storage::WritableBooks;

core::EvidenceSource source_of(AskReason reason) {
  if (reason == AskReason::recovery) return core::EvidenceSource::recovery;
  if (reason == AskReason::notice) return core::EvidenceSource::webhook;
  return core::EvidenceSource::poll;
}

core::Evidence evidence_of(const core::Session& session, const providers::Paid& paid,
                           AskReason reason, base::Time now) {
  return {.source = source_of(reason),
          .session_id = session.id,
          .provider = session.provider,
          .provider_ref = paid.provider_ref,
          .amount = paid.amount,
          .receiver = paid.receiver,
          .payer = paid.payer,
          .paid_at = paid.paid_at,
          .seen_at = now,
          .actor = "system",
          .reason = "confirmed by " + session.provider,
          .raw = paid.raw};
}

core::CheckState check_state(const core::Session& session, std::int64_t unknowns) {
  return {.created_at = session.created_at,
          .hot_until = session.hot_until,
          .unknowns = unknowns,
          .salt = session.id.value()};
}

std::string reason_text(const providers::Answer& answer) {
  if (const auto* unknown = std::get_if<providers::Unknown>(&answer)) {
    return std::string(to_text(unknown->reason));
  }
  if (const auto* no = std::get_if<providers::FinalNo>(&answer)) return no->reason;
  return "";
}

storage::Query query_of(const core::Session& session, AskReason reason, std::string_view answer,
                        std::string why, base::Time now, std::int64_t duration_ms) {
  return {.session_id = session.id,
          .source = std::string(to_text(reason)),
          .asked_at = now,
          .duration_ms = duration_ms,
          .answer = std::string(answer),
          .reason = std::move(why)};
}

}  // namespace

std::string_view to_text(AskReason reason) {
  switch (reason) {
    case AskReason::poll:
      return "poll";
    case AskReason::verify_instantly:
      return "verify_instantly";
    case AskReason::recovery:
      return "recovery";
    case AskReason::cancel:
      return "cancel";
    case AskReason::notice:
      return "notice";
  }
  return "";
}

Asker::Asker(AskerParts parts)
    : parts_(std::move(parts)),
      together_{[this](WritableBooks& books, std::span<const PaidAnswer* const> paid) {
        return settle_paid(books, paid);
      }} {
  for (const auto& provider : parts_.registry.all()) {
    gates_.emplace(provider->name(),
                   std::make_unique<Gate>(*provider, parts_.policy.outage_interval,
                                          parts_.settle.clock, parts_.log));
    paces_.emplace(provider->name(), paced(parts_.policy, provider->capabilities().polling));
  }
}

const core::CheckPolicy& Asker::policy(std::string_view provider) const {
  const auto found = paces_.find(provider);
  return found == paces_.end() ? parts_.policy : found->second;
}

Gate& Asker::gate(std::string_view provider) { return *gates_.find(provider)->second; }

Task<Result<Asked>> Asker::postpone(core::Session session, AskResult result) {
  const base::Time now = parts_.settle.clock.now();
  const base::Time hot_until = now + parts_.policy.hot_for;
  const core::SessionId id = session.id;
  std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
      [id, now, hot_until](WritableBooks& books) { return books.heat_session(id, now, hot_until); };
  const auto heated = co_await parts_.store.write<storage::Rows>(std::move(work));
  if (!heated) co_return std::unexpected(heated.error());
  co_return Asked{.result = result, .settled = std::nullopt};
}

Task<Result<Asked>> Asker::ask_now(core::Session session, AskReason reason) {
  providers::Provider* provider = parts_.registry.find(session.provider);
  if (!provider || session.status == core::SessionStatus::settled) {
    co_return Asked{.result = provider ? AskResult::paid : AskResult::unknown,
                    .settled = std::nullopt};
  }
  bool first = false;
  base::Callback<Result<Asked>> shared(
      [this, id = session.id, &first](base::Callback<Result<Asked>>::Resume resume) {
        const std::lock_guard lock(mutex_);
        const auto [flight, inserted] = flights_.try_emplace(id);
        first = inserted;
        if (inserted) {
          // The one that asks does not wait for itself.
          resume(Asked{});
        } else {
          flight->second.push_back(std::move(resume));
        }
      });
  Result<Asked> asked = co_await shared;
  if (!first) co_return asked;
  const Admission admission = gate(provider->name()).enter();
  const core::SessionId id = session.id;
  if (admission == Admission::admitted) {
    std::vector<core::Session> sessions;
    sessions.push_back(std::move(session));
    const std::vector<Asked> answers = co_await ask_claimed(*provider, std::move(sessions), reason);
    asked = answers.front();
  } else {
    const AskResult result =
        admission == Admission::broken ? AskResult::unknown : AskResult::postponed;
    asked = co_await postpone(std::move(session), result);
  }
  land(id, asked);
  co_return asked;
}

void Asker::land(core::SessionId id, const Result<Asked>& asked) {
  std::vector<base::Callback<Result<Asked>>::Resume> waiting;
  {
    const std::lock_guard lock(mutex_);
    const auto flight = flights_.find(id);
    waiting = std::move(flight->second);
    flights_.erase(flight);
  }
  for (auto& resume : waiting)
    resume(asked);
}

Task<std::vector<Asked>> Asker::ask_claimed(providers::Provider& provider,
                                            std::vector<core::Session> sessions, AskReason reason) {
  const base::Time started_at = parts_.settle.clock.now();
  std::vector<core::Session> copy = sessions;
  const std::vector<providers::Answer> answers = co_await provider.query(std::move(copy));
  gate(provider.name()).leave(answers);
  const std::int64_t duration_ms =
      std::max<std::int64_t>(0, (parts_.settle.clock.now() - started_at).count());
  // Side by side, so that all of them fit into one commit.
  std::vector<Task<Asked>> taking;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    if (const auto* paid = std::get_if<providers::Paid>(&answers[i])) {
      taking.push_back(take_paid(sessions[i], *paid, reason, duration_ms));
      continue;
    }
    taking.push_back(take_other(sessions[i], answers[i], reason, duration_ms));
  }
  co_return co_await base::gather(std::move(taking));
}

SettledList Asker::settle_paid(WritableBooks& books, std::span<const PaidAnswer* const> paid) {
  std::vector<const Claim*> claims;
  for (const PaidAnswer* answer : paid)
    claims.push_back(&answer->claim);
  TRY(auto settled, settle(books, parts_.settle, claims));
  std::vector<const storage::Query*> queries;
  for (std::size_t i = 0; i < paid.size(); ++i) {
    if (settled[i]) queries.push_back(&paid[i]->query);
  }
  TRY_VOID(books.insert_queries(queries));
  for (std::size_t i = 0; i < paid.size(); ++i) {
    if (!settled[i] || core::counts_money(settled[i]->outcome)) continue;
    // Money that does not fit may be followed by money that does: go on looking. It holds the goods
    // no longer than no money would.
    const PaidAnswer& answer = *paid[i];
    TRY_VOID(books.note_check(answer.session.id, to_text(settled[i]->outcome),
                              answer.query.asked_at, answer.next));
    TRY_VOID(lapse(books, answer.session, answer.query.asked_at, !answer.next.has_value()));
  }
  return settled;
}

Task<Asked> Asker::take_paid(core::Session session, providers::Paid paid, AskReason reason,
                             std::int64_t duration_ms) {
  const base::Time now = parts_.settle.clock.now();
  core::Evidence evidence = evidence_of(session, paid, reason, now);
  storage::Query query = query_of(session, reason, "paid", paid.provider_ref, now, duration_ms);
  const auto next = core::next_check(policy(session.provider), check_state(session, 0), now);
  PaidAnswer answer{.session = session,
                    .claim = make_claim(parts_.settle, std::move(evidence), session.order_id),
                    .query = std::move(query),
                    .next = next};
  const auto settled = co_await parts_.store.write_together(together_, std::move(answer));
  if (!settled) {
    parts_.log.error("settle.failed",
                     {{"session_id", session.session_id}, {"detail", settled.error().detail}});
    co_return Asked{.result = AskResult::unknown, .settled = std::nullopt};
  }
  parts_.log.info("settle.done", {{"session_id", session.session_id},
                                  {"outcome", to_text(settled->outcome)},
                                  {"reason", to_text(reason)}});
  if (settled->order_id) parts_.bulletin.publish(*settled->order_id);
  co_return Asked{.result = AskResult::paid, .settled = *settled};
}

Task<Asked> Asker::take_other(core::Session session, providers::Answer answer, AskReason reason,
                              std::int64_t duration_ms) {
  const base::Time now = parts_.settle.clock.now();
  const auto* unknown = std::get_if<providers::Unknown>(&answer);
  auto next = core::next_check(policy(session.provider),
                               check_state(session, unknown ? session.unknowns + 1 : 0), now);
  if (unknown && unknown->retry_after) next = now + *unknown->retry_after;
  storage::Query query =
      query_of(session, reason, to_text(answer), reason_text(answer), now, duration_ms);
  const bool answered = !unknown;
  std::move_only_function<Result<bool>(WritableBooks&)> work =
      [session, query = std::move(query), next, now,
       answered](WritableBooks& books) -> Result<bool> {
    TRY_VOID(books.insert_query(query));
    TRY_VOID(books.note_check(session.id, query.answer, now, next));
    // Only a provider that answered may end anything (laws 3 and 4).
    return answered ? lapse(books, session, now, !next.has_value()) : Result<bool>(false);
  };
  const auto changed = co_await parts_.store.write<bool>(std::move(work));
  if (!changed) {
    parts_.log.error("check.not_recorded",
                     {{"session_id", session.session_id}, {"detail", changed.error().detail}});
  } else if (*changed && session.order_id) {
    parts_.bulletin.publish(*session.order_id);
  }
  co_return Asked{.result = unknown ? AskResult::unknown : AskResult::not_yet,
                  .settled = std::nullopt};
}

}  // namespace quittance::detect
