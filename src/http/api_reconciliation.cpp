// Our books and a provider's list, side by side, for one day.
#include <charconv>

#include "http/handlers.hpp"
#include "http/views.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using detect::Comparison;
using storage::Books;

/// Of each kind, in one answer.
constexpr std::size_t kMostShown = 500;

/// The beginning of a day, UTC, from `2026-11-26`.
std::optional<base::Time> day_of(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto part = [&text](std::size_t from, std::size_t size) -> std::optional<unsigned> {
    unsigned value = 0;
    const char* end = text.data() + from + size;
    const auto read = std::from_chars(text.data() + from, end, value);
    return read.ec == std::errc() && read.ptr == end ? std::optional(value) : std::nullopt;
  };
  const auto year = part(0, 4);
  const auto month = part(5, 2);
  const auto day = part(8, 2);
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  const std::chrono::sys_days start = date;
  return base::from_ms(
      std::chrono::duration_cast<std::chrono::milliseconds>(start.time_since_epoch()).count());
}

Json sums_json(const detect::Sums& sums) {
  Json list{Json::Array{}};
  for (const auto& [currency, minor] : sums) {
    const auto money = core::Money::from_minor(minor, *core::Currency::from_code(currency));
    list.push(Json::object({{"currency", currency},
                            {"amount", money ? amount_json(*money) : Json()},
                            {"amount_minor", minor}}));
  }
  return list;
}

Json money_json(const std::optional<core::Money>& money) {
  return money ? amount_json(*money) : Json();
}

Json compared_json(const storage::ReconciledPayment& payment) {
  const core::Money known = payment.counted ? *payment.counted : *payment.listed;
  return Json::object({{"payment_ref", payment.payment_ref},
                       {"payment_id", payment.payment_id > 0 ? Json(payment.payment_id) : Json()},
                       {"order_id", payment.order_id ? Json(payment.order_id->value()) : Json()},
                       {"counted", money_json(payment.counted)},
                       {"listed", money_json(payment.listed)},
                       {"currency", known.currency().code()},
                       {"outcome", payment.outcome.empty() ? Json() : Json(payment.outcome)},
                       {"paid_at", time_json(payment.paid_at)}});
}

Json group_json(const detect::ComparedPayments& group) {
  Json list{Json::Array{}};
  for (const storage::ReconciledPayment& payment : group.payments) {
    if (list.array().size() >= kMostShown) break;
    list.push(compared_json(payment));
  }
  return Json::object({{"count", static_cast<std::int64_t>(group.payments.size())},
                       {"sums", sums_json(group.sums)},
                       {"more", group.payments.size() > kMostShown},
                       {"payments", std::move(list)}});
}

}  // namespace

Answered show_reconciliation(Services& services, Visit& visit) {
  const auto text = [&visit](std::string_view name) {
    const auto value = visit.query.find(name);
    return value == visit.query.end() ? std::string() : value->second;
  };
  const std::string provider = text("provider");
  const providers::Provider* known = services.registry.find(provider);
  if (!known || !known->capabilities().lists) {
    co_return fail(ErrorCode::invalid_request, "Name a provider that lists its payments.",
                   "provider");
  }
  const auto day = day_of(text("day"));
  if (!day) {
    co_return fail(ErrorCode::invalid_request, "Name a day as YYYY-MM-DD; it is meant in UTC.",
                   "day");
  }
  storage::Reading<detect::Reconciliation> look = [&](Books& books) {
    return detect::reconcile(books, provider, *day);
  };
  CO_TRY(const detect::Reconciliation found, co_await services.store.read(std::move(look)));
  Json json = Json::object(
      {{"provider", provider},
       {"since_at", time_json(found.since)},
       {"until_at", time_json(found.until)},
       {"complete", found.complete},
       {"expected",
        Json::object({{"count", found.expected}, {"sums", sums_json(found.expected_sums)}})}});
  for (const auto& [comparison, group] : found.compared)
    json.set(to_text(comparison), group_json(group));
  co_return json_response(json);
}

}  // namespace quittance::http
