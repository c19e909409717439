#include "unit/http/clinic.hpp"

namespace quittance::http {

core::Money tugrik(std::int64_t whole) {
  return *core::Money::from_minor(whole * 100, *core::Currency::from_code("MNT"));
}

Clinic::Clinic(std::string environment, core::SettlePolicy settling) {
  context.policy = std::move(settling);
  sandbox::SandboxOptions options;
  options.token_key = base::Secret("a key for tests only");
  options.rails = sandbox::rails();
  options.public_url = std::string(providers::WireToSandbox::kOrigin);
  qpay_bank = sandbox::Sandbox::open(std::move(options), clock, random, log).value();
  wire = std::make_unique<providers::WireToSandbox>(*qpay_bank, clock);
  add_rail(providers::make_qpay({.base_url = std::string(providers::WireToSandbox::kOrigin),
                                 .client_id = "TEST_MERCHANT",
                                 .client_secret = base::Secret("123456"),
                                 .invoice_code = "TEST_INVOICE",
                                 .environment = std::move(environment),
                                 .callback_key = testing::kCallbackKey},
                                *wire, clock, log));
  add_rail(providers::make_cash("sandbox"));
  ApiParts with = parts();
  with.merchant_name = "Clinic";
  open(std::move(with));
  receipts = make_receipts({.district_code = "3505", .classification_code = "0000010"});
  closing = std::make_unique<detect::Closing>(
      detect::ClosingParts{*store, registry, *asker, clock, bulletin, log});
  add_user("desk");
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

Json Clinic::post(std::string path, const Json& body, bool logged_in) {
  base::HttpRequest request = testing::json_post(std::move(path), body);
  if (logged_in) log_in(request);
  if (!request_key.empty()) request.headers.add("Idempotency-Key", request_key);
  const base::HttpResponse response = answer(std::move(request));
  status = response.status;
  return Json::parse(response.body).value_or(Json());
}

Json Clinic::get(std::string path) {
  base::HttpRequest request{.method = "GET", .path = std::move(path)};
  log_in(request);
  request.remote_address = "10.0.0.1";
  const base::HttpResponse response = answer(std::move(request));
  status = response.status;
  return Json::parse(response.body).value_or(Json());
}

void Clinic::log_in(base::HttpRequest& request) { Edge::log_in(request, who); }

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
