// A customer comes back with a code. A strong match shows a little; anything else shows nothing,
// always in the same words (C10).
#include "http/handlers.hpp"
#include "http/page.hpp"
#include "http/views.hpp"
#include "qr/qr.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using storage::Books;

constexpr std::size_t kCodeLimit = 4096;

Result<qr::Payload> payload_of(const std::string& code) {
  qr::Payload payload = qr::read_payload(code);
  // Only what the text itself says wrong may be told: whether an order exists is another matter.
  if (!payload.valid && !payload.errors.empty() && !payload.khqr && !payload.recovery) {
    return fail(ErrorCode::invalid_request, payload.errors.front().message, "qr_data");
  }
  return payload;
}

std::unexpected<base::Error> not_found() {
  return fail(ErrorCode::not_found,
              "An order for this code could not be found. Check that the whole code was copied.",
              "qr_data");
}

struct Match {
  qr::Payload payload;
  detect::Recovered found;
};

base::Task<Result<Match>> match_of(Services& services, const std::string& code) {
  CO_TRY(qr::Payload payload, payload_of(code));
  storage::Reading<std::optional<detect::Recovered>> find = [&payload](Books& books) {
    return detect::find_by_code(books, payload);
  };
  CO_TRY(auto found, co_await services.store.read(std::move(find)));
  if (!found) co_return not_found();
  co_return Match{.payload = std::move(payload), .found = std::move(*found)};
}

struct Recovery {
  core::Order order;  ///< as it stands after asking
  detect::Asked asked;
  bool exact = false;
};

base::Task<Result<Recovery>> recover(Services& services, std::string code) {
  CO_TRY(Match match, co_await match_of(services, code));
  detect::Asked asked{.result = detect::AskResult::paid, .settled = std::nullopt};
  // What is paid, or was given back, leaves nothing to ask.
  if (!has_receipt(match.found.order)) {
    CO_TRY(asked,
           co_await detect::ask_for_order(services.store, services.asker, match.found.order.id,
                                          detect::AskReason::recovery));
  }
  const core::OrderId id = match.found.order.id;
  storage::Reading<std::optional<core::Order>> look = [id](Books& books) {
    return books.order(id);
  };
  CO_TRY(auto after, co_await services.store.read(std::move(look)));
  if (!after) co_return not_found();
  co_return Recovery{.order = std::move(*after), .asked = asked, .exact = match.found.exact};
}

std::string_view recovery_message(const Recovery& recovery) {
  if (recovery.order.status == core::OrderStatus::completed) {
    return "The payment has arrived: your order is complete.";
  }
  if (recovery.order.status == core::OrderStatus::refunded) {
    return "This order was refunded: its money was given back.";
  }
  if (recovery.asked.result == detect::AskResult::not_yet) {
    return "Your order is waiting. The bank has not seen the payment yet; once it has, the order "
           "is completed by itself.";
  }
  return "Your order is waiting. The bank cannot be asked just now; nothing is lost, and it is "
         "asked again by itself.";
}

std::string_view recovery_word(core::OrderStatus status) {
  if (status == core::OrderStatus::completed) return "completed";
  return status == core::OrderStatus::refunded ? "refunded" : "pending_verification";
}

/// The part of the page that answers.
std::string_view recovery_section(core::OrderStatus status) {
  if (status == core::OrderStatus::completed) return "paid";
  return status == core::OrderStatus::refunded ? "refunded" : "found";
}

/// An exact code opens the order on any device: its links carry the secret.
std::string linked(const Recovery& recovery, std::string url) {
  if (recovery.exact) url += "&secret=" + recovery.order.order_secret;
  return url;
}

}  // namespace

Answered verify_qr(Services& services, Visit& visit) {
  CO_TRY(const std::string code, text_member(visit.body, "qr_data", 1, kCodeLimit));
  CO_TRY(const Match match, co_await match_of(services, code));
  const core::Order& order = match.found.order;
  storage::Reading<Json> look = [&order](Books& books) -> Result<Json> {
    TRY(const auto items, books.order_items(order));
    std::int64_t item_count = 0;
    for (const core::OrderItem& item : items)
      item_count += item.quantity;
    std::string name;
    if (order.customer_id) {
      TRY(const auto customer, books.customer(*order.customer_id));
      if (customer) name = customer->name;
    }
    return Json::object({{"order_id", order.id.value()},
                         {"amount", amount_json(order.total)},
                         {"amount_minor", order.total.minor()},
                         {"currency", order.total.currency().code()},
                         {"status", order_status_word(order.status)},
                         {"item_count", item_count},
                         {"customer_name", name.empty() ? Json() : Json(masked_name(name))}});
  };
  CO_TRY(const Json data, co_await services.store.read(std::move(look)));
  co_return json_response(Json::object(
      {{"success", true},
       {"order_data", data},
       {"qr_info", Json::object({{"order_id", order.id.value()},
                                 {"transaction_id", order.transaction_id},
                                 {"amount", amount_json(match.found.session.amount)},
                                 {"format", payload_format_name(match.payload.format)}})}}));
}

Answered recover_from_qr(Services& services, Visit& visit) {
  CO_TRY(std::string code, text_member(visit.body, "qr_data", 1, kCodeLimit));
  CO_TRY(const Recovery recovery, co_await recover(services, std::move(code)));
  const core::Order& order = recovery.order;
  co_return json_response(Json::object(
      {{"success", true},
       {"order_id", order.id.value()},
       {"status", recovery_word(order.status)},
       {"message", recovery_message(recovery)},
       {"checkout_url", linked(recovery, checkout_url(order.id))},
       {"receipt_url",
        has_receipt(order) ? Json(linked(recovery, receipt_url(order.id))) : Json()}}));
}

Answered recover_page_post(Services& services, Visit& visit) {
  const auto form = base::parse_form(visit.request.body);
  const auto field = form ? form->find("qr_data") : decltype(form->end()){};
  std::string code = form && field != form->end() ? field->second : "";
  Result<Recovery> recovery = not_found();
  // Not `?:` around a co_await: g++ 12 destroys the wrong branch.
  if (!code.empty() && code.size() <= kCodeLimit) {
    recovery = co_await recover(services, std::move(code));
  }
  Page page = page_for(services, visit, "recover.html");
  if (!recovery) {
    page.show("not_found");
    page.set("message", recovery.error().message);
    co_return page.render(recovery.error().code == ErrorCode::invalid_request ? 400 : 404);
  }
  const core::Order& order = recovery->order;
  page.set("order_id", std::to_string(order.id.value()));
  page.set("amount_text", amount_text(order.total));
  page.set("status_text", order_status_word(order.status));
  page.set("message", recovery_message(*recovery));
  page.set("checkout_url", linked(*recovery, checkout_url(order.id)));
  page.set("receipt_url", linked(*recovery, receipt_url(order.id)));
  page.show(recovery_section(order.status));
  co_return page.render(200);
}

}  // namespace quittance::http
