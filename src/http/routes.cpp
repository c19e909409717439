#include "http/routes.hpp"

#include <array>

#include "http/handlers.hpp"

namespace quittance::http {
namespace {

constexpr std::array kRoutes{
    // Shop and orders
    Route{"GET", "/api/products", Access::anyone, list_products},
    Route{"POST", "/api/orders", Access::anyone, place_order, true},
    Route{"GET", "/api/orders", Access::customer, list_orders},
    Route{"GET", "/api/orders/{id}", Access::order_holder, show_order},
    Route{"GET", "/api/orders/{id}/history", Access::order_holder, show_order_history},
    Route{.method = "GET",
          .pattern = "/api/orders/{id}/proof",
          .access = Access::order_holder,
          .handler = show_order_proof,
          .guarded = true},
    Route{"GET", "/api/orders/{id}/status", Access::order_holder, show_order_status},
    Route{"GET", "/api/orders/{id}/events", Access::order_holder, stream_order_status},
    Route{.method = "POST",
          .pattern = "/api/orders/{id}/cancel",
          .access = Access::order_holder,
          .handler = cancel_order,
          .replayed = true},
    Route{.method = "POST",
          .pattern = "/api/orders/{id}/mark-paid",
          .access = Access::staff,
          .handler = mark_order_paid,
          .shop = true,
          .replayed = true},
    Route{.method = "POST",
          .pattern = "/api/orders/{id}/confirm-payment",
          .access = Access::staff,
          .handler = confirm_payment,
          .shop = true,
          .replayed = true},
    Route{.method = "POST",
          .pattern = "/api/orders/{id}/reject-payment",
          .access = Access::staff,
          .handler = reject_payment,
          .shop = true,
          .replayed = true},
    Route{.method = "POST",
          .pattern = "/api/orders/{id}/refund",
          .access = Access::staff,
          .handler = refund_order,
          .shop = true,
          .replayed = true},
    Route{.method = "POST",
          .pattern = "/api/orders/{id}/void",
          .access = Access::staff,
          .handler = void_payment,
          .shop = true,
          .replayed = true},
    Route{.method = "POST",
          .pattern = "/api/orders/{id}/resend",
          .access = Access::staff,
          .handler = resend_receipt,
          .shop = true,
          .replayed = true},
    // Payment sessions
    Route{.method = "POST",
          .pattern = "/api/payment/create-session",
          .access = Access::order_holder,
          .handler = create_session,
          .shop = true,
          .replayed = true},
    Route{.method = "GET",
          .pattern = "/api/payment/sessions",
          .access = Access::customer,
          .handler = list_sessions,
          .shop = true},
    Route{"GET", "/api/payment/sessions/{session_id}/qr.svg", Access::anyone, draw_session_svg},
    Route{"GET", "/api/payment/sessions/{session_id}/qr.png", Access::anyone, draw_session_png},
    Route{"GET", "/api/payment/sessions/{session_id}/save.png", Access::anyone,
          draw_session_keepsake},
    Route{"POST", "/api/payment/sessions/{session_id}/deep-link", Access::anyone, make_deep_link,
          true},
    Route{.method = "POST",
          .pattern = "/api/payment/verify-qr",
          .access = Access::anyone,
          .handler = verify_qr,
          .guarded = true,
          .shop = true},
    Route{.method = "POST",
          .pattern = "/api/payment/recover-from-qr",
          .access = Access::anyone,
          .handler = recover_from_qr,
          .guarded = true,
          .shop = true},
    Route{.method = "POST",
          .pattern = "/api/payment/verify-instantly",
          .access = Access::staff,
          .handler = verify_instantly,
          .shop = true},
    Route{.method = "POST",
          .pattern = "/api/payment/cleanup",
          .access = Access::admin,
          .handler = clean_up_sessions,
          .shop = true},
    // Notices of providers
    Route{.method = "POST",
          .pattern = "/payments/stripe/webhook",
          .access = Access::anyone,
          .handler = take_stripe_notice,
          .notice = true},
    Route{.method = "POST",
          .pattern = "/payments/razorpay/webhook",
          .access = Access::anyone,
          .handler = take_razorpay_notice,
          .notice = true},
    Route{.method = "GET",
          .pattern = "/api/qpay/callback",
          .access = Access::anyone,
          .handler = take_qpay_notice,
          .notice = true},
    Route{.method = "POST",
          .pattern = "/api/qpay/callback",
          .access = Access::anyone,
          .handler = take_qpay_notice,
          .notice = true},
    Route{.method = "PUT",
          .pattern = "/payments/mvola/callback",
          .access = Access::anyone,
          .handler = take_mvola_notice,
          .notice = true},
    // Whoever signs its notices and has no words of its own to hear
    Route{.method = "POST",
          .pattern = "/payments/{provider}/webhook",
          .access = Access::anyone,
          .handler = take_provider_notice,
          .notice = true},
    // QPay on a billing page (S2)
    Route{.method = "POST",
          .pattern = "/api/qpay/invoice",
          .access = Access::order_holder,
          .handler = create_qpay_invoice,
          .replayed = true},
    Route{"POST", "/api/qpay/check", Access::order_holder, check_qpay_invoice},
    Route{"POST", "/api/qpay/cancel", Access::order_holder, cancel_qpay_invoice},
    Route{"POST", "/api/qpay/dev/create-test-invoice", Access::staff, create_qpay_test_invoice},
    Route{.method = "POST",
          .pattern = "/api/invoices/{id}/settlement",
          .access = Access::order_holder,
          .handler = settle_invoice,
          .replayed = true},
    Route{"GET", "/api/payment-settings", Access::customer, list_payment_settings},
    // Payments as their providers list them (S4)
    Route{.method = "POST",
          .pattern = "/api/payments/sync",
          .access = Access::admin,
          .handler = sync_payments,
          .shop = true},
    Route{"GET", "/api/payments", Access::staff, list_payments},
    Route{"GET", "/api/payments/razorpay-status", Access::admin, show_razorpay_status},
    Route{"GET", "/api/payments/{payment_id}", Access::staff, show_payment},
    Route{"GET", "/api/admin/sync-runs", Access::staff, list_sync_runs},
    Route{"GET", "/api/admin/logs", Access::admin, list_activity},
    Route{"GET", "/api/admin/reconciliation", Access::staff, show_reconciliation},
    // Proof
    Route{.method = "GET",
          .pattern = "/app/qr-verification",
          .access = Access::anyone,
          .handler = show_verification_page,
          .guarded = true,
          .page = true},
    Route{.method = "POST",
          .pattern = "/app/qr-verification",
          .access = Access::anyone,
          .handler = verify_pass,
          .guarded = true,
          .shop = true},
    Route{"GET", "/api/passes/{code}/qr.svg", Access::anyone, draw_pass_svg},
    Route{.method = "GET",
          .pattern = "/api/log/checkpoint",
          .access = Access::anyone,
          .handler = show_checkpoint,
          .guarded = true},
    Route{"POST", "/api/log/checkpoint", Access::staff, sign_checkpoint},
    Route{"GET", "/api/log/key", Access::anyone, show_log_key},
    Route{.method = "GET",
          .pattern = "/api/log/proof",
          .access = Access::anyone,
          .handler = show_log_proof,
          .guarded = true},
    Route{.method = "GET",
          .pattern = "/api/log/consistency",
          .access = Access::anyone,
          .handler = show_log_growth,
          .guarded = true},
    // Login
    Route{"POST", "/api/auth/login", Access::anyone, log_in, true},
    Route{"POST", "/api/auth/logout", Access::anyone, log_out},
    Route{"GET", "/api/auth/me", Access::anyone, show_me},
    Route{"POST", "/api/admin/users", Access::admin, save_user},
    Route{"POST", "/api/admin/api-keys", Access::admin, create_api_key},
    Route{"POST", "/api/admin/api-keys/{name}/revoke", Access::admin, revoke_api_key},
    // Operations
    Route{"GET", "/health", Access::anyone, show_health},
    Route{"GET", "/ready", Access::anyone, show_readiness},
    Route{"GET", "/api/admin/providers", Access::staff, list_providers},
    // Pages
    Route{.method = "GET",
          .pattern = "/",
          .access = Access::anyone,
          .handler = show_static_page,
          .page = true},
    Route{.method = "GET",
          .pattern = "/cart",
          .access = Access::anyone,
          .handler = show_static_page,
          .page = true},
    Route{.method = "GET",
          .pattern = "/orders",
          .access = Access::anyone,
          .handler = show_static_page,
          .page = true},
    Route{.method = "GET",
          .pattern = "/staff/login",
          .access = Access::anyone,
          .handler = show_static_page,
          .page = true},
    Route{.method = "GET",
          .pattern = "/staff/orders",
          .access = Access::anyone,
          .handler = show_static_page,
          .page = true},
    Route{.method = "GET",
          .pattern = "/staff/order",
          .access = Access::anyone,
          .handler = show_static_page,
          .page = true},
    Route{.method = "GET",
          .pattern = "/staff/payments",
          .access = Access::anyone,
          .handler = show_static_page,
          .page = true},
    Route{.method = "GET",
          .pattern = "/assets/{file}",
          .access = Access::anyone,
          .handler = show_asset,
          .page = true},
    Route{.method = "GET",
          .pattern = "/checkout",
          .access = Access::order_holder,
          .handler = show_checkout,
          .page = true},
    Route{.method = "GET",
          .pattern = "/receipt",
          .access = Access::order_holder,
          .handler = show_receipt,
          .page = true},
    Route{.method = "GET",
          .pattern = "/payment/save-qr",
          .access = Access::order_holder,
          .handler = show_save_qr,
          .page = true},
    Route{.method = "GET",
          .pattern = "/payment/recover-from-qr",
          .access = Access::anyone,
          .handler = show_recover,
          .page = true},
    Route{.method = "POST",
          .pattern = "/payment/recover-from-qr",
          .access = Access::anyone,
          .handler = recover_page_post,
          .guarded = true,
          .page = true},
};

std::string_view take_segment(std::string_view& rest) {
  if (rest.starts_with('/')) rest.remove_prefix(1);
  const std::size_t end = rest.find('/');
  const std::string_view segment = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  return segment;
}

bool matches(std::string_view pattern, std::string_view path,
             std::map<std::string, std::string, std::less<>>& params) {
  params.clear();
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = take_segment(pattern);
    const std::string_view got = take_segment(path);
    if (wanted.starts_with('{')) {
      if (got.empty()) return false;
      params.emplace(wanted.substr(1, wanted.size() - 2), got);
    } else if (wanted != got) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

}  // namespace

std::span<const Route> all_routes() { return kRoutes; }

Routed find_route(std::string_view method, std::string_view path) {
  Routed routed;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Route& route : kRoutes) {
    std::map<std::string, std::string, std::less<>> params;
    if (!matches(route.pattern, path, params)) continue;
    routed.known_path = true;
    if (route.method != wanted) continue;
    routed.route = &route;
    routed.params = std::move(params);
    return routed;
  }
  return routed;
}

}  // namespace quittance::http
