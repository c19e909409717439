#include "http/order_page.hpp"

#include <algorithm>

#include "http/handlers.hpp"
#include "http/views.hpp"

namespace quittance::http {

using base::ErrorCode;
using base::fail;
using base::Result;
using core::OrderId;
using storage::Books;

namespace {

std::string_view status_sentence(core::OrderStatus status) {
  switch (status) {
    case core::OrderStatus::pending:
      return "Waiting for the payment";
    case core::OrderStatus::completed:
      return "Paid";
    case core::OrderStatus::canceled:
      return "Cancelled";
    case core::OrderStatus::refunded:
      return "Refunded";
  }
  return "";
}

std::string_view status_section(core::OrderStatus status) {
  switch (status) {
    case core::OrderStatus::pending:
      return "pending";
    case core::OrderStatus::completed:
      return "completed";
    case core::OrderStatus::canceled:
      return "canceled";
    case core::OrderStatus::refunded:
      return "refunded";
  }
  return "";
}

}  // namespace

std::optional<core::Session> shown_session(const std::vector<core::Session>& sessions,
                                           std::string_view wanted) {
  if (sessions.empty()) return std::nullopt;
  const auto asked_for = std::ranges::find(sessions, wanted, &core::Session::session_id);
  if (asked_for != sessions.end()) return *asked_for;
  // What was paid in part comes first: the rest is asked for by the same provider.
  if (sessions.front().status == core::SessionStatus::settled) return sessions.front();
  const auto payable = std::ranges::find_if(sessions, [](const core::Session& session) {
    return session.presented() && !checkout::is_over(session) &&
           session.status != core::SessionStatus::settled;
  });
  return payable == sessions.end() ? sessions.front() : *payable;
}

base::Task<Result<OrderFacts>> facts_of(Services& services, const Visit& visit) {
  const auto parameter = visit.query.find("order_id");
  const auto id = parameter == visit.query.end()
                      ? std::nullopt
                      : base::Json(base::Json::Number{parameter->second}).integer();
  if (!id) co_return fail(ErrorCode::not_found, "There is no such order, or it is not yours.");
  CO_TRY(core::Order order, co_await order_for(services, visit, OrderId(*id)));
  const auto asked = visit.query.find("session");
  const std::string wanted = asked == visit.query.end() ? std::string() : asked->second;
  storage::Reading<OrderFacts> look = [&order, &wanted](Books& books) -> Result<OrderFacts> {
    TRY(const auto now, books.order(order.id));
    OrderFacts facts{
        .order = now.value_or(order), .session{}, .items{}, .pass{}, .settlements{}, .refunds{}};
    TRY(const auto sessions, books.sessions_of_order(order.id));
    facts.session = shown_session(sessions, wanted);
    TRY(facts.items, books.order_items(order));
    TRY(facts.pass, books.pass_of_order(order.id));
    TRY(facts.settlements, books.settlements_of_order(order.id));
    TRY(facts.refunds, books.refunds_of_order(order.id));
    return facts;
  };
  co_return co_await services.store.snapshot(std::move(look));
}

std::string linked(const Visit& visit, std::string url) {
  const auto secret = visit.query.find("secret");
  if (secret != visit.query.end()) url += "&secret=" + base::url_encode(secret->second);
  return url;
}

std::string linked_path(const Visit& visit, std::string url) {
  const auto secret = visit.query.find("secret");
  if (secret != visit.query.end()) url += "?secret=" + base::url_encode(secret->second);
  return url;
}

Page order_page(Services& services, const Visit& visit, const OrderFacts& facts,
                std::string_view file) {
  const core::Order& order = facts.order;
  const std::string id = std::to_string(order.id.value());
  Page page = page_for(services, visit, file);
  page.show(status_section(order.status));
  page.set("order_id", id);
  page.set("amount_text", amount_text(order.total));
  page.set("status_text", status_sentence(order.status));
  page.set("recovery_code", recovery_code(order));
  page.set("save_url", linked(visit, "/payment/save-qr?order_id=" + id));
  page.set("checkout_url", linked(visit, checkout_url(order.id)));
  page.set("receipt_url", linked(visit, receipt_url(order.id)));
  if (const core::Money back = given_back(order); !back.is_zero()) {
    page.show("given_back");
    page.set("given_back_text", amount_text(back));
    const auto at = given_back_at(facts.refunds);
    if (at) page.set("given_back_at_text", moment_text(*at));
  }
  if (facts.session) {
    const std::string base_url = "/api/payment/sessions/" + facts.session->session_id;
    page.set("session_id", facts.session->session_id);
    page.set("bill_number", facts.session->bill_number);
    page.set("expires_at", std::to_string(base::to_ms(facts.session->expires_at)));
    page.set("qr_svg_url", base_url + "/qr.svg");
    page.set("qr_png_url", base_url + "/qr.png");
    const bool khqr = facts.session->provider == "bakong";
    page.set("save_alt", std::string(khqr ? "KHQR" : "QR") + " code with amount and recovery code");
    page.set("save_alt_key", khqr ? "save_alt" : "save_code_alt");
  }
  return page;
}

}  // namespace quittance::http
