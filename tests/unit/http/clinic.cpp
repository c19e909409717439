#include "unit/http/clinic.hpp"

namespace quittance::http {

core::Money tugrik(std::int64_t whole) {
  return *core::Money::from_minor(whole * 100, *core::Currency::from_code("MNT"));
}

base::Task<base::Result<base::HttpReply>> ToTheEdge::send(base::HttpCall call) {
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

Clinic::Clinic(std::string environment, core::SettlePolicy settling) {
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
Clinic::~Clinic() = default;

std::unique_ptr<detect::Receipts> Clinic::make_receipts(detect::ReceiptOptions options) {
  return std::make_unique<detect::Receipts>(
      detect::ReceiptParts{*store, registry, *asker, clock, bulletin, log, std::move(options)});
}

std::int64_t Clinic::standing_receipts() {
  std::int64_t standing = 0;
  for (const Json& receipt : qpay_bank->objects("qpay", "receipt"))
    standing += receipt["barimt_status"].text_or_empty() == "REGISTERED" ? 1 : 0;
  return standing;
}

void Clinic::fault(std::string name, Json value) {
  ASSERT_TRUE(
      qpay_bank->change_rail_faults("qpay", Json::object({{name, std::move(value)}})).has_value());
}

void Clinic::add_staff(const std::string& name) {
  write<storage::Rows>([&](storage::WritableBooks& books) {
    return books.upsert_user({.username = name,
                              .password_hash = "x",
                              .role = storage::Role::staff,
                              .customer_id = std::nullopt},
                             clock.now());
  });
}

Json Clinic::post(std::string path, const Json& body, bool logged_in) {
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

Json Clinic::get(std::string path) {
  base::HttpRequest request{.method = "GET", .path = std::move(path)};
  log_in(request);
  request.remote_address = "10.0.0.1";
  const base::HttpResponse response = run(api->handle(std::move(request)));
  status = response.status;
  return Json::parse(response.body).value_or(Json());
}

void Clinic::log_in(base::HttpRequest& request) {
  const std::int64_t now_s = base::to_ms(clock.now()) / 1'000;
  request.headers.add("Authorization",
                      "Bearer " + base::sign_jwt(kJwtKey, {.subject = who,
                                                           .role = "staff",
                                                           .issued_at_s = now_s,
                                                           .expires_at_s = now_s + 3'600}));
}

Json Clinic::settle_invoice(const Json& body, bool logged_in) {
  return post("/api/invoices/" + std::to_string(invoice) + "/settlement", body, logged_in);
}

Json Clinic::ask_for(const Json& amount) {
  return post("/api/qpay/invoice", Json::object({{"invoiceId", invoice}, {"amount", amount}}));
}

std::string Clinic::qpay_invoice(std::int64_t amount) {
  const Json made = ask_for(amount);
  EXPECT_EQ(status, 200) << made.dump();
  return made["qpayInvoiceId"].text_or_empty();
}

Json Clinic::check(const std::string& id) {
  return post("/api/qpay/check", Json::object({{"qpayInvoiceId", id}}));
}

std::string Clinic::pay(const std::string& id, std::optional<std::string> amount) {
  const auto paid = qpay_bank->act("qpay", id, {.choice = "khanbank", .amount = amount});
  EXPECT_TRUE(paid.has_value());
  return paid.value_or(Json())["payment_id"].text_or_empty();
}

void Clinic::hear() {
  run(qpay_bank->deliver_due(edge));
  run(notices->process_due());
}

core::Order Clinic::billed() { return order(core::OrderId(invoice)); }

}  // namespace quittance::http
