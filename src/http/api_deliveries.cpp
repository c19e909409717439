// What staff do about news that did not arrive.
#include "http/handlers.hpp"

namespace quittance::http {

using base::Json;

Answered resend_receipt(Services& services, Visit& visit) {
  CO_TRY(const std::int64_t id, visit.id_param("id"));
  notify::Resend resend{.order_id = core::OrderId(id), .actor = visit.actor.audit_name()};
  CO_TRY_VOID(co_await services.outbox.resend(std::move(resend)));
  co_return json_response(Json::object({{"success", true}, {"order_id", id}}));
}

}  // namespace quittance::http
