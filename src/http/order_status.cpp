#include "http/order_status.hpp"

#include "http/views.hpp"

namespace quittance::http {
namespace {

using base::Json;
using base::Result;
using base::Task;
using storage::Books;
using storage::WritableBooks;

constexpr base::Duration kHeartbeat{15'000};
constexpr base::Duration kStreamLifetime = std::chrono::minutes(15);

/// Of an order's sessions, the newest so many are kept hot: each may be on somebody's screen.
constexpr std::size_t kHotSessions = 4;

struct Standing {
  core::Order order;
  std::optional<core::Session> session;  ///< the newest
  std::vector<core::Session> watched;    ///< it, and those that can still be paid beside it
};

Task<Result<Standing>> standing_of(Services& services, core::OrderId id) {
  storage::Reading<Standing> look = [id](Books& books) -> Result<Standing> {
    TRY(auto order, books.order(id));
    if (!order) return base::fail(base::ErrorCode::not_found, "There is no such order.");
    TRY(auto sessions, books.sessions_of_order(id));
    Standing standing{.order = std::move(*order), .session{}, .watched{}};
    for (const core::Session& session : sessions) {
      const bool newest = standing.watched.empty();
      if (newest) standing.session = session;
      if (newest || session.status == core::SessionStatus::open ||
          session.status == core::SessionStatus::processing) {
        standing.watched.push_back(session);
      }
      if (standing.watched.size() >= kHotSessions) break;
    }
    return standing;
  };
  co_return co_await services.store.snapshot(std::move(look));
}

Json status_json(const Standing& standing) {
  const core::Order& order = standing.order;
  const auto& session = standing.session;
  const bool unavailable = session && session->last_answer == "unknown";
  return Json::object({{"order_id", order.id.value()},
                       {"status", order_status_word(order.status)},
                       {"amount", amount_json(order.total)},
                       {"currency", order.total.currency().code()},
                       {"paid", amount_json(order.paid)},
                       {"session_status", session ? Json(to_source_text(session->status)) : Json()},
                       {"expires_at", session ? Json(base::to_ms(session->expires_at)) : Json()},
                       {"checked_at", session ? time_json(session->last_checked_at) : Json()},
                       {"provider_state", unavailable ? "unavailable" : "ok"},
                       {"receipt_url", has_receipt(order) ? Json(receipt_url(order.id)) : Json()},
                       {"attention", attention_json(order.attention)}});
}

/// Keeps the sessions hot while somebody looks; each is written at most twice per `hot_for`.
Task<void> keep_hot(Services& services, Standing standing) {
  const base::Time now = services.clock.now();
  const base::Duration hot_for = services.checkout.hot_for;
  std::vector<core::SessionId> cooling;
  for (const core::Session& session : standing.watched) {
    const bool hot = session.hot_until && *session.hot_until - now > hot_for / 2;
    if (session.status != core::SessionStatus::settled && !hot) cooling.push_back(session.id);
  }
  if (cooling.empty()) co_return;
  std::move_only_function<Result<storage::Rows>(WritableBooks&)> work =
      [cooling, now, hot_for](WritableBooks& books) -> Result<storage::Rows> {
    for (const core::SessionId id : cooling) {
      TRY_VOID(books.heat_session(id, now, now + hot_for));
    }
    return storage::Rows();
  };
  [[maybe_unused]] const auto heated =
      co_await services.store.write<storage::Rows>(std::move(work));
}

/// The events of one open page.
class StatusStream final : public base::HttpStream {
 public:
  StatusStream(Services& services, core::OrderId id, std::shared_ptr<void> place)
      : services_(services),
        id_(id),
        place_(std::move(place)),
        news_(services.bulletin.subscribe(id)),
        ends_at_(services.clock.now() + kStreamLifetime) {}

  Task<std::optional<std::string>> next() override {
    if (ended_ || services_.clock.now() >= ends_at_) co_return std::nullopt;
    if (begun_) {
      const bool news = co_await detect::Subscription::changed(news_, kHeartbeat);
      if (!news) {
        co_await refresh();
        co_return std::string(": nothing new\n\n");
      }
    }
    begun_ = true;
    const auto standing = co_await standing_of(services_, id_);
    if (!standing) co_return std::nullopt;
    ended_ = has_receipt(standing->order);
    co_await keep_hot(services_, *standing);
    co_return "event: status\ndata: " + status_json(*standing).dump() + "\n\n";
  }

 private:
  Task<void> refresh() {
    const auto standing = co_await standing_of(services_, id_);
    if (standing) co_await keep_hot(services_, *standing);
  }

  Services& services_;
  core::OrderId id_;
  std::shared_ptr<void> place_;
  std::shared_ptr<detect::Subscription> news_;
  base::Time ends_at_;
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace

Answered answer_status(Services& services, core::OrderId id) {
  CO_TRY(const Standing standing, co_await standing_of(services, id));
  Standing copy = standing;
  co_await keep_hot(services, std::move(copy));
  co_return json_response(status_json(standing));
}

Task<void> keep_order_hot(Services& services, core::OrderId id) {
  auto standing = co_await standing_of(services, id);
  if (standing) co_await keep_hot(services, std::move(*standing));
}

std::shared_ptr<base::HttpStream> make_status_stream(Services& services, core::OrderId id,
                                                     std::shared_ptr<void> place) {
  return std::make_shared<StatusStream>(services, id, std::move(place));
}

}  // namespace quittance::http
