// The pages that need facts: checkout, receipt, saving the QR, recovery; and the files behind them.
#include "http/auth.hpp"
#include "http/handlers.hpp"
#include "http/order_status.hpp"
#include "http/page.hpp"
#include "http/views.hpp"

namespace quittance::http {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using core::OrderId;
using storage::Books;

/// Pages that are the same for everybody.
const std::map<std::string_view, std::string_view> kStaticPages{
    {"/", "shop.html"},
    {"/cart", "cart.html"},
    {"/orders", "orders.html"},
    {"/staff/login", "staff-login.html"},
    {"/staff/orders", "staff-orders.html"},
    {"/staff/order", "staff-order.html"},
    {"/staff/payments", "staff-payments.html"},
};

const std::map<std::string_view, std::string_view> kContentTypes{
    {"js", "text/javascript; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"svg", "image/svg+xml"},
    {"png", "image/png"},
    {"woff2", "font/woff2"},
    {"ico", "image/x-icon"},
};

/// Everything that the order pages show.
struct OrderFacts {
  core::Order order;
  std::optional<core::Session> session;
  std::vector<core::OrderItem> items;
  std::optional<storage::Pass> pass;
  std::vector<storage::Settlement> settlements;
  std::vector<storage::Refund> refunds;
};

base::Task<Result<OrderFacts>> facts_of(Services& services, const Visit& visit) {
  const auto parameter = visit.query.find("order_id");
  const auto id = parameter == visit.query.end()
                      ? std::nullopt
                      : base::Json(base::Json::Number{parameter->second}).integer();
  if (!id) co_return fail(ErrorCode::not_found, "There is no such order, or it is not yours.");
  CO_TRY(core::Order order, co_await order_for(services, visit, OrderId(*id)));
  storage::Reading<OrderFacts> look = [&order](Books& books) -> Result<OrderFacts> {
    OrderFacts facts{.order = order, .session{}, .items{}, .pass{}, .settlements{}, .refunds{}};
    TRY(const auto sessions, books.sessions_of_order(order.id));
    if (!sessions.empty()) facts.session = sessions.front();
    TRY(facts.items, books.order_items(order));
    TRY(facts.pass, books.pass_of_order(order.id));
    TRY(facts.settlements, books.settlements_of_order(order.id));
    TRY(facts.refunds, books.refunds_of_order(order.id));
    return facts;
  };
  co_return co_await services.store.read(std::move(look));
}

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

/// A link of this order, with the secret when it is the secret that opened the page.
std::string linked(const Visit& visit, std::string url) {
  const auto secret = visit.query.find("secret");
  if (secret != visit.query.end()) url += "&secret=" + base::url_encode(secret->second);
  return url;
}

/// The same of a link that has no query yet.
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
  }
  return page;
}

}  // namespace

Answered show_static_page(Services& services, Visit& visit) {
  co_return page_for(services, visit, kStaticPages.at(visit.path)).render(200);
}

Answered show_asset(Services&, Visit& visit) {
  const std::string path = "assets/" + visit.params.find("file")->second;
  const auto bytes = page_file(path);
  const auto type = kContentTypes.find(std::string_view(path).substr(path.rfind('.') + 1));
  if (!bytes || type == kContentTypes.end()) {
    co_return fail(ErrorCode::not_found, "There is no such file.");
  }
  base::HttpResponse response = text_response(std::string(*bytes), std::string(type->second));
  // The name holds a hash of the content.
  response.headers.add("Cache-Control", "public, max-age=31536000, immutable");
  co_return response;
}

Answered show_checkout(Services& services, Visit& visit) {
  CO_TRY(OrderFacts facts, co_await facts_of(services, visit));
  const core::Money due = facts.order.due();
  const bool partly_paid = facts.order.status == core::OrderStatus::pending && facts.session &&
                           facts.session->status == core::SessionStatus::settled;
  providers::Provider* provider =
      facts.session ? services.registry.find(facts.session->provider) : nullptr;
  if (partly_paid && provider && !due.is_zero()) {
    // The QR in hand is used up, and something is still owed: the page needs one for the rest.
    checkout::ShowTo as_before;
    auto rest = co_await checkout::open_order_session(
        services.store, *provider, services.checkout, services.clock, services.random,
        facts.order.id, due, "", std::move(as_before));
    if (rest) facts.session = std::move(*rest);
  }
  // Without script nothing else tells that somebody waits here.
  co_await keep_order_hot(services, facts.order.id);
  Page page = order_page(services, visit, facts, "checkout.html");
  if (facts.order.status == core::OrderStatus::pending) {
    page.set("amount_text", amount_text(due));
  }
  co_return page.render(200);
}

Answered show_save_qr(Services& services, Visit& visit) {
  CO_TRY(const OrderFacts facts, co_await facts_of(services, visit));
  co_return order_page(services, visit, facts, "save-qr.html").render(200);
}

Answered show_receipt(Services& services, Visit& visit) {
  CO_TRY(const OrderFacts facts, co_await facts_of(services, visit));
  if (!has_receipt(facts.order)) {
    co_return fail(ErrorCode::not_found, "There is no receipt yet: the order is not paid.");
  }
  Page page = order_page(services, visit, facts, "receipt.html");
  if (facts.pass) {
    page.set("pass_url", core::verification_url(services.public_url, facts.pass->token));
    page.set("pass_qr_svg_url", "/api/passes/" + facts.pass->token + "/qr.svg");
  }
  for (const storage::Settlement& settlement : facts.settlements) {
    if (settlement.counted.is_zero()) continue;
    const std::string& ref = settlement.provider_ref;
    page.set("paid_at_text", moment_text(settlement.paid_at));
    page.set("provider_ref_short", ref.size() > 8 ? ref.substr(0, 8) + "…" : ref);
  }
  const auto proof = co_await prove_settlement(services, facts.order.id, visit.actor.is_staff());
  if (proof) {
    page.show("log_proof");
    page.set("log_note", proof->note);
    page.set("log_proof", proof->file.dump());
    page.set(
        "proof_url",
        linked_path(visit, "/api/orders/" + std::to_string(facts.order.id.value()) + "/proof"));
  }
  for (const core::OrderItem& item : facts.items) {
    const auto sum = item.price.times(item.quantity).value_or(item.price);
    page.add_row("items", {{"name", item.name},
                           {"quantity", std::to_string(item.quantity)},
                           {"price_text", amount_text(sum)}});
  }
  co_return page.render(200);
}

Answered show_recover(Services& services, Visit& visit) {
  Page page = page_for(services, visit, "recover.html");
  page.show("ask");
  co_return page.render(200);
}

}  // namespace quittance::http
