// The one table of routes: what exists, and who may call it (C32, C11, deny by default).
#include "http/routes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace quittance::http {
namespace {

using Names = std::set<std::string>;

Names routes_of(Access access) {
  Names names;
  for (const Route& route : all_routes()) {
    if (route.access != access) continue;
    names.insert(std::string(route.method) + " " + std::string(route.pattern));
  }
  return names;
}

TEST(Routes, C32_ThePublicListIsClosed) {
  EXPECT_EQ(routes_of(Access::anyone), (Names{"GET /",
                                              "GET /api/auth/me",
                                              "GET /api/log/checkpoint",
                                              "GET /api/log/consistency",
                                              "GET /api/log/key",
                                              "GET /api/log/proof",
                                              "GET /api/passes/{code}/qr.svg",
                                              "GET /api/payment/methods",
                                              "GET /api/payment/sessions/{session_id}/qr.png",
                                              "GET /api/payment/sessions/{session_id}/qr.svg",
                                              "GET /api/payment/sessions/{session_id}/save.png",
                                              "GET /api/products",
                                              "GET /api/qpay/callback",
                                              "GET /app/qr-verification",
                                              "GET /assets/{file}",
                                              "GET /cart",
                                              "GET /health",
                                              "GET /orders",
                                              "GET /payment/recover-from-qr",
                                              "GET /ready",
                                              "GET /staff/login",
                                              "GET /staff/order",
                                              "GET /staff/orders",
                                              "GET /staff/payments",
                                              "POST /api/auth/login",
                                              "POST /api/auth/logout",
                                              "POST /api/orders",
                                              "POST /api/payment/recover-from-qr",
                                              "POST /api/payment/sessions/{session_id}/deep-link",
                                              "POST /api/payment/verify-qr",
                                              "POST /api/qpay/callback",
                                              "POST /app/qr-verification",
                                              "POST /payment/recover-from-qr",
                                              "POST /payments/razorpay/webhook",
                                              "POST /payments/stripe/webhook",
                                              "POST /payments/{provider}/webhook",
                                              "PUT /payments/mvola/callback"}));
}

TEST(Routes, EveryOtherRouteNamesWhoMayCallIt) {
  EXPECT_EQ(
      routes_of(Access::order_holder),
      (Names{"GET /api/orders/{id}", "GET /api/orders/{id}/events", "GET /api/orders/{id}/history",
             "GET /api/orders/{id}/proof", "GET /api/orders/{id}/status", "GET /checkout",
             "GET /payment/save-qr", "GET /payment/ways", "GET /receipt",
             "POST /api/invoices/{id}/settlement", "POST /api/orders/{id}/cancel",
             "POST /api/payment/create-session", "POST /api/qpay/cancel", "POST /api/qpay/check",
             "POST /api/qpay/invoice", "POST /payment/ways"}));
  EXPECT_EQ(routes_of(Access::customer),
            (Names{"GET /api/orders", "GET /api/payment-settings", "GET /api/payment/sessions"}));
  EXPECT_EQ(
      routes_of(Access::staff),
      (Names{"GET /api/admin/providers", "GET /api/admin/reconciliation",
             "GET /api/admin/sync-runs", "GET /api/events", "GET /api/events/{event_id}/attendees",
             "GET /api/events/{event_id}/payments", "GET /api/payments",
             "GET /api/payments/{payment_id}", "POST /api/log/checkpoint",
             "POST /api/orders/{id}/confirm-payment", "POST /api/orders/{id}/mark-paid",
             "POST /api/orders/{id}/refund", "POST /api/orders/{id}/reject-payment",
             "POST /api/orders/{id}/resend", "POST /api/orders/{id}/void",
             "POST /api/payment/verify-instantly", "POST /api/payments/{payment_id}/attendee",
             "POST /api/qpay/dev/create-test-invoice"}));
  EXPECT_EQ(routes_of(Access::admin),
            (Names{"GET /api/admin/logs", "GET /api/payments/razorpay-status",
                   "POST /api/admin/api-keys", "POST /api/admin/api-keys/{name}/revoke",
                   "POST /api/admin/users", "POST /api/events", "POST /api/events/{event_id}",
                   "POST /api/payment/cleanup", "POST /api/payments/sync"}));
}

TEST(Routes, NoTwoRoutesAreTheSameAndEachHasAHandler) {
  Names names;
  for (const Route& route : all_routes()) {
    EXPECT_TRUE(names.insert(std::string(route.method) + " " + std::string(route.pattern)).second);
    EXPECT_NE(route.handler, nullptr);
    EXPECT_TRUE(route.method == "GET" || route.method == "POST" || route.notice) << route.pattern;
  }
}

TEST(Routes, C10_WhatAStrangerMayGuessAtHasTheSmallLimit) {
  for (const Route& route : all_routes()) {
    const bool guessable = route.pattern.find("verif") != std::string_view::npos ||
                           route.pattern.find("login") != std::string_view::npos ||
                           route.pattern.find("recover") != std::string_view::npos;
    if (route.access == Access::anyone && route.method == "POST" && guessable) {
      EXPECT_TRUE(route.guarded) << route.pattern;
    }
  }
}

TEST(FindRoute, MatchesSegmentBySegment) {
  const auto found = find_route("GET", "/api/orders/42/status");
  ASSERT_TRUE(found.route);
  EXPECT_EQ(found.route->pattern, "/api/orders/{id}/status");
  EXPECT_EQ(found.params.at("id"), "42");
  EXPECT_EQ(find_route("GET", "/api/orders").route->pattern, "/api/orders");
  EXPECT_EQ(find_route("GET", "/api/payments/razorpay-status").route->pattern,
            "/api/payments/razorpay-status")
      << "S4.11: beside S4.10";
  EXPECT_EQ(find_route("GET", "/api/payments/17").route->pattern, "/api/payments/{payment_id}");
  EXPECT_EQ(find_route("GET", "/").route->pattern, "/");
  EXPECT_EQ(find_route("HEAD", "/health").route->pattern, "/health");
}

TEST(FindRoute, WhatIsNotInTheTableIsNotThere) {
  for (const char* path : {"/api", "/api/orders/42/status/x", "/api/orders//status", "/apix",
                           "/api/orders/42/", "//", "/API/orders", "/api/products/", ""}) {
    const auto found = find_route("GET", path);
    EXPECT_EQ(found.route, nullptr) << path;
    EXPECT_FALSE(found.known_path) << path;
  }
}

TEST(FindRoute, AKnownPathWithAnotherMethodIsSaidToBeSo) {
  for (const char* method : {"DELETE", "PUT", "PATCH", "get", "TRACE"}) {
    const auto found = find_route(method, "/api/orders");
    EXPECT_EQ(found.route, nullptr) << method;
    EXPECT_TRUE(found.known_path) << method;
  }
  EXPECT_TRUE(find_route("GET", "/api/payment/cleanup").known_path);
  EXPECT_EQ(find_route("GET", "/api/payment/cleanup").route, nullptr);
}

}  // namespace
}  // namespace quittance::http
