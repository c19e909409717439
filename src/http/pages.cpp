// The pages that need facts: receipt, saving the QR, recovery; and the files behind them.
#include "http/auth.hpp"
#include "http/handlers.hpp"
#include "http/order_page.hpp"
#include "http/tax_receipt_view.hpp"
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
  CO_TRY(auto tax_receipts, co_await tax_receipt_rows(services, facts));
  if (!tax_receipts.empty()) page.show("taxed");
  for (Slots& row : tax_receipts)
    page.add_row("tax_receipts", std::move(row));
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
