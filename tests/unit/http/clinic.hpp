// A clinic that bills by QPay: the edge, the detector, the adapter and the simulator in one process
// and in virtual time.
#pragma once

#include <gtest/gtest.h>

#include "http/http.hpp"
#include "rails.hpp"
#include "support/shop.hpp"
#include "unit/providers/rail_street.hpp"

namespace quittance::http {

using base::Json;

inline const base::Secret kJwtKey("only for tests");
inline const base::Secret kCallbackKey("made for callbacks in tests");

inline core::Money tugrik(std::int64_t whole) {
  return *core::Money::from_minor(whole * 100, *core::Currency::from_code("MNT"));
}

/// Carries notices of the simulator to the edge.
class ToTheEdge final : public base::HttpClient {
 public:
  base::Task<base::Result<base::HttpReply>> send(base::HttpCall call) override {
    base::HttpRequest request;
    const std::size_t path = call.url.find('/', call.url.find("//") + 2);
    const std::size_t query = std::min(call.url.find('?'), call.url.size());
    request.method = call.method;
    request.path = call.url.substr(path, query - path);
    request.query = query < call.url.size() ? call.url.substr(query + 1) : "";
    request.headers = call.headers;
    request.body = call.body;
    request.remote_address = "10.0.0.9";
    const base::HttpResponse response = co_await api->handle(std::move(request));
    co_return base::HttpReply{.status = response.status, .headers{}, .body = response.body};
  }
  Api* api = nullptr;
};

struct Clinic : testing::Shop {
  explicit Clinic(std::string environment = "sandbox", core::SettlePolicy settling = {}) {
    context.policy = std::move(settling);
    sandbox::SandboxOptions options;
    options.token_key = base::Secret("a key for tests only");
    options.rails = sandbox::rails();
    options.public_url = std::string(providers::WireToSandbox::kOrigin);
    qpay_bank = sandbox::Sandbox::open(std::move(options), clock, random, log).value();
    wire = std::make_unique<providers::WireToSandbox>(*qpay_bank);
    add_rail(providers::make_qpay({.base_url = std::string(providers::WireToSandbox::kOrigin),
                                   .client_id = "TEST_MERCHANT",
                                   .client_secret = base::Secret("123456"),
                                   .invoice_code = "TEST_INVOICE",
                                   .environment = std::move(environment),
                                   .callback_key = kCallbackKey},
                                  *wire, clock, log));
    add_rail(providers::make_cash("sandbox"));
    checkout::CheckoutPolicy policy;
    policy.public_url = "http://shop.test";
    policy.callback_key = kCallbackKey;
    api = std::make_unique<Api>(ApiParts{.store = *store,
                                         .registry = registry,
                                         .asker = *asker,
                                         .manual = *manual,
                                         .notices = *notices,
                                         .sync = *sync,
                                         .bulletin = bulletin,
                                         .settle = context,
                                         .checkout = policy,
                                         .notary = notary,
                                         .outbox = outbox,
                                         .clock = clock,
                                         .random = random,
                                         .worker = worker,
                                         .log = log,
                                         .jwt_key = kJwtKey,
                                         .merchant_name = "Clinic",
                                         .public_url = "http://shop.test",
                                         .sandbox_url = ""});
    edge.api = api.get();
    receipts = make_receipts({.district_code = "3505", .classification_code = "0000010"});
    closing = std::make_unique<detect::Closing>(
        detect::ClosingParts{*store, registry, *asker, clock, bulletin, log});
    write<storage::Rows>([this](storage::WritableBooks& books) {
      return books.upsert_user({.username = "desk",
                                .password_hash = "x",
                                .role = storage::Role::staff,
                                .customer_id = std::nullopt},
                               clock.now());
    });
    invoice = place(add_product(100, tugrik(2'500))).order.value();
  }
  /// What carries wishes for tax receipts, as one more process would.
  std::unique_ptr<detect::Receipts> make_receipts(detect::ReceiptOptions options) {
    return std::make_unique<detect::Receipts>(
        detect::ReceiptParts{*store, registry, *asker, clock, bulletin, log, std::move(options)});
  }
  /// Tax receipts that stand at the simulator.
  std::int64_t standing_receipts() {
    std::int64_t standing = 0;
    for (const Json& receipt : qpay_bank->objects("qpay", "receipt"))
      standing += receipt["barimt_status"].text_or_empty() == "REGISTERED" ? 1 : 0;
    return standing;
  }
  void fault(std::string name, Json value) {
    ASSERT_TRUE(qpay_bank->change_rail_faults("qpay", Json::object({{name, std::move(value)}}))
                    .has_value());
  }
  /// One more member of staff.
  void add_staff(const std::string& name) {
    write<storage::Rows>([&](storage::WritableBooks& books) {
      return books.upsert_user({.username = name,
                                .password_hash = "x",
                                .role = storage::Role::staff,
                                .customer_id = std::nullopt},
                               clock.now());
    });
  }

  /// A POST of the desk; `status` is the answer's.
  Json post(std::string path, const Json& body, bool logged_in = true) {
    base::HttpRequest request{.method = "POST", .path = std::move(path)};
    request.headers.add("Content-Type", "application/json");
    if (logged_in) log_in(request);
    request.body = body.dump();
    request.remote_address = "10.0.0.1";
    if (!request_key.empty()) request.headers.add("Idempotency-Key", request_key);
    const base::HttpResponse response = run(api->handle(std::move(request)));
    status = response.status;
    return Json::parse(response.body).value_or(Json());
  }
  Json get(std::string path) {
    base::HttpRequest request{.method = "GET", .path = std::move(path)};
    log_in(request);
    request.remote_address = "10.0.0.1";
    const base::HttpResponse response = run(api->handle(std::move(request)));
    status = response.status;
    return Json::parse(response.body).value_or(Json());
  }
  void log_in(base::HttpRequest& request) {
    const std::int64_t now_s = base::to_ms(clock.now()) / 1'000;
    request.headers.add("Authorization",
                        "Bearer " + base::sign_jwt(kJwtKey, {.subject = who,
                                                             .role = "staff",
                                                             .issued_at_s = now_s,
                                                             .expires_at_s = now_s + 3'600}));
  }
  /// `POST /api/invoices/{id}/settlement`.
  Json settle_invoice(const Json& body, bool logged_in = true) {
    return post("/api/invoices/" + std::to_string(invoice) + "/settlement", body, logged_in);
  }
  Json ask_for(const Json& amount) {
    return post("/api/qpay/invoice", Json::object({{"invoiceId", invoice}, {"amount", amount}}));
  }
  std::string qpay_invoice(std::int64_t amount) {
    const Json made = ask_for(amount);
    EXPECT_EQ(status, 200) << made.dump();
    return made["qpayInvoiceId"].text_or_empty();
  }
  Json check(const std::string& id) {
    return post("/api/qpay/check", Json::object({{"qpayInvoiceId", id}}));
  }
  std::string pay(const std::string& id, std::optional<std::string> amount = {}) {
    const auto paid = qpay_bank->act("qpay", id, {.choice = "khanbank", .amount = amount});
    EXPECT_TRUE(paid.has_value());
    return paid.value_or(Json())["payment_id"].text_or_empty();
  }
  /// The callback reaches the edge, and what came is worked off.
  void hear() {
    run(qpay_bank->deliver_due(edge));
    run(notices->process_due());
  }
  core::Order billed() { return order(core::OrderId(invoice)); }

  std::unique_ptr<sandbox::Sandbox> qpay_bank;
  std::unique_ptr<providers::WireToSandbox> wire;
  ToTheEdge edge;
  base::Worker worker{1};
  audit::Notary notary{*store, key, audit::origin_of("http://shop.test"), clock, log};
  notify::Outbox outbox{{.store = *store, .clock = clock, .random = random, .log = log}, {}};
  std::unique_ptr<Api> api;
  std::unique_ptr<detect::Receipts> receipts;
  std::unique_ptr<detect::Closing> closing;
  std::int64_t invoice = 0;
  int status = 0;
  std::string who = "desk";  ///< is logged in
  std::string request_key;   ///< the Idempotency-Key of what is sent
};

}  // namespace quittance::http
