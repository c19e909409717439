// What those who run the place want to know.
#include <algorithm>

#include "http/handlers.hpp"
#include "http/views.hpp"

namespace quittance::http {
namespace {

using base::Json;
using storage::Books;

/// The `per_cent`-th percentile of sorted values; null when there are none.
Json percentile(const std::vector<std::int64_t>& sorted, std::size_t per_cent) {
  if (sorted.empty()) return {};
  return sorted[(sorted.size() - 1) * per_cent / 100];
}

std::string_view state_of(const providers::Health& health) {
  if (!health.last_error_at) return "ok";
  if (!health.last_ok_at || *health.last_ok_at < *health.last_error_at) return "down";
  return health.alarm.empty() ? "ok" : "degraded";
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
    const providers::Health health = provider->health();
    const base::Time now = services.clock.now();
    storage::Reading<storage::DetectionFigures> look = [&](Books& books) {
      return books.detection_figures(provider->name(), now);
    };
    CO_TRY(storage::DetectionFigures figures, co_await services.store.read(std::move(look)));
    std::ranges::sort(figures.delays_ms);
    list.push(Json::object(
        {{"provider", provider->name()},
         {"environment", provider->environment()},
         {"state", state_of(health)},
         {"last_ok_at", time_json(health.last_ok_at)},
         {"last_error_at", time_json(health.last_error_at)},
         {"last_error", health.last_error},
         {"token_expires_at", time_json(health.token_expires_at)},
         {"alarm", health.alarm.empty() ? Json() : Json(health.alarm)},
         {"due_sessions", figures.due_sessions},
         {"open_sessions", figures.open_sessions},
         {"detection_ms",
          Json::object({{"p50", percentile(figures.delays_ms, 50)},
                        {"p95", percentile(figures.delays_ms, 95)},
                        {"p99", percentile(figures.delays_ms, 99)},
                        {"count", static_cast<std::int64_t>(figures.delays_ms.size())}})}}));
  }
  co_return json_response(Json::object({{"providers", std::move(list)}}));
}

}  // namespace quittance::http
