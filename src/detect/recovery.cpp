#include "detect/recovery.hpp"

namespace quittance::detect {
namespace {

using base::Result;
using base::Task;
using core::Session;
using storage::Books;

/// Questions of one recovery; an order has one QR, seldom two.
constexpr std::size_t kSessionsAskedLimit = 5;

using Match = std::optional<Recovered>;

Result<Match> with_order(Books& books, const Session& session, bool exact) {
  if (!session.order_id) return Match();
  TRY(auto order, books.order(*session.order_id));
  if (!order) return Match();
  return Match(Recovered{.order = std::move(*order), .session = session, .exact = exact});
}

/// Whether a KHQR that is not ours to the letter still names this session: a banking app may have
/// written it anew with the objects in another order.
bool same_request(const Session& session, const qr::KhqrData& data) {
  const auto currency = core::Currency::from_numeric(data.currency.value_or(""));
  if (!currency || data.account != session.receiver) return false;
  const auto amount = core::Money::parse(data.amount.value_or(""), *currency);
  return amount && *amount == session.amount;
}

Result<Match> by_khqr(Books& books, const qr::Payload& payload) {
  TRY(const auto exact, books.sessions_by_md5(base::md5_hex(payload.text)));
  for (const Session& session : exact) {
    if (session.qr_data == payload.text) return with_order(books, session, true);
  }
  const std::string bill_number = payload.khqr->bill_number.value_or("");
  if (bill_number.empty()) return Match();
  TRY(const auto named, books.sessions_by_bill_number(bill_number));
  for (const Session& session : named) {
    if (same_request(session, *payload.khqr)) return with_order(books, session, false);
  }
  return Match();
}

Result<Match> by_recovery_code(Books& books, const qr::RecoveryCode& code) {
  TRY(auto order, books.order(core::OrderId(code.order_id)));
  if (!order || !base::constant_time_equal(order->transaction_id, code.transaction_id)) {
    return Match();
  }
  const auto amount = core::Money::parse(code.amount, order->total.currency());
  if (!amount || *amount != order->total) return Match();
  TRY(const auto sessions, books.sessions_of_order(order->id));
  if (sessions.empty()) return Match();
  return Match(Recovered{.order = std::move(*order), .session = sessions.front(), .exact = true});
}

/// Which of two answers says more.
int weight(AskResult result) {
  switch (result) {
    case AskResult::paid:
      return 3;
    case AskResult::unknown:
      return 2;
    case AskResult::postponed:
      return 1;
    case AskResult::not_yet:
      return 0;
  }
  return 0;
}

}  // namespace

Result<Match> find_by_code(Books& books, const qr::Payload& payload) {
  if (payload.khqr) return by_khqr(books, payload);
  if (payload.recovery) return by_recovery_code(books, *payload.recovery);
  return Match();
}

Task<Result<Asked>> ask_for_order(storage::Store& store, Asker& asker, core::OrderId id,
                                  AskReason reason) {
  storage::Reading<std::vector<Session>> list = [id](Books& books) {
    return books.sessions_of_order(id);
  };
  const auto sessions = co_await store.read(std::move(list));
  if (!sessions) co_return std::unexpected(sessions.error());
  Asked best{.result = AskResult::not_yet, .settled = std::nullopt};
  std::size_t asked_about = 0;
  for (const Session& session : *sessions) {
    if (session.status == core::SessionStatus::settled) continue;
    if (++asked_about > kSessionsAskedLimit) break;
    Session copy = session;
    const auto asked = co_await asker.ask_now(std::move(copy), reason);
    if (!asked) co_return std::unexpected(asked.error());
    if (weight(asked->result) > weight(best.result)) best = *asked;
  }
  co_return best;
}

}  // namespace quittance::detect
