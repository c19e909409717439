// What those who run the place want to know.
#include <algorithm>

#include "http/handlers.hpp"
#include "http/views.hpp"

namespace quittance::http {
namespace {

using base::Json;
using storage::Books;

/// The `per_cent`-th percentile (1 to 100) of sorted values by nearest rank: at least so many per
/// cent are no greater. null when there are none.
Json percentile(const std::vector<std::int64_t>& sorted, std::size_t per_cent) {
  if (sorted.empty()) return {};
  return sorted[(sorted.size() * per_cent + 99) / 100 - 1];
}

std::string_view state_of(const providers::Health& health, detect::BreakerState breaker) {
  if (breaker != detect::BreakerState::closed) return "down";
  if (!health.last_error_at) return "ok";
  if (!health.last_ok_at || *health.last_ok_at < *health.last_error_at) return "down";
  return health.alarm.empty() ? "ok" : "degraded";
}

Json breaker_json(const detect::GateState& gate) {
  return Json::object({{"state", to_text(gate.breaker)},
                       {"failures", gate.failures},
                       {"opened_at", time_json(gate.opened_at)},
                       {"probe_at", time_json(gate.probe_at)}});
}

Json budget_json(const detect::GateState& gate) {
  return Json::object({{"calls_per_second", gate.calls_per_second},
                       {"calls_left", gate.calls_left},
                       {"calls_under_way", gate.calls_under_way},
                       {"closed_until", time_json(gate.closed_until)}});
}

Json alarm_json(const std::optional<detect::Alarm>& alarm) {
  if (!alarm) return {};
  return Json::object({{"message", alarm->message}, {"raised_at", time_json(alarm->raised_at)}});
}

Json detection_json(std::vector<std::int64_t> delays_ms) {
  std::ranges::sort(delays_ms);
  return Json::object({{"p50", percentile(delays_ms, 50)},
                       {"p95", percentile(delays_ms, 95)},
                       {"p99", percentile(delays_ms, 99)},
                       {"count", static_cast<std::int64_t>(delays_ms.size())}});
}

/// One provider as staff see how it is doing.
Json provider_json(const providers::Provider& provider, const detect::GateState& gate,
                   const storage::DetectionFigures& figures, std::int64_t stuck) {
  const providers::Health health = provider.health();
  return Json::object({{"provider", provider.name()},
                       {"environment", provider.environment()},
                       {"state", state_of(health, gate.breaker)},
                       {"last_ok_at", time_json(health.last_ok_at)},
                       {"last_error_at", time_json(health.last_error_at)},
                       {"last_error", health.last_error},
                       {"token_expires_at", time_json(health.token_expires_at)},
                       {"alarm", health.alarm.empty() ? Json() : Json(health.alarm)},
                       {"last_alarm", alarm_json(gate.last_alarm)},
                       {"breaker", breaker_json(gate)},
                       {"budget", budget_json(gate)},
                       {"due_sessions", figures.due_sessions},
                       {"oldest_due_at", time_json(figures.oldest_due_at)},
                       {"open_sessions", figures.open_sessions},
                       {"oldest_unknown_at", time_json(figures.oldest_unknown_at)},
                       {"never_matched", figures.never_matched},
                       {"stuck_sessions", stuck},
                       {"detection_ms", detection_json(figures.delays_ms)}});
}

}  // namespace

Answered show_health(Services&, Visit&) {
  co_return json_response(Json::object({{"status", "ok"}, {"version", QUITTANCE_VERSION}}));
}

Answered show_readiness(Services& services, Visit&) {
  storage::Reading<std::int64_t> look = [](Books& books) { return books.schema_version(); };
  CO_TRY(const std::int64_t schema, co_await services.store.read(std::move(look)));
  co_return json_response(Json::object({{"status", "ok"}, {"schema", schema}}));
}

Answered list_providers(Services& services, Visit&) {
  Json list{Json::Array{}};
  for (const auto& provider : services.registry.all()) {
    const base::Time now = services.clock.now();
    storage::Reading<storage::DetectionFigures> look = [&](Books& books) {
      return books.detection_figures(provider->name(), now);
    };
    CO_TRY(const storage::DetectionFigures figures, co_await services.store.read(std::move(look)));
    storage::Reading<std::int64_t> count = [&](Books& books) {
      return books.stuck_session_count(provider->name(), now - detect::kStuckAfter);
    };
    CO_TRY(const std::int64_t stuck, co_await services.store.read(std::move(count)));
    list.push(
        provider_json(*provider, services.asker.gate(provider->name()).state(), figures, stuck));
  }
  co_return json_response(Json::object({{"providers", std::move(list)}}));
}

}  // namespace quittance::http
